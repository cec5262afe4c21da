"""What the mock says unasked: once when a client connects, and then every so often, where that was asked for."""

from collections.abc import Iterable
from dataclasses import dataclass

from mockws.contract import Action, Contract, Message, Operation
from mockws.engine.actions import Action as Deed
from mockws.engine.actions import CancelTimer, Entry, SetTimer
from mockws.engine.compose import Composer
from mockws.engine.delivery import send_to
from mockws.engine.events import ConnectionId, TimerId
from mockws.engine.pairing import answers
from mockws.engine.state import Connection, World
from mockws.errors import CannotFake
from mockws.settings import Settings
from mockws.units import seconds_of

Result = tuple[tuple[Deed, ...], tuple[Entry, ...]]
SHORTEST = 0.01  # seconds: a push is a demonstration, not a load test


@dataclass(frozen=True, eq=False, slots=True)
class Feed:
    """One operation that speaks unasked: what it says in turn, and how often (0: once)."""

    operation: Operation
    messages: tuple[Message, ...]
    every: float


@dataclass(slots=True)
class _Running:
    connection: ConnectionId
    feed: Feed
    turn: int = 0


class Pusher:
    """Speaks unasked on each connection."""

    def __init__(self, contract: Contract, world: World, composer: Composer, settings: Settings) -> None:
        self._world = world
        self._composer = composer
        self._running: dict[TimerId, _Running] = {}
        made = (_feed(contract, each, settings) for each in contract.operations if each.action is Action.SEND)
        self._feeds: dict[str, list[Feed]] = {}
        for feed in made:
            if feed is not None:
                self._feeds.setdefault(feed.operation.channel.name, []).append(feed)

    def start(self, connection: Connection, at: float) -> Result:
        """Speak to a connection that has just been opened."""
        actions: list[Deed] = []
        entries: list[Entry] = []
        for feed in self._feeds_of(connection):
            done, said = self._speak(_Running(connection.id, feed), connection, at)
            actions += done
            entries += said
        return tuple(actions), tuple(entries)

    def resume(self, connection: Connection) -> tuple[Deed, ...]:
        """Go on with a connection that another contract's feeds have spoken to so far."""
        return tuple(self._wait(_Running(connection.id, feed), connection) for feed in self._feeds_of(connection, 0.0))

    def _feeds_of(self, connection: Connection, longer_than: float = -1.0) -> list[Feed]:
        feeds = (feed for channel in connection.route.channels for feed in self._feeds.get(channel.name, ()))
        return [feed for feed in feeds if feed.every > longer_than]

    def fire(self, timer: TimerId, at: float) -> Result | None:
        """Speak again; None where the timer is not one of these, nothing where the connection is gone."""
        running = self._running.pop(timer, None)
        if running is None:
            return None
        connection = self._world.connections[running.connection]  # its timers end with it
        connection.timers.discard(timer)
        return self._speak(running, connection, at)

    def stop(self, connection: Connection) -> list[Deed]:
        """Cancel a connection's timers."""
        timers = sorted(connection.timers)
        connection.timers.clear()
        for timer in timers:
            self._running.pop(timer, None)
        return [CancelTimer(timer) for timer in timers]

    def _speak(self, running: _Running, connection: Connection, at: float) -> Result:
        feed = running.feed
        message = feed.messages[running.turn % len(feed.messages)]
        running.turn += 1
        actions, entries = self._said(feed, message, connection, at)
        return ((*actions, self._wait(running, connection)) if feed.every > 0 else actions), entries

    def _wait(self, running: _Running, connection: Connection) -> SetTimer:
        timer = self._world.new_timer()
        connection.timers.add(timer)
        self._running[timer] = running
        return SetTimer(timer, running.feed.every)

    def _said(self, feed: Feed, message: Message, connection: Connection, at: float) -> Result:
        channel = feed.operation.channel
        try:
            said = self._composer.placed(self._composer.say(message, connection), (channel,), connection.parameters)
            frame = self._composer.frame(said)
        except CannotFake as problem:
            note = str(problem)
            entry = Entry(
                at, "undelivered", connection.id, channel.name, connection.address, "out", message.name, note=note
            )
            return (), (entry,)
        cause = f"pushed by {feed.operation.name} ({said.source})"
        return send_to((connection,), frame, message, channel, at, cause=cause, example=said.name)


def _feed(contract: Contract, operation: Operation, settings: Settings) -> Feed | None:
    """Tell how an operation speaks unasked: as the document says, else as `--push` says; None where it does not."""
    every = operation.push if operation.push is not None else asked_for(settings)
    messages = tuple(unasked(contract, operation))
    if every is None or not messages:
        return None
    return Feed(operation, messages, max(every, SHORTEST) if every else 0.0)


def asked_for(settings: Settings) -> float | None:
    if settings.push is None:
        return None
    return 0.0 if settings.push == "open" else seconds_of(settings.push)


def unasked(contract: Contract, operation: Operation) -> Iterable[Message]:
    """Give the messages of a send operation that answer nothing, by declaration or by name: a pong is never pushed."""
    asked = [message for message, _ in contract.incoming(operation.channel)]
    promised = contract.promised(operation.channel) | {each.response.name for each in asked if each.response}
    for message in operation.messages:
        named_so = any(each.name != message.name and answers(message, each) for each in asked)
        if not (message.is_error or named_so or message.name in promised):
            yield message
