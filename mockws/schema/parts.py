"""A value beside its schema: each part with what the schema says of it, and the value with a part changed."""

from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

Path: TypeAlias = tuple[str | int, ...]

DEEPEST = 4
MOST_ITEMS = 1  # the first item of an array stands for all
DEFINITIONS = "#/definitions/"
ITEM = "*"  # in a path: any item of an array
MOST_VALUES = 500  # of all enums of one schema

Enums: TypeAlias = tuple[tuple[Path, tuple[Any, ...]], ...]


def parts_of(value: Any, schema: Any, root: Any, path: Path = ()) -> Iterator[tuple[Path, Any, Mapping[str, Any]]]:
    """Give the parts of a value, each with its schema, as far as `properties`, `items` and `allOf` tell it."""
    schema = resolved(schema, root)
    if not isinstance(schema, Mapping) or len(path) > DEEPEST:
        return
    yield path, value, schema
    if isinstance(value, dict):
        for name, inner in properties_of(schema, root).items():
            if name in value:
                yield from parts_of(value[name], inner, root, (*path, name))
    items = schema.get("items")
    if isinstance(value, list) and isinstance(items, Mapping):
        for place, each in enumerate(value[:MOST_ITEMS]):
            yield from parts_of(each, items, root, (*path, place))


def properties_of(schema: Mapping[str, Any], root: Any) -> dict[str, Any]:
    """Give the properties of an object, those that `allOf` brings included."""
    found: dict[str, Any] = {}
    for part in schema.get("allOf") or ():
        inner = resolved(part, root)
        found |= properties_of(inner, root) if isinstance(inner, Mapping) and inner is not schema else {}
    own = schema.get("properties")
    return found | (dict(own) if isinstance(own, Mapping) else {})


def required_of(schema: Mapping[str, Any], root: Any) -> list[str]:
    """Name what an object must have, what `allOf` demands included."""
    found: list[str] = []
    for part in schema.get("allOf") or ():
        inner = resolved(part, root)
        found += required_of(inner, root) if isinstance(inner, Mapping) and inner is not schema else []
    own = schema.get("required")
    return [*found, *(own if isinstance(own, list) else [])]


def resolved(schema: Any, root: Any) -> Any:
    """Follow references; payload schemas are self-contained, with their definitions in one place."""
    for _ in range(8):
        reference = schema.get("$ref") if isinstance(schema, Mapping) else None
        if not isinstance(reference, str) or not isinstance(root, Mapping):
            return schema
        key = reference.removeprefix(DEFINITIONS).replace("~1", "/").replace("~0", "~")
        schema = root if reference == "#" else root.get("definitions", {}).get(key, {})
    return schema


def enums_of(document: Any) -> Enums:
    """Give the enums of a schema, each with the place that it is for; of a recursive one the first turns."""
    found: dict[Path, list[Any]] = {}
    for path, values in _enums(document, document, ()):
        if sum(map(len, found.values())) >= MOST_VALUES:
            break
        known = found.setdefault(path, [])
        known += [each for each in values if each not in known]
    return tuple((path, tuple(values)) for path, values in found.items())


def _enums(schema: Any, root: Any, path: Path) -> Iterator[tuple[Path, list[Any]]]:
    schema = resolved(schema, root)
    if not isinstance(schema, Mapping) or len(path) > DEEPEST:
        return
    listed = schema.get("enum")
    if isinstance(listed, list):
        yield path, listed
    for key in ("allOf", "anyOf", "oneOf"):
        for part in schema.get(key) or ():
            if resolved(part, root) is not schema:
                yield from _enums(part, root, path)
    for name, inner in (schema.get("properties") or {}).items():
        yield from _enums(inner, root, (*path, name))
    if isinstance(schema.get("items"), Mapping):
        yield from _enums(schema["items"], root, (*path, ITEM))


def values_at(value: Any, path: Path) -> Iterator[Any]:
    """Give what stands at a place of a value, in all items where the path says so."""
    if not path:
        yield value
    elif isinstance(value, list) and path[0] == ITEM:
        for each in value:
            yield from values_at(each, path[1:])
    elif isinstance(value, dict) and path[0] in value:
        yield from values_at(value[path[0]], path[1:])


def replaced(value: Any, path: Path, piece: Any) -> Any:
    """Copy a value with one part changed."""
    if not path:
        return piece
    step = path[0]
    if isinstance(value, list) and isinstance(step, int):
        return [*value[:step], replaced(value[step], path[1:], piece), *value[step + 1 :]]
    inner = value.get(step) if isinstance(value, dict) else None
    return {**value, step: replaced(inner, path[1:], piece)}


def without(value: Any, path: Path) -> Any:
    """Copy a value with one part left out."""
    step, rest = path[0], path[1:]
    if isinstance(value, list) and isinstance(step, int):
        kept = [] if not rest else [without(value[step], rest)]
        return [*value[:step], *kept, *value[step + 1 :]]
    if not rest:
        return {name: each for name, each in value.items() if name != step}
    return {**value, step: without(value[step], rest)}


def pointer(path: Path) -> str:
    return "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in path) or "/"
