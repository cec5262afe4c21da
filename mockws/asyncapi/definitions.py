"""Copies of schemas, self-contained: what a schema refers to, in whatever file, stands in its `definitions`.

References are not inlined (schemas may be circular). Each schema is copied once for the whole document, mended on the
way, and shared by all that refer to it. What is mended is what people write and validators choke on: `nullable`,
`required: true` on a property, a Message used as a Schema, dangling references.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from mockws.asyncapi.dialects import draft_of
from mockws.asyncapi.discriminator import demand_of
from mockws.asyncapi.document import Node
from mockws.source.pointer import escape, parse

VERBATIM = frozenset({"const", "enum", "default", "example", "examples", "discriminator", "externalDocs"})
MAPS = frozenset({"properties", "patternProperties", "definitions", "$defs", "dependentSchemas", "dependencies"})
LISTS = frozenset({"allOf", "anyOf", "oneOf", "prefixItems", "items"})
IDENTIFIERS = frozenset({"$id", "id", "$schema"})  # texts of these would move the base that references start from
NOT_IN_A_URI = re.compile(r"[^A-Za-z0-9_.~/!$&'()*+,;=:@?-]")  # a validator reads `$ref` as a URI, and refuses others
ANYTHING: Mapping[str, Any] = {}
Identity = tuple[str, str]


@dataclass(frozen=True, slots=True)
class _Copy:
    """A schema as it was copied, and the nodes that it refers to."""

    schema: Any
    targets: tuple[Node, ...]


@dataclass
class Definitions:
    """All schemas of a document that are referred to, under names that no two share."""

    openapi: bool = False  # `nullable` is a word of theirs
    _names: dict[Identity, str] = field(default_factory=dict)
    _owners: dict[str, Node] = field(default_factory=dict)
    _copies: dict[Identity, _Copy] = field(default_factory=dict)

    def self_contained(self, node: Node) -> Any:
        """Copy a schema, with all that it refers to in its `definitions`."""
        root = self._copy_of(node)
        reached: dict[str, Any] = {}
        waiting = list(root.targets)
        while waiting:
            target = waiting.pop()
            name = self._name_of(target)
            if name not in reached:
                copy = self._copy_of(target)
                reached[name] = copy.schema
                waiting.extend(copy.targets)
        if not reached or not isinstance(root.schema, dict):
            return root.schema
        return {**root.schema, "definitions": reached}

    def origin(self, root: Node, pointer: str) -> Node:
        """Find the place in the document from which a place in a copy was made, or the nearest above it."""
        tokens = parse(pointer)
        node = payload_of(root)
        if tokens[:1] == ("definitions",) and len(tokens) > 1 and tokens[1] in self._owners:
            node, tokens = payload_of(self._owners[tokens[1]]), tokens[2:]
        for token in tokens:
            child = node.raw(int(token) if isinstance(node.value, list) and token.isdecimal() else token)
            if child is None:
                return node
            node = child
        return node

    def _copy_of(self, node: Node) -> _Copy:
        if node.identity not in self._copies:
            targets: dict[Identity, Node] = {}
            schema = self._copied(payload_of(node), targets)
            self._copies[node.identity] = _Copy(schema, tuple(targets.values()))
        return self._copies[node.identity]

    def _name_of(self, node: Node) -> str:
        """Name a definition as the document does, so that whoever reads the schema recognises it."""
        known = self._names.get(node.identity)
        if known is not None:
            return known
        name = base = NOT_IN_A_URI.sub("-", node.key) or "root"
        number = 1
        while name in self._owners:
            number += 1
            name = f"{base}-{number}"
        self._names[node.identity], self._owners[name] = name, node
        return name

    def _copied(self, node: Node, targets: dict[Identity, Node]) -> Any:
        value = node.value
        if not isinstance(value, dict):
            return value if isinstance(value, bool) else dict(ANYTHING)
        if node.reference is not None:
            return self._copied_reference(node, node.reference, targets)
        if "schemaFormat" in value and isinstance(value.get("schema"), dict):
            return self._copied_format(node, targets)
        copied = {
            key: self._copied_keyword(node, key, targets)
            for key, held in value.items()
            if key not in IDENTIFIERS or not isinstance(held, str)
        }
        return _mended(copied, node, openapi=self.openapi)

    def _copied_format(self, node: Node, targets: dict[Identity, Node]) -> Any:
        """Copy a schema that tells its format; of what is no JSON Schema nothing can be said within one."""
        inner = node.raw("schema")
        if inner is not None and draft_of(node.text("schemaFormat")) is not None:
            return self._copied(inner, targets)
        told = f"a schema of {node.text('schemaFormat')} within a JSON Schema is not checked, anything goes"
        node.warn("schema-format", told, "refer to it as the whole payload", once=node.pointer)
        return dict(ANYTHING)

    def _copied_reference(self, node: Node, reference: str, targets: dict[Identity, Node]) -> Any:
        target = node.document.target(node, reference)
        if target is None or (target.reference is not None and target.followed() is None):
            return dict(ANYTHING)
        targets[target.identity] = target
        return {"$ref": "#/definitions/" + escape(self._name_of(target))}

    def _copied_keyword(self, node: Node, key: str, targets: dict[Identity, Node]) -> Any:
        value = node.value[key]
        child = node.raw(key)
        if child is None or key in VERBATIM or key.startswith("x-"):
            return value
        if key in MAPS and isinstance(value, dict):
            return {name: self._copied_member(inner, targets) for name, inner in _raw_items(child)}
        if key in ("oneOf", "anyOf") and isinstance(value, list):
            return [self._copied_alternative(node, inner, targets) for inner in child.raw_elements()]
        if key in LISTS and isinstance(value, list):
            return [self._copied(inner, targets) for inner in child.raw_elements()]
        return self._copied(child, targets) if isinstance(value, dict) else value

    def _copied_alternative(self, choice: Node, node: Node, targets: dict[Identity, Node]) -> Any:
        """Copy one of several alternatives, with what a discriminator wants of it."""
        copied, demand = self._copied(node, targets), demand_of(choice, node)
        return copied if demand is None else {"allOf": [copied, demand]}

    def _copied_member(self, node: Node, targets: dict[Identity, Node]) -> Any:
        """Copy a member of a map of schemas; `dependencies` has lists of names as well."""
        return node.value if isinstance(node.value, list) else self._copied(node, targets)


def payload_of(node: Node) -> Node:
    """Give the payload where a Message stands in a Schema's place (a third of such references are a slip)."""
    value = node.value
    if not isinstance(value, dict) or "payload" not in value or value.keys() & {"type", "properties", "allOf", "oneOf"}:
        return node
    if "/messages/" not in node.pointer:
        return node
    told, advice = "a Message is used as a Schema; its payload is taken", "refer to …/payload"
    node.warn("message-as-schema", told, advice, once=node.pointer)
    return node.get("payload") or node


