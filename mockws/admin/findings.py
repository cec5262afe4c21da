"""What questions are answered with: what was found, what came nearest, and what would happen; secrets are masked."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import msgspec
from msgspec import UNSET, UnsetType

from mockws.admin.answers import ViolationView
from mockws.admin.endpoint import Call
from mockws.client.views import DifferenceView, View
from mockws.codec import Frame
from mockws.engine.distance import Near, Reason, distance, reason
from mockws.engine.explain import Answering, Deed
from mockws.expect.likeness import Difference, shortened
from mockws.expect.matchers import Subject
from mockws.expect.selection import BODY, CONNECTION
from mockws.expression import MISSING
from mockws.redaction import MASK, Redaction, redacted_headers, redacted_query, redacted_subprotocols
from mockws.source.pointer import parse


class NearMissView(View, frozen=True):
    """An entry of the journal that is not what was wanted, and how far from it."""

    seq: int
    distance: float
    differences: list[DifferenceView]


class JudgedView(View, frozen=True):
    """Whether an expectation would answer; if not, why, and how far it is from that."""

    expectation: str
    answers: bool
    distance: float
    differences: list[DifferenceView]
    reason: Reason | UnsetType = UNSET
    name: str | UnsetType = UNSET
    probability: float | UnsetType = UNSET


class WarningView(View, frozen=True):
    """What is odd about a message, though nothing follows from it."""

    code: Literal["json_duplicate_key"]
    pointer: str
    message: str


class ReadingView(View, frozen=True):
    """Which message of the document it is; if none, the nearest one and what is wrong with it."""

    valid: bool
    name: str | UnsetType = UNSET
    also: list[str] | UnsetType = UNSET
    closest: str | UnsetType = UNSET
    reason: str | UnsetType = UNSET
    errors: list[ViolationView] | UnsetType = UNSET
    warnings: list[WarningView] | UnsetType = UNSET


class PromiseView(View, frozen=True):
    """What the document would do, where no expectation answers."""

    does: Deed
    how: str
    replies: list[str]
    channel: str | UnsetType = UNSET
    operation: str | UnsetType = UNSET
    code: int | UnsetType = UNSET


class ExplanationView(View, frozen=True):
    """What a message leads to, and why."""

    by: Answering
    message: ReadingView
    document: PromiseView
    expectations: list[JudgedView]
    expectation: str | UnsetType = UNSET
    note: str | UnsetType = UNSET
    omitted: int = 0


@dataclass(frozen=True)
class Veil:
    """What is not shown of a message and its connection where a difference is told."""

    names: frozenset[str]  # of headers and arguments, in lower case
    redaction: Redaction
    value: Any = MISSING  # what the message says, as JSON; missing where it is none

    @classmethod
    def over(cls, call: Call, frame: Frame | None) -> "Veil":
        """Make the veil over a message."""
        redaction = call.desk.showing.redaction
        names = call.engine.contract.secret_names | redaction.names
        return cls(names, redaction, Subject.of_frame(frame or "").value)

    def view(self, difference: Difference) -> DifferenceView:
        """Show a difference; what is compared with a secret is not shown."""
        if difference.pointer.startswith(BODY):
            return self._of_body(difference)
        return DifferenceView(difference.pointer, shortened(difference.expected), self._of_connection(difference))

    def views(self, differences: Iterable[Difference]) -> list[DifferenceView]:
        return [self.view(each) for each in differences]

    def _of_body(self, difference: Difference) -> DifferenceView:
        """Mask both sides: what was wanted of a secret tells as much as what it is."""
        pointer = difference.pointer
        hidden = bool(self.redaction) and self.redaction.hides(self.value, pointer.removeprefix(BODY))
        wanted, actual = (MASK, MASK) if hidden else (difference.expected, difference.actual)
        return DifferenceView(pointer, shortened(wanted), actual)

    def _of_connection(self, difference: Difference) -> str:
        if not difference.pointer.startswith(CONNECTION) or difference.actual == "nothing":
            return difference.actual
        _, field, *name = parse(difference.pointer)
        key, actual = name[0] if name else "", difference.actual
        shown = {
            "headers": lambda: redacted_headers([(key, actual)], self.names)[0][1],
            "queryParameters": lambda: redacted_query([(key, actual)], self.names)[0][1],
            "cookies": lambda: redacted_headers([("cookie", actual)])[0][1],
            "subprotocol": lambda: redacted_subprotocols([actual])[0],
        }.get(field)
        return shown() if shown is not None else actual


def near_views(call: Call, near: Iterable[Near]) -> list[NearMissView]:
    """Show near misses, nearest first."""
    return [NearMissView(each.seq, rounded(each.differences), _views(call, each)) for each in near]


def _views(call: Call, near: Near) -> list[DifferenceView]:
    entry = call.journal.entry(near.seq)
    return Veil.over(call, entry.frame if entry is not None else None).views(near.differences)


def nearest_json(call: Call, near: Iterable[Near]) -> list[dict[str, Any]]:
    """Show near misses within a problem document."""
    shown: list[dict[str, Any]] = msgspec.to_builtins(near_views(call, near))
    return shown


def rounded(differences: Iterable[Difference]) -> float:
    return round(distance(differences), 4)


def told(call: Call, near: Sequence[Near]) -> str:
    """Say in words what came nearest."""
    if not near:
        return ""
    first = _views(call, near[0])[0]
    return f"; entry {near[0].seq} came nearest: {first.pointer} was to be {first.expected}, and is {first.actual}"


def reason_of(differences: Sequence[Difference]) -> Reason | UnsetType:
    return reason(differences) if differences else UNSET
