"""The engine: one event in, one outcome out. It only dispatches; the handlers are in the files beside it.

`step` is synchronous and total: any event in any state, and no exception. So two messages never interleave.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from mockws.contract import Contract, Operation, Route
from mockws.engine.actions import ENDINGS, ENDS, Action, Close, Decision, Entry, Exchange, Outcome
from mockws.engine.answer import Answerer
from mockws.engine.book import Layer
from mockws.engine.callbacks import result_of
from mockws.engine.compose import Composer
from mockws.engine.context import facts_of, facts_of_opening
from mockws.engine.control import ADMIN, Control
from mockws.engine.credentials import Credential, Listed, faults
from mockws.engine.delivery import Result
from mockws.engine.events import (
    Called,
    ClearWeather,
    CloseCommand,
    Closed,
    Commanded,
    Connected,
    ConnectionId,
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
    SetCredentials,
    SetWeather,
    Stopping,
    StubsReplaced,
    TimerFired,
    TurnedAway,
    Unexpect,
)
from mockws.engine.expected import Expected
from mockws.engine.gate import Gate, Passage, refused
from mockws.engine.handshake import Pending
from mockws.engine.hooks import Hooks
from mockws.engine.journal import Journal
from mockws.engine.making import Making
from mockws.engine.push import Pusher
from mockws.engine.reception import Reception, reception_for
from mockws.engine.script import Run
from mockws.engine.send import Sender
from mockws.engine.state import Leaving, World
from mockws.engine.waiting import Waiting
from mockws.engine.weather import Weather
from mockws.errors import BadPath
from mockws.settings import Settings

NOT_FOUND, UPGRADE = 404, 426
GOING_AWAY = 1012  # RFC 6455 registry, "Service Restart": the client may come back
NO_CHANNEL = "the document has no such channel any more"
REPLACED = "the document was replaced before someone came"


class Engine:
    """Decides what a mock of one contract does."""

    def __init__(
        self,
        contract: Contract,
        settings: Settings | None = None,
        *,
        session: str = "",
        isolated: bool = False,
        making: Making | None = None,
    ) -> None:
        self.settings = settings or Settings()
        self.journal = Journal(self.settings.journal_limit, self.settings.journal_size)
        self.world = World(self.journal, making)
        self._waiting = Waiting(self.world, self.settings.reply_wait)
        self._session = session
        seed, callbacks = f"{self.settings.chance}|{session}", self.settings.allow_callbacks
        self.credentials = Listed()
        self.expected = Expected(self.world, seed, Layer.SESSION if isolated else Layer.ADMIN, callbacks)
        self._control = Control(self.world, seed, self.expected.under_way)
        self.weather = Weather(self.world, seed, self._part)
        self._handlers: dict[type[Any], Callable[[Any], Outcome]] = {
            Connected: self._connected,
            Received: self._received,
            Ponged: self._ponged,
            NotDone: self._not_done,
            Closed: self._closed,
            TimerFired: self._timer_fired,
            Commanded: self._commanded,
            ContractReplaced: self._contract_replaced,
            StubsReplaced: self._stubs_replaced,
            TurnedAway: self._turned_away,
            HttpReceived: self._http_received,
            Called: self._called,
            Stopping: self._stopping,
        }
        self._commands: dict[type[Any], Callable[[Any, Any], Outcome]] = {
            SendCommand: self._send,
            Expect: self._change,
            Unexpect: self._change,
            Reset: self._reset,
            Enter: self._change,
            Restart: self._change,
            Fire: self._fire,
            SetCredentials: self._set_credentials,
            CloseCommand: self._controlled,
            FaultCommand: self._controlled,
            PingCommand: self._controlled,
            SetWeather: lambda event, command: Decision(event, answer=self.weather.begin(command, event.at)),
            ClearWeather: lambda event, command: Decision(event, answer=self.weather.clear(command.channel)),
        }
        self._adopt(contract)

    def _adopt(self, contract: Contract) -> None:
        """Compile a contract: all that can be decided before a message comes is decided here."""
        settings = self.settings
        self.contract = contract
        composer = Composer(settings.chance, settings.dynamic, settings.carry, self._session, self.world.making)
        self._receptions = {each: reception_for(contract, each, settings) for each in contract.routes}
        self._gate = Gate(contract, settings, self.credentials)
        receptions = self._receptions.values()
        self._answerer = Answerer(
            contract, self.world, composer, self._gate, self._waiting, self.expected, receptions, settings
        )
        self._pusher = Pusher(contract, self.world, composer, settings)
        self._sender = Sender(contract, self.world, composer)
        self._hooks = Hooks(contract, self.world, composer, self._waiting)
        self._lost = self.expected.adopt(contract, composer)

    def step(self, event: Event) -> Outcome:
        """Decide what one event leads to, and write it down: before anything is done, it stands in the journal."""
        self.world.making.at = event.at
        outcome = self._weathered(event) if self.weather else self._handlers[type(event)](event)
        if type(outcome) is Exchange:
            self.journal.note(outcome)
        elif outcome.entries:
            self.journal.add(outcome.entries)
        return outcome

    def _weathered(self, event: Event) -> Outcome:
        """Decide under fault profiles; what they have held back comes as it is."""
        late = self.weather.fire(event.timer, event.at) if isinstance(event, TimerFired) else None
        if late is not None:
            return Decision(event, tuple(late))
        return self.weather.over(self._handlers[type(event)](event))

    def reception(self, route: Route) -> Reception:
        """Give what clients may send at a route, with what answers it."""
        return self._receptions[route]

    def credential(self, operation: Operation, opening: Opening) -> Credential:
        """Judge whether a handshake brought what an operation asks for."""
        return self._gate.credential((operation.security,), opening)

    def reach(self, command: SendCommand) -> int:
        """Count the connections that a send would be for; none where it names what is not there."""
        return self._sender.reach(command)

    def _connected(self, event: Connected) -> Outcome:
        before = self._forget(event.connection)  # a name that is used anew: whoever had it is gone
        passage = self._passage(event)
        run = self.expected.meet(passage.connection, event.at) if passage.connection else None
        return self._admitted(event, event, passage, run, before)

    def _resumed(self, event: TimerFired, pending: Pending) -> Outcome:
        """Go on with a slow handshake: the gate decides anew, as the document may have been replaced."""
        asked = replace(pending.asked, at=event.at)
        return self._admitted(event, asked, self._passage(asked), pending.run, [])

    def _admitted(
        self, event: Event, asked: Connected, passage: Passage, run: Run | None, before: list[Action]
    ) -> Outcome:
        passage = self.expected.handshakes.decide(asked, passage, run)
        connection = passage.connection
        if connection is None:
            return self._refused(event, asked, passage, before)
        self.world.add(connection)
        waited, delivered = self._waiting.deliver(connection, asked.at)
        greeted, greeting = self.expected.opened(connection, run, asked.at)
        over = any(isinstance(each, ENDINGS) for each in greeted)
        pushed, said = ((), ()) if over else self._pusher.start(connection, asked.at)
        actions = (*before, *passage.actions, *waited, *greeted, *pushed)
        entries = (*passage.entries, *delivered, *greeting, *said)
        return Decision(event, (*actions, *self._part(actions, connection.address)), entries)

    def _refused(self, event: Event, asked: Connected, passage: Passage, before: list[Action]) -> Outcome:
        if passage.entries:
            self.journal.know(facts_of_opening(asked.connection, asked.opening, asked.parameters))
        self._part(passage.actions, asked.opening.path)
        return Decision(event, (*before, *passage.actions), passage.entries)

    def _turned_away(self, event: TurnedAway) -> Outcome:
        """Journal it: a browser shows its page only 1006."""
        address, note = event.opening.path, event.reason
        return Decision(event, (), (Entry(event.at, "refused", address=address, code=event.status, note=note),))

    def asks_for(self, path: str) -> bool:
        """Tell whether an expectation's trigger, or the document, has this path of an HTTP request."""
        return self._hooks.knows(path) or bool(self.expected.requests.candidates(path))

    def _http_received(self, event: HttpReceived) -> Outcome:
        """Answer a request; a browser that opens a channel's path is told to upgrade, as it is without expectations."""
        opens = event.method in ("GET", "HEAD") and self._find(event.opening.path) is not None
        otherwise = UPGRADE if opens else NOT_FOUND
        return self._outcome(event, *self.expected.requests.answer(event, self._hooks.answer, otherwise))

    def _called(self, event: Called) -> Outcome:
        return Decision(event, (), (result_of(event),))

    def _passage(self, event: Connected) -> Passage:
        if event.route in self._receptions:
            return self._gate.decide(event)
        # The document was replaced while the handshake was under way: the path is looked up again.
        found = self._find(event.opening.path)
        if found is None:
            return refused(event, 404, "unknown path", NO_CHANNEL)
        return self._gate.decide(replace(event, route=found[0], parameters=found[1]))

    def _received(self, event: Received) -> Outcome:
        connection = self.world.connections.get(event.connection)
        if connection is None:  # it was closed by us, and its last words were on the way
            return Decision(event)
        connection.received += 1
        reading = self._receptions[connection.route].read(event.frame)
        exchange = self._answerer.shortly(connection, reading, event)
        if exchange is not None:
            return exchange
        actions, entries = self._answerer.answer(connection, reading, event.frame, event.at)
        for action in actions:
            if type(action) in ENDS:
                return Decision(event, (*actions, *self._part(actions, connection.address)), entries)
        return Decision(event, actions, entries)

    def _ponged(self, event: Ponged) -> Outcome:
        connection = self.world.connections.get(event.connection)
        if connection is None or not connection.pong(event.payload):  # nobody asked for it, or the host did
            return Decision(event)
        entry = Entry(event.at, "pong", connection.id, address=connection.address, direction="in")
        return Decision(event, (), (entry,))

    def _not_done(self, event: NotDone) -> Outcome:
        note = f"the server that the mock runs on cannot {event.deed}"
        return Decision(event, (), (Entry(event.at, "fault", event.connection, note=note),))

    def _part(self, actions: tuple[Action, ...], address: str = "", cause: str = "") -> list[Action]:
        """Forget connections that actions end: nothing may be said to them any more."""
        cancelled: list[Action] = []
        for action in actions:
            if not isinstance(action, ENDINGS):
                continue
            known = self.world.connections.get(action.connection)
            if isinstance(action, Close) or known is not None:
                cancelled += self._forget(action.connection)
                self.world.leaving[action.connection] = Leaving(known.address if known else address, known, cause)
        return cancelled

    def _forget(self, identity: ConnectionId) -> list[Action]:
        self.world.leaving.pop(identity, None)
        unanswered = self.expected.handshakes.forget(identity)
        connection = self.world.remove(identity)
        if connection is None:
            return unanswered
        self.journal.know(facts_of(connection))
        return [*unanswered, *self._pusher.stop(connection), *self.expected.cancel(identity)]

    def _closed(self, event: Closed) -> Outcome:
        open_ = self.world.connections.get(event.connection)
        known = Leaving(open_.address, open_) if open_ else self.world.leaving.get(event.connection)
        known = known or self.expected.handshakes.leaving(event.connection)
        cancelled = [*self._forget(event.connection), *self.weather.forget(event.connection)]
        if known is None:  # it was never let in
            return Decision(event)
        note = f"by the {'client' if event.by_client else 'server'}{f': {event.reason}' if event.reason else ''}"
        note = known.note or note
        entry = Entry(
            event.at, "close", event.connection, address=known.address, code=event.code, note=note, cause=known.cause
        )
        told, telling = self.expected.closed(known.connection, event) if known.connection else ((), ())
        return Decision(event, (*cancelled, *told), (entry, *telling))

    def _timer_fired(self, event: TimerFired) -> Outcome:
        pending = self.expected.handshakes.due(event.timer)
        if pending is not None:
            return self._resumed(event, pending)
        result = self._waiting.expire(event.timer, event.at) or self._pusher.fire(event.timer, event.at)
        result = result or self.expected.fire(event.timer, event.at)
        return self._outcome(event, *result) if result else Decision(event)

    def _outcome(
        self, event: Event, actions: tuple[Action, ...], entries: tuple[Entry, ...], answer: Any = None
    ) -> Outcome:
        """Finish what may close connections."""
        return Decision(event, (*actions, *self._part(actions)), entries, answer)

    def _commanded(self, event: Commanded) -> Outcome:
        return self._commands[type(event.command)](event, event.command)

    def _send(self, event: Commanded, command: SendCommand) -> Outcome:
        actions, entries, sent = self._sender.send(command, event.at)
        return Decision(event, actions, entries, answer=sent)

    def _change(self, event: Commanded, command: Expect | Unexpect | Enter | Restart) -> Outcome:
        """Change the expectations in force; the answer says how it went."""
        changes: dict[type[Any], Callable[[Any, float], tuple[list[Action], Any]]] = {
            Expect: self.expected.expect,
            Unexpect: self.expected.unexpect,
            Enter: self.expected.enter,
            Restart: self.expected.restart,
        }
        actions, answer = changes[type(command)](command, event.at)
        return Decision(event, tuple(actions), answer=answer)

    def _reset(self, event: Commanded, _: Reset) -> Outcome:
        self.credentials.set = None
        let_go = self.weather.calm()
        actions, entries = self.expected.reset(event.at)
        return Decision(event, (*let_go, *actions), entries)

    def _set_credentials(self, event: Commanded, command: SetCredentials) -> Outcome:
        """Take credentials in the place of the files'; the answer says what is wrong with them, if anything."""
        wrong = tuple(faults(command.credentials or (), self.contract))
        if not wrong:
            self.credentials.set = command.credentials
        return Decision(event, answer=wrong)

    def _controlled(self, event: Commanded, command: CloseCommand | FaultCommand | PingCommand) -> Outcome:
        """Do something to connections; the answer names those that it reached, or says what is wrong with it."""
        deeds: dict[type[Any], Callable[[Any, float], tuple[Result, Any]]] = {
            CloseCommand: self._control.close,
            FaultCommand: self._control.fault,
            PingCommand: self._control.ping,
        }
        (actions, entries), answer = deeds[type(command)](command, event.at)
        return Decision(event, (*actions, *self._part(actions, cause=ADMIN)), entries, answer)

    def _fire(self, event: Commanded, command: Fire) -> Outcome:
        result, ran = self.expected.set_off(command, event.at)
        return self._outcome(event, *result, answer=ran)

    def _stubs_replaced(self, event: StubsReplaced) -> Outcome:
        problem = next(faults(event.credentials, self.contract), None)
        actions: list[Action] = []
        if problem is None:
            actions, problem = self.expected.replace(event)
        if problem is None:
            self.credentials.of_files = event.credentials
        count = len(event.expectations)
        read = f"{count} expectation{'' if count == 1 else 's'} from files"
        note = read if problem is None else f"not taken over: {problem}"
        return Decision(event, tuple(actions), (Entry(event.at, "reload", note=note),), answer=problem)

    def _contract_replaced(self, event: ContractReplaced) -> Outcome:
        """Take the new contract for the next message; only connections whose place is gone are closed."""
        given_up, undelivered = self._waiting.give_up(REPLACED, event.at)
        actions: list[Action] = [*given_up]
        for connection in self.world.connections.values():
            actions += self._pusher.stop(connection)
        self.world.making.manner = event.manner or self.world.making.manner
        self._adopt(event.contract)
        for connection in list(self.world.connections.values()):
            found = self._find(connection.opening.path)
            if found is None:
                actions += self._sent_away(connection.id, NO_CHANNEL)
            else:
                self.world.move(connection, *found)
                actions += self._pusher.resume(connection)
        actions += self.expected.refresh()
        note = f"{event.contract.title} {event.contract.version}".strip()
        note += f"; no channel any more for {', '.join(self._lost)}" if self._lost else ""
        entry = Entry(event.at, "reload", note=note)
        return Decision(event, tuple(actions), (entry, *undelivered))

    def _find(self, path: str) -> tuple[Route, dict[str, str]] | None:
        try:
            return self.contract.book.find(path)
        except BadPath:
            return None

    def _stopping(self, event: Stopping) -> Outcome:
        actions, undelivered = self._waiting.give_up(event.reason, event.at)
        stopped, told = self.expected.stop(event.reason, event.at)
        closed = [each for identity in list(self.world.connections) for each in self._sent_away(identity, event.reason)]
        return Decision(event, (*self.weather.calm(), *actions, *stopped, *closed), (*undelivered, *told))

    def _sent_away(self, identity: ConnectionId, reason: str) -> list[Action]:
        close = Close(identity, GOING_AWAY, reason)
        return [close, *self._part((close,), self.world.connections[identity].address)]
