"""Clients for tests of mocks in tests."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

CHAT = "specification/chat.yaml"
ORDERS = "specification/order-api.yaml"
PATIENCE = 5.0


def chat(text: str = "hi", user: str = "ada") -> dict[str, Any]:
    return {"type": "chat", "user": user, "text": text}


@contextmanager
def connected(url: str) -> Iterator[ClientConnection]:
    with connect(url, open_timeout=PATIENCE, close_timeout=1) as client:
        yield client


def say(client: ClientConnection, value: Any) -> None:
    client.send(json.dumps(value))


def heard(client: ClientConnection) -> Any:
    said = client.recv(timeout=PATIENCE)
    return json.loads(said) if isinstance(said, str) else said


def end_of(client: ClientConnection) -> tuple[int | None, str]:
    """Read until the end; give its code and reason."""
    try:
        while True:
            client.recv(timeout=PATIENCE)
    except ConnectionClosed as closed:
        return (closed.rcvd.code, closed.rcvd.reason) if closed.rcvd else (None, "")
