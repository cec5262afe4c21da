"""What a client may say: a message's examples, values made up from a seed, and values at the edges of its schema."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mockws.codec import encode_json
from mockws.contract import Message
from mockws.errors import CannotFake
from mockws.schema.parts import Path, parts_of, pointer, properties_of, replaced, required_of, without

LONG = 200


@dataclass(frozen=True, slots=True)
class Variant:
    """A value of a message, and how it came to be."""

    name: str
    value: Any


def fakes(message: Message, seed: int, count: int) -> Iterator[Variant]:
    """Make values up; the same seed makes the same. None where none can be made."""
    for turn in range(1, count + 1):
        try:
            yield Variant(f"fake {turn}", message.payload.fake(f"{seed}|test|{message.name}|{turn}"))
        except CannotFake:
            return


def boundaries(message: Message, value: Any, most: int) -> Iterator[Variant]:
    """Give values at the edges: the least and the most that each part may be, and nothing but what is required."""
    if not message.is_structured:
        return
    payload, seen = message.payload, {encode_json(value)} if not isinstance(value, bytes) else set()
    for variant in _edges(value, payload.document):
        text = encode_json(variant.value)
        if text in seen or not payload.accepts(variant.value):
            continue
        seen.add(text)
        yield variant
        if len(seen) > most:
            return


def _edges(value: Any, document: Any) -> Iterator[Variant]:
    bare = value
    for path in _optional(value, document):
        bare = without(bare, path)
    if bare != value:
        yield Variant("only what is required", bare)
    for path, part, schema in parts_of(value, document, document):
        for edge in _edges_of(part, schema):
            yield Variant(f"boundary {pointer(path)} = {_short(edge)}", replaced(value, path, edge))


def _optional(value: Any, document: Any) -> list[Path]:
    """Name the parts that need not be there, the outermost only."""
    found: list[Path] = []
    for path, part, schema in parts_of(value, document, document):
        if isinstance(part, dict) and not any(path[: len(each)] == each for each in found):
            required = required_of(schema, document)
            known = properties_of(schema, document)
            found += [(*path, name) for name in part if name in known and name not in required]
    return found


def _edges_of(part: Any, schema: Mapping[str, Any]) -> Iterator[Any]:
    """Give the values at the edges of one part."""
    yield from schema.get("enum") or ()
    if isinstance(part, bool):
        yield from (True, False)
    elif isinstance(part, int | float):
        yield from _numbers(schema)
    elif isinstance(part, str):
        yield from _texts(schema)
    elif isinstance(part, list):
        least, most = schema.get("minItems", 0), schema.get("maxItems")
        yield part[:least] if isinstance(least, int) else []
        if part and isinstance(most, int) and most <= LONG:
            yield (part * most)[:most]


def _numbers(schema: Mapping[str, Any]) -> Iterator[int | float]:
    for key, step in (("minimum", 0), ("maximum", 0), ("exclusiveMinimum", 1), ("exclusiveMaximum", -1)):
        edge = schema.get(key)
        if isinstance(edge, int | float) and not isinstance(edge, bool):
            yield edge + step
    yield from (0, -1)
    if schema.get("format") not in ("int32", "int64"):
        yield 2**31  # what does not fit into 32 bits
    if schema.get("type") == "number":
        yield 0.5


def _texts(schema: Mapping[str, Any]) -> Iterator[str]:
    least, most = schema.get("minLength"), schema.get("maxLength")
    yield "a" * least if isinstance(least, int) and least <= LONG else ""
    if isinstance(most, int) and most <= LONG:
        yield "a" * most
    if not isinstance(most, int):
        yield 'ÄÖ 你好 🎉 "quoted" \\ /'


def _short(value: Any) -> str:
    text = encode_json(value)
    return text if len(text) <= 30 else f"{text[:29]}…"
