"""What the keywords of JSON Schema mean for a walk: which of them hold schemas, which hold values.

Only the shape of schemas is known here: neither how they are checked nor what values they make.
"""

from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Any, Self
from urllib.parse import unquote

MAX_DEPTH = 64

MAPS_OF_SCHEMAS = frozenset({"properties", "patternProperties", "definitions", "$defs", "dependentSchemas"})
LISTS_OF_SCHEMAS = frozenset({"allOf", "anyOf", "oneOf", "prefixItems"})
ONE_SCHEMA = frozenset(
    {"not", "if", "then", "else", "contains", "propertyNames", "additionalProperties", "additionalItems"}
    | {"unevaluatedProperties", "unevaluatedItems", "items"}
)
IN_PLACE = ("allOf", "anyOf", "oneOf", "if", "then", "else", "not")
VALUES = frozenset({"enum", "const", "default", "example", "examples"})
BESIDES = frozenset(
    {"title", "description", "default", "example", "examples", "deprecated", "$schema", "$id", "id", "definitions"}
    | {"$defs", "components"}
)


class Draft(Enum):
    """A version of JSON Schema."""

    D4 = 4
    D6 = 6
    D7 = 7
    D2019 = 19
    D2020 = 20

    @classmethod
    def of(cls, document: Any, default: Self) -> Self:
        """Tell the draft that a document names in `$schema`, else the default."""
        dialect = document.get("$schema") if isinstance(document, Mapping) else None
        if not isinstance(dialect, str):
            return default
        return next((cls[name] for part, name in DIALECTS.items() if part in dialect), default)


DIALECTS = {
    "json-schema.org/draft-04": "D4",
    "json-schema.org/draft-06": "D6",
    "json-schema.org/draft-07": "D7",
    "json-schema.org/draft/2019-09": "D2019",
    "json-schema.org/draft/2020-12": "D2020",
}


def escaped(part: str | int) -> str:
    """Write one step of a JSON Pointer (RFC 6901)."""
    return str(part).replace("~", "~0").replace("/", "~1")


def pointer_of(path: tuple[str | int, ...]) -> str:
    return "".join("/" + escaped(part) for part in path)


def steps_of(pointer: str) -> list[str]:
    """Read the steps of a reference's JSON Pointer, percent-decoded."""
    return [part.replace("~1", "/").replace("~0", "~") for part in unquote(pointer).split("/")[1:]]


def subschemas(schema: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Tell each direct subschema with the keyword that holds it."""
    for keyword, held in schema.items():
        if keyword in MAPS_OF_SCHEMAS and isinstance(held, Mapping):
            yield from ((keyword, one) for one in held.values())
        elif keyword == "dependencies" and isinstance(held, Mapping):
            yield from ((keyword, one) for one in held.values() if not isinstance(one, list))
        elif isinstance(held, list) and (keyword in LISTS_OF_SCHEMAS or keyword == "items"):
            yield from ((keyword, one) for one in held)
        elif keyword in ONE_SCHEMA:
            yield keyword, held


def everything_below(document: Any) -> Iterator[tuple[int, Any]]:
    """Tell every object and list of a document with its depth, level by level, to one below the limit.

    A part that is shared (a YAML alias) is told once per level, so that sharing cannot explode.
    """
    level = [document]
    for depth in range(1, MAX_DEPTH + 2):
        if not level:
            return
        unique = {id(one): one for one in level if isinstance(one, (Mapping, list))}
        yield from ((depth, one) for one in unique.values())
        level = [child for one in unique.values() for child in (one.values() if isinstance(one, Mapping) else one)]


def pointers_of(document: Any) -> Iterator[tuple[str, Any]]:
    """Tell every object of a document with its JSON Pointer."""
    waiting = [("", document)]
    while waiting:
        pointer, part = waiting.pop()
        if isinstance(part, Mapping):
            yield pointer, part
            waiting.extend((f"{pointer}/{escaped(name)}", one) for name, one in part.items())
        elif isinstance(part, list):
            waiting.extend((f"{pointer}/{index}", one) for index, one in enumerate(part))


def look_up(document: Any, steps: list[str]) -> Any:
    """Follow the steps of a pointer; raises LookupError where there is nothing."""
    for step in steps:
        if isinstance(document, list):
            if not step.isdecimal():
                raise LookupError(step)
            document = document[int(step)]
        elif isinstance(document, Mapping):
            document = document[step]
        else:
            raise LookupError(step)
    return document


def with_nullable(schema: Any) -> Any:
    """Write OpenAPI 3.0's `nullable: true` as JSON Schema says it; what has none of it stays the same object."""
    if isinstance(schema, list):
        return [with_nullable(one) for one in schema]
    if not isinstance(schema, Mapping):
        return schema
    read = {keyword: _nullable_below(keyword, held) for keyword, held in schema.items()}
    if read.get("nullable") is not True:
        return read
    if "type" not in read and ("$ref" in read or "allOf" in read):
        kept = {keyword: held for keyword, held in read.items() if keyword in BESIDES}
        meant = {keyword: held for keyword, held in read.items() if keyword not in BESIDES and keyword != "nullable"}
        return kept | {"anyOf": [meant, {"type": "null"}]}
    return read | _null_allowed(read)


def _nullable_below(keyword: str, held: Any) -> Any:
    if keyword in VALUES:
        return held
    if keyword in MAPS_OF_SCHEMAS and isinstance(held, Mapping):
        return {name: with_nullable(one) for name, one in held.items()}
    return with_nullable(held)


def _null_allowed(schema: Mapping[str, Any]) -> dict[str, Any]:
    allowed: dict[str, Any] = {}
    kinds = schema.get("type")
    if isinstance(kinds, str) and kinds != "null":
        allowed["type"] = [kinds, "null"]
    elif isinstance(kinds, list) and "null" not in kinds:
        allowed["type"] = [*kinds, "null"]
    if isinstance(schema.get("enum"), list) and None not in schema["enum"]:
        allowed["enum"] = [*schema["enum"], None]
    for keyword in ("oneOf", "anyOf"):
        if isinstance(schema.get(keyword), list):
            allowed[keyword] = [*schema[keyword], {"type": "null"}]
    return allowed
