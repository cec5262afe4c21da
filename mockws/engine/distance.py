"""How far something is from what was wanted: the one place where differences are weighed.

The distance is 0 exactly where nothing differs, and never grows when a difference goes. There are five kinds of
differences, and the smallest of one kind outweighs all those of lesser kinds together: another message altogether is
further than a wrong channel, that is further than a wrong connection, that is further than what a message says, and
that is further than an expectation's being used up.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal, TypeAlias

from mockws.expect.matchers import Difference
from mockws.expect.selection import BODY, CONNECTION, NAME, TYPE, VALID

# What a kind comes to at most; the least that one difference comes to is half of it, of what a message says a third.
MESSAGE, CHANNEL, AT, SAID, HELD = 30.0, 10.0, 3.0, 1.0, 0.3
WHOLE = 4.0  # differences that a body which differs as a whole counts for
COMPARED = 150  # characters
REQUEST_BODY = "/body"  # of a plain HTTP request

Reason: TypeAlias = Literal[
    "CHANNEL", "CONNECTION", "MESSAGE", "REQUEST", "SPEC_INVALID", "SCENARIO_STATE",
    "TIMES_EXHAUSTED", "EXPIRED", "DISABLED", "PROBABILITY", "LOWER_PRIORITY",
]  # fmt: skip

# beginning of a difference's pointer -> the reason that it is, and its kind
PARTS: dict[str, tuple[Reason, float]] = {
    NAME: ("MESSAGE", MESSAGE),
    TYPE: ("MESSAGE", MESSAGE),
    "/channel": ("CHANNEL", CHANNEL),
    "/operation": ("CHANNEL", CHANNEL),
    CONNECTION: ("CONNECTION", AT),
    VALID: ("SPEC_INVALID", SAID),
    BODY: ("MESSAGE", SAID),
    "/method": ("REQUEST", MESSAGE),
    "/pathParameters": ("REQUEST", AT),
    "/queryParameters": ("REQUEST", AT),
    "/headers": ("REQUEST", AT),
    REQUEST_BODY: ("REQUEST", SAID),
    "/close": ("MESSAGE", SAID),
    "/when": ("MESSAGE", SAID),
    "/scenario": ("SCENARIO_STATE", HELD),
    "/times": ("TIMES_EXHAUSTED", HELD),
    "/timeToLive": ("EXPIRED", HELD),
    "/enabled": ("DISABLED", HELD),
    "/probability": ("PROBABILITY", HELD),
    "/priority": ("LOWER_PRIORITY", HELD),
}


@dataclass(frozen=True, slots=True)
class Near:
    """An entry of the journal that is not what was wanted, and how it is not."""

    seq: int
    differences: tuple[Difference, ...]


def part_of(difference: Difference) -> tuple[Reason, float]:
    """Give the reason that a difference is, and its kind."""
    _, first, *rest = difference.pointer.split("/", 3)
    return PARTS.get(f"/{first}") or PARTS[f"/{first}/{rest[0]}"]


def distance(differences: Iterable[Difference]) -> float:
    """Tell how far something is from what was wanted; each kind comes to its most, times n / (1 + n) for n of them."""
    amounts: dict[float, float] = {}
    for each in differences:
        _, kind = part_of(each)
        amounts[kind] = amounts.get(kind, 0.0) + (_amount(each) if kind == SAID else 1.0)
    return sum(kind * amount / (1 + amount) for kind, amount in amounts.items())


def reason(differences: Sequence[Difference]) -> Reason:
    """Name what weighs most."""
    return max((part_of(each) for each in differences), key=lambda part: part[1])[0]


def _amount(difference: Difference) -> float:
    """What is like the one that was wanted counts for half of what is not: a typo is near."""
    wanted, actual = difference.expected[:COMPARED], difference.actual[:COMPARED]
    alike = SequenceMatcher(None, wanted, actual, autojunk=False).ratio()
    return (WHOLE if difference.pointer in (BODY, REQUEST_BODY) else 1.0) * (1 - alike / 2)
