"""What is to be said about a file: how bad it is, what it is, where it is, and what to do.

A diagnostic is a value that reports, JSON and terminals show. This file does not know who finds what.
"""

import enum
from dataclasses import dataclass


class Severity(enum.StrEnum):
    """How bad it is."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a file; line and column count from 1, columns in characters."""

    file: str
    line: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        return ":".join(str(part) for part in (self.file, self.line, self.column) if part is not None)


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One thing to be said about a file."""

    severity: Severity
    code: str
    message: str
    place: Place
    pointer: str = ""
    advice: str = ""

    def __str__(self) -> str:
        advice = f" ({self.advice})" if self.advice else ""
        return _one_line(f"{self.place}: {self.severity}: {self.message} [{self.code}]{advice}")

    def as_dict(self) -> dict[str, str | int | None]:
        """Tell the same as one flat JSON object; it has every key, always."""
        return {
            "severity": self.severity.value,
            "code": self.code,
            "message": self.message,
            "file": self.place.file,
            "line": self.place.line,
            "column": self.place.column,
            "pointer": self.pointer,
            "advice": self.advice,
        }


def _one_line(sentence: str) -> str:
    # Keys and file names are quoted in messages: neither a line break nor a terminal's escape may come through.
    return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in sentence)
