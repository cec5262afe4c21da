"""Handshakes that an expectation has a say in: until the 101 a connection is not there."""

from typing import Any

import pytest
from engines import (
    GO,
    LOAD,
    accepted,
    closed,
    command,
    connect,
    contract_of,
    events,
    expecting,
    fire,
    leave,
    numbers,
    ring,
    say,
    says,
    status,
    stub,
    timers,
)

from mockws.engine.actions import Accept, CancelTimer, HangUp, Outcome, Refuse
from mockws.engine.events import ContractReplaced, Reset, Stopping, Unexpect
from mockws.expect.expectation import Compiled

SLOW = {"delay": "1s"}


def opening(*actions: Any, **more: Any) -> Compiled:
    return stub(*actions, on={"type": "open"}, **more)


def refusal(outcome: Outcome) -> Refuse:
    return next(each for each in outcome.actions if isinstance(each, Refuse))


def test_slow_handshake_is_no_connection_yet() -> None:
    engine = expecting(opening(SLOW), rooms="")

    waiting = connect(engine, "a", "/load/x")

    assert (timers(waiting), waiting.entries, engine.world.connections) == ([1.0], (), {})


def test_slow_handshake_is_answered_when_its_time_has_come() -> None:
    engine = expecting(opening(SLOW), rooms="")

    outcome = ring(engine, connect(engine, "a", "/load/x"), at=1.0)

    assert (outcome.actions, events(outcome)) == ((Accept("a", None),), ["open"])
    assert engine.world.connections["a"].opened_at == 1.0


@pytest.mark.parametrize(
    ("script", "at_once"),
    [
        ([SLOW], False),
        ([SLOW, SLOW], False),
        ([SLOW, {"accept": {}}, says(1)], False),
        ([SLOW, {"subprotocol": "x"}], False),
        ([SLOW, {"reject": {}}], False),
        ([SLOW, {"fault": "ABNORMAL_CLOSE"}], False),
        ([SLOW, says(1)], True),
        ([says(1), SLOW], True),
        ([SLOW, {"close": {}}], True),
        ([{"delay": 0}], True),
        ([], True),
    ],
)
def test_leading_delays_belong_to_the_handshake_where_they_lead_to_its_answer(script: list[Any], at_once: bool) -> None:
    engine = expecting(opening(*script), rooms="")

    connect(engine, "a", "/load/x")

    assert ("a" in engine.world.connections) is at_once


def test_script_goes_on_after_the_101() -> None:
    engine = expecting(opening(SLOW, {"accept": {}}, says("{{ counter }}"), SLOW, says(2)), rooms="")

    greeted = ring(engine, connect(engine, "a", "/load/x"))

    assert isinstance(greeted.actions[0], Accept)
    assert (numbers(greeted), numbers(ring(engine, greeted))) == ([1], [2])


def test_run_of_a_slow_handshake_is_counted_once() -> None:
    state = {"name": "s", "newState": "B"}
    engine = expecting(opening(SLOW, {"delay": "2s"}, times=1, scenario=state), rooms="")
    first = connect(engine, "a", "/load/x")

    second = ring(engine, first)
    ring(engine, second)

    assert (timers(first), timers(second), engine.expected.book.rules["it"].ran) == ([1.0], [2.0], 1)
    assert (engine.world.connections["a"].runs, engine.world.connections["a"].states) == ({"it": 1}, {"s": "B"})


def test_client_that_leaves_meanwhile_leaves_nothing_but_an_entry() -> None:
    engine = expecting(opening(SLOW), stub(on={"type": "close"}, id="end"), rooms="")
    connect(engine, "a", "/load/x")

    outcome = leave(engine, "a", 1006)

    assert (outcome.actions, events(outcome), outcome.entries[0].address) == ((CancelTimer(1),), ["close"], "/load/x")
    assert "before its handshake was answered" in outcome.entries[0].note


@pytest.mark.parametrize("end", ["stop", "reset"])
def test_who_still_waits_is_refused_when_the_mock_stops_or_is_reset(end: str) -> None:
    engine = expecting(opening(SLOW), rooms="")
    connect(engine, "a", "/load/x")

    outcome = engine.step(Stopping()) if end == "stop" else command(engine, Reset())

    assert (status(outcome), outcome.actions[0], events(outcome)) == (503, CancelTimer(1), ["refused"])


def test_name_that_is_used_anew_forgets_the_handshake_that_had_it() -> None:
    engine = expecting(opening(SLOW, times=1), rooms="")
    connect(engine, "a", "/load/x")

    again = connect(engine, "a", "/load/x")

    assert again.actions == (CancelTimer(1), Accept("a", None))


