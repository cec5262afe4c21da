"""Plain HTTP requests: one expectation is set off, or it is said what they miss by."""

import json
from typing import Any

import pytest
from engines import LOAD, ask, connect, engine_of, events, expecting, heard, numbers, reload, ring, stub, stubs, timers

from mockws.engine.actions import Outcome, Respond
from mockws.engine.book import NOWHERE
from mockws.engine.events import ContractReplaced
from mockws.expect.expectation import Compiled

SHIP = {"method": "POST", "path": "/orders/{id}/ship"}
SEVEN = "/orders/7/ship"


def answer(outcome: Outcome) -> tuple[int, Any]:
    respond = next(each for each in outcome.actions if isinstance(each, Respond))
    return respond.status, json.loads(respond.body) if respond.body else None


def ship(*actions: Any, http: Any = None, response: Any = None, channel: str = "load", **more: Any) -> Compiled:
    said = {} if response is None else {"response": response}
    return stub(*actions, on={"type": "http", "channel": channel, "http": http or SHIP, **said}, **more)


def tell(value: Any, to: Any = "channel") -> dict[str, Any]:
    return {"send": {"to": to, "json": {"n": value}}}


def test_a_request_is_answered_and_told_to_the_channel() -> None:
    engine = expecting(ship(tell("{{ request.pathParameters.id | int }}")), rooms="ab")

    done = ask(engine, SEVEN)

    assert answer(done) == (200, {"ran": ["it"]})
    assert heard(done) == [("a", {"n": 7}), ("b", {"n": 7})]
    assert events(done) == ["http", "message", "message"]
    assert {each.cause for each in done.entries} == {"expectation it"}


def test_templates_see_the_request() -> None:
    names = ("method", "path", "pathParameters", "queryParameters", "json", "text")
    response = {"json": {name: f"{{{{ request.{name} }}}}" for name in names}}
    http = {"path": "/orders/{id}/ship", "headers": {"team": {"equalTo": "web"}}}
    engine = expecting(ship(http=http, response=response), rooms="")

    done = ask(engine, "/orders/a%20b/ship?fast=1", {"by": "ada"}, team="web")

    assert answer(done)[1] == {
        "method": "POST",
        "path": "/orders/a b/ship",
        "pathParameters": {"id": "a b"},
        "queryParameters": {"fast": "1"},
        "json": {"by": "ada"},
        "text": '{"by": "ada"}',
    }


def test_the_answer_and_the_script_draw_the_same() -> None:
    response = {"json": {"n": "{{ random(1, 1000000) }}"}}
    engine = expecting(ship(tell("{{ random(1, 1000000) }}"), response=response))

    first, second = ask(engine, SEVEN), ask(engine, SEVEN)

    assert answer(first)[1] == heard(first)[0][1]
    assert answer(second)[1] == heard(second)[0][1]
    assert answer(first) != answer(second)


def test_one_expectation_is_set_off_by_the_usual_precedence() -> None:
    general = ship(tell(1), http={"path": "/orders/{any}/ship"}, id="general", priority=1, times=1)
    exact = ship(tell(2), http={"path": "/orders/7/ship"}, id="exact")
    engine = expecting(general, exact)

    assert [answer(ask(engine, SEVEN))[1] for _ in range(2)] == [{"ran": ["general"]}, {"ran": ["exact"]}]


def test_scenarios_and_conditions_count_as_they_do_for_messages() -> None:
    login = {"name": "login", "requiredState": "Started", "newState": "In"}
    condition = "request.json.by == 'ada'"
    engine = expecting(ship(response={"json": "{{ state.login }}"}, scenario=login, when=condition), rooms="")

    assert answer(ask(engine, SEVEN, {"by": "bob"}))[0] == 404
    assert answer(ask(engine, SEVEN, {"by": "ada"})) == (200, None)
    assert answer(ask(engine, SEVEN, {"by": "ada"}))[0] == 404


def test_a_script_goes_on_after_the_answer() -> None:
    engine = expecting(ship({"delay": "1s"}, tell(1)))

    done = ask(engine, SEVEN)

    assert (answer(done)[0], timers(done), numbers(ring(engine, done))) == (200, [1.0], [1])


