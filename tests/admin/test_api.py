"""The admin API: what is connected, and what is to be said to whom."""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from typing import Any

import httpx2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient
from websockets.asyncio.client import connect

from mockws.app import Mock
from mockws.engine.actions import Outcome
from mockws.host.server import running
from mockws.settings import Settings

ORDERS = "specification/order-api.yaml"
EVENTS = "specification/user-events.yaml"
CHAT = "specification/chat.yaml"
HELLO = {"type": "chat", "user": "ada", "text": "hi"}
BOMB = b"[" * 100_000


def client_of(document: str = CHAT, **settings: Any) -> TestClient:
    mock = Mock.of(document, Settings(**{"watch": False, **settings}))
    return TestClient(mock.app(), base_url="http://127.0.0.1:8080")


def post(body: Any, document: str = CHAT) -> tuple[int, Any]:
    """Send with nobody there."""
    with client_of(document) as client:
        answer = client.post("/__admin/send", json=body)
    return answer.status_code, answer.json()


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nowhere", 404),
        ("GET", "/send/", 404),
        ("GET", "/send", 405),
        ("PUT", "/connections", 405),
        ("TRACE", "/send", 405),
        ("PURGE", "/health", 405),
        ("GET", "/connections/c99", 404),
        ("GET", "/connections?channel=kitchen", 404),
    ],
)
def test_what_is_not_there_is_a_problem_document(method: str, path: str, status: int) -> None:
    with client_of() as client:
        answer = client.request(method, f"/__admin{path}")

    assert (answer.status_code, answer.json()["status"]) == (status, status)
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_wrong_method_is_told_the_right_one() -> None:
    with client_of() as client:
        answer = client.get("/__admin/send")

    assert answer.headers["allow"] == "POST"


@pytest.mark.parametrize(
    ("body", "code"),
    [(b"", ""), (b"{", ""), (BOMB, "json_depth"), (b'{"to":1,"to":2}', ""), (b'{"x":NaN}', ""), (b"\xff", "")],
    ids=["empty", "broken", "bomb", "twins", "no number", "no utf-8"],
)
def test_what_is_no_json_is_not_readable(body: bytes, code: str) -> None:
    with client_of() as client:
        answer = client.post("/__admin/send", content=body, headers={"content-type": "application/json"})

    assert (answer.status_code, answer.json()["title"]) == (400, "not readable")
    assert answer.json()["code"].endswith(code)


def test_unknown_keys_are_named_with_the_ones_that_were_meant() -> None:
    status, problem = post({"to": {"chanel": "room"}, "mesage": "ChatMessage", "zzz": 1})

    assert status == 422
    assert [(each["pointer"], each["message"].partition("did you mean ")[2]) for each in problem["errors"]] == [
        ("/to/chanel", "'channel'?"),
        ("/mesage", "'message'?"),
        ("/zzz", ""),
    ]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ([], ""),
        ({"to": "room"}, "/to"),
        ({"to": {"all": "yes"}}, "/to/all"),
        ({"to": {"all": True}, "message": 4}, "/message"),
        ({"to": {"all": True}, "with": []}, "/with"),
        ({"to": {"all": True}, "waitForConnections": -1}, "/waitForConnections"),
        ({"to": {"all": True}, "json": 1, "timeout": "soon"}, "/timeout"),
        ({"to": {"all": True}, "json": 1, "timeout": "2h"}, "/timeout"),
        ({"to": {"all": True}, "base64": "ä"}, "/base64"),
        ({"to": {"all": False}, "json": 1}, "/to/all"),
        ({"to": {}, "json": 1}, "/to"),
        ({"json": 1}, "/to"),
        ({"to": {"all": True, "channel": "room"}, "json": 1}, "/to"),
        ({"to": {"all": True}}, ""),
        ({"to": {"all": True}, "json": 1, "text": "x"}, ""),
    ],
)
def test_a_body_that_does_not_fit_is_told_where(body: Any, pointer: str) -> None:
    status, problem = post(body)

    assert (status, problem["errors"][0]["pointer"]) == (422, pointer)


