"""Lines of the log: for people and programs, without secrets, control characters and floods."""

import json
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockws.cli import writer
from mockws.cli.log import JsonLines, Log, PrettyLines, view
from mockws.cli.writer import Throttle, Writer
from mockws.engine.actions import Entry
from mockws.redaction import Redaction

PRETTY = PrettyLines(colours=False)


def record(message: str, *values: object, error: Exception | None = None) -> logging.LogRecord:
    trace = (type(error), error, None) if error else None
    return logging.LogRecord("mockws", logging.ERROR, "x.py", 1, message, values, trace)


def test_an_entry_is_one_line_for_people() -> None:
    entry = Entry(0.0, "message", "c1", "room", "/rooms/a", "in", "Hello", '{"a":1}', "spec", cause="example")

    assert PRETTY.of_entry(entry, 0.0).partition(" ")[2].strip() == 'c1 → /rooms/a Hello spec {"a":1} (example)'


def test_an_entry_is_one_object_for_programs() -> None:
    entry = Entry(0.0, "close", "c1", code=1000)

    assert json.loads(JsonLines().of_entry(entry, 1.25)) == {
        "time": "1970-01-01T00:00:01.250Z",
        "level": "info",
        "event": "close",
        "connection": "c1",
        "code": 1000,
    }


def test_secrets_in_an_address_are_masked() -> None:
    assert view(Entry(0.0, "open", address="/a?token=geheim&b=c"))["address"] == "/a?token=[redacted]&b=c"


def test_a_payload_is_cut() -> None:
    shown = view(Entry(0.0, "message", frame="x" * 10_000))["payload"]

    assert len(shown) < 600
    assert shown.endswith("… (10000 characters)")


def test_bytes_are_shown_in_hex() -> None:
    assert view(Entry(0.0, "message", frame=b"\x00\xff"))["payload"] == "2 bytes 00ff"


@given(st.text())
def test_no_text_breaks_a_line_or_moves_the_cursor(text: str) -> None:
    entry = Entry(0.0, "message", "c1", text, text, "in", text, text, note=text)

    assert PRETTY.of_entry(entry, 0.0).isprintable()
    assert PRETTY.format(record("%s", text)).isprintable()


@given(st.text())
def test_every_text_is_a_valid_line_for_programs(text: str) -> None:
    line = JsonLines().of_entry(Entry(0.0, "message", note=text), 0.0)

    assert line.isprintable()
    assert json.loads(line).get("note", "") == text


def test_a_traceback_is_indented_below_its_line() -> None:
    lines = PRETTY.format(record("it broke", error=ValueError("a\nb"))).split("\n")

    assert lines[0].endswith("error: it broke")
    assert all(line.startswith("    ") for line in lines[1:])
    assert lines[1] == "    ValueError: a"


def test_a_traceback_is_a_key_for_programs() -> None:
    assert json.loads(JsonLines().format(record("it broke", error=ValueError("a"))))["traceback"] == "ValueError: a"


class Clock:
    """A clock that is set by hand."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_flood_is_cut_and_counted() -> None:
    clock = Clock()
    throttle = Throttle(clock)
    said = [throttle.admits("a", 10) for _ in range(25)]
    early = throttle.summaries()
    clock.now = 1.0

    assert (sum(said), early, throttle.summaries()) == (10, [], [("a", 15)])
    assert throttle.admits("a", 10)


def test_one_flood_does_not_silence_others() -> None:
    throttle = Throttle(Clock())
    for _ in range(100):
        throttle.admits("a", 10)

    assert throttle.admits("b", 10)


def test_what_is_in_bounds_is_never_counted() -> None:
    clock = Clock()
    throttle = Throttle(clock)
    for second in range(5):
        clock.now = float(second)
        assert all(throttle.admits("a", 10) for _ in range(10))

    assert throttle.summaries(ended=True) == []


@contextmanager
def piped(monkeypatch: pytest.MonkeyPatch) -> Iterator[BinaryIO]:
    """Make the standard error a pipe; give the end that is read."""
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb", buffering=0) as taken, os.fdopen(writing, "w") as stream:
        monkeypatch.setattr(sys, "stderr", stream)
        yield taken


def test_all_lines_are_written_before_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    with piped(monkeypatch) as taken:
        lines = Writer("{} {}".format)
        lines.start()
        for _ in range(3):
            lines.admits("a", 1)
        lines.say("äöü\ud800")
        lines.stop()

        assert sorted(taken.read(1000).splitlines()) == [b"a 2", "äöü\\ud800".encode()]


def test_a_pipe_that_is_full_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "LAST_WORDS", 0.05)
    with piped(monkeypatch) as taken:
        lines = Writer("{} {}".format)
        lines.start()
        for _ in range(writer.MOST_WAITING + 500):
            lines.say("x" * 100)
        lines.stop()

        assert len(taken.read(10)) == 10


def test_a_pipe_whose_reader_has_gone_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    with piped(monkeypatch) as taken:
        lines = Writer("{} {}".format)
        taken.close()
        lines.start()
        lines.say("a")
        lines.say("b")
        lines.stop()

        assert lines._descriptor is None


def test_the_log_takes_what_rooms_and_engine_say(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    for name in (None, "mockws", "uvicorn.error"):
        monkeypatch.setattr(logging.getLogger(name), "level", logging.NOTSET)
    with piped(monkeypatch) as taken:
        with Log("json", Redaction()):
            logging.getLogger("mockws").error("it %s", "broke")
            logging.getLogger("mockws.exchange").info("refused", extra={"entry": Entry(0.0, "refused", code=404)})
            for _ in range(50):
                logging.getLogger("asyncio").error("flood")
        entries = [json.loads(line) for line in taken.read(1 << 16).splitlines()]

    assert [entry["event"] for entry in entries] == ["log", "refused", *["log"] * 10, "suppressed"]
    assert (entries[0]["note"], entries[1]["code"], entries[-1]["count"]) == ("it broke", 404, 40)
