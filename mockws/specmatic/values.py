"""The value strings of Specmatic's examples: `(string)`, `(NAME:string)`, `$(NAME)` and `$match(...)`.

A text is read once, into a `Wanted`; what is matched, said or compared is made of that. What is none of these is a text
like any other.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mockws.names import closest
from mockws.source.pointer import join

TYPES: Mapping[str, Mapping[str, Any]] = {  # Specmatic's name -> JSON Schema
    "string": {"type": "string"},
    "number": {"type": "number"},
    "integer": {"type": "integer"},
    "boolean": {"type": "boolean"},
    "null": {"type": "null"},
    "date": {"type": "string", "format": "date"},
    "datetime": {"type": "string", "format": "date-time"},
    "time": {"type": "string", "format": "time"},
    "uuid": {"type": "string", "pattern": "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"},
    "email": {"type": "string", "format": "email"},
    "url": {"type": "string", "format": "uri"},
    "anyvalue": {},
    "anything": {},
}
SAMPLES: Mapping[str, Any] = {  # where nothing tells more
    "string": "text",
    "number": 1,
    "integer": 1,
    "boolean": True,
    "null": None,
    "date": "2026-03-14",
    "datetime": "2026-03-14T09:30:00Z",
    "time": "09:30:00Z",
    "uuid": "3f2b9c1e-7a54-4d0b-9a51-0d6b1c6a2e11",
    "email": "ada@example.com",
    "url": "https://example.com/",
    "anyvalue": "anything",
    "anything": "anything",
}
NAME = r"[A-Za-z_][A-Za-z0-9_-]*"
TYPE = re.compile(rf"\((?:(?P<name>{NAME}):)?(?P<type>[a-z]+)(?P<more>[?*]?)\)")
MATCH = re.compile(r"\$match\((?P<inside>.*)\)", re.DOTALL)
REFERENCE = re.compile(r"\$\((?P<path>[^()]+)\)")
PARAMETERS = ("exact", "pattern", "dataType", "contains", "times", "value", "length", "minLength", "maxLength")
ARGUMENT = re.compile(r"(?:^|,)\s*([A-Za-z]+)\s*:")
CONTAINED = "contains"


class BadValue(ValueError):
    """A value string that is none; `advice` says what to write."""

    def __init__(self, message: str, advice: str = "") -> None:
        super().__init__(message)
        self.advice = advice


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a value string admits: a schema, and values that fit it, the likeliest first."""

    schema: Any
    samples: tuple[Any, ...]
    kind: str = ""  # its type by Specmatic's name; empty: it is a value, or a pattern
    name: str = ""  # that what came is kept under
    times: int | None = None
    is_exact: bool = False


def wanted_of(text: str) -> Wanted | None:
    """Read a value string; None where a text is just a text. Raises BadValue."""
    typed = TYPE.fullmatch(text)
    if typed is not None:
        return _typed(typed["type"], typed["more"], typed["name"] or "")
    matcher = MATCH.fullmatch(text.strip())
    return _matcher(matcher["inside"]) if matcher is not None else None


def _typed(kind: str, more: str, name: str) -> Wanted | None:
    if kind not in TYPES:
        hint = closest(kind, TYPES)
        if name or hint:
            raise BadValue(f"there is no type ({kind})", f"did you mean ({hint})?" if hint else _known())
        return None
    schema: Any = dict(TYPES[kind])
    if more == "?":
        schema = {"anyOf": [schema, {"type": "null"}]}
    if more == "*":
        return Wanted({"type": "array", "items": schema}, ([SAMPLES[kind]],), "", name)
    return Wanted(schema, (SAMPLES[kind],), kind, name)


def _known() -> str:
    return f"there are {', '.join(f'({each})' for each in TYPES)}"


