"""What the interface promises: channels, operations, messages and routes, always told from the MOCK's side.

Nothing here depends on AsyncAPI's version, or knows how a promise is kept. All values are frozen; what is derived from
them is computed once, when the contract is made.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from mockws.address import Address, AddressBook
from mockws.codec import Codec, Frame, Kind, decode, encode, packed, unpacked
from mockws.errors import UnknownName
from mockws.expression import Expression
from mockws.names import closest
from mockws.schema.parts import Enums, enums_of
from mockws.schema.schema import Schema


class Action(StrEnum):
    """What the mock does in an operation."""

    RECEIVE = "receive"
    SEND = "send"

    @property
    def turned(self) -> "Action":
        return Action.SEND if self is Action.RECEIVE else Action.RECEIVE


@dataclass(frozen=True, slots=True)
class Example:
    """A message as the document shows it; `valid` tells whether it fits its own schema."""

    name: str
    payload: Any
    valid: bool = True


@dataclass(frozen=True, eq=False)
class Message:
    """One kind of message on a channel; `name` is its key in the document, `label` what people call it."""

    name: str
    payload: Schema
    kind: Kind = Kind.JSON
    label: str = ""
    aliases: tuple[str, ...] = ()
    content_type: str | None = None
    examples: tuple[Example, ...] = ()
    correlation: Expression | None = None
    response: "Message | None" = (
        None  # AsyncAPI's own WebSocket tutorial: `x-response` names the message that answers this one
    )
    is_error: bool = False  # by its name, or marked so
    marked_error: bool = False  # `x-mockws: {error: true}` outweighs what only has the name of an error
    description: str = ""  # title, summary and description, as far as there are any
    tells: Mapping[str, frozenset[Any]] = field(default_factory=dict)  # property -> the only values that fit
    required: frozenset[str] = frozenset()
    properties: Mapping[str, Any] = field(default_factory=dict)  # top-level property -> its JSON Schema
    codec: Codec | None = None  # how it is written, where that is neither JSON nor text nor bytes of no structure

    def encode(self, value: Any) -> Frame:
        """Write a value as a frame of this message; raises CannotEncode."""
        return encode(value, self.kind) if self.codec is None else packed(value, self.codec)

    def decode(self, frame: Frame) -> Any:
        """Read a frame as this message's content type has it; Undecodable where it is not that."""
        return decode(frame, self.kind) if self.codec is None else unpacked(frame, self.codec)

    def named(self, name: str) -> bool:
        return name == self.name or name in self.aliases

    @property
    def title(self) -> str:
        return self.label or self.name

    @cached_property
    def valid_examples(self) -> tuple[Example, ...]:
        return tuple(example for example in self.examples if example.valid)

    @property
    def is_structured(self) -> bool:
        """Tell whether there is more to it than a text or bytes."""
        return self.codec is not None or self.kind in (Kind.JSON, Kind.LOOSE)

    @cached_property
    def enums(self) -> Enums:
        """Give the enums of the payload, by their places in it."""
        return enums_of(self.payload.document)


@dataclass(frozen=True, slots=True)
class Parameter:
    """A `{parameter}` of an address."""

    name: str
    enum: tuple[str, ...] = ()
    default: str | None = None
    examples: tuple[str, ...] = ()
    location: Expression | None = None
    description: str = ""

    @property
    def sample(self) -> str:
        """A value that a person would try first."""
        first = next(iter((*self.examples, *self.enum)), None)
        return self.default or first or self.name


@dataclass(frozen=True, eq=False)
class Channel:
    """Where messages of some kinds are exchanged."""

    name: str
    address: str
    parameters: tuple[Parameter, ...] = ()
    messages: tuple[Message, ...] = ()
    servers: tuple[str, ...] = ()  # none: on all servers
    title: str = ""
    handshake: "Handshake | None" = None
    subprotocols: tuple[str, ...] = ()

    @cached_property
    def aliases(self) -> tuple[str, ...]:
        return tuple(each for each in (self.address, self.address.removeprefix("/"), self.title) if each)


@dataclass(frozen=True, eq=False)
class Reply:
    """What an operation promises to answer: where, and with which of the messages there."""

    channel: Channel | None = None  # none: where the request came from
    address: Expression | None = None
    messages: tuple[Message, ...] = ()
    missing: tuple[str, ...] = ()  # messages that the document names but does not have


@dataclass(frozen=True, eq=False)
class Operation:
    """Something the mock does on a channel: it receives, or it sends."""

    name: str
    action: Action
    channel: Channel
    messages: tuple[Message, ...]
    reply: Reply | None = None
    push: float | None = None  # seconds between two unasked sends; 0: once on open
    security: tuple["Alternative", ...] = ()
    title: str = ""
    description: str = ""  # title, summary and description, as far as there are any


