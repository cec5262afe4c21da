"""Where clients can connect: one route for each path that the servers and channels of a document make together.

Several channels at one path are one route. Nothing here knows how a route is served.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from mockws.address import PARAMETER, Address
from mockws.asyncapi.parts import Outline
from mockws.contract import Alternative, Channel, Handshake, Route, Server
from mockws.schema.schema import Schema

UNLIMITED = Server("", "ws")


@dataclass
class _Spot:
    """A path while it is being put together."""

    address: Address
    channels: list[Channel] = field(default_factory=list)
    servers: list[Server] = field(default_factory=list)
    handshakes: list[Handshake] = field(default_factory=list)
    topics: bool = False


@dataclass
class Mounting:
    """Collects the paths of a document's channels."""

    outline: Outline
    servers: tuple[Server, ...]
    topics: bool | None = None  # none: decided per server
    spots: dict[str, _Spot] = field(default_factory=dict)

    def routes(self) -> tuple[Route, ...]:
        """Mount everything; the paths of servers first, then bare addresses where nothing else is."""
        channels = [(channel, self._servers_of(channel)) for channel in self.outline.channels]
        mounted = [(channel, servers) for channel, servers in channels if servers]
        for channel, servers in mounted:
            for server in servers:
                for pathname in server.pathnames:
                    self._put(pathname, channel, server)
        taken = frozenset(self.spots)
        for channel, servers in mounted:
            if path_of(channel.address).template not in taken:
                for server in servers:
                    self._put("", channel, server)
        self._put_topics(mounted)
        return tuple(self._route(spot) for spot in self.spots.values())

    def _servers_of(self, channel: Channel) -> tuple[Server, ...]:
        """Give the servers of a channel that are served; none at all means that the channel is not mounted."""
        if not self.servers:
            return (UNLIMITED,)
        return tuple(server for server in self.servers if not channel.servers or server.name in channel.servers)

    def _put(self, pathname: str, channel: Channel, server: Server) -> _Spot:
        enums = {parameter.name: parameter.enum for parameter in channel.parameters}
        bare = path_of(channel.address).template
        template = pathname + bare if bare != "/" or not pathname else pathname
        spot = self.spots.setdefault(_shape(template, enums), _Spot(Address(template, enums)))
        if all(each.name != channel.name for each in spot.channels):
            spot.channels.append(channel)
            spot.handshakes.extend(_handshakes(channel))
        if server is not UNLIMITED and server not in spot.servers:
            spot.servers.append(server)
        return spot

    def _put_topics(self, mounted: list[tuple[Channel, tuple[Server, ...]]]) -> None:
        """Channels that are topics share the socket at their server's own path."""
        for server in self.servers or (UNLIMITED,):
            there = [channel for channel, servers in mounted if server in servers]
            if self.topics is False or not (self.topics or _are_topics(there)):
                continue
            for pathname in server.pathnames:
                self._put_topic_socket(pathname or "/", there, server)

    def _put_topic_socket(self, path: str, channels: list[Channel], server: Server) -> None:
        spot = self.spots.get(path)
        if spot is not None and not spot.topics:
            return  # a channel of its own is there
        spot = self.spots.setdefault(path, _Spot(Address(path), topics=True))
        spot.channels.extend(channel for channel in channels if channel not in spot.channels)
        if server is not UNLIMITED and server not in spot.servers:
            spot.servers.append(server)

    def _route(self, spot: _Spot) -> Route:
        return Route(
            path=spot.address,
            channels=tuple(spot.channels),
            handshakes=tuple(spot.handshakes),
            security=self._security(spot),
            topics=spot.topics,
        )

    def _security(self, spot: _Spot) -> tuple[Alternative, ...]:
        """Any server's credentials will do at a path that several share; one that asks for none opens it."""
        if any(not server.security for server in spot.servers):
            self._warn_of_open(spot)
            return ()
        return tuple(alternative for server in spot.servers for alternative in server.security)

    def _warn_of_open(self, spot: _Spot) -> None:
        closed = next((server for server in spot.servers if server.security), None)
        if closed is not None:
            message = f"{spot.address} is on a server with security and on one without: it is open"
            self.outline.root.warn("open-route", message, f"enforce it with --server {closed.name}")


def path_of(address: str) -> Address:
    """Give the path of an address: with its leading slash, without scheme, host, query and fragment."""
    scheme, colon, rest = address.partition("://")
    bare = f"/{rest.partition('/')[2]}" if colon and scheme.isalnum() else address
    bare = bare.partition("#")[0].partition("?")[0]
    return Address(bare if bare.startswith("/") else f"/{bare}")


def _shape(template: str, enums: dict[str, tuple[str, ...]]) -> str:
    """Two addresses that no path can tell apart (`/a/{x}`, `/a/{y}`) are one place, unless an enum tells them apart."""
    return PARAMETER.sub(lambda found: "{" + ",".join(enums.get(found[1], ())) + "}", template)


def _are_topics(channels: list[Channel]) -> bool:
    bare = [channel for channel in channels if not channel.address.startswith("/") and "://" not in channel.address]
    return len(bare) >= 2


def _handshakes(channel: Channel) -> Iterable[Handshake]:
    """Give what a channel asks: its binding, a query in its address, and parameters that are nowhere else."""
    if channel.handshake is not None:
        yield channel.handshake
    query = dict(parse_qsl(channel.address.partition("?")[2], keep_blank_values=True))
    if query:
        yield Handshake(
            query=Schema({"type": "object", "required": list(query), "properties": _query_properties(query)})
        )
    stray = {each.name: each for each in channel.parameters if each.name not in PARAMETER.findall(channel.address)}
    if stray:
        enums = {
            name: {"type": "string", **({"enum": list(each.enum)} if each.enum else {})} for name, each in stray.items()
        }
        yield Handshake(query=Schema({"type": "object", "properties": enums}))


def _query_properties(query: dict[str, str]) -> dict[str, object]:
    """`?version=1` fixes the value, `?token={token}` and `?token=` leave it to the client."""
    return {
        name: {"type": "string"} if not value or "{" in value else {"const": value} for name, value in query.items()
    }
