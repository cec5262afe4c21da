"""Whether what was found is what was to be found: how often, and how far apart.

A verdict may be for good: what was too often, or came too soon, never comes right again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto
from itertools import pairwise

from mockws.engine.search import Found

EVEN = 0.05  # how much the longest gap may exceed the shortest, as a part of the longest, and they are still equal
CLOSE = 1e-6  # seconds that clocks may be off by when they are added


class Verdict(Enum):
    """How it stands."""

    HOLDS = auto()
    OPEN = auto()  # it may yet come
    BROKEN = auto()  # it never will


@dataclass(frozen=True, slots=True)
class Times:
    """How often something is to be found."""

    least: int = 1
    most: int | None = None
    watched: bool = False  # it may not be found too often in all the time that there is, and so there is no early end

    def __str__(self) -> str:
        if self.most is None:
            return f"at least {self.least}"
        if self.most == self.least:
            return f"exactly {self.least}" if self.least else "no"
        return f"{self.least} to {self.most}" if self.least else f"at most {self.most}"

    def judge(self, count: int) -> Verdict:
        if self.most is not None and count > self.most:
            return Verdict.BROKEN
        return Verdict.HOLDS if count >= self.least else Verdict.OPEN


@dataclass(frozen=True, slots=True)
class Spacing:
    """How far apart they are to be, one from the next, in seconds of the mock's clock."""

    least: float = 0.0
    most: float | None = None
    jitter: bool = False

    def __str__(self) -> str:
        wanted = [f"at least {self.least:g} s" if self.least else "", f"at most {self.most:g} s" if self.most else ""]
        words = " and ".join(each for each in wanted if each)
        parts = [f"{words} apart" if words else "", "not evenly spaced" if self.jitter else ""]
        return ", ".join(each for each in parts if each) or "any time apart"

    def judge(self, gaps: Sequence[float]) -> Verdict:
        if any(self._is_off(gap) for gap in gaps):
            return Verdict.BROKEN
        if not gaps or (self.jitter and is_even(gaps)):
            return Verdict.OPEN
        return Verdict.HOLDS

    def _is_off(self, gap: float) -> bool:
        return gap < self.least - CLOSE or (self.most is not None and gap > self.most + CLOSE)


def is_even(gaps: Sequence[float]) -> bool:
    """Tell whether gaps are equal, or too few to tell: no more than 5 % lie between the longest and the shortest."""
    return len(gaps) < 2 or max(gaps) - min(gaps) <= EVEN * max(gaps)


def gaps_of(found: Sequence[Found]) -> list[float]:
    return [later.at - earlier.at for earlier, later in pairwise(found)]


@dataclass(frozen=True, slots=True)
class Demand:
    """What is to be found, how often, and how far apart."""

    times: Times = Times()
    spacing: Spacing | None = None

    def judge(self, found: Sequence[Found], *, gone: bool) -> Verdict:
        """Judge what was found; where entries are gone, only what those cannot change is said."""
        often = self.times.judge(len(found))
        if often is Verdict.BROKEN:
            return often
        apart = Verdict.HOLDS if self.spacing is None else self.spacing.judge(gaps_of(found))
        if gone:
            sure = often is Verdict.HOLDS and self.times.most is None and self.spacing is None
            return Verdict.HOLDS if sure else Verdict.OPEN
        if Verdict.BROKEN in (often, apart):
            return Verdict.BROKEN
        return Verdict.HOLDS if often is apart is Verdict.HOLDS else Verdict.OPEN
