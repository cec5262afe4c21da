"""The laws of the engine, as properties over any sequence of events."""

import ast
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, get_args

from any_stub import expectation
from engines import ORDERS, ROOM, contract_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mockws import engine as room
from mockws.callback import destination_of
from mockws.codec import Undecodable, decode
from mockws.contract import Contract, Message
from mockws.engine import events
from mockws.engine.actions import (
    Accept,
    Action,
    CancelTimer,
    Close,
    Entry,
    HangUp,
    Outcome,
    Ping,
    Refuse,
    Send,
    SetTimer,
)
from mockws.engine.call import Call
from mockws.engine.engine import Engine
from mockws.engine.events import (
    Called,
    ClearWeather,
    CloseCommand,
    Closed,
    Commanded,
    Connected,
    ContractReplaced,
    Enter,
    Event,
    Expect,
    FaultCommand,
    Fire,
    HttpReceived,
    NotDone,
    Opening,
    PingCommand,
    Ponged,
    Received,
    Reset,
    Restart,
    SendCommand,
    SetWeather,
    Stopping,
    StubsReplaced,
    Target,
    TimerFired,
    TurnedAway,
    Unexpect,
)
from mockws.engine.state import MAX_KEPT
from mockws.expect.model import FaultProfile
from mockws.expect.profile import compile_profile
from mockws.settings import Settings

MIXED = """
channels:
  feed:
    address: /feed/{user}
    parameters: {user: {location: $message.payload#/user}}
    bindings: {ws: {query: {type: object, properties: {size: {type: integer}}}}}
    messages:
      subscribe:
        payload: {type: object, required: [type], properties: {type: {const: subscribe}, id: {type: integer}}}
      subscribed:
        payload:
          type: object
          required: [type, id]
          properties: {type: {const: subscribed}, id: {type: integer}, user: {type: string}}
      ask: {payload: {type: object, required: [ask], properties: {ask: {type: string}, replyTo: {type: string}}}}
      tick: {payload: {type: object, required: [n], properties: {n: {type: integer}, user: {type: string}}}}
      failed: {x-mockws: {error: true}, payload: {type: object, required: [error], properties: {error: {type: string}}}}
      note: {contentType: text/plain, payload: {type: string, minLength: 1}}
      picture: {contentType: application/octet-stream, payload: {type: string, format: binary}}
  back:
    address: /back/{user}
    parameters: {user: {}}
    messages:
      answer: {payload: {type: object, required: [ask], properties: {ask: {type: string}, user: {type: string}}}}
operations:
  in:
    action: receive
    channel: {$ref: '#/channels/feed'}
    messages:
      - {$ref: '#/channels/feed/messages/subscribe'}
      - {$ref: '#/channels/feed/messages/note'}
      - {$ref: '#/channels/feed/messages/picture'}
  asked:
    action: receive
    channel: {$ref: '#/channels/feed'}
    messages: [{$ref: '#/channels/feed/messages/ask'}]
    reply: {channel: {$ref: '#/channels/back'}, address: {location: $message.payload#/replyTo}}
  out:
    action: send
    channel: {$ref: '#/channels/feed'}
    messages:
      - {$ref: '#/channels/feed/messages/tick'}
      - {$ref: '#/channels/feed/messages/subscribed'}
      - {$ref: '#/channels/feed/messages/failed'}
      - {$ref: '#/channels/feed/messages/note'}
"""
DOCUMENTS = (ROOM, ORDERS, MIXED)
NAMES = ("a", "b", "c")
PATHS = ("/rooms/x", "/rooms/y", "/new", "/done", "/feed/ada", "/feed/bob", "/back/ada", "/back/%FF")
VALUES: tuple[Any, ...] = (
    {"text": "hi"},
    {"id": 10},
    {"id": "10"},
    {"type": "subscribe", "id": 3},
    {"ask": "why", "replyTo": "/back/ada"},
    {"ask": "why", "replyTo": "ws://host/back/%FF"},
    {"ask": "why"},
    {"n": 1},
    {"user": "bob", "n": 2},
    [],
    None,
    True,
)


@cache
def contract(index: int) -> Contract:
    return contract_of(DOCUMENTS[index])


