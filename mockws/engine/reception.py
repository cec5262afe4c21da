"""Which message came in: found by validation, with const and enum properties as an index only.

A reception is compiled per route, once. It says what a frame is; what follows is decided elsewhere.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec

from mockws.codec import Frame, Kind, Packed, Undecodable, decode_text, encode_json
from mockws.contract import Channel, Contract, Message, Operation, Route
from mockws.engine.plan import Plan, plan_for
from mockws.errors import CannotEncode
from mockws.redaction import Redaction
from mockws.schema.schema import Violation
from mockws.settings import Settings

UNSUPPORTED, INCONSISTENT, POLICY = 1003, 1007, 1008  # RFC 6455, 7.4.1
NOTHING_HERE = "no message is received here"

# Rules that are told without the value that breaks them.
UNQUOTING = frozenset({"required", "additionalProperties", "unevaluatedProperties", "oneOf", "anyOf", "falseSchema"})

MAX_INDEX = 1_000_000  # entries; beyond, every candidate is tried


@dataclass(frozen=True, eq=False, slots=True)
class Candidate:
    """A message that clients may send here, with what answers it."""

    message: Message
    operation: Operation
    channel: Channel
    plan: Plan
    accepts: Callable[[Any], bool] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "accepts", self.message.payload.accepts)  # the one thing that each message needs


class Reading(msgspec.Struct, frozen=True, gc=False):
    """What a frame turned out to be: a message, or what is wrong with it."""

    value: Any
    candidate: Candidate | None = None
    others: tuple[str, ...] = ()  # messages that fit too
    violations: tuple[Violation, ...] = ()
    closest: Message | None = None
    code: int = POLICY  # the close code where it is invalid
    reason: str = ""
    frame: Packed | None = None  # where the frame is bytes that were made a value of


Judged = tuple[Message, Any, tuple[Violation, ...]]  # a message, what a frame says as that, and what is wrong with it


@dataclass(frozen=True, eq=False, slots=True)
class Index:
    """Candidates by the value of a property: those that another value rules out need no validation."""

    property: str
    known: dict[Any, tuple[Candidate, ...]]
    rest: tuple[Candidate, ...]  # for a value that no candidate names


@dataclass(frozen=True, eq=False)
class Reception:
    """All that clients may send at one route."""

    all: tuple[Candidate, ...]
    structured: tuple[Candidate, ...]  # JSON, or JSON if it parses
    textual: tuple[Candidate, ...]  # text, and what is JSON only if it parses
    binary: tuple[Candidate, ...]
    elsewhere: Callable[[Any], str]  # explains a message that belongs to another place or direction
    index: Index | None = None
    packed: tuple[Candidate, ...] = ()  # bytes that have a structure
    written: tuple[Candidate, ...] = ()  # JSON of a kind of its own, as Avro's
    packed_elsewhere: Callable[[bytes], str] = field(default=lambda _: "")
    redaction: Redaction = field(default_factory=Redaction)

    def read(self, frame: Frame) -> Reading:
        """Tell what a frame is; what is to be masked is not quoted where it is wrong."""
        reading = self._read(frame)
        return _veiled(reading, self.redaction) if reading.violations and self.redaction else reading

    def _read(self, frame: Frame) -> Reading:
        if isinstance(frame, bytes):
            return self._read_binary(frame)
        value = decode_text(frame)
        if type(value) is Undecodable:
            texts = self.textual
        else:
            meant = self.structured if self.index is None else self._indexed(self.index, value)
            if len(meant) == 1:  # as it mostly is: the only message here, or told by a property
                only = meant[0]
                if only.accepts(value):
                    return Reading(value, only)
            elif fitting := [each for each in meant if each.accepts(value)]:
                return _best(fitting, value)
            if self.written and (coded := _fitting(self.written, frame)):
                return _most_specific(coded)
            texts = tuple(each for each in self.textual if each.message.kind is Kind.TEXT)
        fitting = [each for each in texts if each.message.payload.accepts(frame)]
        return _best(fitting, frame) if fitting else self._invalid(value, frame)

    def frame_of(self, value: Any) -> Frame:
        """Write a value as a client would here; as JSON, where it is none of the messages."""
        for each in self.all:
            if each.message.codec is not None and each.message.payload.accepts(value):
                try:
                    return each.message.encode(value)
                except CannotEncode:
                    continue
        return encode_json(value)

    def _read_binary(self, frame: bytes) -> Reading:
        if self.packed and (fitting := _fitting(self.packed, frame)):
            return _most_specific(fitting, frame)
        if self.binary:
            return Reading(frame, self.binary[0], tuple(each.message.name for each in self.binary[1:]))
        if not self.all:
            return Reading(frame, reason=NOTHING_HERE)
        if self.packed:
            return self._invalid_packed(frame)
        return self._wrong_frame(frame, "a binary frame, where text is promised")

    def _invalid_packed(self, frame: bytes) -> Reading:
        """Tell what is wrong with bytes that no message here is written as, or that say none of them."""
        judged = _judged_by_codec(self.packed, frame)
        if all(isinstance(value, Undecodable) for _, value, _ in judged):
            return self._undecodable(frame, judged)
        told = [each for each in judged if not isinstance(each[1], Undecodable)]
        message, value, violations = min(told, key=lambda each: _distance(each[0], each[2], each[1]))
        reason = self.packed_elsewhere(frame) or f"{message.title}: {violations[0]}"
        return Reading(value, None, (), violations, message, POLICY, reason, Packed.of(frame, value))

    def _undecodable(self, frame: bytes, judged: Sequence[Judged]) -> Reading:
        message, value, violations = judged[0]
        closest = message if len(judged) == 1 else None
        reason = f"not {message.codec.name if message.codec else 'readable'}: {value.message}"
        return Reading(frame, None, (), violations, closest, INCONSISTENT, reason)

    def _wrong_frame(self, frame: Frame, what: str) -> Reading:
        names = ", ".join(each.message.title for each in self.all[:3])
        violation = Violation("", f"{what} ({names})", "", "contentType")
        return Reading(frame, None, (), (violation,), self.all[0].message, UNSUPPORTED, violation.message)

    def _indexed(self, index: Index, value: Any) -> tuple[Candidate, ...]:
        if not isinstance(value, dict):
            return self.structured
        told = value.get(index.property)
        return index.known.get(told, index.rest) if isinstance(told, str | int) else self.structured

    def _invalid(self, value: Any, frame: str) -> Reading:
        """Tell what is wrong with a text frame that fits nothing."""
        if self.all and not self.structured and not self.textual and not self.written:
            return self._wrong_frame(frame, "a text frame, where binary is promised")
        if isinstance(value, Undecodable):
            if (self.structured or self.written) and all(each.message.kind is not Kind.TEXT for each in self.textual):
                return self._not_json(value, frame)
            value = frame
        elsewhere = self.elsewhere(value)
        judged = [(each.message, each.message.payload.violations(value)) for each in self.structured]
        judged += [(message, violations) for message, _, violations in _judged_by_codec(self.written, frame)]
        nearest = _nearest(judged, value, self.textual, frame)
        if nearest is None:
            return Reading(value, reason=elsewhere or NOTHING_HERE)
        message, violations = nearest
        reason = elsewhere or f"{message.title}: {violations[0]}"
        return Reading(value, None, (), violations, message, POLICY, reason)

    def _not_json(self, problem: Undecodable, frame: str) -> Reading:
        violation = Violation("", problem.message, "", problem.code)
        closest = self.all[0].message if len(self.all) == 1 else None
        return Reading(frame, None, (), (violation,), closest, INCONSISTENT, f"not JSON: {problem.message}")


def _veiled(reading: Reading, redaction: Redaction) -> Reading:
    told = tuple(_unquoted(each, reading.value, redaction) for each in reading.violations)
    reason = reading.reason.replace(str(reading.violations[0]), str(told[0]))
    return msgspec.structs.replace(reading, violations=told, reason=reason)


def _unquoted(violation: Violation, value: Any, redaction: Redaction) -> Violation:
    if violation.keyword in UNQUOTING or not redaction.hides(value, violation.pointer):
        return violation
    return replace(violation, message=f"breaks the rule {violation.keyword!r}; its value is masked")


def _fitting(candidates: Iterable[Candidate], frame: Frame) -> list[tuple[Candidate, Any]]:
    """Find the messages that a frame is, each with what it says as that; a codec that several share reads it once."""
    values: dict[int, Any] = {}
    found = []
    for each in candidates:
        codec = id(each.message.codec)
        if codec not in values:
            values[codec] = each.message.decode(frame)
        value = values[codec]
        if not isinstance(value, Undecodable) and each.message.payload.accepts(value):
            found.append((each, value))
    return found


def _most_specific(fitting: Sequence[tuple[Candidate, Any]], frame: Frame = "") -> Reading:
    """The same rule as for JSON (`_best`), where each candidate reads the frame in its own way."""
    best, value = max(fitting, key=lambda pair: _specificity(*pair))
    others = tuple(each.message.name for each, _ in fitting if each is not best)
    return Reading(value, best, others, frame=Packed.of(frame, value) if isinstance(frame, bytes) else None)


def _judged_by_codec(candidates: Iterable[Candidate], frame: Frame) -> list[Judged]:
    judged = []
    for message in (each.message for each in candidates):
        value = message.decode(frame)
        broken = isinstance(value, Undecodable)
        found = (Violation("", value.message, "", value.code),) if broken else message.payload.violations(value)
        judged.append((message, value, found))
    return judged


def _best(fitting: Sequence[Candidate], value: Any) -> Reading:
    """The most specific that fits: most required properties, then most known ones present, then the first declared."""
    if len(fitting) == 1:
        return Reading(value, fitting[0])
    best = max(fitting, key=lambda each: _specificity(each, value))
    return Reading(value, best, tuple(each.message.name for each in fitting if each is not best))


def _specificity(candidate: Candidate, value: Any) -> tuple[int, int]:
    message = candidate.message
    keys = value.keys() if isinstance(value, dict) else frozenset()
    return len(message.required), len(message.properties.keys() & keys)


def _nearest(
    judged: list[tuple[Message, tuple[Violation, ...]]], value: Any, textual: Iterable[Candidate], frame: str
) -> tuple[Message, tuple[Violation, ...]] | None:
    """Find the message that was probably meant: told by its discriminator, then the one with the least wrong."""
    texts = (each.message for each in textual if each.message.kind is Kind.TEXT)
    judged += [(message, message.payload.violations(frame)) for message in texts]
    found = [(message, violations) for message, violations in judged if violations]
    return min(found, key=lambda pair: _distance(pair[0], pair[1], value)) if found else None


def _distance(message: Message, violations: tuple[Violation, ...], value: Any) -> tuple[int, int, int]:
    if not isinstance(value, dict):
        return (0, len(violations), 0)
    told = sum(
        1 if value.get(name) in values else -1 for name, values in message.tells.items() if _plain(value.get(name))
    )
    return (-told, len(violations), -len(message.properties.keys() & value.keys()))


def _plain(value: Any) -> bool:
    return isinstance(value, str | int)


def reception_for(contract: Contract, route: Route, settings: Settings) -> Reception:
    """Compile what clients may send at a route."""
    candidates = tuple(
        Candidate(message, operation, channel, plan_for(contract, channel, message, operation, infer=settings.infer))
        for channel in route.channels
        for message, operation in contract.incoming(channel)
    )
    coded = tuple(each for each in candidates if each.message.codec is not None)
    plain = tuple(each for each in candidates if each.message.codec is None)
    elsewhere = _Elsewhere(contract, route)
    structured = tuple(each for each in plain if each.message.kind in (Kind.JSON, Kind.LOOSE))
    return Reception(
        all=candidates,
        structured=structured,
        textual=tuple(each for each in candidates if each.message.kind in (Kind.TEXT, Kind.LOOSE)),
        binary=tuple(each for each in candidates if takes_binary(each.message)),
        packed=tuple(each for each in coded if each.message.kind is Kind.PACKED),
        written=tuple(each for each in coded if each.message.kind is not Kind.PACKED),
        elsewhere=elsewhere.explain,
        packed_elsewhere=elsewhere.explain_packed,
        index=_index(structured),
        redaction=Redaction.of(settings.redact),
    )


def takes_binary(message: Message) -> bool:
    """Tell whether a binary frame may be this message."""
    return message.kind is Kind.BINARY or (message.kind is Kind.LOOSE and message.payload.document in (True, {}))


def _index(candidates: Sequence[Candidate]) -> Index | None:
    """Index candidates by the property that tells most of them apart; those it does not tell are always tried."""
    counts: dict[str, int] = {}
    for candidate in candidates:
        for name in candidate.message.tells:
            counts[name] = counts.get(name, 0) + 1
    name = max(counts, key=lambda each: counts[each], default="")
    if not name or counts[name] < 2:
        return None
    rest = [place for place, each in enumerate(candidates) if name not in each.message.tells]
    places: dict[Any, list[int]] = {}
    for place, candidate in enumerate(candidates):
        for value in candidate.message.tells.get(name, ()):
            places.setdefault(value, []).append(place)
    if len(places) * len(rest) > MAX_INDEX:
        return None
    known = {value: tuple(candidates[place] for place in sorted([*there, *rest])) for value, there in places.items()}
    return Index(name, known, tuple(candidates[place] for place in rest))


@dataclass(frozen=True, slots=True)
class _Elsewhere:
    """Explains a valid message in the wrong place: the wrong direction, or another channel's."""

    contract: Contract
    route: Route

    def explain(self, value: Any) -> str:
        """Say where a text belongs."""
        return self._told(lambda message: message.codec is None and _clearly(message, value))

    def explain_packed(self, frame: bytes) -> str:
        """Say where a frame of some structure belongs."""

        def fits(message: Message) -> bool:
            if message.kind is not Kind.PACKED:
                return False
            value = message.decode(frame)
            return not isinstance(value, Undecodable) and _clearly(message, value)

        return self._told(fits)

    def _told(self, fits: Callable[[Message], bool]) -> str:
        for channel in self.route.channels:
            for message in self.contract.outgoing(channel):
                if fits(message):
                    return (
                        f"wrong direction: {message.title} is only sent here (document written from the client's side?)"
                    )
        for channel in self.contract.channels:
            for message, _ in self.contract.incoming(channel):
                if fits(message):
                    return f"{message.title} belongs on {channel.address}"
        return ""


def _clearly(message: Message, value: Any) -> bool:
    """A message without any demand fits everything, and explains nothing."""
    return (
        bool(message.required or message.tells) and message.kind is not Kind.BINARY and message.payload.accepts(value)
    )
