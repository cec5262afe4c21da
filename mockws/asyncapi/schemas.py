"""Payload schemas: from wherever they are in the document's files to one self-contained `Schema` each.

References are not inlined (schemas may be circular): each schema that is referred to is copied once into `definitions`
of the schemas that need it, mended on the way, and references point there. What is mended is what people write and
validators choke on: `nullable`, `required: true` on a property, a Message used as a Schema, dangling references.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from mockws.asyncapi.document import Document, Node
from mockws.errors import BrokenSchema
from mockws.schema.schema import Draft, Schema
from mockws.source.pointer import escape, parse

# AsyncAPI 3.0, "Multi Format Schema Object": schemaFormat -> the dialect of JSON Schema that it is served with.
FORMATS = {
    "application/schema+json;version=draft-04": Draft.D4,
    "application/schema+json;version=draft-06": Draft.D6,
    "application/schema+json;version=draft-07": Draft.D7,
    "application/schema+json;version=2019-09": Draft.D2019,
    "application/schema+json;version=draft-2019-09": Draft.D2019,
    "application/schema+json;version=2020-12": Draft.D2020,
    "application/schema+json;version=draft-2020-12": Draft.D2020,
    "application/vnd.oai.openapi": Draft.D4,
}
VERBATIM = frozenset({"const", "enum", "default", "example", "examples"})
MAPS = frozenset({"properties", "patternProperties", "definitions", "$defs", "dependentSchemas"})
LISTS = frozenset({"allOf", "anyOf", "oneOf", "prefixItems"})
ANYTHING: Mapping[str, Any] = {}
MAX_REPAIRS = 20


def draft_of(schema_format: str) -> Draft | None:
    """Tell the dialect of a `schemaFormat`; None where payloads of that format cannot be checked here."""
    bare = schema_format.lower().replace(" ", "").replace("+yaml", "+json").replace("'", "")
    if bare in ("", "application/schema+json") or bare.startswith("application/vnd.aai.asyncapi"):
        return Draft.D7
    bare = bare.replace("+json;", ";") if "openapi" in bare else bare
    return next((draft for name, draft in FORMATS.items() if bare.startswith(name)), None)


@dataclass
class _Copy:
    """The copy of one schema under way: what it refers to, and the names given to that."""

    definitions: dict[str, Any] = field(default_factory=dict)
    names: dict[tuple[str, str], str] = field(default_factory=dict)
    waiting: list[Node] = field(default_factory=list)


@dataclass
class Schemas:
    """Makes schemas of nodes, each once."""

    document: Document
    _made: dict[tuple[str, str, Draft], Schema] = field(default_factory=dict)

    def of(self, node: Node | None, schema_format: str = "") -> Schema:
        """Make the schema at a node; anything goes where there is none, or where its format cannot be checked."""
        if node is None:
            return Schema(True)
        if isinstance(node.value, dict) and "schemaFormat" in node.value and "schema" in node.value:
            return self.of(node.get("schema"), node.text("schemaFormat"))
        draft = draft_of(schema_format)
        if draft is None:
            advice = "give the message examples: they are what can be served"
            node.warn(
                "schema-format",
                f"schemaFormat {schema_format} is not checked here, anything goes",
                advice,
                once=schema_format,
            )
            return Schema(True)
        key = (*node.identity, draft)
        if key not in self._made:
            self._made[key] = self._compiled(node, draft)
        return self._made[key]

    def _compiled(self, node: Node, draft: Draft) -> Schema:
        document = self_contained(node)
        for _ in range(MAX_REPAIRS):
            try:
                return Schema(document, draft=Draft.of(document, draft) if isinstance(document, dict) else draft)
            except BrokenSchema as problem:
                message = f"the schema is broken at {problem.pointer or '/'}: {problem.message}"
                node.error(problem.code, message, "that keyword is left out until it is mended")
                document = without(document, parse(problem.pointer))
        return Schema(True)


def without(document: Any, tokens: tuple[str, ...]) -> Any:
    """Copy a schema without the keyword at a place; without everything, where the place is the schema itself."""
    if not tokens:
        return True
    if isinstance(document, list) and tokens[0].isdecimal() and int(tokens[0]) < len(document):
        index = int(tokens[0])
        return [*document[:index], without(document[index], tokens[1:]), *document[index + 1 :]]
    if not isinstance(document, dict) or tokens[0] not in document:
        return True
    rest = {key: value for key, value in document.items() if key != tokens[0]}
    if len(tokens) == 1 or not isinstance(document[tokens[0]], dict | list):
        return rest
    return {**document, tokens[0]: without(document[tokens[0]], tokens[1:])}


def self_contained(node: Node) -> Any:
    """Copy a schema, with all that it refers to in its `definitions`."""
    copy = _Copy()
    copy.names[node.identity] = "#"
    root = _copied(_payload_of(node), copy)
    while copy.waiting:
        target = copy.waiting.pop()
        name = parse(copy.names[target.identity])[-1]
        copy.definitions[name] = _copied(_payload_of(target), copy)
    if copy.definitions and isinstance(root, dict):
        own = root.get("definitions")
        root["definitions"] = {**(own if isinstance(own, dict) else {}), **copy.definitions}
    return root


def _payload_of(node: Node) -> Node:
    """Give the payload where a Message stands in a Schema's place (a third of such references are a slip)."""
    value = node.value
    if not isinstance(value, dict) or "payload" not in value or value.keys() & {"type", "properties", "allOf", "oneOf"}:
        return node
    if "/messages/" not in node.pointer:
        return node
    node.warn(
        "message-as-schema",
        "a Message is used as a Schema; its payload is taken",
        "refer to …/payload",
        once=node.pointer,
    )
    return node.get("payload") or node