frames = st.one_of(st.sampled_from(VALUES).map(json.dumps), st.text(max_size=20), st.binary(max_size=8))
openings = st.builds(
    Opening,
    path=st.sampled_from(PATHS),
    query=st.lists(
        st.tuples(st.sampled_from(["size", "__example", "__dynamic", "access_token"]), st.sampled_from(["1", "x", ""])),
        max_size=2,
    ).map(tuple),
    headers=st.sampled_from([(), (("authorization", "Basic é"),), (("origin", "http://a"),)]),
    subprotocols=st.sampled_from([(), ("chat",), ("bearer", "t")]),
)
targets = st.sampled_from(
    [
        Target(all=True),
        Target(channel="room"),
        Target(channel="feed"),
        Target(channel="nowhere"),
        Target(connection="a"),
        Target(connection="z"),
        Target(address="/feed/ada"),
        Target(address="%FF"),
    ]
)
changes = st.one_of(
    st.builds(Commanded, st.builds(Expect, expectation())),
    st.builds(StubsReplaced, st.lists(expectation(), max_size=3, unique_by=lambda each: each.id).map(tuple)),
    st.builds(Commanded, st.builds(Unexpect, st.sampled_from([None, "one"]))),
    st.builds(Commanded, st.builds(Fire, st.just("go"))),
    st.just(Commanded(Reset())),
)
called = Call(destination_of("http://1/"), "POST", (), b"", "one", "a")
requests = st.builds(
    HttpReceived,
    st.just("r1"),
    st.sampled_from(["GET", "POST"]),
    openings,
    st.one_of(st.sampled_from(VALUES).map(lambda value: json.dumps(value).encode()), st.binary(max_size=4)),
)
CHANNELS = st.sampled_from(
    sorted({channel.name for index in range(len(DOCUMENTS)) for channel in contract(index).channels})
)
PROFILES = [
    compile_profile(FaultProfile(latency="1s")),
    compile_profile(FaultProfile(latency="1s", fault="ABNORMAL_CLOSE", probability=0.5)),
    compile_profile(FaultProfile(fault="CONNECTION_RESET_BY_PEER", time_to_live="1s")),
]
commands = st.one_of(
    st.builds(SendCommand, targets, message=st.sampled_from(["Say", "tick", "Done", "note", "picture", "nothing"])),
    st.builds(SendCommand, targets, message=st.just("tick"), generate=st.just(True), overrides=st.just({"n": "x"})),
    st.builds(SendCommand, targets, json=st.sampled_from(VALUES), has_json=st.just(True)),
    st.builds(SendCommand, targets, text=st.text(max_size=5)),
    st.builds(SendCommand, targets, binary=st.binary(max_size=3)),
    st.builds(SendCommand, targets, operation=st.sampled_from(["out", "say", "nope"])),
    st.builds(CloseCommand, st.sampled_from([("a", "z", "a", "b"), ()]), st.sampled_from([1000, 1006, 4000])),
    st.builds(FaultCommand, st.sampled_from([*NAMES, "z"]), st.sampled_from(["ABNORMAL_CLOSE", "nothing"])),
    st.builds(PingCommand, st.sampled_from([*NAMES, "z"])),
    st.builds(SetWeather, CHANNELS, st.sampled_from(PROFILES)),
    st.builds(ClearWeather, st.one_of(st.none(), CHANNELS)),
    st.just(Enter("login", "In")),
    st.just(Restart()),
)


@st.composite
def connecting(draw: st.DrawFn) -> Connected:
    """Someone comes, at a route of whatever contract was served when the handshake began."""
    opening = draw(openings)
    routes = [route for index in range(len(DOCUMENTS)) for route in contract(index).routes]
    route = draw(st.sampled_from(routes))
    found = next(
        (contract(i).book.find(p) for i in range(len(DOCUMENTS)) for p in PATHS[:-1] if _at(i, p) is route), None
    )
    assert found is not None
    path = next(p for p in PATHS[:-1] for i in range(len(DOCUMENTS)) if _at(i, p) is route)
    opening = Opening(path, opening.query, opening.headers, opening.subprotocols)
    return Connected(draw(st.sampled_from(NAMES)), route, found[1], opening)


def _at(index: int, path: str) -> Any:
    found = contract(index).book.find(path)
    return found[0] if found else None


