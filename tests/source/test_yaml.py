"""YAML 1.2 as a value: types, aliases, places, and what holds for any bytes at all."""

import json
import math
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from mockws.errors import Unreadable
from mockws.source.json import read_json
from mockws.source.read import read
from mockws.source.yaml import read_yaml

CORPUS = Path(__file__).parents[3] / "shared" / "corpus"


def value_of(text: str) -> Any:
    return read_yaml(text.encode(), "doc.yaml").value


def refusal_of(content: str) -> Unreadable:
    with pytest.raises(Unreadable) as caught:
        read_yaml(content.encode(), "doc.yaml")
    return caught.value


def place_of(text: str, pointer: str, *, key: bool = False) -> tuple[int | None, int | None]:
    place = read_yaml(text.encode(), "doc.yaml").locate(pointer, key=key)
    return place.line, place.column


# ---------------------------------------------------------------------------------------------------------- types


def test_words_of_yaml_1_1_are_text() -> None:
    text = "enum: [no, on, 12:30:45, 010, 2024-01-01, 1_000]"

    assert value_of(text) == {"enum": ["no", "on", "12:30:45", 10, "2024-01-01", "1_000"]}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("null", None),
        ("Null", None),
        ("NULL", None),
        ("~", None),
        ("true", True),
        ("True", True),
        ("TRUE", True),
        ("false", False),
        ("nULL", "nULL"),
        ("yes", "yes"),
        ("0", 0),
        ("-0", 0),
        ("+12", 12),
        ("0o17", 15),
        ("0x1F", 31),
        ("0b1", "0b1"),
        ("-0x1F", "-0x1F"),
        ("1.5", 1.5),
        ("1.", 1.0),
        (".5", 0.5),
        ("-1e3", -1000.0),
        ("1e-400", 0.0),
        ("2.6.0", "2.6.0"),
        ("1e", "1e"),
        ("-", [None]),
        ("-a", "-a"),
        ("...a", "...a"),
        ("١٢", "١٢"),
        ("=", "="),
    ],
)
def test_plain_scalar_has_the_type_of_the_core_schema(text: str, value: Any) -> None:
    read_back = value_of(text)

    assert read_back == value
    assert type(read_back) is type(value)


@pytest.mark.parametrize("text", ["'1'", '"1"', "|\n  1", ">-\n  1", "!!str 1"])
def test_quoted_block_and_tagged_scalars_are_text(text: str) -> None:
    assert value_of(text).strip() == "1"


def test_keys_are_always_text() -> None:
    text = "200: a\non: b\nnull: c\n1.5: d\n~: e\n'x': f\n!!int 7: g\n? \n: h"

    assert list(value_of(text)) == ["200", "on", "null", "1.5", "~", "x", "7", ""]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("!!int '12'", 12),
        ("!!float 1", 1),
        ("!!float 1.5", 1.5),
        ("!!bool true", True),
        ("!!null ''", None),
        ("!!map {}", {}),
        ("!!seq []", []),
    ],
)
def test_core_tags_are_taken(text: str, value: Any) -> None:
    assert value_of(text) == value


def test_escaped_nul_is_legal() -> None:
    assert value_of('a: "\\u0000"') == {"a": "\0"}


