"""Small worlds for the engine's tests: a document as YAML, an engine over it, and what an outcome says."""

import json
from typing import Any

from mockws.asyncapi.load import Options, load
from mockws.contract import Contract
from mockws.engine.actions import Accept, Close, Entry, Outcome, Refuse, Send, SetTimer
from mockws.engine.engine import Engine
from mockws.engine.events import (
    Closed,
    Command,
    Commanded,
    Connected,
    Expect,
    Fire,
    HttpReceived,
    Opening,
    Received,
    SendCommand,
    StubsReplaced,
    Target,
    TimerFired,
)
from mockws.engine.send import Sent
from mockws.expect.expectation import Compiled
from mockws.expect.model import Expectation
from mockws.expect.reading import problems, read_expectation, read_stub_file
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


# Clients say `Go` on two channels; the mock says `Tick`, and on `load` also texts.
LOAD = """
channels:
  load:
    address: /load/{room}
    parameters: {room: {}}
    messages:
      Go: {name: Gone, payload: {type: object, required: [go], properties: {go: {type: string}, n: {type: integer}}}}
      Tick:
        payload: {type: object, required: [n], properties: {n: {type: integer}}}
        examples: [{name: nine, payload: {n: 9}}]
  other:
    address: /other
    messages:
      Ask: {payload: {type: object, required: [go], properties: {go: {type: string}}}}
operations:
  take: {action: receive, channel: {$ref: '#/channels/load'}, messages: [{$ref: '#/channels/load/messages/Go'}]}
  tick: {action: send, channel: {$ref: '#/channels/load'}, messages: [{$ref: '#/channels/load/messages/Tick'}]}
  ask: {action: receive, channel: {$ref: '#/channels/other'}}
"""
GO = {"go": "on"}


def stub(*actions: Any, on: Any = None, id: str = "it", **more: Any) -> Compiled:  # noqa: A002  # as it is written
    """Compile an expectation; `on` is its trigger, any message if nothing is said."""
    written = {"trigger": on or {}, "actions": list(actions), "id": id, **more}
    assert not problems(written, Expectation), problems(written, Expectation)
    return read_expectation(written, id)


def says(number: Any) -> dict[str, Any]:
    return {"reply": {"json": {"n": number}}}


def stubs(*written: dict[str, Any]) -> tuple[Compiled, ...]:
    return read_stub_file({"expectations": list(written)}, "stubs.yaml")


def expecting(*expectations: Compiled, document: str = LOAD, rooms: str = "a", **settings: Any) -> Engine:
    """Give an engine with expectations in force, and clients of these names in the same room."""
    engine = engine_of(document, infer=False, **settings)
    for each in expectations:
        assert not isinstance(command(engine, Expect(each)).answer, Exception), command(engine, Expect(each)).answer
    for name in rooms:
        connect(engine, name, "/load/x")
    return engine


def command(engine: Engine, wanted: Command, at: float = 0.0) -> Outcome:
    return engine.step(Commanded(wanted, at))


def fire(engine: Engine, name: str, payload: Any = None) -> Outcome:
    return command(engine, Fire(name, payload))


def ask(engine: Engine, target: str, body: Any = None, method: str = "POST", **headers: str) -> Outcome:
    """Make a plain HTTP request, with a value as JSON or bytes as they are."""
    content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    return engine.step(HttpReceived("r1", method, opening_of(target, headers), content))


def reload(engine: Engine, *compiled: Compiled, at: float = 0.0) -> Outcome:
    return engine.step(StubsReplaced(compiled, at))


def leave(engine: Engine, name: str, code: int = 1000, *, by_client: bool = True) -> Outcome:
    return engine.step(Closed(name, code, by_client=by_client))


def timers(outcome: Outcome) -> list[float]:
    return [each.seconds for each in outcome.actions if isinstance(each, SetTimer)]


def ring(engine: Engine, outcome: Outcome, at: float = 0.0) -> Outcome:
    """Let the first timer that an outcome set be due."""
    timer = next(each.timer for each in outcome.actions if isinstance(each, SetTimer))
    return engine.step(TimerFired(timer, at))


def numbers(outcome: Outcome) -> list[Any]:
    """Tell which numbers were said, in their order."""
    return [said["n"] for _, said in heard(outcome)]


def events(outcome: Outcome) -> list[str]:
    return [each.event for each in outcome.entries]
