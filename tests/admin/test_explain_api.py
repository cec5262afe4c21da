"""Explaining over HTTP: made-up messages, and entries of the journal."""

import json
from typing import Any

import pytest
from asking import CHAT, HELLO, ask, body, say, served
from starlette.testclient import TestClient

from mockws.app import Mock, load_document
from mockws.settings import Settings

ORDERS = "specification/order-api.yaml"
GREET = {
    "trigger": {"channel": "room", "message": {"name": "ChatMessage", **body(text="hello")}},
    "actions": [{"reply": {"message": "ChatMessage", "example": "GREETING"}}],
}


def test_a_made_up_message_is_explained_field_by_field() -> None:
    with served() as client:
        client.put("/expectations/greet", json={**GREET, "name": "Greets", "probability": 0.5})

        status, told = ask(client, "/explain", channel="room", message={"json": {**HELLO, "text": "helo"}})

        assert (status, told["by"], told["message"]) == (200, "document", {"valid": True, "name": "ChatMessage"})
        (judged,) = told["expectations"]
        assert (judged["expectation"], judged["name"], judged["probability"]) == ("greet", "Greets", 0.5)
        assert (judged["answers"], judged["reason"]) == (False, "MESSAGE")
        assert 0 < judged["distance"] < 0.5
        assert judged["differences"] == [{"pointer": "/message/body/text", "expected": '"hello"', "actual": '"helo"'}]
        assert told["document"] == {
            "does": "relay",
            "how": "inferred: relayed to the others in the room",
            "replies": ["ChatMessage"],
            "channel": "room",
            "operation": "say",
        }


def test_what_answers_is_named() -> None:
    with served() as client:
        client.put("/expectations/greet", json=GREET)

        told = ask(client, "/explain", message={"text": json.dumps({**HELLO, "text": "hello"})})[1]

        assert (told["by"], told["expectation"]) == ("expectation", "greet")
        assert told["expectations"] == [
            {"expectation": "greet", "answers": True, "distance": 0, "differences": []}
        ]  # fmt: skip


def test_the_nearest_message_of_the_document_is_told() -> None:
    with served(on_invalid="close") as client:
        told = ask(client, "/explain", message={"json": {"type": "chat", "text": "hi"}})[1]

        assert (told["message"]["valid"], told["message"]["closest"]) == (False, "ChatMessage")
        assert told["message"]["errors"][0]["pointer"] == "/user"
        assert "required" in told["message"]["errors"][0]["message"]
        assert (told["document"]["does"], told["document"]["code"]) == ("close", 1008)


def test_bytes_are_explained() -> None:
    with served() as client:
        told = ask(client, "/explain", message={"base64": "/wA="})[1]

        assert told["message"]["reason"].startswith("a binary frame")


def test_an_entry_is_explained_by_what_there_is_now() -> None:
    with served() as client:
        say(client, {**HELLO, "text": "hello"})
        before = ask(client, "/explain", seq=2)[1]
        client.put("/expectations/greet", json=GREET)
        after = ask(client, "/explain", seq=2)[1]

        assert (before["by"], after["by"]) == ("document", "expectation")
        assert "not by those when it came" in after["note"]


@pytest.mark.parametrize(
    ("asked", "status", "pointer"),
    [
        ({}, 422, ""),
        ({"seq": 2, "message": {"text": ""}}, 422, ""),
        ({"seq": 2, "channel": "room"}, 422, "/channel"),
        ({"seq": 1}, 422, "/seq"),
        ({"seq": 3}, 422, "/seq"),
        ({"message": {}}, 422, "/message"),
        ({"message": {"json": 1, "text": "1"}}, 422, "/message"),
        ({"message": {"base64": "ä"}}, 422, "/message/base64"),
        ({"message": {"json": 1}, "channel": "rom"}, 422, "/channel"),
        (
            {"message": {"json": 1}, "connection": {"pathParameters": {"rom": "a"}}},
            422,
            "/connection/pathParameters/rom",
        ),
        ({"message": {"json": 1}, "connection": {"id": "c1"}}, 422, "/connection/id"),
    ],
)
def test_what_cannot_be_explained_is_told_why(asked: dict[str, Any], status: int, pointer: str) -> None:
    with served() as client, client.websocket_connect("ws://127.0.0.1:8080/rooms/a") as socket:
        socket.send_text(json.dumps(HELLO))
        client.post("/send", json={"to": {"all": True}, "json": HELLO})
        socket.receive_text()

        answered, problem = ask(client, "/explain", **asked)
        shown = problem.get("errors", [{"pointer": None}])[0]["pointer"] or ""
        assert (answered, shown.partition(" ")[0]) == (status, pointer)


def test_entries_that_are_gone_cannot_be_explained() -> None:
    with served(journal_limit=2) as client:
        say(client, HELLO, HELLO)

        status, problem = ask(client, "/explain", seq=2)
        assert (status, problem["detail"]) == (404, "entry 2 is not there, or not any more; there are 3 to 4")
        assert ask(client, "/explain", seq=99)[0] == 404
        assert ask(client, "/explain", seq=3)[0] == 200


def test_a_document_of_several_paths_needs_the_channel() -> None:
    with served(ORDERS) as client:
        status, problem = ask(client, "/explain", message={"json": {}})
        assert (status, problem["errors"][0]) == (
            422,
            {"pointer": "/channel", "message": "say on which channel", "schemaPointer": ""},
        )

        told = ask(client, "/explain", channel="NewOrderPlaced", message={"json": {"id": 1, "orderItems": []}})[1]
        assert (told["by"], told["document"]["does"], told["document"]["operation"]) == (
            "document", "reply", "placeOrder"
        )  # fmt: skip


def test_an_entry_of_a_place_that_is_gone_cannot_be_explained() -> None:
    mock = Mock.of(CHAT, Settings(watch=False, on_invalid="ignore"))
    with TestClient(mock.app(), base_url="http://127.0.0.1:8080/__admin") as client:
        say(client, HELLO)
        assert mock.sessions is not None
        assert client.portal is not None
        client.portal.call(mock.sessions.replace, load_document(ORDERS, mock.settings).contract)

        status, problem = ask(client, "/explain", seq=2)

        assert (status, problem["title"]) == (409, "nothing known")
