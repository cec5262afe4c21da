"""What refers to what: channels to servers of the document, operations to its channels and to their messages."""

from collections.abc import Iterator

from mockws.asyncapi.document import Node
from mockws.asyncapi.inventory import Inventory, elements_of, part_of
from mockws.asyncapi.rule import Finding, Rule


def unknown_servers(inventory: Inventory) -> Iterator[Finding]:
    """A channel that names its servers names those that the document has."""
    servers = inventory.root.get("servers")
    known = servers.value if servers and isinstance(servers.value, dict) else {}
    for channel in inventory.own_channels:
        for entry in elements_of(channel, "servers"):
            if isinstance(entry.value, str) and entry.value not in known:
                told = f"the channel is on server {entry.value}, which the document does not have; it is left out"
                yield Finding(entry, told, f"define servers.{entry.value}")


def servers_elsewhere(inventory: Inventory) -> Iterator[Finding]:
    """A channel refers to servers of the document's own list."""
    for channel in inventory.own_channels:
        listed = part_of(channel, "servers")
        for entry in listed.raw_elements() if listed else ():
            target = entry.raw("$ref")
            if entry.reference is not None and target and "#/servers/" not in entry.reference:
                told = f"a channel refers to servers of the document's own list, this one to {entry.reference}"
                yield Finding(target, told, "refer to #/servers/…")


def channels_elsewhere(inventory: Inventory) -> Iterator[Finding]:
    """An operation refers to a channel of the document's own list."""
    for operation in inventory.own_operations:
        channel = operation.raw("channel")
        target = channel.raw("$ref") if channel else None
        if channel and channel.reference is not None and target and "#/channels/" not in channel.reference:
            told = f"an operation refers to a channel of the document's own list, this one to {channel.reference}"
            yield Finding(target, told, "refer to #/channels/…")


def messages_elsewhere(inventory: Inventory) -> Iterator[Finding]:
    """An operation's messages are those of its channel, and a reply's those of the reply's channel."""
    for operation in inventory.operations:
        yield from _strangers(operation)
        reply = part_of(operation, "reply")
        if reply is not None and isinstance(reply.value, dict):
            yield from _strangers(reply)


def _strangers(owner: Node) -> Iterator[Finding]:
    listed, channel = part_of(owner, "messages"), owner.raw("channel")
    if listed is None or channel is None or channel.reference is None:
        return
    for entry in listed.raw_elements():
        if entry.reference is not None and not entry.reference.startswith(f"{channel.reference}/messages/"):
            told = f"{entry.reference} is not referred to as a message of its channel, {channel.reference}"
            yield Finding(entry, told, f"refer to {channel.reference}/messages/…")


RULES = (
    Rule("channel-servers", unknown_servers),
    Rule("required-channel-servers-unambiguity", servers_elsewhere, majors="3"),
    Rule("required-operation-channel-unambiguity", channels_elsewhere, majors="3"),
    Rule("operation-messages-from-referred-channel", messages_elsewhere, majors="3"),
)
