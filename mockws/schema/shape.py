"""What the top level of a payload schema says: an index for telling messages apart. Validation decides."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from mockws.schema.schema import Schema

MAX_DEPTH = 4


@dataclass(frozen=True, slots=True)
class Shape:
    """What the top level of a payload schema says of its properties; it is an index, validation decides."""

    tells: dict[str, frozenset[Any]] = field(default_factory=dict)
    required: frozenset[str] = frozenset()
    properties: dict[str, Any] = field(default_factory=dict)  # those of alternatives (oneOf, anyOf) included


def shape_of(schema: Schema) -> Shape:
    """Read the top level of a schema, through references and allOf; of alternatives only which properties there are."""
    required: set[str] = set()
    sure: dict[str, Any] = {}
    for part in _top_level(schema.document, schema.document, ("allOf",)):
        listed = part.get("required")
        required |= {name for name in listed if isinstance(name, str)} if isinstance(listed, list) else set()
        sure = {**sure, **_others(part, schema.document, sure)}
    tells = {name: values for name, inner in sure.items() if (values := _only_values(inner))}
    properties = sure
    for part in _top_level(schema.document, schema.document, ("allOf", "oneOf", "anyOf")):
        properties = {**properties, **_others(part, schema.document, properties)}
    return Shape(tells, frozenset(required), properties)


def _others(schema: Mapping[str, Any], root: Any, known: Mapping[str, Any]) -> dict[str, Any]:
    """Give the properties that are not known yet."""
    own = schema.get("properties")
    items = own.items() if isinstance(own, dict) else ()
    return {name: _dereferenced(inner, root) for name, inner in items if name not in known}


def _top_level(schema: Any, root: Any, keywords: tuple[str, ...], depth: int = 0) -> Iterable[Mapping[str, Any]]:
    """Walk a schema and what it is joined of by these keywords, as deep as people write."""
    schema = _dereferenced(schema, root)
    if not isinstance(schema, Mapping) or depth > MAX_DEPTH:
        return
    yield schema
    for keyword in keywords:
        parts = schema.get(keyword)
        for part in parts if isinstance(parts, list) else ():
            yield from _top_level(part, root, keywords, depth + 1)


def _dereferenced(schema: Any, root: Any) -> Any:
    for _ in range(8):
        if not isinstance(schema, Mapping) or not isinstance(schema.get("$ref"), str) or not isinstance(root, Mapping):
            return schema
        reference = schema["$ref"]
        key = reference.removeprefix("#/definitions/").replace("~1", "/").replace("~0", "~")
        schema = root if reference == "#" else root.get("definitions", {}).get(key, {})
    return schema


def _only_values(schema: Any) -> frozenset[Any]:
    """Give the only values a property may have, where the schema lists them and all are plain."""
    if not isinstance(schema, Mapping):
        return frozenset()
    listed = [schema["const"]] if "const" in schema else schema.get("enum")
    plain = isinstance(listed, list) and all(isinstance(value, str | int) for value in listed)
    return frozenset(listed) if plain and listed else frozenset()
