"""What a document has of each kind (servers, channels, operations, messages), used or not, each once.

Rules look here. Where things stand differs between the major versions, and only that is known here.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from mockws.asyncapi.definitions import VERBATIM
from mockws.asyncapi.document import Node
from mockws.asyncapi.schemas import Schemas
from mockws.asyncapi.traits import with_traits
from mockws.source.pointer import join

VERBS = ("publish", "subscribe")
Way = tuple[Any, str | int] | None  # to a value: the way to what it is in, and its key there


@dataclass
class Inventory:
    """Collects each kind when it is first asked for."""

    root: Node
    schemas: Schemas

    @property
    def is_two(self) -> bool:
        return self.root.document.major == "2"

    @cached_property
    def referring(self) -> tuple[Node, ...]:
        """What refers to something in the document's own file, each reference where it stands first."""
        # found from the last to the first: the first is what stays
        own = {text: way for text, way in _references(self.root.value) if text.startswith("#")}
        node = self.root
        return tuple(Node(node.document, node.file, _pointer(way), {"$ref": text}) for text, way in own.items())

    @cached_property
    def references(self) -> frozenset[str]:
        """All references in all files that were read."""
        return frozenset(
            text for name in self.root.document.files for text, _ in _references(self.root.document.root(name).value)
        )

    @cached_property
    def own_servers(self) -> tuple[Node, ...]:
        return _once(_members(self.root.get("servers")))

    @cached_property
    def servers(self) -> tuple[Node, ...]:
        return self._kind("servers")

    @cached_property
    def channels(self) -> tuple[Node, ...]:
        return self._kind("channels")

    @cached_property
    def own_operations(self) -> tuple[Node, ...]:
        """The operations that are in force: of channels in version 2, of the document in version 3."""
        if not self.is_two:
            return tuple(_members(self.root.get("operations")))
        channels = _members(self.root.get("channels"))
        return _once(child for channel in channels for verb in VERBS if (child := _mapping(channel, verb)))

    @cached_property
    def operations(self) -> tuple[Node, ...]:
        if not self.is_two:
            return self._kind("operations")
        return _once(child for channel in self.channels for verb in VERBS if (child := _mapping(channel, verb)))

    @cached_property
    def used_messages(self) -> tuple[Node, ...]:
        """The messages that operations (version 2) or channels (version 3) have."""
        if self.is_two:
            return _once(each for operation in self.operations for each in _alternatives(operation.get("message")))
        return _once(each for channel in self.channels for each in _members(channel.get("messages")))

    @cached_property
    def messages(self) -> tuple[Node, ...]:
        return _once((*self.used_messages, *_members(self.root.get("components", "messages"))))

    @cached_property
    def whole_messages(self) -> tuple[Node, ...]:
        """All messages, with their traits merged in, and the traits that stand alone."""
        merged = (with_traits(message, trait_wins=self.is_two) for message in self.messages)
        return (*merged, *_members(self.root.get("components", "messageTraits")))

    @cached_property
    def message_traits(self) -> tuple[Node, ...]:
        return self._traits(self.messages, "messageTraits")

    @cached_property
    def operation_traits(self) -> tuple[Node, ...]:
        return self._traits(self.operations, "operationTraits")

    @cached_property
    def parameters(self) -> tuple[Node, ...]:
        own = (each for channel in self.channels for each in _members(channel.get("parameters")))
        return _once((*own, *_members(self.root.get("components", "parameters"))))

    @cached_property
    def component_schemas(self) -> tuple[Node, ...]:
        return tuple(_members(self.root.get("components", "schemas")))

    def _kind(self, key: str) -> tuple[Node, ...]:
        return _once((*_members(self.root.get(key)), *_members(self.root.get("components", key))))

    def _traits(self, owners: Iterable[Node], key: str) -> tuple[Node, ...]:
        lists = (owner.get("traits") for owner in owners if "traits" in owner.value)
        own = (trait for listed in lists if listed for trait in listed.elements() if isinstance(trait.value, dict))
        return _once((*own, *_members(self.root.get("components", key))))


def _members(node: Node | None) -> Iterator[Node]:
    """Walk the members of a mapping that are mappings themselves."""
    for _, child in node.items() if node else ():
        if isinstance(child.value, dict):
            yield child


def _mapping(node: Node, key: str) -> Node | None:
    child = node.get(key)
    return child if child is not None and isinstance(child.value, dict) else None


def _once(nodes: Iterable[Node]) -> tuple[Node, ...]:
    return tuple({node.identity: node for node in nodes}.values())


def _references(value: Any) -> Iterator[tuple[str, Way]]:
    """Find all references, from the last to the first; not in what is verbatim.

    The way to each is put together by who wants it: there are many.
    """
    waiting: list[tuple[Any, Way]] = [(value, None)] if isinstance(value, dict | list) else []
    while waiting:
        value, way = waiting.pop()
        if isinstance(value, list):
            waiting.extend((child, (way, n)) for n, child in enumerate(value) if isinstance(child, dict | list))
        elif isinstance(value.get("$ref"), str):
            yield value["$ref"], way
        else:
            waiting.extend(
                (child, (way, key))
                for key, child in value.items()
                if isinstance(child, dict | list) and key not in VERBATIM and not key.startswith("x-")
            )


def _pointer(way: Way) -> str:
    tokens: list[str] = []
    while way is not None:
        way, key = way
        tokens.append(str(key))
    return join("", *reversed(tokens))


def _alternatives(message: Node | None, seen: frozenset[tuple[str, str]] = frozenset()) -> Iterator[Node]:
    """Walk the message of an operation: one, or a `oneOf` of several."""
    if message is None or not isinstance(message.value, dict) or message.identity in seen:
        return
    several = message.get("oneOf") if "payload" not in message.value else None
    if several is None or not isinstance(several.value, list):
        yield message
        return
    for each in several.elements():
        yield from _alternatives(each, seen | {message.identity})
