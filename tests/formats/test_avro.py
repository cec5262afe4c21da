"""Avro: schemas are JSON Schemas, and frames are values; the library is the oracle."""

import io
from typing import Any

import fastavro
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockws.codec import Codec, Undecodable
from mockws.errors import BrokenSchema, CannotEncode
from mockws.formats.avro import Avro
from mockws.schema.schema import Schema


def record(*fields: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "record", "name": "Order", "fields": list(fields), **more}


def field(kind: Any, name: str = "x", **more: Any) -> dict[str, Any]:
    return {"name": name, "type": kind, **more}


def logical(name: str, base: Any, **more: Any) -> dict[str, Any]:
    return {"type": base, "logicalType": name, **more}


def fixed(size: int, name: str = "F") -> dict[str, Any]:
    return {"type": "fixed", "name": name, "size": size}


ITEM = record(field("string", "sku"), field(["null", "Item"], "part", default=None), name="Item")
ALL = record(
    field("long", "id"),
    field("int", "n"),
    field("float", "f"),
    field("double", "d"),
    field("boolean", "b"),
    field("bytes", "raw"),
    field(fixed(3), "fx"),
    field(["null", "string"], "note", default=None),
    field({"type": "enum", "name": "Status", "symbols": ["NEW", "OLD"]}, "status", default="NEW"),
    field({"type": "array", "items": ITEM}, "items"),
    field({"type": "map", "values": ["int", "string", "Item"]}, "tags"),
    field(logical("timestamp-millis", "long"), "millis"),
    field(logical("timestamp-micros", "long"), "micros"),
    field(logical("date", "int"), "day"),
    field(logical("time-millis", "int"), "clock"),
    field(logical("time-micros", "long"), "precise"),
    field(logical("decimal", "bytes", precision=9, scale=2), "price"),
    field({**fixed(4, "D"), "logicalType": "decimal", "precision": 5, "scale": 1}, "fixed_price"),
    field(logical("uuid", "string"), "uid"),
    field({**fixed(16, "U"), "logicalType": "uuid"}, "fixed_uid"),
    field({**fixed(12, "S"), "logicalType": "duration"}, "span"),
    field(logical("local-timestamp-millis", "long"), "local"),
    namespace="shop",
)
AVRO = Avro(ALL)
SCHEMA = Schema(AVRO.document)


def codec_of(avro: Avro, *, text: bool = False) -> Codec:
    codec = avro.codec(text=text, plain=False)
    assert codec is not None
    return codec


BINARY, JSON = codec_of(AVRO), codec_of(AVRO, text=True)


@given(seed=st.integers(0, 10_000))
def test_whatever_is_made_up_is_written_and_read(seed: int) -> None:
    frame = BINARY.encode(SCHEMA.fake(seed))
    value = BINARY.decode(frame)

    assert SCHEMA.violations(value) == ()
    assert BINARY.encode(value) == frame
    assert JSON.decode(JSON.encode(value)) == value
    assert isinstance(frame, bytes)
    assert fastavro.schemaless_reader(io.BytesIO(frame), fastavro.parse_schema(ALL))


@given(frame=st.binary(max_size=60))
def test_any_bytes_are_a_value_or_told_to_be_none(frame: bytes) -> None:
    value = BINARY.decode(frame)

    assert isinstance(value, Undecodable) or SCHEMA.violations(value) == ()


@pytest.mark.parametrize(
    ("kind", "frame", "said"),
    [
        (logical("date", "int"), "f4a902", "2022-03-15"),
        (logical("time-millis", "int"), "02", "00:00:00.001"),
        (logical("timestamp-millis", "long"), "d00f", "1970-01-01T00:00:01.000Z"),
        (logical("timestamp-micros", "long"), "02", "1970-01-01T00:00:00.000001Z"),
        (logical("timestamp-nanos", "long"), "02", "1970-01-01T00:00:00.000000001Z"),
        (logical("timestamp-millis", "long"), "01", "1969-12-31T23:59:59.999Z"),
        (logical("timestamp-millis", "long"), "feffffffffffffffff01", (1 << 63) - 1),
        (logical("decimal", "bytes", precision=4, scale=2), "0204", "0.04"),
        (logical("decimal", "bytes", precision=4, scale=2), "02fb", "-0.05"),
        (logical("decimal", "bytes", precision=2, scale=5), "0204", "\x04"),
        (logical("nonsense", "long"), "02", 1),
        ("bytes", "0400ff", "\x00ÿ"),
        (["null", "string"], "00", None),
        (["null", "string"], "020461", Undecodable),
        ("boolean", "02", Undecodable),
        ("int", "80808080808001", Undecodable),
        ("double", "000000000000f87f", Undecodable),
        ("string", "02ff", Undecodable),
        (["null"], "02", Undecodable),
        ({"type": "enum", "name": "E", "symbols": ["a"]}, "02", Undecodable),
        ({"type": "array", "items": "int"}, "03040206" + "00", [1, 3]),
    ],
)
def test_frame_says(kind: Any, frame: str, said: Any) -> None:
    value = codec_of(Avro(kind)).decode(bytes.fromhex(frame))

    assert isinstance(value, said) if said is Undecodable else value == said


