"""What the official JSON Schema cannot see, and what may surprise whoever serves a document.

The rules of AsyncAPI stand in tables, one file for each thing that they are about; here all of them are run.
"""

from mockws.asyncapi import (
    rules_address,
    rules_advice,
    rules_examples,
    rules_own,
    rules_reference,
    rules_security,
    rules_unique,
)
from mockws.asyncapi.document import Node
from mockws.asyncapi.inventory import Inventory, looked_at
from mockws.asyncapi.parts import Outline
from mockws.asyncapi.rule import judge

RULES = (
    *rules_address.RULES,
    *rules_reference.RULES,
    *rules_security.RULES,
    *rules_unique.RULES,
    *rules_examples.RULES,
    *rules_own.RULES,
)


def check_outline(outline: Outline) -> None:
    """Report what is questionable about a document that could be read.

    What is thorough follows also references of parts that nothing uses to other files, and tells what is recommended.
    """
    for channel in outline.channels:
        node = outline.channel_nodes[channel.name]
        if not channel.messages and not _names_messages(node):
            node.warn("channel-messages", f"channel {channel.name} has no messages: any payload goes")
    _check_servers(outline)
    inventory = Inventory(looked_at(outline.root), outline.schemas)
    for node in inventory.doubtful:
        node.document.target(node, str(node.reference))
    judge(RULES, inventory)
    if outline.root.document.thorough:
        for node in inventory.leading_elsewhere:
            node.document.target(node, str(node.reference))
        judge(rules_advice.RULES, inventory)


def _names_messages(channel: Node) -> bool:
    """Tell whether a channel has messages at all, be it that all of them dangle."""
    operations = (channel.mapping(verb) for verb in ("publish", "subscribe"))
    return bool(channel.value.get("messages")) or any(each.raw("message") for each in operations if each)


def _check_servers(outline: Outline) -> None:
    servers = outline.root.mapping("servers")
    if outline.servers and servers and not any(server.speaks_websocket for server in outline.servers):
        protocols = ", ".join(sorted({server.protocol or "none" for server in outline.servers}))
        servers.warn("no-websocket-server", f"no server speaks ws or wss ({protocols}); the document is served whole")
