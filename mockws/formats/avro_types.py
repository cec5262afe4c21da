"""Avro's types with parts: records, enums, arrays, maps, unions, and names for what is defined elsewhere."""

from dataclasses import dataclass
from typing import Any

from mockws.errors import CannotEncode
from mockws.formats.avro_cursor import Cursor, broken
from mockws.formats.avro_scalars import PRIMITIVES, Shape, unfit
from mockws.source.pointer import escape

ABSENT: Any = object()


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a record; `default` is in Avro's JSON."""

    name: str
    shape: Shape
    default: Any = ABSENT


@dataclass(slots=True)
class Record:
    """Named values, one after the other. Its fields come after it is known, for they may be of its own type."""

    tag: str
    written: Any
    fields: tuple[Field, ...] = ()

    @property
    def schema(self) -> Any:
        return reference(self.tag)

    def read(self, cursor: Cursor) -> Any:
        cursor.enter()
        value = {each.name: each.shape.read(cursor) for each in self.fields}
        cursor.leave()
        return value

    def raw(self, value: Any) -> Any:
        return {each.name: each.shape.raw(self._of(value, each)) for each in self._fitting(value)}

    def tagged(self, value: Any) -> Any:
        return {each.name: each.shape.tagged(self._of(value, each)) for each in self._fitting(value)}

    def untagged(self, value: Any) -> Any:
        fields = self._fitting(value)
        return {each.name: each.shape.untagged(value[each.name]) for each in fields if each.name in value}

    def _fitting(self, value: Any) -> tuple[Field, ...]:
        """Look at the names first: that rules most of a union's records out at once."""
        if not isinstance(value, dict) or not value.keys() <= {each.name for each in self.fields}:
            raise unfit(value, f"record {self.tag}")
        for each in self.fields:
            if each.default is ABSENT and each.name not in value:
                raise CannotEncode(f"{each.name} is missing in the record {self.tag} of Avro")
        return self.fields

    def _of(self, value: Any, each: Field) -> Any:
        return value[each.name] if each.name in value else default_of(each)


def default_of(each: Field) -> Any:
    """Give a default. It stands in Avro's JSON; there, a union's has no tag, and is of its first type (or another)."""
    if not isinstance(each.shape, Union):
        return each.shape.untagged(each.default)
    for branch in each.shape.branches:
        try:
            return branch.untagged(each.default)
        except CannotEncode:
            continue
    raise unfit(each.default, each.shape.told)


@dataclass(frozen=True, slots=True)
class Enumeration:
    """One of some words."""

    tag: str
    symbols: tuple[str, ...]
    written: Any

    @property
    def schema(self) -> Any:
        return {"type": "string", "enum": list(self.symbols)}

    def read(self, cursor: Cursor) -> Any:
        index = cursor.long()
        if not 0 <= index < len(self.symbols):
            raise broken(f"{self.tag} has no symbol of number {index}")
        return self.symbols[index]

    def raw(self, value: Any) -> Any:
        if value not in self.symbols:
            raise unfit(value, f"symbol of the enum {self.tag}")
        return value

    def tagged(self, value: Any) -> Any:
        return self.raw(value)

    def untagged(self, value: Any) -> Any:
        return self.raw(value)


@dataclass(frozen=True, slots=True)
class Array:
    """A list."""

    item: Shape
    written: Any
    tag: str = "array"

    @property
    def schema(self) -> Any:
        return {"type": "array", "items": self.item.schema}

    def read(self, cursor: Cursor) -> Any:
        value: list[Any] = []
        cursor.enter()
        while count := cursor.block():
            for _ in range(count):
                cursor.enter()
                value.append(self.item.read(cursor))
                cursor.leave()
        cursor.leave()
        return value

    def raw(self, value: Any) -> Any:
        return [self.item.raw(each) for each in self._checked(value)]

    def tagged(self, value: Any) -> Any:
        return [self.item.tagged(each) for each in self._checked(value)]

    def untagged(self, value: Any) -> Any:
        return [self.item.untagged(each) for each in self._checked(value)]

    def _checked(self, value: Any) -> list[Any]:
        if not isinstance(value, list):
            raise unfit(value, "array")
        return value


