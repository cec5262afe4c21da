"""What the official JSON Schema cannot see, and what may surprise whoever serves a document."""

from mockws.address import PARAMETER
from mockws.asyncapi.definitions import VERBATIM
from mockws.asyncapi.document import Node
from mockws.asyncapi.parts import Outline
from mockws.contract import Channel


def check_outline(outline: Outline) -> None:
    """Report what is questionable about a document that could be read."""
    for channel in outline.channels:
        node = outline.channel_nodes[channel.name]
        _check_parameters(node, channel)
        _check_query(node, channel)
        if not channel.messages and not _names_messages(node):
            node.warn("channel-messages", f"channel {channel.name} has no messages: any payload goes")
    _check_servers(outline)
    _check_references(outline.root)


def _check_parameters(node: Node, channel: Channel) -> None:
    declared = {each.name for each in channel.parameters}
    used = set(PARAMETER.findall(channel.address))
    for missing in sorted(used - declared):
        told = f"the address of {channel.name} has {{{missing}}}, which is not among its parameters"
        node.broken_rule("channel-parameters", told, f"declare it: parameters: {{{missing}: {{}}}}")
    for stray in sorted(declared - used):
        told = f"parameter {stray} is not in the address of {channel.name}; taken as an optional query parameter"
        place = node.get("parameters", stray) or node
        place.broken_rule("channel-parameters", told, "put it into the address, or into bindings.ws.query")


def _check_query(node: Node, channel: Channel) -> None:
    if "?" in channel.address or "#" in channel.address:
        told = f"the address {channel.address} has a query or fragment; a query is read as required query parameters"
        place = node.get("address") or node
        place.broken_rule("channel-no-query-nor-fragment", told, "describe it in bindings.ws.query")


def _names_messages(channel: Node) -> bool:
    """Tell whether a channel has messages at all, be it that all of them dangle."""
    operations = (channel.mapping(verb) for verb in ("publish", "subscribe"))
    return bool(channel.value.get("messages")) or any(each.raw("message") for each in operations if each)


def _check_servers(outline: Outline) -> None:
    servers = outline.root.mapping("servers")
    if outline.servers and servers and not any(server.speaks_websocket for server in outline.servers):
        protocols = ", ".join(sorted({server.protocol or "none" for server in outline.servers}))
        servers.warn("no-websocket-server", f"no server speaks ws or wss ({protocols}); the document is served whole")


def _check_references(root: Node) -> None:
    """Report references that dangle where nobody has looked: in components that nothing uses."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if (node.reference or "").startswith("#"):
            node.document.target(node, str(node.reference))
        elif isinstance(node.value, list):
            waiting.extend(node.raw_elements())
        elif isinstance(node.value, dict):
            keys = (key for key, child in node.value.items() if isinstance(child, dict | list))
            children = (node.raw(key) for key in keys if key not in VERBATIM and not key.startswith("x-"))
            waiting.extend(child for child in children if child is not None)
