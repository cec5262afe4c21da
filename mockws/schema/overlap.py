"""Of a value that fits several alternatives of a `oneOf`: which they are, and what could tell them apart.

Only sentences are made here; which alternatives fit is handed in.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mockws.schema.keywords import MAX_DEPTH
from mockws.schema.references import References

MAX_NAMED = 3


@dataclass(frozen=True, slots=True)
class _Alternative:
    """What an alternative says at its top, through references and `allOf`."""

    name: str
    properties: dict[str, Any] = field(default_factory=dict)
    required: set[str] = field(default_factory=set)


def overlap(listed: Sequence[Any], fitting: Sequence[int], value: Any, document: Any) -> str:
    """Say which alternatives fit at once, and what distinguishes them."""
    references = References(document)
    alternatives = [_read(listed[index], f"/oneOf/{index}", references) for index in fitting]
    names = _and([each.name for each in alternatives])
    return f"must fit exactly one of the alternatives, fits {names}: {_told(alternatives, value)}"


def _read(schema: Any, name: str, references: References) -> _Alternative:
    found = _Alternative(_name(schema, references) or name)
    for part in _parts(schema, references):
        for key, inner in _mapping(part, "properties").items():
            found.properties.setdefault(key, inner)
        required = part.get("required")
        found.required.update(each for each in required if isinstance(each, str)) if isinstance(required, list) else ()
    return found


def _parts(schema: Any, references: References, depth: int = 0) -> Iterator[Mapping[str, Any]]:
    """Walk a schema and what it is joined of."""
    if not isinstance(schema, Mapping) or depth > MAX_DEPTH:
        return
    yield schema
    if isinstance(schema.get("$ref"), str):
        yield from _parts(references.target(schema["$ref"]), references, depth + 1)
    joined = schema.get("allOf")
    for part in joined if isinstance(joined, list) else ():
        yield from _parts(part, references, depth + 1)


def _name(schema: Any, references: References) -> str:
    """Name an alternative as its author did: by its title, or by what it refers to."""
    for part in _parts(schema, references):
        if isinstance(part.get("title"), str):
            return str(part["title"])
        if isinstance(part.get("$ref"), str):
            return str(part["$ref"]).rpartition("/")[2].replace("~1", "/").replace("~0", "~")
    return ""


def _mapping(schema: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    held = schema.get(key)
    return held if isinstance(held, Mapping) else {}


def _told(alternatives: Sequence[_Alternative], value: Any) -> str:
    there = value if isinstance(value, Mapping) else {}
    for name in dict.fromkeys(name for each in alternatives for name in each.properties):
        if name not in there and _tells(name, alternatives):
            return f"/{name} would tell them apart, and is missing"
    own = [(each, _own(each, alternatives)) for each in alternatives]
    shown = [f"{each.name} has {_and([f'/{name}' for name in names[:MAX_NAMED]])}" for each, names in own if names]
    admitted = [(each, name) for each, names in own for name in names if name in there]
    if admitted:
        each, name = admitted[0]
        others = _and([other.name for other in alternatives if other is not each])
        return f"/{name} is of {each.name}, and {others} admits it as well"
    return f"nothing in it tells them apart ({', '.join(shown)})" if shown else "nothing in it tells them apart"


def _tells(name: str, alternatives: Sequence[_Alternative]) -> bool:
    """Tell whether each alternative has other constants for a property."""
    values = [_constants(each.properties.get(name)) for each in alternatives]
    seen: list[Any] = []
    for each in values:
        if not each or any(value in seen for value in each):
            return False
        seen += each
    return True


def _constants(schema: Any) -> list[Any]:
    if not isinstance(schema, Mapping):
        return []
    listed = schema.get("enum")
    return [schema["const"]] if "const" in schema else listed if isinstance(listed, list) else []


def _own(alternative: _Alternative, alternatives: Sequence[_Alternative]) -> list[str]:
    """Give the properties that only this alternative knows, those that it requires first."""
    others = [each for each in alternatives if each is not alternative]
    known = {name for each in others for name in (*each.properties, *each.required)}
    named = dict.fromkeys((*sorted(alternative.required), *alternative.properties))
    return [name for name in named if name not in known]


def _and(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
