"""The mock's clock over HTTP: time stands still, is moved on, and runs again."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from starlette.testclient import TestClient

from mockws.app import Mock
from mockws.settings import Settings

WS = "ws://127.0.0.1:8080"
TICKS = {
    "trigger": {"type": "interval", "every": "10s"},
    "actions": [{"reply": {"text": "{{ now }}", "validate": False}}],
}


@contextmanager
def served() -> Iterator[TestClient]:
    mock = Mock.of("specification/chat.yaml", Settings(watch=False))
    with TestClient(mock.app(), base_url="http://127.0.0.1:8080/__admin") as client:
        yield client


def turn(client: TestClient, **body: Any) -> dict[str, Any]:
    answer = client.put("/clock", json=body)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def test_what_becomes_due_on_the_way_happens_before_the_answer() -> None:
    with served() as client:
        turn(client, action="freeze")
        client.post("/expectations", json=TICKS)
        with client.websocket_connect(f"{WS}/rooms/a"):
            turn(client, action="advance", by="35s")

            said = client.get("/journal?direction=out").json()["entries"]
            opened = client.get("/journal?event=open").json()["entries"][0]

    assert len(said) == 3
    assert [each["time"] for each in said] == sorted({each["time"] for each in said})
    assert opened["time"] < said[0]["time"]


def test_a_frozen_clock_shows_one_time_until_it_is_let_go() -> None:
    with served() as client:
        frozen = turn(client, action="freeze")
        assert client.get("/clock").json() == frozen
        moved = turn(client, action="advance", by="1h")
        assert moved["now"] == pytest.approx(frozen["now"] + 3600)
        assert turn(client, action="resume")["frozen"] is False
        assert client.get("/clock").json()["now"] >= moved["now"]
        assert turn(client, action="reset")["now"] < moved["now"]


def test_time_to_live_goes_by_the_mocks_clock() -> None:
    with served() as client:
        turn(client, action="freeze")
        client.put(
            "/expectations/short", json={"trigger": {"type": "open"}, "timeToLive": "10s", "actions": TICKS["actions"]}
        )
        turn(client, action="advance", by="11s")

        with client.websocket_connect(f"{WS}/rooms/a"):
            assert client.get("/expectations/short").json()["status"]["ran"] == 0


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"action": "advance"}, "/by"),
        ({"action": "advance", "by": "soon"}, "/by"),
        ({"action": "advance", "by": "8d"}, "/by"),
        ({"action": "advance", "by": -1}, "/by"),
        ({"action": "freeze", "by": "1s"}, "/by"),
        ({"action": "stop"}, "/action"),
        ({"actoin": "freeze"}, "/actoin"),
        ({}, "/action"),
    ],
)
def test_what_cannot_be_done_with_time_says_why(body: Any, pointer: str) -> None:
    with served() as client:
        answer = client.put("/clock", json=body)

    assert answer.status_code == 422
    assert pointer in [each["pointer"] for each in answer.json()["errors"]]


def test_a_reset_puts_the_clock_back() -> None:
    with served() as client:
        turn(client, action="freeze")

        client.post("/reset")

        assert client.get("/clock").json()["frozen"] is False
