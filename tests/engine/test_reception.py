"""Which message a frame is, and what is wrong with one that is none."""

import json
from typing import Any

import pytest
from engines import ORDERS, closed, connect, engine_of, incoming, reason, say, say_text
from hypothesis import given
from hypothesis import strategies as st

from mockws.codec import Kind
from mockws.contract import Action, Channel, Message, Operation
from mockws.engine.engine import Engine
from mockws.engine.plan import Plan, Via
from mockws.engine.reception import Candidate, Index, Reception, _index
from mockws.schema.schema import Schema
from mockws.schema.shape import shape_of

MIXED = """
defaultContentType: application/json
channels:
  mixed:
    address: /mixed
    messages:
      Tick: {payload: {type: object, required: [kind, n], properties: {kind: {const: tick}, n: {type: integer}}}}
      Caption: {contentType: text/plain, payload: {type: string}}
      Picture: {contentType: application/octet-stream, payload: {type: string, format: binary}}
  jsonOnly:
    address: /json-only
    messages:
      Tick: {payload: {type: object, required: [kind, n], properties: {kind: {const: tick}, n: {type: integer}}}}
  pictures:
    address: /pictures
    messages: {Picture: {contentType: image/png, payload: {type: string, format: binary}}}
  short:
    address: /short
    messages: {Word: {contentType: text/plain, payload: {type: string, maxLength: 3}}}
  told:
    address: /told
    messages: {News: {payload: {type: object, required: [news], properties: {news: {type: string}}}}}
operations:
  takeMixed: {action: receive, channel: {$ref: '#/channels/mixed'}}
  takeJson: {action: receive, channel: {$ref: '#/channels/jsonOnly'}}
  takePictures: {action: receive, channel: {$ref: '#/channels/pictures'}}
  takeShort: {action: receive, channel: {$ref: '#/channels/short'}}
  tell: {action: send, channel: {$ref: '#/channels/told'}}
"""
LOOSE = """
channels:
  any: {address: /any, messages: {Any: {payload: true}}}
  word: {address: /word, messages: {Word: {payload: {type: string}}}}
operations:
  takeAny: {action: receive, channel: {$ref: '#/channels/any'}}
  takeWord: {action: receive, channel: {$ref: '#/channels/word'}}
"""
TICK = '{"kind":"tick","n":1}'


def at(path: str, document: str = MIXED) -> Engine:
    engine = engine_of(document)
    connect(engine, "a", path)
    return engine


@pytest.mark.parametrize(
    ("frame", "name"),
    [
        ("plain words", "Caption"),
        ("", "Caption"),
        ('{"kind":"tick"', "Caption"),
        (TICK, "Tick"),
        ('{"kind":"tock"}', "Caption"),
        ("12", "Caption"),
        (b"\x00\xff\x10", "Picture"),
        (TICK.encode(), "Picture"),
    ],
)
def test_kind_of_frame_and_its_content_tell_the_message(frame: str | bytes, name: str) -> None:
    engine = at("/mixed")
    outcome = say(engine, "a", frame) if isinstance(frame, bytes) else say_text(engine, "a", frame)

    assert incoming(outcome).message == name


@pytest.mark.parametrize(
    ("path", "frame", "code", "told"),
    [
        ("/json-only", b"{}", 1003, "a binary frame, where text is promised (Tick)"),
        ("/json-only", "nope", 1007, "not JSON: "),
        ("/json-only", "", 1007, "not JSON: the message is empty"),
        ("/json-only", '{"n":1}', 1008, "Tick: /kind: is required"),
        ("/json-only", "NaN", 1007, "not JSON: "),
        ("/pictures", "text", 1003, "a text frame, where binary is promised (Picture)"),
        ("/short", "long word", 1008, "Word: "),
        ("/told", '{"news":"none"}', 1008, "wrong direction: News is only sent here"),
        ("/told", "no JSON", 1008, "no message is received here"),
        ("/told", b"\x00", 1008, "no message is received here"),
        ("/told", TICK, 1008, "Tick belongs on /mixed"),
    ],
)
def test_frame_that_fits_nothing_closes_with_its_code(path: str, frame: str | bytes, code: int, told: str) -> None:
    engine = at(path)
    outcome = say(engine, "a", frame) if isinstance(frame, bytes) else say_text(engine, "a", frame)

    assert closed(outcome) == [("a", code)]
    assert reason(outcome).startswith(told)
    assert incoming(outcome).outcome == "invalid"


