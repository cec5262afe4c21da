"""What came of the tests: one result each, and what of the document they exercised."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from mockws.contract import Contract
from mockws.exercise import Kind, Ledger, Line, Mark, Occasion


class Status(StrEnum):
    """How a test ended."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Subject:
    """What of the document a test is about."""

    channel: str = ""
    operation: str = ""
    message: str = ""
    example: str = ""
    more: tuple[Mark, ...] = ()  # enum values, parameters, reply pairs

    @property
    def marks(self) -> Iterator[Mark]:
        """Give all that this exercises."""
        yield Mark(Kind.CHANNEL, self.channel)
        if self.operation:
            yield Mark(Kind.OPERATION, self.operation)
        if self.message:
            yield Mark(Kind.MESSAGE, f"{self.channel}/{self.message}")
        if self.example:
            yield Mark(Kind.EXAMPLE, f"{self.channel}/{self.message}#{self.example}")
        yield from self.more


@dataclass(frozen=True, slots=True)
class Result:
    """How one test ended, and what it saw."""

    name: str
    kind: str
    status: Status
    detail: str = ""
    subject: Subject = Subject()
    seconds: float = 0.0
    sent: str = ""
    heard: tuple[str, ...] = ()
    smallest: str = ""  # the smallest message found that fails in the same way
    seen: tuple[Subject, ...] = ()  # what the server said besides
    at: float = 0.0  # when it began, in seconds since 1970


@dataclass(frozen=True)
class Run:
    """All results of one run."""

    title: str
    target: str
    seed: int
    results: tuple[Result, ...]
    coverage: tuple[Line, ...] = ()
    seconds: float = 0.0
    notes: tuple[str, ...] = ()  # what a reader has to know besides

    def count(self, status: Status) -> int:
        return sum(1 for each in self.results if each.status is status)

    @property
    def failed(self) -> bool:
        return any(each.status is Status.FAILED for each in self.results)


def coverage_of(contract: Contract, results: Iterable[Result]) -> tuple[Line, ...]:
    """Tell of each thing of the document which tests exercised it, when, and how it fails."""
    ledger = Ledger()
    for result in results:
        if result.status is not Status.SKIPPED:
            failing = result.detail if result.status is Status.FAILED else ""
            marks = (mark for subject in (result.subject, *result.seen) for mark in subject.marks)
            ledger.note(marks, Occasion(result.name, result.at, failing))
    return ledger.lines(contract)
