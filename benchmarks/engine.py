"""How fast the engine decides: messages per second through `Engine.step`, without a socket.

Run it as `python benchmarks/engine.py`. It prints, for each story, the best of several rounds: microseconds per message
and messages per second on one core.
"""

import json
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from mockws.asyncapi.load import load
from mockws.engine.engine import Engine
from mockws.engine.events import Connected, Opening, Received
from mockws.settings import Settings

ROUNDS = 5
MESSAGES = 5000
FAKES = 500
JSON = Mapping[str, Any]

ITEM = {
    "type": "object",
    "required": ["id", "name", "quantity", "price"],
    "properties": {
        "id": {"type": "integer"},
        "name": {"type": "string"},
        "quantity": {"type": "integer"},
        "price": {"type": "number"},
    },
}
ORDER = {
    "type": "object",
    "required": ["id", "orderItems"],
    "properties": {"id": {"type": "integer"}, "orderItems": {"type": "array", "items": ITEM}},
}
ACCEPTED = {
    "type": "object",
    "required": ["id", "totalAmount", "status"],
    "properties": {
        "id": {"type": "integer"},
        "totalAmount": {"type": "number"},
        "status": {"type": "string", "enum": ["PENDING", "ACCEPTED", "SHIPPED"]},
    },
}
ITEMS = [{"id": each, "name": "Wireless mouse", "quantity": 1, "price": 25.5} for each in range(4)]


@dataclass(frozen=True)
class Story:
    """What is measured: a document, who is connected where, and the message that the first of them sends."""

    name: str
    document: JSON
    paths: tuple[str, ...]
    message: JSON
    count: int = MESSAGES


def document(channels: JSON, operations: JSON) -> JSON:
    """Write a document of these channels and operations."""
    return {"asyncapi": "3.0.0", "info": {"title": "t", "version": "1"}, "channels": channels, "operations": operations}


def reference(channel: str) -> JSON:
    return {"$ref": f"#/channels/{channel}"}


def orders(examples: Iterable[JSON]) -> JSON:
    """An order on one channel is answered on another."""
    accepted = {"payload": ACCEPTED, "examples": [{"name": "first", "payload": each} for each in examples]}
    channels = {
        "new": {"address": "/new-orders", "messages": {"Order": {"payload": ORDER}}},
        "wip": {"address": "/wip-orders", "messages": {"Accepted": accepted}},
    }
    place = {"action": "receive", "channel": reference("new"), "reply": {"channel": reference("wip")}}
    return document(channels, {"place": place})


def chat() -> JSON:
    """What one says the others in the room hear."""
    say = {"payload": {"type": "object", "required": ["text"], "properties": {"text": {"type": "string"}}}}
    channels = {"room": {"address": "/rooms/{room}", "parameters": {"room": {}}, "messages": {"Say": say}}}
    return document(channels, {each: {"action": each, "channel": reference("room")} for each in ("receive", "send")})


def eight() -> JSON:
    """A channel of eight kinds of message, told apart by a property, each with its response."""
    names = [f"kind{each}" for each in range(8)]
    asked = {name: _typed(name, name) for name in names}
    answered = {f"{name}Response": _typed(f"{name}Response", f"{name}Response") for name in names}
    channels = {"all": {"address": "/all", "messages": {**asked, **answered}}}
    operations = {
        "in": {"action": "receive", "channel": reference("all"), "messages": _listed(asked)},
        "out": {"action": "send", "channel": reference("all"), "messages": _listed(answered)},
    }
    return document(channels, operations)


def _typed(name: str, kind: str) -> JSON:
    properties = {"type": {"const": kind}, "id": {"type": "integer"}, "note": {"type": "string"}}
    payload = {"type": "object", "required": ["type", "id"], "properties": properties}
    return {"payload": payload, "examples": [{"name": name, "payload": {"type": kind, "id": 1, "note": "none"}}]}


def _listed(messages: Iterable[str]) -> list[JSON]:
    return [{"$ref": f"#/channels/all/messages/{name}"} for name in messages]


STORIES = (
    Story(
        "declared reply, from an example",
        orders([{"id": 0, "totalAmount": 51.0, "status": "PENDING"}]),
        ("/new-orders", "/wip-orders"),
        {"id": 10, "orderItems": ITEMS},
    ),
    Story(
        "declared reply, faked",
        orders([]),
        ("/new-orders", "/wip-orders"),
        {"id": 10, "orderItems": ITEMS},
        FAKES,
    ),
    Story("relay to 10", chat(), ("/rooms/lobby",) * 11, {"text": "good morning, everyone"}),
    Story("one of 8 kinds, paired by name", eight(), ("/all",), {"type": "kind5", "id": 7, "note": "five"}),
)


def connected(engine: Engine, paths: Iterable[str]) -> None:
    for index, path in enumerate(paths):
        found = engine.contract.book.find(path)
        assert found is not None
        engine.step(Connected(f"c{index}", found[0], found[1], Opening(path)))


def microseconds(story: Story) -> float:
    """Measure one story: the best round, per message."""
    contract = load("bench.json", lambda _: json.dumps(story.document).encode()).contract
    engine = Engine(contract, Settings())
    connected(engine, story.paths)
    event = Received("c0", json.dumps(story.message))
    assert any(entry.direction == "out" for entry in engine.step(event).entries), f"{story.name}: nothing was answered"
    return min(_round(engine.step, event, story.count) for _ in range(ROUNDS)) / story.count * 1e6


def _round(step: Callable[[Received], object], event: Received, count: int) -> float:
    begun = time.perf_counter()
    for _ in range(count):
        step(event)
    return time.perf_counter() - begun


def main() -> None:
    """Measure every story, and print a line for each."""
    for story in STORIES:
        each = microseconds(story)
        print(f"{story.name:34} {each:8.2f} us  {1e6 / each:10,.0f} messages/s")


if __name__ == "__main__":
    main()
