"""The log of exchanges: an observer that writes one line for each thing that came in or went out.

Lines are written by a thread of its own: a terminal or pipe that is slow, full or closed never holds the mock up.
"""

import json
import logging
import queue
import sys
import time
from logging.handlers import QueueHandler, QueueListener
from types import TracebackType
from typing import Any

from mockws.codec import Frame
from mockws.engine.actions import Entry, Outcome
from mockws.host.driver import Observer
from mockws.redaction import redacted_url

MOST_WAITING = 10_000  # lines; what is over is dropped
LONGEST = 500  # characters of a payload in a line
MARKS = {"in": "→", "out": "←"}
COLOURS = {"invalid": 31, "refused": 31, "undelivered": 33, "unmatched": 33, "open": 36, "close": 36, "reload": 35}


class DroppingHandler(QueueHandler):
    """Drops lines where too many wait."""

    def enqueue(self, record: logging.LogRecord) -> None:
        try:
            self.queue.put_nowait(record)
        except queue.Full:
            return


class QuietStream(logging.StreamHandler[Any]):
    """Writes to a stream that may be closed: then nothing is written, and nothing is said about it."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: ARG002, N802  # logging's signature
        return


class Log:
    """The log while a mock runs."""

    def __init__(self, form: str) -> None:
        lines: queue.Queue[logging.LogRecord] = queue.Queue(MOST_WAITING)
        stream = QuietStream(sys.stderr)
        stream.setFormatter(JsonLines() if form == "json" else PrettyLines(colours=sys.stderr.isatty()))
        self._listener = QueueListener(lines, stream)
        self._logger = logging.getLogger("mockws.exchange")
        self._root = logging.getLogger()
        self._root.handlers[:] = [DroppingHandler(lines)]
        self._root.setLevel(logging.WARNING)
        logging.getLogger("mockws").setLevel(logging.INFO)
        logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)  # what matters of it we say ourselves
        self.observers: tuple[Observer, ...] = () if form == "none" else (self.observe,)

    def observe(self, outcome: Outcome) -> None:
        """Write what happened."""
        for entry in outcome.entries:
            self._logger.info("%s", entry.event, extra={"entry": entry})

    def __enter__(self) -> "Log":
        self._listener.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listener.stop()
        self._root.handlers.clear()


def start_log(form: str) -> Log:
    """Make the log in the form that was asked for: pretty, json or none."""
    return Log(form)


def view(entry: Entry) -> dict[str, Any]:
    """Show an entry as JSON, without what is empty; secrets are masked."""
    shown = {
        "event": entry.event,
        "connection": entry.connection,
        "direction": entry.direction,
        "channel": entry.channel,
        "address": redacted_url(entry.address) if entry.address else None,
        "message": entry.message,
        "outcome": entry.outcome,
        "payload": _payload(entry.frame),
        "errors": [{"pointer": each.pointer, "message": each.message} for each in entry.violations],
        "code": entry.code,
        "cause": entry.cause,
        "note": entry.note,
        **entry.details,
    }
    return {key: value for key, value in shown.items() if value not in (None, "", [])}


def _payload(frame: Frame | None) -> str | None:
    if frame is None:
        return None
    text = frame if isinstance(frame, str) else f"{len(frame)} bytes {frame[:32].hex()}"
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}… ({len(text)} characters)"


class JsonLines(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        head = {"time": _stamp(record), "level": record.levelname.lower()}
        entry = getattr(record, "entry", None)
        body = view(entry) if entry is not None else {"event": "log", "note": _said(record)}
        return json.dumps({**head, **body}, ensure_ascii=False)


class PrettyLines(logging.Formatter):
    """A line for people."""

    def __init__(self, *, colours: bool) -> None:
        super().__init__()
        self._colours = colours

    def format(self, record: logging.LogRecord) -> str:
        entry = getattr(record, "entry", None)
        clock = time.strftime("%H:%M:%S", time.localtime(record.created))
        if entry is None:
            return f"{clock} {record.levelname.lower()}: {escaped(_said(record))}"
        return f"{clock} {self._coloured(escaped(self._line(entry)), entry)}"

    def _line(self, entry: Entry) -> str:
        mark = MARKS.get(entry.direction or "", "·")
        place = redacted_url(entry.address) if entry.address else entry.channel or ""
        what = " ".join(each for each in (entry.message or "", entry.outcome or "") if each) or entry.event
        code = f" {entry.code}" if entry.code is not None else ""
        why = "; ".join(each for each in (entry.cause, entry.note) if each)
        said = f"  {_payload(entry.frame)}" if entry.frame is not None else ""
        return f"{entry.connection or '-':>4} {mark} {place} {what}{code}{said}{f'  ({why})' if why else ''}"

    def _coloured(self, line: str, entry: Entry) -> str:
        colour = COLOURS.get(entry.outcome or entry.event)
        return f"\x1b[{colour}m{line}\x1b[0m" if self._colours and colour else line


def _said(record: logging.LogRecord) -> str:
    said = record.getMessage()
    return f"{said}: {record.exc_text}" if record.exc_text else said


def _stamp(record: logging.LogRecord) -> str:
    seconds = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
    return f"{seconds}.{int(record.msecs):03d}Z"


def escaped(text: str) -> str:
    """Write control characters out: what a client sends must not move the cursor."""
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode("ascii") for each in text)
