"""Values that break a schema in one way each: what a server must not take for valid."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mockws.schema.parts import Path, parts_of, pointer, replaced, required_of, without
from mockws.schema.schema import Schema

WRONG: tuple[Any, ...] = ("mockws", 7, {"mockws": 1}, [7], True, None)  # one of them is of the wrong type
UNKNOWN = "mockws-unknown"


@dataclass(frozen=True, slots=True)
class Spoiled:
    """A value that was valid, and in which way it is not any more."""

    how: str
    value: Any


def spoiled(payload: Schema, value: Any) -> Iterator[Spoiled]:
    """Break a valid value in every way that the schema shows, one at a time."""
    for each in _broken(payload.document, value):
        if not payload.accepts(each.value):
            yield each


def _broken(document: Any, value: Any) -> Iterator[Spoiled]:
    for path, part, schema in parts_of(value, document, document):
        if isinstance(part, dict):
            for name in dict.fromkeys(required_of(schema, document)):
                if name in part:
                    yield Spoiled(f"{pointer((*path, name))} is missing", without(value, (*path, name)))
        yield from _of_wrong_type(value, path, part, schema)
        yield from _beyond(value, path, part, schema)


def _of_wrong_type(value: Any, path: Path, part: Any, schema: Mapping[str, Any]) -> Iterator[Spoiled]:
    if "type" not in schema:
        return
    allowed = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    wrong = next((each for each in WRONG if _kind(each) not in _kinds(allowed) and type(each) is not type(part)), None)
    if wrong is not None:
        yield Spoiled(f"{pointer(path)} is of the wrong type ({_kind(wrong)})", replaced(value, path, wrong))


def _beyond(value: Any, path: Path, part: Any, schema: Mapping[str, Any]) -> Iterator[Spoiled]:
    """Go beyond what the keywords of one part allow."""
    at = pointer(path)
    if "enum" in schema or "const" in schema:
        yield Spoiled(f"{at} is none of what is listed", replaced(value, path, UNKNOWN))
    if isinstance(part, dict) and schema.get("additionalProperties") is False:
        yield Spoiled(f"{at} has an unknown property", replaced(value, path, {**part, UNKNOWN: 1}))
    for key, step in (("minimum", -1), ("maximum", 1)):
        edge = schema.get(key)
        if isinstance(edge, int | float) and not isinstance(edge, bool) and isinstance(part, int | float):
            yield Spoiled(f"{at} is beyond its {key}", replaced(value, path, edge + step))
    if not isinstance(part, str):
        return
    least, most = schema.get("minLength"), schema.get("maxLength")
    if isinstance(least, int) and least > 0:
        yield Spoiled(f"{at} is too short", replaced(value, path, ""))
    if isinstance(most, int) and most < 10_000:
        yield Spoiled(f"{at} is too long", replaced(value, path, "a" * (most + 1)))
    if "pattern" in schema or "format" in schema:
        yield Spoiled(f"{at} has the wrong form", replaced(value, path, "\u00a7 no such form"))


def _kinds(allowed: list[Any]) -> set[Any]:
    """An integer is a number too."""
    return {*allowed, *(("integer",) if "number" in allowed else ())}


def _kind(value: Any) -> str:
    names = {str: "string", bool: "boolean", int: "integer", dict: "object", list: "array", type(None): "null"}
    return names[type(value)]