@pytest.mark.parametrize(
    ("kind", "value", "frame"),
    [
        (logical("timestamp-millis", "long"), "1970-01-01T01:00:00+01:00", "00"),
        (logical("timestamp-millis", "long"), 5, "0a"),
        (logical("decimal", "bytes", precision=4, scale=2), 0.04, "0204"),
        (logical("decimal", "bytes", precision=4, scale=2), "7", "0402bc"),
        (record(field("int", default=7)), {}, "0e"),
        (record(field(["null", "int"], default=None)), {}, "00"),
        (record(field(["int", "null"], default=3)), {}, "0006"),
        (["int", "double"], 2, "0004"),
        (["int", "double"], 2.5, "020000000000000440"),
        ("int", 2.0, "04"),
    ],
)
def test_value_is_written(kind: Any, value: Any, frame: str) -> None:
    assert codec_of(Avro(kind)).encode(value).hex() == frame  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("int", 1 << 31),
        ("int", True),
        ("float", 1e39),
        ("string", 1),
        ("bytes", "€"),
        ("null", 0),
        ("boolean", 1),
        (fixed(2), "abc"),
        ({"type": "enum", "name": "E", "symbols": ["a"]}, "b"),
        ({"type": "array", "items": "int"}, {}),
        ({"type": "map", "values": "int"}, []),
        (record(field("int")), {}),
        (record(field("int")), {"x": 1, "y": 2}),
        (["int", "string"], None),
        (logical("timestamp-millis", "long"), "yesterday"),
        (logical("timestamp-millis", "long"), "2026-01-01T00:00:00"),
        (logical("decimal", "bytes", precision=4, scale=2), "1.234"),
        (logical("decimal", "bytes", precision=4, scale=2), "123.45"),
        (logical("decimal", "bytes", precision=4, scale=2), "1e999999999"),
        ({**fixed(12), "logicalType": "duration"}, {"years": 1}),
    ],
)
def test_value_that_does_not_fit_is_told(kind: Any, value: Any) -> None:
    with pytest.raises(CannotEncode):
        codec_of(Avro(kind)).encode(value)


@pytest.mark.parametrize(
    ("schema", "pointer", "words"),
    [
        (record(field("strng")), "/fields/0/type", "there is no type strng, did you mean string?"),
        (record(field("int", default="a")), "/fields/0/default", "the default of x"),
        (record(field({**fixed(1), "name": "Order"})), "/fields/0/type", "Order is defined twice"),
        ({**record(), "fields": [7]}, "/fields/0", "a field is an object"),
        (5, "", "a name, an object or a list"),
    ],
)
def test_broken_schema_is_told_with_its_place(schema: Any, pointer: str, words: str) -> None:
    if schema == [["int"]]:
        schema, words, pointer = [["int"], "string"], "a union has types, and no unions", ""

    with pytest.raises(BrokenSchema) as caught:
        Avro(schema)

    assert (caught.value.pointer, words in caught.value.message) == (pointer, True), caught.value


def test_same_type_written_twice_is_one_type() -> None:
    avro = Avro(record(field(ITEM, "a"), field(ITEM, "b")))
    value = {"a": {"sku": "1", "part": None}, "b": {"sku": "2", "part": None}}

    assert codec_of(avro).decode(codec_of(avro).encode(value)) == value


def test_names_are_found_in_their_namespace() -> None:
    inner = {"type": "enum", "name": "Kind", "symbols": ["a"]}
    avro = Avro(record(field(inner), field("Kind", "y"), field("shop.Kind", "z"), namespace="shop"))

    assert codec_of(avro).encode({"x": "a", "y": "a", "z": "a"}) == b"\x00\x00\x00"


