"""Handshakes: bytes that are sent before anybody is let in, and what comes back."""

import time
from collections.abc import Iterator
from typing import Any

from bad_inputs.case import Case, Seen, repeated, timed
from bad_inputs.journal import newest, since
from bad_inputs.served import Served
from bad_inputs.stage import World
from bad_inputs.wire import Wire, handshake, head

PIECE = 1 << 20
LONGEST = 20.0


def world_of(case: Case) -> World:
    config = case["input"].get("config", {})
    flags = [(f"--{name.replace('_', '-')}", str(each)) for name, given in config.items() for each in _listed(given)]
    return World(flags=(*World().flags, *(part for pair in flags for part in pair if part)))


def _listed(given: Any) -> list[Any]:
    return given if isinstance(given, list) else [given]


def play(case: Case, served: Served) -> Seen:
    given, seen, mark = case["input"], Seen(), newest(served)
    with Wire(served.port) as wire, timed(seen, served.pid):
        if "steps" in given:
            _drip(wire, seen)
        else:
            seen.size = wire.pour(written(given, served.port), LONGEST)
            seen.answer = wire.answer()
            seen.is_open = seen.answer is not None and seen.answer.status == 101 and wire.is_open()
        while seen.answer is None and wire.more(time.monotonic() + LONGEST):
            pass
        seen.ended = wire.ended
    seen.entries = since(served, mark)
    return seen


def _drip(wire: Wire, seen: Seen) -> None:
    """Say a head so slowly that it never ends: the deadline is for the whole of it."""
    line, _ = handshake()
    wire.say(f"{line}\r\nX-Slow: ".encode())
    for _ in range(12):
        if wire.ended:
            break
        wire.say(b"a")
        wire.more(time.monotonic() + 1)


def written(given: dict[str, Any], port: int) -> Iterator[bytes]:
    """Write out what is sent."""
    if "raw" in given:
        yield given["raw"].replace("\\r", "\r").replace("\\n", "\n").encode("latin-1")
        repeat = given.get("then_repeat", {"unit": "", "times": 0})
        for _ in range(repeat["times"] // PIECE):
            yield repeat["unit"].encode() * PIECE
        return
    path = given.get("raw_target") or given.get("path", "/login" if "query_missing" in given else "/orders")
    if "query_repeat" in given:
        path += "?q=" + given["query_repeat"]["unit"] * given["query_repeat"]["times"]
    if "path_repeat" in given:
        path = repeated(given["path_repeat"])
    line, headers = handshake(path, port, given.get("http_version", "1.1"))
    early = repeated(given["early"]).encode("latin-1") if "early" in given else b""
    yield head(line, _changed(headers, given)) + early


def _changed(headers: list[tuple[str, str]], given: dict[str, Any]) -> list[tuple[str, str]]:
    replaced = {name.lower(): value for name, value in given.get("headers", {}).items()}
    removed = {name.lower() for name in given.get("headers_remove", ())} | replaced.keys()
    changed = [(name, value) for name, value in headers if name.lower() not in removed]
    changed += list(given.get("headers", {}).items()) + list(given.get("headers_add", {}).items())
    changed += [tuple(each) for each in given.get("headers_list", ())]
    if "header_repeat" in given:
        repeat = given["header_repeat"]
        changed += [(repeat["name"], repeated(repeat))] * repeat.get("headers", 1)
    return changed
