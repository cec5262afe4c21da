"""Runtime expressions read and write places in messages."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockws.expression import MISSING, Expression, with_value


def expression(text: str) -> Expression:
    parsed = Expression.parse(text)
    assert parsed is not None
    return parsed


@pytest.mark.parametrize(
    "text", ["", "$message", "$message.body#/a", "message.payload#/a", "$message.payload#a", "$message.payload#/~2"]
)
def test_text_that_is_no_expression_is_none(text: str) -> None:
    assert Expression.parse(text) is None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("$message.payload#/a", 1),
        (" $message.payload#/a ", 1),
        ("$message.payload#/list/1/b", 2),
        ("$message.payload#/x~1y", 3),
        ("$message.payload#/nothing", None),
        ("$message.payload#/list/2", MISSING),
        ("$message.payload#/list/01", MISSING),
        ("$message.payload#/list/-", MISSING),
        ("$message.payload#/list/" + "9" * 5000, MISSING),
        ("$message.payload#/a/b", MISSING),
        ("$message.header#/key", "own"),
        ("$message.header#/Origin", "there"),
        ("$message.header#/none", MISSING),
        ("$message.header#/a/b", MISSING),
        ("$message.header", {"key": "own"}),
    ],
)
def test_value_is_read_where_it_stands(text: str, value: Any) -> None:
    payload = {"a": 1, "list": [0, {"b": 2}], "x/y": 3, "nothing": None, "headers": {"key": "own"}}

    assert expression(text).read(payload, {"key": "handshake", "origin": "there"}) == value


def test_whole_payload_can_be_meant() -> None:
    assert expression("$message.payload#").read([1], {}) == [1]
    assert expression("$message.payload").write([1], 2) == 2


@pytest.mark.parametrize(
    ("text", "payload", "written"),
    [
        ("$message.payload#/a", {}, {"a": 9}),
        ("$message.payload#/a/b", {"a": {"c": 1}}, {"a": {"c": 1, "b": 9}}),
        ("$message.payload#/a/b", {}, {"a": {"b": 9}}),
        ("$message.payload#/a/b", {"a": 1}, {"a": 1}),
        ("$message.payload#/list/0", {"list": [1, 2]}, {"list": [9, 2]}),
        ("$message.payload#/list/2", {"list": [1, 2]}, {"list": [1, 2]}),
        ("$message.payload#/a", "text", "text"),
        ("$message.header#/key", {}, {"headers": {"key": 9}}),
    ],
)
def test_value_is_written_into_a_copy(text: str, payload: Any, written: Any) -> None:
    assert expression(text).write(payload, 9) == written


values = st.recursive(
    st.one_of(st.none(), st.integers(), st.text(max_size=3)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.sampled_from("ab01"), inner, max_size=3)),
    max_leaves=8,
)


@given(values, st.lists(st.sampled_from(["a", "b", "0", "1"]), max_size=3).map(tuple))
def test_what_can_be_read_can_be_written_back(payload: Any, tokens: tuple[str, ...]) -> None:
    place = Expression("payload", tokens)
    found = place.read(payload, {})

    assert found is MISSING or with_value(payload, tokens, found) == payload


def test_nothing_there_is_told_from_null() -> None:
    assert not MISSING
    assert repr(MISSING) == "MISSING"
