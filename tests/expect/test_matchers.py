"""Matchers: what fits, what does not, and how it does not."""

import time
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockws.errors import BadExpectation
from mockws.expect.matchers import NOTHING, Matcher, Subject, compile_matching
from mockws.expect.model import Matching

JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner), max_leaves=6)


def matcher(**wanted: Any) -> Matcher:
    return compile_matching(msgspec.convert(wanted, Matching), "/body")


FITTING: list[tuple[dict[str, Any], str]] = [
    ({"equalTo": "Ada", "caseInsensitive": True}, "aDA"),
    ({"equalTo": 10}, "10"),
    ({"contains": "ell"}, "hello"),
    ({"doesNotContain": "x"}, "hello"),
    ({"matches": "^t-"}, "t-123"),
    ({"doesNotMatch": "^t-"}, "x-123"),
    ({"equalToJson": {"a": [1, {"b": None}]}}, '{"a":[1,{"b":null}]}'),
    ({"equalToJson": {"a": 1}, "ignoreExtraElements": True}, '{"a":1,"b":2}'),
    ({"equalToJson": [1, 2], "ignoreArrayOrder": True}, "[2,1]"),
    ({"matchesJsonPath": "$.items[?@.price > 5]"}, '{"items":[{"price":9}]}'),
    ({"matchesJsonPath": {"expression": "$.type", "equalTo": "join"}}, '{"type":"join"}'),
    ({"matchesJsonPath": {"expression": "$.gone", "absent": True}}, '{"type":"join"}'),
    ({"matchesJsonSchema": {"required": ["id"]}}, '{"id":1}'),
    ({"greaterThanNumber": 5}, "6"),
    ({"lessThanNumber": 5}, "4.5"),
    ({"equalToNumber": 5}, "5.0"),
    ({"before": "2026-01-01T00:00:00Z"}, "2025-12-31T23:59:59Z"),
    ({"after": "2026-01-01T00:00:00+01:00"}, "2026-01-01T00:00:00Z"),
    ({"equalToDateTime": "2026-01-01T01:00:00+01:00"}, "2026-01-01T00:00:00Z"),
    ({"and": [{"contains": "a"}, {"contains": "b"}]}, "ab"),
    ({"or": [{"contains": "x"}, {"contains": "b"}]}, "ab"),
    ({"not": {"contains": "x"}}, "ab"),
]
STRANGE: list[tuple[dict[str, Any], str]] = [
    ({"equalTo": "Ada"}, "ada"),
    ({"equalToJson": {"a": 1}}, '{"a":true}'),
    ({"equalToJson": {"a": 1}}, '{"a":1,"b":2}'),
    ({"equalToJson": [1, 1], "ignoreArrayOrder": True}, "[1,2]"),
    ({"equalToJson": {}}, "no json"),
    ({"matchesJsonPath": "$.a"}, "no json"),
    ({"matchesJsonPath": {"expression": "$.type", "equalTo": "join"}}, '{"type":"leave"}'),
    ({"matchesJsonSchema": {"required": ["id"]}}, "{}"),
    ({"greaterThanNumber": 5}, "five"),
    ({"before": "2026-01-01T00:00:00Z"}, "yesterday"),
    ({"and": [{"contains": "a"}, {"contains": "x"}]}, "ab"),
    ({"or": [{"contains": "x"}, {"contains": "y"}]}, "ab"),
    ({"not": {"contains": "a"}}, "ab"),
    ({"binaryEqualTo": "AP8Q"}, "text"),
]


@pytest.mark.parametrize(("wanted", "text"), FITTING)
def test_what_fits_has_no_differences(wanted: dict[str, Any], text: str) -> None:
    subject = Subject.of_frame(text)

    assert matcher(**wanted).differences(subject) == []
    assert matcher(**wanted).fits(subject)


@pytest.mark.parametrize(("wanted", "text"), STRANGE)
def test_what_does_not_fit_says_how(wanted: dict[str, Any], text: str) -> None:
    found = matcher(**wanted).differences(Subject.of_frame(text))

    assert found
    assert all(each.expected for each in found)


def test_bytes_are_compared_as_bytes() -> None:
    assert matcher(binaryEqualTo="AP8Q").fits(Subject(b"\x00\xff\x10"))


def test_absence_is_asked_of_what_is_not_there() -> None:
    assert matcher(absent=True).fits(NOTHING)
    assert not matcher(absent=False).fits(NOTHING)
    assert not matcher(contains="").fits(NOTHING)


def test_differences_of_json_have_their_place() -> None:
    found = matcher(equalToJson={"user": {"name": "ada", "age": 3}}).differences(
        Subject.of_frame('{"user":{"name":"bob"}}')
    )

    assert [(each.pointer, each.expected, each.actual) for each in found] == [
        ("/user/name", '"ada"', "bob"),
        ("/user/age", "3", "nothing"),
    ]


def test_of_several_values_found_the_nearest_is_told() -> None:
    wanted = {"expression": "$..v", "equalToJson": {"a": 1, "b": 2}}
    found = matcher(matchesJsonPath=wanted).differences(Subject.of_frame('[{"v":{}},{"v":{"a":1}}]'))

    assert [each.pointer for each in found] == ["$..v/b"]


def test_a_pattern_cannot_explode() -> None:
    evil = matcher(matches="^(a+)+$")
    begun = time.process_time()

    assert not evil.fits(Subject.of_frame("a" * 40 + "!"))
    assert time.process_time() - begun < 0.05


@pytest.mark.parametrize(
    ("wanted", "code", "pointer"),
    [
        ({"matches": "("}, "regex_syntax", "/body/matches"),
        ({"matchesJsonPath": "$["}, "jsonpath_syntax", "/body/matchesJsonPath"),
        ({"and": [{"matches": "("}]}, "regex_syntax", "/body/and/0/matches"),
        ({"binaryEqualTo": "%"}, "base64_syntax", "/body/binaryEqualTo"),
        ({"before": "soon"}, "date_syntax", "/body/before"),
        ({"matchesJsonSchema": {"type": 5}}, "schema_invalid", "/body/matchesJsonSchema/type"),
    ],
)
def test_what_cannot_be_compiled_is_refused_at_its_place(wanted: dict[str, Any], code: str, pointer: str) -> None:
    with pytest.raises(BadExpectation) as refused:
        matcher(**wanted)

    assert (refused.value.code, refused.value.pointer) == (code, pointer)


@given(JSON, st.randoms())
def test_the_order_of_an_array_can_be_left_out_of_account(value: Any, dice: Any) -> None:
    wanted = value if isinstance(value, list) else [value]
    shuffled = dice.sample(wanted, len(wanted))

    assert matcher(equalToJson=wanted, ignoreArrayOrder=True).fits(Subject.of_value(shuffled))
