"""What a message says: an example, or a fake, with what belongs to this exchange filled in.

Whatever comes out of here fits the message's schema (the third law), or there is nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import msgspec

from mockws.codec import Frame, Kind, Undecodable
from mockws.contract import Channel, Example, Message
from mockws.engine.making import Making
from mockws.engine.plan import Plan, shared_identifiers
from mockws.engine.state import Connection
from mockws.errors import CannotEncode, CannotFake
from mockws.expression import MISSING, Expression, with_value
from mockws.schema.schema import MISSING as NOTHING


class Request(msgspec.Struct, frozen=True, gc=False):
    """The message that is answered."""

    message: Message
    value: Any


class Said(msgspec.Struct, frozen=True, gc=False):
    """A message of the document, with what it says."""

    message: Message
    value: Any
    source: str  # example NAME | example | fake | admin
    example: Example | None = None  # where the value is this example's, untouched
    name: str | None = None  # of the example that this is made of, untouched or filled in

    def with_value(self, value: Any) -> "Said":
        """Say something else instead, if it is something else."""
        return self if value is self.value else Said(self.message, value, self.source, None, self.name)


@dataclass(frozen=True, slots=True)
class Composer:
    """Makes what the mock says; the same seed makes the same."""

    seed: int
    dynamic: bool = False
    carry: bool = True
    session: str = ""
    making: Making = field(default_factory=Making)
    _shared: dict[tuple[Message, Message], tuple[str, ...]] = field(default_factory=dict, init=False, repr=False)
    _exemplary: dict[Message, Said] = field(default_factory=dict, init=False, repr=False)
    _frames: dict[tuple[Message, int], Frame] = field(default_factory=dict, init=False, repr=False)

    def answer(self, replies: Sequence[Message], request: Request, connection: Connection) -> Said:
        """Choose among possible replies and fill the chosen one in; raises CannotFake."""
        said = None
        if connection.example is not None or request.message.examples:
            said = self._wished(replies, connection)
            if said is None and not self._prefers_fakes(connection):
                said = _paired(replies, request)
        return self.filled(said or self.say(replies[0], connection), request, connection)

    def say(self, message: Message, connection: Connection | None, example: str | None = None) -> Said:
        """Say a message of the mock's own accord: the named example, else the first valid one, else a fake."""
        if example is not None:
            return _exemplary(message, next(each for each in message.examples if each.name == example))
        wished = self._wished((message,), connection) if connection else None
        if wished:
            return wished
        if message.valid_examples and not self._prefers_fakes(connection):
            return self.exemplary(message)
        return self.fake(message, connection)

    def exemplary(self, message: Message) -> Said:
        """Say the first valid example, as it is."""
        said = self._exemplary.get(message)
        if said is None:
            said = self._exemplary[message] = _exemplary(message, message.valid_examples[0])
        return said

    @staticmethod
    def cause(plan: Plan, message: Message, said: Said) -> str:
        """Say why something is answered, and with what."""
        return f"{plan.why}: answers {message.name} with {said.source}"

    def fake(self, message: Message, connection: Connection | None, *, turn: int = 0) -> Said:
        """Make a value up: its n-th for this connection, so that nobody else's doing changes it; raises CannotFake."""
        turn = connection.turn(message) if connection else turn
        seed = f"{self.seed}|{self.session}|{message.name}|{turn}"
        try:
            value = message.payload.fake(
                seed,
                like=_broken_example(message),
                now=self.making.now,
                manner=self.making.manner,
                names=(message.name, message.label, *message.aliases),
            )
        except CannotFake:
            if not message.valid_examples:
                raise
            return _exemplary(message, message.valid_examples[0])
        if message.kind is Kind.BINARY and isinstance(value, str):
            value = value.encode("utf-8")
        return Said(message, value, "fake")

    def invalid(self, message: Message, connection: Connection | None, *, turn: int = 0) -> Said:
        """Make a value that breaks the message's schema in one way; raises CannotFake."""
        turn = connection.turn(message) if connection else turn
        seed = f"{self.seed}|{self.session}|{message.name}|{turn}"
        found = message.payload.spoil(seed, fits=partial(_can_be_written, message))
        if found is None:
            how = f" as {message.codec.name}" if message.codec is not None else ""
            raise CannotFake(f"{message.title} admits whatever can be sent{how}, so that nothing breaks it")
        value = found.value.encode("utf-8") if message.kind is Kind.BINARY else found.value
        return Said(message, value, f"invalid ({found.violation})")

    def frame(self, said: Said) -> Frame:
        """Write what is said as a frame; an example that nothing was filled into is written once.

        Raises CannotEncode, which is a CannotFake.
        """
        if said.example is None:
            return said.message.encode(said.value)
        key = (said.message, id(said.example))  # the message holds its examples: their identity lasts as long as it
        frame = self._frames.get(key)
        if frame is None:
            frame = self._frames[key] = said.message.encode(said.value)
        return frame

    def filled(self, said: Said, request: Request, connection: Connection) -> Said:
        """Fill in what identifies this exchange: the correlation id, and identifiers that request and reply share."""
        value = said.value
        if request.message.correlation is not None:
            value = _with_correlation(said, request, connection)
        if self.carry and isinstance(value, dict) and isinstance(request.value, dict):
            value = self._carried(said.message, value, request)
        return said.with_value(value)

    def _carried(self, message: Message, value: dict[str, Any], request: Request) -> Any:
        """Carry identifiers over: all of them where the whole still fits its schema, else each that fits."""
        names = self._identifiers(request.message, message)
        given = request.value
        pieces = {name: given[name] for name in names if name in given}
        filled = value | pieces
        if filled == value:
            return value
        if message.payload.accepts(filled):
            return filled
        for name, piece in pieces.items():
            value = _filled(message, value, (name,), piece)
        return value

    def _identifiers(self, request: Message, reply: Message) -> tuple[str, ...]:
        names = self._shared.get((request, reply))
        if names is None:
            names = self._shared[request, reply] = shared_identifiers(request, reply)
        return names

    def _prefers_fakes(self, connection: Connection | None) -> bool:
        chosen = connection.dynamic if connection else None
        return self.dynamic if chosen is None else chosen

    def _wished(self, replies: Sequence[Message], connection: Connection) -> Said | None:
        """The URL may name an example for one connection: `?__example=NAME`."""
        if connection.example is None:
            return None
        found = ((message, each) for message in replies for each in message.valid_examples)
        return next((_exemplary(message, each) for message, each in found if each.name == connection.example), None)

    def placed(self, said: Said, channels: Sequence[Channel], parameters: Mapping[str, str]) -> Said:
        """Fill the address's parameters in: at their `location`, and into fields of the same name."""
        if not parameters or not isinstance(said.value, dict):
            return said
        value = said.value
        declared = {each.name: each for channel in channels for each in channel.parameters}
        for name, text in parameters.items():
            parameter = declared.get(name)
            location = parameter.location if parameter is not None else None
            if location is not None and location.source == "payload" and _has_place(said.message, value, location):
                value = _filled_with_text(said.message, value, location.tokens, text)
            elif name in said.message.properties:
                value = _filled_with_text(said.message, value, (name,), text)
        return said.with_value(value)