def test_depth_and_number_of_values_are_bounded() -> None:
    nested = codec_of(Avro(record(field(["null", "Order"], "next"))))
    nulls = codec_of(Avro({"type": "array", "items": "null"}))
    told = nested.decode(b"\x02" * 1_000_000 + b"\x00"), nulls.decode(b"\xfe\xff\xff\xff\xff\xff\xff\x7f\x00")

    assert [each.code for each in told] == ["too_deep", "too_many_nodes"]


def test_example_may_be_tagged() -> None:
    avro = Avro(record(field(["null", "string"], "note")))

    assert avro.meant({"note": {"string": "hi"}}) == avro.meant({"note": "hi"}) == {"note": "hi"}
    assert avro.meant({"note": 5}) == {"note": 5}


def test_json_of_avro_is_tagged() -> None:
    avro = Avro(record(field(["null", "string"], "note"), field(["null", ITEM], "item", default=None)))
    value = {"note": "hi", "item": {"sku": "1", "part": None}}

    text = codec_of(avro, text=True).encode(value)

    assert text == '{"note":{"string":"hi"},"item":{"Item":{"sku":"1","part":null}}}'
    assert codec_of(avro, text=True).decode(text) == value
    assert isinstance(codec_of(avro, text=True).decode('{"note":"hi"}'), Undecodable)
    assert isinstance(codec_of(avro, text=True).decode("{"), Undecodable)


def test_top_level_tells_messages_apart() -> None:
    avro = Avro(record(field({"type": "enum", "name": "Kind", "symbols": ["a"]}, "kind"), doc="what is ordered"))

    assert avro.document["properties"]["kind"]["enum"] == ["a"]
    assert (avro.document["required"], avro.document["description"]) == (["kind"], "what is ordered")


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        (record(field(["int", "null"], default="a")), "the default of x"),
        (record(field({"type": "enum", "name": "E", "symbols": ["a", "a"]})), "must be unique"),
        ({"type": {"type": "record", "name": "A"}}, "record has no fields"),
        ({}, "there is no type"),
        (["int"] * 6000, "more than 5000 types"),
    ],
)
def test_other_ways_to_break_a_schema(schema: Any, words: str) -> None:
    with pytest.raises(BrokenSchema, match=words):
        Avro(schema)


def test_default_may_be_of_any_type_of_its_union() -> None:
    assert codec_of(Avro(record(field(["string", "null"], default=None)))).encode({}) == b"\x02"


def test_what_is_nested_too_deep_is_not_written() -> None:
    avro = Avro(record(field(["null", "Order"], "next")))
    value: Any = None
    for _ in range(70):
        value = {"next": value}

    for text in (True, False):
        with pytest.raises(CannotEncode, match="nested more than 64"):
            codec_of(avro, text=text).encode(value)


def test_more_after_the_value_is_told() -> None:
    assert codec_of(Avro("int")).decode(b"\x02\x02") == Undecodable(
        "avro_trailing_data", "there is more after the value"
    )


def test_field_may_carry_its_logical_type_itself() -> None:
    avro = Avro(record({"name": "at", "type": "long", "logicalType": "timestamp-millis"}))

    assert codec_of(avro).decode(b"\x00") == {"at": "1970-01-01T00:00:00.000Z"}


def test_long_decimal_keeps_its_digits() -> None:
    codec = codec_of(Avro(logical("decimal", "bytes", precision=40, scale=2)))
    amount = "-12345678901234567890123456789012345678.90"[:-3] + ".90"

    assert codec.decode(codec.encode("12345678901234567890123456789012.34")) == "12345678901234567890123456789012.34"
    assert codec.decode(codec.encode(amount)) == amount


@pytest.mark.parametrize(
    "kind",
    [
        logical("timestamp-millis", "long"),
        logical("date", "int"),
        logical("time-micros", "long"),
        logical("decimal", "bytes", precision=9, scale=2),
    ],
    ids=lambda kind: kind["logicalType"],
)
def test_what_a_number_means_is_made_up_as_people_write_it(kind: Any) -> None:
    schema = Schema(Avro(record(field(kind))).document)

    assert {type(schema.fake(seed)["x"]) for seed in range(20)} == {str}
    assert schema.accepts({"x": 5})
