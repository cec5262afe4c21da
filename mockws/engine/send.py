"""What somebody outside wants said: `POST /__admin/send` and its kin, carried out or refused with a reason."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mockws.codec import Frame, Kind, Undecodable, decode, encode, encode_json
from mockws.contract import Channel, Contract, Message
from mockws.engine.actions import Action as Deed
from mockws.engine.actions import Entry
from mockws.engine.answer import send_to
from mockws.engine.compose import Composer, Said
from mockws.engine.events import SendCommand
from mockws.engine.state import Connection, World
from mockws.errors import CannotFake, MockwsError, UnknownName
from mockws.expression import MISSING
from mockws.names import closest
from mockws.schema.schema import Violation


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of a send: to whom it went, who was left out and why, and what was wrong with it."""

    connections: tuple[str, ...] = ()
    skipped: tuple[tuple[str, str], ...] = ()
    violations: tuple[Violation, ...] = ()
    problem: str = ""
    status: int = 200
    pointer: str = ""
    known: Sequence[str] = field(default=())


Result = tuple[tuple[Deed, ...], tuple[Entry, ...], Sent]


@dataclass(frozen=True)
class Sender:
    """Carries out sends that come from outside."""

    contract: Contract
    world: World
    composer: Composer

    def send(self, command: SendCommand, at: float) -> Result:
        """Carry a send out; a refusal is a `Sent` with a status and a reason, and does nothing."""
        try:
            channels, connections = self._audience(command)
            message = self._message(command, channels)
        except UnknownName as problem:
            return (
                (),
                (),
                Sent(
                    problem=str(problem),
                    status=404 if problem.kind == "connection" else 422,
                    known=tuple(problem.known),
                ),
            )
        try:
            return self._deliver(command, message, channels, connections, at)
        except (CannotFake, MockwsError) as problem:
            return (), (), Sent(problem=str(problem), status=422)

    def reach(self, command: SendCommand) -> int:
        """Count the connections that a send would be for."""
        try:
            return len(self._audience(command)[1])
        except UnknownName:
            return 0

    def _audience(self, command: SendCommand) -> tuple[tuple[Channel, ...], list[Connection]]:
        to = command.to
        if to.connection is not None:
            connection = self.world.connections.get(to.connection)
            if connection is None:
                raise UnknownName("connection", to.connection, tuple(self.world.connections)[:20])
            return connection.route.channels, [connection]
        if to.channel is not None or command.operation is not None:
            channel = self._channel(command)
            return (channel,), list(self.world.at(channel, {}))
        if to.address is not None:
            there = list(self.world.at_address(to.address))
            return _channels_of(there), there
        return self.contract.channels, list(self.world.connections.values())

    def _channel(self, command: SendCommand) -> Channel:
        if command.to.channel is not None:
            return self.contract.channel(command.to.channel)
        return self.contract.operation(command.operation or "").channel

    def _message(self, command: SendCommand, channels: tuple[Channel, ...]) -> Message | None:
        """Find the message that is meant: the one named, the operation's only one, or none where a payload is given."""
        if command.message is not None:
            return self.contract.message(command.message, channels)
        if command.has_json or command.text is not None or command.binary is not None:
            return None
        operations = [self.contract.operation(command.operation)] if command.operation else []
        found = [each for operation in operations for each in operation.messages]
        found = found or [each for channel in channels for each in self.contract.outgoing(channel)]
        if len(found) == 1:
            return found[0]
        raise UnknownName("message", "(none named)", [each.name for each in found])

    def _deliver(
        self,
        command: SendCommand,
        message: Message | None,
        channels: tuple[Channel, ...],
        there: list[Connection],
        at: float,
    ) -> Result:
        sent = _Delivery(self, command, message, channels, at)
        for parameters, room in _rooms(there):
            sent.to_room(parameters, room)
        if not there:
            sent.check_alone()
        return sent.result()

    def say(self, command: SendCommand, message: Message, connection: Connection | None) -> Said:
        """Make what a message says, with what was handed in merged over it; raises UnknownName, CannotFake."""
        if command.has_json:
            return Said(message, command.json, "admin")
        names = [each.name for each in message.examples]
        if command.example is not None and command.example not in names:
            raise UnknownName("example", command.example, names, closest(command.example, names))
        said = (
            self.composer.fake(message, connection)
            if command.generate
            else self.composer.say(message, connection, command.example)
        )
        value = _merged(said.value, command.overrides) if command.overrides else said.value
        return Said(message, value, said.source)

    def matching(self, value: Any, channels: Iterable[Channel]) -> tuple[Message | None, tuple[Violation, ...]]:
        """Find the message of these channels that a payload fits, else what is wrong with it for the closest one."""
        messages = [each for channel in channels for each in self.contract.outgoing(channel)]
        fitting = next((each for each in messages if each.payload.accepts(value)), None)
        if fitting is not None or not messages:
            return fitting, ()
        judged = [(each, each.payload.violations(value)) for each in messages]
        told = [pair for pair in judged if _told(pair[0], value)] or judged
        return min(told, key=lambda pair: len(pair[1]))


