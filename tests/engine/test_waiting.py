"""Answers that nobody was there for yet."""

import pytest
from engines import ORDERS, connect, contract_of, engine_of, heard, say

from mockws.engine.actions import CancelTimer, Outcome, SetTimer
from mockws.engine.engine import Engine
from mockws.engine.events import ContractReplaced, Event, Stopping, TimerFired
from mockws.engine.state import MAX_KEPT

DONE = {"id": 10, "state": "ten"}
ADDRESSED = """
channels:
  ask:
    address: /ask
    messages: {Ask: {payload: {type: object, required: [ask], properties: {replyTo: {}}}}}
  back:
    address: /back/{who}
    parameters: {who: {}}
    messages: {Reply: {payload: {type: object}, examples: [{payload: {ok: true}}]}}
operations:
  ask:
    action: receive
    channel: {$ref: '#/channels/ask'}
    reply: {channel: {$ref: '#/channels/back'}, address: {location: $message.payload#/replyTo}}
"""


def asked(**settings: float) -> tuple[Engine, Outcome]:
    """`a` has asked, and nobody is there to hear the answer."""
    engine = engine_of(ORDERS, **settings)
    connect(engine, "a", "/new")
    return engine, say(engine, "a", {"id": 10})


def timers(outcome: Outcome) -> list[int]:
    return [action.timer for action in outcome.actions if isinstance(action, SetTimer)]


def test_answer_waits_for_the_first_who_comes_and_for_no_other() -> None:
    engine, outcome = asked()

    first, second = connect(engine, "b", "/done"), connect(engine, "c", "/done")

    assert heard(first) == [("b", DONE)]
    assert CancelTimer(*timers(outcome)) in first.actions
    assert heard(second) == []


def test_waiting_is_journalled_with_the_question_and_with_the_answer() -> None:
    engine, outcome = asked()
    [_, delivered] = connect(engine, "b", "/done").entries

    assert outcome.entries[0].note == "declared; no one is on done to hear Done"
    assert delivered.cause.endswith("it waited for a connection")


def test_answer_that_nobody_came_for_in_time_is_undelivered() -> None:
    engine, outcome = asked(reply_wait=2.0)
    [set_timer] = outcome.actions
    [entry] = engine.step(TimerFired(*timers(outcome))).entries

    assert set_timer == SetTimer(1, 2.0)
    assert (entry.event, entry.message, entry.note) == ("undelivered", "Done", "no one was there to get it")
    assert heard(connect(engine, "b", "/done")) == []


def test_answer_that_must_not_wait_is_undelivered_at_once() -> None:
    _, outcome = asked(reply_wait=0.0)

    assert (outcome.actions, [entry.event for entry in outcome.entries]) == ((), ["message", "undelivered"])


def test_no_more_is_kept_than_the_bound() -> None:
    engine, _ = asked()
    events = [say(engine, "a", {"id": 10}).entries[-1].event for _ in range(MAX_KEPT)]

    assert (len(engine.world.kept), events[-2:]) == (MAX_KEPT, ["message", "undelivered"])


@pytest.mark.parametrize("event", [Stopping(), ContractReplaced(contract_of(ORDERS))], ids=["stop", "reload"])
def test_what_waits_is_given_up_when_the_mock_stops_or_its_document_is_replaced(event: Event) -> None:
    engine, outcome = asked()
    over = engine.step(event)

    assert CancelTimer(*timers(outcome)) in over.actions
    assert [entry.message for entry in over.entries if entry.event == "undelivered"] == ["Done"]
    assert engine.world.kept == {}


@pytest.mark.parametrize("address", ["/back/ada%20l", "back/ada l", "ws://somewhere/back/ada%20l?x=1#y"])
def test_answer_goes_to_the_address_that_the_question_names(address: str) -> None:
    engine = engine_of(ADDRESSED)
    for name, path in (("a", "/ask"), ("b", "/back/ada%20l"), ("c", "/back/bob")):
        connect(engine, name, path)

    assert heard(say(engine, "a", {"ask": 1, "replyTo": address})) == [("b", {"ok": True})]


@pytest.mark.parametrize("value", [{"ask": 1}, {"ask": 1, "replyTo": 7}, {"ask": 1, "replyTo": "/back/%FF"}])
def test_answer_goes_to_whoever_asked_where_no_address_is_named(value: dict[str, object]) -> None:
    engine = engine_of(ADDRESSED)
    connect(engine, "a", "/ask")

    assert heard(say(engine, "a", value)) == [("a", {"ok": True})]


def test_answer_to_an_address_waits_for_someone_there() -> None:
    engine = engine_of(ADDRESSED)
    connect(engine, "a", "/ask")
    say(engine, "a", {"ask": 1, "replyTo": "back/ada"})

    assert heard(connect(engine, "b", "/back/bob")) == []
    assert heard(connect(engine, "c", "/back/ada")) == [("c", {"ok": True})]


def test_address_does_not_name_the_servers_path() -> None:
    engine = engine_of("servers: {s: {host: localhost, pathname: /ws, protocol: ws}}\n" + ADDRESSED)
    connect(engine, "a", "/ws/ask")
    connect(engine, "b", "/ws/back/ada")

    assert heard(say(engine, "a", {"ask": 1, "replyTo": "/back/ada"})) == [("b", {"ok": True})]
    assert heard(say(engine, "a", {"ask": 1, "replyTo": "/ws/back/ada"})) == [("b", {"ok": True})]
