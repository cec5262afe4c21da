"""The short way of a message says what the long way says, word for word."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from mockws.asyncapi.load import load
from mockws.contract import Contract
from mockws.engine.actions import Outcome
from mockws.engine.engine import Engine
from mockws.engine.events import Connected, Opening, Received, StubsReplaced
from mockws.expect.reading import read_expectation
from mockws.settings import Settings

ASKED = {"type": "object", "required": ["text"], "properties": {"text": {}, "id": {}, "userId": {}, "room": {}}}
SAID = {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}, "userId": {"type": "integer"}}}
EXAMPLES = [{"name": "first", "payload": {"id": "1", "userId": 2}}, {"name": "other", "payload": {"id": "9"}}]


def contract(address: str = "/talk", **more: Any) -> Contract:
    messages = {"Ask": {"payload": ASKED, **more}, "Say": {"payload": SAID, "examples": EXAMPLES}}
    channel = {"address": address, "messages": messages, **({"parameters": {"id": {}}} if "{" in address else {})}
    place = {"$ref": "#/channels/talk"}
    reply = {"channel": place, "messages": [{"$ref": "#/channels/talk/messages/Say"}]}
    asks = [{"$ref": "#/channels/talk/messages/Ask"}]
    operation = {"action": "receive", "channel": place, "messages": asks, "reply": reply}
    document = {"asyncapi": "3.0.0", "info": {"title": "t", "version": "1"}, "channels": {"talk": channel}}
    return load("t.json", lambda _: json.dumps({**document, "operations": {"ask": operation}}).encode()).contract


PLAIN = contract()


def lanes(engine: Engine) -> dict[Any, Any]:
    return engine._answerer._lanes


def answered(engine: Engine, frames: list[str], path: str = "/talk", query: Any = ()) -> list[Outcome]:
    """Connect, and say something; give what each message led to."""
    found = engine.contract.book.find(path)
    assert found is not None
    engine.step(Connected("a", *found, Opening(path, query)))
    return [engine.step(Received("a", frame, float(turn))) for turn, frame in enumerate(frames)]


VALUES = st.one_of(st.none(), st.text(max_size=5), st.integers(-5, 5), st.floats(allow_nan=False, allow_infinity=False))
MESSAGES = st.fixed_dictionaries({"text": VALUES}, optional={"id": VALUES, "userId": VALUES, "room": VALUES})


@given(st.lists(st.one_of(MESSAGES, VALUES).map(json.dumps), max_size=4), st.booleans())
def test_both_ways_lead_to_the_same(frames: list[str], carry: bool) -> None:
    short, long = (Engine(PLAIN, Settings(carry=carry, on_invalid="ignore")) for _ in range(2))
    assert lanes(short)
    lanes(long).clear()

    assert answered(short, frames) == answered(long, frames)
    assert list(short.journal.since(0)) == list(long.journal.since(0))


def test_who_wishes_for_an_example_gets_it() -> None:
    frame = json.dumps({"text": "a"})
    wished = answered(Engine(PLAIN), [frame], query=(("__example", "other"),))

    assert wished[0].entries[1].frame == '{"id":"9"}'


def test_who_wants_fakes_gets_them() -> None:
    frame = json.dumps({"text": "a"})
    faked = answered(Engine(PLAIN), [frame], query=(("__dynamic", "true"),))

    assert faked[0].entries[1].example is None


def test_fields_with_the_name_of_a_parameter_are_filled_in() -> None:
    engine = Engine(contract("/talk/{id}"))

    assert answered(engine, [json.dumps({"text": "a"})], "/talk/7")[0].entries[1].frame == '{"id":"7","userId":2}'


def test_what_is_expected_goes_before_it() -> None:
    engine = Engine(PLAIN)
    expected = {"trigger": {"message": {"name": "Ask"}}, "actions": [{"reply": {"text": '{"id":"expected"}'}}]}
    engine.step(StubsReplaced((read_expectation(expected, "it"),)))

    assert answered(engine, [json.dumps({"text": "a"})])[0].entries[1].frame == '{"id":"expected"}'


def test_messages_with_examples_go_the_long_way() -> None:
    assert not lanes(Engine(contract(examples=[{"name": "other", "payload": {"text": "hi"}}])))


def test_where_fakes_are_preferred_there_is_no_short_way() -> None:
    assert not lanes(Engine(PLAIN, Settings(dynamic=True)))
