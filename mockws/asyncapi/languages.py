"""Schemas in other languages than JSON Schema: Avro's and Protobuf's, with all that they refer to put together.

What is broken is told where it stands; what cannot be read for want of a library is told once, with the way to get it.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from mockws.asyncapi.document import Node
from mockws.asyncapi.protobuf import protobuf_of
from mockws.errors import BrokenSchema
from mockws.formats.avro import Avro
from mockws.formats.extras import MissingExtra
from mockws.formats.wire import Types
from mockws.source.pointer import parse

DEEPEST = 64


def language_of(schema_format: str) -> str:
    """Name the language that a `schemaFormat` means, if it is one of those read here."""
    bare = schema_format.lower().replace(" ", "")
    return next((name for name, pattern in LANGUAGES.items() if re.match(pattern, bare)), "")


@dataclass
class Languages:
    """Makes the schemas that are not JSON Schema, each once."""

    _made: dict[tuple[str, str, str, str], Types | None] = field(default_factory=dict)

    def types(self, language: str, node: Node, message: Node) -> Types | None:
        """Make the schema at a node; None where that cannot be, and it is told why."""
        key = (language, *node.identity, _meant(message) if language == "protobuf" else "")
        if key not in self._made:
            self._made[key] = self._types(language, node, message)
        return self._made[key]

    def _types(self, language: str, node: Node, message: Node) -> Types | None:
        try:
            return READERS[language](node, message)
        except BrokenSchema as problem:
            told = f"the schema is broken: {problem.message}"
            _place(node, problem.pointer).error(problem.code, told, "messages of it are not checked until it is mended")
        except MissingExtra as problem:
            node.warn("missing-extra", f"{problem}; messages of it are not checked", problem.advice, once=problem.extra)
        return None


def _meant(message: Node) -> str:
    own = message.mapping("x-mockws")
    return f"{message.file}{message.pointer} {own.text('message') if own else ''}"


def _avro(node: Node, _: Node) -> Types:
    return Avro(_put_together(node, frozenset(), 0))


def _put_together(node: Node, above: frozenset[tuple[str, str]], depth: int) -> Any:
    """Copy an Avro schema with its references followed; one that leads to what it stands in is that one's name."""
    target = node.followed()
    if target is None or depth > DEEPEST:
        return "null"
    if target.identity in above and isinstance(target.value, dict):
        return _name_of(target.value)
    value = target.value
    inside = above | {target.identity}
    if isinstance(value, dict):
        keys = (key for key in value if key not in ("default", "symbols", "aliases"))
        children = {key: child for key in keys if (child := target.raw(key))}
        return {**value, **{key: _put_together(child, inside, depth + 1) for key, child in children.items()}}
    if isinstance(value, list):
        return [_put_together(child, inside, depth + 1) for child in target.raw_elements()]
    return value


def _name_of(schema: Mapping[str, Any]) -> str:
    name, namespace = str(schema.get("name", "")), schema.get("namespace")
    return f"{namespace}.{name}" if isinstance(namespace, str) and "." not in name else name


def _place(node: Node, pointer: str) -> Node:
    """Find the place of what is wrong, through references; the nearest above it that there is."""
    for token in parse(pointer):
        child = node.raw(int(token) if isinstance(node.value, list) and token.isdecimal() else token)
        followed = child.followed() if child else None
        if followed is None:
            return node
        node = followed
    return node


LANGUAGES = {
    "avro": r"application/vnd\.apache\.avro|application/(x-)?avro|avro",
    "protobuf": r"application/vnd\.google\.protobuf|application/(x-)?protobuf",
}
READERS: Mapping[str, Callable[[Node, Node], Types]] = {"avro": _avro, "protobuf": protobuf_of}
