"""What the top level of a payload schema says: an index for telling messages apart. Validation decides."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from mockws.schema.schema import Schema


@dataclass(frozen=True, slots=True)
class Shape:
    """What the top level of a payload schema says of its properties; it is an index, validation decides."""

    tells: dict[str, frozenset[Any]] = field(default_factory=dict)
    required: frozenset[str] = frozenset()
    properties: dict[str, Any] = field(default_factory=dict)


def shape_of(schema: Schema) -> Shape:
    """Read the top level of a schema, through references and allOf."""
    required: set[str] = set()
    properties: dict[str, Any] = {}
    for part in _top_level(schema.document, schema.document, depth=0):
        listed = part.get("required")
        required |= {name for name in listed if isinstance(name, str)} if isinstance(listed, list) else set()
        own = part.get("properties")
        for name, inner in own.items() if isinstance(own, dict) else ():
            properties.setdefault(name, _dereferenced(inner, schema.document))
    tells = {name: values for name, inner in properties.items() if (values := _only_values(inner))}
    return Shape(tells, frozenset(required), properties)


def _top_level(schema: Any, root: Any, *, depth: int) -> Iterable[Mapping[str, Any]]:
    schema = _dereferenced(schema, root)
    if not isinstance(schema, Mapping) or depth > 8:
        return
    yield schema
    parts = schema.get("allOf")
    for part in parts if isinstance(parts, list) else ():
        yield from _top_level(part, root, depth=depth + 1)


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