class Carrier(StrEnum):
    """Where in a handshake a credential is."""

    BEARER = "bearer"
    BASIC = "basic"
    AUTHORIZATION = "authorization"  # some other scheme of the Authorization header
    HEADER = "header"
    QUERY = "query"
    COOKIE = "cookie"
    UNSEEN = "unseen"  # X509, SASL and the like: nothing of it is in a handshake


@dataclass(frozen=True, slots=True)
class Scheme:
    """One security scheme: what credential it asks for."""

    name: str
    type: str
    carrier: Carrier
    parameter: str = ""  # the name of the header, query argument or cookie; or the Authorization scheme


Alternative = tuple[Scheme, ...]
"""Schemes that are needed together; of several alternatives one is enough, and an empty one lets everyone in."""


@dataclass(frozen=True, eq=False)
class Handshake:
    """What the document asks of the request that opens a connection."""

    query: Schema | None = None
    headers: Schema | None = None

    @property
    def required_headers(self) -> tuple[str, ...]:
        return _required(self.headers)

    @property
    def required_query(self) -> tuple[str, ...]:
        return _required(self.query)

    def sample_query(self) -> dict[str, Any]:
        """Give the query arguments that are needed, each with a value that fits as far as its schema shows one."""
        document = self.query.document if self.query else {}
        properties = document.get("properties", {}) if isinstance(document, Mapping) else {}
        return {name: _sample_of(properties.get(name), name) for name in self.required_query}


def _sample_of(schema: Any, name: str) -> Any:
    """Give a value that a property's schema shows; its name, where it shows none."""
    if not isinstance(schema, Mapping):
        return name
    listed = [schema.get("const"), schema.get("default"), *(schema.get("examples") or ()), *(schema.get("enum") or ())]
    shown = next((each for each in listed if each is not None), None)
    if shown is None:
        shown = schema.get("minimum", 1) if schema.get("type") in ("integer", "number") else name
    return str(shown).lower() if isinstance(shown, bool) else shown


def _required(schema: Schema | None) -> tuple[str, ...]:
    document = schema.document if schema else {}
    listed = document.get("required") if isinstance(document, Mapping) else ()
    return tuple(listed) if isinstance(listed, list | tuple) else ()


@dataclass(frozen=True, eq=False)
class Server:
    """A server of the document: what it adds to the paths, and whom it lets in."""

    name: str
    protocol: str
    host: str = ""
    pathnames: tuple[str, ...] = ("",)  # the one with the variables' defaults first
    security: tuple[Alternative, ...] = ()
    description: str = ""

    @property
    def speaks_websocket(self) -> bool:
        return self.protocol.lower() in {"ws", "wss", "websocket", "websockets"}


@dataclass(frozen=True, eq=False)
class Route:
    """A path that a client can connect to, with all the channels that are there."""

    path: Address
    channels: tuple[Channel, ...]
    handshakes: tuple[Handshake, ...] = ()
    security: tuple[Alternative, ...] = ()
    subprotocols: tuple[str, ...] = ()
    topics: bool = False  # the socket of a server whose channels are topics

    def sample_path(self) -> str:
        """Give a path that can be connected to: parameters at their default, example or own name."""
        values = {parameter.name: parameter.sample for channel in self.channels for parameter in channel.parameters}
        return self.path.fill(values)

    def sample_target(self) -> str:
        """Give what a person can paste behind a host: a path, with the query that is needed there."""
        query = {name: value for each in self.handshakes for name, value in each.sample_query().items()}
        return self.sample_path() + (f"?{urlencode(query)}" if query else "")


