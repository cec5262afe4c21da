"""What an answer says: which example, or which fake, and what is filled in."""

import json
from typing import Any

import pytest
from engines import ORDERS, connect, engine_of, heard, say
from hypothesis import given
from hypothesis import strategies as st

from mockws.codec import Kind
from mockws.contract import Example, Message
from mockws.engine.compose import Composer, Request
from mockws.engine.engine import Engine
from mockws.errors import CannotFake
from mockws.expression import Expression
from mockws.schema.schema import Schema
from mockws.schema.shape import shape_of


def message(name: str, schema: Any, *examples: tuple[str, Any], correlation: str = "") -> Message:
    payload = Schema(schema)
    shape = shape_of(payload)
    return Message(
        name,
        payload,
        examples=tuple(Example(label, value, payload.accepts(value)) for label, value in examples),
        correlation=Expression.parse(correlation),
        required=shape.required,
        properties=shape.properties,
    )


def orders(query: str = "", **settings: Any) -> Engine:
    engine = engine_of(ORDERS, **settings)
    connect(engine, "a", f"/new{query}")
    connect(engine, "b", "/done")
    return engine


def test_answer_is_the_example_of_the_name_of_the_one_that_the_request_equals() -> None:
    assert heard(say(orders(), "a", {"id": 10})) == [("b", {"id": 10, "state": "ten"})]


def test_answer_is_the_example_of_the_name_of_the_one_whose_fields_the_request_contains() -> None:
    assert heard(say(orders(), "a", {"id": 11, "note": "red", "more": 1})) == [("b", {"id": 11, "state": "noted"})]


def test_answer_is_else_the_first_example_with_the_identifier_carried_over() -> None:
    assert heard(say(orders(), "a", {"id": 12})) == [("b", {"id": 12, "state": "first"})]


def test_no_identifier_is_carried_where_nobody_wants_it() -> None:
    assert heard(say(orders(carry=False), "a", {"id": 12})) == [("b", {"id": 1, "state": "first"})]


def test_url_chooses_the_example_of_one_connection() -> None:
    assert heard(say(orders("?__example=noted"), "a", {"id": 10})) == [("b", {"id": 10, "state": "noted"})]


def test_url_that_names_no_example_chooses_nothing() -> None:
    assert heard(say(orders("?__example=none"), "a", {"id": 10})) == [("b", {"id": 10, "state": "ten"})]


@pytest.mark.parametrize(("query", "dynamic"), [("?__dynamic=true", False), ("", True), ("?__dynamic", False)])
def test_fakes_are_preferred_where_somebody_wants_it(query: str, dynamic: bool) -> None:
    [(_, value)] = heard(say(orders(query, dynamic=dynamic), "a", {"id": 10}))

    assert value["id"] == 10
    assert value["state"] not in ("first", "ten", "noted")


def test_url_wants_examples_where_all_others_get_fakes() -> None:
    assert heard(say(orders("?__dynamic=false", dynamic=True), "a", {"id": 10})) == [("b", {"id": 10, "state": "ten"})]


def test_example_is_looked_for_in_all_possible_replies() -> None:
    request = message("ask", True, ("bad", {"n": 0}))
    replies = [
        message("good", True, ("good", {"ok": 1}), ("best", {"ok": 2})),
        message("failed", True, ("worse", {"ok": 3}), ("bad", {"ok": 0})),
    ]

    said = Composer(0).answer(replies, Request(request, {"n": 0}), connection())

    assert (said.message.name, said.value, said.source) == ("failed", {"ok": 0}, "example bad")


def test_equal_example_is_preferred_to_one_that_is_only_contained() -> None:
    request = message("ask", True, ("any", {}), ("one", {"n": 1}))
    reply = message("reply", True, ("any", {"was": "any"}), ("one", {"was": "one"}))

    said = Composer(0).answer([reply], Request(request, {"n": 1}), connection())

    assert said.value == {"was": "one"}


def test_true_is_not_one() -> None:
    request = message("ask", True, ("one", {"n": 1}))
    reply = message("reply", True, ("first", "first"), ("one", "one"))

    assert Composer(0).answer([reply], Request(request, {"n": True}), connection()).value == "first"


def test_broken_example_is_never_said_but_its_valid_leaves_are() -> None:
    schema = {
        "type": "object",
        "required": ["city", "t"],
        "properties": {"city": {"type": "string"}, "t": {"type": "number"}},
    }
    broken = message("weather", schema, ("broken", {"city": "Ulm", "t": "warm"}))

    said = Composer(0).say(broken, None)

    assert said.value["city"] == "Ulm"
    assert isinstance(said.value["t"], int | float)


NEVER = {"type": "string", "pattern": "^(?=a)(?=b)x$"}


def test_what_cannot_be_made_up_is_not_said() -> None:
    with pytest.raises(CannotFake):
        Composer(0).say(message("never", NEVER), None)


def test_where_nothing_can_be_made_up_an_example_is_said() -> None:
    opaque = Message("opaque", Schema(NEVER), examples=(Example("taken on trust", "x"),))

    assert Composer(0, dynamic=True).say(opaque, None).source == "example taken on trust"


def test_url_chooses_the_example_of_what_is_said_unasked_too() -> None:
    news = message("news", True, ("one", 1), ("two", 2))

    assert Composer(0).say(news, connection("/new?__example=two")).value == 2


def test_fake_of_a_binary_message_is_bytes() -> None:
    picture = Message("picture", Schema({"type": "string"}), Kind.BINARY)

    assert isinstance(Composer(0).fake(picture, None).value, bytes)


