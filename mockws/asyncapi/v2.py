"""AsyncAPI 2.0 to 2.6 -> `Outline`. Everything that is peculiar to version 2 is here.

Version 2 tells the story from the client's side: `publish` is what clients send, so a server RECEIVES it; `subscribe`
is what clients get, so a server SENDS it (AsyncAPI 2.6, "Channel Item Object").
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from mockws.asyncapi.document import Document, Node
from mockws.asyncapi.hooks import SIDE_EFFECT, TRIGGER, hook_of
from mockws.asyncapi.parts import Outline, Parts, description_of, push_of, subprotocols_of
from mockws.asyncapi.schemas import Schemas
from mockws.asyncapi.servers import pathnames_of, scheme_of
from mockws.asyncapi.traits import with_traits
from mockws.contract import Action, Alternative, Channel, Message, Operation, Server

VERBS = {"publish": Action.RECEIVE, "subscribe": Action.SEND}


def read_v2(document: Document) -> Outline:
    """Read a document of version 2; its channels and operations, told from the document's own side."""
    return _Reader(document, Parts(document, Schemas(document), trait_wins=True)).outline()


@dataclass
class _Reader:
    document: Document
    parts: Parts
    operations: dict[str, Operation] = field(default_factory=dict)

    def outline(self) -> Outline:
        root = self.document.root()
        self.parts.default_content_type = root.text("defaultContentType")
        servers = root.mapping("servers")
        made = tuple(self._server(name, node) for name, node in (servers.items() if servers else ()))
        nodes = dict(self._channel_nodes(root))
        known = frozenset(server.name for server in made)
        channels = tuple(self._channel(address, node, known) for address, node in nodes.items())
        return Outline(root, made, channels, tuple(self.operations.values()), nodes, self.parts.schemas)

    def _channel_nodes(self, root: Node) -> Iterable[tuple[str, Node]]:
        listed = root.mapping("channels")
        for address, node in listed.items() if listed else ():
            if isinstance(node.value, dict):
                yield address, node
            else:
                node.error("unexpected-type", f"channels/{address} should be a mapping, and is left out")

    def _server(self, name: str, node: Node) -> Server:
        url = node.text("url")
        scheme, colon, rest = url.partition("://")
        host, _, path = (rest if colon else url).partition("/")
        return Server(
            name=name,
            protocol=node.text("protocol") or scheme,
            host=host,
            pathnames=pathnames_of(node, f"/{path}" if path else ""),
            security=self.security(node),
            description=node.text("description"),
        )

    def security(self, node: Node) -> tuple[Alternative, ...]:
        """Read a `security` list; in version 2 each entry is a set of schemes, all of which are needed."""
        listed = node.get("security")
        entries = listed.elements() if listed else ()
        return tuple(self._alternative(entry) for entry in entries if isinstance(entry.value, dict))

    def _alternative(self, entry: Node) -> Alternative:
        """Read the schemes of one entry; for one that is not defined, nothing is enforced."""
        schemes = self.document.root().mapping("components", "securitySchemes")
        found = ((name, schemes.get(name) if schemes else None) for name in entry.value)
        return tuple(scheme_of(node, name) for name, node in found if node)

    def _channel(self, address: str, node: Node, servers: frozenset[str]) -> Channel:
        verbs = [(verb, child) for verb in VERBS if (child := node.mapping(verb))]
        names = _Names()
        there = {verb: tuple(self._messages(child, f"{address}.{verb}", names)) for verb, child in verbs}
        channel = Channel(
            name=address,
            address=address,
            parameters=self.parts.parameters(node.mapping("parameters")),
            messages=tuple({message.name: message for each in there.values() for message in each}.values()),
            servers=tuple(name for name in node.texts("servers") if name in servers),
            title=node.text("x-title"),
            handshake=self.parts.handshake(node),
            subprotocols=subprotocols_of(node),
        )
        for verb, child in verbs:
            operation = self._operation(verb, child, channel, there[verb])
            self.operations[operation.name] = operation
        return channel

    def _operation(self, verb: str, node: Node, channel: Channel, messages: tuple[Message, ...]) -> Operation:
        merged = with_traits(node, trait_wins=True)
        if node.get("message") is None and not channel.messages:
            messages = (self.parts.anything(channel.name),)
        fallback = f"{channel.name}.{verb}"
        name = merged.text("operationId") or fallback
        if name in self.operations:  # two operations never share a name
            name = fallback
        return Operation(
            name=name,
            action=VERBS[verb],
            channel=channel,
            messages=messages,
            push=push_of(merged),
            trigger=hook_of(merged, TRIGGER),
            side_effect=hook_of(merged, SIDE_EFFECT),
            security=self.security(merged),
            description=description_of(merged),
        )

    def _messages(self, operation: Node, owner: str, names: "_Names") -> Iterable[Message]:
        """Read `message`: one, or a `oneOf` of several; each is named by its component, else by its `name`."""
        node = operation.raw("message")
        for entry in self._entries(node) if node else ():
            target = entry.followed() or entry
            there = target.pointer.startswith("/components/messages/") or target.file != entry.file
            named = (target.key if there else "", *(target.text(key) for key in ("name", "messageId", "title")))
            name = next((each for each in named if each), f"{owner}.message")
            yield self.parts.message(target, names.of(target, name))

    def _entries(self, node: Node) -> Iterable[Node]:
        target = node.followed()
        if target is None or not isinstance(target.value, dict):
            return
        several = target.get("oneOf") if "payload" not in target.value else None
        if several is None or not isinstance(several.value, list):
            yield node
            return
        for entry in several.raw_elements():
            if entry.identity not in {each.identity for each in node.trail()}:
                yield from self._entries(entry)


@dataclass
class _Names:
    """The names of the messages of one channel: the same message has one, and two messages never share one."""

    given: dict[tuple[str, str], str] = field(default_factory=dict)

    def of(self, message: Node, name: str) -> str:
        if message.identity not in self.given:
            taken = set(self.given.values())
            candidates = (name, *(f"{name}{number}" for number in range(2, len(taken) + 3)))
            self.given[message.identity] = next(each for each in candidates if each not in taken)
        return self.given[message.identity]
