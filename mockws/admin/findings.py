"""What questions are answered with: what was found, what came nearest, and what would happen; secrets are masked."""

from collections.abc import Iterable, Sequence
from typing import Any, Literal

import msgspec
from msgspec import UNSET, UnsetType

from mockws.admin.answers import ViolationView
from mockws.client.views import DifferenceView, View
from mockws.engine.distance import Near, Reason, distance, reason
from mockws.engine.explain import Answering, Deed
from mockws.expect.likeness import Difference, shortened
from mockws.expect.selection import CONNECTION
from mockws.redaction import redacted_headers, redacted_query, redacted_subprotocols
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


def difference_view(difference: Difference) -> DifferenceView:
    """Show a difference; what is compared with a secret is not shown."""
    return DifferenceView(difference.pointer, shortened(difference.expected), _unsecret(difference))


def difference_views(differences: Iterable[Difference]) -> list[DifferenceView]:
    return [difference_view(each) for each in differences]


def _unsecret(difference: Difference) -> str:
    if not difference.pointer.startswith(CONNECTION) or difference.actual == "nothing":
        return difference.actual
    _, field, *name = parse(difference.pointer)
    key, actual = name[0] if name else "", difference.actual
    shown = {
        "headers": lambda: redacted_headers([(key, actual)])[0][1],
        "queryParameters": lambda: redacted_query([(key, actual)])[0][1],
        "cookies": lambda: redacted_headers([("cookie", actual)])[0][1],
        "subprotocol": lambda: redacted_subprotocols([actual])[0],
    }.get(field)
    return shown() if shown is not None else actual


def near_views(near: Iterable[Near]) -> list[NearMissView]:
    """Show near misses, nearest first."""
    return [
        NearMissView(each.seq, rounded(each.differences), difference_views(each.differences)) for each in near
    ]  # fmt: skip


def nearest_json(near: Iterable[Near]) -> list[dict[str, Any]]:
    """Show near misses within a problem document."""
    shown: list[dict[str, Any]] = msgspec.to_builtins(near_views(near))
    return shown


def rounded(differences: Iterable[Difference]) -> float:
    return round(distance(differences), 4)


def told(near: Sequence[Near]) -> str:
    """Say in words what came nearest."""
    if not near:
        return ""
    first = difference_view(near[0].differences[0])
    return f"; entry {near[0].seq} came nearest: {first.pointer} was to be {first.expected}, and is {first.actual}"


def reason_of(differences: Sequence[Difference]) -> Reason | UnsetType:
    return reason(differences) if differences else UNSET
