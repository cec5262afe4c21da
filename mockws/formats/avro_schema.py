"""A schema of Avro, made into types: names are resolved, and what is wrong is told with its place."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mockws.errors import BrokenSchema, CannotEncode
from mockws.formats.avro_logical import logical
from mockws.formats.avro_scalars import PRIMITIVES, Fixed, Shape
from mockws.formats.avro_types import (
    ABSENT,
    Array,
    Enumeration,
    Field,
    Record,
    Reference,
    Table,
    Union,
    default_of,
)
from mockws.names import closest
from mockws.source.pointer import join

MOST_TYPES = 5000


@dataclass
class Compiler:
    """Makes types of a schema; raises BrokenSchema, with the place of what is wrong."""

    definitions: dict[str, Any] = field(default_factory=dict)  # JSON Schemas of records, by their names
    _named: dict[str, Shape] = field(default_factory=dict)
    _origins: dict[str, Any] = field(default_factory=dict)
    _count: int = 0

    def shape(self, schema: Any, namespace: str = "", pointer: str = "") -> Shape:
        """Make the type of a schema."""
        self._count += 1
        if self._count > MOST_TYPES:
            raise BrokenSchema("avro_schema", f"it has more than {MOST_TYPES} types", pointer)
        if isinstance(schema, str):
            return self._by_name(schema, namespace, pointer)
        if isinstance(schema, list):
            return self._union(schema, namespace, pointer)
        if not isinstance(schema, Mapping):
            raise BrokenSchema("avro_schema", "a schema of Avro is a name, an object or a list", pointer)
        return self._of_object(schema, namespace, pointer)

    def _of_object(self, schema: Mapping[str, Any], namespace: str, pointer: str) -> Shape:
        kind = schema.get("type")
        if kind in ("record", "error", "enum", "fixed"):
            return self._definition(str(kind), schema, namespace, pointer)
        if kind == "array":
            item = self.shape(_needed(schema, "items", pointer), namespace, join(pointer, "items"))
            return Array(item, {"type": "array", "items": item.written})
        if kind == "map":
            value = self.shape(_needed(schema, "values", pointer), namespace, join(pointer, "values"))
            return Table(value, {"type": "map", "values": value.written})
        inner = self.shape(_needed(schema, "type", pointer), namespace, join(pointer, "type"))
        return logical(inner, schema)

    def _by_name(self, name: str, namespace: str, pointer: str) -> Shape:
        if name in PRIMITIVES:
            return PRIMITIVES[name]
        for known in (_full_name(name, namespace), name):
            if known in self._named:
                return Reference(self._named[known])
        hint = closest(name, [*PRIMITIVES, *self._named])
        told = f"there is no type {name}" + (f", did you mean {hint}?" if hint else "")
        raise BrokenSchema("avro_schema", told, pointer)

    def _union(self, schema: list[Any], namespace: str, pointer: str) -> Shape:
        branches = tuple(self.shape(each, namespace, join(pointer, str(n))) for n, each in enumerate(schema))
        tags = [each.tag for each in branches]
        twice = next((tag for tag in tags if tags.count(tag) > 1 or tag == "union"), "")
        if twice or not branches:
            told = f"a union has {twice} twice" if twice and twice != "union" else "a union has types, and no unions"
            raise BrokenSchema("avro_schema", told, pointer)
        return Union(branches, [each.written for each in branches])

    def _definition(self, kind: str, schema: Mapping[str, Any], namespace: str, pointer: str) -> Shape:
        given = _needed(schema, "name", pointer)
        own = schema.get("namespace")
        name = _full_name(str(given), own if isinstance(own, str) else namespace)
        if name in self._named:
            if self._origins[name] == schema:
                return Reference(self._named[name])
            raise BrokenSchema("avro_schema", f"{name} is defined twice", pointer)
        self._origins[name] = schema
        if kind == "enum":
            made: Shape = self._enumeration(name, schema, pointer)
        elif kind == "fixed":
            made = self._fixed(name, schema, pointer)
        else:
            return self._record(name, schema, pointer)
        self._named[name] = made
        return made

    def _enumeration(self, name: str, schema: Mapping[str, Any], pointer: str) -> Shape:
        symbols = _needed(schema, "symbols", pointer)
        if not isinstance(symbols, list) or not symbols or not all(isinstance(each, str) for each in symbols):
            raise BrokenSchema("avro_schema", "symbols is a list of words", join(pointer, "symbols"))
        return Enumeration(name, tuple(symbols), {"type": "enum", "name": name, "symbols": symbols})

    def _fixed(self, name: str, schema: Mapping[str, Any], pointer: str) -> Shape:
        size = _needed(schema, "size", pointer)
        if not isinstance(size, int) or isinstance(size, bool) or not 0 <= size <= 1 << 20:
            raise BrokenSchema("avro_schema", "size is a number of bytes", join(pointer, "size"))
        return logical(Fixed(name, size, {"type": "fixed", "name": name, "size": size}), schema)

    def _record(self, name: str, schema: Mapping[str, Any], pointer: str) -> Shape:
        listed = _needed(schema, "fields", pointer)
        if not isinstance(listed, list):
            raise BrokenSchema("avro_schema", "fields is a list", join(pointer, "fields"))
        fields: list[Any] = []
        record = Record(name, {"type": "record", "name": name, "fields": fields})
        self._named[name] = record
        made = [self._field(each, name, join(pointer, "fields", str(n))) for n, each in enumerate(listed)]
        names = [each.name for each in made]
        twice = next((each for each in names if names.count(each) > 1), None)
        if twice is not None:
            raise BrokenSchema("avro_schema", f"{name} has the field {twice} twice", join(pointer, "fields"))
        record.fields = tuple(made)
        fields += ({"name": each.name, "type": each.shape.written} for each in made)
        self._define(record, schema, listed)
        self._check_defaults(record, pointer)
        return record

    def _field(self, schema: Any, record: str, pointer: str) -> Field:
        if not isinstance(schema, Mapping):
            raise BrokenSchema("avro_schema", "a field is an object with a name and a type", pointer)
        name = str(_needed(schema, "name", pointer))
        kind = schema.get("type")
        inner = kind if isinstance(kind, str | list | Mapping) else _needed(schema, "type", pointer)
        shape = self.shape(inner, record.rpartition(".")[0], join(pointer, "type"))
        if isinstance(kind, str):  # `{name: at, type: long, logicalType: …}` is what people write
            shape = logical(shape, schema)
        return Field(name, shape, schema.get("default", ABSENT))

    def _define(self, record: Record, schema: Mapping[str, Any], listed: list[Any]) -> None:
        """Say a record in JSON Schema."""
        properties = {
            each.name: _described(each.shape.schema, written)
            for each, written in zip(record.fields, listed, strict=True)
        }
        required = [each.name for each in record.fields if each.default is ABSENT]
        self.definitions[record.tag] = {
            "title": record.tag.rpartition(".")[2],
            **({"description": schema["doc"]} if isinstance(schema.get("doc"), str) else {}),
            "type": "object",
            "properties": properties,
            "required": required,
            "additionalProperties": False,
        }

    def _check_defaults(self, record: Record, pointer: str) -> None:
        for number, each in enumerate(record.fields):
            if each.default is ABSENT or isinstance(each.shape, Reference):
                continue  # a record that is not made yet cannot tell
            try:
                default_of(each)
            except CannotEncode as problem:
                place = join(pointer, "fields", str(number), "default")
                raise BrokenSchema("avro_default", f"the default of {each.name}: {problem}", place) from None


def _described(schema: Any, written: Mapping[str, Any]) -> Any:
    doc = written.get("doc")
    if not isinstance(doc, str):
        return schema
    return {"allOf": [schema], "description": doc} if "$ref" in schema else {**schema, "description": doc}


def _needed(schema: Mapping[str, Any], key: str, pointer: str) -> Any:
    value = schema.get(key)
    if value is None:
        told = f"{schema['type']} has no {key}" if isinstance(schema.get("type"), str) else f"there is no {key}"
        raise BrokenSchema("avro_schema", told, pointer)
    return value


def _full_name(name: str, namespace: str) -> str:
    return name if "." in name or not namespace else f"{namespace}.{name}"