happenings = st.one_of(
    connecting(),
    connecting(),
    st.builds(Received, st.sampled_from([*NAMES, "z"]), frames),
    st.builds(Received, st.sampled_from(NAMES), st.sampled_from(VALUES).map(json.dumps)),
    st.builds(Closed, st.sampled_from([*NAMES, "z"]), st.sampled_from([1000, 1006])),
    st.builds(TimerFired, st.integers(1, 12)),
    st.builds(Ponged, st.sampled_from([*NAMES, "z"]), st.sampled_from([b"", b"mockws-1", b"mockws-2"])),
    st.builds(NotDone, st.sampled_from(NAMES), st.just("ping")),
    changes,
    changes,
    st.builds(Commanded, commands),
    st.builds(ContractReplaced, st.integers(0, len(DOCUMENTS) - 1).map(contract)),
    requests,
    st.builds(Called, st.just(called), st.sampled_from([None, 200])),
    st.builds(TurnedAway, openings, st.just(404), st.just("unknown path")),
    st.just(Stopping()),
)
configured = st.builds(
    Settings,
    on_invalid=st.sampled_from(["close", "problem", "ignore", "error"]),
    push=st.sampled_from([None, "open", "1s"]),
    dynamic=st.booleans(),
    infer=st.booleans(),
    carry=st.booleans(),
    auth=st.sampled_from(["close", "http", "off"]),
    handshake=st.sampled_from(["strict", "warn"]),
    ws_origins=st.sampled_from([(), ("http://b",)]),
    allow_callbacks=st.sampled_from([(), ("1",)]),
    reply_wait=st.sampled_from([0.0, 5.0]),
)
lives = st.lists(happenings, max_size=25)
law = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@dataclass
class Observed:
    """What is true of the outside after some outcomes: who is open, and which timers are set."""

    open: set[str] = field(default_factory=set)
    asking: set[str] = field(default_factory=set)  # their handshake is not answered yet
    timers: set[int] = field(default_factory=set)

    def take(self, outcome: Outcome) -> None:
        event = outcome.event
        if isinstance(event, Connected | Closed):
            self.open.discard(event.connection)
            self.asking.discard(event.connection)
        if isinstance(event, Connected):
            self.asking.add(event.connection)
        if isinstance(event, TimerFired):
            self.timers.discard(event.timer)
        for action in outcome.actions:
            self._do(action)

    def _do(self, action: Action) -> None:
        if isinstance(action, Accept | Refuse):
            self.asking.remove(action.connection)
        if isinstance(action, Accept):
            self.open.add(action.connection)
        elif isinstance(action, HangUp):
            assert action.connection in self.open | self.asking
            self.open.discard(action.connection)
            self.asking.discard(action.connection)
        elif isinstance(action, Ping):
            assert action.connection in self.open
        elif isinstance(action, Send):
            assert set(action.to) <= self.open, f"said to {action.to}, open are {self.open}"
        elif isinstance(action, Close):
            assert action.connection in self.open
            self.open.discard(action.connection)
        elif isinstance(action, SetTimer):
            assert action.timer not in self.timers
            self.timers.add(action.timer)
        elif isinstance(action, CancelTimer):
            self.timers.discard(action.timer)


def lived(index: int, life: Iterable[Event], chosen: Settings) -> tuple[Engine, list[Outcome]]:
    engine = Engine(contract(index), chosen)
    return engine, [engine.step(event) for event in life]


@law
@given(st.integers(0, len(DOCUMENTS) - 1), lives, configured)
def test_any_events_in_any_state_have_an_outcome(index: int, life: list[Event], chosen: Settings) -> None:
    _, outcomes = lived(index, life, chosen)

    assert [outcome.event for outcome in outcomes] == life


@law
@given(st.integers(0, len(DOCUMENTS) - 1), lives, configured)
def test_the_same_events_have_the_same_outcomes(index: int, life: list[Event], chosen: Settings) -> None:
    _, first = lived(index, life, chosen)
    _, second = lived(index, life, chosen)

    assert [_done(each) for each in first] == [_done(each) for each in second]


def _done(outcome: Outcome) -> tuple[Any, ...]:
    """What an outcome does and tells; a rule that is put in force is itself, and equal to no other."""
    return outcome.event, outcome.actions, outcome.entries


@law
@given(
    st.lists(st.sampled_from(VALUES).map(json.dumps), max_size=6),
    st.lists(st.one_of(st.just(None), st.sampled_from(VALUES).map(json.dumps)), max_size=12),
    st.sampled_from(["open", None]),
)
def test_what_one_client_is_told_does_not_depend_on_others(
    mine: list[str], theirs: Sequence[str | None], push: str | None
) -> None:
    """`a` and `b` never share a room; whatever `b` does between, `a` hears the same."""
    chosen = Settings(push=push, dynamic=True, on_invalid="problem")

    alone = _told_to_a(mine, [], chosen)
    disturbed = _told_to_a(mine, theirs, chosen)

    assert alone == disturbed


