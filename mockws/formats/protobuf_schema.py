"""A message of Protobuf as JSON Schema: what the JSON mapping admits for it.

Names are lowerCamelCase; those of the .proto file are admitted as well, as the mapping has it. Nothing is required but
what version 2 of the language requires: what is absent is at its default.
"""

from collections.abc import Callable, Mapping
from typing import Any

from mockws.source.pointer import escape

BASE64 = "^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$"
SECONDS = r"^-?[0-9]{1,9}(\.[0-9]{1,9})?s$"
INT32, UINT32, INT64, UINT64 = (
    (-(1 << 31), (1 << 31) - 1),
    (0, (1 << 32) - 1),
    (-(1 << 63), (1 << 63) - 1),
    (0, (1 << 64) - 1),
)
Schema = dict[str, Any]


def _whole(limits: tuple[int, int]) -> Schema:
    return {"type": "integer", "minimum": limits[0], "maximum": limits[1]}


def _long(limits: tuple[int, int]) -> Schema:
    """64-bit numbers are texts: JavaScript would round them. Numbers are read, too."""
    negative = f"|-({_up_to(-limits[0])})" if limits[0] else ""
    return {"anyOf": [_whole(limits), {"type": "string", "pattern": f"^({_up_to(limits[1])}{negative})$"}]}


def _up_to(most: int) -> str:
    """Write an expression for the decimal numbers from 0 up to a limit, without leading zeros."""
    digits = str(most)
    shorter = [f"0|[1-9][0-9]{{0,{len(digits) - 2}}}"]
    lower = (
        f"{digits[:place]}[{'1' if place == 0 else '0'}-{int(digit) - 1}][0-9]{{{len(digits) - place - 1}}}"
        for place, digit in enumerate(digits)
        if int(digit) > (1 if place == 0 else 0)
    )
    return "|".join([*shorter, *lower, digits])


# FieldDescriptor.type -> JSON Schema
SCALARS: Mapping[int, Schema] = {
    1: {"type": "number"},
    2: {"type": "number", "minimum": -3.4e38, "maximum": 3.4e38},
    3: _long(INT64),
    4: _long(UINT64),
    5: _whole(INT32),
    6: _long(UINT64),
    7: _whole(UINT32),
    8: {"type": "boolean"},
    9: {"type": "string"},
    12: {"type": "string", "contentEncoding": "base64", "pattern": BASE64},
    13: _whole(UINT32),
    15: _whole(INT32),
    16: _long(INT64),
    17: _whole(INT32),
    18: _long(INT64),
}
WELL_KNOWN: Mapping[str, Schema] = {
    "Timestamp": {"type": "string", "format": "date-time"},
    "Duration": {"type": "string", "pattern": SECONDS},
    "FieldMask": {"type": "string", "pattern": "^([a-z][A-Za-z0-9]*(,[a-z][A-Za-z0-9]*)*)?$"},
    "Struct": {"type": "object"},
    "Value": {},
    "ListValue": {"type": "array"},
    "Empty": {"type": "object", "additionalProperties": False},
    "BoolValue": SCALARS[8],
    "StringValue": SCALARS[9],
    "BytesValue": SCALARS[12],
    "DoubleValue": SCALARS[1],
    "FloatValue": SCALARS[2],
    "Int32Value": SCALARS[5],
    "UInt32Value": SCALARS[13],
    "Int64Value": SCALARS[3],
    "UInt64Value": SCALARS[4],
}
GOOGLE = "google.protobuf."
KEYS: Mapping[int, Schema] = {8: {"enum": ["true", "false"]}, 9: {}}  # of maps; others are numbers


def message_schema(descriptor: Any) -> Schema:
    """Say a message in JSON Schema, with the messages in it among its `definitions`."""
    known = _well_known(descriptor)
    if known is not None:
        return known
    definitions: dict[str, Schema] = {}
    waiting = [descriptor]
    while waiting:
        message = waiting.pop()
        if message.full_name not in definitions:
            definitions[message.full_name] = _object(message, waiting.append)
    root = definitions[descriptor.full_name]
    return {**root, "definitions": definitions} if len(definitions) > 1 or _is_recursive(descriptor) else root


def _is_recursive(descriptor: Any) -> bool:
    return any(field.message_type is descriptor for field in descriptor.fields)


def _well_known(descriptor: Any) -> Schema | None:
    return WELL_KNOWN.get(descriptor.name) if descriptor.full_name == GOOGLE + descriptor.name else None


def _any(field: Any) -> Schema | None:
    """An `Any` is a message of the same file, as far as can be told, and says of which type it is."""
    if field.message_type.full_name != GOOGLE + "Any":
        return None
    known = [f"type.googleapis.com/{each.full_name}" for each in field.file.message_types_by_name.values()]
    return {"type": "object", "required": ["@type"], "properties": {"@type": {"type": "string", "enum": known}}}


def _object(message: Any, reach: Callable[[Any], None]) -> Schema:
    fields = [(field, _field(field, reach)) for field in message.fields]
    schema: Schema = {
        "title": message.name,
        "type": "object",
        "properties": {field.json_name: inner for field, inner in fields},
        "additionalProperties": False,
    }
    others = {f"^{field.name}$": inner for field, inner in fields if field.name != field.json_name}
    required = [field.json_name for field, _ in fields if _is_required(field)]
    alternatives = [_one_of(group) for group in message.oneofs if len(group.fields) > 1]
    return {
        **schema,
        **({"patternProperties": others} if others else {}),
        **({"required": required} if required else {}),
        **({"allOf": alternatives} if alternatives else {}),
    }


def _one_of(group: Any) -> Schema:
    """At most one field of a `oneof` is there."""
    asked = [{"required": [field.json_name]} for field in group.fields]
    return {"oneOf": [*asked, {"not": {"anyOf": asked}}]}


def _field(field: Any, reach: Callable[[Any], None]) -> Schema:
    if field.message_type is not None and field.message_type.GetOptions().map_entry:
        key, value = (field.message_type.fields_by_name[name] for name in ("key", "value"))
        names = KEYS.get(key.type, {"pattern": "^-?[0-9]{1,9}$"})
        return {"type": "object", "additionalProperties": _one(value, reach), "propertyNames": names}
    one = _one(field, reach)
    return {"type": "array", "items": one} if _is_repeated(field) else one


def _is_required(field: Any) -> bool:
    """Newer libraries have a property for it, and warn about the label."""
    return bool(field.is_required) if hasattr(field, "is_required") else field.label == field.LABEL_REQUIRED


def _is_repeated(field: Any) -> bool:
    return bool(field.is_repeated) if hasattr(field, "is_repeated") else field.label == field.LABEL_REPEATED


def _one(field: Any, reach: Callable[[Any], None]) -> Schema:
    if field.enum_type is not None:
        if field.enum_type.full_name == GOOGLE + "NullValue":
            return {"type": "null"}
        return {"type": "string", "enum": [value.name for value in field.enum_type.values]}
    if field.message_type is None:
        return SCALARS[field.type]
    known = _well_known(field.message_type) or _any(field)
    if known is not None:
        return known
    reach(field.message_type)
    return {"$ref": f"#/definitions/{escape(field.message_type.full_name)}"}
