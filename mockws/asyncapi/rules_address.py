"""Addresses and what is said of them: the parameters of a channel, its query, the variables of a server."""

from collections.abc import Iterator

from mockws.address import PARAMETER
from mockws.asyncapi.document import Node
from mockws.asyncapi.inventory import Inventory, part_of
from mockws.asyncapi.rule import Finding, Rule
from mockws.asyncapi.servers import VARIABLE
from mockws.diagnostic import Severity


def undescribed_parameters(inventory: Inventory) -> Iterator[Finding]:
    """Address and parameters of a channel belong together."""
    for name, address, channel in _addresses(inventory):
        described = part_of(channel, "parameters")
        if described is None and "{" not in address:
            continue
        if described is not None and not isinstance(described.value, dict):
            continue  # the official schema has told of it
        used = PARAMETER.findall(address)
        declared = described.value if described is not None else {}
        # The parser looks only where there are parameters; in version 2 only where the address has some as well.
        lenient = Severity.WARNING if described is None or (inventory.is_two and not used) else None
        for missing in sorted(set(used) - declared.keys()):
            told = f"the address of {name} has {{{missing}}}, which is not among its parameters"
            yield Finding(channel, told, f"declare it: parameters: {{{missing}: {{}}}}", lenient)
        for stray in sorted(declared.keys() - set(used)):
            told = f"parameter {stray} is not in the address of {name}; taken as an optional query parameter"
            place = (described and described.raw(stray)) or channel
            yield Finding(place, told, "put it into the address, or into bindings.ws.query", lenient)


def queries_and_fragments(inventory: Inventory) -> Iterator[Finding]:
    """The address of a channel has neither query nor fragment."""
    for _, address, channel in _addresses(inventory):
        if "?" in address or "#" in address:
            told = f"the address {address} has a query or fragment; a query is read as required query parameters"
            yield Finding(channel.get("address") or channel, told, "describe it in bindings.ws.query")


def undescribed_variables(inventory: Inventory) -> Iterator[Finding]:
    """The address of a server and its variables belong together."""
    lenient = None if inventory.is_two else Severity.WARNING  # a rule of version 2 only
    for server in inventory.servers:
        written = server.text("url") if inventory.is_two else server.text("host") + server.text("pathname")
        described = part_of(server, "variables")
        if described is None and "{" not in written:
            continue
        if described is not None and not isinstance(described.value, dict):
            continue  # the official schema has told of it
        used = VARIABLE.findall(written)
        defined = described.value if described is not None else {}
        severity = Severity.WARNING if described is None or not used else lenient
        for name in sorted(set(used) - defined.keys()):
            told = f"the server's address has {{{name}}}, which is not among its variables; in a path it is a parameter"
            advice = f"define it: variables: {{{name}: {{default: …}}}}"
            yield Finding(server, told, advice, severity)
        for name in sorted(defined.keys() - set(used)):
            place = (described and described.raw(name)) or server
            yield Finding(
                place, f"the variable {name} is not in the server's address", "remove it, or use it", severity
            )


def _addresses(inventory: Inventory) -> Iterator[tuple[str, str, Node]]:
    """Give name, address and node of each channel; in version 2 only where it is used has one an address."""
    if inventory.is_two:
        yield from ((address, address, channel) for address, channel in inventory.named_channels)
        return
    for channel in inventory.channels:
        address = channel.value.get("address")
        yield channel.key, address if isinstance(address, str) else "", channel


RULES = (
    Rule("channel-parameters", undescribed_parameters),
    Rule("channel-no-query-nor-fragment", queries_and_fragments),
    Rule("server-variables", undescribed_variables),
)
