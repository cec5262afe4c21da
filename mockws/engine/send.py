"""What somebody outside wants said: `POST /__admin/send` and its kin, carried out or refused with a reason."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from mockws.codec import Frame, Kind, Packed, Undecodable, decode_json, encode_json, packed
from mockws.contract import Channel, Contract, Message
from mockws.engine.actions import Action as Deed
from mockws.engine.actions import Entry, Send, SendInPieces
from mockws.engine.compose import Composer, Said
from mockws.engine.delivery import misplaced, send_to
from mockws.engine.events import SendCommand
from mockws.engine.state import Connection, World
from mockws.errors import BadExpectation, BadPath, CannotEncode, CannotFake, UnknownName
from mockws.expect.pieces import Pieces
from mockws.names import closest
from mockws.schema.schema import Violation

UNNAMED = Message("", payload=None)  # type: ignore[arg-type]  # "no message of the document"; never validated


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


@dataclass(frozen=True, slots=True)
class _Room:
    """Connections that hear the same: those of one room, at one route."""

    channels: tuple[Channel, ...]  # those that are meant, of the route's
    parameters: Mapping[str, str]
    connections: tuple[Connection, ...] = ()


@dataclass(frozen=True, slots=True)
class _Letter:
    """What is said in one room."""

    room: _Room
    said: Said
    frame: Frame


@dataclass(frozen=True)
class Sender:
    """Carries out sends that come from outside."""

    contract: Contract
    world: World
    composer: Composer

    def send(self, command: SendCommand, at: float) -> Result:
        """Carry a send out; a refusal is a `Sent` with a status and a reason, and does nothing."""
        try:
            if command.pieces is not None:
                command.pieces.check(self.world.power, "")
            channels, connections = self._audience(command)
            message = self._message(command, channels)
            return self._deliver(command, message, channels, connections, at)
        except UnknownName as problem:
            status = 404 if problem.kind == "connection" else 422
            named = problem.name or problem.kind != "message"
            text = (
                str(problem) if named else f"say which message: {', '.join(problem.known) or 'there is none to send'}"
            )
            return (), (), Sent(problem=text, status=status, known=tuple(problem.known))
        except CannotFake as problem:
            return (), (), Sent(problem=str(problem), status=422)
        except BadExpectation as problem:
            return (), (), Sent(problem=problem.message, status=422, pointer=problem.pointer)

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
        if to.channel is not None:
            return self._at(self.contract.channel(to.channel))
        if to.address is not None:
            there = self.world.at_address(to.address)
            return self._channels_at(to.address, there), there
        if to.group is not None:
            there = [each for each in self.world.connections.values() if to.group in each.groups]
            return self._channels_of(there), there
        if command.operation is not None:
            return self._at(self.contract.operation(command.operation).channel)
        return self.contract.channels, list(self.world.connections.values())

    def _at(self, channel: Channel) -> tuple[tuple[Channel, ...], list[Connection]]:
        return (channel,), list(self.world.at(channel, {}))

    def _channels_at(self, address: str, there: list[Connection]) -> tuple[Channel, ...]:
        """Give the channels at an address; where nobody is there, those that would be."""
        if there:
            return self._channels_of(there)
        try:
            place = self.contract.book.find(address if address.startswith("/") else f"/{address}")
        except BadPath:
            place = None
        return place[0].channels if place else self.contract.channels

    def _channels_of(self, there: list[Connection]) -> tuple[Channel, ...]:
        found = (channel for each in there for channel in each.route.channels)
        return tuple({channel.name: channel for channel in found}.values()) or self.contract.channels

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
        raise UnknownName("message", "", list(dict.fromkeys(each.name for each in found)))

    def _deliver(
        self,
        command: SendCommand,
        message: Message | None,
        channels: tuple[Channel, ...],
        there: list[Connection],
        at: float,
    ) -> Result:
        """Say it in every room, or nowhere: what fits in one room and not in another is refused as a whole."""
        said = self._said(command, message) if message is not None else None
        skipped: list[tuple[str, str]] = []
        letters: list[_Letter] = []
        for room in _rooms(there, channels) or [_Room(channels, {})]:  # what nobody hears is judged all the same
            letter = self._letter(command, said, room)
            reason = self._unknown(letter)
            checked = command.validate and command.generate != "invalid"
            refusal = self._refusal(letter) if checked and not reason else None
            if refusal is not None:
                return (), (), replace(refusal, skipped=tuple(skipped))
            if command.to.connection is None:  # who is named hears it, whatever room the message is for
                reason = reason or misplaced(letter.said.value, room.channels, room.parameters)
            if reason:
                skipped += [(each.id, reason) for each in room.connections]
                continue
            letters.append(letter)
        return self._posted(command, letters, skipped, at)

    def _posted(
        self, command: SendCommand, letters: Sequence[_Letter], skipped: Sequence[tuple[str, str]], at: float
    ) -> Result:
        actions: list[Deed] = []
        entries: list[Entry] = []
        for letter in letters:
            room, said = letter.room, letter.said
            channel = room.channels[0] if len(room.channels) == 1 else None
            cause = f"admin send ({said.source})"
            done, written = send_to(
                room.connections, letter.frame, said.message, channel, at, cause=cause, example=said.name
            )
            actions += done if command.pieces is None else [_in_pieces(each, command.pieces) for each in done]
            entries += written
        reached = tuple(each.connection for each in entries if each.connection is not None)
        if not reached:
            return (), (), Sent((), tuple(skipped), (), _nobody(command, skipped), 409)
        broken = letters[0].said if command.generate == "invalid" else None
        violations = broken.message.payload.violations(broken.value) if broken is not None else ()
        return tuple(actions), tuple(entries), Sent(reached, tuple(skipped), violations)

    def _said(self, command: SendCommand, message: Message) -> Said:
        """Make what a message says, with what was handed in merged over it; raises UnknownName, CannotFake.

        A fake is the n-th that was asked for from outside: who happens to listen does not change it, nor it theirs.
        """
        names = [each.name for each in message.examples]
        if command.example is not None and command.example not in names:
            raise UnknownName("example", command.example, names, closest(command.example, names))
        turn = self.world.turns.get(message.name, 0)
        examples = message.valid_examples if not self.composer.dynamic else ()
        if command.generate or not (command.example or examples):
            self.world.turns[message.name] = turn + 1
            make = self.composer.invalid if command.generate == "invalid" else self.composer.fake
            said = make(message, None, turn=turn)
        else:
            said = self.composer.say(message, None, command.example)
        return (
            Said(message, merged(said.value, command.overrides), said.source, None, said.name)
            if command.overrides
            else said
        )

    def _letter(self, command: SendCommand, said: Said | None, room: _Room) -> _Letter:
        if said is None:
            return _Letter(room, *self._as_given(command, room.channels))
        if command.generate == "invalid":  # nothing is filled in that could mend it
            return _Letter(room, said, self.composer.frame(said))
        free = {k: v for k, v in room.parameters.items() if not _is_set(room.channels, k, command.overrides)}
        said = self.composer.placed(said, room.channels, free)
        return _Letter(room, said, self._frame(command, said))

    def _frame(self, command: SendCommand, said: Said) -> Frame:
        """Write what is said; where that cannot be for what is wrong with it, its refusal will tell so."""
        try:
            return self.composer.frame(said)
        except CannotEncode:
            if command.validate and said.message.payload.violations(said.value, limit=1):
                return b""
            raise

    def _as_given(self, command: SendCommand, channels: Iterable[Channel]) -> tuple[Said, Frame]:
        """Take a payload as it is; a message that it fits gives it its name, and its way onto the wire."""
        if command.has_json:
            message = self._fitting(channels, command.json, None)
            said = Said(message or UNNAMED, command.json, "admin")
            return said, self.composer.frame(said) if message else self._unfitting(command, channels)
        if command.text is not None:
            decoded = decode_json(command.text)
            value = command.text if isinstance(decoded, Undecodable) else decoded
            message = self._fitting(channels, value, command.text) or UNNAMED
            value = _as_written(message, value, command.text)
            return Said(message, value, "admin"), command.text
        frame = command.binary or b""
        for each in self._sendable(channels):
            value = each.decode(frame) if each.codec is not None else frame
            if each.codec is not None and not isinstance(value, Undecodable) and each.payload.accepts(value):
                return Said(each, value, "admin"), Packed.of(frame, value)
        binary = (each for each in self._sendable(channels) if _takes_bytes(each))
        return Said(next(binary, UNNAMED), frame, "admin"), frame

    def _unfitting(self, command: SendCommand, channels: Iterable[Channel]) -> Frame:
        """Write what is none of the messages there: as all of them are written, or as JSON."""
        codecs = [each.codec for each in self._sendable(channels)]
        if command.validate or not codecs or codecs[0] is None or None in codecs:
            return encode_json(command.json)
        return packed(command.json, codecs[0])

    def _fitting(self, channels: Iterable[Channel], value: Any, text: str | None) -> Message | None:
        """Find the message that a payload is; a text message is held against the text itself."""
        for each in self._sendable(channels):
            meant = value if text is None else _as_written(each, value, text)
            if not isinstance(meant, Undecodable) and each.payload.accepts(meant):
                return each
        return None

    def _sendable(self, channels: Iterable[Channel]) -> list[Message]:
        return [each for channel in channels for each in self.contract.outgoing(channel)]

    def _unknown(self, letter: _Letter) -> str:
        """Say so where a message is none of those at a room's channels."""
        name, room = letter.said.message.name, letter.room
        there = (each for channel in room.channels for each in self.contract.messages_of(channel))
        if not name or not room.connections or any(each.name == name for each in there):
            return ""
        return f"{name} is no message of {room.connections[0].route.channels[0].name}"

    def _refusal(self, letter: _Letter) -> Sent | None:
        """Hold what is said against the channel's send operations; None where it fits."""
        message, value = letter.said.message, letter.said.value
        sendable = self._sendable(letter.room.channels)
        if message is UNNAMED:
            found = _closest_violations(sendable, value) or _wrong_frame(sendable, letter.frame)
        elif any(each.name == message.name for each in sendable) or not self._is_received(message, letter.room):
            found = () if isinstance(value, bytes) else message.payload.violations(value)
        else:
            where = ", ".join(channel.name for channel in letter.room.channels)
            return Sent(problem=f"{message.name} is only received on {where}", status=422)
        return Sent((), (), found, f"it does not fit the document: {found[0]}", 422) if found else None

    def _is_received(self, message: Message, room: _Room) -> bool:
        received = (each for channel in room.channels for each, _ in self.contract.incoming(channel))
        return any(each.name == message.name for each in received)


