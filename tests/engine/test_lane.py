"""The short way of a message says what the long way says, word for word."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockws.asyncapi.load import load
from mockws.contract import Contract
from mockws.engine.actions import Decision, Outcome
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


def written_out(outcomes: list[Outcome]) -> list[Decision]:
    return [Decision(each.event, each.actions, each.entries, each.answer) for each in outcomes]


VALUES = st.one_of(st.none(), st.text(max_size=5), st.integers(-5, 5), st.floats(allow_nan=False, allow_infinity=False))
MESSAGES = st.fixed_dictionaries({"text": VALUES}, optional={"id": VALUES, "userId": VALUES, "room": VALUES})


@given(st.lists(st.one_of(MESSAGES, VALUES).map(json.dumps), max_size=4), st.booleans())
def test_both_ways_lead_to_the_same(frames: list[str], carry: bool) -> None:
    short, long = (Engine(PLAIN, Settings(carry=carry, on_invalid="ignore")) for _ in range(2))
    assert lanes(short)
    lanes(long).clear()

    assert written_out(answered(short, frames)) == written_out(answered(long, frames))
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


def reply(said: dict[str, Any], asked: dict[str, Any], example: dict[str, Any]) -> Contract:
    messages = {"Ask": {"payload": asked}, "Say": {"payload": said, "examples": [{"payload": example}]}}
    place, names = {"$ref": "#/channels/talk"}, ("Ask", "Say")
    asks, says = ([{"$ref": f"#/channels/talk/messages/{each}"}] for each in names)
    operation = {"action": "receive", "channel": place, "messages": asks, "reply": {"channel": place, "messages": says}}
    document = {
        "asyncapi": "3.0.0",
        "info": {"title": "t", "version": "1"},
        "channels": {"talk": {"address": "/talk", "messages": messages}},
        "operations": {"ask": operation},
    }
    return load("t.json", lambda _: json.dumps(document).encode()).contract


def forms(engine: Engine) -> list[bool]:
    return [lane._form is not None for lane in lanes(engine).values()]


IDENTIFIED = {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}, "orderId": {}}}


def test_texts_are_put_into_what_is_written_already() -> None:
    said = {"type": "object", "properties": {"id": {"type": "string"}, "orderId": {"title": "Order"}, "n": {}}}
    engine = Engine(reply(said, IDENTIFIED, {"n": [1], "id": "", "note": {}}))

    told = answered(engine, [json.dumps({"orderId": 'a"\u00e9', "id": "7"}), json.dumps({"id": "8"})])

    assert forms(engine) == [True]
    assert told[0].entries[1].frame == '{"n":[1],"id":"7","note":{},"orderId":"a\\"\u00e9"}'
    assert told[1].entries[1].frame == '{"n":[1],"id":"8","note":{}}'


@pytest.mark.parametrize(
    "said",
    [
        {"type": "object", "properties": {"id": {"enum": ["1", "2"]}}},
        {"type": "object", "properties": {"id": {"type": "string", "maxLength": 3}}},
        {"type": "object", "properties": {"id": {"type": "string"}}, "propertyNames": {"maxLength": 9}},
        {"type": "object", "properties": {"id": {"type": "string"}}, "not": {"properties": {"id": {"const": "x"}}}},
    ],
)
def test_where_a_text_may_not_fit_the_whole_is_looked_at(said: dict[str, Any]) -> None:
    engine = Engine(reply(said, IDENTIFIED, {"id": "1"}))

    told = answered(engine, [json.dumps({"id": each}) for each in ("2", "x", "a long one")])

    accepts = engine.contract.outgoing(engine.contract.channels[0])[-1].payload.accepts
    assert forms(engine) == [False]
    assert all(accepts(json.loads(str(each.entries[1].frame))) for each in told)


def test_what_request_and_reply_demand_alike_is_not_looked_at_twice() -> None:
    properties = {"id": {"type": "string", "pattern": "^o-[0-9]+$"}}
    alike = {"type": "object", "required": ["id"], "properties": properties}

    assert forms(Engine(reply(alike, alike, {"id": "o-1"}))) == [True]
    assert forms(Engine(reply({**alike, "maxProperties": 3}, alike, {"id": "o-1"}))) == [False]
    assert forms(Engine(reply(alike, {"allOf": [alike]}, {"id": "o-1"}))) == [False]