def _matcher(inside: str) -> Wanted:
    given = arguments_of(inside)
    unknown = [key for key in given if key not in PARAMETERS]
    if unknown:
        hint = closest(unknown[0], PARAMETERS)
        raise BadValue(f"$match has no parameter {unknown[0]!r} here", f"did you mean {hint}?" if hint else "")
    times = _whole(given, "times")
    if "exact" in given:
        return _exact(given["exact"], times)
    if "pattern" in given:
        return Wanted({"type": "string", "pattern": f"^(?:{given['pattern']})$"}, (), times=times)
    if "dataType" in given:
        found = _typed(given["dataType"], "", "")
        if found is None:
            raise BadValue(f"there is no type {given['dataType']!r}", _known())
        return Wanted(found.schema, found.samples, found.kind, times=times)
    return Wanted(*_array(given), times=times)


def arguments_of(inside: str) -> dict[str, str]:
    """Split `exact: 5, times: 2`; a comma or a colon within a value splits nothing."""
    known = [each for each in ARGUMENT.finditer(inside) if each[1] in PARAMETERS or each.start() == 0]
    ends = [each.start() for each in known[1:]] + [len(inside)]
    return {each[1]: inside[each.end() : end].strip() for each, end in zip(known, ends, strict=True)}


def _exact(text: str, times: int | None) -> Wanted:
    """What looks like a number may be meant as a text: the message's schema tells, and either is let in."""
    try:
        value = json.loads(text)
    except ValueError:
        return Wanted({"const": text}, (text,), times=times, is_exact=True)
    values = (value,) if isinstance(value, dict | list | str) else (value, text)
    return Wanted({"enum": list(values)}, values, times=times, is_exact=True)


def _array(given: Mapping[str, str]) -> tuple[Any, tuple[Any, ...]]:
    schema: dict[str, Any] = {"type": "array"}
    lengths = {"length": ("minItems", "maxItems"), "minLength": ("minItems",), "maxLength": ("maxItems",)}
    for key, keywords in lengths.items():
        number = _whole(given, key)
        schema |= {keyword: number for keyword in keywords if number is not None}
    sample: Any = SAMPLES["string"]
    if CONTAINED in given:
        inner = wanted_of(given[CONTAINED])
        if inner is None:
            raise BadValue(f"$match(contains: {given[CONTAINED]}) is not read", "it takes a type such as (integer)")
        schema["contains"], sample = inner.schema, inner.samples[0]
    elif len(schema) == 1:
        raise BadValue("$match needs exact, pattern, dataType, contains or a length")
    return schema, ([sample] * max(schema.get("minItems", 0), 1),)


def _whole(given: Mapping[str, str], key: str) -> int | None:
    if key not in given:
        return None
    if not given[key].isdecimal():
        raise BadValue(f"{key} is {given[key]!r}, and should be a whole number")
    return int(given[key])


def leaves(value: Any, pointer: str = "") -> Iterator[tuple[str, Any]]:
    """Give all that is no collection, with its place; an empty collection is one, too."""
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from leaves(inner, join(pointer, key))
    elif isinstance(value, list) and value:
        for place, inner in enumerate(value):
            yield from leaves(inner, join(pointer, place))
    else:
        yield pointer, value


def schema_of(value: Any) -> Any:
    """Make the JSON Schema of what an example wants: all that it names, as it says, and nothing besides."""
    if isinstance(value, dict):
        inner = {key: schema_of(each) for key, each in value.items()}
        return {"type": "object", "required": list(value), "properties": inner, "additionalProperties": False}
    if isinstance(value, list):
        items = [schema_of(each) for each in value]
        bounds = {"minItems": len(items), "maxItems": len(items)}
        return {"type": "array", "items": items, **bounds} if items else {"type": "array", **bounds}
    if isinstance(value, str) and REFERENCE.search(value):  # what it stands for is not known here
        return {} if REFERENCE.fullmatch(value) else {"type": "string"}
    found = wanted_of(value) if isinstance(value, str) else None
    return {"const": value} if found is None else found.schema


def is_plain(value: Any) -> bool:
    """Tell whether there is neither a value string nor a reference in a value."""
    texts = (each for _, each in leaves(value) if isinstance(each, str))
    return not any(REFERENCE.search(each) or wanted_of(each) is not None for each in texts)
