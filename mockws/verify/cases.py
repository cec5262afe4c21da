"""Which tests a document gives: handshakes, valid messages with what is promised for them, and invalid ones.

Nothing is carried out here. The same document and seed give the same tests, in the same order.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum, StrEnum
from fnmatch import fnmatchcase
from itertools import islice
from typing import Any

from mockws.codec import Frame
from mockws.contract import Action, Contract, Message, Operation
from mockws.errors import CannotEncode
from mockws.exercise import enum_marks, parameter_marks
from mockws.expression import Expression
from mockws.verify.peer import Visit
from mockws.verify.places import Place, places_of
from mockws.verify.results import Subject
from mockws.verify.sight import fitting, frame_of, is_clearly
from mockws.verify.variants import Variant, boundaries, fakes
from mockws.verify.visits import (
    Guest,
    asks_for_credentials,
    bring,
    bring_malformed,
    flaws,
    opening_at,
    schemes_at,
    subprotocols_of,
)

UNKNOWN_VALUE = "mockws-unknown"
NOT_JSON = "{mockws: not JSON"
UNREADABLE = b"\xc1"  # of no meaning in MessagePack, and the beginning of something longer elsewhere
MOST_WAYS = 200  # of breaking a message: more are not looked for
LONGEST_NAME = 120
NOT_OFFERED = "mockws.unknown"


class Manner(StrEnum):
    """What kind of test it is."""

    HANDSHAKE = "handshake"
    SECURITY = "security"
    EXAMPLE = "example"
    FAKE = "fake"
    BOUNDARY = "boundary"
    INVALID = "invalid"
    ROUTING = "routing"


class Wanted(Enum):
    """What is to become of a handshake."""

    LET_IN = "let in"
    TURNED_AWAY = "turned away"


@dataclass(frozen=True, slots=True)
class Scope:
    """How much is tried."""

    fakes: int = 3
    boundaries: int = 10
    invalid: int = 15
    seed: int = 0
    filters: tuple[str, ...] = ()

    def admits(self, name: str) -> bool:
        """Tell whether a test of this name is wanted: a part of it, or a pattern with `*`."""
        folded = name.lower()
        return not self.filters or any(
            each.lower() in folded or fnmatchcase(folded, f"*{each.lower()}*") for each in self.filters
        )


@dataclass(frozen=True, eq=False)
class HandshakeCase:
    """A handshake, and what is to become of it."""

    name: str
    manner: Manner
    place: Place
    visit: Visit
    wanted: Wanted
    subprotocols: tuple[str, ...] = ()  # one of these is to be chosen

    @property
    def subject(self) -> Subject:
        first = self.place.channels[0]
        let_in = self.wanted is Wanted.LET_IN
        return Subject(first.name, more=tuple(parameter_marks(first, self.place.values())) if let_in else ())


@dataclass(frozen=True, eq=False)
class Promise:
    """What the document declares as the answer to a message."""

    messages: tuple[Message, ...]
    place: Place  # where it comes in, unless the message names an address
    address: Expression | None = None


@dataclass(frozen=True, eq=False)
class SendCase:
    """A message that is said, valid or not, and what is promised for it."""

    name: str
    manner: Manner
    place: Place
    operation: Operation
    message: Message
    value: Any
    promise: Promise | None
    example: str = ""
    frame: Frame | None = None  # where it is not the message's value

    @property
    def said(self) -> Frame:
        return self.frame if self.frame is not None else frame_of(self.message, self.value)

    @property
    def subject(self) -> Subject:
        channel = self.operation.channel
        said = () if self.manner is Manner.INVALID else enum_marks(channel, self.message, self.value)
        more = (*parameter_marks(channel, self.place.values()), *said)
        return Subject(channel.name, self.operation.name, self.message.name, self.example, more)


Case = HandshakeCase | SendCase


@dataclass(frozen=True)
class Suite:
    """All tests of a document, by the place that they begin at."""

    contract: Contract
    places: tuple[Place, ...]
    cases: tuple[Case, ...]
    left_out: tuple[tuple[str, str], ...] = field(default=())  # what cannot be tested, and why


def suite_of(contract: Contract, guest: Guest, scope: Scope, base: str = "", *, topics: bool = False) -> Suite:
    """Derive the tests of a document."""
    places = places_of(contract, base, topics=topics)
    cases: list[Case] = []
    left_out: list[tuple[str, str]] = []
    at = {channel.name: place for place in reversed(places) for channel in place.channels}
    for place in places:
        cases += _handshakes(place, guest)
    for place in places:
        for message, operation in _sayable(place, at):
            found = list(_of_message(place, message, operation, at, scope))
            cases += found
            if not found:
                left_out.append((f"{operation.name}: {message.name}", "no value can be made for its schema"))
    wanted = tuple(case for case in _distinct(cases) if scope.admits(case.name))
    return Suite(contract, places, wanted, tuple(each for each in left_out if scope.admits(each[0])))


def _distinct(cases: Iterable[Case]) -> Iterator[Case]:
    names: set[str] = set()
    for case in cases:
        if case.name not in names:
            names.add(case.name)
            yield case


def _sayable(place: Place, at: Mapping[str, Place]) -> Iterator[tuple[Message, Operation]]:
    """Give what clients may say of their own accord, each at one place only."""
    for channel in place.channels:
        if at[channel.name] is place:
            for message, operation in place.contract.incoming(channel):
                if operation.action is Action.RECEIVE:
                    yield message, operation


def _handshakes(place: Place, guest: Guest) -> Iterator[HandshakeCase]:
    path, name = place.path(place.values()), f"handshake {place.name}"
    visit = opening_at(place, guest).visit(path)
    yield HandshakeCase(f"{name} as documented", Manner.HANDSHAKE, place, visit, Wanted.LET_IN)
    named = subprotocols_of(place)
    if named:
        offered = opening_at(place, guest).visit(path, (NOT_OFFERED, *named))
        yield HandshakeCase(f"{name} subprotocols", Manner.HANDSHAKE, place, offered, Wanted.LET_IN, named)
    for flaw in flaws(place, guest):
        bad = flaw.opening.visit(path)
        yield HandshakeCase(f"{name} {flaw.what}", Manner.HANDSHAKE, place, bad, Wanted.TURNED_AWAY)
    yield from _foreign_values(place, guest)
    if asks_for_credentials(place):
        yield from _strangers(place, guest)


def _foreign_values(place: Place, guest: Guest) -> Iterator[HandshakeCase]:
    """A parameter with an enum admits nothing else; unless another address takes the path."""
    enums = {each.name for channel in place.channels for each in channel.parameters if each.enum}
    for name in sorted(enums & set(place.address.parameters)):
        path = place.path({**place.values(), name: UNKNOWN_VALUE})
        if place.contract.book.find(path) is None:
            visit = opening_at(place, guest).visit(path)
            told = f"handshake {place.name} with an unknown {name}"
            yield HandshakeCase(told, Manner.HANDSHAKE, place, visit, Wanted.TURNED_AWAY)


def _strangers(place: Place, guest: Guest) -> Iterator[HandshakeCase]:
    path, name = place.path(place.values()), f"handshake {place.name}"
    visit = opening_at(place, guest, known=False).visit(path)
    yield HandshakeCase(f"{name} without credentials", Manner.SECURITY, place, visit, Wanted.TURNED_AWAY)
    scheme = schemes_at(place)[0]
    malformed = opening_at(place, guest, known=False)
    bring_malformed(scheme, malformed)
    told = f"{name} with credentials of the wrong form"
    yield HandshakeCase(told, Manner.SECURITY, place, malformed.visit(path), Wanted.TURNED_AWAY)
    if guest.knows_secrets:
        wrong = opening_at(place, guest, known=False)
        bring(scheme, f"wrong-{UNKNOWN_VALUE}", wrong)
        told = f"{name} with wrong credentials"
        yield HandshakeCase(told, Manner.SECURITY, place, wrong.visit(path), Wanted.TURNED_AWAY)


def promise_of(place: Place, message: Message, operation: Operation, at: Mapping[str, Place]) -> Promise | None:
    """Tell what the document declares as the answer; what a mock would infer is no promise."""
    reply = operation.reply
    if reply is not None:
        there = at.get(reply.channel.name, place) if reply.channel is not None else place
        here = reply.channel is not None and reply.channel in place.channels
        return Promise(reply.messages, place if here else there, reply.address) if reply.messages else None
    return Promise((message.response,), place) if message.response is not None else None


def _of_message(
    place: Place, message: Message, operation: Operation, at: Mapping[str, Place], scope: Scope
) -> Iterator[SendCase]:
    promise, told = promise_of(place, message, operation, at), f"{operation.name}: {message.name}"
    made = list(fakes(message, scope.seed, max(scope.fakes, 1)))
    shown = [Variant(f"example {each.name}".strip(), each.payload) for each in message.valid_examples]
    made, shown = _sendable(message, made), _sendable(message, shown)
    if not made and not shown:
        return
    sayable = [each for each, _ in place.incoming]

    def case(manner: Manner, variant: Variant, example: str = "", frame: Frame | None = None) -> SendCase:
        name = f"{told} {variant.name}"
        said = frame if frame is not None else frame_of(message, variant.value)
        # What could be another message as well may be answered as that one.
        sure = manner is Manner.INVALID or is_clearly(message, said, sayable)
        return SendCase(
            name, manner, place, operation, message, variant.value, promise if sure else None, example, frame
        )

    for variant in shown:
        yield case(Manner.EXAMPLE, variant, variant.name.removeprefix("example").strip())
    for variant in made[: scope.fakes]:
        yield case(Manner.FAKE, variant)
    base = (shown or made)[0].value
    for variant in _sendable(message, boundaries(message, base, scope.boundaries)):
        yield case(Manner.BOUNDARY, variant)
    for variant, frame in islice(_invalid(place, message, base, scope.seed), scope.invalid):
        yield case(Manner.INVALID, variant, "", frame)


def _sendable(message: Message, variants: Iterable[Variant]) -> list[Variant]:
    """Leave out what fits the schema, and still cannot be written in the message's format."""
    found: list[Variant] = []
    for variant in variants:
        with suppress(CannotEncode):
            frame_of(message, variant.value)
            found.append(variant)
    return found


def _shortened(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"


def _invalid(place: Place, message: Message, base: Any, seed: int) -> Iterator[tuple[Variant, Frame]]:
    """Give frames that fit nothing that may be said here."""
    if not message.is_structured:
        return
    sayable = [each for each, _ in place.incoming]
    ways = islice(message.payload.spoiled(base, seed), MOST_WAYS)
    broken = [Variant(_shortened(f"invalid: {each.violation}"), each.value) for each in ways]
    packed = message.codec is not None and message.codec.binary
    name = message.codec.name if message.codec is not None else "JSON"
    frames = [(Variant(f"invalid: not {name}", NOT_JSON), UNREADABLE if packed else NOT_JSON)]
    frames += [(each, frame_of(message, each.value)) for each in _sendable(message, broken)]
    for variant, frame in frames:
        if not fitting(sayable, frame):
            yield variant, frame
