"""The answer to one message: which message it is, what the contract promises for it, and to whom that goes.

Everything that chooses an answer is here. This file does not know about sockets, clocks or HTTP.
"""

from collections.abc import Sequence
from typing import Any

from mockws.codec import Frame, encode, encode_json
from mockws.contract import Channel, Contract, Message
from mockws.engine.actions import Action, Close, Entry, Send
from mockws.engine.compose import Composer, Request, Said
from mockws.engine.gate import REASON, Credential, Gate
from mockws.engine.plan import Plan, Via
from mockws.engine.reception import Candidate, Reading, Reception
from mockws.engine.state import Connection, World
from mockws.engine.waiting import Waiting
from mockws.errors import CannotFake
from mockws.expression import MISSING
from mockws.settings import Settings

MAX_REASON = 123  # bytes; RFC 6455, 5.5: a control frame holds 125, two of which are the close code

Result = tuple[tuple[Action, ...], tuple[Entry, ...]]


class Answerer:
    """Answers messages by the contract."""

    def __init__(self, contract: Contract, world: World, composer: Composer, gate: Gate, settings: Settings) -> None:
        self._contract = contract
        self._world = world
        self._composer = composer
        self._gate = gate
        self._settings = settings
        self._waiting = Waiting(world, settings.reply_wait)

    def answer(self, connection: Connection, reception: Reception, frame: Frame, at: float) -> Result:
        """Answer one message of a connection."""
        connection.received += 1
        reading = reception.read(frame)
        if reading.candidate is None:
            return self._invalid(connection, reading, frame, at)
        security = reading.candidate.operation.security
        credential = self._gate.credential((security,), connection.opening) if security else Credential.GOOD
        if credential is not Credential.GOOD:
            return self._forbidden(connection, reading.candidate, credential, frame, at)
        return self._valid(connection, reading.candidate, reading, frame, at)

    def _valid(self, connection: Connection, candidate: Candidate, reading: Reading, frame: Frame, at: float) -> Result:
        plan = candidate.plan
        actions, entries, problem = self._carry_out(connection, candidate, reading, frame, at)
        received = Entry(
            at,
            "message",
            connection.id,
            candidate.channel.name,
            connection.address,
            "in",
            candidate.message.name,
            frame,
            "unmatched" if plan.via is Via.NONE and not candidate.operation.reply else "spec",
            note=problem or _note(plan, reading),
        )
        return actions, (received, *entries)

    def _carry_out(
        self, connection: Connection, candidate: Candidate, reading: Reading, frame: Frame, at: float
    ) -> tuple[tuple[Action, ...], tuple[Entry, ...], str]:
        plan = candidate.plan
        if plan.via is Via.NONE:
            return (), (), ""
        if plan.via is Via.RELAY:
            return (*self._relay(connection, candidate, frame, at), "")
        try:
            said = self._composer.answer(plan.replies, Request(candidate.message, reading.value), connection)
        except CannotFake as problem:
            return (), (), f"{plan.replies[0].name} is not sent: {problem.reason}"
        return (*self._deliver(connection, candidate, reading.value, said, at), "")

    def _relay(self, connection: Connection, candidate: Candidate, frame: Frame, at: float) -> Result:
        there = self._world.at(candidate.channel, self._room(connection, candidate.channel))
        others = [each for each in there if each is not connection]
        return send_to(others, frame, candidate.message, candidate.channel, at, cause="relayed in the room")

    def _deliver(self, connection: Connection, candidate: Candidate, request: Any, said: Said, at: float) -> Result:
        """Send the answer to whoever it is for; where nobody is there yet, it waits for them."""
        plan = candidate.plan
        channel = plan.channel or candidate.channel
        placed = self._composer.placed(said, (channel,), connection.parameters)
        frame = encode(placed.value, said.message.kind)
        cause = f"{plan.via}: answers {candidate.message.name} with {said.source}"
        if plan.address is not None:
            return self._to_address(connection, plan, request, said.message, frame, cause, at)
        if plan.channel is None or plan.channel in connection.route.channels:
            return send_to([connection], frame, said.message, channel, at, cause=cause)
        room = self._room(connection, plan.channel)
        there = list(self._world.at(plan.channel, room))
        if there:
            return send_to(there, frame, said.message, plan.channel, at, cause=cause)
        return self._waiting.keep(plan.channel, None, room, frame, said.message, cause, at)

    def _to_address(
        self, connection: Connection, plan: Plan, request: Any, message: Message, frame: Frame, cause: str, at: float
    ) -> Result:
        """`reply.address.location` names where the answer goes; without it in the request, to whoever asked."""
        assert plan.address is not None
        path = plan.address.read(request, connection.headers)
        if path is MISSING or not isinstance(path, str):
            return send_to([connection], frame, message, plan.channel, at, cause=f"{cause}; no reply address in it")
        there = list(self._world.at_address(_path_of(path)))
        if there:
            return send_to(there, frame, message, plan.channel, at, cause=cause)
        return self._waiting.keep(plan.channel, _path_of(path), {}, frame, message, cause, at)

    def _room(self, connection: Connection, channel: Channel) -> dict[str, str]:
        """Give the parameters that a connection shares with a channel: they name the room there."""
        names = {parameter.name for parameter in channel.parameters}
        return {name: value for name, value in connection.parameters.items() if name in names}

    def _forbidden(
        self, connection: Connection, candidate: Candidate, credential: Credential, frame: Frame, at: float
    ) -> Result:
        note = f"{REASON[credential]} for operation {candidate.operation.name}"
        entry = Entry(
            at, "message", connection.id, candidate.channel.name, connection.address, "in", note=note, frame=frame
        )
        return (Close(connection.id, credential.value, cut(note)),), (entry,)

    def _invalid(self, connection: Connection, reading: Reading, frame: Frame, at: float) -> Result:
        entry = Entry(
            at,
            "message",
            connection.id,
            address=connection.address,
            direction="in",
            message=reading.closest.name if reading.closest else None,
            frame=frame,
            outcome="invalid",
            violations=reading.violations,
            note=reading.reason,
        )
        actions, entries = self._react(connection, reading, at)
        return actions, (entry, *entries)

    def _react(self, connection: Connection, reading: Reading, at: float) -> Result:
        policy = self._settings.on_invalid
        if policy == "ignore":
            return (), ()
        if policy == "problem":
            return (Send((connection.id,), encode_json(_problem(reading))),), ()
        if policy == "error":
            return self._with_error_message(connection, reading, at)
        return (Close(connection.id, reading.code, cut(reading.reason)),), ()

    def _with_error_message(self, connection: Connection, reading: Reading, at: float) -> Result:
        """Say the contract's own error message for this channel, where it has exactly one; else close."""
        found = self._error_messages(connection)
        if len(found) != 1:
            return (Close(connection.id, reading.code, cut(reading.reason)),), ()
        channel, message = found[0]
        try:
            said = self._composer.say(message, connection)
        except CannotFake:
            return (Close(connection.id, reading.code, cut(reading.reason)),), ()
        said = _with_reason(said, reading)
        return send_to([connection], encode(said.value, message.kind), message, channel, at, cause="on-invalid error")

    def _error_messages(self, connection: Connection) -> Sequence[tuple[Channel, Message]]:
        there = (
            (channel, each) for channel in connection.route.channels for each in self._contract.messages_of(channel)
        )
        return list({message.name: (channel, message) for channel, message in there if message.is_error}.values())


