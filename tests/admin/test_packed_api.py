"""Messages that are bytes with a structure, in the admin API: they are seen as JSON, and explained as such."""

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest
from starlette.testclient import TestClient

from mockws.app import Mock
from mockws.engine.actions import Entry
from mockws.engine.journal import LONGEST, OVERHEAD, weight
from mockws.settings import Settings

DOCUMENT = """
asyncapi: 3.0.0
info: {title: Packed, version: 1.0.0}
defaultContentType: application/msgpack
channels:
  orders:
    address: /orders
    messages:
      Order:
        payload: {type: object, required: [id], properties: {id: {type: integer}}}
        examples: [{name: one, payload: {id: 1}}]
operations: {take: {action: receive, channel: {$ref: '#/channels/orders'}}}
"""


@pytest.fixture
def path(tmp_path: Path) -> str:
    (tmp_path / "packed.yaml").write_text(DOCUMENT)
    return str(tmp_path / "packed.yaml")


@contextmanager
def served(path: str) -> Iterator[TestClient]:
    mock = Mock.of(path, Settings(watch=False, on_invalid="ignore"))
    with TestClient(mock.app(), base_url="http://127.0.0.1:8080/__admin") as client:
        yield client


def heard(client: TestClient, *frames: bytes) -> list[dict[str, Any]]:
    with client.websocket_connect("ws://127.0.0.1:8080/orders") as socket:
        for frame in frames:
            socket.send_bytes(frame)
    entries: list[dict[str, Any]] = client.get("/journal?event=message").json()["entries"]
    return entries


def test_the_journal_shows_what_bytes_say(path: str) -> None:
    frame = msgspec.msgpack.encode({"id": 1})
    with served(path) as client:
        good, wrong, broken = heard(client, frame, msgspec.msgpack.encode({"id": "x"}), b"\xc1")

    assert (good["type"], good["json"], good["size"]) == ("binary", {"id": 1}, len(frame))
    assert good["base64"] == base64.b64encode(frame).decode()
    assert (wrong["json"], wrong["outcome"], wrong["errors"][0]["pointer"]) == ({"id": "x"}, "invalid", "/id")
    assert ("json" in broken, broken["outcome"]) == (False, "invalid")


def test_what_long_bytes_say_is_not_shown(path: str) -> None:
    with served(path) as client:
        (entry,) = heard(client, msgspec.msgpack.encode({"id": 1, "more": "x" * LONGEST}))

    assert (entry["cut"], "json" in entry) == (True, False)


def test_bytes_are_found_by_their_json_and_count_for_their_example(path: str) -> None:
    with served(path) as client:
        heard(client, msgspec.msgpack.encode({"id": 1}))
        wanted = {"message": {"name": "Order", "body": {"matchesJsonPath": {"expression": "$.id", "equalTo": 1}}}}

        found = client.post("/journal/count", json=wanted).json()
        coverage = client.get("/coverage").text

    assert found["count"] == 1
    assert '"one"' in coverage


def test_json_is_explained_as_the_bytes_that_a_client_would_send(path: str) -> None:
    with served(path) as client:
        asked = [client.post("/explain", json={"message": {"json": {"id": each}}}).json() for each in (1, "x")]

    assert [each["message"].get("name") for each in asked] == ["Order", None]


def test_what_bytes_say_counts_in_the_journal(path: str) -> None:
    mock = Mock.of(path, Settings(watch=False))
    message = mock.loaded.contract.message("Order")
    frame = message.encode({"id": 1})

    assert weight(Entry(0.0, "message", frame=frame)) > OVERHEAD + 2 * len(frame)
