"""Which message came in: found by validation, with const and enum properties as an index only.

A reception is compiled per route, once. It says what a frame is; what follows is decided elsewhere.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from mockws.codec import Frame, Kind, Undecodable, decode_json
from mockws.contract import Channel, Contract, Message, Operation, Route
from mockws.engine.plan import Plan, plan_for
from mockws.schema.schema import Violation


@dataclass(frozen=True, eq=False, slots=True)
class Candidate:
    """A message that clients may send here, with what answers it."""

    message: Message
    operation: Operation
    channel: Channel
    plan: Plan


@dataclass(frozen=True, slots=True)
class Reading:
    """What a frame turned out to be: a message, or what is wrong with it."""

    value: Any
    candidate: Candidate | None = None
    others: tuple[str, ...] = ()  # messages that fit too
    violations: tuple[Violation, ...] = ()
    closest: Message | None = None
    code: int = 1008  # the close code where it is invalid
    reason: str = ""


@dataclass(frozen=True, eq=False)
class Reception:
    """All that clients may send at one route."""

    structured: tuple[Candidate, ...]  # JSON, or JSON if it parses
    textual: tuple[Candidate, ...]
    binary: tuple[Candidate, ...]
    elsewhere: Callable[[Any], str]  # explains a message that belongs to another place or direction
    by_property: tuple[str, dict[Any, tuple[Candidate, ...]], tuple[Candidate, ...]] | None = None
    all: tuple[Candidate, ...] = field(default=())

    def read(self, frame: Frame) -> Reading:
        """Tell what a frame is."""
        if isinstance(frame, bytes):
            return self._read_binary(frame)
        value = decode_json(frame) if self.structured or not self.textual else frame
        if not isinstance(value, Undecodable) and self.structured:
            fitting = self._fitting(value)
            if fitting:
                return _best(fitting, value)
        texts = [each for each in self.textual if each.message.payload.accepts(frame)]
        if texts and (isinstance(value, Undecodable) or not self._only_loose(texts)):
            return _best(texts, frame)
        return self._invalid(value, frame)

    def _only_loose(self, candidates: Sequence[Candidate]) -> bool:
        """A message without content type is text only where the frame is no JSON."""
        return all(each.message.kind is Kind.LOOSE for each in candidates)

    def _read_binary(self, frame: bytes) -> Reading:
        if self.binary:
            return Reading(frame, self.binary[0], tuple(each.message.name for each in self.binary[1:]))
        if not self.all:
            return Reading(frame, reason="no message is received here", closest=None)
        names = ", ".join(each.message.title for each in self.all[:3])
        violation = Violation("", f"a binary frame, where text is promised ({names})", "", "contentType")
        return Reading(frame, None, (), (violation,), self.all[0].message, 1003, violation.message)

    def _fitting(self, value: Any) -> list[Candidate]:
        return [each for each in self._indexed(value) if each.message.payload.accepts(value)]

    def _indexed(self, value: Any) -> tuple[Candidate, ...]:
        if self.by_property is None or not isinstance(value, dict):
            return self.structured
        name, known, rest = self.by_property
        told = value.get(name)
        return known.get(told, rest) if isinstance(told, str | int) else self.structured

    def _invalid(self, value: Any, frame: str) -> Reading:
        if isinstance(value, Undecodable):
            violation = Violation("", value.message, "", value.code)
            closest = self.all[0].message if len(self.all) == 1 else None
            return Reading(frame, None, (), (violation,), closest, 1007, f"not JSON: {value.message}")
        elsewhere = self.elsewhere(value)
        nearest = _nearest(self.structured or self.textual, value)
        if nearest is None:
            return Reading(value, reason=elsewhere or "no message is received here")
        message, violations = nearest
        reason = elsewhere or f"{message.title}: {violations[0]}"
        return Reading(value, None, (), violations, message, 1008, reason)


def _best(fitting: Sequence[Candidate], value: Any) -> Reading:
    """The most specific that fits: most required properties, then most known ones present, then the first declared."""
    if len(fitting) == 1:
        return Reading(value, fitting[0])
    keys = value.keys() if isinstance(value, dict) else frozenset()

    def specificity(candidate: Candidate) -> tuple[int, int]:
        message = candidate.message
        return len(message.required), len(message.properties.keys() & keys)

    best = max(fitting, key=specificity)
    return Reading(value, best, tuple(each.message.name for each in fitting if each is not best))


def _nearest(candidates: Iterable[Candidate], value: Any) -> tuple[Message, tuple[Violation, ...]] | None:
    """Find the message that was probably meant: told by its discriminator, then the one with the least wrong."""
    judged = [(each.message, each.message.payload.violations(value)) for each in candidates]
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


def reception_for(contract: Contract, route: Route, *, infer: bool) -> Reception:
    """Compile what clients may send at a route."""
    candidates = tuple(
        Candidate(message, operation, channel, plan_for(contract, channel, message, operation, infer=infer))
        for channel in route.channels
        for message, operation in contract.incoming(channel)
    )
    structured = tuple(each for each in candidates if each.message.kind in (Kind.JSON, Kind.LOOSE))
    return Reception(
        structured=structured,
        textual=tuple(each for each in candidates if each.message.kind in (Kind.TEXT, Kind.LOOSE)),
        binary=tuple(each for each in candidates if _takes_binary(each.message)),
        elsewhere=_Elsewhere(contract, route).explain,
        by_property=_index(structured),
        all=candidates,
    )


def _takes_binary(message: Message) -> bool:
    return message.kind is Kind.BINARY or (message.kind is Kind.LOOSE and message.payload.document in (True, {}))


def _index(
    candidates: Sequence[Candidate],
) -> tuple[str, dict[Any, tuple[Candidate, ...]], tuple[Candidate, ...]] | None:
    """Index candidates by the property that tells most of them apart; those it does not tell are always tried."""
    counts: dict[str, int] = {}
    for candidate in candidates:
        for name in candidate.message.tells:
            counts[name] = counts.get(name, 0) + 1
    name = max(counts, key=lambda each: counts[each], default="")
    if not name or counts[name] < 2:
        return None
    rest = tuple(each for each in candidates if name not in each.message.tells)
    values = {value for each in candidates for value in each.message.tells.get(name, ())}
    known = {
        value: tuple(each for each in candidates if value in each.message.tells.get(name, (value,))) for value in values
    }
    return name, known, rest


@dataclass(frozen=True, slots=True)
class _Elsewhere:
    """Explains a valid message in the wrong place: the wrong direction, or another channel's."""

    contract: Contract
    route: Route

    def explain(self, value: Any) -> str:
        for channel in self.route.channels:
            for message in self.contract.outgoing(channel):
                if _clearly(message, value):
                    return (
                        f"wrong direction: {message.title} is only sent here (document written from the client's side?)"
                    )
        for channel in self.contract.channels:
            for message, _ in self.contract.incoming(channel):
                if _clearly(message, value):
                    return f"{message.title} belongs on {channel.address}"
        return ""


def _clearly(message: Message, value: Any) -> bool:
    """A message without any demand fits everything, and explains nothing."""
    return (
        bool(message.required or message.tells) and message.kind is not Kind.BINARY and message.payload.accepts(value)
    )