@pytest.mark.parametrize("frame", ["words", '{"a":1}', "", b"\x00"])
def test_message_without_content_type_and_schema_is_anything(frame: str | bytes) -> None:
    engine = at("/any", LOOSE)
    outcome = say(engine, "a", frame) if isinstance(frame, bytes) else say_text(engine, "a", frame)

    assert incoming(outcome).message == "Any"


@pytest.mark.parametrize(("frame", "code"), [("words", None), ('"words"', None), ("12", 1008), (b"words", 1003)])
def test_message_without_content_type_is_json_if_it_parses(frame: str | bytes, code: int | None) -> None:
    engine = at("/word", LOOSE)
    outcome = say(engine, "a", frame) if isinstance(frame, bytes) else say_text(engine, "a", frame)

    assert [found for _, found in closed(outcome)] == ([code] if code else [])


def test_reason_is_cut_to_what_a_close_frame_holds_at_a_characters_edge() -> None:
    engine = at("/new", ORDERS)
    outcome = say(engine, "a", {"id": "é" * 500})

    told = reason(outcome).encode()
    assert 120 <= len(told) <= 123
    assert told.decode().startswith("Order: /id: ")


def test_most_specific_message_wins_and_the_others_are_named() -> None:
    engine = at("/c", SPECIFIC)
    entry = incoming(say(engine, "a", {"a": 1, "b": 2}))

    assert entry.message == "two"
    assert "fits one, other too" in entry.note


def test_among_equally_specific_messages_the_first_declared_wins() -> None:
    entry = incoming(say(at("/c", SPECIFIC), "a", {"a": 1}))

    assert entry.message == "one"


SPECIFIC = """
channels:
  c:
    address: /c
    messages:
      one: {payload: {type: object, required: [a]}}
      two: {payload: {type: object, required: [a, b]}}
      other: {payload: {type: object, required: [a]}}
operations:
  in: {action: receive, channel: {$ref: '#/channels/c'}}
"""


def test_discriminator_tells_which_message_was_meant() -> None:
    engine = at("/c", MEANT)
    entry = incoming(say(engine, "a", {"type": "b"}))

    assert entry.message == "b"
    assert [violation.pointer for violation in entry.violations] == ["/x", "/y", "/z"]


MEANT = """
channels:
  c:
    address: /c
    messages:
      a: {payload: {type: object, required: [type], properties: {type: {const: a}}}}
      b: {payload: {type: object, required: [type, x, y, z], properties: {type: {const: b}}}}
operations:
  in: {action: receive, channel: {$ref: '#/channels/c'}}
"""

VALUES: list[Any] = ["a", "b", "", 0, 1, True, False, 1.0, 2, None, [], {}]
properties = st.dictionaries(
    st.sampled_from(["type", "op", "n"]),
    st.one_of(
        st.sampled_from(["a", "b", 0, 1, True]).map(lambda each: {"const": each}),
        st.lists(st.sampled_from(["a", "b", 0, 1, False]), min_size=1, max_size=3).map(lambda each: {"enum": each}),
        st.just({"type": "string"}),
    ),
)
schemas = st.lists(
    st.builds(
        lambda known, needed: {"properties": known, "required": needed},
        properties,
        st.lists(st.sampled_from(["type", "op"]), max_size=2, unique=True),
    ),
    min_size=1,
    max_size=5,
)
CHANNEL = Channel("c", "/c")


@given(schemas, st.dictionaries(st.sampled_from(["type", "op", "n"]), st.sampled_from(VALUES)))
def test_index_is_only_a_filter(documents: list[dict[str, Any]], value: dict[str, Any]) -> None:
    candidates = tuple(_candidate(f"m{index}", document) for index, document in enumerate(documents))
    indexed = _reception(candidates, _index(candidates)).read(json.dumps(value))
    brute = _reception(candidates, None).read(json.dumps(value))

    assert indexed == brute


def _reception(candidates: tuple[Candidate, ...], index: Index | None) -> Reception:
    return Reception(candidates, candidates, (), (), elsewhere=lambda _: "", index=index)


def _candidate(name: str, document: dict[str, Any]) -> Candidate:
    payload = Schema(document)
    shape = shape_of(payload)
    message = Message(name, payload, Kind.JSON, tells=shape.tells, required=shape.required, properties=shape.properties)
    return Candidate(message, Operation("in", Action.RECEIVE, CHANNEL, (message,)), CHANNEL, Plan(Via.NONE))
