"""Verifying an order: each connection on its own, one that fulfils it is enough, and how far the best one came."""

import asyncio
import json
from typing import Any

import httpx2
import pytest
from asking import CHAT, HELLO, TYPING, ask, body, room, say, served
from websockets.asyncio.client import connect

from mockws.app import Mock
from mockws.host.server import running
from mockws.settings import Settings

LIMIT = 20  # seconds
CHATS = {"match": {"message": {"name": "ChatMessage"}}}
TYPES = {"match": {"message": {"name": "TypingNotice"}}}


def said(text: str) -> dict[str, Any]:
    return {**HELLO, "text": text}


def matching(text: str) -> dict[str, Any]:
    return {"match": {"message": body(text=text)}}


@pytest.mark.parametrize(
    ("steps", "strict", "matched"),
    [
        ([CHATS], False, [2]),
        ([CHATS, TYPES], False, [2, 4]),
        ([matching("a"), matching("c")], False, [2, 5]),
        ([matching("a"), matching("c")], True, None),
        ([matching("b"), TYPES, matching("c")], True, [3, 4, 5]),
        ([CHATS, TYPES], True, [3, 4]),
        ([matching("c"), matching("a")], False, None),
        ([TYPES, TYPES], False, None),
    ],
)
def test_steps_come_in_their_order(steps: list[Any], strict: bool, matched: list[int] | None) -> None:
    with served() as client:
        say(client, said("a"), said("b"), TYPING, said("c"))

        status, answer = ask(client, "/verify/sequence", steps=steps, strict=strict)

        assert (status, answer["matched"] if status == 200 else None) == (200 if matched else 409, matched)


def test_each_connection_is_looked_at_on_its_own() -> None:
    with served() as client:
        say(client, said("a"))
        say(client, said("b"))
        steps = [matching("a"), matching("b")]

        assert ask(client, "/verify/sequence", steps=steps)[0] == 409
        say(client, said("a"), said("b"))
        assert ask(client, "/verify/sequence", steps=steps) == (200, {"connection": "c3", "matched": [8, 9]})


def test_connections_are_chosen() -> None:
    with served() as client:
        say(client, HELLO, path="/rooms/kitchen")

        assert ask(client, "/verify/sequence", steps=[CHATS], connection=room("kitchen"))[0] == 200
        status, problem = ask(client, "/verify/sequence", steps=[CHATS], connection=room("attic"))
        assert (status, problem["connection"], problem["actual"], problem["matched"]) == (409, None, 0, [])
        assert "no connection began, 0 of 1 steps" in problem["detail"]


def talk(client: Any) -> None:
    """Say something, hear something, say something: 2, 3, 4; then leave: 5."""
    with client.websocket_connect("ws://127.0.0.1:8080/rooms/a") as socket:
        socket.send_text(json.dumps(said("a")))
        client.post("/send", json={"to": {"all": True}, "json": said("b")})
        socket.receive_text()
        socket.send_text(json.dumps(said("c")))
        socket.close(4000)


def test_what_the_mock_says_is_a_step_too_and_counts_as_in_between_only_where_it_is_one() -> None:
    with served() as client:
        talk(client)
        sent = {"sent": {"message": body(text="b")}}

        for strict in (False, True):
            steps = [matching("a"), sent, matching("c")]
            assert ask(client, "/verify/sequence", steps=steps, strict=strict)[1]["matched"] == [2, 3, 4]
        assert ask(client, "/verify/sequence", steps=[matching("a"), matching("c")], strict=True)[0] == 200
        assert ask(client, "/verify/sequence", steps=[sent, matching("a")])[0] == 409


@pytest.mark.parametrize(
    ("steps", "close", "strict", "status"),
    [
        ([CHATS], {"code": 4000}, False, 200),
        ([CHATS], {}, False, 200),
        ([CHATS], {"code": 1000}, False, 409),
        ([matching("a")], {"code": 4000}, True, 409),
        ([matching("c")], {"code": 4000}, True, 200),
    ],
)
def test_the_end_comes_after_the_last_step(steps: Any, close: Any, strict: bool, status: int) -> None:
    with served() as client:
        talk(client)

        assert ask(client, "/verify/sequence", steps=steps, close=close, strict=strict)[0] == status


def test_an_end_of_another_code_is_told() -> None:
    with served() as client:
        talk(client)

        problem = ask(client, "/verify/sequence", steps=[CHATS], close={"code": 1000})[1]
        assert problem["missing"] == "the end of the connection with 1000"
        assert "it ended with 4000" in problem["detail"]


def test_the_step_that_was_not_reached_is_told_with_what_came_nearest() -> None:
    with served() as client:
        say(client, TYPING)
        say(client, said("a"), TYPING, said("bb"))

        problem = ask(client, "/verify/sequence", steps=[matching("a"), matching("b"), matching("c")])[1]

        assert (problem["connection"], problem["actual"], problem["matched"]) == ("c2", 1, [5])
        assert problem["missing"] == "message received that fits"
        assert [each["seq"] for each in problem["nearMisses"]] == [7, 6]
        assert problem["detail"].startswith("c2 came furthest, 1 of 3 steps; then message received that fits was")


def test_only_what_comes_after_a_number_counts() -> None:
    with served() as client:
        say(client, said("a"), said("b"))

        assert ask(client, "/verify/sequence", steps=[matching("a"), matching("b")], after=2)[0] == 409
        assert ask(client, "/verify/sequence", steps=[matching("b")], after=2)[0] == 200


def test_a_sequence_that_was_seen_is_true_whatever_was_dropped() -> None:
    with served(journal_limit=4) as client:
        say(client, HELLO, HELLO, said("a"), said("b"))

        assert ask(client, "/verify/sequence", steps=[matching("a"), matching("b")])[0] == 200
        assert ask(client, "/verify/sequence", steps=[matching("b"), matching("a")])[1]["title"] == "journal gone"


def test_a_sequence_is_waited_for() -> None:
    async def run() -> httpx2.Response:
        mock = Mock.of(CHAT, Settings(port=0, watch=False))
        asked = {"steps": [matching("a"), TYPES], "within": "60s", "close": {"code": 1000}}
        async with running(mock) as port, httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}/__admin") as client:
            answer = asyncio.create_task(client.post("/verify/sequence", json=asked, timeout=LIMIT))
            async with connect(f"ws://127.0.0.1:{port}/rooms/lobby") as socket:
                for each in (said("a"), said("b"), TYPING):
                    await socket.send(json.dumps(each))
            return await asyncio.wait_for(answer, LIMIT)

    answer = asyncio.run(run())
    assert (answer.status_code, answer.json()) == (200, {"connection": "c1", "matched": [2, 4]})
