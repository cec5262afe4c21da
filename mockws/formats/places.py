"""Where a JSON Schema has bytes: JSON carries them as base64, and formats that have bytes carry them as such.

Looked for as deep as people write; beyond, bytes stay base64 texts, which are no less valid.
"""

import base64
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeAlias

Place: TypeAlias = tuple[str, ...]  # keys; `*` stands for each element of a list

BYTES = {"format": ("byte", "binary"), "contentEncoding": ("base64",)}  # keyword -> values that mean bytes
JOINED = ("allOf", "anyOf", "oneOf")
EACH = "*"
DEEPEST, MOST_SCHEMAS = 6, 500


def places_of_bytes(document: Any) -> tuple[Place, ...]:
    """Find the places of bytes, as far as they have names."""
    found: dict[Place, None] = {}
    waiting: list[tuple[Place, Any]] = [((), document)]
    for _ in range(MOST_SCHEMAS):
        if not waiting:
            break
        place, schema = waiting.pop(0)
        schema = _followed(schema, document)
        if isinstance(schema, Mapping) and len(place) <= DEEPEST:
            if any(schema.get(keyword) in values for keyword, values in BYTES.items()):
                found[place] = None
            waiting.extend(_below(place, schema))
    return tuple(found)


def _below(place: Place, schema: Mapping[str, Any]) -> Iterator[tuple[Place, Any]]:
    for keyword in JOINED:
        parts = schema.get(keyword)
        yield from ((place, part) for part in (parts if isinstance(parts, list) else ()))
    if "items" in schema:
        yield (*place, EACH), schema["items"]
    properties = schema.get("properties")
    for name, inner in properties.items() if isinstance(properties, Mapping) else ():
        yield (*place, name), inner


def _followed(schema: Any, root: Any) -> Any:
    for _ in range(8):
        reference = schema.get("$ref") if isinstance(schema, Mapping) else None
        if not isinstance(reference, str) or not isinstance(root, Mapping):
            return schema
        name = reference.removeprefix("#/definitions/").replace("~1", "/").replace("~0", "~")
        schema = root if reference == "#" else root.get("definitions", {}).get(name)
    return schema


def with_bytes(value: Any, places: Iterable[Place]) -> Any:
    """Make bytes of the base64 texts at some places; a text that is none stays."""
    for place in places:
        value = _with_bytes(value, place)
    return value


def _with_bytes(value: Any, place: Place) -> Any:
    if not place:
        return _bytes(value) if isinstance(value, str) else value
    first, rest = place[0], place[1:]
    if first == EACH and isinstance(value, list):
        return [_with_bytes(each, rest) for each in value]
    if isinstance(value, dict) and first in value:
        return {**value, first: _with_bytes(value[first], rest)}
    return value


def _bytes(text: str) -> bytes | str:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        return text
