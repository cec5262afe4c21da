"""AsyncAPI 3.0 and 3.1 -> `Outline`. Everything that is peculiar to version 3 is here."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from mockws.asyncapi.document import Document, Node
from mockws.asyncapi.hooks import SIDE_EFFECT, TRIGGER, hook_of
from mockws.asyncapi.parts import (
    EXPRESSION_ADVICE,
    Outline,
    Parts,
    description_of,
    push_of,
    subprotocols_of,
)
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
    channels: dict[str, Channel] = field(default_factory=dict)
    channel_places: dict[tuple[str, str], str] = field(default_factory=dict)  # where a channel stands -> its name
    server_places: dict[tuple[str, str], str] = field(default_factory=dict)
    keys: dict[str, dict[str, tuple[str, str]]] = field(default_factory=dict)  # channel -> its messages' identities

    def outline(self) -> Outline:
        root = self.document.root()
        self.parts.default_content_type = root.text("defaultContentType")
        self.server_places, self.channel_places = _places(root, "servers"), _places(root, "channels")
        servers = tuple(self._server(name, node) for name, node in _items(root, "servers"))
        nodes = dict(_items(root, "channels"))
        self.channels = {name: self._channel(name, node) for name, node in nodes.items()}
        made = (self._operation(name, node) for name, node in _items(root, "operations"))
        operations = tuple(operation for operation in made if operation)
        operations += tuple(self._both_ways(operations, nodes))
        return Outline(root, servers, tuple(self.channels.values()), operations, nodes, self.parts.schemas)

    def _channel_at(self, entry: Node | None) -> Channel | None:
        """Give the channel that an entry refers to: by its place in `channels`, or by what stands behind that."""
        for node in entry.trail() if entry else ():
            if node.identity in self.channel_places:
                return self.channels[self.channel_places[node.identity]]
        return None

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
            subprotocols=subprotocols_of(node),
        )

    def _server_names(self, channel: Node) -> Iterable[str]:
        """Name the servers that a channel is on, be it by name as in version 2; what dangles takes no channel away."""
        listed = channel.get("servers")
        for entry in listed.raw_elements() if listed else ():
            places = (each.identity for each in entry.trail())
            found = next((self.server_places[place] for place in places if place in self.server_places), "")
            named = entry.value if isinstance(entry.value, str) and entry.value in self.server_places.values() else ""
            if found or named:
                yield found or named

    def _operation(self, name: str, node: Node) -> Operation | None:
        merged = with_traits(node, trait_wins=False)
        entry = merged.raw("channel")
        channel = self._channel_at(entry)
        action = merged.text("action").lower()
        known = action in ("send", "receive")
        if channel is None or entry is None or not known:
            told = f"operation {name} is left out: it needs an action and a channel of this document"
            node.warn(
                "operation-incomplete", told, "refer to #/channels/…" if known else "its action is send or receive"
            )
            return None
        return Operation(
            name=name,
            action=Action(action),
            channel=channel,
            messages=self._operation_messages(merged, channel),
            reply=self._reply(merged, channel),
            push=push_of(merged),
            trigger=hook_of(merged, TRIGGER),
            side_effect=hook_of(merged, SIDE_EFFECT),
            security=self.security(merged),
            title=merged.text("title"),
            description=description_of(merged),
        )

    def _operation_messages(self, operation: Node, channel: Channel) -> tuple[Message, ...]:
        """Read the messages of an operation: `[]` means none, and where nothing is said at all, anything goes."""
        found, _ = self._messages(operation, channel)
        if not found and not channel.messages and operation.get("messages") is None:
            return (self.parts.anything(channel.name),)
        return found

    def _messages(self, node: Node, channel: Channel | None) -> tuple[tuple[Message, ...], tuple[str, ...]]:
        """Read a list of messages: all of the channel's where there is none; and those that are named but dangle."""
        listed = node.get("messages")
        if listed is None or not isinstance(listed.value, list):
            return (channel.messages if channel else ()), ()
        found: list[Message] = []
        missing: list[str] = []
        for entry in listed.raw_elements():
            target = entry.followed()
            if target is not None and isinstance(target.value, dict):
                found.append(self._message(entry, target, channel))
            else:
                missing.append(_dangling_name(entry))
        return tuple({message.name: message for message in found}.values()), tuple(missing)

    def _message(self, entry: Node, target: Node, channel: Channel | None) -> Message:
        """Give the channel's own message that a reference stands for, else one under the reference's last token."""
        key = _last_token(entry)
        keys = self.keys.get(channel.name, {}) if channel else {}
        same = [name for name, identity in keys.items() if identity == target.identity]
        if channel is None or not same:
            return self.parts.message(target, key)
        name = key if key in same else same[0]
        return next(message for message in channel.messages if message.name == name)

    def _reply(self, operation: Node, own: Channel) -> Reply | None:
        node = operation.mapping("reply")
        if node is None:
            return None
        channel = self._channel_at(node.raw("channel"))
        messages, missing = self._messages(node, channel or (own if "messages" in node.value else None))
        location = node.mapping("address")
        written = location.text("location") if location else ""
        if location and written and Expression.parse(written) is None:
            location.error("reply-address", f"{written} is no runtime expression", EXPRESSION_ADVICE)
        return Reply(channel, Expression.parse(written), messages, missing)

    def _both_ways(self, operations: tuple[Operation, ...], nodes: dict[str, Node]) -> Iterable[Operation]:
        """A channel that no operation and no reply names: all of its messages may go both ways."""
        named = {operation.channel.name for operation in operations}
        named |= {
            operation.reply.channel.name for operation in operations if operation.reply and operation.reply.channel
        }
        for channel in self.channels.values():
            if channel.name in named:
                continue
            message = f"channel {channel.name} has no operation; its messages may go both ways"
            nodes[channel.name].warn("channel-operations", message, "add an operation with action send or receive")
            for action in Action:
                messages = channel.messages or (self.parts.anything(channel.name),)
                yield Operation(f"{channel.name}.{action}", action, channel, messages)


def _items(root: Node, key: str) -> Iterable[tuple[str, Node]]:
    node = root.mapping(key)
    for name, child in node.items() if node else ():
        if isinstance(child.value, dict):
            yield name, child
        else:
            child.error("unexpected-type", f"{key}/{name} should be a mapping, and is left out")


def _places(root: Node, key: str) -> dict[tuple[str, str], str]:
    """Give where the members of a mapping stand; two that stand for one thing behind them have its place in turn."""
    mapping = root.mapping(key)
    found: dict[tuple[str, str], str] = {}
    behind: dict[tuple[str, str], str] = {}
    for name, child in mapping.items() if mapping else ():
        raw = mapping.raw(name) if mapping else None
        if raw and isinstance(child.value, dict):
            found[raw.identity] = name
            behind.setdefault(child.identity, name)
    return behind | found


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
    *_, last = entry.trail()
    return _last_token(last)
