"""AsyncAPI 2.0 to 2.6 -> `Outline`. Everything that is peculiar to version 2 is here.

Version 2 tells the story from the client's side: `publish` is what clients send, so a server RECEIVES it; `subscribe`
is what clients get, so a server SENDS it (AsyncAPI 2.6, "Channel Item Object").
"""

from collections.abc import Iterable
from dataclasses import dataclass

from mockws.asyncapi.document import Document, Node
from mockws.asyncapi.parts import Outline, Parts, description_of, push_of
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

    def outline(self) -> Outline:
        root = self.document.root()
        self.parts.default_content_type = root.text("defaultContentType")
        servers = root.mapping("servers")
        made = tuple(self._server(name, node) for name, node in (servers.items() if servers else ()))
        channels: list[Channel] = []
        operations: list[Operation] = []
        listed = root.mapping("channels")
        for address, node in listed.items() if listed else ():
            if isinstance(node.value, dict):
                channel, there = self._channel(address, node, made)
                channels.append(channel)
                operations.extend(there)
        return Outline(root, made, tuple(channels), tuple(operations))

    def _server(self, name: str, node: Node) -> Server:
        url = node.text("url")
        scheme, colon, rest = url.partition("://")
        host, _, path = (rest if colon else url).partition("/")
        return Server(
            name=name,
            protocol=node.text("protocol") or scheme,
            host=host,
            pathnames=pathnames_of(node, f"/{path}" if path else ""),
            security=self.security(node, f"server {name}"),
            description=node.text("description"),
        )

    def security(self, node: Node, whose: str) -> tuple[Alternative, ...]:
        """Read a `security` list; in version 2 each entry is a set of schemes, all of which are needed."""
        listed = node.get("security")
        return (
            tuple(self._alternative(entry, whose) for entry in listed.elements() if isinstance(entry.value, dict))
            if listed
            else ()
        )

    def _alternative(self, entry: Node, whose: str) -> Alternative:
        schemes = self.document.root().mapping("components", "securitySchemes")
        found = []
        for name in entry.value:
            node = schemes.get(name) if schemes else None
            if node is None:
                message = f"{whose} asks for the security scheme {name}, which is not defined; nothing is enforced"
                entry.error(
                    "undefined-security-scheme", message, f"define components.securitySchemes.{name}", once=name
                )
                continue
            found.append(scheme_of(node, name))
        return tuple(found)

    def _channel(self, address: str, node: Node, servers: tuple[Server, ...]) -> tuple[Channel, list[Operation]]:
        verbs = [(verb, child) for verb in VERBS if (child := node.mapping(verb))]
        pairs = [(verb, operation, self._messages(operation)) for verb, operation in verbs]
        known = {server.name for server in servers}
        messages = {message.name: message for _, _, there in pairs for message in there}
        channel = Channel(
            name=address,
            address=address,
            parameters=self.parts.parameters(node.mapping("parameters")),
            messages=tuple(messages.values()),
            servers=tuple(name for name in node.texts("servers") if name in known),
            title=node.text("x-title"),
            handshake=self.parts.handshake(node),
        )
        return channel, [self._operation(verb, child, channel, there) for verb, child, there in pairs]

    def _operation(self, verb: str, node: Node, channel: Channel, messages: tuple[Message, ...]) -> Operation:
        merged = with_traits(node, trait_wins=True)
        name = merged.text("operationId") or f"{channel.name}.{verb}"
        security = self.security(merged, f"operation {name}")
        return Operation(
            name=name,
            action=VERBS[verb],
            channel=channel,
            messages=messages,
            push=push_of(merged),
            security=security,
            description=description_of(merged),
        )

    def _messages(self, operation: Node) -> tuple[Message, ...]:
        """Read `message`: one, or a `oneOf` of several; each is named by its component, else by its `name`."""
        node = operation.raw("message")
        return tuple(self._named(entry) for entry in self._entries(node)) if node else ()

    def _entries(self, node: Node) -> Iterable[Node]:
        target = node.followed()
        several = (
            target.get("oneOf") if target and isinstance(target.value, dict) and "payload" not in target.value else None
        )
        if several is None or not isinstance(several.value, list):
            yield from (node,) if target and isinstance(target.value, dict) else ()
            return
        for index in range(len(several.value)):
            entry = several.raw(index)
            if entry is not None:
                yield from self._entries(entry)

    def _named(self, entry: Node) -> Message:
        target = entry.followed() or entry
        component = (
            target.key if target.pointer.startswith("/components/messages/") or target.file != entry.file else ""
        )
        name = component or target.text("name") or target.text("messageId") or target.text("title")
        return self.parts.message(target, name or f"{_owner(entry)}.message")


def _owner(entry: Node) -> str:
    """Name a message that has no name at all by its channel and verb: `/chat.publish`."""
    tokens = [token.replace("~1", "/").replace("~0", "~") for token in entry.pointer.split("/")]
    return ".".join(tokens[2:4])