def _raw_items(node: Node) -> Iterator[tuple[str, Node]]:
    for key in node.value:
        child = node.raw(key)
        if child is not None:
            yield key, child


def _mended(schema: dict[str, Any], node: Node, *, openapi: bool) -> dict[str, Any]:
    """Make of a copied schema what its author meant, where validators would see something else, or nothing."""
    _without_required_flags(schema, node)
    if schema.get("nullable") is True:
        if not openapi:
            told = "nullable is not JSON Schema; null is admitted as meant"
            node.warn("nullable", told, "write type: [..., 'null']", once=node.file)
        return _nullable(schema)
    return schema


def _without_required_flags(schema: dict[str, Any], node: Node) -> None:
    """OpenAPI 2 habit: `required: true` on the property itself, which JSON Schema has as a list on the object."""
    properties = node.value.get("properties")
    for name, inner in properties.items() if isinstance(properties, dict) else ():
        if isinstance(inner, dict) and isinstance(inner.get("required"), bool):
            if inner["required"]:
                listed = schema.get("required")
                schema["required"] = [*(listed if isinstance(listed, list) else []), name]
            told = f"required is a list of names; the one on {name} is read as meant"
            node.warn("required-flag", told, "list it in required of the object", once=node.pointer)
    if isinstance(schema.get("required"), bool):
        del schema["required"]


def _nullable(schema: dict[str, Any]) -> dict[str, Any]:
    kind = schema.get("type")
    if kind is None:
        return {"anyOf": [schema, {"type": "null"}]}
    kinds = kind if isinstance(kind, list) else [kind]
    values = schema.get("enum")
    admitted = {"enum": [*values, None]} if isinstance(values, list) and None not in values else {}
    return {**schema, "type": [*kinds, *([] if "null" in kinds else ["null"])], **admitted}
