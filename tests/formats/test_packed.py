"""MessagePack and CBOR: what is written is read again, and what is broken is told and never raised."""

import math
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import cbor2
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockws.codec import Codec, Kind, Undecodable
from mockws.contract import Message
from mockws.engine.compose import Composer
from mockws.errors import CannotEncode, CannotFake
from mockws.formats.avro import Avro
from mockws.formats.cbor import Cbor
from mockws.formats.msgpack import MessagePack
from mockws.formats.places import places_of_bytes
from mockws.schema.schema import Schema

CODECS: list[Codec] = [MessagePack(), Cbor()]
NUMBERS = st.integers(-(1 << 63), (1 << 64) - 1) | st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)
each_codec = pytest.mark.parametrize("codec", CODECS, ids=lambda codec: codec.name)


@each_codec
@given(value=VALUES)
def test_what_is_written_is_read_again(codec: Codec, value: Any) -> None:
    assert codec.decode(codec.encode(value)) == value


@each_codec
@given(frame=st.binary(max_size=40))
def test_any_bytes_are_a_value_or_told_to_be_none(codec: Codec, frame: bytes) -> None:
    value = codec.decode(frame)

    assert isinstance(value, Undecodable) or codec.decode(codec.encode(value)) == value


@each_codec
def test_what_is_cut_off_is_told(codec: Codec) -> None:
    frame = codec.encode({"items": [1, "two", 3.5]})
    assert isinstance(frame, bytes)

    assert all(isinstance(codec.decode(frame[:length]), Undecodable) for length in range(len(frame)))


@each_codec
def test_more_than_one_value_is_told(codec: Codec) -> None:
    frame = codec.encode(1)
    assert isinstance(frame, bytes)

    assert isinstance(codec.decode(frame + frame), Undecodable)


@each_codec
def test_depth_is_bounded_in_both_directions(codec: Codec) -> None:
    deep: Any = 1
    for _ in range(100):
        deep = [deep]
    opener = b"\x91" if codec.name == "MessagePack" else b"\x81"

    assert isinstance(codec.decode(opener * 100 + b"\x01"), Undecodable)
    assert isinstance(codec.decode(opener * 1_000_000), Undecodable)
    with pytest.raises(CannotEncode, match="nested more than 64"):
        codec.encode(deep)


@each_codec
def test_number_of_values_is_bounded(codec: Codec) -> None:
    head = b"\xdd\x00\x01\x86\xa1" if codec.name == "MessagePack" else b"\x9a\x00\x01\x86\xa1"
    null = b"\xc0" if codec.name == "MessagePack" else b"\xf6"

    assert codec.decode(head + null * 100_001) == Undecodable("too_many_nodes", "over 100,000 values in one message")


@each_codec
def test_length_that_nothing_follows_costs_nothing(codec: Codec) -> None:
    head = b"\xdd\xff\xff\xff\xff" if codec.name == "MessagePack" else b"\x9a\xff\xff\xff\xff"

    assert isinstance(codec.decode(head), Undecodable)


@pytest.mark.parametrize("number", [math.nan, math.inf])
def test_what_is_no_number_in_json_is_no_value(number: float) -> None:
    assert isinstance(MessagePack().decode(msgspec.msgpack.encode(number)), Undecodable)
    assert isinstance(Cbor().decode(cbor2.dumps(number)), Undecodable)


def test_bytes_times_and_keys_are_said_in_words_of_json() -> None:
    when = datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC)
    said = {"7": "AP8=", "at": "2026-05-04T03:02:01Z", "true": None}

    assert MessagePack().decode(msgspec.msgpack.encode({7: b"\x00\xff", "at": when, True: None})) == said
    assert Cbor().decode(cbor2.dumps({7: b"\x00\xff", "at": when, True: cbor2.undefined})) == said


def test_tags_of_cbor_are_looked_through() -> None:
    assert Cbor().decode(cbor2.dumps([cbor2.CBORTag(4711, "x"), Decimal("1.5"), {1, 2}])) == ["x", 1.5, [1, 2]]


def test_circle_of_cbor_is_told() -> None:
    assert isinstance(Cbor().decode(b"\xd8\x1c\x81\xd8\x1d\x00"), Undecodable)


def test_extension_of_message_pack_is_its_bytes() -> None:
    assert MessagePack().decode(msgspec.msgpack.encode(msgspec.msgpack.Ext(5, b"\x01"))) == "AQ=="


def test_number_that_message_pack_does_not_have_is_told() -> None:
    with pytest.raises(CannotEncode, match="cannot be written as MessagePack"):
        MessagePack().encode(1 << 70)


def test_key_that_is_a_list_is_told() -> None:
    assert isinstance(Cbor().decode(b"\xa1\x81\x01\x02"), Undecodable)


def test_base64_of_the_schema_goes_out_as_bytes() -> None:
    part = {"type": "string", "contentEncoding": "base64"}
    document = {
        "properties": {
            "raw": part,
            "parts": {"type": "array", "items": {"$ref": "#/definitions/part"}},
            "other": {"allOf": [{"format": "byte"}]},
        },
        "definitions": {"part": part},
    }
    codec = MessagePack(places_of_bytes(document))
    value = {"raw": "AP8=", "parts": ["AQ==", "no base64"], "other": "Ag==", "text": "AQ=="}

    written = msgspec.msgpack.decode(codec.encode(value))

    assert written == {"raw": b"\x00\xff", "parts": [b"\x01", "no base64"], "other": b"\x02", "text": "AQ=="}
    assert codec.decode(codec.encode(value)) == value


def test_what_is_wrong_on_purpose_is_written_as_its_message_is() -> None:
    schema = Schema({"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}})
    message = Message("Order", schema, Kind.PACKED, codec=MessagePack())

    said = Composer(1).invalid(message, None)

    assert not schema.accepts(message.decode(Composer(1).frame(said)))


def test_what_a_format_cannot_write_is_no_wrong_message() -> None:
    avro = Avro({"type": "record", "name": "Order", "fields": [{"name": "id", "type": "long"}]})
    message = Message("Order", Schema(avro.document), Kind.PACKED, codec=avro.codec(text=False, plain=False))

    with pytest.raises(CannotFake, match="whatever can be sent as Avro"):
        Composer(1).invalid(message, None)
