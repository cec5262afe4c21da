"""Coverage: which channels, operations, messages and examples of the document have been exercised."""

from collections.abc import Iterable
from dataclasses import dataclass

from mockws.contract import Action, Channel, Contract, Message, Operation
from mockws.engine.tally import Tally

DIRECTION = {Action.RECEIVE: "in", Action.SEND: "out"}


@dataclass(frozen=True, slots=True)
class MessageCoverage:
    """How often a message went over, and which of its examples did."""

    name: str
    count: int
    examples: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class OperationCoverage:
    """The messages of an operation; of one with a reply, the answers too."""

    name: str
    action: str
    messages: tuple[MessageCoverage, ...]
    replies: tuple[MessageCoverage, ...]

    @property
    def exercised(self) -> bool:
        return any(each.count for each in self.messages)


@dataclass(frozen=True, slots=True)
class ChannelCoverage:
    """The operations of a channel, and how often somebody connected to it."""

    name: str
    address: str
    opened: int
    operations: tuple[OperationCoverage, ...]

    @property
    def exercised(self) -> bool:
        return self.opened > 0


def coverage_of(contract: Contract, tally: Tally) -> tuple[ChannelCoverage, ...]:
    """Tell what of a contract has been exercised."""
    return tuple(channel_coverage(contract, tally, channel) for channel in contract.channels)


def channel_coverage(contract: Contract, tally: Tally, channel: Channel) -> ChannelCoverage:
    found = [each for action in Action for each in contract.operations_at(channel, action)]
    operations = tuple(_of_operation(tally, each) for each in found)
    return ChannelCoverage(channel.name, channel.address, tally.opened[channel.name], operations)


def _of_operation(tally: Tally, operation: Operation) -> OperationCoverage:
    direction = DIRECTION[operation.action]
    reply = operation.reply
    answered = reply.channel or operation.channel if reply else operation.channel
    back = "out" if direction == "in" else "in"
    return OperationCoverage(
        operation.name,
        operation.action.value,
        _of_messages(tally, operation.channel, direction, operation.messages),
        _of_messages(tally, answered, back, reply.messages) if reply else (),
    )


def _of_messages(
    tally: Tally, channel: Channel, direction: str, messages: Iterable[Message]
) -> tuple[MessageCoverage, ...]:
    return tuple(_of_message(tally, channel, direction, message) for message in messages)


def _of_message(tally: Tally, channel: Channel, direction: str, message: Message) -> MessageCoverage:
    counted = (
        count
        for (where, way, name, _), count in tally.messages.items()
        if (where, way, name) == (channel.name, direction, message.name)
    )
    named = [each.name for each in message.examples if each.name]
    examples = tuple((name, tally.examples[channel.name, message.name, name]) for name in named)
    return MessageCoverage(message.name, sum(counted), examples)
