"""The document as it is used: its channels, and what of it has been exercised."""

from collections.abc import Iterable

from mockws.admin.answers import ChannelView, OperationView
from mockws.admin.connections import channel_named
from mockws.admin.endpoint import Call, Endpoint
from mockws.client.views import (
    ChannelCoverageView,
    CoverageView,
    ExampleCoverageView,
    MessageBriefView,
    MessageCoverageView,
    OperationCoverageView,
    Share,
)
from mockws.contract import Action, Channel, Message, Operation
from mockws.engine.coverage import ChannelCoverage, MessageCoverage, channel_coverage, coverage_of


async def channels(call: Call) -> list[ChannelView]:
    """The channels of the document: operations, messages, who is there, what went over them."""
    return [_view(call, each) for each in call.engine.contract.channels]


async def channel(call: Call) -> ChannelView:
    """One channel, by whatever it goes by."""
    name = channel_named(call, call.path["name"], 404)
    return _view(call, call.engine.contract.channel(name))


async def coverage(call: Call) -> CoverageView:
    """Which channels, operations, messages and examples have been exercised, and how often."""
    found = coverage_of(call.engine.contract, call.session.tally)
    operations = [each for one in found for each in one.operations]
    messages = _once(each for one in operations for each in (*one.messages, *one.replies))
    return CoverageView(
        channels=_share(each.exercised for each in found),
        operations=_share(each.exercised for each in operations),
        messages=_share(each.count > 0 for each in messages),
        examples=_share(count > 0 for each in messages for _, count in each.examples),
        details=[_coverage_view(each) for each in found],
    )


def _share(seen: Iterable[bool]) -> Share:
    known = list(seen)
    return Share(sum(known), len(known))


def _once(messages: Iterable[MessageCoverage]) -> list[MessageCoverage]:
    """A message that several operations have counts once, at its most."""
    best: dict[str, MessageCoverage] = {}
    for each in messages:
        if each.name not in best or each.count > best[each.name].count:
            best[each.name] = each
    return list(best.values())


def _view(call: Call, channel: Channel) -> ChannelView:
    contract, world = call.engine.contract, call.engine.world
    operations = [each for action in Action for each in contract.operations_at(channel, action)]
    return ChannelView(
        name=channel.name,
        address=channel.address,
        paths=[each.path.template for each in contract.routes if channel in each.channels],
        parameters=[each.name for each in channel.parameters],
        operations=[_operation_view(each) for each in operations],
        connections=[each.id for each in world.at(channel, {})],
        coverage=_coverage_view(channel_coverage(contract, call.session.tally, channel)),
    )


def _operation_view(operation: Operation) -> OperationView:
    reply = operation.reply
    return OperationView(
        name=operation.name,
        action=operation.action.value,
        messages=[_brief(each) for each in operation.messages],
        reply=[_brief(each) for each in reply.messages] if reply else None,
        reply_channel=reply.channel.name if reply and reply.channel else None,
    )


def _brief(message: Message) -> MessageBriefView:
    return MessageBriefView(message.name, [each.name for each in message.examples if each.name])


def _coverage_view(found: ChannelCoverage) -> ChannelCoverageView:
    operations = [
        OperationCoverageView(
            each.name, each.action, each.exercised, _messages_view(each.messages), _messages_view(each.replies)
        )
        for each in found.operations
    ]
    return ChannelCoverageView(found.name, found.address, found.opened, operations)


def _messages_view(messages: Iterable[MessageCoverage]) -> list[MessageCoverageView]:
    return [
        MessageCoverageView(each.name, each.count, [ExampleCoverageView(*example) for example in each.examples])
        for each in messages
    ]


ENDPOINTS = (
    Endpoint("GET", "/channels", channels, list[ChannelView]),
    Endpoint("GET", "/channels/{name:path}", channel, ChannelView, problems=(404,)),
    Endpoint("GET", "/coverage", coverage, CoverageView),
)