def _can_be_written(message: Message, value: Any) -> bool:
    """Tell whether a wrong value still comes out as wrong: whatever goes into a text frame is text."""
    if message.codec is None:
        return message.kind not in (Kind.TEXT, Kind.BINARY) or isinstance(value, str)
    try:
        read = message.decode(message.encode(value))
    except CannotEncode:
        return False
    return isinstance(read, Undecodable) or not message.payload.accepts(read)


def _has_place(message: Message, value: dict[str, Any], location: Expression) -> bool:
    """A parameter's location fills a field that the message has; it makes none up."""
    known = len(location.tokens) == 1 and location.tokens[0] in message.properties
    return known or location.read(value, {}) is not MISSING


def _exemplary(message: Message, example: Example) -> Said:
    name = example.name
    return Said(message, example.payload, f"example {name}" if name else "example", example, name or None)


def _broken_example(message: Message) -> Any:
    """An example that breaks its schema is never sent, but those of its leaves that are valid are taken over."""
    if message.valid_examples or not message.examples:
        return NOTHING
    return message.examples[0].payload


def _paired(replies: Sequence[Message], request: Request) -> Said | None:
    """The example of the same name as the request's example that this request equals, or else contains."""
    examples = [each for each in request.message.examples if each.name and covers(request.value, each.payload)]
    examples.sort(key=lambda each: not covers(each.payload, request.value))  # equal ones first
    for example in examples:
        for message in replies:
            for each in message.valid_examples:
                if each.name == example.name:
                    return _exemplary(message, each)
    return None


def covers(value: Any, example: Any) -> bool:
    """Tell whether a value has all the fields of an example, with the same values."""
    if isinstance(value, dict) and isinstance(example, dict):
        return all(key in value and covers(value[key], inner) for key, inner in example.items())
    return bool(value == example) and isinstance(value, bool) == isinstance(example, bool)


def _with_correlation(said: Said, request: Request, connection: Connection) -> Any:
    source, target = request.message.correlation, said.message.correlation
    if source is None or target is None:
        return said.value
    found = source.read(request.value, connection.headers)
    if found is MISSING:
        return said.value
    value = target.write(said.value, found)
    return value if said.message.payload.accepts(value) else said.value


def _filled(message: Message, value: Any, tokens: tuple[str, ...], piece: Any) -> Any:
    filled = with_value(value, tokens, piece)
    return filled if filled != value and message.payload.accepts(filled) else value


def _filled_with_text(message: Message, value: Any, tokens: tuple[str, ...], text: str) -> Any:
    """A parameter is a text; where the field wants a number, its number is tried."""
    for piece in (text, *_numbers(text)):
        filled = with_value(value, tokens, piece)
        if message.payload.accepts(filled):
            return value if filled == value else filled
    return value


def _numbers(text: str) -> tuple[int, ...]:
    digits = text.removeprefix("-")
    return (int(text),) if digits.isascii() and digits.isdecimal() and len(digits) < 18 else ()
