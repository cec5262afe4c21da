"""A served chat for tests of questions: clients that say things, and answers taken apart."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from starlette.testclient import TestClient

from mockws.app import Mock
from mockws.settings import Settings

CHAT = "specification/chat.yaml"
HELLO = {"type": "chat", "user": "ada", "text": "hi"}
TYPING = {"type": "typing", "user": "ada", "active": True}


@contextmanager
def served(document: str = CHAT, **settings: Any) -> Iterator[TestClient]:
    mock = Mock.of(document, Settings(**{"watch": False, "on_invalid": "ignore", **settings}))
    with TestClient(mock.app(), base_url="http://127.0.0.1:8080/__admin") as client:
        yield client


def say(client: TestClient, *said: Any, path: str = "/rooms/lobby", **headers: str) -> None:
    """Connect, say something, and go."""
    with client.websocket_connect(f"ws://127.0.0.1:8080{path}", headers=headers) as socket:
        for each in said:
            socket.send_bytes(each) if isinstance(each, bytes) else socket.send_text(json.dumps(each))


def ask(client: TestClient, path: str, **body: Any) -> tuple[int, Any]:
    answer = client.post(path, json=body)
    return answer.status_code, answer.json()


def body(**fields: Any) -> dict[str, Any]:
    """Match messages that have at least these fields."""
    return {"body": {"equalToJson": fields, "ignoreExtraElements": True}}


def room(name: str) -> dict[str, Any]:
    return {"pathParameters": {"room": {"equalTo": name}}}