def test_streams_of_requests_are_stopped_by_requests() -> None:
    begin = ship({"stream": {"name": "s", "every": "1s", "count": 9, "to": "channel", "json": {"n": 1}}}, id="begin")
    end = ship({"stop": "s"}, http={"path": "/end"}, id="end")
    engine = expecting(begin, end)
    begun = ask(engine, SEVEN)

    ask(engine, "/end")

    assert numbers(begun) == [1]
    assert numbers(ring(engine, begun)) == []


@pytest.mark.parametrize(("body", "kind"), [(b"\xff\x00", None), (b"plain", "plain"), (b"", None)])
def test_a_body_that_is_no_json_is_a_body(body: bytes, kind: str | None) -> None:
    engine = expecting(ship(response={"json": ["{{ request.json }}", "{{ request.text }}"]}), rooms="")

    assert answer(ask(engine, SEVEN, body)) == (200, [None, kind])


def test_a_body_is_matched_as_bytes_or_as_nothing() -> None:
    bytes_ = ship(http={**SHIP, "body": {"binaryEqualTo": "/wA="}}, id="bytes")
    none = ship(http={**SHIP, "body": {"absent": True}}, id="none")
    engine = expecting(bytes_, none, rooms="")

    assert [answer(ask(engine, SEVEN, body))[1] for body in (b"\xff\x00", b"")] == [
        {"ran": ["bytes"]},
        {"ran": ["none"]},
    ]


def test_a_request_that_misses_is_told_by_what() -> None:
    near = ship(http={**SHIP, "headers": {"Authorization": {"equalTo": "Bearer a"}}}, id="near")
    far = ship(http={**SHIP, "method": "PUT"}, id="far")
    used = ship(times=1, id="used")
    engine = expecting(near, far, used, rooms="")
    ask(engine, SEVEN)

    missed = ask(engine, SEVEN, authorization="Bearer b")

    status, problem = answer(missed)
    assert status == 404
    reasons = [(each["expectation"], each["reason"]) for each in problem["nearMisses"]]
    assert reasons == [("used", "TIMES_EXHAUSTED"), ("near", "REQUEST"), ("far", "REQUEST")]
    assert "/headers/Authorization" in missed.entries[0].note
    assert "Bearer" not in str(missed.entries)
    assert missed.entries[0].outcome == "unmatched"


def test_a_browser_at_a_channel_is_told_to_upgrade_all_the_same() -> None:
    engine = expecting(ship(http={"method": "POST", "path": "/load/{room}"}), rooms="")

    looking, posting = ask(engine, "/load/x", method="GET"), ask(engine, "/load/x")

    assert (looking.actions, looking.entries[0].details["status"]) == ((), 426)
    assert answer(posting)[0] == 200


def test_an_answer_that_fails_is_a_fault_and_the_script_runs() -> None:
    engine = expecting(ship(tell(1), response={"json": "{{ request.json.a + 1 }}"}))

    done = ask(engine, SEVEN, {"a": "x"})

    assert answer(done)[0] == 500
    assert events(done) == ["http", "fault", "message"]


@pytest.mark.parametrize("path", ["/__admin/x", "/%5f%5fadmin/x", "/%FF/x", "/a", "/a/b/c"])
def test_some_paths_set_nothing_off(path: str) -> None:
    engine = expecting(ship(http={"path": "/{a}/{b}"}), rooms="")

    assert not engine.asks_for(path)
    assert answer(ask(engine, path))[0] == 404


def test_expectations_that_come_and_go_are_found_and_not_found() -> None:
    engine = engine_of(LOAD)
    written = {"id": "s", "trigger": {"type": "http", "http": {"path": "/a"}}}

    reload(engine, *stubs(written))
    assert engine.asks_for("/a")
    reload(engine)
    assert not engine.asks_for("/a")


def test_an_expectation_whose_channel_is_gone_sets_nothing_off() -> None:
    engine = expecting(ship(tell(1)))
    other = engine_of("channels: {other: {address: /other}}\noperations: {}").contract

    engine.step(ContractReplaced(other))

    assert engine.expected.book.rules["it"].channel == NOWHERE
    assert not engine.asks_for("/orders/7/ship")
    engine.step(ContractReplaced(engine_of(LOAD).contract))
    assert engine.asks_for("/orders/7/ship")


def test_without_a_channel_a_send_to_the_channel_is_for_everybody() -> None:
    engine = expecting(stub({"send": {"text": "hi", "validate": False}}, on={"type": "http", "http": SHIP}), rooms="a")
    connect(engine, "b", "/other")

    assert heard(ask(engine, SEVEN)) == [("a", "hi"), ("b", "hi")]