@pytest.mark.parametrize(
    ("body", "status", "detail"),
    [
        ({"to": {"channel": "room"}, "json": HELLO}, 409, "no one is connected"),
        ({"to": {"address": "/rooms/x"}, "json": HELLO}, 409, "no one is connected"),
        ({"to": {"connection": "c9"}, "json": HELLO}, 404, "no connection 'c9'"),
        ({"to": {"channel": "rom"}, "json": HELLO}, 422, "did you mean 'room'"),
        ({"to": {"channel": "room"}, "message": "ChatMesage"}, 422, "did you mean 'ChatMessage'"),
        ({"to": {"channel": "room"}, "message": "ChatMessage", "example": "GRETING"}, 422, "GREETING"),
        ({"to": {"channel": "room"}, "json": {"type": "chat", "user": 1}}, 422, "user"),
    ],
)
def test_a_send_that_cannot_be_done_says_why(body: Any, status: int, detail: str) -> None:
    answered, problem = post(body)

    assert (answered, problem["sent"], problem["connections"]) == (status, 0, [])
    assert detail in problem["detail"]


def test_that_nobody_is_there_can_be_allowed() -> None:
    status, sent = post({"to": {"channel": "room"}, "json": HELLO, "allowNone": True})

    assert (status, sent) == (200, {"sent": 0, "connections": [], "skipped": [], "violations": []})


def test_a_send_that_breaks_the_document_names_its_violations() -> None:
    status, problem = post({"to": {"channel": "room"}, "json": {"type": "chat", "user": "", "text": "x"}})

    assert (status, problem["violations"][0]["pointer"]) == (422, "/user")


@pytest.mark.parametrize(
    ("target", "said", "heard"),
    [
        ({"channel": "room"}, {"json": HELLO}, HELLO),
        ({"channel": "/rooms/{room}"}, {"json": HELLO}, HELLO),
        ({"channel": "tell"}, {"json": HELLO}, HELLO),
        ({"connection": "c1"}, {"json": HELLO}, HELLO),
        ({"address": "/rooms/lobby"}, {"json": HELLO}, HELLO),
        ({"all": True}, {"json": HELLO}, HELLO),
        ({"all": True}, {"text": json.dumps(HELLO)}, HELLO),
        ({"channel": "room"}, {"message": "TypingNotice"}, {"type": "typing", "user": "ada", "active": True}),
        (
            {"channel": "room"},
            {"message": "TypingNotice", "example": "STOPS"},
            {"type": "typing", "user": "ada", "active": False},
        ),
        (
            {"channel": "room"},
            {"message": "ChatMessage", "with": {"text": "other"}},
            {"type": "chat", "user": "ada", "text": "other"},
        ),
        ({"channel": "room"}, {"json": {"free": 1}, "validate": False}, {"free": 1}),
    ],
)
def test_a_send_reaches_whom_it_is_for(target: Any, said: Any, heard: Any) -> None:
    with client_of() as client, client.websocket_connect("/rooms/lobby") as ada:
        answer = client.post("/__admin/send", json={"to": target, **said})

        assert answer.json() == {"sent": 1, "connections": ["c1"], "skipped": [], "violations": []}
        assert ada.receive_json() == heard


def test_an_operation_says_where_and_what() -> None:
    with client_of(ORDERS) as client, client.websocket_connect("/accepted-orders") as ada:
        client.post("/__admin/send", json={"operation": "orderAccepted"})

        assert ada.receive_json()["status"] == "ACCEPTED"


def test_a_message_can_be_made_up() -> None:
    with client_of() as client, client.websocket_connect("/rooms/lobby") as ada:
        client.post("/__admin/send", json={"to": {"all": True}, "message": "ChatMessage", "generate": True})

        assert ada.receive_json()["type"] == "chat"


def test_bytes_go_out_as_a_binary_frame() -> None:
    with client_of() as client, client.websocket_connect("/rooms/lobby") as ada:
        client.post("/__admin/send", json={"to": {"all": True}, "base64": "AAE=", "validate": False})

        assert ada.receive_bytes() == b"\x00\x01"


def test_whoever_is_in_another_room_is_skipped_with_the_reason() -> None:
    body = {"to": {"channel": "userEvents"}, "message": "UserEvent", "with": {"userId": "user456"}}
    with (
        client_of(EVENTS) as client,
        client.websocket_connect("/user/events/user123/login"),
        client.websocket_connect("/user/events/user456/login") as other,
    ):
        sent = client.post("/__admin/send", json=body).json()

        assert (sent["sent"], sent["connections"]) == (1, ["c2"])
        assert sent["skipped"][0]["id"] == "c1"
        assert "user456" in sent["skipped"][0]["reason"]
        assert other.receive_json()["userId"] == "user456"


