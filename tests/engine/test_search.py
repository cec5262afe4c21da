"""Which entries are meant, and in which order: what can be told of them without a mock."""

from typing import Any

import msgspec
import pytest
from engines import ORDERS, connect, engine_of, leave, say, say_text
from hypothesis import given
from hypothesis import strategies as some

from mockws.engine import sequence
from mockws.engine.engine import Engine
from mockws.engine.events import Opening, TurnedAway
from mockws.engine.search import SLICE, Search, Wanted, check_message, look_through, place_of
from mockws.engine.sequence import Course, Follower
from mockws.errors import UnknownName
from mockws.expect.expectation import compile_connection, compile_message
from mockws.expect.model import ConnectionMatching, MessageMatching

MANY = """
channels:
  in:
    address: /in
    messages:
      Any: {payload: {}}
      Note: {name: Remark, payload: {type: object, required: [note]}}
      Picture: {contentType: image/png}
      Text: {contentType: text/plain, payload: {type: string, pattern: '^t'}}
operations:
  hear: {action: receive, channel: {$ref: '#/channels/in'}}
"""


def wanted(engine: Engine, **asked: Any) -> Wanted:
    channel, operation = place_of(engine.contract, asked.get("channel"), asked.get("operation"))
    connection = asked.get("connection")
    message = asked.get("message")
    return Wanted(
        asked.get("event", "message"),
        asked.get("direction", "in"),
        channel,
        operation,
        compile_connection(msgspec.convert(connection, ConnectionMatching), "") if connection is not None else None,
        compile_message(msgspec.convert(message, MessageMatching), "") if message is not None else None,
    )


def found(engine: Engine, **asked: Any) -> list[int]:
    search = Search(engine, wanted(engine, **asked))
    look_through(search)
    return [each.seq for each in search.found]


@pytest.mark.parametrize(
    ("name", "seqs"), [("Note", [2]), ("Remark", [2]), ("Any", [2, 3, 4, 5]), ("Picture", [4]), ("Text", [5])]
)
def test_a_message_goes_by_each_name_that_it_fits(name: str, seqs: list[int]) -> None:
    engine = engine_of(MANY, infer=False)
    connect(engine, "a", "/in")
    say(engine, "a", {"note": "x"})
    say(engine, "a", 7)
    say(engine, "a", b"\x89PNG")
    say_text(engine, "a", "text")

    assert found(engine, message={"name": name}) == seqs


def ordered() -> Engine:
    """Let a client order on one channel, and another hear of it on the next: entries 3 and 4."""
    engine = engine_of(ORDERS)
    connect(engine, "a", "/new")
    connect(engine, "b", "/done")
    say(engine, "a", {"id": 10})
    return engine


def test_an_operation_means_its_replies_where_they_go_the_other_way() -> None:
    engine = ordered()

    assert found(engine, operation="place") == [3]
    assert found(engine, operation="place", direction="out") == [4]
    search = Search(engine, wanted(engine, operation="place", direction="out", message={"name": "Order"}))
    look_through(search)
    assert [each.pointer for each in search.near()[0].differences] == ["/message/name"]


def test_what_is_of_no_operation_differs_in_that() -> None:
    engine = ordered()
    say(engine, "a", {"id": "ten"})
    search = Search(engine, wanted(engine, operation="place"))
    look_through(search)

    (near,) = search.near()
    assert [(each.pointer, each.actual) for each in near.differences][:2] == [
        ("/operation", "Order"),
        ("/message/valid", "false"),
    ]


def test_names_that_the_document_does_not_have_are_told() -> None:
    engine = ordered()

    check_message(engine.contract, wanted(engine, operation="place", message={"name": "Done"}))
    check_message(engine.contract, wanted(engine, channel="done", message={"name": "Done"}))
    with pytest.raises(UnknownName):
        check_message(engine.contract, wanted(engine, channel="new", message={"name": "Done"}))
    with pytest.raises(UnknownName):
        check_message(engine.contract, wanted(engine, operation="place", message={"name": "Dne"}))


@pytest.mark.parametrize("path", ["/nowhere", "/%FF"])
def test_who_was_turned_away_is_nowhere_and_nobody(path: str) -> None:
    engine = ordered()
    engine.step(TurnedAway(Opening(path), 404, "unknown path"))

    assert found(engine, event="refused", direction=None) == [5]
    search = Search(engine, wanted(engine, event="refused", direction=None, channel="new", connection={}))
    look_through(search)
    assert [(each.pointer, each.actual) for each in search.near()[0].differences] == [
        ("/channel", path),
        ("/connection", "nothing is known of it"),
    ]


@given(some.lists(some.booleans(), max_size=30), some.lists(some.integers(0, 30), max_size=5))
def test_it_is_the_same_however_often_one_looks(said: list[bool], looks: list[int]) -> None:
    engine = engine_of(ORDERS)
    connect(engine, "a", "/new")
    early = Search(engine, wanted(engine, message={"valid": True}))
    for place, valid in enumerate(said):
        say(engine, "a", {"id": 1} if valid else {"id": "x"})
        connect(engine, "a", "/new")  # a message that is invalid closes
        if place in looks:
            look_through(early)
    look_through(early)

    assert [each.seq for each in early.found] == found(engine, message={"valid": True})


def test_a_long_journal_is_taken_in_slices() -> None:
    engine = engine_of(ORDERS, on_invalid="ignore")
    connect(engine, "a", "/new")
    for _ in range(SLICE):
        say(engine, "a", {"id": "x"})
    search = Search(engine, wanted(engine))

    assert [search.look(), search.look(), search.look()] == [True, False, False]
    assert len(found(engine, message={"valid": "any"})) == SLICE


def follower(engine: Engine, *messages: Any, **more: Any) -> Follower:
    return Follower(engine, Course(tuple(wanted(engine, message=each) for each in messages), **more))


def body(number: int) -> dict[str, Any]:
    return {"body": {"equalToJson": {"id": number}}}


def test_what_was_lost_on_the_way_breaks_a_strict_order_off() -> None:
    engine = engine_of(ORDERS, journal_limit=4)
    connect(engine, "a", "/new")
    strict, loose = (follower(engine, body(1), body(2), strict=each) for each in (True, False))
    say(engine, "a", {"id": 1})
    for each in (strict, loose):
        assert not each.look()
    for _ in range(9):
        say(engine, "a", {"id": 7})
    say(engine, "a", {"id": 2})
    for each in (strict, loose):
        assert not each.look()

    assert (bool(strict.gone), strict.fulfilled) == (True, None)
    assert loose.fulfilled is not None


def test_the_ways_of_very_many_connections_are_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sequence, "MOST_CONNECTIONS", 2)
    engine = engine_of(ORDERS)
    following = follower(engine, body(1), body(2))
    for name, number in (("far", 1), ("b", 7), ("c", 7), ("d", 7)):
        connect(engine, name, "/new")
        say(engine, name, {"id": number})
        leave(engine, name)
    following.look()

    way = following.furthest
    assert way is not None
    assert (way.connection, len(following._ways)) == ("far", 2)