def test_text_beyond_ascii_and_windows_line_ends_come_through() -> None:
    text = "größe: 😀 ja\r\nb:\t[1,\t2]\r\nc: |\r\n  eins\r\n  zwei\r\n"

    assert value_of(text) == {"größe": "😀 ja", "b": [1, 2], "c": "eins\nzwei\n"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_every_encoding_of_yaml_is_read(encoding: str) -> None:
    text = read_yaml("a: é😀\nb: 1".encode(encoding), "doc.yaml")

    assert text.value == {"a": "é😀", "b": 1}
    assert (text.locate("/b").line, text.locate("/b").column) == (2, 4)


# ------------------------------------------------------------------------------------------------ aliases and merging


def test_alias_shares_its_value() -> None:
    value = value_of("a: &x {b: 1}\nc: *x\nd: &n 5\ne: *n\n&k f: *k\n")

    assert value == {"a": {"b": 1}, "c": {"b": 1}, "d": 5, "e": 5, "f": "f"}
    assert value["a"] is value["c"]


def test_alias_of_a_text_can_be_a_key() -> None:
    assert value_of("a: &x b\n*x : 1") == {"a": "b", "b": 1}


def test_later_anchor_of_the_same_name_counts() -> None:
    assert value_of("[&a 1, &a 2, *a]") == [1, 2, 2]


def test_merged_keys_come_first_and_own_keys_win() -> None:
    value = value_of("base: &b {x: 1, y: 2}\nmine: {y: 3, <<: *b, z: 4}")

    assert list(value["mine"].items()) == [("x", 1), ("y", 3), ("z", 4)]


def test_of_several_merged_mappings_the_earlier_wins() -> None:
    assert value_of("[&a {x: 1}, &b {x: 2, y: 2}, {<<: [*a, *b, {z: 3}]}]")[2] == {"x": 1, "y": 2, "z": 3}


def test_quoted_merge_key_is_a_key() -> None:
    assert value_of("'<<': 1") == {"<<": 1}


def test_merged_key_is_found_where_it_was_written() -> None:
    assert place_of("base: &b {x: 1}\nmine:\n  <<: *b", "/mine/x", key=True) == (1, 11)


@pytest.mark.parametrize("text", ["<<: 1", "<<: [1]", "<<: [[a]]", "<<: [{}, ~]"])
def test_merging_what_is_no_mapping_is_refused(text: str) -> None:
    assert refusal_of(text).code == "yaml_merge"


def test_second_merge_key_is_a_duplicate() -> None:
    assert refusal_of("a: &a {}\nb:\n  <<: *a\n  <<: *a").code == "yaml_duplicate_key"


# ----------------------------------------------------------------------------------------------------------- places

CHAT = """\
asyncapi: 3.0.0
channels:
  lobby:
    address: /rooms/lobby
    messages:
    - name: größe
      tags: [a, b]
"""


@pytest.mark.parametrize(
    ("pointer", "value", "key"),
    [
        ("", (1, 1), (1, 1)),
        ("/asyncapi", (1, 11), (1, 1)),
        ("/channels", (3, 3), (2, 1)),
        ("/channels/lobby/address", (4, 14), (4, 5)),
        ("/channels/lobby/messages/0", (6, 7), (6, 7)),
        ("/channels/lobby/messages/0/tags/1", (7, 17), (7, 17)),
        ("#/channels/lobby/messages/0/name", (6, 13), (6, 7)),
        ("/channels/nope/address", (3, 3), (2, 1)),
        ("/channels/lobby/messages/01", (6, 5), (5, 5)),
        ("/channels/lobby/messages/9", (6, 5), (5, 5)),
        ("/asyncapi/x", (1, 11), (1, 1)),
    ],
)
def test_every_value_and_key_has_its_place(pointer: str, value: tuple[int, int], key: tuple[int, int]) -> None:
    assert place_of(CHAT, pointer) == value
    assert place_of(CHAT, pointer, key=True) == key


def test_windows_and_old_line_ends_count_once() -> None:
    assert place_of("a: 1\r\nb: 2\rc: 3\nd: 4", "/d", key=True) == (4, 1)


def test_columns_count_characters_not_bytes() -> None:
    assert place_of("{é: 😀, b: 1}", "/b") == (1, 11)


def test_alias_stands_where_it_is_written_and_its_parts_where_they_are() -> None:
    text = "a: &x\n  b: 1\nc: *x"

    assert place_of(text, "/c") == (3, 4)
    assert place_of(text, "/c/b") == (2, 6)


# ------------------------------------------------------------------------------------------------------- properties

PRINTABLE = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn", "Co"), exclude_characters="\u2028\u2029\ufeff")
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | PRINTABLE,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(PRINTABLE, inner, max_size=4),
    max_leaves=20,
)
WORDS = ("a", "~", "true", "0x1F", "1e999", ".inf", "9", "é", "😀", "\\ud83d", "\\x", "# c", "\0", "\ufeff", "\x85")
SIGNS = ("b: ", "- ", "? ", ": ", "&a ", "*a ", "*b ", "<<: ", "<<: [*a]", "!!str ", "!!int ", "!x ", "!<%FF> ", "\r\n")
LINES = ("\n", "\n  ", "\n    ", "---\n", "...\n", "%YAML 1.2\n")
PIECES = st.sampled_from([*WORDS, *SIGNS, *LINES, *"[]{},|>-'\"\\@`\t"])


