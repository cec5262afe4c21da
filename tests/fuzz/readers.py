"""The readers of whatever comes from outside, each as a function that takes bytes.

None raises anything: what a reader says it raises is caught here, and all else is a defect. What is read is used as
the mock uses it, for what is read wrongly often breaks only then.
"""

import contextlib
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import msgspec
from websockets.extensions.permessage_deflate import PerMessageDeflate as Extension

from mockws.admin.views import Showing, entry_view
from mockws.asyncapi.load import load
from mockws.codec import Packed, Undecodable, decode_json, decode_text, encode_json
from mockws.contract import Contract, Route
from mockws.engine.context import Chance
from mockws.engine.engine import Engine
from mockws.engine.events import Commanded, Connected, Expect, Fire, Opening, Received, TimerFired
from mockws.engine.making import Making
from mockws.engine.survey import survey
from mockws.errors import BadExpectation, DocumentRefused, TemplateFailed, Unreadable
from mockws.expect.expectation import Compiled
from mockws.expect.model import StubFile
from mockws.expect.reading import problems, read_expectations
from mockws.expect.template import as_text, compile_condition, compile_value
from mockws.host.deflate import PerMessageDeflate
from mockws.host.framing import NO_STATUS, Broken, Reader, Scribe, closing, parting_of
from mockws.redaction import Redaction
from mockws.source.read import read

ROUTES = 3
LIMIT = 1 << 16  # bytes of a message on the wire
SAID = '{"type":"chat","user":"ada","text":"hi"}'
SHOWING = Showing(0.0, Redaction.of(["user", "/text"]))
SHOWN = {"json": {"a": [1, "two", None], "b": {"c": 1.5}}, "text": "x" * 200, "name": "m", "base64": ""}


def document(data: bytes) -> None:
    """A document loads, or is refused with a reason; what loads is served."""
    try:
        loaded = load("d.yaml" if data[:1] != b"{" else "d.json", lambda name: _only(name, data))
    except DocumentRefused as refused:
        assert refused.diagnostics
        return
    engine = Engine(loaded.contract)
    assert survey(engine) or not loaded.contract.routes
    _speak(engine, loaded.contract.routes[:ROUTES], SAID)


def _only(name: str, data: bytes) -> bytes:
    if name not in ("d.yaml", "d.json"):
        raise Unreadable("missing", "there is no such file", name)
    return data


def stub_file(data: bytes) -> None:
    """A stub file is read, or refused with a reason; what it says is put in force, and set off."""
    try:
        text = read(data, "s.yaml")
    except Unreadable:
        return
    if problems(text.value, StubFile):
        return
    found, wrong = read_expectations(text.value, "s", lambda name: name.encode())
    assert all(str(each) for each in wrong)
    engine = Engine(chat())
    for each in found:
        _expect(engine, each)
    _speak(engine, chat().routes, SAID)


def _expect(engine: Engine, compiled: Compiled) -> None:
    engine.step(Commanded(Expect(compiled), 0.0))
    name = compiled.model.trigger.name
    if isinstance(name, str):
        engine.step(Commanded(Fire(name, {"a": 1}), 0.0))


def message(data: bytes) -> None:
    """Whatever a client says is one of the document's messages or is none, and stands in the journal."""
    text = data.decode("utf-8", "replace")
    value = decode_text(text)
    if not isinstance(value, Undecodable):
        assert decode_json(encode_json(value)) == value
    for engine in (Engine(chat()), Engine(packed())):
        _speak(engine, engine.contract.routes[:ROUTES], text, data)
        for recorded in engine.journal.since(0):
            msgspec.json.encode(entry_view(recorded, SHOWING))


def template(data: bytes) -> None:
    """A template is compiled or refused, and rendered or fails; a condition likewise."""
    text = data.decode("utf-8", "replace")
    functions = Chance("fuzz").functions(Making())
    context: Mapping[str, Any] = {
        "message": SHOWN,
        "connection": {"id": "c1", "values": {}},
        "state": {},
        "now": "2020-01-01T00:00:00Z",
        "counter": 1,
        **functions,
    }
    for compiled in (compile_value, compile_condition):
        try:
            render = compiled(text, "/text")
        except BadExpectation as problem:
            assert problem.pointer == "/text"
            continue
        if render is not None:
            with contextlib.suppress(TemplateFailed):
                as_text(render(context))


def wire(data: bytes) -> None:
    """Bytes of a client say the same however they are cut, and are bounded; what breaks the protocol has a code."""
    size, packs = data[:1] or b"\0", data[1:2] > b"\x7f"
    whole = heard(data[2:], len(data) + 1, packs=packs)
    assert heard(data[2:], size[0] % 16 + 1, packs=packs) == whole


def heard(data: bytes, size: int, *, packs: bool) -> list[Any]:
    """Feed bytes in pieces of a size; give what was heard, and the code that it ended with."""
    said: list[Any] = []
    scribe = Scribe()
    extension = Extension(False, False, 15, 15) if packs else None
    reader = Reader(
        lambda frame: said.append((frame, scribe(frame))),
        lambda opcode, payload: said.append((opcode, payload, parted(payload) if opcode == 8 else None)),
        LIMIT,
        PerMessageDeflate(extension) if extension is not None else None,
    )
    try:
        for start in range(0, len(data), size):
            more = reader.feed(data[start : start + size])
            while more:
                more = reader.go_on()
    except Broken as broken:
        closing(broken.code, broken.reason)
        said.append(broken.code)
    assert all(len(each[0]) <= LIMIT for each in said if isinstance(each, tuple) and not isinstance(each[0], int))
    return said


def parted(payload: bytes) -> bytes:
    code, reason = parting_of(payload)
    assert code == NO_STATUS or 1000 <= code < 5000
    return closing(code, reason)


def _speak(engine: Engine, routes: tuple[Route, ...], *said: str | bytes) -> None:
    """Connect everywhere, say it, and let time pass."""
    for number, route in enumerate(routes):
        who = f"c{number}"
        outcomes = [engine.step(Connected(who, route, {}, Opening(route.sample_path()), 0.0))]
        outcomes += [engine.step(Received(who, frame, 1.0)) for frame in said]
        timers = [each.timer for one in outcomes for each in one.actions if hasattr(each, "timer")]
        for timer in timers[:20]:
            engine.step(TimerFired(timer, 2.0))
    for recorded in engine.journal.since(0):
        assert recorded.entry.frame is None or isinstance(recorded.entry.frame, str | bytes | Packed)


@cache
def chat() -> Contract:
    return load("specification/chat.yaml", _read_file).contract


@cache
def packed() -> Contract:
    from samples import PACKED

    return load("p.yaml", lambda _: PACKED.encode()).contract


def _read_file(name: str) -> bytes:
    from pathlib import Path

    return (Path(__file__).parents[2] / name).read_bytes()


READERS: Mapping[str, Callable[[bytes], None]] = {
    "documents-as-bytes": document,
    "stubs": stub_file,
    "messages": message,
    "templates": template,
    "wire": wire,
}