def _in_pieces(action: Deed, pieces: Pieces) -> Deed:
    return SendInPieces(action.to, action.frame, pieces) if isinstance(action, Send) else action


def _as_written(message: Message, value: Any, text: str) -> Any:
    """Read a text as a message would: most as JSON, which it is read as already."""
    if message.codec is not None:
        return message.decode(text)
    return text if message.kind is Kind.TEXT else value


def _takes_bytes(message: Message) -> bool:
    return message.kind is Kind.BINARY or (message.kind is Kind.LOOSE and message.payload.document in (True, {}))


def _closest_violations(messages: Sequence[Message], value: Any) -> tuple[Violation, ...]:
    """Tell what is wrong with a payload that none of these messages is; nothing, where there are none."""
    if not messages:
        return ()
    if isinstance(value, bytes) and all(each.codec is None or not each.codec.binary for each in messages):
        names = ", ".join(each.title for each in messages[:3])
        return (Violation("", f"a binary frame, where text is promised ({names})", "", "contentType"),)
    if isinstance(value, bytes):
        return _unread(messages, value)
    meant = [each for each in messages if each.kind is not Kind.TEXT or isinstance(value, str)]
    judged = [(each, each.payload.violations(value)) for each in meant or messages]
    told = [pair for pair in judged if _told(pair[0], value)] or judged
    return min((violations for _, violations in told if violations), key=len, default=())


