"""Near misses: the nearest one is the one that a person would name."""

import json
from itertools import combinations
from typing import Any

import msgspec
import pytest
from engines import connect, engine_of, say
from hypothesis import given
from hypothesis import strategies as some

from mockws.engine.distance import PARTS, distance, part_of, reason
from mockws.engine.engine import Engine
from mockws.engine.search import Search, Wanted, check_message, look_through, place_of
from mockws.expect.expectation import compile_connection, compile_message
from mockws.expect.matchers import Difference, Subject
from mockws.expect.model import ConnectionMatching, MessageMatching

MESSAGES = """
    parameters: {room: {}}
    messages:
      JoinRoom:
        payload:
          type: object
          required: [type, user]
          properties: {type: {const: join}, user: {type: string}, room: {type: string}}
      LeaveRoom:
        payload:
          type: object
          required: [type, user]
          properties: {type: {const: leave}, user: {type: string}, room: {type: string}}
"""
CHAT = f"""
channels:
  chat:
    address: /chat/{{room}}{MESSAGES}
  lounge:
    address: /lounge/{{room}}{MESSAGES}
operations:
  hear: {{action: receive, channel: {{$ref: '#/channels/chat'}}}}
  listen: {{action: receive, channel: {{$ref: '#/channels/lounge'}}}}
"""
JOIN = {"type": "join", "user": "ada", "room": "red"}
WANTED = {
    "channel": "chat",
    "connection": {"pathParameters": {"room": {"equalTo": "lobby"}}},
    "message": {"name": "JoinRoom", "body": {"equalToJson": JOIN}},
}


def chat() -> Engine:
    return engine_of(CHAT, on_invalid="ignore")


def wanted(engine: Engine, asked: dict[str, Any]) -> Wanted:
    channel, operation = place_of(engine.contract, asked.get("channel"), asked.get("operation"))
    connection = compile_connection(msgspec.convert(asked.get("connection", {}), ConnectionMatching), "")
    message = compile_message(msgspec.convert(asked.get("message", {}), MessageMatching), "")
    found = Wanted(direction="in", channel=channel, operation=operation, connection=connection, message=message)
    check_message(engine.contract, found)
    return found


def told(*said: tuple[str, Any], asked: dict[str, Any] | None = None) -> list[tuple[float, str]]:
    """Say things at addresses; give each with its distance, nearest first."""
    engine = chat()
    numbers = {}
    for place, (address, value) in enumerate(said):
        connect(engine, f"c{place}", address)
        say(engine, f"c{place}", value)
        numbers[engine.journal.last] = f"{address} {json.dumps(value)}"
    search = Search(engine, wanted(engine, asked or WANTED))
    look_through(search)
    assert search.found == []
    return [(distance(each.differences), numbers[each.seq]) for each in search.near()]


IN_ORDER = [
    ("/chat/lobby", {**JOIN, "user": "adda"}),  # a typo
    ("/chat/lobby", {**JOIN, "user": "grace"}),  # another value
    ("/chat/lobby", {**JOIN, "user": "grace", "room": "blue"}),  # two of them
    ("/chat/attic", JOIN),  # another room
    ("/lounge/lobby", JOIN),  # another channel
    ("/chat/lobby", {**JOIN, "type": "leave"}),  # another message
    ("/lounge/attic", {**JOIN, "type": "leave"}),
]


@pytest.mark.parametrize(("nearer", "further"), list(combinations(IN_ORDER, 2)))
def test_nearer_is_what_a_person_would_name(nearer: Any, further: Any) -> None:
    (near, first), (far, second) = told(further, nearer)

    assert near < far
    assert [first, second] == [f"{address} {json.dumps(value)}" for address, value in (nearer, further)]


def test_an_invalid_message_that_was_meant_is_nearer_than_another_one() -> None:
    meant, other = ("/chat/lobby", {**JOIN, "user": 5}), ("/chat/lobby", {**JOIN, "type": "leave"})

    assert [told(other, meant)[0][1], told(meant, other)[0][1]] == [f"/chat/lobby {json.dumps(meant[1])}"] * 2


def test_a_body_that_is_something_else_altogether_is_further_than_several_fields() -> None:
    asked = {"message": {"valid": "any", "body": {"equalToJson": JOIN}}}

    nearest = told(("/chat/lobby", []), ("/chat/lobby", {"type": "leave", "user": "x", "room": "red"}), asked=asked)
    assert [text.partition(" ")[2][0] for _, text in nearest] == ["{", "["]


def test_at_most_five_are_told_the_newest_first_among_equals() -> None:
    engine = chat()
    connect(engine, "a", "/chat/lobby")
    for _ in range(8):
        say(engine, "a", {**JOIN, "user": "adda"})
    search = Search(engine, wanted(engine, WANTED))
    look_through(search)

    assert [each.seq for each in search.near()] == [9, 8, 7, 6, 5]


words = some.text("ab", max_size=3)
pointers = some.sampled_from([*PARTS, "/message/body/a", "/connection/headers/b", "/scenario/c", "/close/code"])
differences = some.builds(Difference, pointers, words, words)


@given(some.lists(differences, max_size=6))
def test_distance_is_nothing_exactly_where_nothing_differs(found: list[Difference]) -> None:
    assert (distance(found) == 0) is (found == [])


@given(some.lists(differences, min_size=1, max_size=6), some.data())
def test_distance_never_grows_when_a_difference_goes(found: list[Difference], data: Any) -> None:
    gone = data.draw(some.integers(0, len(found) - 1))

    assert distance(found[:gone] + found[gone + 1 :]) < distance(found)


@given(some.lists(differences, min_size=1, max_size=6))
def test_the_reason_is_what_weighs_most(found: list[Difference]) -> None:
    heaviest = max(part_of(each)[1] for each in found)
    of_that_kind = [each for each in found if part_of(each)[1] == heaviest]
    lesser = [each for each in found if part_of(each)[1] < heaviest]

    assert reason(found) in {part_of(each)[0] for each in of_that_kind}
    assert distance(lesser * 5) < distance(of_that_kind[:1])


values = some.dictionaries(some.sampled_from("abc"), some.integers(0, 2) | words, max_size=3)


@given(values, values, some.booleans())
def test_a_message_matches_exactly_where_its_distance_is_nothing(asked: Any, said: Any, loose: bool) -> None:
    engine = engine_of("channels: {any: {address: /any, messages: {Any: {payload: {type: object}}}}}\n")
    connect(engine, "a", "/any")
    say(engine, "a", said)
    body = {"equalToJson": asked, "ignoreExtraElements": loose}
    search = Search(engine, wanted(engine, {"message": {"body": body}}))
    look_through(search)

    fits = all(said.get(key) == value for key, value in asked.items()) if loose else said == asked
    assert (len(search.found), len(search.near())) == ((1, 0) if fits else (0, 1))


@given(values, values, some.data())
def test_putting_a_field_right_never_increases_the_distance(asked: Any, said: Any, data: Any) -> None:
    wrong = [key for key in {*asked, *said} if asked.get(key) != said.get(key) or (key in asked) is not (key in said)]
    if not wrong:
        return
    key = data.draw(some.sampled_from(sorted(wrong)))
    righted = {name: value for name, value in {**said, key: asked.get(key)}.items() if name != key or name in asked}
    matcher = compile_message(msgspec.convert({"body": {"equalToJson": asked}}, MessageMatching), "")
    assert matcher is not None

    def far(value: Any) -> float:
        return distance(matcher.differences(Subject.of_value(value), frozenset(), valid=True))

    assert far(righted) < far(said)
