"""The document as it is used: its channels, and what of it has been exercised."""

import asyncio
from collections import Counter
from collections.abc import Iterable

from mockws.admin.answers import ChannelView, OperationView
from mockws.admin.connections import channel_named
from mockws.admin.endpoint import Call, Endpoint
from mockws.admin.models import CoverageQuery
from mockws.client.views import (
    ChannelCoverageView,
    CoverageLineView,
    CoverageView,
    ExampleCoverageView,
    MessageBriefView,
    MessageCoverageView,
    OperationCoverageView,
    Share,
)
from mockws.contract import Action, Channel, Contract, Message, Operation
from mockws.engine.coverage import ChannelCoverage, MessageCoverage, channel_coverage, coverage_of
from mockws.engine.tally import Tally
from mockws.exercise import Kind, Line, Mark, overall
from mockws.units import stamp

TURNS = 100
SHARES = {
    "channels": Kind.CHANNEL,
    "operations": Kind.OPERATION,
    "messages": Kind.MESSAGE,
    "examples": Kind.EXAMPLE,
    "enum_values": Kind.ENUM_VALUE,
    "parameters": Kind.PARAMETER,
    "replies": Kind.REPLY,
}


async def channels(call: Call) -> list[ChannelView]:
    """The channels of the document: operations, messages, who is there, what went over them."""
    return [_view(call, each) for each in call.engine.contract.channels]


async def channel(call: Call) -> ChannelView:
    """One channel, by whatever it goes by."""
    name = channel_named(call, call.path["name"], 404)
    return _view(call, call.engine.contract.channel(name))


async def coverage(call: Call) -> CoverageView:
    """What of the document has been exercised, how often, by whom, when, and how it fails.

    Counted is this session since it began or was reset; `of=all` counts all sessions since the mock began.
    """
    contract, sessions, began = call.engine.contract, call.desk.sessions, call.desk.showing.began
    for _ in range(TURNS):
        if all(each.witness.looked() for each in sessions):
            break
        await asyncio.sleep(0)  # messages have their turn; what is left then is read in one go below
    if call.query(CoverageQuery).of == "all":
        tally, (ledger, missed) = sessions.tally(), sessions.witnessed()
    else:
        tally, ledger, missed = call.session.tally, call.session.witness.look(), call.session.witness.missed
    lines = ledger.lines(contract, counts_of(contract, tally))
    return CoverageView(
        title=contract.title,
        **{field: Share(*overall(lines, kind)) for field, kind in SHARES.items()},
        details=[_coverage_view(each) for each in coverage_of(contract, tally)],
        lines=[_line_view(each, began) for each in lines],
        missed=missed,
    )


def counts_of(contract: Contract, tally: Tally) -> dict[Mark, int]:
    """Give the counts that are complete, whatever the journal has dropped."""
    counts = Counter({Mark(Kind.CHANNEL, name): count for name, count in tally.opened.items()})
    for found in coverage_of(contract, tally):
        for operation in found.operations:
            counts[Mark(Kind.OPERATION, operation.name)] = sum(each.count for each in operation.messages)
    for (channel, _, message, outcome), count in tally.messages.items():
        if outcome != "invalid":
            counts[Mark(Kind.MESSAGE, f"{channel}/{message}")] += count
    for (channel, message, example), count in tally.examples.items():
        counts[Mark(Kind.EXAMPLE, f"{channel}/{message}#{example}")] = count
    return counts


def _line_view(line: Line, began: float) -> CoverageLineView:
    first, last = (None if each is None else stamp(began + each) for each in (line.first, line.last))
    return CoverageLineView(
        line.kind,
        line.name,
        line.exercised,
        line.passed,
        line.failed,
        list(line.failing),
        list(line.by),
        line.others,
        first,
        last,
    )


def _view(call: Call, channel: Channel) -> ChannelView:
    contract, world = call.engine.contract, call.engine.world
    operations = [each for action in Action for each in contract.operations_at(channel, action)]
    return ChannelView(
        name=channel.name,
        address=channel.address,
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
    Endpoint("GET", "/coverage", coverage, CoverageView, query=CoverageQuery),
)
