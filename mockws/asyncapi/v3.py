"""AsyncAPI 3.0 and 3.1 -> `Outline`. Everything that is peculiar to version 3 is here."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from mockws.asyncapi.document import Document, Node
from mockws.asyncapi.parts import Outline, Parts, description_of, push_of
from mockws.asyncapi.schemas import Schemas
from mockws.asyncapi.servers import host_and_path, pathnames_of, scheme_of
from mockws.asyncapi.traits import with_traits
from mockws.contract import Action, Alternative, Channel, Message, Operation, Reply, Server
from mockws.expression import Expression


def read_v3(document: Document) -> Outline:
    """Read a document of version 3; its channels and operations, told from the document's own side."""
    return _Reader(document, Parts(document, Schemas(document), trait_wins=False)).outline()


@dataclass
class _Reader:
    document: Document
    parts: Parts
    keys: dict[str, dict[str, tuple[str, str]]] = field(default_factory=dict)  # channel -> its messages' identities

    def outline(self) -> Outline:
        root = self.document.root()
        self.parts.default_content_type = root.text("defaultContentType")
        servers = tuple(self._server(name, node) for name, node in _items(root, "servers"))
        nodes = dict(_items(root, "channels"))
        channels = {node.identity: self._channel(name, node) for name, node in nodes.items()}
        unaddressed = frozenset(name for name, node in nodes.items() if not node.text("address"))
        made = (self._operation(name, node, channels) for name, node in _items(root, "operations"))
        operations = tuple(operation for operation in made if operation)
        operations += tuple(self._both_ways(channels.values(), operations, nodes))
        return Outline(root, servers, tuple(channels.values()), operations, unaddressed)

    def _server(self, name: str, node: Node) -> Server:
        host, path = host_and_path(node, node.text("host"))
        return Server(
            name=name,
            protocol=node.text("protocol"),
            host=host,
            pathnames=pathnames_of(node, path + node.text("pathname")),
            security=self.security(node),
            description=node.text("description"),
        )

    def security(self, node: Node) -> tuple[Alternative, ...]:
        """Read a `security` list; in version 3 each entry is one scheme, and any one of them is enough."""
        listed = node.get("security")
        entries = (
            [listed.raw(index) for index in range(len(listed.value))]
            if listed and isinstance(listed.value, list)
            else []
        )
        found = [(entry.followed(), entry) for entry in entries if entry]
        return tuple((scheme_of(scheme, _last_token(entry)),) for scheme, entry in found if scheme)

    def _channel(self, name: str, node: Node) -> Channel:
        address = node.text("address")
        if not address:
            node.warn(
                "channel-address", f"channel {name} has no address; it is served at /{name}", "give it an address"
            )
        raw = node.mapping("messages")
        there = [(key, child) for key, child in raw.items() if isinstance(child.value, dict)] if raw else []
        self.keys[name] = {key: child.identity for key, child in there}
        messages = tuple(self.parts.message(child, key, origin=_origin(raw, key)) for key, child in there if raw)
        return Channel(
            name=name,
            address=address or f"/{name}",
            parameters=self.parts.parameters(node.mapping("parameters")),
            messages=messages,
            servers=tuple(self._server_names(node)),
            title=node.text("title"),
            handshake=self.parts.handshake(node),
        )

    def _server_names(self, channel: Node) -> Iterable[str]:
        listed = channel.get("servers")
        servers = {node.identity: name for name, node in _items(self.document.root(), "servers")}
        for node in listed.elements() if listed else ():
            if node.identity in servers:
                yield servers[node.identity]

    def _operation(self, name: str, node: Node, channels: dict[tuple[str, str], Channel]) -> Operation | None:
        merged = with_traits(node, trait_wins=False)
        target = merged.get("channel")
        channel = channels.get(target.identity) if target else None
        action = merged.text("action").lower()
        if channel is None or action not in ("send", "receive"):
            if target is not None or action not in ("send", "receive"):
                node.error(
                    "operation-channel",
                    f"operation {name} is left out: it needs an action and a channel of this document",
                )
            return None
        return Operation(
            name=name,
            action=Action(action),
            channel=channel,
            messages=self._messages(merged, channel)[0],
            reply=self._reply(merged, channels),
            push=push_of(merged),
            security=self.security(merged),
            title=merged.text("title"),
            description=description_of(merged),
        )

    def _messages(self, node: Node, channel: Channel | None) -> tuple[tuple[Message, ...], tuple[str, ...]]:
        """Read a list of messages: all of the channel's where there is none; and those that are named but dangle."""
        listed = node.get("messages")
        if listed is None or not isinstance(listed.value, list):
            return (channel.messages if channel else ()), ()
        found: list[Message] = []
        missing: list[str] = []
        for index in range(len(listed.value)):
            entry = listed.raw(index)
            target = entry.followed() if entry else None
            if entry is not None and target is not None and isinstance(target.value, dict):
                found.append(self._message(entry, target, channel))
            elif entry is not None:
                missing.append(_dangling_name(entry))
        return tuple(found), tuple(missing)

    def _message(self, entry: Node, target: Node, channel: Channel | None) -> Message:
        """Give the channel's own message that a reference stands for, else one under the reference's last token."""
        key = _last_token(entry)
        keys = self.keys.get(channel.name, {}) if channel else {}
        same = [name for name, identity in keys.items() if identity == target.identity]
        if channel is None or not same:
            return self.parts.message(target, key)
        name = key if key in same else same[0]
        return next(message for message in channel.messages if message.name == name)

    def _reply(self, operation: Node, channels: dict[tuple[str, str], Channel]) -> Reply | None:
        node = operation.mapping("reply")
        if node is None:
            return None
        target = node.get("channel")
        channel = channels.get(target.identity) if target else None
        own = operation.get("channel")
        place = channel or (channels.get(own.identity) if own else None)
        location = node.get("address")
        messages, missing = self._messages(node, place if channel or "messages" in node.value else None)
        written = location.text("location") if location else ""
        if written and Expression.parse(written) is None and location:
            location.error(
                "reply-address",
                f"{written} is no runtime expression",
                "write $message.payload#/… or $message.header#/…",
            )
        return Reply(channel, Expression.parse(written), messages, missing)

    def _both_ways(
        self, channels: Iterable[Channel], operations: tuple[Operation, ...], nodes: dict[str, Node]
    ) -> Iterable[Operation]:
        """A channel that no operation and no reply names: all of its messages may go both ways."""
        named = {operation.channel.name for operation in operations}
        named |= {
            operation.reply.channel.name for operation in operations if operation.reply and operation.reply.channel
        }
        for channel in channels:
            if channel.name in named:
                continue
            message = f"channel {channel.name} has no operation; its messages may go both ways"
            nodes[channel.name].warn("channel-operations", message, "add an operation with action send or receive")
            for action in Action:
                yield Operation(f"{channel.name}.{action}", action, channel, channel.messages)


def _items(root: Node, key: str) -> Iterable[tuple[str, Node]]:
    node = root.mapping(key)
    for name, child in node.items() if node else ():
        if isinstance(child.value, dict):
            yield name, child
        else:
            child.error("unexpected-type", f"{key}/{name} should be a mapping, and is left out")


def _last_token(entry: Node) -> str:
    """Name what an entry refers to by the last token of its reference; what is written in place has its own key."""
    reference = entry.reference
    if reference is None:
        return entry.text("name") or entry.key
    return reference.rpartition("/")[2].replace("~1", "/").replace("~0", "~")


def _origin(messages: Node, key: str) -> str:
    raw = messages.raw(key)
    return _last_token(raw) if raw and raw.reference else ""


def _dangling_name(entry: Node) -> str:
    """Name what is missing: the end of the chain of references (`#/components/messages/Order`), not its beginning."""
    node = entry
    while node.reference is not None:
        target = node.document.target(node, node.reference)
        if target is None:
            return _last_token(node)
        node = target
    return node.key
