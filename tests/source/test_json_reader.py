"""JSON files: the guarantees of the YAML reader, and which reader takes which file."""

import json
import time
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockws.diagnostic import Place
from mockws.errors import Unreadable
from mockws.source.json import read_json
from mockws.source.limits import Limits
from mockws.source.read import read
from mockws.source.text import Text


def refusal_of(content: str | bytes, limits: Limits | None = None) -> Unreadable:
    encoded = content.encode() if isinstance(content, str) else content
    with pytest.raises(Unreadable) as caught:
        read_json(encoded, "x.json", limits or Limits())
    return caught.value


def place_of(text: str, pointer: str, *, key: bool = False) -> tuple[int | None, int | None]:
    place = read_json(text.encode(), "x.json").locate(pointer, key=key)
    return place.line, place.column


# --------------------------------------------------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    ("text", "code", "line", "column"),
    [
        ('{"a": ', "json_syntax", 1, 7),
        ("-Infinity", "json_syntax", 1, 1),
        ('["NaN",\n NaN]', "json_syntax", 2, 2),
        ('{"a":1}\n{"b":2}', "json_syntax", 2, 1),
        ('{"a":1,\n"a":2}', "json_duplicate_key", 2, 1),
        ('{"a":1,"\\u0061":2}', "json_duplicate_key", 1, 8),
        ('["[[", ' + "[" * 64 + "1" + "]" * 65, "json_depth", 1, 71),
        ("[" * 100_000, "json_depth", 1, 65),
        (f'["{"9" * 2000}", {"9" * 1001}]', "json_number", 1, 2006),
        ("[400, 5e3,\n -5e400]", "json_number", 2, 2),
        ("1e310+", "json_number", 1, 1),
        ('["a", "\\ud800"]', "json_surrogate", 1, 7),
        ('{"\\udc00\\ud800": 1}', "json_surrogate", 1, 2),
    ],
)
def test_refusal_names_its_code_and_place(text: str, code: str, line: int, column: int) -> None:
    refusal = refusal_of(text)

    assert (refusal.code, refusal.line, refusal.column) == (code, line, column)
    assert refusal.advice


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('{"a": 1,}', "a ',' stands before the closing bracket"),
        ("[1, 2,\n]", "a ',' stands before the closing bracket"),
        ("{a: 1}", "a key in double quotes was expected"),
        ("{'a': 1}", "a text stands in single quotes"),
        ('{"a" 1}', "a ':' was expected after the key"),
        ("[1 2]", "a ',' or the closing bracket was expected"),
        ("[yes]", "a value was expected"),
        ('["a', "the quote that opens here is never closed"),
        ('["a\nb"]', "a line break or control character stands inside a text"),
        ('["\\q"]', "this escape is not known to JSON"),
        ("1 2", "the JSON value has ended before this place"),
        ("[1, // one\n2]", "JSON has no comments"),
        ("# c\n{}", "JSON has no comments"),
        ('{"a": [1', "the file ends in the middle of a value"),
    ],
)
def test_syntax_error_is_a_sentence_for_people(text: str, sentence: str) -> None:
    refusal = refusal_of(text)

    assert sentence in str(refusal)
    assert refusal.code == "json_syntax"


@pytest.mark.parametrize(("content", "code"), [(b"", "empty"), (b" \n", "empty"), (b'{"a": "\xff"}', "encoding")])
def test_empty_and_broken_files_have_codes_of_their_own(content: bytes, code: str) -> None:
    assert refusal_of(content).code == code


def test_limits_hold_to_the_last_one() -> None:
    content = b'{"a": [1, {}, []]}'

    assert read_json(content, "x.json", Limits(nodes=6)).value == {"a": [1, {}, []]}
    assert refusal_of(content, Limits(nodes=5)).code == "json_nodes"
    assert refusal_of(content, Limits(size=17)).code == "too_large"
    assert refusal_of(content, Limits(depth=2)).code == "json_depth"


def test_brackets_and_digits_inside_texts_do_not_count() -> None:
    value = {"a": "[" * 200 + '\\"' * 3, "b": "9" * 5000, "9" * 1500: '{"'}

    assert read_json(json.dumps(value).encode(), "x.json").value == value


