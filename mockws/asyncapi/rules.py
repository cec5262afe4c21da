"""What the official JSON Schema cannot see, and what may surprise whoever serves a document."""

from mockws.address import PARAMETER
from mockws.asyncapi.document import Node
from mockws.asyncapi.parts import Outline


def check_outline(outline: Outline) -> None:
    """Report what is questionable about a document that could be read."""
    channels = outline.root.mapping("channels")
    for channel in outline.channels:
        node = channels.get(channel.name) if channels else None
        if node is not None:
            _check_parameters(node, channel.name, channel.address, {each.name for each in channel.parameters})
            _check_messages(node, channel.name, outline)
    _check_servers(outline)


def _check_parameters(node: Node, name: str, address: str, declared: set[str]) -> None:
    used = set(PARAMETER.findall(address))
    for missing in sorted(used - declared):
        advice = f"declare it: parameters: {{{missing}: {{}}}}"
        node.error(
            "channel-parameters", f"the address of {name} has {{{missing}}}, which is not among its parameters", advice
        )
    for stray in sorted(declared - used):
        advice = "put it into the address, or into bindings.ws.query"
        node.error(
            "channel-parameters",
            f"parameter {stray} is not in the address of {name}; taken as an optional query parameter",
            advice,
        )


def _check_messages(node: Node, name: str, outline: Outline) -> None:
    there = [each for each in outline.channels if each.name == name and each.messages]
    named = [each for each in outline.operations if each.channel.name == name and each.messages]
    if not there and not named:
        node.warn("channel-messages", f"channel {name} has no messages: any payload goes")


def _check_servers(outline: Outline) -> None:
    servers = outline.root.mapping("servers")
    if outline.servers and servers and not any(server.speaks_websocket for server in outline.servers):
        protocols = ", ".join(sorted({server.protocol or "none" for server in outline.servers}))
        servers.warn("no-websocket-server", f"no server speaks ws or wss ({protocols}); the document is served whole")
