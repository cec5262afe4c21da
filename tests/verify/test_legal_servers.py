"""What a server may do without being wrong, and what is said of one that is: the other side is real, and small."""

import asyncio
import json
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.http11 import Request, Response

from mockws.asyncapi.load import load
from mockws.verify.cases import Scope, suite_of
from mockws.verify.conformance import Conformance
from mockws.verify.peer import Target
from mockws.verify.results import Run, Status
from mockws.verify.trial import Terms
from mockws.verify.visits import Guest

LIMIT = 20.0
DOCUMENT = """
asyncapi: 3.0.0
info: {title: Desk, version: 1.0.0}
channels:
  desk:
    address: /desk
    messages:
      ask:
        payload: {type: object, required: [id], properties: {id: {type: string}}}
        correlationId: {location: $message.payload#/id}
        examples: [{name: known, payload: {id: a-1}}]
      told:
        payload: {type: object, required: [id, text], properties: {id: {type: string}, text: {type: string}}}
        correlationId: {location: $message.payload#/id}
      error: {payload: {type: object, required: [error], properties: {error: {type: string}}}}
operations:
  ask:
    action: receive
    channel: {$ref: '#/channels/desk'}
    messages: [{$ref: '#/channels/desk/messages/ask'}]
    reply: {messages: [{$ref: '#/channels/desk/messages/told'}]}
  complain:
    action: send
    channel: {$ref: '#/channels/desk'}
    messages: [{$ref: '#/channels/desk/messages/error'}]
"""
Answers = Callable[[Any], list[Any]]
COMPLAINT = {"error": "there is no such thing"}


def asked(frame: str | bytes) -> str | None:
    """Give the identifier of a valid question."""
    try:
        value = json.loads(frame)
    except ValueError:
        return None
    identifier = value.get("id") if isinstance(value, dict) else None
    return identifier if isinstance(identifier, str) else None


async def examined(answers: Answers, refused: HTTPStatus | None) -> Run:
    async def talk(connection: ServerConnection) -> None:
        async for frame in connection:
            for each in answers(asked(frame)):
                await connection.send(json.dumps(each))

    def gate(connection: ServerConnection, _: Request) -> Response | None:
        return None if refused is None else connection.respond(refused, "later")

    contract, scope = load("desk.yaml", lambda _: DOCUMENT.encode()).contract, Scope(fakes=2, boundaries=2, invalid=4)
    async with serve(talk, "127.0.0.1", 0, process_request=gate) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        terms = Terms(Target.parse(f"ws://127.0.0.1:{port}"), Guest(), timeout=0.3, quiet=0.03, patience=5.0)
        return await Conformance(suite_of(contract, Guest(), scope), terms, scope, window=0.03).run()


def run_against(answers: Answers, refused: HTTPStatus | None = None) -> Run:
    return asyncio.run(asyncio.wait_for(examined(answers, refused), LIMIT))


def details(run: Run) -> dict[str, str]:
    return {each.name: each.detail for each in run.results if each.status is Status.FAILED}


def test_what_is_made_up_need_not_be_known() -> None:
    run = run_against(lambda name: [{"id": name, "text": "yes"}] if name == "a-1" else [COMPLAINT])

    assert details(run) == {}


def test_what_the_document_shows_has_to_be_known() -> None:
    failed = details(run_against(lambda _: [COMPLAINT]))

    assert list(failed) == ["ask: ask example known"]
    told = failed["ask: ask example known"]
    assert told.startswith("expected told at /desk, it did not come within 0.3 s (--timeout gives it longer)")
    assert told.endswith('; instead came {"error": "there is no such thing"}')


def test_an_answer_to_something_else_is_told_before_all_others() -> None:
    failed = details(run_against(lambda _: [COMPLAINT, {"id": "z", "text": ""}, COMPLAINT]))

    told = failed["ask: ask example known"]
    assert told.startswith("expected told at /desk, but the correlation id of what came, /id, is 'z' and not 'a-1': {")


def test_what_a_server_says_in_answers_is_observed() -> None:
    run = run_against(lambda name: [{"id": name, "text": ""}] if name else [COMPLAINT])

    assert not [each.name for each in run.results if each.name == "complain observed"]


@pytest.mark.parametrize(
    ("status", "hint"),
    [
        (HTTPStatus.UNAUTHORIZED, "(--token and --header bring credentials)"),
        (HTTPStatus.SERVICE_UNAVAILABLE, "(--parallel 1 asks for less at a time)"),
    ],
)
def test_who_is_not_let_in_is_told_what_may_help(status: HTTPStatus, hint: str) -> None:
    failed = details(run_against(lambda _: [], status))

    assert failed["handshake /desk as documented"].endswith(hint)