@dataclass(frozen=True, eq=False)
class Contract:
    """All that one document promises."""

    title: str
    version: str
    channels: tuple[Channel, ...]
    operations: tuple[Operation, ...]
    routes: tuple[Route, ...]
    servers: tuple[Server, ...] = ()
    asyncapi: str = ""
    perspective: str = "server"
    perspective_reason: str = ""

    @cached_property
    def book(self) -> AddressBook[Route]:
        return AddressBook([(route.path, route) for route in self.routes])

    @cached_property
    def schemes(self) -> dict[str, Scheme]:
        """Give the security schemes that anything asks for, by name."""
        asked = [each.security for each in self.servers] + [each.security for each in self.operations]
        return {scheme.name: scheme for alternatives in asked for one in alternatives for scheme in one}

    @cached_property
    def secret_names(self) -> frozenset[str]:
        """Name the headers, query arguments and cookies that bring credentials, in lower case."""
        shown = (Carrier.HEADER, Carrier.QUERY, Carrier.COOKIE)
        return frozenset(each.parameter.lower() for each in self.schemes.values() if each.carrier in shown)

    @cached_property
    def _operations_at(self) -> dict[str, tuple[Operation, ...]]:
        found: dict[str, list[Operation]] = {channel.name: [] for channel in self.channels}
        for operation in self.operations:
            found.setdefault(operation.channel.name, []).append(operation)
        return {name: tuple(operations) for name, operations in found.items()}

    def operations_at(self, channel: Channel, action: Action) -> tuple[Operation, ...]:
        """Give the operations of a channel in which the mock receives, or sends."""
        return tuple(each for each in self._operations_at.get(channel.name, ()) if each.action is action)

    @cached_property
    def _incoming(self) -> dict[str, tuple[tuple[Message, Operation], ...]]:
        return {channel.name: self._incoming_of(channel) for channel in self.channels}

    def incoming(self, channel: Channel) -> tuple[tuple[Message, Operation], ...]:
        """Give the messages that clients may send on a channel: what is received there, and answers to what is sent."""
        return self._incoming.get(channel.name, ())

    def _incoming_of(self, channel: Channel) -> tuple[tuple[Message, Operation], ...]:
        asked = [(message, each) for each in self.operations_at(channel, Action.RECEIVE) for message in each.messages]
        answers = [(message, each) for each in self._replied(channel, Action.SEND) for message in _answers(each)]
        by_name: dict[str, tuple[Message, Operation]] = {}
        for message, operation in (*asked, *answers):
            by_name.setdefault(message.name, (message, operation))
        return tuple(by_name.values())

    @cached_property
    def _outgoing(self) -> dict[str, tuple[Message, ...]]:
        return {channel.name: self._outgoing_of(channel) for channel in self.channels}

    def outgoing(self, channel: Channel) -> tuple[Message, ...]:
        """Give the messages that the mock may send on a channel: what is sent there, and the answers that go there."""
        return self._outgoing.get(channel.name, ())

    def _outgoing_of(self, channel: Channel) -> tuple[Message, ...]:
        sent = [message for each in self.operations_at(channel, Action.SEND) for message in each.messages]
        answers = [message for each in self._replied(channel, Action.RECEIVE) for message in _answers(each)]
        return tuple({message.name: message for message in (*sent, *answers)}.values())

    def promised(self, channel: Channel) -> frozenset[str]:
        """Name the messages that an operation declares as its reply here.

        A reply that names none may be any message of its channel; on the channel of the request that promises nothing.
        """
        operations = self._replied(channel, Action.RECEIVE)
        named = (_answers(each) for each in operations if each.channel.name != channel.name or not _is_any(each))
        return frozenset(message.name for messages in named for message in messages)

    @cached_property
    def _replied_at(self) -> dict[tuple[str, Action], tuple[Operation, ...]]:
        found: dict[tuple[str, Action], list[Operation]] = {}
        for operation in self.operations:
            if operation.reply is not None:
                place = operation.reply.channel or operation.channel
                found.setdefault((place.name, operation.action), []).append(operation)
        return {place: tuple(operations) for place, operations in found.items()}

    def _replied(self, channel: Channel, action: Action) -> Iterable[Operation]:
        return self._replied_at.get((channel.name, action), ())

    def channel(self, name: str) -> Channel:
        """Find a channel by its key, else by address or title, or by the name of an operation; raises UnknownName."""
        by_key = [channel for channel in self.channels if channel.name == name]
        others = [channel for channel in self.channels if name in channel.aliases]
        found = (
            by_key or others or [each.channel for each in self.operations if name and name in (each.name, each.title)]
        )
        if len({channel.name for channel in found}) != 1:
            known = [channel.name for channel in self.channels]
            raise UnknownName("channel", name, known, closest(name, known))
        return found[0]

    def operation(self, name: str) -> Operation:
        """Find an operation by its key, else by its title; raises UnknownName."""
        found = [each for each in self.operations if name == each.name]
        found = found or [each for each in self.operations if name and name == each.title]
        if len(found) != 1:
            known = [each.name for each in self.operations]
            raise UnknownName("operation", name, known, closest(name, known))
        return found[0]

    def message(self, name: str, channels: Sequence[Channel] = ()) -> Message:
        """Find a message of these channels (of any, if none) by its key, else by name or title; raises UnknownName."""
        messages = {id(each): each for channel in channels or self.channels for each in self.messages_of(channel)}
        found = [each for each in messages.values() if each.name == name]
        found = found or [each for each in messages.values() if each.named(name)]
        if not found:
            known = list(dict.fromkeys(each.name for each in messages.values()))
            raise UnknownName("message", name, known, closest(name, known))
        return found[0]

    def messages_of(self, channel: Channel) -> tuple[Message, ...]:
        """Give all messages of a channel, those included that only an operation or a reply puts there."""
        there = (*channel.messages, *(message for message, _ in self.incoming(channel)), *self.outgoing(channel))
        return tuple({message.name: message for message in there}.values())


def _is_any(operation: Operation) -> bool:
    """Tell whether the reply admits all messages of the operation's own channel."""
    return {message.name for message in _answers(operation)} >= {message.name for message in operation.channel.messages}


def _answers(operation: Operation) -> tuple[Message, ...]:
    return operation.reply.messages if operation.reply else ()
