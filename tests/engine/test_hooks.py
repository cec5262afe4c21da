"""Requests that the document names: what cannot be said is told, and what is no JSON carries nothing."""

from typing import Any

import pytest

from mockws.asyncapi.load import load
from mockws.engine.actions import Outcome, Respond, Send
from mockws.engine.engine import Engine
from mockws.engine.events import Commanded, Connected, HttpReceived, Opening, Received, Reset

DOCUMENT = """asyncapi: 3.0.0
info: {title: T, version: 1.0.0}
channels:
  news: {address: /news, messages: {News: {payload: SCHEMA}}}
  notes: {address: /notes, messages: {Note: {payload: {type: object}}}}
operations:
  tell:
    action: send
    channel: {$ref: '#/channels/news'}
    x-specmatic-trigger: {url: 'http://x/tell?now=1', method: POST, expectedBody: done}
  take:
    action: receive
    channel: {$ref: '#/channels/notes'}
    x-specmatic-side-effect: {url: 'http://x/notes', expectedStatus: 204, expectedBody: {a: 1}}
"""
OBJECT = "{type: object, required: [id], properties: {id: {type: integer}}}"


def engine_of(schema: str = OBJECT) -> Engine:
    return Engine(load("a.yaml", lambda _: DOCUMENT.replace("SCHEMA", schema).encode()).contract)


def ask(engine: Engine, path: str, body: bytes = b"", method: str = "POST", **query: str) -> Outcome:
    assert engine.asks_for(path)
    return engine.step(HttpReceived("1", method, Opening(path, tuple(query.items())), body))


def answer(outcome: Outcome) -> tuple[int, bytes]:
    respond = next(each for each in outcome.actions if isinstance(each, Respond))
    return respond.status, respond.body


def join(engine: Engine, name: str, path: str) -> None:
    found: Any = engine.contract.book.find(path)
    engine.step(Connected(name, found[0], {}, Opening(path)))


def test_a_request_is_answered_and_heard_by_all_who_are_there() -> None:
    engine = engine_of()
    join(engine, "a", "/news")
    join(engine, "b", "/news")

    done = ask(engine, "/tell", b'{"id": 7}', now="1", more="x")

    assert answer(done) == (200, b"done")
    assert [(each.to, each.frame) for each in done.actions if isinstance(each, Send)] == [
        (("a",), '{"id":7}'),
        (("b",), '{"id":7}'),
    ]


@pytest.mark.parametrize("body", [b"", b"no JSON", b"\xff", b"[7]", b'{"id": "7"}'])
def test_a_body_that_names_nothing_carries_nothing(body: bytes) -> None:
    engine = engine_of()
    join(engine, "a", "/news")

    done = ask(engine, "/tell", body, now="1")

    assert [type(each.frame) for each in done.actions if isinstance(each, Send)] == [str]


@pytest.mark.parametrize(("method", "query"), [("PUT", {"now": "1"}), ("POST", {}), ("POST", {"now": "2"})])
def test_method_and_query_have_to_be_the_same(method: str, query: dict[str, Any]) -> None:
    assert answer(ask(engine_of(), "/tell", method=method, **query))[0] == 404


def test_what_cannot_be_made_up_is_told() -> None:
    engine = engine_of("{type: integer, minimum: 2, maximum: 1}")
    join(engine, "a", "/news")

    done = ask(engine, "/tell", now="1")

    assert [each.event for each in done.entries] == ["http", "undelivered"]
    assert answer(done)[0] == 200


def test_an_effect_is_forgotten_with_a_reset() -> None:
    engine = engine_of()
    join(engine, "a", "/notes")
    engine.step(Received("a", "{}"))
    seen = ask(engine, "/notes", method="GET")

    engine.step(Commanded(Reset()))

    assert answer(seen) == (204, b"")
    assert answer(ask(engine, "/notes", method="GET"))[0] == 404


def test_another_path_is_not_asked_for() -> None:
    assert not engine_of().asks_for("/elsewhere")
    assert not engine_of().asks_for("/%ff")