def test_same_seed_says_the_same_and_another_seed_something_else() -> None:
    text = message("text", {"type": "string", "minLength": 20})

    first, second, other = (Composer(seed).fake(text, None).value for seed in (1, 1, 2))

    assert first == second != other


def test_each_turn_of_a_connection_says_something_else() -> None:
    text, one = message("text", {"type": "string", "minLength": 20}), connection()

    assert Composer(1).fake(text, one).value != Composer(1).fake(text, one).value


def connection(path: str = "/new", **headers: str) -> Any:
    engine = engine_of(ORDERS)
    connect(engine, "a", path, headers)
    return engine.world.connections["a"]


def test_correlation_id_is_copied_from_payload_to_payload() -> None:
    request = message("ask", True, correlation="$message.payload#/meta/key")
    reply = message("reply", True, ("e", {"key": 0}), correlation="$message.payload#/key")

    said = Composer(0, carry=False).answer([reply], Request(request, {"meta": {"key": 7}}), connection())

    assert said.value == {"key": 7}


def test_correlation_id_of_a_header_is_the_handshakes_else_its_query() -> None:
    request = message("ask", True, correlation="$message.header#/Key")
    reply = message("reply", True, ("e", {}), correlation="$message.payload#/key")

    values = [
        Composer(0).answer([reply], Request(request, {"headers": {"Key": 1}}), connection("/new?key=3", key="2")).value,
        Composer(0).answer([reply], Request(request, {}), connection("/new?Key=3", key="2")).value,
        Composer(0).answer([reply], Request(request, {}), connection("/new?KEY=3")).value,
        Composer(0).answer([reply], Request(request, {}), connection()).value,
    ]

    assert values == [{"key": 1}, {"key": "2"}, {"key": "3"}, {}]


def test_correlation_id_that_does_not_fit_is_not_copied() -> None:
    request = message("ask", True, correlation="$message.payload#/key")
    reply = message(
        "reply", {"properties": {"key": {"type": "integer"}}}, ("e", {"key": 0}), correlation="$message.payload#/key"
    )

    assert Composer(0).answer([reply], Request(request, {"key": "x"}), connection()).value == {"key": 0}


SHARED: dict[str, Any] = {"id": {}, "userId": {}, "order_id": {}, "reqid": {}, "name": {}}


def test_identifiers_are_carried_and_nothing_else() -> None:
    reply = message("reply", {"properties": SHARED}, ("e", dict.fromkeys(SHARED, 0)))
    request = Request(message("ask", {"properties": SHARED}), dict.fromkeys(SHARED, 1))

    said = Composer(0).answer([reply], request, connection())

    assert said.value == {"id": 1, "userId": 1, "order_id": 1, "reqid": 1, "name": 0}


def test_identifier_that_does_not_fit_is_left_out_and_the_others_are_carried() -> None:
    strict = {"id": {"type": "integer"}, "userId": {"type": "string"}}
    reply = message("reply", {"properties": strict}, ("e", {"id": 0, "userId": "u"}))
    request = Request(message("ask", {"properties": {"id": {}, "userId": {}}}), {"id": "ten", "userId": "ada"})

    assert Composer(0).answer([reply], request, connection()).value == {"id": 0, "userId": "ada"}


def test_parameters_are_filled_in_by_name_and_by_location_and_numbers_as_numbers() -> None:
    engine = engine_of("""
channels:
  c:
    address: /users/{userId}/{shard}/{kind}
    parameters: {userId: {}, shard: {}, kind: {location: $message.payload#/about/kind}}
    messages:
      ask: {payload: {type: object, required: [ask]}}
      told:
        payload: {type: object, properties: {userId: {type: string}, shard: {type: integer}, about: {type: object}}}
        examples: [{payload: {userId: eve, shard: 0, about: {kind: none}}}]
operations:
  in:
    action: receive
    channel: {$ref: '#/channels/c'}
    messages: [{$ref: '#/channels/c/messages/ask'}]
    reply: {messages: [{$ref: '#/channels/c/messages/told'}]}
""")
    connect(engine, "a", "/users/7/42/login")

    assert heard(say(engine, "a", {"ask": 1})) == [("a", {"userId": "7", "shard": 42, "about": {"kind": "login"}})]


def test_example_is_never_changed_by_what_is_filled_in() -> None:
    engine = orders()
    first = heard(say(engine, "a", {"id": 99}))

    assert first == [("b", {"id": 99, "state": "first"})]
    assert heard(say(engine, "a", {"id": 1})) == [("b", {"id": 1, "state": "first"})]


identifiers = st.dictionaries(
    st.sampled_from(["id", "userId", "key"]), st.one_of(st.integers(), st.text(max_size=3), st.none())
)


@given(
    identifiers,
    st.dictionaries(st.sampled_from(["id", "userId", "key"]), st.sampled_from(["string", "integer", "null"])),
)
def test_whatever_is_carried_the_answer_fits(value: dict[str, Any], types: dict[str, str]) -> None:
    schema = {
        "type": "object",
        "properties": {name: {"type": kind} for name, kind in types.items()},
        "maxProperties": 2,
    }
    reply = message("reply", schema, ("e", {}), correlation="$message.payload#/key")
    request = Request(
        message("ask", {"properties": {"id": {}, "userId": {}}}, correlation="$message.payload#/id"), value
    )

    said = Composer(0).filled(Composer(0).say(reply, None), request, CONNECTION)

    assert reply.payload.accepts(json.loads(Composer(0).frame(said)))


CONNECTION = connection()


def test_example_whose_name_no_reply_has_chooses_nothing() -> None:
    request = message("ask", True, ("unheard of", {"n": 1}))
    reply = message("reply", True, ("first", "first"))

    assert Composer(0).answer([reply], Request(request, {"n": 1}), connection()).value == "first"
