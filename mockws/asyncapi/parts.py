"""The parts that both major versions of AsyncAPI share: messages, parameters, bindings, security, servers.

What differs between the versions is in their readers (`v2`, `v3`); they hand the difference in.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from mockws.asyncapi.document import Document, Node
from mockws.asyncapi.schemas import Schemas
from mockws.asyncapi.traits import with_traits
from mockws.asyncapi.wires import Wire, Wires
from mockws.codec import Kind
from mockws.contract import Channel, Example, Handshake, Message, Operation, Parameter, Server
from mockws.expression import Expression
from mockws.schema.shape import shape_of
from mockws.units import seconds_of


@dataclass(frozen=True)
class Outline:
    """A document as it was read, told from its own side; routes and perspective are decided from it."""

    root: Node
    servers: tuple[Server, ...]
    channels: tuple[Channel, ...]
    operations: tuple[Operation, ...]
    channel_nodes: Mapping[str, Node]  # channel -> where it stands
    schemas: Schemas


MAX_PUSH = 86_400.0  # seconds
EXPRESSION_ADVICE = "write $message.payload#/… or $message.header#/…"
RESPONSE_KEYS = frozenset({"payload", "type", "properties", "allOf", "oneOf", "anyOf", "const", "enum"})


@dataclass
class Parts:
    """Makes the shared parts of a document's nodes."""

    document: Document
    schemas: Schemas
    trait_wins: bool  # AsyncAPI 2.x merges a trait over its target, 3.x the other way round
    default_content_type: str = ""
    wires: Wires = field(init=False)
    _messages: dict[tuple[str, str], Message] = field(default_factory=dict)
    _answering: set[tuple[str, str]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.wires = Wires(self.schemas)

    def message(self, node: Node, name: str, *, origin: str = "") -> Message:
        """Make the message at a node, under the name it has where it is used; `origin` is a reference's last token."""
        if node.identity not in self._messages:
            self._messages[node.identity] = self._message(node)
        made = self._messages[node.identity]
        label = made.label if made.label != name else ""
        aliases = tuple(dict.fromkeys(each for each in (*made.aliases, origin) if each and each != name))
        return replace(made, name=name, label=label, aliases=aliases)

    def _message(self, node: Node) -> Message:
        merged = with_traits(node, trait_wins=self.trait_wins)
        payload_node = merged.get("payload")
        content_type = merged.text("contentType") or self.default_content_type or None
        wire = self.wires.of(payload_node, content_type, merged)
        payload = wire.payload
        named = (merged.text("name"), merged.text("messageId"), node.key if "/messages/" in node.pointer else "")
        shape = shape_of(payload)
        return Message(
            name=named[0] or named[1] or named[2],
            label=named[0],
            aliases=tuple(each for each in (*named, merged.text("title")) if each),
            payload=payload,
            kind=wire.kind,
            codec=wire.codec,
            content_type=content_type,
            examples=_examples(merged, wire),
            correlation=_correlation(merged),
            response=self._response(merged),
            is_error=_marked_error(merged, default=any("error" in name.lower() for name in named)),
            marked_error=_marked_error(merged, default=False),
            description=description_of(merged),
            tells=shape.tells,
            required=shape.required,
            properties=shape.properties,
        )

    def anything(self, channel: str) -> Message:
        """Make what stands for the messages of a channel that has none: any payload goes."""
        return Message(name=f"{channel}.message", payload=self.schemas.of(None), kind=Kind.LOOSE)

    def _response(self, message: Node) -> Message | None:
        """AsyncAPI's WebSocket tutorial puts the answer into `x-response`: a message, or just its schema."""
        node = message.mapping("x-response")
        if node is None or message.identity in self._answering or not node.value.keys() & RESPONSE_KEYS:
            return None
        self._answering.add(message.identity)  # two messages may name each other
        if "payload" in node.value:
            return self.message(node, node.key)
        wire = self.wires.of(node, self.default_content_type or None, node)
        return Message(name=node.key, payload=wire.payload, kind=wire.kind, codec=wire.codec)

    def parameters(self, node: Node | None) -> tuple[Parameter, ...]:
        """Make the parameters of a channel; 2.x has `schema`, 3.x says the same in place."""
        return tuple(_parameter(name, child) for name, child in (node.items() if node else ()))

    def handshake(self, node: Node) -> Handshake | None:
        """Make what a channel's (or server's) WebSocket binding asks of the handshake."""
        bindings = node.mapping("bindings")
        binding = (bindings.mapping("ws") or _misspelt(bindings)) if bindings else None
        if binding is None:
            return None
        query, headers = (binding.mapping(name) for name in ("query", "headers"))
        method = binding.text("method", "GET").upper()
        if method != "GET":
            binding.warn(
                "ws-method", f"method {method} is served as GET", "RFC 6455, 4.1: a handshake is a GET request"
            )
        return Handshake(
            query=self.schemas.of(query) if query else None,
            headers=self.schemas.of(headers) if headers else None,
        )


def _misspelt(bindings: Node) -> Node | None:
    """Read `websockets` for `ws` in a file that was referred to; the entry is mended before."""
    binding = bindings.mapping("websockets")
    if binding is not None:
        binding.error("binding-key", "the binding key websockets is read as ws", "the official key is ws")
    return binding


def subprotocols_of(node: Node) -> tuple[str, ...]:
    """Read `x-mockws: {subprotocols: [...]}`."""
    own = node.mapping("x-mockws")
    return own.texts("subprotocols") if own else ()


def _examples(message: Node, wire: Wire) -> tuple[Example, ...]:
    examples = [made for node in _example_nodes(message) if (made := _example(node, wire))]
    payload = wire.payload
    if not examples and isinstance(payload.document, Mapping):
        listed = payload.document.get("examples")
        examples = [Example("", value) for value in listed if wire.fits(value)] if isinstance(listed, list) else []
    return tuple(examples)


def _example_nodes(message: Node) -> Iterable[Node]:
    examples = message.get("examples")
    return examples.elements() if examples else ()


def _example(node: Node, wire: Wire) -> Example | None:
    if not isinstance(node.value, dict) or "payload" not in node.value:
        return None  # an example of headers only (2.x and 3.x allow it): nothing that a WebSocket could carry
    value = wire.meant(node.value["payload"])
    return Example(node.text("name"), value, valid=not wire.violations(value))


def description_of(node: Node) -> str:
    """Give all that a node says about itself in prose."""
    texts = (node.text(key) for key in ("title", "summary", "description"))
    return "\n".join(text for text in texts if text)


def _correlation(message: Node) -> Expression | None:
    node = message.mapping("correlationId")
    location = node.text("location") if node else ""
    expression = Expression.parse(location)
    if node and location and expression is None:
        wrong = node.get("location") or node
        if not node.document.report.has_said(wrong):  # by the official schema
            wrong.error("correlation-location", f"{location} is no runtime expression", EXPRESSION_ADVICE)
    return expression


def _marked_error(message: Node, *, default: bool) -> bool:
    extension = message.mapping("x-mockws")
    marked = extension.value.get("error") if extension is not None else None
    return marked if isinstance(marked, bool) else default


def _parameter(name: str, node: Node) -> Parameter:
    inner = node.get("schema") or node
    texts = {key: inner.texts(key) or node.texts(key) for key in ("enum", "examples")}
    default = inner.text("default") or node.text("default")
    if texts["enum"] and default and default not in texts["enum"]:
        node.warn("parameter-default", f"the default {default} of {name} is not in its enum")
        default = ""
    return Parameter(
        name=name,
        enum=texts["enum"],
        examples=tuple(each for each in texts["examples"] if not texts["enum"] or each in texts["enum"]),
        default=default or None,
        location=Expression.parse(node.text("location")),
        description=node.text("description"),
    )


def _pushed(own: Node) -> float | None:
    every = seconds_of(own.value["push"])
    if own.value["push"] == "open":
        return 0.0
    if every is None or every >= MAX_PUSH:
        own.warn(
            "x-mockws-push", f"push: {own.text('push')} is no duration; nothing is pushed", "write push: 1s, or open"
        )
        return None
    return every


def push_of(node: Node) -> float | None:
    """Read how often an operation sends unasked: `x-mockws: {push: 1s}`, or Microcks' frequency in seconds."""
    own = node.mapping("x-mockws")
    if own is not None and "push" in own.value:
        return _pushed(own)
    microcks = node.mapping("x-microcks-operation")
    frequency = microcks.value.get("frequency") if microcks else None
    if isinstance(frequency, bool) or not isinstance(frequency, int | float) or not 0 < frequency < MAX_PUSH:
        return None
    return float(frequency)
