"""What the engine remembers: who is connected where, what waits for whom, and which turn each message has.

Nothing here outlives its connection but what `--reply-wait` holds.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from mockws.codec import Frame
from mockws.contract import Channel, Message, Route
from mockws.engine.events import ConnectionId, Opening, TimerId

MAX_KEPT = 1000


@dataclass(slots=True)
class Connection:
    """One accepted socket."""

    id: ConnectionId
    route: Route
    parameters: Mapping[str, str]
    opening: Opening
    opened_at: float
    headers: Mapping[str, str] = field(
        default_factory=dict
    )  # the handshake's headers and query: stand for message headers
    example: str | None = None  # ?__example=NAME
    dynamic: bool | None = None  # ?__dynamic=true
    subprotocol: str | None = None
    credentials: frozenset[str] = frozenset()  # names of the schemes whose credentials it brought
    turns: dict[str, int] = field(default_factory=dict)  # message name -> how many were made for this connection
    received: int = 0
    sent: int = 0
    timers: set[TimerId] = field(default_factory=set)

    @property
    def address(self) -> str:
        return self.route.path.fill(self.parameters)

    def turn(self, message: Message) -> int:
        """Count one more of a message on this connection; a fake is seeded by it."""
        count = self.turns.get(message.name, 0)
        self.turns[message.name] = count + 1
        return count

    def is_in_room(self, parameters: Mapping[str, str]) -> bool:
        """Tell whether the parameters that both have are equal: the same values are the same room."""
        return all(self.parameters.get(name, value) == value for name, value in parameters.items())


@dataclass(frozen=True, slots=True)
class Kept:
    """A reply that nobody was there for yet."""

    timer: TimerId
    channel: Channel | None
    address: str | None
    parameters: Mapping[str, str]
    frame: Frame
    message: str
    cause: str


class World:
    """All connections of one session, found by id and by channel."""

    def __init__(self) -> None:
        self.connections: dict[ConnectionId, Connection] = {}
        self._at: dict[str, dict[ConnectionId, Connection]] = {}
        self.kept: dict[TimerId, Kept] = {}
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

    def at_address(self, path: str) -> Iterator[Connection]:
        """Give the connections whose address is this path."""
        wanted = path if path.startswith("/") else f"/{path}"
        return (connection for connection in self.connections.values() if connection.address == wanted)

    def moved(self, routes: Iterable[tuple[Connection, Route | None]]) -> list[Connection]:
        """Put connections at their routes of a new contract; give those that have none any more."""
        lost = []
        for connection, route in routes:
            self.remove(connection.id)
            if route is None:
                lost.append(connection)
            else:
                connection.route = route
                self.add(connection)
        return lost

    def new_timer(self) -> TimerId:
        self._timers += 1
        return self._timers
