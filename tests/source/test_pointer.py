"""JSON Pointers: RFC 6901's own examples, and the ways in which a pointer can be wrong."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockws.source.pointer import escape, index, join, parse, resolve

RFC = {"foo": ["bar", "baz"], "": 0, "a/b": 1, "c%d": 2, "e^f": 3, "g|h": 4, "i\\j": 5, 'k"l': 6, " ": 7, "m~n": 8}


@pytest.mark.parametrize(
    ("pointer", "value"),
    [
        ("", RFC),
        ("/foo", ["bar", "baz"]),
        ("/foo/0", "bar"),
        ("/", 0),
        ("/a~1b", 1),
        ("/c%d", 2),
        ("/e^f", 3),
        ("/g|h", 4),
        ("/i\\j", 5),
        ('/k"l', 6),
        ("/ ", 7),
        ("/m~0n", 8),
        ("#", RFC),
        ("#/foo/1", "baz"),
        ("#/c%25d", 2),
        ("#/e%5Ef", 3),
        ("#/%20", 7),
        ("#/a~1b", 1),
        ("#/a%7E1b", 1),
    ],
)
def test_pointer_finds_what_the_rfc_says(pointer: str, value: Any) -> None:
    assert resolve(RFC, pointer) == value


@pytest.mark.parametrize("pointer", ["/foo/2", "/foo/-", "/foo/01", "/foo/+1", "/foo/²", f"/foo/{'9' * 5000}", "/nope"])
def test_dangling_pointer_is_a_lookup_error(pointer: str) -> None:
    with pytest.raises(LookupError, match="there is no"):
        resolve(RFC, pointer)


@pytest.mark.parametrize("pointer", ["/foo/0/x", "/a~1b/0"])
def test_pointer_into_a_scalar_dangles(pointer: str) -> None:
    with pytest.raises(LookupError, match="neither an object nor an array"):
        resolve(RFC, pointer)


@pytest.mark.parametrize("pointer", ["foo", "#foo", "/~2", "/a~", "#/%FF", "https://example.com/#/a"])
def test_what_is_no_pointer_is_a_value_error(pointer: str) -> None:
    with pytest.raises(ValueError, match=r"JSON Pointer|codec"):
        parse(pointer)


def test_dangling_pointer_says_how_far_it_got() -> None:
    with pytest.raises(LookupError, match="no 'd' at /a~1b/c"):
        resolve({"a/b": {"c": {}}}, "/a~1b/c/d")


def test_escaped_tilde_before_a_one_stays_a_tilde() -> None:
    assert parse("/~01") == ("~1",)


def test_index_counts_as_the_rfc_does() -> None:
    assert [index(token) for token in ("0", "10", "00", "-", "", "a")] == [0, 10, None, None, None, None]


@given(st.lists(st.text() | st.integers(min_value=0)))
def test_joined_tokens_parse_back(tokens: list[str | int]) -> None:
    assert parse(join("", *tokens)) == tuple(str(token) for token in tokens)


@given(st.text())
def test_escaped_token_has_no_slash(token: str) -> None:
    assert "/" not in escape(token)