@pytest.mark.parametrize("unit", ['\\"', '"', "[],", "9", " ", "\\ud83d", '{"a":1,"a":2},', "[1e5, "])
def test_no_flood_takes_long(unit: str) -> None:
    flood = ('["' + unit * (1_000_000 // len(unit))).encode()
    start = time.process_time()

    for content in (flood, flood[2:], b"[" + flood[2:]):
        with pytest.raises(Unreadable):
            read_json(content, "x.json")
    assert time.process_time() - start < 3


# ----------------------------------------------------------------------------------------------------------- places


def test_every_value_and_key_has_its_place() -> None:
    text = '{\n  "a/b": [1, {"é": "x]"}],\n  "\\u0063": null\n}'

    assert place_of(text, "") == (1, 1)
    assert place_of(text, "/a~1b") == (2, 10)
    assert place_of(text, "/a~1b", key=True) == (2, 3)
    assert place_of(text, "/a~1b/1/é") == (2, 20)
    assert place_of(text, "/a~1b/1/é", key=True) == (2, 15)
    assert place_of(text, "/c") == (3, 13)
    assert place_of(text, "/a~1b/7/x") == (2, 10)


def test_root_that_is_a_scalar_has_a_place() -> None:
    assert place_of("\n 5", "/a") == (2, 2)


def test_value_made_in_python_is_placed_in_its_name() -> None:
    assert Text("a document in Python", {"a": 1}).locate("/a") == Place("a document in Python")


# --------------------------------------------------------------------------------------------------- choosing a reader


def test_flow_style_under_a_json_name_is_refused_with_advice() -> None:
    with pytest.raises(Unreadable, match="the text is YAML") as caught:
        read(b"{a: 1}", "x.JSON")
    assert caught.value.code == "json_syntax"


def test_broken_json_under_a_json_name_keeps_its_own_advice() -> None:
    with pytest.raises(Unreadable, match="close what is open"):
        read(b'{"a": [', "x.json")


def test_json_under_another_name_is_read_as_json() -> None:
    assert read(b' {"a": "\\ud83d\\ude00"}', "x.yaml").value == {"a": "😀"}


def test_flow_style_under_another_name_is_read_as_yaml() -> None:
    assert read(b"{a: no, b: [NaN]}", "x").value == {"a": "no", "b": ["NaN"]}


def test_json_with_twins_is_refused_under_any_name() -> None:
    with pytest.raises(Unreadable) as caught:
        read(b'{"a": 1, "a": 2}', "x.yaml")
    assert caught.value.code == "json_duplicate_key"


def test_block_style_is_read_as_yaml() -> None:
    assert read(b"a: 1", "x.yml").value == {"a": 1}


# ------------------------------------------------------------------------------------------------------- properties

TEXTS = st.text(st.characters(codec="utf-8"))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=20,
)
PIECES = st.sampled_from(
    [
        *"{}[],:\"\\1-.0+ \n\té\u2028\0\ufeff'/",
        *('"a"', '"a":', "\\u", "\\ud800", "\\udc00", "e9", "1e999", "NaN", "true"),
    ]
)


@settings(max_examples=150, deadline=None)
@given(VALUES, st.booleans())
def test_what_is_written_reads_back(value: Any, ascii_only: bool) -> None:
    assert read_json(json.dumps(value, ensure_ascii=ascii_only).encode(), "x.json").value == value


@settings(max_examples=300, deadline=None)
@given(st.binary() | st.lists(PIECES, max_size=20).map(lambda pieces: "".join(pieces).encode()))
def test_any_bytes_give_a_text_that_others_read_as_well_or_a_refusal(content: bytes) -> None:
    try:
        text = read(content, "x.json")
    except Unreadable as refusal:
        assert refusal.code
    else:
        assert text.locate("/0/a/b").line
        json.dumps(text.value, allow_nan=False).encode()


@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES, max_size=12).map("".join))
def test_what_a_strict_decoder_takes_is_taken(text: str) -> None:
    try:
        value = msgspec.json.decode(text.encode())
    except (msgspec.DecodeError, UnicodeDecodeError):
        return
    try:
        assert read_json(text.encode(), "x.json").value == value
    except Unreadable as refusal:
        assert refusal.code == "json_duplicate_key"