def _path_of(address: str) -> str:
    """Give the path of a reply address: people write `/x`, `x` and `ws://host/x`."""
    scheme, colon, rest = address.partition("://")
    path = rest.partition("/")[2] if colon and scheme else address
    return path if path.startswith("/") else f"/{path}"


def _note(plan: Plan, reading: Reading) -> str:
    """Say in words why there is an answer, or none."""
    others = f"fits {', '.join(reading.others)} too" if reading.others else ""
    why = plan.note if plan.via is Via.NONE else str(plan.via)
    return "; ".join(each for each in (why, others) if each)


def send_to(
    connections: Sequence[Connection], frame: Frame, message: Message, channel: Channel | None, at: float, *, cause: str
) -> Result:
    """Send one frame to connections, with one entry for each."""
    if not connections:
        return (), ()
    name = channel.name if channel else None
    for connection in connections:
        connection.sent += 1
    entries = tuple(
        Entry(at, "message", each.id, name, each.address, "out", message.name, frame, cause=cause)
        for each in connections
    )
    return (Send(tuple(each.id for each in connections), frame),), entries


def _problem(reading: Reading) -> dict[str, Any]:
    """A problem document (RFC 9457) that says what was wrong with a message."""
    problem: dict[str, Any] = {"type": "about:blank", "title": "invalid message", "detail": reading.reason}
    if reading.closest is not None:
        problem["message"] = reading.closest.name
    problem["errors"] = [{"pointer": each.pointer, "message": each.message} for each in reading.violations]
    return problem


def _with_reason(said: Said, reading: Reading) -> Said:
    """Put the reason where an error message has a text for it."""
    if not isinstance(said.value, dict):
        return said
    for name in ("message", "error", "errorMessage", "error_message", "reason", "detail", "description"):
        if name in said.message.properties:
            value = {**said.value, name: reading.reason}
            if said.message.payload.accepts(value):
                return Said(said.message, value, said.source)
    return said


def cut(reason: str) -> str:
    """Cut a close reason to what fits into a close frame, at a character's edge."""
    return reason.encode("utf-8")[:MAX_REASON].decode("utf-8", "ignore")
