"""Connections waited for, closed, pinged and cut off; scenarios turned; everything put back."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import httpx2
import pytest
from starlette.testclient import TestClient
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from mockws.app import Mock
from mockws.host.server import running
from mockws.settings import Settings

CHAT = "specification/chat.yaml"
WS = "ws://127.0.0.1:8080"
LIMIT = 10  # seconds for all that a test waits for
LOGIN = {"name": "login", "requiredState": "Started", "newState": "In"}


@contextmanager
def served(**settings: Any) -> Iterator[TestClient]:
    mock = Mock.of(CHAT, Settings(**{"watch": False, **settings}))
    with TestClient(mock.app(), base_url="http://127.0.0.1:8080/__admin") as client:
        yield client


def test_whoever_is_there_already_is_not_waited_for() -> None:
    with served() as client, client.websocket_connect(f"{WS}/rooms/a"):
        answer = client.post("/connections/wait", json={"channel": "room", "count": 1, "timeout": "1ms"})

    assert [each["address"] for each in answer.json()["connections"]] == ["/rooms/a"]


def test_who_does_not_come_is_409_with_who_did() -> None:
    with served() as client, client.websocket_connect(f"{WS}/rooms/a"):
        body = {"connection": {"pathParameters": {"room": {"equalTo": "b"}}}, "timeout": "10ms"}
        none = client.post("/connections/wait", json=body)
        one = client.post("/connections/wait", json={"count": 2, "timeout": "10ms"})

    assert (none.status_code, none.json()["connections"]) == (409, [])
    assert (one.status_code, len(one.json()["connections"])) == (409, 1)
    assert one.json()["detail"] == "1 of 2 connections were there within 0.01 s"


@asynccontextmanager
async def really_served() -> AsyncIterator[tuple[httpx2.AsyncClient, str]]:
    mock = Mock.of(CHAT, Settings(watch=False, port=0))
    async with (
        asyncio.timeout(LIMIT),
        running(mock) as port,
        httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}/__admin") as client,
    ):
        yield client, f"ws://127.0.0.1:{port}"


def test_a_wait_ends_as_soon_as_they_come() -> None:
    async def whole() -> httpx2.Response:
        async with really_served() as (client, url):
            waiting = asyncio.create_task(client.post("/connections/wait", json={"count": 2, "timeout": "9s"}))
            async with connect(f"{url}/rooms/a"), connect(f"{url}/rooms/b"):
                return await waiting

    answer = asyncio.run(whole())

    assert [each["id"] for each in answer.json()["connections"]] == ["c1", "c2"]


@pytest.mark.parametrize(
    ("body", "status", "pointer"),
    [
        ({"channel": "rom"}, 422, None),
        ({"connection": {"headers": {"X": {"matches": "("}}}}, 422, "/connection/headers/X/matches"),
        ({"timeout": "2h"}, 422, "/timeout"),
        ({"cuont": 1}, 422, "/cuont"),
        ({"count": -1}, 422, "/count"),
    ],
)
def test_a_wait_that_makes_no_sense_says_why(body: Any, status: int, pointer: str | None) -> None:
    with served() as client:
        answer = client.post("/connections/wait", json=body)

    assert answer.status_code == status
    assert pointer is None or answer.json()["errors"][0]["pointer"] == pointer


def test_a_connection_is_closed_with_code_and_reason() -> None:
    with served() as client, client.websocket_connect(f"{WS}/rooms/a") as socket:
        answer = client.post("/connections/c1/close", json={"code": 4401, "reason": "token expired"})

        assert answer.json() == {"connections": ["c1"]}
        assert socket.receive() == {"type": "websocket.close", "code": 4401, "reason": "token expired"}


@pytest.mark.parametrize(("code", "query"), [(1000, ""), (1012, "?code=1012"), (1012, "?code=1012&channel=room")])
def test_all_connections_are_closed(code: int, query: str) -> None:
    with served() as client, client.websocket_connect(f"{WS}/rooms/a") as socket:
        answer = client.delete(f"/connections{query}")

        assert answer.json() == {"connections": ["c1"]}
        assert socket.receive()["code"] == code


@pytest.mark.parametrize("code", [999, 1004, 1005, 1006, 1015, 2000, 5000])
def test_codes_that_cannot_be_sent_are_refused(code: int) -> None:
    with served() as client, client.websocket_connect(f"{WS}/rooms/a"):
        answer = client.post("/connections/c1/close", json={"code": code})

        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/code")
        assert len(client.get("/connections").json()) == 1


@pytest.mark.parametrize(
    ("method", "path"), [("POST", "close"), ("POST", "ping"), ("POST", "fault"), ("POST", "send"), ("DELETE", "")]
)
def test_who_is_not_there_is_404(method: str, path: str) -> None:
    bodies: dict[str, Any] = {"fault": {"fault": "ABNORMAL_CLOSE"}, "send": {"text": "x"}}
    with served() as client:
        answer = client.request(method, f"/connections/c9/{path}".rstrip("/"), json=bodies.get(path, {}))

    assert answer.status_code == 404


def test_an_unknown_fault_names_those_there_are() -> None:
    with served() as client, client.websocket_connect(f"{WS}/rooms/a"):
        answer = client.post("/connections/c1/fault", json={"fault": "ABNORMAL_CLOS"})

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/fault")
    assert "did you mean ABNORMAL_CLOSE?" in answer.json()["detail"]


def test_a_real_connection_is_pinged_spoken_to_and_cut_off() -> None:
    async def whole() -> list[str]:
        async with really_served() as (client, url), connect(f"{url}/rooms/a") as socket:
            assert (await client.post("/connections/c1/ping")).json() == {"connections": ["c1"]}
            sent = await client.post("/connections/c1/send", json={"text": "psst", "validate": False})
            assert (sent.status_code, await socket.recv()) == (200, "psst")
            await client.post("/connections/c1/fault", json={"fault": "ABNORMAL_CLOSE"})
            with pytest.raises(ConnectionClosed) as closed:
                await socket.recv()
            assert closed.value.rcvd is None
            return [each["event"] for each in (await client.get("/journal")).json()["entries"]]

    events = asyncio.run(whole())

    assert events[:2] == ["open", "ping"]
    assert {"pong", "message", "fault"} <= set(events)


def test_a_scenario_is_shown_and_turned() -> None:
    with served() as client:
        client.post("/expectations", json={"trigger": {}, "scenario": LOGIN, "actions": []})

        assert client.get("/scenarios").json() == [
            {"name": "login", "state": "Started", "connections": {}, "possibleStates": ["In", "Started"]}
        ]
        with client.websocket_connect(f"{WS}/rooms/a"), client.websocket_connect(f"{WS}/rooms/b"):
            one = client.put("/scenarios/login", json={"state": "In", "connection": "c2"}).json()
            both = client.put("/scenarios/login", json={"state": "In"}).json()
            client.post("/scenarios/reset")
            again = client.get("/scenarios/login").json()

    assert (one["state"], one["connections"]) == ("Started", {"c1": "Started", "c2": "In"})
    assert (both["state"], both["connections"]) == ("In", {"c1": "In", "c2": "In"})
    assert (again["state"], again["connections"]) == ("Started", {"c1": "Started", "c2": "Started"})


@pytest.mark.parametrize(
    ("name", "body", "status"),
    [("logout", {"state": "In"}, 404), ("login", {"state": "In", "connection": "c9"}, 404), ("login", {}, 422)],
)
def test_a_scenario_that_cannot_be_turned_says_why(name: str, body: Any, status: int) -> None:
    with served() as client:
        client.post("/expectations", json={"trigger": {}, "scenario": LOGIN, "actions": []})

        assert client.put(f"/scenarios/{name}", json=body).status_code == status


def test_a_reset_puts_everything_back_but_the_connections() -> None:
    with served() as client, client.websocket_connect(f"{WS}/rooms/a"):
        client.post("/expectations", json={"trigger": {}, "scenario": LOGIN, "actions": []})
        client.put("/scenarios/login", json={"state": "In"})

        assert client.post("/reset").status_code == 204

        assert client.get("/expectations").json() == client.get("/scenarios").json() == []
        assert client.get("/journal").json()["entries"] == []
        assert client.get("/coverage").json()["channels"]["exercised"] == 0
        assert len(client.get("/connections").json()) == 1


def test_a_reset_may_close_connections_too() -> None:
    with served() as client, client.websocket_connect(f"{WS}/rooms/a") as socket:
        client.post("/reset?connections=close")

        assert socket.receive()["code"] == 1012
        assert client.get("/connections").json() == []


def test_a_reset_knows_what_it_is_asked() -> None:
    with served() as client:
        assert client.post("/reset?connections=all").status_code == 422
        assert client.post("/reset?conections=close").json()["detail"].endswith("did you mean 'connections'?")