def _told_to_a(mine: Sequence[str], theirs: Sequence[str | None], chosen: Settings) -> list[str | bytes]:
    engine = Engine(contract(2), chosen)
    life: list[Event] = [_arrival("b", "/feed/bob")] if theirs else []
    life.append(_arrival("a", "/feed/ada"))
    for index, frame in enumerate(mine):
        other = theirs[index % len(theirs)] if theirs else None
        life += [Received("b", other)] if other is not None else []
        life.append(Received("a", frame))
    outcomes = [engine.step(event) for event in life]
    mine_only = [outcome for outcome in outcomes if getattr(outcome.event, "connection", "") == "a"]
    sends = [each for outcome in mine_only for each in outcome.actions if isinstance(each, Send) and "a" in each.to]
    return [each.frame for each in sends]


def _arrival(name: str, path: str) -> Connected:
    found = contract(2).book.find(path)
    assert found is not None
    return Connected(name, found[0], found[1], Opening(path))


@law
@given(st.integers(0, len(DOCUMENTS) - 1), lives, configured)
def test_what_the_mock_says_fits_the_message_it_claims(index: int, life: list[Event], chosen: Settings) -> None:
    engine = Engine(contract(index), chosen)
    for event in life:
        outcome = engine.step(event)

        for entry in outcome.entries:
            if entry.direction == "out" and entry.message is not None:
                assert _fits(engine.contract, entry), entry


def _fits(served: Contract, entry: Entry) -> bool:
    assert entry.frame is not None
    channels = (served.channel(entry.channel),) if entry.channel else served.channels
    named = [m for channel in channels for m in served.messages_of(channel) if m.name == entry.message]
    return any(_accepts(message, entry.frame) for message in named)


def _accepts(message: Message, frame: str | bytes) -> bool:
    if isinstance(frame, bytes):
        return True
    value = decode(frame, message.kind)
    return not isinstance(value, Undecodable) and message.payload.accepts(value)


@law
@given(st.integers(0, len(DOCUMENTS) - 1), lives, configured)
def test_nothing_outlives_its_connection(index: int, life: list[Event], chosen: Settings) -> None:
    engine = Engine(contract(index), chosen)
    outside = Observed()
    for event in life:
        outside.take(engine.step(event))

        assert set(engine.world.connections) == outside.open
        assert outside.timers == _timers_of(engine)
        assert outside.asking == set(engine.expected.handshakes._of)
        assert len(engine.world.kept) <= MAX_KEPT


def _timers_of(engine: Engine) -> set[int]:
    pushing = {timer for connection in engine.world.connections.values() for timer in connection.timers}
    expected = engine.expected
    waiting = set(expected._scripts._by_timer) | set(expected._rhythm._due) | set(expected.handshakes._by_timer)
    return pushing | set(engine.world.kept) | waiting


@law
@given(st.integers(0, len(DOCUMENTS) - 1), lives, configured)
def test_a_world_that_all_have_left_is_empty(index: int, life: list[Event], chosen: Settings) -> None:
    engine, _ = lived(index, [*life, Stopping(), *(Closed(name, 1000) for name in NAMES)], chosen)

    world = engine.world
    assert not (world.connections or world.kept or world.leaving or world._at or engine.expected._rhythm._of)
    assert not engine.expected.handshakes._of
    assert not engine.expected._scripts.runs.keys() - {None}  # what the last ones have left to be said is nobody's


@law
@given(st.integers(0, len(DOCUMENTS) - 1), lives, configured)
def test_a_refused_or_closed_connection_is_told_nothing_more(index: int, life: list[Event], chosen: Settings) -> None:
    _, outcomes = lived(index, life, chosen)

    for outcome in outcomes:
        over: set[str] = set()
        for action in outcome.actions:
            assert not over & _named(action)
            over |= _named(action) if isinstance(action, Close | HangUp | Refuse) else set()


def _named(action: Action) -> set[str]:
    if isinstance(action, Send):
        return set(action.to)
    return {action.connection} if isinstance(action, Accept | Close | Refuse) else set()


def test_every_event_has_a_handler() -> None:
    engine = Engine(contract(0))

    assert set(engine._handlers) == set(get_args(events.Event))


def test_engine_only_dispatches() -> None:
    """Its handlers put parts together; what they decide is decided in the files beside it."""
    source = Path(room.__file__).with_name("engine.py").read_text("utf-8")
    functions = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef)]
    handlers = [each for each in functions if each.name != "__init__"]  # which is the two tables

    longest = max(handlers, key=lambda node: (node.end_lineno or 0) - node.lineno)
    assert (longest.end_lineno or 0) - longest.lineno < 20, longest.name
