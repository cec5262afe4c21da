"""What a document has of each kind (servers, channels, operations, messages), used or not, each once.

Rules look here. Where things stand differs between the major versions, and only that is known here.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any

from mockws.asyncapi.definitions import VERBATIM
from mockws.asyncapi.document import Document, Node
from mockws.asyncapi.schemas import Schemas
from mockws.asyncapi.traits import with_traits
from mockws.errors import Unreadable
from mockws.source.pointer import join

VERBS = ("publish", "subscribe")
CONTAINERS = (dict, list)
Way = tuple[Any, str | int] | None  # to a value: the way to what it is in, and its key there


@dataclass
class Onlooker(Document):
    """A document as rules look at it: what cannot be read is absent, and stops nothing. What is in use was read before.

    Where it is not thorough, no file is opened for the sake of what nothing uses.
    """

    def target(self, node: Node, reference: str) -> Node | None:
        try:
            return super().target(node, reference)
        except Unreadable as problem:
            if self.thorough:
                node.warn(problem.code, f"{reference} cannot be read, and nothing uses it: {problem.message}")
            return None


def looked_at(root: Node) -> Node:
    """Give the top node as rules look at it."""
    document = root.document
    shared = {each.name: getattr(document, each.name) for each in fields(document)}
    read_file = document.read_file if document.thorough else _unread
    return replace(root, document=Onlooker(**{**shared, "read_file": read_file}))


def _unread(name: str) -> bytes:
    raise Unreadable("", "nothing has read it", name)  # never told


@dataclass
class Inventory:
    """Collects each kind when it is first asked for."""

    root: Node
    schemas: Schemas

    @property
    def is_two(self) -> bool:
        return self.root.document.major == "2"

    @cached_property
    def doubtful(self) -> tuple[Node, ...]:
        """References within the document's own file that may dangle, each where it stands first."""
        value = self.root.value
        return self._first(lambda text: text.startswith("#") and not _is_plainly_there(value, text))

    @cached_property
    def leading_elsewhere(self) -> tuple[Node, ...]:
        """References to other files (not to URLs), each where it stands first."""
        return self._first(lambda text: not text.startswith("#") and ":" not in text)

    def _first(self, wanted: Callable[[str], bool]) -> tuple[Node, ...]:
        node = self.root
        ways = dict(_references(node.value))  # found from the last to the first: the first is what stays
        nodes = ((text, way) for text, way in ways.items() if wanted(text))
        return tuple(Node(node.document, node.file, _pointer(way), {"$ref": text}) for text, way in nodes)

    @cached_property
    def references(self) -> frozenset[str]:
        """All references in all files that were read."""
        return frozenset(
            text for name in self.root.document.files for text, _ in _references(self.root.document.root(name).value)
        )

    @cached_property
    def named_channels(self) -> tuple[tuple[str, Node], ...]:
        """The channels that are in force, under the names that they have there."""
        node = self.root.get("channels")
        return tuple((name, child) for name, child in (node.items() if node else ()) if isinstance(child.value, dict))

    @cached_property
    def own_channels(self) -> tuple[Node, ...]:
        return _once(channel for _, channel in self.named_channels)

    @cached_property
    def own_servers(self) -> tuple[Node, ...]:
        return _once(_members(self.root.get("servers")))

    @cached_property
    def servers(self) -> tuple[Node, ...]:
        return self._kind("servers")

    @cached_property
    def channels(self) -> tuple[Node, ...]:
        if "channels" not in self._components:
            return self.own_channels
        return _once((*self.own_channels, *_members(self.root.get("components", "channels"))))

    @cached_property
    def own_operations(self) -> tuple[Node, ...]:
        """The operations that are in force: of channels in version 2, of the document in version 3."""
        if not self.is_two:
            return tuple(_members(self.root.get("operations")))
        return self._operations_of(self.own_channels)

    @cached_property
    def operations(self) -> tuple[Node, ...]:
        if not self.is_two:
            return self._kind("operations")
        return self._operations_of(self.channels) if "channels" in self._components else self.own_operations

    def _operations_of(self, channels: Iterable[Node]) -> tuple[Node, ...]:
        found = (child for channel in channels for verb in VERBS if (child := part_of(channel, verb)))
        return _once(child for child in found if isinstance(child.value, dict))

    @cached_property
    def _components(self) -> frozenset[str]:
        node = self.root.get("components")
        return frozenset(node.value) if node is not None and isinstance(node.value, dict) else frozenset()

    @cached_property
    def used_messages(self) -> tuple[Node, ...]:
        """The messages that operations (version 2) or channels (version 3) have."""
        if not self.is_two:
            listed = (part_of(channel, "messages") for channel in self.channels)
            return _once(_followed(raw for each in listed if each for raw in _raw_members(each)))
        written = (operation.raw("message") for operation in self.operations)
        return _once(each for message in _followed(raw for raw in written if raw) for each in _alternatives(message))

    @cached_property
    def messages(self) -> tuple[Node, ...]:
        return _once((*self.used_messages, *_members(self.root.get("components", "messages"))))

    @cached_property
    def whole_messages(self) -> tuple[Node, ...]:
        """All messages, with their traits merged in, and the traits that stand alone."""
        merged = (
            with_traits(message, trait_wins=self.is_two) if "traits" in message.value else message
            for message in self.messages
        )
        return (*merged, *_members(self.root.get("components", "messageTraits")))

    @cached_property
    def message_traits(self) -> tuple[Node, ...]:
        return self._traits(self.messages, "messageTraits")

    @cached_property
    def operation_traits(self) -> tuple[Node, ...]:
        return self._traits(self.operations, "operationTraits")

    @cached_property
    def parameters(self) -> tuple[Node, ...]:
        own = (each for channel in self.channels for each in _members(part_of(channel, "parameters")))
        return _once((*own, *_members(self.root.get("components", "parameters"))))

    @cached_property
    def component_schemas(self) -> tuple[Node, ...]:
        return tuple(_members(self.root.get("components", "schemas")))

    @cached_property
    def outer_schemas(self) -> tuple[Node, ...]:
        """The schemas of payloads, parameters and components, as far as they are JSON Schemas; not the inner ones."""
        found = [*self.component_schemas]
        found += [schema for each in self.parameters if self.is_two and (schema := part_of(each, "schema"))]
        for message in (*self.messages, *self.message_traits):
            payload = part_of(message, "payload") if "schemaFormat" not in message.value else None
            found += [payload] if payload else []
        return tuple(each for each in found if isinstance(each.value, dict) and "schemaFormat" not in each.value)

    def _kind(self, key: str) -> tuple[Node, ...]:
        return _once((*_members(self.root.get(key)), *_members(self.root.get("components", key))))

    def _traits(self, owners: Iterable[Node], key: str) -> tuple[Node, ...]:
        own = (trait for owner in owners for trait in elements_of(owner, "traits") if isinstance(trait.value, dict))
        return _once((*own, *_members(self.root.get("components", key))))