class _Delivery:
    """One send under way, room by room: what is said may differ by the address's parameters."""

    def __init__(
        self, sender: Sender, command: SendCommand, message: Message | None, channels: tuple[Channel, ...], at: float
    ) -> None:
        self._sender = sender
        self._command = command
        self._message = message
        self._channels = channels
        self._at = at
        self._actions: list[Deed] = []
        self._entries: list[Entry] = []
        self._skipped: list[tuple[str, str]] = []
        self._reached: list[str] = []
        self._violations: tuple[Violation, ...] = ()

    def to_room(self, parameters: Mapping[str, str], room: list[Connection]) -> None:
        said, frame = self._said(room[0], parameters)
        reason = _elsewhere(said.value, room[0].route.channels, parameters)
        if reason:
            self._skipped += ((each.id, reason) for each in room)
            return
        if not self._is_valid(said):
            return
        channel = self._channels[0] if len(self._channels) == 1 else None
        actions, entries = send_to(room, frame, said.message, channel, self._at, cause=f"admin send ({said.source})")
        self._actions += actions
        self._entries += entries
        self._reached += (each.id for each in room)

    def check_alone(self) -> None:
        """Judge what would be said even where nobody is there to hear it."""
        said, _ = self._said(None, {})
        self._is_valid(said)

    def _said(self, connection: Connection | None, parameters: Mapping[str, str]) -> tuple[Said, Frame]:
        command = self._command
        if self._message is None:
            return self._as_given()
        said = self._sender.say(command, self._message, connection)
        if not command.has_json:
            placed = self._sender.composer.placed(
                said,
                self._channels,
                {k: v for k, v in parameters.items() if not _is_set(self._channels, k, command.overrides)},
            )
            said = placed
        return said, encode(said.value, said.message.kind)

    def _as_given(self) -> tuple[Said, Frame]:
        command = self._command
        if command.has_json:
            return Said(UNNAMED, command.json, "admin"), encode_json(command.json)
        frame: Frame = command.text if command.text is not None else (command.binary or b"")
        value = decode(frame, Kind.LOOSE) if isinstance(frame, str) else frame
        return Said(UNNAMED, frame if isinstance(value, Undecodable) else value, "admin"), frame

    def _is_valid(self, said: Said) -> bool:
        if not self._command.validate:
            return True
        if said.message is not UNNAMED:
            found = said.message.payload.violations(said.value) if said.message.kind is not Kind.BINARY else ()
        elif isinstance(said.value, bytes):
            found = ()
        else:
            _, found = self._sender.matching(said.value, self._channels)
        self._violations = self._violations or found
        return not found

    def result(self) -> Result:
        if self._violations:
            problem = f"it does not fit the document: {self._violations[0]}"
            return (), (), Sent((), tuple(self._skipped), self._violations, problem, 422)
        problem = "" if self._reached else _nobody(self._command, self._skipped)
        status = 200 if self._reached else 409
        return (
            tuple(self._actions),
            tuple(self._entries),
            Sent(tuple(self._reached), tuple(self._skipped), (), problem, status),
        )


UNNAMED = Message("", payload=None)  # type: ignore[arg-type]  # stands for "no message of the document"; never validated


def _nobody(command: SendCommand, skipped: Sequence[tuple[str, str]]) -> str:
    if skipped:
        return f"no one was reached: {skipped[0][1]}"
    to = command.to
    where = f"channel {to.channel}" if to.channel else f"address {to.address}" if to.address else "the mock"
    return f"no one is connected to {where}"


def _is_set(channels: Iterable[Channel], name: str, overrides: Mapping[str, Any]) -> bool:
    """What was handed in explicitly is not filled in from the address."""
    located = (
        each.location for channel in channels for each in channel.parameters if each.name == name and each.location
    )
    tops = {name, *(location.tokens[0] for location in located if location.tokens)}
    return bool(tops & overrides.keys())


def _rooms(connections: Iterable[Connection]) -> Iterable[tuple[Mapping[str, str], list[Connection]]]:
    rooms: dict[tuple[tuple[str, str], ...], list[Connection]] = {}
    for connection in connections:
        rooms.setdefault(tuple(sorted(connection.parameters.items())), []).append(connection)
    return [(dict(key), there) for key, there in rooms.items()]


def _elsewhere(value: Any, channels: Iterable[Channel], parameters: Mapping[str, str]) -> str:
    """A parameter's `location` tells the room a message is for: whoever is in another one does not get it."""
    for parameter in (each for channel in channels for each in channel.parameters):
        text = parameters.get(parameter.name)
        if parameter.location is None or text is None:
            continue
        found = parameter.location.read(value, {})
        if found is not MISSING and str(found) != text:
            return f"the message says {parameter.name} {found}, the address says {text}"
    return ""


def _channels_of(connections: Iterable[Connection]) -> tuple[Channel, ...]:
    return tuple({channel.name: channel for each in connections for channel in each.route.channels}.values())


def _merged(value: Any, overrides: Mapping[str, Any]) -> Any:
    """Merge what was handed in over a value, objects key by key."""
    if not isinstance(value, dict):
        return dict(overrides)
    merged = dict(value)
    for key, piece in overrides.items():
        merged[key] = (
            _merged(merged[key], piece) if isinstance(piece, Mapping) and isinstance(merged.get(key), dict) else piece
        )
    return merged


def _told(message: Message, value: Any) -> bool:
    return isinstance(value, dict) and any(
        value.get(name) in values for name, values in message.tells.items() if isinstance(value.get(name), str | int)
    )
