"""The log: an observer that says one line for each thing that came in or went out, and what the rooms want known.

Lines are for people or for programs (JSON); secrets, control characters and floods do not come through.
"""

import json
import logging
import os
import sys
import time
import traceback
from types import TracebackType
from typing import Any

import msgspec

from mockws.admin.views import veiled
from mockws.cli.writer import Writer, descriptor_of
from mockws.codec import Frame, Packed, encode_json
from mockws.engine.actions import Entry, Exchange, Outcome
from mockws.host.driver import Observer
from mockws.redaction import Redaction, redacted_url
from mockws.units import stamp

LONGEST = 500  # characters of a payload in a line
EXCHANGES = 200  # lines a second about what came and went
OTHERS = 10  # lines a second of every other kind
MARKS = {"in": "→", "out": "←"}
COLOURS = {"invalid": 31, "refused": 31, "undelivered": 33, "unmatched": 33, "open": 36, "close": 36, "reload": 35}


class Log(logging.Handler):
    """The log while a mock runs."""

    def __init__(self, form: str, redaction: Redaction) -> None:
        super().__init__()
        self._redaction = redaction
        self._lines = JsonLines() if form == "json" else PrettyLines(colours=has_colours())
        self._writer = Writer(self._lines.suppressed)
        self._passes_over = self._writer.throttle.passes_over
        self._exchanges = form != "none"
        self.setFormatter(self._lines)
        logging.getLogger().handlers[:] = [self]
        logging.getLogger().setLevel(logging.WARNING)
        logging.getLogger("mockws").setLevel(logging.INFO)
        logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)  # what matters of it we say ourselves
        self.observers: tuple[Observer, ...] = (self.observe,) if self._exchanges else ()

    def observe(self, outcome: Outcome) -> None:
        """Say what happened."""
        if self._passes_over("exchange", 2 if type(outcome) is Exchange else len(outcome.entries)):
            return
        for entry in outcome.entries:
            if self._writer.admits("exchange", EXCHANGES):
                self._writer.say(self._lines.of_entry(self._masked(entry), time.time()))

    def _masked(self, entry: Entry) -> Entry:
        if not self._redaction:
            return entry
        address = redacted_url(entry.address, self._redaction.names) if entry.address else None
        frame = veiled(entry.frame, self._redaction) if entry.frame is not None else None
        return msgspec.structs.replace(entry, frame=frame, address=address)

    def emit(self, record: logging.LogRecord) -> None:
        """Say what a room wants known."""
        is_exchange = hasattr(record, "entry")
        if is_exchange and not self._exchanges:
            return
        category, limit = ("exchange", EXCHANGES) if is_exchange else (record.name, OTHERS)
        if self._writer.admits(category, limit):
            self._writer.say(self.format(record))

    def say(self, line: str) -> None:
        """Say a line as it is."""
        self._writer.say(line)

    def __enter__(self) -> "Log":
        self._writer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        logging.getLogger().handlers[:] = []
        self._writer.stop()


def has_colours() -> bool:
    """Tell whether the standard error is a terminal whose owner has nothing against colours (no-color.org)."""
    return descriptor_of(sys.stderr) is not None and sys.stderr.isatty() and not os.environ.get("NO_COLOR")


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
    text = frame if isinstance(frame, str) else f"{len(frame)} bytes {_shown(frame)}"
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}… ({len(text)} characters)"


def _shown(frame: bytes) -> str:
    return encode_json(frame.value) if isinstance(frame, Packed) else frame[:32].hex()


class JsonLines(logging.Formatter):
    """One JSON object a line."""

    def of_entry(self, entry: Entry, at: float) -> str:
        return self.line("info", at, view(entry))

    def format(self, record: logging.LogRecord) -> str:
        entry = getattr(record, "entry", None)
        body = view(entry) if entry is not None else {"event": "log", "note": record.getMessage()}
        trace = {"traceback": _traceback(record)} if record.exc_info else {}
        return self.line(record.levelname.lower(), record.created, {**body, **trace})

    def suppressed(self, category: str, count: int) -> str:
        return self.line("warning", time.time(), {"event": "suppressed", "category": category, "count": count})

    def line(self, level: str, at: float, body: dict[str, Any]) -> str:
        text = json.dumps({"time": stamp(at), "level": level, **body}, ensure_ascii=False)
        return text if text.isprintable() else "".join(_json_letter(letter) for letter in text)


def _json_letter(letter: str) -> str:
    """Write a control character as JSON does; `json` itself leaves those above U+007E as they are."""
    return letter if letter.isprintable() else json.dumps(letter)[1:-1]


class PrettyLines(logging.Formatter):
    """A line for people."""

    def __init__(self, *, colours: bool) -> None:
        super().__init__()
        self.colours = colours

    def of_entry(self, entry: Entry, at: float) -> str:
        clock = time.strftime("%H:%M:%S", time.localtime(at))
        return f"{clock} {self._coloured(escaped(self._line(entry)), entry)}"

    def format(self, record: logging.LogRecord) -> str:
        entry = getattr(record, "entry", None)
        if entry is not None:
            return self.of_entry(entry, record.created)
        clock = time.strftime("%H:%M:%S", time.localtime(record.created))
        lines = [f"{clock} {record.levelname.lower()}: {escaped(record.getMessage())}"]
        lines += (f"    {escaped(line)}" for line in _traceback(record).splitlines())
        return "\n".join(lines)

    def suppressed(self, category: str, count: int) -> str:
        return f"{time.strftime('%H:%M:%S')} … {count} more lines of {category} suppressed"

    def _line(self, entry: Entry) -> str:
        mark = MARKS.get(entry.direction or "", "·")
        place = redacted_url(entry.address) if entry.address else entry.channel or ""
        what = " ".join(each for each in (entry.message or "", entry.outcome or "") if each) or entry.event
        code = str(entry.code) if entry.code is not None else ""
        why = "; ".join(each for each in (entry.cause, entry.note) if each)
        parts = (f"{entry.connection or '-':>4}", mark, place, what, code, _payload(entry.frame), why and f"({why})")
        return " ".join(part for part in parts if part)

    def _coloured(self, line: str, entry: Entry) -> str:
        colour = COLOURS.get(entry.outcome or entry.event)
        return f"\x1b[{colour}m{line}\x1b[0m" if self.colours and colour else line


def _traceback(record: logging.LogRecord) -> str:
    return "".join(traceback.format_exception(record.exc_info[1])).rstrip() if record.exc_info else ""


def escaped(text: str) -> str:
    """Write control characters out: what a client sends must not move the cursor."""
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode("ascii") for each in text)
