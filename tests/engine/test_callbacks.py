"""Calls of the mock's own: only where that is allowed, and what came of them is written down."""

from typing import Any

import pytest
from engines import GO, LOAD, ask, command, connect, engine_of, events, expecting, reload, say, says, stub

from mockws.engine.actions import Outcome
from mockws.engine.call import Call
from mockws.engine.engine import Engine
from mockws.engine.events import Called, Expect
from mockws.errors import BadExpectation

HOOKS = ("hooks:9000",)
HOOK = {"http": {"url": "http://hooks:9000/go", "json": {"n": "{{ message.json.n }}"}}}


def calls(outcome: Outcome) -> list[Call]:
    return [each for each in outcome.actions if isinstance(each, Call)]


def ready(*actions: Any, allowed: tuple[str, ...] = HOOKS) -> Engine:
    return expecting(stub(*actions), allow_callbacks=allowed)


def test_a_script_calls_and_goes_on() -> None:
    done = say(ready(HOOK, says(1)), "a", {**GO, "n": 4})

    (call,) = calls(done)
    assert (str(call.destination), call.method, call.body) == ("http://hooks:9000/go", "POST", b'{"n":4}')
    assert (call.expectation, call.connection) == ("it", "a")
    assert events(done) == ["message", "message"]


def test_url_and_headers_are_templates() -> None:
    call = {"method": "put", "url": "http://hooks:9000/{{ message.json.go }}", "headers": {"x": "{{ connection.id }}"}}

    (made,) = calls(say(ready({"http": call}), "a", {"go": "a b/../c"}))

    assert (str(made.destination), made.method) == ("http://hooks:9000/a%20b/../c", "PUT")
    assert made.headers == (("x", "a"),)


@pytest.mark.parametrize(
    ("allowed", "url"),
    [
        ((), "http://hooks:9000/go"),
        (("hooks:9001",), "http://hooks:9000/{{ message.json.n }}"),
        (("169.254.169.254",), "http://169.254.169.254/"),
    ],
)
def test_a_host_that_is_not_named_is_refused_when_the_expectation_is_added(allowed: tuple[str, ...], url: str) -> None:
    engine = expecting(allow_callbacks=allowed)

    refused = command(engine, Expect(stub({"expect": {"else": [{"http": {"url": url}}]}}))).answer

    assert isinstance(refused, BadExpectation)
    assert (refused.code, refused.pointer) == ("callback_forbidden", "/actions/0/expect/else/0/http/url")


def test_a_host_without_a_port_is_named_for_all_of_its_ports() -> None:
    assert calls(say(ready(HOOK, allowed=("hooks",)), "a", GO))


def test_files_that_call_what_is_not_named_are_not_taken_over() -> None:
    engine = engine_of(LOAD)

    problem = reload(engine, stub(HOOK)).answer

    assert isinstance(problem, BadExpectation)
    assert engine.expected.book.rules == {}


@pytest.mark.parametrize("said", ["http://other:9000/", "nowhere", "http://hooks:9000@other/"])
def test_a_host_that_is_made_by_a_message_is_looked_at_when_the_script_runs(said: str) -> None:
    engine = ready({"http": {"url": "{{ message.json.go }}"}}, says(1))

    done = say(engine, "a", {"go": said})

    assert calls(done) == []
    assert events(done) == ["message", "fault", "message"]
    assert "not called" in done.entries[1].note


def test_a_result_is_written_down_without_secrets() -> None:
    engine = ready({"http": {"url": "http://hooks:9000/go?token=t-1", "text": "hi"}})
    (call,) = calls(say(engine, "a", GO))

    told = engine.step(Called(call, 202, seconds=0.25)).entries[0]

    assert (told.event, told.direction, told.frame, told.cause) == ("callback", "out", "hi", "expectation it")
    assert (told.details["status"], told.details["duration"], told.details["method"]) == (202, 0.25, "POST")
    assert "t-1" not in str(told)


def test_a_call_that_came_to_nothing_says_why() -> None:
    engine = ready(HOOK)
    (call,) = calls(say(engine, "a", GO))

    told = engine.step(Called(call, None, "nobody is there")).entries[0]

    assert "nobody is there" in told.note
    assert "status" not in told.details


def test_a_call_without_an_originator_is_nobody_s() -> None:
    on = {"type": "http", "http": {"path": "/go"}}
    engine = expecting(stub({"http": {"url": "http://hooks:9000/"}}, on=on), allow_callbacks=HOOKS, rooms="")
    connect(engine, "a", "/load/x")

    (call,) = calls(ask(engine, "/go"))
    assert call.connection is None