def _members(node: Node | None) -> Iterator[Node]:
    """Walk the members of a mapping that are mappings themselves."""
    for _, child in node.items() if node else ():
        if isinstance(child.value, dict):
            yield child


def _raw_members(node: Node) -> Iterator[Node]:
    for key in node.value if isinstance(node.value, dict) else ():
        child = node.raw(key)
        if child is not None:
            yield child


def _followed(written: Iterable[Node]) -> Iterator[Node]:
    """Give the mappings that stand behind what is written; what thousands refer to is looked up once."""
    seen: set[tuple[str, str]] = set()
    for raw in written:
        place = (raw.file, raw.reference or "")
        if place not in seen:
            seen |= {place} if place[1] else set()
            target = raw.followed()
            if target is not None and isinstance(target.value, dict):
                yield target


def part_of(node: Node, key: str) -> Node | None:
    """Give a child of a mapping. Most do not have most keys: to look first is a good part of the time."""
    return node.get(key) if key in node.value else None


def elements_of(node: Node, key: str) -> Iterator[Node]:
    """Walk a list in a mapping."""
    listed = part_of(node, key)
    return listed.elements() if listed else iter(())


def _once(nodes: Iterable[Node]) -> tuple[Node, ...]:
    return tuple({node.identity: node for node in nodes}.values())


def _references(value: Any) -> Iterator[tuple[str, Way]]:
    """Find all references, from the last to the first; not in what is verbatim.

    The way to each is put together by who wants it: there are many.
    """
    waiting: list[tuple[Any, Way]] = [(value, None)] if isinstance(value, CONTAINERS) else []
    while waiting:
        value, way = waiting.pop()
        if isinstance(value, list):
            waiting.extend((child, (way, n)) for n, child in enumerate(value) if isinstance(child, CONTAINERS))
        elif isinstance(value.get("$ref"), str):
            yield value["$ref"], way
        else:
            for key, child in value.items():
                if isinstance(child, CONTAINERS) and key not in VERBATIM and not key.startswith("x-"):
                    waiting.append((child, (way, key)))


def _is_plainly_there(value: Any, reference: str) -> bool:
    """Tell whether a reference leads somewhere without detours: nearly all do, and this is soon done."""
    start, *tokens = reference.split("/")
    if start != "#":
        return False
    for token in tokens:
        key = token.replace("~1", "/").replace("~0", "~")
        if not isinstance(value, dict) or key not in value:
            return False
        value = value[key]
    return True


def _pointer(way: Way) -> str:
    tokens: list[str] = []
    while way is not None:
        way, key = way
        tokens.append(str(key))
    return join("", *reversed(tokens))


def _alternatives(message: Node, seen: frozenset[tuple[str, str]] = frozenset()) -> Iterator[Node]:
    """Walk the message of an operation: one, or a `oneOf` of several."""
    if not isinstance(message.value, dict) or message.identity in seen:
        return
    several = part_of(message, "oneOf") if "payload" not in message.value else None
    if several is None or not isinstance(several.value, list):
        yield message
        return
    for each in several.elements():
        yield from _alternatives(each, seen | {message.identity})