def _wrong_frame(messages: Sequence[Message], frame: Frame) -> tuple[Violation, ...]:
    """Tell a text where all messages are bytes."""
    if not messages or isinstance(frame, bytes) or any(each.kind is not Kind.PACKED for each in messages):
        return ()
    names = ", ".join(each.title for each in messages[:3])
    return (Violation("", f"a text frame, where binary is promised ({names})", "", "contentType"),)


def _unread(messages: Iterable[Message], frame: bytes) -> tuple[Violation, ...]:
    """Tell what is wrong with bytes, by the first message that has them written in some way."""
    message = next(each for each in messages if each.codec is not None and each.codec.binary)
    value = message.decode(frame)
    if isinstance(value, Undecodable):
        return (Violation("", value.message, "", value.code),)
    return message.payload.violations(value)


def _nobody(command: SendCommand, skipped: Sequence[tuple[str, str]]) -> str:
    if skipped:
        return f"no one was reached: {skipped[0][1]}"
    to = command.to
    if to.channel is not None or to.address is not None:
        return f"no one is connected to {'channel ' + to.channel if to.channel else f'address {to.address}'}"
    return f"no one is connected to {f'the channel of {command.operation}' if command.operation else 'the mock'}"


def _is_set(channels: Iterable[Channel], name: str, overrides: Mapping[str, Any]) -> bool:
    """What was handed in explicitly is not filled in from the address."""
    located = (
        each.location for channel in channels for each in channel.parameters if each.name == name and each.location
    )
    tops = {name, *(location.tokens[0] for location in located if location.tokens)}
    return bool(tops & overrides.keys())


def _rooms(connections: Iterable[Connection], channels: Sequence[Channel]) -> list[_Room]:
    """Sort connections by route and room; of a route's channels, those that are meant count."""
    meant = {channel.name for channel in channels}
    found: dict[tuple[object, ...], list[Connection]] = {}
    for each in connections:
        found.setdefault((each.route, *sorted(each.parameters.items())), []).append(each)
    return [
        _Room(
            tuple(channel for channel in there[0].route.channels if channel.name in meant),
            there[0].parameters,
            tuple(there),
        )
        for there in found.values()
    ]


def merged(value: Any, overrides: Mapping[str, Any]) -> Any:
    """Merge what was handed in over a value, objects key by key."""
    if not isinstance(value, dict):
        return dict(overrides)
    result = dict(value)
    for key, piece in overrides.items():
        both = isinstance(piece, Mapping) and isinstance(result.get(key), dict)
        result[key] = merged(result[key], piece) if both else piece
    return result


def _told(message: Message, value: Any) -> bool:
    return isinstance(value, dict) and any(
        value.get(name) in values for name, values in message.tells.items() if isinstance(value.get(name), str | int)
    )
