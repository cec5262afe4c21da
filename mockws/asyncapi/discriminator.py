"""`discriminator`: the property by which alternatives are told apart, and the value that each of them has there.

JSON Schema does not know it; here it is said in its words. AsyncAPI has the property's name, OpenAPI an object with a
mapping. Where an alternative says itself which values its property has, these hold.
"""

from collections.abc import Iterator
from typing import Any

from mockws.asyncapi.document import Node


def demand_of(choice: Node, alternative: Node) -> dict[str, Any] | None:
    """Give what a reference among the alternatives of a choice has to say besides; None where nothing tells."""
    target = alternative.followed()
    if alternative.reference is None or target is None:
        return None
    for owner in (choice, *_bases(target)):
        found = _property(owner)
        if found:
            if _says_itself(target, found):
                return None
            return {"properties": {found: {"enum": _values(owner, target)}}, "required": [found]}
    return None


def _bases(schema: Node) -> Iterator[Node]:
    """Give what a schema inherits from, as AsyncAPI means it: what its `allOf` refers to."""
    listed = schema.get("allOf")
    yield from listed.elements() if listed else ()


def _property(schema: Node) -> str:
    told = schema.value.get("discriminator") if isinstance(schema.value, dict) else None
    name = told.get("propertyName") if isinstance(told, dict) else told
    return name if isinstance(name, str) else ""


def _values(owner: Node, target: Node) -> list[str]:
    """OpenAPI, "Discriminator Object": the mapping's names, else the name of the schema."""
    mapping = owner.get("discriminator", "mapping") if isinstance(owner.value["discriminator"], dict) else None
    named = [key for key, meant in _pairs(mapping) if _is(meant, target)]
    return named or [target.key]


def _pairs(mapping: Node | None) -> Iterator[tuple[str, str]]:
    for key, meant in mapping.value.items() if mapping and isinstance(mapping.value, dict) else ():
        if isinstance(meant, str):
            yield key, meant


def _is(meant: str, target: Node) -> bool:
    """A mapping names a schema, or refers to it."""
    return meant == target.key or meant.rpartition("#")[2] == target.pointer or meant.rpartition("/")[2] == target.key


def _says_itself(schema: Node, name: str) -> bool:
    for part in (schema, *_bases(schema)):
        own = part.get("properties", name)
        if own is not None and isinstance(own.value, dict) and own.value.keys() & {"const", "enum"}:
            return True
    return False
