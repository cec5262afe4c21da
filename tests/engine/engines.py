"""Small worlds for the engine's tests: a document as YAML, an engine over it, and what an outcome says."""

import json
from typing import Any

from mockws.asyncapi.load import Options, load
from mockws.contract import Contract
from mockws.engine.actions import Accept, Close, Entry, Outcome, Refuse, Send
from mockws.engine.engine import Engine
from mockws.engine.events import Commanded, Connected, Opening, Received, SendCommand, Target
from mockws.engine.send import Sent
from mockws.settings import Settings

HEAD = "asyncapi: 3.0.0\ninfo: {title: T, version: '1'}\n"

# A says `Say`; the room hears it. `Order` is answered on another channel, `Ask` by an example of the same name.
ROOM = """
channels:
  room:
    address: /rooms/{room}
    parameters: {room: {}}
    messages:
      Say: {payload: {type: object, required: [text], properties: {text: {type: string}, room: {type: string}}}}
operations:
  hear: {action: receive, channel: {$ref: '#/channels/room'}}
  say: {action: send, channel: {$ref: '#/channels/room'}}
"""
ORDERS = """
channels:
  new:
    address: /new
    messages:
      Order:
        payload: {type: object, required: [id], properties: {id: {type: integer}, note: {type: string}}}
        examples: [{name: ten, payload: {id: 10}}, {name: noted, payload: {id: 11, note: red}}]
  done:
    address: /done
    messages:
      Done:
        payload: {type: object, required: [id, state], properties: {id: {type: integer}, state: {type: string}}}
        examples:
          - {name: first, payload: {id: 1, state: first}}
          - {name: ten, payload: {id: 10, state: ten}}
          - {name: noted, payload: {id: 11, state: noted}}
operations:
  place: {action: receive, channel: {$ref: '#/channels/new'}, reply: {channel: {$ref: '#/channels/done'}}}
"""


def contract_of(document: str) -> Contract:
    text = document if document.lstrip().startswith("asyncapi") else HEAD + document
    return load("spec.yaml", lambda _: text.encode(), Options(perspective="server")).contract


def engine_of(document: str, **settings: Any) -> Engine:
    return Engine(contract_of(document), Settings(**settings))


def opening_of(path: str, headers: dict[str, str] | None = None, offered: tuple[str, ...] = ()) -> Opening:
    """Ask for a path, with its query, as a client does."""
    bare, _, query = path.partition("?")
    pairs = tuple((name, value) for name, _, value in (each.partition("=") for each in query.split("&") if each))
    return Opening(bare, pairs, tuple((headers or {}).items()), offered)


def connect(
    engine: Engine,
    name: str,
    path: str,
    headers: dict[str, str] | None = None,
    offered: tuple[str, ...] = (),
    at: float = 0.0,
) -> Outcome:
    opening = opening_of(path, headers, offered)
    found = engine.contract.book.find(opening.path)
    assert found is not None, f"no route at {path}"
    return engine.step(Connected(name, found[0], found[1], opening, at))


def say(engine: Engine, name: str, value: Any, at: float = 0.0) -> Outcome:
    """Let a client say a value as JSON, or bytes as they are."""
    return engine.step(Received(name, value if isinstance(value, bytes) else json.dumps(value), at))


def say_text(engine: Engine, name: str, text: str) -> Outcome:
    return engine.step(Received(name, text))


def heard(outcome: Outcome) -> list[tuple[str, Any]]:
    """Tell who hears what; JSON is decoded."""
    sends = [action for action in outcome.actions if isinstance(action, Send)]
    return [(each, decoded(action.frame)) for action in sends for each in action.to]


def decoded(frame: str | bytes) -> Any:
    try:
        return frame if isinstance(frame, bytes) else json.loads(frame)
    except ValueError:
        return frame


def closed(outcome: Outcome) -> list[tuple[str, int]]:
    return [(action.connection, action.code) for action in outcome.actions if isinstance(action, Close)]


def reason(outcome: Outcome) -> str:
    return next(action.reason for action in outcome.actions if isinstance(action, Close))


def accepted(outcome: Outcome) -> Accept:
    return next(action for action in outcome.actions if isinstance(action, Accept))


def status(outcome: Outcome) -> int:
    """Tell how a handshake ended: 101, or the status of its refusal."""
    return next((action.status for action in outcome.actions if isinstance(action, Refuse)), 101)


def incoming(outcome: Outcome) -> Entry:
    return next(entry for entry in outcome.entries if entry.direction == "in")


def send(engine: Engine, to: Target, **command: Any) -> Outcome:
    return engine.step(Commanded(SendCommand(to, **command)))


def sent(outcome: Outcome) -> Sent:
    assert isinstance(outcome.answer, Sent)
    return outcome.answer