def test_gate_decides_again_when_the_document_was_replaced() -> None:
    engine = expecting(opening(SLOW), rooms="")
    waiting = connect(engine, "a", "/load/x")
    engine.step(ContractReplaced(contract_of(LOAD.replace("/load/{room}", "/laden/{room}"))))

    assert status(ring(engine, waiting)) == 404


def test_handshake_goes_on_when_its_expectation_is_gone() -> None:
    engine = expecting(opening(SLOW, {"reject": {"status": 418}}), rooms="")
    waiting = connect(engine, "a", "/load/x")
    command(engine, Unexpect("it"))

    assert status(ring(engine, waiting)) == 418


def test_nothing_is_said_to_who_still_waits() -> None:
    named = {"type": "named", "name": "go"}
    engine = expecting(opening(SLOW), stub({"send": {"to": "all", "json": {"n": 1}}}, on=named, id="all"), rooms="")
    connect(engine, "a", "/load/x")

    assert (events(fire(engine, "go")), say(engine, "a", GO).entries) == (["undelivered"], ())


def test_script_names_the_subprotocol_and_the_headers_of_the_101() -> None:
    cookie = {"Set-Cookie": "id={{ connection.id }}"}
    engine = expecting(opening({"accept": {"subprotocol": "two", "headers": cookie}}), rooms="")

    outcome = connect(engine, "a", "/load/x", offered=("one", "two"))

    assert outcome.actions == (Accept("a", "two", (("Set-Cookie", "id=a"),)),)
    assert (engine.world.connections["a"].subprotocol, outcome.entries[0].details) == ("two", {"subprotocol": "two"})
    assert outcome.entries[0].expectation == "it"


@pytest.mark.parametrize(
    ("chosen", "named", "note"),
    [
        ({"subprotocol": "two"}, "two", ""),
        ({"subprotocol": "three"}, "three", "not offered"),
        ({"subprotocol": ""}, None, "none of the subprotocols one, two"),
        ({"accept": {}}, "one", ""),
    ],
)
def test_subprotocol_is_the_one_that_was_asked_for_even_against_the_rules(
    chosen: Any, named: str | None, note: str
) -> None:
    outcome = connect(expecting(opening(chosen), rooms=""), "a", "/load/x", offered=("one", "two"))

    assert accepted(outcome).subprotocol == named
    assert note in outcome.entries[0].note


@pytest.mark.parametrize(
    ("written", "body", "kind"),
    [
        ({}, {"type": "about:blank", "title": "rejected", "status": 403}, "application/problem+json"),
        ({"json": {"no": "{{ connection.id }}"}}, {"no": "a"}, "application/json"),
        ({"json": [1]}, [1], "application/json"),
        ({"json": None}, None, "application/json"),
        ({"json": "{{ 1 + 1 }}"}, 2, "application/json"),
    ],
)
def test_rejection_says_what_was_written(written: Any, body: Any, kind: str) -> None:
    refused = refusal(connect(expecting(opening({"reject": written}), rooms=""), "a", "/load/x"))

    assert (refused.body, refused.media_type) == (body, kind)


@pytest.mark.parametrize("text", ["{{ 1 / 0 }}", "{{ connection.queryParameters.q }}"])
def test_header_that_cannot_be_is_a_fault_and_refuses_the_handshake(text: str) -> None:
    engine = expecting(opening({"accept": {"headers": {"X-A": text}}}), rooms="")

    outcome = connect(engine, "a", "/load/x?q=a\r\nSet-Cookie: b")

    assert (status(outcome), events(outcome), engine.world.connections) == (500, ["fault", "refused"], {})


def test_fault_takes_the_place_of_the_answer() -> None:
    engine = expecting(opening(SLOW, {"fault": "CONNECTION_RESET_BY_PEER"}), rooms="")

    outcome = ring(engine, connect(engine, "a", "/load/x"))

    assert (outcome.actions, events(outcome)) == ((HangUp("a", reset=True),), ["fault"])
    assert leave(engine, "a", 1006, by_client=False).entries == ()


def test_gate_goes_before_expectations() -> None:
    engine = expecting(opening(SLOW), rooms="", ws_origins=("http://b",))

    assert status(connect(engine, "a", "/load/x", {"origin": "http://a"})) == 403


def test_fault_after_the_101_is_a_greeting() -> None:
    engine = expecting(opening({"accept": {}}, says(1), {"fault": "ABNORMAL_CLOSE"}), rooms="", push="open")

    outcome = connect(engine, "a", "/load/x")

    assert (numbers(outcome), outcome.actions[-1], closed(outcome)) == ([1], HangUp("a", reset=False), [])
    assert events(outcome) == ["open", "message", "fault"]
