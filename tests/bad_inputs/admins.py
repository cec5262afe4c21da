"""Requests to the admin API: of strangers, of pages of other sites, and of those that mean harm."""

import base64
import json
import threading
from collections.abc import Iterator
from typing import Any

from bad_inputs import names
from bad_inputs.case import Case, Seen, repeated, timed
from bad_inputs.journal import newest
from bad_inputs.served import Served, until
from bad_inputs.stage import ECHO, GROWTH, Stage, World, unharmed
from bad_inputs.wire import KEY, TEXT, TOKEN, Wire, asked, frame, head, opened

PIECE = 1 << 20
LONGEST = 20.0
SMALL = 8192  # bytes that a file may have where the disk is full
SPEAKERS = 100


def world_of(case: Case) -> World:
    given = case["input"]
    flags = World().flags
    if "Authorization" in given.get("headers", {}) or given.get("with_token"):
        return World(flags=(*flags, "--admin-token", TOKEN))
    saves = any("save" in each["path"] for each in given.get("then", ()))  # what is saved stays in force
    return World(flags=(*flags, *given.get("flags", ())), alone=saves)


def play(case: Case, stage: Stage) -> Seen:
    given, expect = case["input"], case["expect"]
    if "persist_dir" in given:
        return _full_disk(stage)
    world = world_of(case)
    growth = max(GROWTH, expect.get("rss_growth_mib", 0))
    with stage.mock(world) as served, unharmed(served, growth=growth):
        before, earlier = state_of(served), Seen()
        if "while" in given:
            seen = _while_others_speak(given, served)
        else:
            if "after" in given:
                _say_a_secret(given, served, earlier)
            seen = ask(given, served)
        same = state_of(served) == before
        seen.facts |= {**earlier.facts, "state": "unchanged" if same else "changed", "files": _files_of(served)}
        _clean_up(served)
    return seen


def state_of(served: Served) -> Any:
    answer = asked(served.port, "GET", "/__admin/expectations")
    return [(each["id"], each["trigger"]) for each in answer.json()]


def _clean_up(served: Served) -> None:
    asked(served.port, "POST", "/__admin/reset", {})
    asked(served.port, "DELETE", "/__admin/sessions")
    (served.folder / "stubs" / "saved.yaml").unlink(missing_ok=True)


def _files_of(served: Served) -> str:
    """Tell whether there is only what was there, and what a save makes."""
    found = {path.relative_to(served.folder).as_posix() for path in served.folder.rglob("*") if path.is_file()}
    return (
        "only ours"
        if found <= {"spec.yaml", "stubs/stubs.json", "stubs/saved.yaml", "out.txt", "err.txt"}
        else str(found)
    )


def ask(given: dict[str, Any], served: Served) -> Seen:
    """Ask exactly what the case says."""
    if "streams" in given:
        return _follow(given["streams"], served)
    seen = Seen()
    for _ in range(given.get("times", 1) - 1):
        asked(served.port, given.get("method", "POST"), names.route(given.get("path", "/expectations")), given["body"])
    with Wire(served.port) as wire, timed(seen, served.pid):
        seen.size = wire.pour(written(given, served.port), LONGEST)
        if given.get("half"):
            wire.socket.shutdown(1)
        seen.answer = wire.answer()
        seen.ended = wire.ended
    seen.facts["within_bytes"] = seen.size if "body_bytes" not in given else min(seen.size, 2 << 20)
    for following in given.get("then", ()):
        with Wire(served.port) as wire:
            wire.pour(written(following, served.port), LONGEST)
            seen.answer = wire.answer()
    return seen


def _follow(count: int, served: Served) -> Seen:
    """Follow the journal many times over, and read nothing of it."""
    wires, seen = [Wire(served.port) for _ in range(count)], Seen()
    for each in wires:
        each.say(head("GET /__admin/journal/stream HTTP/1.1", [("Host", f"127.0.0.1:{served.port}")]))
    for each in wires:
        seen.answer = each.answer()
    for each in wires:
        each.socket.close()
    return seen


