"""Fault profiles over HTTP: put over a channel, shown, taken away."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from starlette.testclient import TestClient

from mockws.app import Mock
from mockws.settings import Settings

WS = "ws://127.0.0.1:8080"
LATE = {"latency": {"type": "uniform", "lower": "5s", "upper": "9s"}}


@contextmanager
def served() -> Iterator[TestClient]:
    mock = Mock.of("specification/chat.yaml", Settings(watch=False))
    with TestClient(mock.app(), base_url="http://127.0.0.1:8080/__admin") as client:
        yield client


def test_a_profile_is_shown_until_its_time_is_over() -> None:
    with served() as client:
        client.put("/clock", json={"action": "freeze"})
        put = client.put("/faults/room", json={**LATE, "timeToLive": "60s"}).json()
        assert put == {"channel": "room", "profile": {**LATE, "timeToLive": "60s"}, "remaining": 60.0}
        assert client.get("/faults").json() == [put]

        client.put("/clock", json={"action": "advance", "by": "61s"})

        assert client.get("/faults").json() == []


def test_latency_goes_by_the_mocks_clock() -> None:
    with (
        served() as client,
        client.websocket_connect(f"{WS}/rooms/a") as a,
        client.websocket_connect(f"{WS}/rooms/a") as b,
    ):
        client.put("/clock", json={"action": "freeze"})
        client.put("/faults/room", json=LATE)
        b.send_text(json.dumps({"type": "chat", "user": "ada", "text": "hi"}))
        while not client.get("/journal?direction=in").json()["entries"]:
            pass
        client.put("/clock", json={"action": "advance", "by": "10s"})

        assert json.loads(a.receive_text())["text"] == "hi"


def test_it_is_taken_away() -> None:
    with served() as client:
        client.put("/faults/room", json=LATE)

        assert client.delete("/faults/room").status_code == 204
        assert client.delete("/faults/room").status_code == 404
        client.put("/faults/room", json=LATE)
        assert client.delete("/faults").status_code == 204
        assert client.get("/faults").json() == []


def test_a_reset_takes_it_away() -> None:
    with served() as client:
        client.put("/faults/room", json=LATE)
        client.post("/reset")

        assert client.get("/faults").json() == []


@pytest.mark.parametrize(
    ("path", "body", "status", "words"),
    [
        ("rom", LATE, 404, "did you mean 'room'?"),
        ("room", {}, 422, "at least one of latency, fault, loss"),
        ("room", {"latncy": "1s"}, 422, "did you mean 'latency'?"),
        ("room", {"fault": "RESET"}, 422, "CONNECTION_RESET_BY_PEER"),
    ],
)
def test_a_profile_that_cannot_be_says_why(path: str, body: Any, status: int, words: str) -> None:
    with served() as client:
        answer = client.put(f"/faults/{path}", json=body)

    assert (answer.status_code, words in answer.json()["detail"]) == (status, True), answer.text


ASKED = (
    ("POST", "/expectations", {"trigger": {}, "actions": [{"fault": "STALL"}]}, "/actions/0/fault"),
    (
        "POST",
        "/expectations",
        {"trigger": {}, "actions": [{"reply": {"text": "a", "fragments": 2}}]},
        "/actions/0/reply",
    ),
    ("PUT", "/faults/room", {"fault": {"frames": "8100"}}, "/fault"),
    ("POST", "/connections/c1/fault", {"fault": "ABNORMAL_CLOSE"}, "/fault"),
    ("POST", "/connections/c1/fault", {"fault": {"frames": "8"}}, "/fault/frames"),
)


@pytest.mark.parametrize(("method", "path", "body", "pointer"), ASKED)
def test_what_this_server_has_no_way_to_do_is_422(method: str, path: str, body: Any, pointer: str) -> None:
    with served() as client, client.websocket_connect(f"{WS}/rooms/a"):
        answer = client.request(method, path, json=body)

        assert (answer.status_code, len(client.get("/connections").json())) == (422, 1)
    assert answer.json()["errors"][0]["pointer"].startswith(pointer)


def test_sessions_know_what_the_server_can_do() -> None:
    with served() as client:
        client.post("/sessions", json={"id": "s"})
        answer = client.post("http://127.0.0.1:8080/__s/s/__admin/expectations", json=ASKED[0][2])

    assert answer.status_code == 422


def test_loss_is_shown_as_it_was_written() -> None:
    chances = {"loss": 0.1, "duplicate": 0.2, "reorder": 0.3}
    with served() as client:
        assert client.put("/faults/room", json=chances).json()["profile"] == chances
