"""Where the server under test is visited: one path for each channel, with values for its parameters.

A server's own pathname comes before a channel's address, unless the target names a path: that stands for it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from mockws.address import Address
from mockws.contract import Action, Channel, Contract, Message, Operation, Route

STRANGE = "mockws-other-room"


@dataclass(frozen=True, eq=False)
class Place:
    """A path that clients connect to, and all that can be said and heard there."""

    contract: Contract
    route: Route
    address: Address

    @property
    def name(self) -> str:
        return self.address.template

    @property
    def channels(self) -> tuple[Channel, ...]:
        return self.route.channels

    @cached_property
    def outgoing(self) -> tuple[Message, ...]:
        """Give all that the server may say here."""
        found = [message for channel in self.channels for message in self.contract.outgoing(channel)]
        responses = [message.response for message, _ in self.incoming if message.response is not None]
        return tuple({id(message): message for message in (*found, *responses)}.values())

    @cached_property
    def incoming(self) -> tuple[tuple[Message, Operation], ...]:
        """Give all that clients may say here."""
        return tuple(each for channel in self.channels for each in self.contract.incoming(channel))

    @cached_property
    def unasked(self) -> tuple[Message, ...]:
        """Give what the server says of its own accord here."""
        operations = (each for channel in self.channels for each in self.contract.operations_at(channel, Action.SEND))
        return tuple({id(message): message for each in operations for message in each.messages}.values())

    @property
    def operations(self) -> tuple[Operation, ...]:
        return tuple(
            operation
            for channel in self.channels
            for action in Action
            for operation in self.contract.operations_at(channel, action)
        )

    def values(self, known: Mapping[str, str] | None = None) -> dict[str, str]:
        """Give values for the parameters of the address; those that are known stay, where they may stand here."""
        found: dict[str, str] = {}
        for channel in self.channels:
            for parameter in channel.parameters:
                value = (known or {}).get(parameter.name, parameter.sample)
                fits = not parameter.enum or value in parameter.enum
                found.setdefault(parameter.name, value if fits else parameter.sample)
        return {name: found.get(name, (known or {}).get(name, name)) for name in self.address.parameters}

    def elsewhere(self) -> dict[str, str] | None:
        """Give values for another room of the same kind; None where there is but one."""
        values = self.values()
        enums = {each.name: each.enum for channel in self.channels for each in channel.parameters}
        for name, value in values.items():
            others = [each for each in enums.get(name, ()) if each != value] if enums.get(name) else [STRANGE]
            if others:
                return {**values, name: others[0]}
        return None

    def path(self, values: Mapping[str, str]) -> str:
        return self.address.fill(values)


def places_of(contract: Contract, base: str = "", *, topics: bool = False) -> tuple[Place, ...]:
    """Find the place of each channel: its own path, or with `topics` the socket of its server."""
    found: dict[str, Place] = {}
    for channel in contract.channels:
        route = _home(contract, channel, topics=topics)
        if route is None:
            continue
        address = Address(base + _bare(route, channel), route.path.enums) if base else route.path
        found.setdefault(address.template, Place(contract, route, address))
    return tuple(found.values())


def _home(contract: Contract, channel: Channel, *, topics: bool) -> Route | None:
    """Choose among the routes of a channel.

    A mock serves the bare address too, where nothing else has it, and topics at their own paths: no server has to.
    """
    routes = [route for route in contract.routes if channel in route.channels]
    sockets = [route for route in routes if route.topics]
    bare = [route for route in routes if not route.topics and route.path.template == _bare(route, channel)]
    behind = [route for route in routes if not route.topics and route not in bare]
    return next(iter((*sockets, *behind, *bare) if topics else (*behind, *bare, *sockets)), None)


def _bare(route: Route, channel: Channel) -> str:
    if route.topics:
        return ""
    return channel.address if channel.address.startswith("/") else f"/{channel.address}"