def written(given: dict[str, Any], port: int) -> Iterator[bytes]:
    if "raw" in given:
        yield given["raw"].replace("{port}", str(port)).encode("latin-1")
        return
    method = given.get("method", "POST" if _body(given) or "body_bytes" in given else "GET")
    path = given.get("full_path") or names.route(given.get("ws") or given.get("path", "/expectations"))
    if "path_repeat" in given:
        path = repeated(given["path_repeat"])
    body = _body(given)
    size = given.get("body_bytes", len(body))
    headers = dict(_own(given, port, size))
    replaced = {name.lower() for name in given.get("headers", {})}
    kept = [(name, value) for name, value in headers.items() if name.lower() not in replaced]
    kept += [*given.get("headers", {}).items(), *(tuple(each) for each in given.get("headers_list", ()))]
    if "chunks" in given:
        yield from _chunked(given, [each for each in kept if each[0] != "Content-Length"])
        return
    yield head(f"{method} {path} HTTP/1.1", kept)
    if "body_bytes" in given:
        for _ in range(size // PIECE):
            yield b" " * PIECE
    elif body:
        yield body


def _chunked(given: dict[str, Any], headers: list[tuple[str, str]]) -> Iterator[bytes]:
    more = [("Content-Type", "application/json"), ("Transfer-Encoding", "chunked")]
    yield head("POST /__admin/expectations HTTP/1.1", [*headers, *more])
    for _ in range(given["chunks"]):
        yield f"{given['chunk_bytes']:x}\r\n".encode() + b" " * given["chunk_bytes"] + b"\r\n"
    yield b"0\r\n\r\n"


def _own(given: dict[str, Any], port: int, size: int) -> Iterator[tuple[str, str]]:
    yield "Host", f"127.0.0.1:{port}"
    if "ws" in given:
        yield from (("Upgrade", "websocket"), ("Connection", "Upgrade"), ("Sec-WebSocket-Key", KEY))
        yield "Sec-WebSocket-Version", "13"
        return
    yield "Connection", "close"
    if size:
        yield from (("Content-Type", "application/json"), ("Content-Length", str(size)))


def _body(given: dict[str, Any]) -> bytes:
    if "body_repeat" in given:
        return repeated({**given["body_repeat"]}).encode()
    if "body_hex" in given:
        return bytes.fromhex(given["body_hex"])
    if "body_base64" in given:
        return base64.b64decode(given["body_base64"])
    body = given.get("body", "")
    return body.encode("utf-8", "surrogatepass") if isinstance(body, str) else json.dumps(body).encode()


def _say_a_secret(given: dict[str, Any], served: Served, seen: Seen) -> None:
    _, _, header = given["after"].partition("handshake with ")
    name, _, value = header.partition(": ")
    mark = newest(served)
    with opened(served.port, headers=((name, value),)) as wire:
        assert wire.is_open()
        shown = asked(served.port, "GET", "/__admin/connections").body
        assert b"s3cr3t" not in shown, shown
        seen.facts["connections"] = shown.decode()
        assert newest(served) > mark


def _while_others_speak(given: dict[str, Any], served: Served) -> Seen:
    """Reset while many clients speak: what they said before is forgotten, what they say later is there."""
    seen, stop = Seen(), threading.Event()
    wires = [opened(served.port) for _ in range(SPEAKERS)]

    def speak() -> None:
        while not stop.is_set():
            for each in wires:
                each.say(frame(TEXT, b"1"))
            for each in wires:
                each.message()

    speaking = threading.Thread(target=speak, daemon=True)
    speaking.start()
    mark = newest(served)
    until(lambda: newest(served) > mark + 200, what="much talk")
    seen = ask({**given, "body": {}}, served)
    after = newest(served)
    page = asked(served.port, "GET", "/__admin/journal?limit=1000").json()
    first = page["entries"][0]["seq"] if page["entries"] else after + 1
    stop.set()
    speaking.join()
    for each in wires:
        each.socket.close()
    seen.facts["journal_after"] = "only later entries" if mark + 200 < first <= after + 1 else (mark, first, after)
    return seen


def _full_disk(stage: Stage) -> Seen:
    """Save on a disk that has no room: a file may not grow as long as it would."""
    seen = Seen()
    good = json.dumps({"version": 1, "expectations": [{**ECHO, "id": "saved"}]})
    folder = stage.laid_out(World(flags=World().flags))
    (folder / "stubs" / "saved.yaml").write_text(good)
    served = stage.run(folder, World().arguments(), file_size=SMALL).ready()
    big = {**ECHO, "id": "big", "actions": [{"reply": {"text": "x" * (SMALL * 2)}}]}
    assert asked(served.port, "POST", "/__admin/expectations", big).status == 201
    seen.answer = asked(served.port, "POST", "/__admin/expectations/save", {})
    intact = (folder / "stubs" / "saved.yaml").read_text() == good
    seen.facts["old_file"] = "intact" if intact else "broken"
    assert served.ended() is None
    served.kill()
    return seen
