"""Handshakes that an expectation has a say in: slow ones, refused ones, those cut off, and what the 101 says.

Until its 101 a connection is not there: nothing is said to it, and of who leaves meanwhile nothing remains.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from msgspec import UNSET

from mockws.engine.actions import PLAIN, Action, CancelTimer, Entry, Refuse, SetTimer
from mockws.engine.breaking import deed_of
from mockws.engine.context import TEMPLATE_FAILURES, Chance, context_for
from mockws.engine.delivery import Result
from mockws.engine.events import Connected, ConnectionId, TimerId
from mockws.engine.gate import Passage, opened, refused
from mockws.engine.pace import drawn
from mockws.engine.script import STUB_FAILED, Run
from mockws.engine.state import Connection, Leaving, World
from mockws.errors import TemplateFailed
from mockws.expect.expectation import Step
from mockws.expect.headers import HEADER_VALUE
from mockws.expect.template import as_text

JSON = "application/json"
LEFT = "by the client, before its handshake was answered"


@dataclass(frozen=True, slots=True)
class Pending:
    """A handshake that waits for its delay to be over."""

    asked: Connected
    run: Run
    timer: TimerId


class Handshakes:
    """The part of scripts that comes before the 101."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._by_timer: dict[TimerId, Pending] = {}
        self._of: dict[ConnectionId, Pending] = {}
        self._answers: Mapping[str, Callable[[Connected, Passage, Run, Step], Passage]] = {
            "reject": self._reject,
            "accept": self._accept,
            "fault": self._cut_off,
        }

    def decide(self, asked: Connected, passage: Passage, run: Run | None) -> Passage:
        """Let a script go on where the gate would let somebody in; what comes of it may be another passage."""
        connection = passage.connection
        if connection is None or run is None:
            return passage
        _meet(run, connection)
        while run.place < run.rule.compiled.handshake:
            step = run.steps[run.place]
            run.place += 1
            if step.kind != "delay":
                return self._answered(asked, passage, run, step)
            wait = drawn(step, Chance(f"{run.chance.seed}|delay|{run.place}"))
            if wait > 0:
                return self._wait(Pending(asked, run, self._world.new_timer()), wait)
        return passage

    def due(self, timer: TimerId) -> Pending | None:
        """Give the handshake that goes on now; None where the timer is not one of these."""
        pending = self._by_timer.get(timer)
        if pending is not None:
            self._forget(pending)
        return pending

    def leaving(self, connection: ConnectionId) -> Leaving | None:
        """See a client off that did not wait for an answer; None where the connection is none of these."""
        pending = self._of.get(connection)
        return Leaving(pending.asked.opening.path, None, note=LEFT) if pending is not None else None

    def forget(self, connection: ConnectionId) -> list[Action]:
        """Forget a handshake; nothing of it remains."""
        pending = self._of.get(connection)
        if pending is None:
            return []
        self._forget(pending)
        return [CancelTimer(pending.timer)]

    def give_up(self, reason: str, at: float) -> Result:
        """Refuse all who still wait."""
        actions: list[Action] = []
        entries: list[Entry] = []
        for pending in list(self._of.values()):
            self._forget(pending)
            passage = refused(replace(pending.asked, at=at), 503, reason)
            actions += (CancelTimer(pending.timer), *passage.actions)
            entries += passage.entries
        return tuple(actions), tuple(entries)

    def _wait(self, pending: Pending, wait: float) -> Passage:
        self._by_timer[pending.timer] = self._of[pending.asked.connection] = pending
        return Passage((SetTimer(pending.timer, wait),), ())

    def _forget(self, pending: Pending) -> None:
        del self._by_timer[pending.timer], self._of[pending.asked.connection]

    def _answered(self, asked: Connected, passage: Passage, run: Run, step: Step) -> Passage:
        """Answer a handshake as a step says; a fault in a stub is told, and refuses it (the engine's first law)."""
        try:
            return self._answers[step.kind](asked, passage, run, step)
        except TEMPLATE_FAILURES as problem:
            fault = _told(asked, run, "fault", note=f"{step.pointer}: {problem}")
            passage = refused(asked, 500, STUB_FAILED)
            return Passage(passage.actions, (fault, *passage.entries))

    def _reject(self, asked: Connected, passage: Passage, run: Run, step: Step) -> Passage:
        told = _told(asked, run, "refused", code=step.action.status)
        context = self._context(passage, run, asked.at)
        headers = _headers(step, context)
        if step.action.text is not UNSET:
            text = as_text(step.text(context)) if step.text else step.action.text
            return Passage((Refuse(asked.connection, step.action.status, text, headers, PLAIN),), (told,))
        if step.action.json is UNSET:
            problem = {"type": "about:blank", "title": "rejected", "status": step.action.status}
            return Passage((Refuse(asked.connection, step.action.status, problem, headers),), (told,))
        body = step.json(context) if step.json else step.action.json
        return Passage((Refuse(asked.connection, step.action.status, body, headers, JSON),), (told,))

    def _accept(self, asked: Connected, passage: Passage, run: Run, step: Step) -> Passage:
        connection = passage.connection
        assert connection is not None
        headers = _headers(step, self._context(passage, run, asked.at))
        if step.action.subprotocol is not UNSET:
            connection.subprotocol = step.action.subprotocol or None
        violations = passage.entries[0].violations
        return opened(asked, connection, violations, headers=headers, expectation=run.rule.id)

    def _cut_off(self, asked: Connected, _: Passage, run: Run, step: Step) -> Passage:
        fault = step.action
        told = _told(asked, run, "fault", note=f"{fault.name}, in place of an answer to the handshake")
        chance = Chance(f"{run.chance.seed}|fault|{run.place}")
        return Passage((deed_of(fault, asked.connection, chance),), (told,))

    def _context(self, passage: Passage, run: Run, at: float) -> Mapping[str, Any]:
        return context_for(self._world, passage.connection, None, None, run.functions, at, {"counter": run.turn})


def _meet(run: Run, connection: Connection) -> None:
    """A script goes on with the connection as the gate sees it now; what was counted for it before stays."""
    before = run.moment.connection
    if before is not None and before is not connection:
        connection.runs, connection.states = before.runs, before.states
        run.moment = replace(run.moment, connection=connection)


def _headers(step: Step, context: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Write the headers of an answer; nothing that a client sent can begin another line."""
    made: Mapping[str, Any] = step.headers(context) if step.headers else step.action.headers
    headers = tuple((name, as_text(value)) for name, value in made.items())
    for name, text in headers:
        if not HEADER_VALUE.fullmatch(text):
            raise TemplateFailed(name, "it makes no header of HTTP")
    return headers


def _told(asked: Connected, run: Run, event: str, *, note: str = "", code: int | None = None) -> Entry:
    path, rule = asked.opening.path, run.rule.id
    return Entry(
        asked.at,
        event,
        asked.connection,
        address=path,
        code=code,
        note=note,
        cause=f"expectation {rule}",
        expectation=rule,
    )
