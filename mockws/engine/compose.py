"""What a message says: an example, or a fake, with what belongs to this exchange filled in.

Whatever comes out of here fits the message's schema (the third law), or there is nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mockws.codec import Kind
from mockws.contract import Channel, Example, Message
from mockws.engine.plan import shared_identifiers
from mockws.engine.state import Connection
from mockws.errors import CannotFake
from mockws.expression import MISSING, with_value


@dataclass(frozen=True, slots=True)
class Request:
    """The message that is answered."""

    message: Message
    value: Any


@dataclass(frozen=True, slots=True)
class Said:
    """A message of the document, with what it says."""

    message: Message
    value: Any
    source: str  # example NAME | example | fake | relayed


@dataclass(frozen=True, slots=True)
class Composer:
    """Makes what the mock says; the same seed makes the same."""

    seed: int
    dynamic: bool = False
    carry: bool = True
    session: str = ""

    def answer(self, replies: Sequence[Message], request: Request, connection: Connection) -> Said:
        """Choose among possible replies and fill the chosen one in; raises CannotFake."""
        wished = self._wished(replies, connection) or self._paired(replies, request)
        said = wished or self.say(replies[0], connection)
        return self._carried(said, request, connection) if self.carry else self._correlated(said, request, connection)

    def say(self, message: Message, connection: Connection | None, example: str | None = None) -> Said:
        """Say a message of the mock's own accord: the named example, else the first valid one, else a fake."""
        if example is not None:
            return _exemplary(message, next(each for each in message.examples if each.name == example))
        wished = self._wished((message,), connection) if connection else None
        if wished:
            return wished
        if message.valid_examples and not self._prefers_fakes(connection):
            return _exemplary(message, message.valid_examples[0])
        return self.fake(message, connection)

    def fake(self, message: Message, connection: Connection | None, *, turn: int = 0) -> Said:
        """Make a value up: its n-th for this connection, so that nobody else's doing changes it."""
        turn = connection.turn(message) if connection else turn
        seed = f"{self.seed}|{self.session}|{message.name}|{turn}"
        try:
            broken = next((each for each in message.examples if not each.valid), None)
            like = broken.payload if broken and not message.valid_examples else MISSING
            value = message.payload.fake(seed) if like is MISSING else message.payload.fake(seed, like=like)
        except CannotFake:
            if not message.valid_examples:
                raise
            return _exemplary(message, message.valid_examples[0])
        if message.kind is Kind.BINARY and isinstance(value, str):
            value = value.encode("utf-8")
        return Said(message, value, "fake")

    def _prefers_fakes(self, connection: Connection | None) -> bool:
        chosen = connection.dynamic if connection else None
        return self.dynamic if chosen is None else chosen

    def _wished(self, replies: Sequence[Message], connection: Connection) -> Said | None:
        """The URL may name an example for one connection: `?__example=NAME`."""
        if connection.example is None:
            return None
        found = ((message, each) for message in replies for each in message.valid_examples)
        return next((_exemplary(message, each) for message, each in found if each.name == connection.example), None)

    def _paired(self, replies: Sequence[Message], request: Request) -> Said | None:
        """The example of the same name as the request's example that this request equals, or contains."""
        names = [each.name for each in request.message.examples if each.name and _covers(request.value, each.payload)]
        found = (
            (message, each)
            for name in names
            for message in replies
            for each in message.valid_examples
            if each.name == name
        )
        pair = next(found, None)
        return _exemplary(*pair) if pair else None

    def _correlated(self, said: Said, request: Request, connection: Connection) -> Said:
        value = _with_correlation(said, request, connection)
        return Said(said.message, value, said.source) if _fits(said.message, value) else said

    def _carried(self, said: Said, request: Request, connection: Connection) -> Said:
        """Fill in what identifies this exchange; each piece only where the whole still fits its schema."""
        value = self._correlated(said, request, connection).value
        for name in shared_identifiers(request.message, said.message):
            if isinstance(request.value, dict) and name in request.value:
                value = _filled(said.message, value, (name,), request.value[name])
        return Said(said.message, value, said.source)

    def placed(self, said: Said, channels: Sequence[Channel], parameters: Mapping[str, str]) -> Said:
        """Fill the address's parameters in: at their `location`, and into fields of the same name."""
        value = said.value
        declared = {each.name: each for channel in channels for each in channel.parameters}
        for name, text in parameters.items():
            parameter = declared.get(name)
            if parameter is not None and parameter.location is not None and parameter.location.source == "payload":
                value = _filled_with_text(said.message, value, parameter.location.tokens, text)
            elif name in said.message.properties:
                value = _filled_with_text(said.message, value, (name,), text)
        return said if value is said.value else Said(said.message, value, said.source)


def _exemplary(message: Message, example: Example) -> Said:
    return Said(message, example.payload, f"example {example.name}".strip())


def _covers(value: Any, example: Any) -> bool:
    """Tell whether a value has all the fields of an example, with the same values."""
    if isinstance(value, dict) and isinstance(example, dict):
        return all(key in value and _covers(value[key], inner) for key, inner in example.items())
    return bool(value == example)


def _with_correlation(said: Said, request: Request, connection: Connection) -> Any:
    source, target = request.message.correlation, said.message.correlation
    if source is None or target is None:
        return said.value
    found = source.read(request.value, connection.headers)
    return said.value if found is MISSING else target.write(said.value, found)


def _fits(message: Message, value: Any) -> bool:
    return message.payload.accepts(value)


def _filled(message: Message, value: Any, tokens: tuple[str, ...], piece: Any) -> Any:
    if not isinstance(value, dict):
        return value
    filled = with_value(value, tokens, piece)
    return filled if filled != value and _fits(message, filled) else value


def _filled_with_text(message: Message, value: Any, tokens: tuple[str, ...], text: str) -> Any:
    """A parameter is a text; where the field wants a number, its number is tried."""
    if not isinstance(value, dict):
        return value
    for piece in (text, int(text)) if text.removeprefix("-").isdecimal() and len(text) < 18 else (text,):
        filled = with_value(value, tokens, piece)
        if _fits(message, filled):
            return filled
    return value
