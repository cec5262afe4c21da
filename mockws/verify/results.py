"""What came of the tests: one result each, and what of the document they exercised."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from mockws.contract import Contract


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


@dataclass(frozen=True, slots=True)
class Line:
    """One thing of the document, and how its tests went."""

    kind: str  # channel | operation | message | example
    name: str
    passed: int
    failed: int
    failing: tuple[str, ...] = ()  # how

    @property
    def exercised(self) -> bool:
        return bool(self.passed or self.failed)


@dataclass(frozen=True)
class Run:
    """All results of one run."""

    title: str
    target: str
    seed: int
    results: tuple[Result, ...]
    coverage: tuple[Line, ...] = ()
    seconds: float = 0.0

    def count(self, status: Status) -> int:
        return sum(1 for each in self.results if each.status is status)

    @property
    def failed(self) -> bool:
        return any(each.status is Status.FAILED for each in self.results)


def coverage_of(contract: Contract, results: Sequence[Result]) -> tuple[Line, ...]:
    """Tell of each channel, operation, message and example how often it was exercised, and how it fails."""
    touched = [(result, subject) for result in results for subject in (result.subject, *result.seen)]
    lines: list[Line] = []
    for kind, names in _named(contract):
        for name in names:
            about = [result for result, subject in touched if _key(kind, subject) == name]
            lines.append(_line(kind, name, about))
    return tuple(lines)


def _key(kind: str, subject: Subject) -> str:
    if kind == "message":
        return f"{subject.channel}/{subject.message}" if subject.message else ""
    if kind == "example":
        return f"{subject.channel}/{subject.message}#{subject.example}" if subject.example else ""
    return subject.channel if kind == "channel" else subject.operation


def _line(kind: str, name: str, about: Iterable[Result]) -> Line:
    found = list({id(each): each for each in about}.values())
    counts = Counter(each.status for each in found)
    how = tuple(dict.fromkeys(each.detail for each in found if each.status is Status.FAILED))
    return Line(kind, name, counts[Status.PASSED], counts[Status.FAILED], how)


def _named(contract: Contract) -> list[tuple[str, list[str]]]:
    there = [(channel, message) for channel in contract.channels for message in contract.messages_of(channel)]
    return [
        ("channel", [channel.name for channel in contract.channels]),
        ("operation", [operation.name for operation in contract.operations]),
        ("message", [f"{channel.name}/{message.name}" for channel, message in there]),
        (
            "example",
            [f"{channel.name}/{message.name}#{each.name}" for channel, message in there for each in message.examples],
        ),
    ]
