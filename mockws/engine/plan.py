"""What the contract promises in answer to each message, decided once, when the contract is made.

A plan says which messages may be the answer, where it goes, and whether the document declares it or a convention
infers it. What is said in the end is composed per message (`compose`).
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from mockws.contract import Action, Channel, Contract, Message, Operation
from mockws.engine.pairing import answers, asks, is_answer
from mockws.expression import Expression


class Via(StrEnum):
    """Why there is an answer."""

    DECLARED = "declared"
    RESPONSE = "x-response"
    RELAY = "inferred: relayed to the others in the room"
    PAIRED = "inferred: paired by name"
    ASKED = "inferred: the only message that can answer"
    NONE = "none"


@dataclass(frozen=True, eq=False)
class Plan:
    """The promised answer to one message."""

    via: Via
    replies: tuple[Message, ...] = ()  # best first
    channel: Channel | None = None  # none: to whoever asked
    address: Expression | None = None
    note: str = ""

    @cached_property
    def why(self) -> str:
        """Say in words why there is an answer, or none."""
        return self.note if self.via is Via.NONE else self.via.value


def plan_for(contract: Contract, channel: Channel, message: Message, operation: Operation, *, infer: bool) -> Plan:
    """Decide what answers a message: a declared reply, `x-response`, an inferred answer, or nothing."""
    if operation.action is Action.SEND:
        return Plan(Via.NONE, note=f"it answers operation {operation.name}, which the mock began")
    if operation.reply is not None:
        return _declared(channel, message, operation)
    if message.response is not None:
        return Plan(Via.RESPONSE, (_known(contract, channel, message.response),))
    return _inferred(contract, channel, message) if infer else Plan(Via.NONE, note="no reply declared")


def _declared(channel: Channel, message: Message, operation: Operation) -> Plan:
    reply = operation.reply
    assert reply is not None
    place = reply.channel if reply.channel is not None and reply.channel.name != channel.name else None
    if not reply.messages:
        missing = ", ".join(reply.missing)
        note = f"reply message {missing} does not exist" if missing else f"the reply of {operation.name} has no message"
        return Plan(Via.NONE, note=note)
    return Plan(Via.DECLARED, _ranked(message, reply.messages, operation), place, reply.address)


def _ranked(request: Message, replies: tuple[Message, ...], operation: Operation) -> tuple[Message, ...]:
    """Order possible answers: paired by name first, then what is no error, then as they were declared.

    Where a reply names no messages, all of its channel's are possible, the requests among them: those come last.
    """
    asked = {message.name for message in operation.messages}

    def rank(reply: Message) -> tuple[bool, bool, bool]:
        return (reply.name in asked, not answers(reply, request), reply.is_error)

    return tuple(sorted(replies, key=rank))


def _known(contract: Contract, channel: Channel, response: Message) -> Message:
    """Give the channel's own message where `x-response` means one of them, so that it goes by that name."""
    return next((each for each in contract.outgoing(channel) if each.name == response.name), response)


def _inferred(contract: Contract, channel: Channel, message: Message) -> Plan:
    sendable = contract.outgoing(channel)
    relayed = next((each for each in sendable if each.name == message.name), None)
    if relayed is not None:
        return Plan(Via.RELAY, (relayed,))
    usable = [each for each in sendable if not each.is_error]
    paired = [each for each in usable if answers(each, message)]
    if len(paired) == 1:
        return Plan(Via.PAIRED, (paired[0],))
    if len(usable) == 1 and (asks(message) or _is_asked_about(message, usable[0])):
        return Plan(Via.ASKED, (usable[0],))
    return Plan(Via.NONE, note=_silence(paired or usable))


def _is_asked_about(message: Message, reply: Message) -> bool:
    """A message that names what it wants (`wishId`) asks for it, unless its own name says that it answers."""
    return bool(shared_identifiers(message, reply)) and not is_answer(message)


def _silence(candidates: list[Message]) -> str:
    if not candidates:
        return "no reply declared"
    names = ", ".join(message.name for message in candidates[:5])
    return f"no reply declared; nothing is guessed among {names}"


def is_identifier(name: str) -> bool:
    """Tell whether a property of this name identifies what a message is about: id, *Id, *_id, reqid, uuid."""
    return name.lower() in IDENTIFIERS or name.endswith(("Id", "_id", "ID", "-id", "Uuid", "_uuid"))


IDENTIFIERS = frozenset({"id", "reqid", "uuid", "guid", "requestid", "correlationid", "ref", "nonce"})


def shared_identifiers(request: Message, reply: Message) -> tuple[str, ...]:
    """Name the top-level identifiers that both messages have."""
    return tuple(name for name in request.properties if name in reply.properties and is_identifier(name))
