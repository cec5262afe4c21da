"""Avro's logical types: what a number, text or bytes of Avro mean, said in words that people and JSON have.

Where a logical type cannot say a number (a date in the year 300,000), the number is the value; and where a document
gives the number, that will do as well.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation, localcontext
from typing import Any, Protocol
from uuid import UUID

from mockws.formats.avro_cursor import Cursor
from mockws.formats.avro_scalars import RAW, Shape, unfit
from mockws.formats.values import written_time

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
CLOCK = r"^([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,%d})?$"
HEXADECIMAL = "^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$"
UNITS = {"millis": 3, "micros": 6, "nanos": 9}  # decimal places of a second
DURATION = ("months", "days", "milliseconds")
MOST_DIGITS = 1000
READ_ONLY = {"deprecated": True}  # a form that is taken, and never made up
EXACT, MOST = 15, 1e15  # how far numbers of JSON can be trusted: beyond, decimals are texts


class Meaning(Protocol):
    """What a logical type makes of the raw form of the type that it stands on."""

    @property
    def schema(self) -> Any: ...

    def said(self, raw: Any) -> Any:
        """Say a raw value; raises ValueError, OverflowError where the raw value has to do."""

    def raw(self, value: Any) -> Any:
        """Give the raw form; raises ValueError, and gives what is none of its own back as it is."""


@dataclass(frozen=True, slots=True)
class Logical:
    """A logical type: what it says is said in words of its own; the plain number or text will do as well."""

    base: Shape
    name: str
    meaning: Meaning

    @property
    def tag(self) -> str:
        return self.base.tag

    @property
    def written(self) -> Any:
        return self.base.written

    @property
    def schema(self) -> Any:
        return self.meaning.schema

    def read(self, cursor: Cursor) -> Any:
        return self._said(self.base.read(cursor))

    def _said(self, plain: Any) -> Any:
        try:
            return self.meaning.said(plain)
        except (ValueError, OverflowError, InvalidOperation):
            return plain

    def _plain(self, value: Any) -> Any:
        try:
            return self.meaning.raw(value)
        except (ValueError, OverflowError, InvalidOperation):
            raise unfit(value, self.name) from None

    def raw(self, value: Any) -> Any:
        return self.base.raw(self._plain(value))

    def tagged(self, value: Any) -> Any:
        return self.base.tagged(self._plain(value))

    def untagged(self, value: Any) -> Any:
        return self._said(self.base.untagged(value))


@dataclass(frozen=True, slots=True)
class Day:
    """Days since 1970."""

    schema: Any

    def said(self, raw: Any) -> str:
        return (EPOCH.date() + timedelta(days=raw)).isoformat()

    def raw(self, value: Any) -> Any:
        return (date.fromisoformat(value) - EPOCH.date()).days if isinstance(value, str) else value


@dataclass(frozen=True, slots=True)
class OfDay:
    """The time of a day, in milliseconds or microseconds."""

    schema: Any
    places: int

    def said(self, raw: Any) -> str:
        moment = EPOCH + timedelta(microseconds=raw * 10 ** (6 - self.places))
        if moment.date() != EPOCH.date():
            raise ValueError
        return moment.time().isoformat("milliseconds" if self.places == 3 else "microseconds")

    def raw(self, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        moment = time.fromisoformat(value)
        seconds = moment.hour * 3600 + moment.minute * 60 + moment.second
        return seconds * 10**self.places + moment.microsecond // 10 ** (6 - self.places)


@dataclass(frozen=True, slots=True)
class Instant:
    """A moment, in milli-, micro- or nanoseconds since 1970."""

    schema: Any
    places: int

    def said(self, raw: Any) -> str:
        seconds, fraction = divmod(raw, 10**self.places)
        moment = EPOCH + timedelta(seconds=seconds)
        return f"{written_time(moment)[:-1]}.{fraction:0{self.places}d}Z"

    def raw(self, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None:
            raise ValueError
        whole = moment - EPOCH
        seconds = whole.days * 86_400 + whole.seconds
        digits = value.partition(".")[2]
        digits = digits[: len(digits) - len(digits.lstrip("0123456789"))]
        return seconds * 10**self.places + int(digits[: self.places].ljust(self.places, "0") or 0)


@dataclass(frozen=True, slots=True)
class Amount:
    """A decimal: digits in two's complement, with a fixed number of them behind the point."""

    precision: int
    scale: int
    size: int | None = None  # of the fixed that it stands on

    @property
    def schema(self) -> Any:
        whole = max(self.precision - self.scale, 1)
        fraction = rf"(\.[0-9]{{1,{self.scale}}})?" if self.scale else ""
        text = {"type": "string", "pattern": rf"^-?[0-9]{{1,{whole}}}{fraction}$"}
        most = float(Decimal(10**self.precision - 1).scaleb(-self.scale)) if self.precision < EXACT else MOST
        return {"anyOf": [text, {"type": "number", "minimum": -most, "maximum": most, **READ_ONLY}]}

    def said(self, raw: Any) -> str:
        number = int.from_bytes(raw.encode("latin-1"), "big", signed=True)
        if number.bit_length() > 3 * MOST_DIGITS:
            raise ValueError
        return f"{Decimal(number).scaleb(-self.scale):f}" if number.bit_length() < 90 else _shifted(number, self.scale)

    def raw(self, value: Any) -> str:
        if isinstance(value, bool) or not isinstance(value, str | int | float) or len(str(value)) > MOST_DIGITS:
            raise ValueError
        number = self._unscaled(Decimal(str(value)), exact=isinstance(value, str))
        if abs(number) >= 10**self.precision:
            raise ValueError
        return number.to_bytes(self.size or number.bit_length() // 8 + 1, "big", signed=True).decode("latin-1")

    def _unscaled(self, value: Decimal, *, exact: bool) -> int:
        """Give the digits without the point; a number, which is binary, is rounded, a text is taken at its word."""
        if not value.is_finite() or value.adjusted() > MOST_DIGITS:
            raise ValueError
        with localcontext(prec=2 * MOST_DIGITS):
            scaled = value.scaleb(self.scale)
            whole = scaled.to_integral_value()
        if exact and whole != scaled:
            raise ValueError
        return int(whole)


def _shifted(number: int, scale: int) -> str:
    """Write a long number with a point in it: Decimal rounds such."""
    digits = str(abs(number)).rjust(scale + 1, "0")
    whole, fraction = digits[: len(digits) - scale], digits[len(digits) - scale :]
    return ("-" if number < 0 else "") + whole + (f".{fraction}" if scale else "")


@dataclass(frozen=True, slots=True)
class Identifier:
    """A UUID that stands on 16 bytes."""

    schema: Any

    def said(self, raw: Any) -> str:
        return str(UUID(bytes=raw.encode("latin-1")))

    def raw(self, value: Any) -> str:
        return UUID(value).bytes.decode("latin-1") if isinstance(value, str) else ""


@dataclass(frozen=True, slots=True)
class AsItIs:
    """A text of a certain form."""

    schema: Any

    def said(self, raw: Any) -> Any:
        return raw

    def raw(self, value: Any) -> Any:
        return value


@dataclass(frozen=True, slots=True)
class Span:
    """A duration: months, days and milliseconds, in 12 bytes."""

    schema: Any

    def said(self, raw: Any) -> dict[str, int]:
        parts = raw.encode("latin-1")
        numbers = (int.from_bytes(parts[at : at + 4], "little") for at in (0, 4, 8))
        return dict(zip(DURATION, numbers, strict=True))

    def raw(self, value: Any) -> str:
        if not isinstance(value, dict) or not value.keys() <= set(DURATION):
            raise ValueError
        numbers = (RAW["long"](value.get(name, 0)) for name in DURATION)
        return b"".join(number.to_bytes(4, "little") for number in numbers).decode("latin-1")


def logical(base: Shape, schema: Mapping[str, Any]) -> Shape:
    """Give the logical type that a schema names; Avro, "Logical Types": one that is unknown, or broken, is ignored."""
    name = schema.get("logicalType")
    meaning = _meaning(name, base, schema) if isinstance(name, str) else None
    return base if meaning is None else Logical(base, str(name), meaning)


def _meaning(name: str, base: Shape, written: Mapping[str, Any]) -> Meaning | None:
    size = getattr(base, "size", None)
    stem, _, unit = name.partition("-")
    if name == "date" and base.tag == "int":
        return Day(_or_number({"type": "string", "format": "date"}, base))
    if (name, base.tag) in (("time-millis", "int"), ("time-micros", "long")):
        return OfDay(_or_number({"type": "string", "pattern": CLOCK % UNITS[unit]}, base), UNITS[unit])
    if stem == "timestamp" and unit in UNITS and base.tag == "long":
        return Instant(_or_number({"type": "string", "format": "date-time"}, base), UNITS[unit])
    if name == "decimal" and (base.tag == "bytes" or size is not None):
        return _amount(written, size)
    if name == "uuid" and (size == 16 or base.tag == "string"):
        schema = {"type": "string", "format": "uuid", "pattern": HEXADECIMAL}
        return Identifier(schema) if size else AsItIs(schema)
    if name == "duration" and size == 12:
        part = {"type": "integer", "minimum": 0, "maximum": (1 << 32) - 1}
        return Span({"type": "object", "properties": dict.fromkeys(DURATION, part), "additionalProperties": False})
    return None


def _or_number(schema: Mapping[str, Any], base: Shape) -> Any:
    return {"anyOf": [schema, {**base.schema, **READ_ONLY}]}


def _amount(schema: Mapping[str, Any], size: int | None) -> Amount | None:
    precision, scale = schema.get("precision"), schema.get("scale", 0)
    if not isinstance(precision, int) or not isinstance(scale, int) or not 0 <= scale <= precision <= MOST_DIGITS:
        return None
    if precision < 1 or (size is not None and 10**precision > 1 << (8 * size - 1)):
        return None
    return Amount(precision, scale, size)
