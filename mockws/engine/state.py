"""What the engine remembers: who is connected where, what waits for whom, and which turn each message has.

Nothing here outlives its connection but what `--reply-wait` holds.
"""

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from mockws.address import filled, path_in
from mockws.codec import Frame
from mockws.contract import Channel, Message, Route
from mockws.engine.events import ConnectionId, Opening, TimerId
from mockws.engine.journal import Journal
from mockws.engine.making import Making
from mockws.errors import BadPath

MAX_KEPT = 1000
MAX_GROUPS = 1000  # of one connection
MAX_GROUP = 200  # characters of a group's name
MAX_PINGS = 100  # of one connection, that no pong has answered


@dataclass(slots=True)
class Connection:
    """One accepted socket."""

    id: ConnectionId
    route: Route
    parameters: Mapping[str, str]
    opening: Opening
    opened_at: float
    headers: Mapping[str, str] = field(default_factory=dict)  # the handshake's: they stand for a message's headers
    example: str | None = None  # ?__example=NAME
    dynamic: bool | None = None  # ?__dynamic=true
    subprotocol: str | None = None
    turns: dict[str, int] = field(default_factory=dict)  # message name -> how many were made for this connection
    received: int = 0
    sent: int = 0
    timers: set[TimerId] = field(default_factory=set)
    groups: set[str] = field(default_factory=set)  # rooms of a stub's own making
    values: dict[str, Any] = field(default_factory=dict)  # what scripts remember
    states: dict[str, str] = field(default_factory=dict)  # scenarios of this connection
    runs: dict[str, int] = field(default_factory=dict)  # expectation -> how often it ran for this connection
    beats: int = 0  # how often time set something off here
    pings: deque[bytes] = field(default_factory=partial(deque, maxlen=MAX_PINGS))  # not answered yet
    pinged: int = 0
    address: str = field(init=False)
    plain: bool = field(init=False)  # it has no wishes, and is in no room: it gets the answers that everybody gets
    _paths: frozenset[str] | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self.move(self.route, self.parameters)

    def move(self, route: Route, parameters: Mapping[str, str]) -> None:
        """Be at this route from now on: a new contract has routes of its own."""
        self.route, self.parameters = route, parameters
        self.address = route.path.fill(parameters)
        self.plain = self.example is None and not self.dynamic and not parameters
        self._paths = None

    def turn(self, message: Message) -> int:
        """Count one more of a message on this connection; a fake is seeded by it."""
        count = self.turns.get(message.name, 0)
        self.turns[message.name] = count + 1
        return count

    def join(self, group: str) -> str:
        """Join a group; give what speaks against it, or nothing."""
        if len(group) > MAX_GROUP:
            return f"the name of a group has at most {MAX_GROUP} characters"
        if len(self.groups) >= MAX_GROUPS and group not in self.groups:
            return f"a connection is in at most {MAX_GROUPS} groups"
        self.groups.add(group)
        return ""

    def ping(self) -> bytes:
        """Make the payload of one more ping."""
        self.pinged += 1
        payload = b"mockws-%d" % self.pinged
        self.pings.append(payload)
        return payload

    def pong(self, payload: bytes) -> bool:
        """Tell whether a pong answers one of our pings; it answers those before, too (RFC 6455, 5.5.3)."""
        if payload not in self.pings:
            return False
        while self.pings.popleft() != payload:
            pass
        return True

    def reset(self) -> None:
        """Forget what expectations have made of this connection."""
        for kept in (self.groups, self.values, self.states, self.runs, self.pings):
            kept.clear()
        self.beats = 0

    def is_in_room(self, parameters: Mapping[str, str]) -> bool:
        """Tell whether the parameters that both have are equal: the same values are the same room."""
        mine = self.parameters
        return mine == parameters or all(mine.get(name, value) == value for name, value in parameters.items())

    def is_at(self, path: str) -> bool:
        """Tell whether this is the connection's address, or that of one of its channels: a server's path may differ."""
        if self._paths is None:
            own = (filled(channel.address, self.parameters) for channel in self.route.channels)
            paths = (path_of(each) for each in (self.address, *own))
            self._paths = frozenset(each for each in paths if each is not None)
        return path in self._paths


@dataclass(frozen=True, slots=True)
class Leaving:
    """A connection that we have closed, and that is not gone yet."""

    address: str
    connection: Connection | None  # none: it was closed at the door
    cause: str = ""  # of the close
    note: str = ""  # what is to be said about it, where there is more than by whom


@dataclass(frozen=True, slots=True)
class Kept:
    """A reply that nobody was there for yet."""

    timer: TimerId
    channel: Channel | None
    path: str | None
    parameters: Mapping[str, str]
    frame: Frame
    message: str
    cause: str


class World:
    """All connections of one session, found by id, by channel and by address."""

    def __init__(self, journal: Journal | None = None, making: Making | None = None) -> None:
        self.journal = Journal() if journal is None else journal
        self.connections: dict[ConnectionId, Connection] = {}
        self.leaving: dict[ConnectionId, Leaving] = {}
        self.kept: dict[TimerId, Kept] = {}
        self.states: dict[str, str] = {}  # scenarios of all connections together
        self.turns: dict[str, int] = {}  # message name -> how many were asked for from outside
        self.fired = 0  # named triggers
        self.making = making or Making()
        self._at: dict[str, dict[ConnectionId, Connection]] = {}
        self._timers = 0

    def add(self, connection: Connection) -> None:
        self.connections[connection.id] = connection
        for channel in connection.route.channels:
            self._at.setdefault(channel.name, {})[connection.id] = connection

    def remove(self, identity: ConnectionId) -> Connection | None:
        """Forget a connection; None where it is not known (it was refused, or is already gone)."""
        connection = self.connections.pop(identity, None)
        for channel in connection.route.channels if connection else ():
            there = self._at[channel.name]
            there.pop(identity, None)
            if not there:
                del self._at[channel.name]
        return connection

    def at(self, channel: Channel, parameters: Mapping[str, str]) -> Iterator[Connection]:
        """Give the connections at a channel, in the room that these parameters name."""
        for connection in self._at.get(channel.name, {}).values():
            if connection.is_in_room(parameters):
                yield connection

    def at_address(self, address: str) -> list[Connection]:
        """Give the connections at an address, written as people do."""
        path = path_of(address)
        return [each for each in self.connections.values() if each.is_at(path)] if path is not None else []

    def move(self, connection: Connection, route: Route, parameters: Mapping[str, str]) -> None:
        """Put a connection at its route of a new contract."""
        self.remove(connection.id)
        connection.move(route, parameters)
        self.add(connection)

    def reset(self) -> None:
        """Forget what expectations have made of all connections."""
        self.states.clear()
        self.fired = 0
        for connection in self.connections.values():
            connection.reset()

    def new_timer(self) -> TimerId:
        self._timers += 1
        return self._timers


def path_of(address: str) -> str | None:
    """Give the decoded path of an address, or None where it cannot be one."""
    try:
        return path_in(address)
    except BadPath:
        return None
