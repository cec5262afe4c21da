"""Avro's types without parts: the primitive ones, and `fixed`.

Each says its JSON Schema, reads itself from a frame, and gives of a value in JSON's words what the library writes.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from mockws.errors import CannotEncode
from mockws.formats.avro_cursor import Cursor, broken
from mockws.formats.values import finite

LATIN = "^[\\u0000-\\u00ff]*$"
RANGES = {"int": 1 << 31, "long": 1 << 63}


class Shape(Protocol):
    """One type of Avro."""

    @property
    def tag(self) -> str:
        """Name the type as a union in Avro's JSON does."""

    @property
    def schema(self) -> Any:
        """Give the JSON Schema of its values."""

    @property
    def written(self) -> Any:
        """Give the type as the library shall have it: without logical types."""

    def read(self, cursor: Cursor) -> Any:
        """Read a value; raises NotJson."""

    def raw(self, value: Any) -> Any:
        """Give what the library writes for a value; raises CannotEncode."""

    def tagged(self, value: Any) -> Any:
        """Say a value in Avro's JSON; raises CannotEncode."""

    def untagged(self, value: Any) -> Any:
        """Say in plain JSON what is said in Avro's; raises CannotEncode."""


def unfit(value: Any, wanted: str) -> CannotEncode:
    shown = repr(value)
    return CannotEncode(f"{shown if len(shown) < 60 else shown[:60] + '…'} is no {wanted} of Avro")


@dataclass(frozen=True, slots=True)
class Scalar:
    """A type whose raw form is its own JSON, or becomes it by two functions."""

    tag: str
    schema: Any
    written: Any

    def read(self, cursor: Cursor) -> Any:
        return self.said(READERS[self.tag](cursor))

    def raw(self, value: Any) -> Any:
        return RAW[self.tag](value)

    def said(self, raw: Any) -> Any:
        """Say what was read in JSON's words."""
        return SAID[self.tag](raw) if self.tag in SAID else raw

    def tagged(self, value: Any) -> Any:
        """Avro's JSON has numbers for times, and one character for each byte."""
        raw = self.raw(value)
        return raw.decode("latin-1") if isinstance(raw, bytes) else raw

    def untagged(self, value: Any) -> Any:
        return self.said(RAW[self.tag](value))


def _null(value: Any) -> None:
    if value is not None:
        raise unfit(value, "null")


def _boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise unfit(value, "boolean")
    return value


def _read_boolean(cursor: Cursor) -> bool:
    byte = cursor.take(1)[0]
    if byte > 1:
        raise broken(f"{byte} is no boolean")
    return byte == 1


def _whole(tag: str) -> Any:
    limit = RANGES[tag]

    def raw(value: Any) -> int:
        whole = isinstance(value, int) and not isinstance(value, bool)
        if not whole and not (isinstance(value, float) and value.is_integer()):
            raise unfit(value, tag)
        if not -limit <= value < limit:
            raise unfit(value, tag)
        return int(value)

    return raw


def _fraction(tag: str) -> Any:
    most = 3.4028234663852886e38 if tag == "float" else math.inf

    def raw(value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > most:
            raise unfit(value, tag)
        try:
            return float(value)
        except OverflowError:
            raise unfit(value, tag) from None

    return raw


def _string(value: Any) -> str:
    if not isinstance(value, str):
        raise unfit(value, "string")
    return value


def _bytes(value: Any) -> bytes:
    try:
        return str(_string(value)).encode("latin-1")
    except UnicodeEncodeError:
        raise unfit(value, "bytes") from None


def _read_int(cursor: Cursor) -> int:
    number = cursor.long()
    if not -RANGES["int"] <= number < RANGES["int"]:
        raise broken(f"{number} is no int")
    return number


def _read_text(cursor: Cursor) -> str:
    try:
        return cursor.take(cursor.long()).decode()
    except UnicodeDecodeError:
        raise broken("a string in it is not UTF-8") from None


READERS: Mapping[str, Any] = {
    "null": lambda _: None,
    "boolean": _read_boolean,
    "int": _read_int,
    "long": Cursor.long,
    "float": lambda cursor: finite(cursor.float("<f")),
    "double": lambda cursor: finite(cursor.float("<d")),
    "bytes": lambda cursor: cursor.take(cursor.long()),
    "string": _read_text,
}
RAW: Mapping[str, Any] = {
    "null": _null,
    "boolean": _boolean,
    "int": _whole("int"),
    "long": _whole("long"),
    "float": _fraction("float"),
    "double": _fraction("double"),
    "bytes": _bytes,
    "string": _string,
}
SAID: Mapping[str, Any] = {"bytes": lambda raw: raw if isinstance(raw, str) else raw.decode("latin-1")}
SCHEMAS: Mapping[str, Any] = {
    "null": {"type": "null"},
    "boolean": {"type": "boolean"},
    **{tag: {"type": "integer", "minimum": -limit, "maximum": limit - 1} for tag, limit in RANGES.items()},
    "float": {"type": "number"},
    "double": {"type": "number"},
    "bytes": {"type": "string", "pattern": LATIN},
    "string": {"type": "string"},
}
PRIMITIVES: Mapping[str, Scalar] = {tag: Scalar(tag, schema, tag) for tag, schema in SCHEMAS.items()}


@dataclass(frozen=True, slots=True)
class Fixed:
    """So many bytes."""

    tag: str
    size: int
    written: Any

    @property
    def schema(self) -> Any:
        return {"type": "string", "pattern": LATIN, "minLength": self.size, "maxLength": self.size}

    def read(self, cursor: Cursor) -> Any:
        return cursor.take(self.size).decode("latin-1")

    def raw(self, value: Any) -> bytes:
        raw = _bytes(value)
        if len(raw) != self.size:
            raise unfit(value, f"{self.tag} ({self.size} bytes)")
        return raw

    def tagged(self, value: Any) -> Any:
        return self.raw(value).decode("latin-1")

    def untagged(self, value: Any) -> Any:
        return self.tagged(value)