@settings(max_examples=150, deadline=None)
@given(VALUES, st.sampled_from([None, 1]))
def test_json_is_yaml_with_the_same_value_and_the_same_places(value: Any, indent: int | None) -> None:
    content = json.dumps(value, indent=indent, ensure_ascii=False).encode()
    as_json, as_yaml = read_json(content, "x.json"), read_yaml(content, "x.yaml")

    assert as_json.value == as_yaml.value == value
    assert as_json.layout is not None
    assert as_yaml.layout is not None
    assert as_json.layout() == as_yaml.layout()


@settings(max_examples=300, deadline=None)
@given(
    st.binary() | st.text().map(str.encode) | st.lists(PIECES, max_size=25).map(lambda pieces: "".join(pieces).encode())
)
def test_any_bytes_give_a_text_or_a_refusal(content: bytes) -> None:
    try:
        text = read(content, "doc.yaml")
    except Unreadable as refusal:
        assert refusal.code
    else:
        assert all(isinstance(key, str) for key in keys_in(text.value))
        json.dumps(text.value, allow_nan=False).encode()


@settings(max_examples=100, deadline=None)
@given(st.lists(PIECES, max_size=15).map("".join))
def test_pure_loader_gives_a_text_or_a_refusal_as_well(text: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("mockws.source.yaml.LOADER", yaml.SafeLoader)
        try:
            assert "\ud83d" not in json.dumps(value_of(text), ensure_ascii=False, allow_nan=False)
        except Unreadable as refusal:
            assert refusal.code


@pytest.mark.parametrize("escape", ["\\ud83d", "\\UFFFFFFFF", "\\U00110000"])
def test_both_loaders_refuse_escapes_that_are_no_characters(escape: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert refusal_of(f'a: "{escape}"').code == "yaml_syntax"

    monkeypatch.setattr("mockws.source.yaml.LOADER", yaml.SafeLoader)
    assert "an escape" in str(refusal_of(f'a: "{escape}"'))


def test_pure_loader_reads_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    fast = read_yaml(CHAT.encode(), "doc.yaml")
    monkeypatch.setattr("mockws.source.yaml.LOADER", yaml.SafeLoader)
    slow = read_yaml(CHAT.encode(), "doc.yaml")

    assert fast.value == slow.value
    assert fast.locate("/channels/lobby/messages") == slow.locate("/channels/lobby/messages")


def keys_in(value: Any) -> Iterator[str]:
    """Walk a value that is known to be shallow."""
    if isinstance(value, dict):
        yield from value
        value = list(value.values())
    for part in value if isinstance(value, list) else []:
        yield from keys_in(part)


# ------------------------------------------------------------------------------------------------- speed and corpus


def test_long_documents_are_read_in_time() -> None:
    entry = "  id{0}: {{type: integer, minimum: {0}}}\n  name{0}:\n    description: some words about it\n"
    text = "properties:\n" + "".join(entry.format(number) for number in range(333))
    content = text.encode()

    assert math.ceil(min(seconds_to_read(content) for _ in range(3)) * 1000) <= 35


def seconds_to_read(content: bytes) -> float:
    start = time.process_time()
    read_yaml(content, "doc.yaml")
    return time.process_time() - start


@pytest.mark.parametrize("folder", ["asyncapi-ws", "asyncapi-other"])
def test_corpus_reads_or_is_refused(folder: str) -> None:
    if not (CORPUS / folder).is_dir():
        pytest.skip(f"the corpus is not there: no folder {folder} beside the project")
    files = [path for path in (CORPUS / folder).rglob("*") if path.suffix in (".yaml", ".yml", ".json")]
    refused = []
    for path in files:
        try:
            assert read(path.read_bytes(), path.name).locate("/info/title").line
        except Unreadable as refusal:
            refused.append(str(refusal))

    assert len(refused) <= len(files) // 20, refused
