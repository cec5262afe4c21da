"""Protobuf: compiled schemas are JSON Schemas, and frames are values in the JSON mapping."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockws.codec import Codec, Undecodable
from mockws.errors import BrokenSchema, CannotEncode
from mockws.formats.extras import MissingExtra
from mockws.formats.protobuf import Protobuf
from mockws.links.protoc import Protoc
from mockws.schema.schema import Schema

PROTOC = Protoc()
ORDER = """
syntax = "proto3";
package shop;
import "google/protobuf/any.proto";
import "google/protobuf/duration.proto";
import "google/protobuf/struct.proto";
import "google/protobuf/timestamp.proto";
import "google/protobuf/wrappers.proto";
enum Status { NEW = 0; OLD = 1; }
message Item { string sku = 1; float price = 2; }
message Order {
  int64 order_id = 1;
  Status status = 2;
  repeated Item items = 3;
  map<string, int32> counts = 4;
  map<int64, Item> by_id = 5;
  google.protobuf.Timestamp at = 6;
  google.protobuf.Duration took = 7;
  oneof payment { string card = 8; int32 cash = 9; }
  bytes raw = 10;
  double total = 11;
  google.protobuf.Struct more = 12;
  optional uint64 serial = 13;
  google.protobuf.BoolValue paid = 14;
  google.protobuf.Any any = 15;
  Order next = 16;
  message Inner { bool flag = 1; }
  Inner inner = 17;
}
"""


def compiled(text: str, message: str = "") -> Protobuf:
    made = Protobuf(PROTOC("order.proto", {"order.proto": text}), "order.proto")
    if message:
        made.choose(message)
    return made


def codec_of(made: Protobuf, *, text: bool = False) -> Codec:
    codec = made.codec(text=text, plain=False)
    assert codec is not None
    return codec


MADE = compiled(ORDER, "Order")
SCHEMA, BINARY, JSON = Schema(MADE.document), codec_of(MADE), codec_of(MADE, text=True)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_whatever_is_made_up_is_written_and_read(seed: int) -> None:
    frame = BINARY.encode(SCHEMA.fake(seed))
    value = BINARY.decode(frame)

    assert SCHEMA.violations(value) == ()
    assert BINARY.encode(value) == frame
    assert JSON.decode(JSON.encode(value)) == value


@given(frame=st.binary(max_size=40))
def test_any_bytes_are_a_value_or_told_to_be_none(frame: bytes) -> None:
    value = BINARY.decode(frame)

    assert isinstance(value, Undecodable) or BINARY.decode(BINARY.encode(value)) == value


def test_frame_says_its_fields_and_the_defaults_of_the_others() -> None:
    value = BINARY.decode(bytes.fromhex("080a1001"))

    assert (value["orderId"], value["status"], value["items"], value["raw"]) == ("10", "OLD", [], "")
    assert "at" not in value


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ("ff", "protobuf_syntax"),
        ("0a", "protobuf_syntax"),
        ("f80701", "protobuf_unknown"),
        ("1a02780a", "protobuf_unknown"),
        ("3204088080808080ffff", "protobuf_syntax"),
    ],
)
def test_broken_frame_is_told(frame: str, code: str) -> None:
    value = BINARY.decode(bytes.fromhex(frame))

    assert isinstance(value, Undecodable)
    assert value.code == code


@pytest.mark.parametrize(
    ("value", "fits"),
    [
        ({"orderId": "9223372036854775807"}, True),
        ({"orderId": "-9223372036854775808"}, True),
        ({"orderId": "9223372036854775808"}, False),
        ({"orderId": 5, "order_id": 5}, True),
        ({"order_id": "5"}, True),
        ({"serial": "18446744073709551615"}, True),
        ({"serial": "18446744073709551616"}, False),
        ({"serial": "-1"}, False),
        ({"status": "LOST"}, False),
        ({"card": "x", "cash": 1}, False),
        ({"counts": {"a": 1}}, True),
        ({"byId": {"a": {}}}, False),
        ({"raw": "AQ=="}, True),
        ({"raw": "no"}, False),
        ({"nonsense": 1}, False),
    ],
)
def test_schema_is_the_json_mapping(value: Any, fits: bool) -> None:
    assert SCHEMA.accepts(value) is fits


def test_value_that_cannot_be_written_is_told() -> None:
    with pytest.raises(CannotEncode, match="no field named"):
        BINARY.encode({"nonsense": 1})


def test_json_is_read_with_either_names_and_written_with_one() -> None:
    assert JSON.decode('{"order_id": 7}')["orderId"] == "7"
    assert '"orderId":"7"' in str(JSON.encode({"order_id": 7}))


def test_json_that_does_not_fit_is_left_to_the_schema_to_tell() -> None:
    assert JSON.decode('{"nonsense": 1}') == {"nonsense": 1}
    assert isinstance(JSON.decode("{"), Undecodable)


def test_example_is_meant_with_the_names_of_the_mapping() -> None:
    assert MADE.meant({"order_id": 7}) == {"orderId": "7"}
    assert MADE.meant({"nonsense": 1}) == {"nonsense": 1}


def test_version_2_requires_and_has_presence() -> None:
    made = compiled('syntax = "proto2"; message M { required int32 a = 1; optional string b = 2; }', "M")

    assert not Schema(made.document).accepts({"b": "x"})
    assert codec_of(made).decode(b"\x08\x01") == {"a": 1}
    assert not Schema(made.document).accepts(codec_of(made).decode(b""))
    with pytest.raises(CannotEncode):
        codec_of(made).encode({"b": "x"})


def test_messages_that_others_have_in_them_are_no_roots() -> None:
    made = compiled(
        'syntax = "proto3"; message A { B b = 1; map<string, C> c = 2; } message B {} message C { C c = 1; }'
    )

    assert (made.messages, made.roots) == (("A", "B", "C"), ("A",))


def test_message_that_is_not_there_is_told_with_the_closest() -> None:
    with pytest.raises(BrokenSchema, match="no message Ordr in the schema, did you mean Order"):
        compiled(ORDER, "Ordr")


def test_what_the_compiler_says_is_told_with_its_line() -> None:
    with pytest.raises(BrokenSchema, match=r'line 2:13: "strng" is not defined'):
        compiled('syntax = "proto3";\nmessage A { strng x = 1; }')


@pytest.mark.parametrize("name", ["../x.proto", "/x.proto", "a/../../x.proto", "c:x.proto", "grpc_tools/protoc.py"])
def test_file_is_never_written_outside_of_its_folder(name: str) -> None:
    with pytest.raises(BrokenSchema, match="no name of a"):
        Protoc()("order.proto", {"order.proto": 'syntax = "proto3";', name: ""})


def test_compiler_that_is_not_there_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mockws.links.protoc.importlib.util.find_spec", lambda _: None)

    with pytest.raises(MissingExtra) as caught:
        Protoc()("order.proto", {})
    assert caught.value.advice == 'pip install "mockws[protobuf]"'


def test_compiler_that_does_not_end_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mockws.links.protoc.LONGEST", 0.0)

    with pytest.raises(BrokenSchema, match="did not end"):
        Protoc()("order.proto", {"order.proto": ORDER})
