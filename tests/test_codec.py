"""Frames and values: what is read, what is refused, what is written."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockws.codec import MAX_DEPTH, MAX_DIGITS, MAX_NODES, Kind, Undecodable, decode, decode_json, encode, kind_of

WIDE = "[" + "0," * (MAX_NODES - 2) + "0]"  # the array and its items are as many as there may be


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "json_syntax"),
        ("  ", "json_syntax"),
        ("nope", "json_syntax"),
        ('{"a":1', "json_syntax"),
        ("NaN", "json_syntax"),
        ("-Infinity", "json_syntax"),
        ("01", "json_syntax"),
        ('"\\ud800"', "json_syntax"),
        ('"\ud800"', "json_syntax"),
        (b"\xff", "json_syntax"),
        ("[" * 65 + "]" * 65, "json_depth"),
        ('{"a":' * 65 + "1" + "}" * 65, "json_depth"),
        ("9" * 4301, "json_int_too_large"),
        ("9" * (MAX_DIGITS + 1), "json_int_too_large"),
        ("1e999", "json_int_too_large"),
        ("\ufeff{}", "json_bom"),
        ('{"a":1} {"b":2}', "json_trailing_data"),
        ("[" + "[]," * 349_000 + "[]]", "json_too_many_nodes"),
        ("[" + "0," * (MAX_NODES - 1) + "0]", "json_too_many_nodes"),
        ("[" + '"a,b",' * MAX_NODES + "1]", "json_too_many_nodes"),
    ],
    ids=lambda each: str(each)[:12],
)
def test_what_is_refused_says_why(text: str | bytes, code: str) -> None:
    refused = decode_json(text)

    assert isinstance(refused, Undecodable)
    assert refused.code == code


@pytest.mark.parametrize(
    "text",
    [
        "[" * MAX_DEPTH + "]" * MAX_DEPTH,
        '"' + "[" * 200 + '"',
        '"' + "," * (MAX_NODES + 1) + '"',
        '"' + "9" * (MAX_DIGITS + 1) + '"',
        "9" * MAX_DIGITS,
        WIDE,
        '["\\"[[",' * 63 + "0" + "]" * 63,
        "{}",
        "null",
    ],
    ids=lambda each: str(each)[:12],
)
def test_what_is_within_the_limits_is_read_as_it_is(text: str) -> None:
    assert decode_json(text) == json.loads(text)


def test_text_full_of_quotes_that_never_end_does_not_hold_anyone_up() -> None:
    text = '"' + '\\"' * 400_000 + "[" * 65

    assert isinstance(decode_json(text), Undecodable)


@given(st.text(alphabet='[]{}",:\\019ea. ', max_size=300))
def test_any_text_is_read_as_json_is_or_refused(text: str) -> None:
    value = decode_json(text)

    assert isinstance(value, Undecodable) or value == json.loads(text)


values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-(10**18), 10**18), st.text(max_size=5)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=3), inner, max_size=3)),
    max_leaves=8,
)


@given(values, st.sampled_from([Kind.JSON, Kind.LOOSE]))
def test_what_is_written_is_read_again(value: Any, kind: Kind) -> None:
    assert decode(encode(value, kind), kind) == value


@pytest.mark.parametrize(
    ("value", "kind", "frame"),
    [
        ("words", Kind.JSON, '"words"'),
        ("words", Kind.TEXT, "words"),
        ("words", Kind.LOOSE, "words"),
        ("12", Kind.TEXT, "12"),
        ("12", Kind.LOOSE, '"12"'),
        ("words", Kind.BINARY, b"words"),
        ({"a": 1}, Kind.BINARY, b'{"a":1}'),
        ({"a": 1}, Kind.TEXT, '{"a":1}'),
        (b"\x00", Kind.JSON, b"\x00"),
    ],
)
def test_kind_of_content_decides_how_a_value_is_written(value: Any, kind: Kind, frame: str | bytes) -> None:
    assert encode(value, kind) == frame


@pytest.mark.parametrize(
    ("frame", "kind", "value"),
    [
        ("12", Kind.JSON, 12),
        ("12", Kind.LOOSE, 12),
        ("12", Kind.TEXT, "12"),
        ("words", Kind.LOOSE, "words"),
        (b"12", Kind.BINARY, b"12"),
        (b"12", Kind.LOOSE, b"12"),
        (b"12", Kind.JSON, 12),
    ],
)
def test_kind_of_content_decides_how_a_frame_is_read(frame: str | bytes, kind: Kind, value: Any) -> None:
    assert decode(frame, kind) == value


@pytest.mark.parametrize(
    ("content_type", "kind"),
    [
        (None, Kind.LOOSE),
        ("", Kind.LOOSE),
        ("application/json", Kind.JSON),
        ("Application/JSON; charset=utf-8", Kind.JSON),
        ("application/cloudevents+json", Kind.JSON),
        ("text/plain", Kind.TEXT),
        ("application/xml", Kind.TEXT),
        ("application/soap+xml", Kind.TEXT),
        ("application/octet-stream", Kind.BINARY),
        ("image/png", Kind.BINARY),
    ],
)
def test_content_type_tells_the_kind(content_type: str | None, kind: Kind) -> None:
    assert kind_of(content_type) is kind


def test_only_what_is_binary_is_no_text() -> None:
    assert [kind for kind in Kind if not kind.as_text] == [Kind.BINARY, Kind.PACKED]


@given(st.lists(st.sampled_from([("[", "]"), ('{"":', "}"), ('{"key": ', "}"), ('["[{[", ', "]")]), max_size=70))
def test_depth_is_judged_whatever_it_is_made_of(levels: list[tuple[str, str]]) -> None:
    text = "".join(opened for opened, _ in levels) + "1" + "".join(closed for _, closed in reversed(levels))

    refused = isinstance(decode_json(text), Undecodable)

    assert refused is (len(levels) > MAX_DEPTH)
