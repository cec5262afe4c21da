"""What damaged input is thrown at: one function for each reader, and the table of them all.

A target draws one input, hands it to its reader, and lets nothing pass but what the reader says it raises.
"""

import contextlib
import json
import sys
import time
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from damage import ODDITIES, Draw, damaged, damaged_bytes
from hypothesis import HealthCheck, given, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st
from mangle import SEEDS, throwing
from samples import OVERLAY, PACKED, SCHEMAS, documents, trees

from mockws.asyncapi.bundle import bundled
from mockws.asyncapi.load import Loaded, Options, load
from mockws.codec import Undecodable
from mockws.contract import Message, Route
from mockws.engine.engine import Engine
from mockws.engine.events import Connected, Opening, Received
from mockws.engine.survey import survey
from mockws.errors import BrokenSchema, CannotEncode, CannotFake, DocumentRefused, OverlayRefused, Unreadable
from mockws.schema.schema import Draft, Schema
from mockws.source.read import read
from mockws.source.write import document_text

Target = Callable[[Draw], None]
SECONDS = 2.0  # for one input, of the processor's time
MEMORY = 128 << 20  # bytes that one input may add to the most there ever were
MOST = 3  # messages and routes of one document that are tried


def damaged_document(draw: Draw) -> None:
    """A document in one file loads, or is refused with a reason; what loads is served."""
    value = damaged(draw.draw(st.sampled_from(_documents())), draw)
    used(loaded({"d.json": value}, draw), draw)


def damaged_files(draw: Draw) -> None:
    """So does one in several files."""
    files = dict(_trees())
    name = draw.draw(st.sampled_from(sorted(files)))
    used(loaded({**files, name: damaged(files[name], draw)}, draw), draw)


def damaged_overlay(draw: Draw) -> None:
    """An overlay changes a document, or is refused with a reason."""
    document = draw.draw(st.sampled_from(_documents()))
    overlay = damaged(read(OVERLAY.encode(), "o.yaml").value, draw)
    used(loaded({"d.json": document, "o.json": overlay}, draw, overlays=("o.json",)), draw)


def damaged_schema(draw: Draw) -> None:
    """A schema compiles, or is broken; what compiles judges, tells, makes and spoils values."""
    document = damaged(draw.draw(st.sampled_from(SCHEMAS)), draw)
    draft = draw.draw(st.sampled_from([Draft.of(document, Draft.D7), *Draft]))
    try:
        schema = Schema(document, draft=draft)
    except BrokenSchema:
        return
    values = [*draw.draw(st.lists(st.sampled_from(ODDITIES), max_size=2)), *faked(schema)]
    for value in values:
        assert schema.accepts(value) is not bool(schema.violations(value))
    spoiled = schema.spoil(1)
    assert spoiled is None or not schema.accepts(spoiled.value)
    assert not (schema.is_contradiction and values and schema.accepts(values[-1]))


def damaged_frame(draw: Draw) -> None:
    """A frame is read, or is undecodable; a value is written, or cannot be."""
    message = draw.draw(st.sampled_from(_packed()))
    frame = message.encode(message.payload.fake(draw.draw(st.integers(0, 9))))
    damage = damaged_bytes(frame.encode() if isinstance(frame, str) else frame, draw)
    value = message.decode(damage)
    if not isinstance(value, Undecodable) and not message.payload.violations(value):
        with contextlib.suppress(CannotEncode):  # such as a union's branch that JSON's words do not tell
            message.encode(value)
    with contextlib.suppress(CannotEncode):
        message.encode(draw.draw(st.sampled_from(ODDITIES)))


TARGETS: Mapping[str, Target] = {
    "documents": damaged_document,
    "files": damaged_files,
    "overlays": damaged_overlay,
    "schemas": damaged_schema,
    "frames": damaged_frame,
    **{name: throwing(name) for name in SEEDS},
}


@cache
def _documents() -> tuple[Any, ...]:
    return tuple(documents())


@cache
def _trees() -> dict[str, Any]:
    return trees()


@cache
def _packed() -> tuple[Message, ...]:
    loaded = load("p.yaml", lambda _: PACKED.encode())
    return loaded.contract.channels[0].messages


def loaded(files: Mapping[str, Any], draw: Draw, overlays: tuple[str, ...] = ()) -> Loaded | None:
    """Load what is in these files; none where it is refused, which always has a reason."""
    options = Options(thorough=draw.draw(st.booleans()), overlays=overlays)

    def file(name: str) -> bytes:
        if name not in files:
            raise Unreadable("missing", "there is no such file", name)
        return json.dumps(files[name]).encode()

    try:
        return load(next(iter(files)), file, options)
    except (DocumentRefused, OverlayRefused) as refused:
        assert refused.diagnostics
        return None


def used(document: Loaded | None, draw: Draw) -> None:
    """Do with a document what a mock does with it."""
    if document is None:
        return
    contract = document.contract
    engine = Engine(contract)
    assert survey(engine) or not contract.routes
    assert all(str(each) for each in document.diagnostics)
    document_text(bundled(document.document))
    for message in [message for channel in contract.channels for message in channel.messages][:MOST]:
        for value in (*faked(message.payload), draw.draw(st.sampled_from(ODDITIES))):
            assert message.payload.accepts(value) is not bool(message.payload.violations(value))
            with contextlib.suppress(CannotEncode):
                said(engine, contract.routes[:MOST], message.encode(value))


def said(engine: Engine, routes: tuple[Route, ...], frame: str | bytes) -> None:
    """Say something on each route; what comes of it is up to the engine, as long as something does."""
    for number, route in enumerate(routes):
        engine.step(Connected(f"c{number}", route, {}, Opening(route.sample_path())))
        engine.step(Received(f"c{number}", frame))


def faked(schema: Schema) -> list[Any]:
    """Make a value, if one can be made."""
    try:
        return [schema.fake("fuzz")]
    except CannotFake:
        return []


def _most_memory() -> int:
    """Give the most memory that this process ever had, in bytes; 0 where that is not told."""
    try:
        import resource
    except ImportError:  # there is none for Windows
        return 0
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << (0 if sys.platform == "darwin" else 10)


def throw(target: Target, *, times: int, seed: int | None = None) -> None:
    """Try a target so many times; without a seed always the same. Hypothesis makes what fails as small as it can."""

    @settings(
        max_examples=times,
        deadline=None,
        derandomize=seed is None,
        database=None,
        suppress_health_check=list(HealthCheck),
        print_blob=False,
    )
    @given(st.data())
    def attempt(draw: Draw) -> None:
        begun, held = time.process_time(), _most_memory()
        target(draw)
        assert time.process_time() - begun < SECONDS
        assert _most_memory() - held < MEMORY

    (attempt if seed is None else seeded(seed)(attempt))()
