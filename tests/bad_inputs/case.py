"""A case as it is written, and what was seen when it was played."""

import contextlib
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from bad_inputs.served import waited_by
from bad_inputs.wire import Answer

Case = Mapping[str, Any]


@dataclass
class Seen:
    """What came of a case: only what there was something of is filled in."""

    answer: Answer | None = None  # of HTTP
    ended: str = ""  # how a socket ended, from the client's side
    close: tuple[int, str] | None = None  # the close frame
    is_open: bool | None = None
    said: list[bytes] = field(default_factory=list)  # messages of the mock
    sent: bytes | str = b""  # what the case said
    size: int = 0  # bytes of that which went out
    entries: list[dict[str, Any]] = field(default_factory=list)  # of the journal, but for the neighbour's
    lines: list[dict[str, Any]] = field(default_factory=list)  # of the log, but for exchanges
    seconds: float = 0.0
    code: int | None = None  # the process's exit code
    output: str = ""  # of a command
    findings: list[dict[str, Any]] = field(default_factory=list)  # of `mockws check`
    facts: dict[str, Any] = field(default_factory=dict)  # whatever else a case looks for, by the name it has there


class Watch:
    """How long something takes, without the time for which there was no processor."""

    def __init__(self, *processes: int) -> None:
        self._processes: tuple[int | str, ...] = ("self", *processes)
        self._began, self._idle = time.monotonic(), self._waited()

    def _waited(self) -> float:
        return sum(waited_by(each) for each in self._processes)

    def seconds(self) -> float:
        return max(0.0, time.monotonic() - self._began - (self._waited() - self._idle))


@contextlib.contextmanager
def timed(seen: Seen, *processes: int) -> Iterator[None]:
    watch = Watch(*processes)
    yield
    seen.seconds = watch.seconds()


def cases_of(path: Path) -> list[Case]:
    """Read a file of cases; by YAML 1.1, as `03e8` is a text there, and no number."""
    found: list[Case] = yaml.safe_load(path.read_bytes())["cases"]
    return found


def repeated(given: Mapping[str, Any]) -> str:
    """Write out a text that is told by its parts."""
    text = str(given["unit"]) * int(given["times"]) + str(given.get("suffix_repeat", "")) * int(given["times"])
    whole = f"{given.get('prefix', '')}{text}{given.get('suffix', '')}"
    return f'"{whole}"' if given.get("quoted") else whole