@dataclass(frozen=True, slots=True)
class Table:
    """A map: any names, values of one type."""

    value: Shape
    written: Any
    tag: str = "map"

    @property
    def schema(self) -> Any:
        return {"type": "object", "additionalProperties": self.value.schema}

    def read(self, cursor: Cursor) -> Any:
        value: dict[str, Any] = {}
        cursor.enter()
        while count := cursor.block():
            for _ in range(count):
                cursor.enter()
                key = PRIMITIVES["string"].read(cursor)
                value[key] = self.value.read(cursor)
                cursor.leave()
        cursor.leave()
        return value

    def raw(self, value: Any) -> Any:
        return {key: self.value.raw(each) for key, each in self._checked(value).items()}

    def tagged(self, value: Any) -> Any:
        return {key: self.value.tagged(each) for key, each in self._checked(value).items()}

    def untagged(self, value: Any) -> Any:
        return {key: self.value.untagged(each) for key, each in self._checked(value).items()}

    def _checked(self, value: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise unfit(value, "map")
        return value


@dataclass(frozen=True, slots=True)
class Union:
    """One of several types. In plain JSON nothing tells which: the first that fits counts."""

    branches: tuple[Shape, ...]
    written: Any
    tag: str = "union"

    @property
    def schema(self) -> Any:
        """Null comes last: what is made up is rather a value than none."""
        ordered = sorted(self.branches, key=lambda each: each.tag == "null")
        return {"anyOf": [each.schema for each in ordered]} if len(ordered) != 1 else ordered[0].schema

    def read(self, cursor: Cursor) -> Any:
        index = cursor.long()
        if not 0 <= index < len(self.branches):
            raise broken(f"a union has no type of number {index}")
        return self.branches[index].read(cursor)

    def raw(self, value: Any) -> Any:
        branch, raw = self._fitting(value)
        return (branch.tag, raw)

    def tagged(self, value: Any) -> Any:
        branch, _ = self._fitting(value)
        return None if branch.tag == "null" else {branch.tag: branch.tagged(value)}

    def untagged(self, value: Any) -> Any:
        if value is None:
            wanted = "null"
        elif isinstance(value, dict) and len(value) == 1:
            wanted, value = next(iter(value.items()))
        else:
            raise CannotEncode(f"{self.told} is tagged in Avro's JSON, as in {{{self.branches[-1].tag!r}: …}}")
        branch = next((each for each in self.branches if each.tag == wanted), None)
        if branch is None:
            raise CannotEncode(f"{wanted!r} is no type of {self.told}")
        return branch.untagged(value)

    def _fitting(self, value: Any) -> tuple[Shape, Any]:
        for branch in self.branches:
            try:
                return branch, branch.raw(value)
            except CannotEncode:
                continue
        raise unfit(value, self.told)

    @property
    def told(self) -> str:
        return f"union of {', '.join(each.tag for each in self.branches)}"


def reference(name: str) -> Any:
    return {"$ref": f"#/definitions/{escape(name)}"}


class Reference:
    """A named type where it is used again: the library wants the name, and not the type once more."""

    __slots__ = ("_target",)

    def __init__(self, target: Shape) -> None:
        self._target = target

    @property
    def tag(self) -> str:
        return self._target.tag

    @property
    def schema(self) -> Any:
        return self._target.schema

    @property
    def written(self) -> Any:
        return self.tag

    def read(self, cursor: Cursor) -> Any:
        return self._target.read(cursor)

    def raw(self, value: Any) -> Any:
        return self._target.raw(value)

    def tagged(self, value: Any) -> Any:
        return self._target.tagged(value)

    def untagged(self, value: Any) -> Any:
        return self._target.untagged(value)
