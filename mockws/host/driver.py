"""Between the engine and the world: feeds it events, carries its actions out, shows outcomes to the observers.

One driver has one engine, and everything of it happens in one thread. `feed` is synchronous from end to end.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol

from mockws.codec import Frame
from mockws.contract import Contract, Route
from mockws.engine.actions import (
    Accept,
    Break,
    CancelTimer,
    Close,
    Exchange,
    HangUp,
    Neglect,
    Outcome,
    Ping,
    Refuse,
    Respond,
    Send,
    SendInPieces,
    SetTimer,
    Write,
)
from mockws.engine.call import Call
from mockws.engine.engine import Engine
from mockws.engine.events import (
    Called,
    Closed,
    Connected,
    ConnectionId,
    ContractReplaced,
    Event,
    HttpReceived,
    NotDone,
    Opening,
    Ponged,
    Received,
    RequestId,
    Stopping,
    TimerFired,
    TimerId,
    TurnedAway,
)
from mockws.expect.pieces import Pieces
from mockws.host.clock import Clock, Handle
from mockws.schema.schema import Manner

Observer = Callable[[Outcome], None]
Headers = tuple[tuple[str, str], ...]
Report = Callable[[Call, int | None, str, float], None]  # the status or an error, and the seconds that it took
Carrier = Callable[[Call, Report], None]  # makes a call, without waiting for it, and reports what came of it


class Peer(Protocol):
    """The hand on one socket. No method waits; none raises because the other side is gone."""

    __slots__ = ()

    def accept(self, subprotocol: str | None, headers: Headers) -> None: ...

    def refuse(self, status: int, body: Any, headers: Headers, media_type: str) -> None: ...

    def send(self, frame: Frame) -> None: ...

    def say(self, text: bytes) -> None: ...

    def ping(self, payload: bytes) -> None: ...

    def close(self, code: int, reason: str) -> None: ...

    def hang_up(self, *, reset: bool, content: bytes = b"") -> None: ...

    def send_in_pieces(self, frame: Frame, pieces: Pieces) -> None: ...

    def spoil(self, fault: str) -> None: ...

    def write(self, content: bytes) -> None: ...

    def neglect(self, fault: str) -> None: ...


class Driver:
    """Runs one engine."""

    def __init__(
        self, engine: Engine, clock: Clock, observers: Iterable[Observer] = (), carrier: Carrier | None = None
    ) -> None:
        self.engine = engine
        self.clock = clock
        self._observers = list(observers)
        self._attentive = list(observers)  # those that want to see messages, too
        self._peers: dict[ConnectionId, Peer] = {}
        self.abandoned = 0  # sockets that are held though their clients have said goodbye
        self._timers: dict[TimerId, Handle] = {}
        self._answers: dict[RequestId, Respond] = {}
        self._count = 0
        self._requests = 0
        self._carrier = carrier or self._nobody_calls
        self._doing: dict[type[Any], Callable[[Any], None]] = {
            Accept: lambda action: self._peers[action.connection].accept(action.subprotocol, action.headers),
            Refuse: self._refuse,
            Ping: self._ping,
            Close: self._close,
            HangUp: self._hang_up,
            Send: self._send,
            SendInPieces: self._send_in_pieces,
            Break: lambda action: self._with_peer(action, lambda peer: peer.spoil(action.fault)),
            Write: lambda action: self._with_peer(action, lambda peer: peer.write(action.content)),
            Neglect: lambda action: self._with_peer(action, lambda peer: peer.neglect(action.fault)),
            SetTimer: self._set_timer,
            CancelTimer: self._cancel_timer,
            Respond: self._respond,
            Call: lambda action: self._carrier(action, self.called),
        }

    @property
    def connections(self) -> int:
        """Count the sockets that are open, those included that are just being closed."""
        return len(self._peers)

    def observe(self, observer: Observer, *, of_messages: bool = True) -> None:
        """Show every outcome to one more observer, or all but those of messages that came in."""
        self._observers.append(observer)
        if of_messages:
            self._attentive.append(observer)

    def _nobody_calls(self, call: Call, report: Report) -> None:
        self.clock.call_later(0, lambda: report(call, None, "this mock makes no calls", 0.0))

    def connect(self, peer: Peer, route: Route, parameters: Mapping[str, str], opening: Opening) -> ConnectionId:
        """Tell the engine of a handshake; give the name that the connection goes by."""
        self._count += 1
        connection = f"c{self._count}"
        self._peers[connection] = peer
        try:
            self.feed(Connected(connection, route, parameters, opening, self.clock.now()))
        except BaseException:
            del self._peers[connection]
            raise
        return connection

    def turn_away(self, opening: Opening, status: int, reason: str) -> None:
        """Tell the engine of a handshake that was refused before there was a route for it."""
        self.feed(TurnedAway(opening, status, reason, self.clock.now()))

    def request(self, method: str, opening: Opening, body: bytes) -> Respond | None:
        """Tell the engine of a plain HTTP request; give its answer, none where it has nothing to say about it."""
        self._requests += 1
        request = f"r{self._requests}"
        self.feed(HttpReceived(request, method, opening, body, self.clock.now()))
        return self._answers.pop(request, None)

    def called(self, call: Call, status: int | None, error: str, seconds: float) -> None:
        """Tell the engine what came of a call."""
        self.feed(Called(call, status, error, seconds, self.clock.now()))

    def receive(self, connection: ConnectionId, frame: Frame) -> None:
        """Tell the engine of a message."""
        outcome = self.engine.step(Received(connection, frame, self.clock.now()))
        if type(outcome) is Exchange:  # this is the way that has to be short
            self._peers[connection].say(outcome.said)
        else:
            for action in outcome.actions:
                self._doing[type(action)](action)
        for observe in self._attentive:
            observe(outcome)

    def ponged(self, connection: ConnectionId, payload: bytes) -> None:
        """Tell the engine of a pong."""
        self.feed(Ponged(connection, payload, self.clock.now()))

    def not_done(self, connection: ConnectionId, deed: str) -> None:
        """Tell the engine of what this server has no way to do."""
        self.feed(NotDone(connection, deed, self.clock.now()))

    def gone(self, connection: ConnectionId, code: int, reason: str = "", *, by_client: bool = True) -> None:
        """Tell the engine that a socket is no more."""
        if self._peers.pop(connection, None) is not None:
            self.feed(Closed(connection, code, reason, by_client, self.clock.now()))

    def replace(self, contract: Contract, manner: Manner | None = None) -> None:
        """Serve another contract from the next message on."""
        self.feed(ContractReplaced(contract, self.clock.now(), manner))

    def stop(self, reason: str = "the mock is stopping") -> None:
        """Say goodbye to everyone."""
        self.feed(Stopping(reason, self.clock.now()))

    def feed(self, event: Event) -> Outcome:
        """Let the engine decide on one event, and carry the decision out."""
        outcome = self.engine.step(event)
        for action in outcome.actions:
            self._doing[type(action)](action)
        for observe in self._observers:
            observe(outcome)
        return outcome

    def _refuse(self, action: Refuse) -> None:
        self._peers[action.connection].refuse(action.status, action.body, action.headers, action.media_type)

    def _ping(self, action: Ping) -> None:
        peer = self._peers.get(action.connection)
        if peer is not None:
            peer.ping(action.payload)

    def _hang_up(self, action: HangUp) -> None:
        peer = self._peers.get(action.connection)
        if peer is not None:
            peer.hang_up(reset=action.reset, content=action.content)

    def _with_peer(self, action: Break | Write | Neglect, do: Callable[[Peer], None]) -> None:
        peer = self._peers.get(action.connection)
        if peer is not None:
            do(peer)

    def _close(self, action: Close) -> None:
        peer = self._peers.get(action.connection)
        if peer is not None:
            peer.close(action.code, action.reason)

    def _send(self, action: Send) -> None:
        for connection in action.to:
            peer = self._peers.get(connection)
            if peer is not None:
                peer.send(action.frame)

    def _send_in_pieces(self, action: SendInPieces) -> None:
        for connection in action.to:
            peer = self._peers.get(connection)
            if peer is not None:
                peer.send_in_pieces(action.frame, action.pieces)

    def _respond(self, action: Respond) -> None:
        self._answers[action.request] = action

    def _set_timer(self, action: SetTimer) -> None:
        self._timers[action.timer] = self.clock.call_later(action.seconds, lambda: self._fire(action.timer))

    def _cancel_timer(self, action: CancelTimer) -> None:
        handle = self._timers.pop(action.timer, None)
        if handle is not None:
            handle.cancel()

    def _fire(self, timer: TimerId) -> None:
        if self._timers.pop(timer, None) is not None:
            self.feed(TimerFired(timer, self.clock.now()))
