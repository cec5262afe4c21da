"""The value strings of Specmatic: what they let in, and that other texts are texts."""

from typing import Any

import pytest

from mockws.schema.schema import Schema
from mockws.specmatic.comparing import differences
from mockws.specmatic.values import BadValue, arguments_of, schema_of, wanted_of


def fits(text: Any, value: Any) -> bool:
    return Schema(schema_of(text)).accepts(value)


@pytest.mark.parametrize(
    ("text", "good", "bad"),
    [
        ("(string)", "a", 1),
        ("(number)", 1.5, "1.5"),
        ("(integer)", 1, 1.5),
        ("(boolean)", False, "false"),
        ("(datetime)", "2026-03-14T09:30:00Z", "yesterday"),
        ("(date)", "2026-03-14", "14.3.2026"),
        ("(uuid)", "3f2b9c1e-7a54-4d0b-9a51-0d6b1c6a2e11", "3f2b"),
        ("(ID:integer)", 7, "7"),
        ("(string?)", None, 1),
        ("(integer*)", [1, 2], 1),
        ("$match(exact: SHIPPED)", "SHIPPED", "LOST"),
        ("$match(exact:10)", 10, 11),
        ("$match(exact: [10, 20])", [10, 20], [20, 10]),
        ("$match(pattern: a|b)", "b", "ab"),
        ("$match(dataType: integer)", 5, "5"),
        ("$match(dataType: string, value: any, times: 2)", "a", 1),
        ("$match(contains: (integer))", ["a", 1], ["a"]),
        ("$match(length: 0)", [], [1]),
        ("$match(minLength: 1, maxLength: 2)", [1], [1, 2, 3]),
        ({"a": "$(NAME)"}, {"a": [1]}, {}),
        ("order $(NAME)", "order 7", 7),
        ("plain", "plain", "other"),
        ("(see below)", "(see below)", "x"),
        ({"a": "(integer)", "b": [1, "(string)"]}, {"a": 1, "b": [1, "x"]}, {"a": 1, "b": [1]}),
    ],
)
def test_a_value_string_lets_in_what_it_says(text: Any, good: Any, bad: Any) -> None:
    assert fits(text, good)
    assert not fits(text, bad)


def test_what_looks_like_a_number_may_be_a_text() -> None:
    assert fits("$match(exact: 456)", "456")


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("(strin)", "did you mean (string)?"),
        ("$match(exakt: 5)", "did you mean exact?"),
        ("$match(dataType: sting)", "did you mean (string)?"),
        ("$match(times: 2)", ""),
        ("$match(length: many)", ""),
        ("$match(contains: $(data.x))", "it takes a type such as (integer)"),
    ],
)
def test_a_broken_value_string_is_told(text: str, advice: str) -> None:
    with pytest.raises(BadValue) as problem:
        wanted_of(text)
    assert problem.value.advice == advice


def test_a_comma_in_a_value_splits_nothing() -> None:
    assert arguments_of("pattern: a,b: c, times: 2") == {"pattern": "a,b: c", "times": "2"}


@pytest.mark.parametrize(
    ("wanted", "actual", "told"),
    [
        ({"a": 1}, {"a": 1.0, "more": True}, []),
        ({"a": 1}, {"a": True}, ["/a was to be 1, and is true"]),
        ({"a": []}, {}, []),
        ({"a": []}, {"a": [1]}, ["/a was to be [], and is [1]"]),
        ({"a": {"b": "x"}}, {}, ["/a was to be an object, and is missing"]),
        ({"a": "$match(exact: x)"}, {}, ["/a was to be $match(exact: x), and is missing"]),
        ([1, "(integer)"], [1, "2"], ['/1 was to be (integer), and is "2"']),
        ([1], [1, 2], ["/ was to be a list of 1, and is [1,2]"]),
    ],
)
def test_what_came_is_compared_with_what_was_shown(wanted: Any, actual: Any, told: list[str]) -> None:
    assert list(differences(wanted, actual, {})) == told


def test_what_came_under_a_name_is_kept() -> None:
    names: dict[str, Any] = {}

    assert list(differences({"id": "(ORDER_ID:number)"}, {"id": 7}, names)) == []
    assert names == {"ORDER_ID": 7}


@pytest.mark.parametrize(
    ("wanted", "actual", "told"),
    [
        ("$(A)", "(string)", []),
        ("of $(A)", "of (string)", []),
        ("$(A)", "x", ['/ was to be "(string)", and is "x"']),
        ("$(B)", "x", ["/: there is nothing at $(B): nothing came under that name"]),
    ],
)
def test_what_came_is_a_value_whatever_it_looks_like(wanted: str, actual: Any, told: list[str]) -> None:
    assert list(differences(wanted, actual, {"A": "(string)"})) == told


def test_an_object_is_no_list() -> None:
    assert list(differences({"a": 1}, [1], {})) == ["/ was to be an object, and is [1]"]