def _copied(node: Node, copy: _Copy) -> Any:
    value = node.value
    if not isinstance(value, dict):
        return value if isinstance(value, bool) else dict(ANYTHING)
    reference = node.reference
    if reference is not None:
        return _copied_reference(node, copy)
    if "schemaFormat" in value and isinstance(value.get("schema"), dict):
        inner = node.raw("schema")
        return _copied(inner, copy) if inner else dict(ANYTHING)
    copied = {
        key: _copied_keyword(node, key, copy) for key in value if key not in ("$id", "id") or not _is_text(value[key])
    }
    return _mended(copied, node)


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _copied_reference(node: Node, copy: _Copy) -> Any:
    raw = node.document.target(node, str(node.reference))
    if raw is None:
        return dict(ANYTHING)
    if raw.identity not in copy.names:
        copy.names[raw.identity] = "#/definitions/" + escape(_free_name(raw, copy))
        copy.waiting.append(raw)
    return {"$ref": copy.names[raw.identity]}


def _free_name(node: Node, copy: _Copy) -> str:
    """Name a definition as the document does, so that whoever reads the schema recognises it."""
    base = node.key or "root"
    taken = set(copy.names.values())
    candidates = (base, *(f"{base}-{number}" for number in range(2, len(taken) + 3)))
    return next(name for name in candidates if "#/definitions/" + escape(name) not in taken)


def _copied_keyword(node: Node, key: str, copy: _Copy) -> Any:
    value = node.value[key]
    child = node.raw(key)
    if key in VERBATIM or child is None:
        return value
    if key in MAPS and isinstance(value, dict):
        return {name: _copied(inner, copy) for name, inner in _raw_items(child)}
    if isinstance(value, list) and (key in LISTS or key == "items"):
        return [_copied(inner, copy) for inner in _raw_elements(child)]
    if (
        isinstance(value, dict)
        and key not in ("discriminator", "dependencies", "externalDocs")
        and not key.startswith("x-")
    ):
        return _copied(child, copy)
    return value


def _raw_items(node: Node) -> Iterator[tuple[str, Node]]:
    for key in node.value:
        child = node.raw(key)
        if child is not None:
            yield key, child


def _raw_elements(node: Node) -> Iterator[Node]:
    for index in range(len(node.value)):
        child = node.raw(index)
        if child is not None:
            yield child


def _mended(schema: dict[str, Any], node: Node) -> dict[str, Any]:
    """Make of a copied schema what its author meant, where validators would see something else, or nothing."""
    _without_required_flags(schema, node)
    if schema.get("nullable") is True:
        node.warn(
            "nullable",
            "nullable is not JSON Schema; null is admitted as meant",
            "write type: [..., 'null']",
            once=node.file,
        )
        return _nullable(schema)
    return schema


def _without_required_flags(schema: dict[str, Any], node: Node) -> None:
    """OpenAPI 2 habit: `required: true` on the property itself, which JSON Schema has as a list on the object."""
    properties = schema.get("properties")
    for name, inner in properties.items() if isinstance(properties, dict) else ():
        original = node.value["properties"].get(name)
        if isinstance(inner, dict) and isinstance(original, dict) and isinstance(original.get("required"), bool):
            if original["required"]:
                listed = schema.get("required")
                schema["required"] = [*(listed if isinstance(listed, list) else []), name]
            node.warn(
                "required-flag", f"required is a list of names; the one on {name} is read as meant", once=node.pointer
            )
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
