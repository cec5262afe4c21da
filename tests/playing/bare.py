"""The bare engine as a stage: no socket, no event loop, and time that passes only when a play says so."""

import json
from collections import deque
from collections.abc import Mapping
from typing import Any

import msgspec

from mockws.admin.models import SendBody
from mockws.admin.problems import Problem
from mockws.admin.sending import command_of
from mockws.admin.views import sent_view
from mockws.app import Mock
from mockws.codec import Frame
from mockws.engine import events
from mockws.engine.actions import (
    Accept,
    Action,
    Break,
    CancelTimer,
    Close,
    HangUp,
    Outcome,
    Ping,
    Refuse,
    Respond,
    Send,
    SendInPieces,
    SetTimer,
)
from mockws.engine.engine import Engine
from mockws.engine.events import (
    Closed,
    Command,
    Commanded,
    Connected,
    Event,
    HttpReceived,
    Opening,
    Ponged,
    Received,
    StubsReplaced,
    TimerFired,
    TimerId,
)
from mockws.host.routing import find, upgrade_page
from mockws.host.sockets import opening_of
from mockws.links.stubs import Stubs
from playing.lines import Connect
from playing.stage import PATIENCE, Answer, CutOff, Ended, Heard, Opened, Stage, TurnedAway


class BareStage(Stage):
    """Steps an engine by hand."""

    name = "the bare engine"

    def __init__(self, mock: Mock) -> None:
        self.loaded = mock.loaded
        self.outcomes: list[Outcome] = []
        self._engine = Engine(mock.loaded.contract, mock.settings)
        self._now = 0.0
        self._due: dict[TimerId, float] = {}
        self._inboxes: dict[str, deque[Frame | Ended]] = {}
        self._answers: dict[str, Answer] = {}
        self._begun: dict[str, float] = {}  # when the handshake began
        self._open: set[str] = set()

    def connect(self, line: Connect) -> Answer:
        opening = _opening(line)
        found = find(self.loaded.contract, opening.path)
        if not isinstance(found, tuple):
            self._feed(events.TurnedAway(opening, found["status"], f"{found['title']}: {found['detail']}", self._now))
            return TurnedAway(None, found["status"], json.dumps(found, ensure_ascii=False))
        connection = f"c{len(self._inboxes) + 1}"
        self._inboxes[connection] = deque()
        self._begun[connection] = self._now
        self._feed(Connected(connection, *found, opening, self._now))
        while connection not in self._answers and self._fire_next(self._begun[connection] + PATIENCE):
            pass
        return self._answers[connection]

    def say(self, connection: str, frame: Frame) -> None:
        self._feed(Received(connection, frame, self._now))

    def hear(self, connection: str, patience: float = PATIENCE) -> Heard:
        """Take what is there; else let time pass until a timer brings something."""
        inbox, deadline = self._inboxes[connection], self._now + patience
        while not inbox and self._fire_next(deadline):
            pass
        self._now = self._now if inbox else deadline
        return inbox.popleft() if inbox else None

    def is_open(self, connection: str) -> bool:
        return connection in self._open

    def leave(self, connection: str) -> None:
        self._open.discard(connection)
        self._feed(Closed(connection, 1000, at=self._now))

    def wait(self, seconds: float) -> None:
        """Let time pass, timer by timer."""
        until = self._now + seconds
        while self._fire_next(until):
            pass
        self._now = until

    def _fire_next(self, until: float) -> bool:
        """Fire the timer that is due next; false where none is due in time."""
        if not self._due or min(self._due.values()) > until:
            return False
        timer = min(self._due, key=lambda each: self._due[each])
        self._now = self._due.pop(timer)
        self._feed(TimerFired(timer, self._now))
        return True

    def send(self, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        try:
            command = command_of(msgspec.convert(body, SendBody))
        except msgspec.ValidationError as problem:
            return 422, {"detail": str(problem)}
        except Problem as problem:
            return problem.status, problem.body
        sent = self._feed(Commanded(command, self._now)).answer
        return sent.status, {**msgspec.to_builtins(sent_view(sent)), "detail": sent.problem}

    def get(self, path: str) -> tuple[int, str]:
        found = find(self.loaded.contract, path)
        if not isinstance(found, tuple):
            return found["status"], json.dumps(found, ensure_ascii=False)
        start, body = upgrade_page(found[0])
        return start["status"], body["body"].decode("utf-8")

    def ask(self, method: str, path: str, body: str) -> tuple[int, str]:
        opening = _opening(Connect("", path))
        if not self._engine.asks_for(opening.path):
            return self.get(path)
        outcome = self._feed(HttpReceived("r1", method, opening, body.encode(), self._now))
        answers = [(each.status, each.body.decode()) for each in outcome.actions if isinstance(each, Respond)]
        return answers[0] if answers else self.get(path)

    def expect(self, stubs: Stubs) -> Outcome:
        return self._feed(StubsReplaced(stubs.expectations, self._now, stubs.credentials))

    def command(self, command: Command) -> Outcome:
        return self._feed(Commanded(command, self._now))

    def end(self) -> None:
        """There is nothing to tidy up."""

    def _feed(self, event: Event) -> Outcome:
        outcome = self._engine.step(event)
        self.outcomes.append(outcome)
        for action in outcome.actions:
            self._do(action)
        return outcome

    def _do(self, action: Action) -> None:
        match action:
            case Accept():
                self._open.add(action.connection)
                took = self._now - self._begun[action.connection]
                self._answers[action.connection] = Opened(action.connection, action.subprotocol, action.headers, took)
            case Refuse():
                body, took = json.dumps(action.body, ensure_ascii=False), self._now - self._begun[action.connection]
                self._answers[action.connection] = TurnedAway(action.connection, action.status, body, took)
            case Send() | SendInPieces():
                self._write(action)
            case Ping():
                assert action.connection in self._open, f"the engine pings {action.connection}, which is gone"
                self._feed(Ponged(action.connection, action.payload, self._now))
            case Close():
                self._end(action.connection, action.code, action.reason)
            case HangUp() if action.connection not in self._answers:
                self._answers[action.connection] = CutOff(action.connection)
            case HangUp() | Break():
                self._end(action.connection, 1006, "")
            case SetTimer():
                self._due[action.timer] = self._now + action.seconds
            case CancelTimer():
                self._due.pop(action.timer, None)

    def _write(self, action: Send | SendInPieces) -> None:
        for connection in action.to:
            assert connection in self._open, f"the engine sends to {connection}, which is gone (its fourth law)"
            self._inboxes[connection].append(action.frame)

    def _end(self, connection: str, code: int, reason: str) -> None:
        assert connection in self._open, f"the engine ends {connection}, which is gone (its fourth law)"
        self._open.discard(connection)
        self._inboxes[connection].append(Ended(code, reason))
        self._feed(Closed(connection, code, reason, by_client=False, at=self._now))


def _opening(line: Connect) -> Opening:
    """Write the handshake as a server would hand it over, so that it is read the same way."""
    path, _, query = line.path.partition("?")
    headers = {"host": "127.0.0.1", "upgrade": "websocket", "connection": "Upgrade", "sec-websocket-version": "13"}
    if line.subprotocols:
        headers["sec-websocket-protocol"] = ", ".join(line.subprotocols)
    own = {name.lower() for name, _ in line.headers}
    headers = {name: value for name, value in headers.items() if name not in own}
    scope: Mapping[str, Any] = {
        "type": "websocket",
        "raw_path": path.encode("ascii"),
        "path": path,
        "query_string": query.encode("ascii"),
        "headers": [(name.encode(), value.encode()) for name, value in (*headers.items(), *line.headers)],
        "subprotocols": list(line.subprotocols),
    }
    return opening_of(dict(scope))
