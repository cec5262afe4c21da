"""The engine: one event in, one outcome out. It only dispatches; the handlers are in the files beside it.

`step` is synchronous and total: any event in any state, and no exception. So two messages never interleave.
"""

from collections.abc import Callable
from typing import Any

from mockws.contract import Contract, Route
from mockws.engine.actions import Action, CancelTimer, Close, Entry, Outcome
from mockws.engine.answer import Answerer
from mockws.engine.compose import Composer
from mockws.engine.events import (
    Closed,
    Commanded,
    Connected,
    ContractReplaced,
    Event,
    Received,
    SendCommand,
    Stopping,
    TimerFired,
)
from mockws.engine.gate import Gate
from mockws.engine.push import Pusher
from mockws.engine.reception import Reception, reception_for
from mockws.engine.send import Sender
from mockws.engine.state import Connection, World
from mockws.engine.waiting import Waiting
from mockws.errors import BadPath
from mockws.settings import Settings

GOING_AWAY = 1012  # RFC 6455 registry, "Service Restart": the client may come back


class Engine:
    """Decides what a mock of one contract does."""

    def __init__(self, contract: Contract, settings: Settings | None = None, *, session: str = "") -> None:
        self.settings = settings or Settings()
        self.world = World()
        self._session = session
        self._handlers: dict[type[Any], Callable[[Any], Outcome]] = {
            Connected: self._connected,
            Received: self._received,
            Closed: self._closed,
            TimerFired: self._timer_fired,
            Commanded: self._commanded,
            ContractReplaced: self._contract_replaced,
            Stopping: self._stopping,
        }
        self._adopt(contract)

    def _adopt(self, contract: Contract) -> None:
        """Compile a contract: all that can be decided before a message comes is decided here."""
        settings = self.settings
        self.contract = contract
        composer = Composer(settings.seed, settings.dynamic, settings.carry, self._session)
        self._receptions = {id(each): reception_for(contract, each, infer=settings.infer) for each in contract.routes}
        self._gate = Gate(contract, settings)
        self._answerer = Answerer(contract, self.world, composer, self._gate, settings)
        self._pusher = Pusher(contract, self.world, composer, settings)
        self._sender = Sender(contract, self.world, composer)
        self._waiting = Waiting(self.world, settings.reply_wait)

    def step(self, event: Event) -> Outcome:
        """Decide what one event leads to."""
        return self._handlers[type(event)](event)

    def reception(self, route: Route) -> Reception:
        """Give what clients may send at a route, with what answers it."""
        return self._receptions[id(route)]

    def reach(self, command: SendCommand) -> int:
        """Count the connections that a send would be for; none where it names what is not there."""
        return self._sender.reach(command)

    def _connected(self, event: Connected) -> Outcome:
        passage = self._gate.decide(event)
        connection = passage.connection
        if connection is None:
            return Outcome(event, passage.actions, (passage.entry,))
        self.world.add(connection)
        waited, delivered = self._waiting.deliver(connection, event.at)
        pushed, said = self._pusher.start(connection, event.at)
        return Outcome(event, (*passage.actions, *waited, *pushed), (passage.entry, *delivered, *said))

    def _received(self, event: Received) -> Outcome:
        connection = self.world.connections.get(event.connection)
        if connection is None:  # it was closed by us, and its last words were on the way
            return Outcome(event)
        reception = self._receptions[id(connection.route)]
        actions, entries = self._answerer.answer(connection, reception, event.frame, event.at)
        return self._without_closed(event, actions, entries)

    def _without_closed(self, event: Event, actions: tuple[Action, ...], entries: tuple[Entry, ...]) -> Outcome:
        """Forget connections that an outcome closes at once: nothing may be said to them any more."""
        cancelled: list[Action] = []
        for action in actions:
            if isinstance(action, Close):
                cancelled += self._forget(action.connection)
        return Outcome(event, (*actions, *cancelled), entries)

    def _forget(self, identity: str) -> list[Action]:
        connection = self.world.remove(identity)
        return [CancelTimer(timer) for timer in self._pusher.stop(connection)] if connection else []

    def _closed(self, event: Closed) -> Outcome:
        known = self.world.connections.get(event.connection)
        cancelled = self._forget(event.connection)
        by = "client" if event.by_client else "server"
        address = known.address if known else None
        note = f"by the {by}{f': {event.reason}' if event.reason else ''}"
        entry = Entry(event.at, "close", event.connection, address=address, code=event.code, note=note)
        return Outcome(event, tuple(cancelled), (entry,))

    def _timer_fired(self, event: TimerFired) -> Outcome:
        result = self._waiting.expire(event.timer, event.at) or self._pusher.fire(event.timer, event.at)
        return Outcome(event, *result) if result else Outcome(event)

    def _commanded(self, event: Commanded) -> Outcome:
        actions, entries, sent = self._sender.send(event.command, event.at)
        return Outcome(event, actions, entries, answer=sent)

    def _contract_replaced(self, event: ContractReplaced) -> Outcome:
        """Take the new contract for the next message; only connections whose place is gone are closed."""
        self._adopt(event.contract)
        connections = list(self.world.connections.values())
        lost = self.world.moved((each, self._route_of(each)) for each in connections)
        actions: list[Action] = []
        for connection in lost:
            actions.append(Close(connection.id, GOING_AWAY, "the document has no such channel any more"))
            actions += [CancelTimer(timer) for timer in connection.timers]
        entry = Entry(event.at, "reload", note=f"{event.contract.title} {event.contract.version}".strip())
        return Outcome(event, tuple(actions), (entry,))

    def _route_of(self, connection: Connection) -> Route | None:
        try:
            found = self.contract.book.find(connection.opening.path)
        except BadPath:
            return None
        return found[0] if found else None

    def _stopping(self, event: Stopping) -> Outcome:
        actions: list[Action] = []
        for identity in list(self.world.connections):
            actions.append(Close(identity, GOING_AWAY, "the mock is stopping"))
            actions += self._forget(identity)
        return Outcome(event, tuple(actions))
