"""Where clients can connect: one route for each path that the servers and channels of a document make together.

Several channels at one path are one route. Nothing here knows how a route is served.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from mockws.address import PARAMETER, Address
from mockws.asyncapi.parts import Outline, subprotocols_of
from mockws.contract import Alternative, Channel, Handshake, Route, Server
from mockws.schema.schema import Schema

UNLIMITED = Server("", "ws")
RESERVED = {"/__admin": "unless --no-admin or --admin-port is given", "/__s": "for sessions"}


@dataclass
class _Spot:
    """A path while it is being put together."""

    address: Address
    here: dict[str, Channel] = field(default_factory=dict)
    servers: list[Server] = field(default_factory=list)
    handshakes: list[Handshake] = field(default_factory=list)
    topics: bool = False

    @property
    def channels(self) -> tuple[Channel, ...]:
        return tuple(self.here.values())


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
            if path_of(channel.address) not in taken:
                for server in servers:
                    self._put("", channel, server)
        self._put_topics(mounted)
        self._warn_of_open([spot for spot in self.spots.values() if _is_left_open(spot)])
        return tuple(self._route(spot) for spot in self.spots.values())

    def _servers_of(self, channel: Channel) -> tuple[Server, ...]:
        """Give the servers of a channel that are served; none at all means that the channel is not mounted."""
        if not self.servers:
            return (UNLIMITED,)
        return tuple(server for server in self.servers if not channel.servers or server.name in channel.servers)

    def _put(self, pathname: str, channel: Channel, server: Server) -> _Spot:
        enums = {parameter.name: parameter.enum for parameter in channel.parameters}
        bare = path_of(channel.address)
        template = pathname + bare if bare != "/" or not pathname else pathname
        shape = _shape(template, enums)
        spot = self.spots.get(shape) or self.spots.setdefault(shape, _Spot(Address(template, enums)))
        self._warn_of_shared(channel, template, spot)
        if channel.name not in spot.here:
            spot.here[channel.name] = channel
            spot.handshakes.extend(_handshakes(channel))
        if server is not UNLIMITED and server not in spot.servers:
            spot.servers.append(server)
        return spot

    def _warn_of_shared(self, channel: Channel, template: str, spot: _Spot) -> None:
        """Tell of a channel that is not alone where its author thinks so, or that no client can reach."""
        node = self.outline.channel_nodes[channel.name]
        if str(spot.address) != template:
            told = f"no path tells {template} from {spot.address} of {next(iter(spot.here))}: both channels are there"
            node.warn(
                "route-merged", told, "give one a segment of its own, or their parameters enums", once=node.pointer
            )
        reserved = next((each for each in RESERVED if f"{template}/".startswith(f"{each}/")), "")
        if reserved:
            told = f"channel {channel.name} is under {reserved}, which the mock keeps for itself ({RESERVED[reserved]})"
            node.warn("route-hidden", told, "serve it at another path: clients do not reach it", once=node.pointer)

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
        spot.here |= {channel.name: channel for channel in channels}
        if server is not UNLIMITED and server not in spot.servers:
            spot.servers.append(server)

    def _route(self, spot: _Spot) -> Route:
        return Route(
            path=spot.address,
            channels=spot.channels,
            handshakes=tuple(spot.handshakes),
            security=self._security(spot),
            subprotocols=self._subprotocols(spot),
            topics=spot.topics,
        )

    def _subprotocols(self, spot: _Spot) -> tuple[str, ...]:
        """Give what the channels at a path speak, else what the document says of all of them."""
        own = [name for channel in spot.channels for name in channel.subprotocols]
        return tuple(dict.fromkeys(own)) or subprotocols_of(self.outline.root)

    def _security(self, spot: _Spot) -> tuple[Alternative, ...]:
        """Any server's credentials will do at a path that several share; one that asks for none opens it."""
        if any(not server.security for server in spot.servers):
            return ()
        return tuple(alternative for server in spot.servers for alternative in server.security)

    def _warn_of_open(self, spots: list[_Spot]) -> None:
        if not spots:
            return
        closed = next(server for server in spots[0].servers if server.security)
        more = f" and {len(spots) - 1} more routes are" if len(spots) > 1 else " is"
        message = f"{spots[0].address}{more} on a server with security and on one without: no credentials are asked for"
        place = self.outline.root.get("servers", closed.name) or self.outline.root
        place.warn("open-route", message, f"enforce it with --server {closed.name}")


def _is_left_open(spot: _Spot) -> bool:
    return len({bool(server.security) for server in spot.servers}) == 2


def path_of(address: str) -> str:
    """Give the path of an address: with its leading slash, without scheme, host, query and fragment."""
    scheme, colon, rest = address.partition("://")
    bare = f"/{rest.partition('/')[2]}" if colon and scheme.isalnum() else address
    bare = bare.partition("#")[0].partition("?")[0]
    return bare if bare.startswith("/") else f"/{bare}"


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