def test_connections_are_listed_without_their_secrets() -> None:
    headers = {"authorization": "Bearer geheim", "cookie": "session=geheim", "x-shown": "shown"}
    with client_of() as client, client.websocket_connect("/rooms/lobby?token=geheim&a=b", headers=headers):
        listed = client.get("/__admin/connections").json()
        one = client.get("/__admin/connections/c1").json()

    assert listed == [one]
    assert "geheim" not in json.dumps(one)
    assert one["headers"]["authorization"] == "Bearer [redacted]"
    assert (one["headers"]["x-shown"], one["query"]["a"]) == ("shown", "b")
    assert (one["address"], one["pathParameters"], one["channels"]) == ("/rooms/lobby", {"room": "lobby"}, ["room"])


def test_connections_are_filtered_by_channel() -> None:
    with client_of(ORDERS) as client, client.websocket_connect("/new-orders"), client.websocket_connect("/wip-orders"):
        found = client.get("/__admin/connections?channel=wip-orders").json()

    assert [each["id"] for each in found] == ["c2"]


def test_a_defect_is_answered_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    mock = Mock.of(CHAT, Settings(watch=False))

    def broken(event: Any) -> Outcome:
        raise RuntimeError("defect")

    mock.engine.step = broken  # type: ignore[method-assign]
    with TestClient(mock.app(), base_url="http://127.0.0.1") as client, caplog.at_level(logging.ERROR):
        answer = client.post("/__admin/send", json={"to": {"all": True}, "json": HELLO})

    assert (answer.status_code, answer.json()["title"]) == (500, "defect")
    assert [record.name for record in caplog.records] == ["mockws.admin"]


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["to", "all", "json", "x"]), inner),
    max_leaves=8,
)
NAMES = ["to", "message", "json", "text", "base64", "with", "example", "operation", "generate", "validate", "allowNone"]


def test_no_body_is_a_defect() -> None:
    with client_of() as client, client.websocket_connect("/rooms/lobby"):

        @settings(max_examples=150, deadline=None)
        @given(st.dictionaries(st.sampled_from(NAMES), JSON_VALUES))
        def answered(body: Any) -> None:
            assert client.post("/__admin/send", json=body).status_code in {200, 404, 409, 422}

        answered()


def play(scenario: Callable[[httpx2.AsyncClient, str], Awaitable[None]]) -> None:
    """Run a scenario against a mock on a real port; 15 s at most."""

    async def whole() -> None:
        mock = Mock.of(CHAT, Settings(port=0, watch=False))
        async with (
            asyncio.timeout(15),
            running(mock) as port,
            httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=10) as client,
        ):
            await scenario(client, f"ws://127.0.0.1:{port}/rooms/lobby")

    asyncio.run(whole())


def test_a_send_waits_until_those_it_is_for_are_there() -> None:
    body = {"to": {"channel": "room"}, "json": HELLO, "waitForConnections": 2, "timeout": "10s"}

    async def scenario(client: httpx2.AsyncClient, url: str) -> None:
        sending = asyncio.create_task(client.post("/__admin/send", json=body))
        async with connect(url) as ada:
            assert not sending.done()
            async with connect(url) as bob:
                sent = await asyncio.wait_for(sending, 1)
                assert sent.json()["sent"] == 2
                assert json.loads(await ada.recv()) == json.loads(await bob.recv()) == HELLO

    play(scenario)


def test_a_send_whose_listeners_do_not_come_in_time_is_409() -> None:
    body = {"to": {"channel": "room"}, "json": HELLO, "waitForConnections": 1, "timeout": "50ms"}

    async def scenario(client: httpx2.AsyncClient, _: str) -> None:
        answer = await client.post("/__admin/send", json=body)

        assert (answer.status_code, answer.json()["sent"]) == (409, 0)
        assert answer.json()["detail"] == "0 of 1 connections were there within 0.05 s"

    play(scenario)


@pytest.mark.parametrize(
    ("target", "status"), [({"channel": "kitchen"}, 422), ({"connection": "c9"}, 404)], ids=["channel", "connection"]
)
def test_nobody_waits_for_what_cannot_come(target: Any, status: int) -> None:
    answered, _ = post({"to": target, "json": HELLO, "waitForConnections": 1, "timeout": "30s"})

    assert answered == status
