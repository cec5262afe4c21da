"""Matchers say whether a value fits, and how it does not; what cannot be one is refused when it is compiled."""

import base64
import json
import time
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as some

from mockws.errors import BadExpectation
from mockws.expect.matchers import NOTHING, Matcher, Subject, compile_matching
from mockws.expect.model import Matching

AB = '{"a":1,"b":[{"c":true}]}'
NOON = "2025-06-01T12:00:00Z"
TREES = {"equalToJson": [{"a": 1}, {"a": 1, "b": 2}], "ignoreArrayOrder": True, "ignoreExtraElements": True}

scalars = (
    some.none()
    | some.booleans()
    | some.integers(-3, 3)
    | some.sampled_from([0.0, 1.0, 0.5])
    | some.text("a", max_size=2)
)
values = some.recursive(
    scalars,
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.sampled_from("ab"), inner, max_size=2),
    max_leaves=8,
)


def matcher(**written: Any) -> Matcher:
    return compile_matching(msgspec.convert(written, Matching), "/body")


def refusal(**written: Any) -> BadExpectation:
    with pytest.raises(BadExpectation) as caught:
        matcher(**written)
    return caught.value


def told(frame: str | bytes, **written: Any) -> list[tuple[str, str, str]]:
    found = matcher(**written).differences(Subject.of_frame(frame))
    return [(each.pointer, each.expected, each.actual) for each in found]


def path(expression: str, **written: Any) -> dict[str, Any]:
    return {"matchesJsonPath": {"expression": expression, **written}}


@pytest.mark.parametrize(
    ("written", "frame"),
    [
        ({}, "anything"),
        ({"equalTo": "join"}, "join"),
        ({"equalTo": "JOIN", "caseInsensitive": True}, "join"),
        ({"equalTo": 1}, "1.0"),
        ({"equalTo": True}, "true"),
        ({"equalTo": ""}, ""),
        ({"contains": "oi"}, "join"),
        ({"contains": "OI", "caseInsensitive": True}, "join"),
        ({"contains": '"a":1'}, AB),
        ({"doesNotContain": "x"}, "join"),
        ({"doesNotContain": "x"}, b"x"),
        ({"matches": "oi"}, "join"),
        ({"matches": "^j.*n$"}, "join"),
        ({"matches": r"^\p{L}\d$"}, "ä1"),
        ({"doesNotMatch": "^oi"}, "join"),
        ({"doesNotMatch": "x"}, b"x"),
        ({"equalToJson": {"b": [{"c": True}], "a": 1.0}}, AB),
        ({"equalToJson": None}, "null"),
        ({"equalToJson": {"a": 1}, "ignoreExtraElements": True}, AB),
        ({"equalToJson": {"b": [{}]}, "ignoreExtraElements": True}, AB),
        ({"equalToJson": [1], "ignoreExtraElements": True}, "[1,2]"),
        ({"equalToJson": [[1, 2], 3], "ignoreArrayOrder": True}, "[3,[2,1]]"),
        ({"equalToJson": {"a": [1, 2]}, "ignoreArrayOrder": True}, '{"a":[2,1]}'),
        ({"equalToJson": [1, True], "ignoreArrayOrder": True}, "[true,1]"),
        (TREES, '[{"a":1,"b":2},{"a":1,"c":3}]'),
        ({"matchesJsonPath": "$.b[0].c"}, AB),
        ({"matchesJsonPath": "$[?match(@.a, 'x+')]"}, '[{"a":"xx"}]'),
        ({"matchesJsonPath": "$"}, "5"),
        (path("$.a", equalTo=1), AB),
        (path("$.b[*].c", equalTo=True), AB),
        (path("$[*]", greaterThanNumber=2), "[1,3]"),
        (path("$.x", absent=True), AB),
        (path("$.a", absent=False), AB),
        ({"matchesJsonSchema": {"required": ["a"]}}, AB),
        ({"matchesJsonSchema": True}, "{}"),
        ({"binaryEqualTo": "AQI="}, b"\x01\x02"),
        ({"absent": False}, "there"),
        ({"greaterThanNumber": 3}, "3.5"),
        ({"lessThanNumber": 3}, "-4"),
        ({"equalToNumber": 3}, "3.0"),
        ({"before": NOON}, "2025-06-01T13:59:00+02:00"),
        ({"before": NOON}, '"2025-06-01T11:00:00Z"'),
        ({"after": NOON}, "2025-06-01T08:00:01-04:00"),
        ({"equalToDateTime": NOON}, "2025-06-01T14:00:00+02:00"),
        ({"equalToDateTime": "2025-06-01"}, "2025-06-01T00:00:00Z"),
        ({"and": [{"contains": "j"}, {"contains": "n"}]}, "join"),
        ({"or": [{"equalTo": "x"}, {"contains": "n"}]}, "join"),
        ({"not": {"or": [{"equalTo": "x"}, {"not": {"contains": "j"}}]}}, "join"),
        ({"contains": "j", "doesNotContain": "x", "matches": "n$"}, "join"),
    ],
)
def test_fits(written: dict[str, Any], frame: str | bytes) -> None:
    assert told(frame, **written) == []
    assert matcher(**written).fits(Subject.of_frame(frame))


@pytest.mark.parametrize(
    ("written", "frame", "differences"),
    [
        ({"equalTo": "join"}, "JOIN", [("", "equal to join", "JOIN")]),
        ({"equalTo": "join"}, b"\x01", [("", "equal to join", "binary 01")]),
        ({"equalTo": 1}, "true", [("", "equal to 1", "true")]),
        ({"equalTo": True}, "1", [("", "equal to true", "1")]),
        ({"contains": "x"}, "join", [("", "containing x", "join")]),
        ({"doesNotContain": "JO", "caseInsensitive": True}, "join", [("", "not containing JO", "join")]),
        ({"matches": "^oi"}, "join", [("", "matching ^oi", "join")]),
        ({"matches": r"^\d$"}, "٣", [("", r"matching ^\d$", "٣")]),
        ({"doesNotMatch": "o"}, "join", [("", "not matching o", "join")]),
        ({"equalToJson": {"a": 1}}, "{a", [("", 'JSON equal to {"a":1}', "{a")]),
        ({"equalToJson": {"a": 1}}, b"{}", [("", 'JSON equal to {"a":1}', "binary 7b7d")]),
        ({"equalToJson": {"b": [{"c": 1}], "a": 1}}, AB, [("/b/0/c", "1", "true")]),
        ({"equalToJson": {"a/b": 1}}, "{}", [("/a~1b", "1", "nothing")]),
        ({"equalToJson": {"b": [{"c": True}]}}, AB, [("/a", "nothing", "1")]),
        ({"equalToJson": [1, 2]}, "[1]", [("/1", "2", "nothing")]),
        ({"equalToJson": [1]}, "[1,2]", [("", "1 items", "2 items")]),
        ({"equalToJson": [1]}, '{"0":1}', [("", "[1]", '{"0":1}')]),
        ({"equalToJson": [1, 1], "ignoreArrayOrder": True}, "[1,2]", [("", "an item 1", "none of 2 is")]),
        ({"equalToJson": [1], "ignoreArrayOrder": True}, "[1,1]", [("", "1 items", "2 items")]),
        ({"equalToJson": [True], "ignoreArrayOrder": True}, "[1]", [("", "an item true", "none of 1 is")]),
        (TREES, '[{"a":1},{"a":1}]', [("", 'an item {"a":1,"b":2}', "none of 2 is")]),
        ({"matchesJsonPath": "$.x"}, AB, [("", "something at $.x", "nothing")]),
        ({"matchesJsonPath": "$.x"}, "no JSON", [("", "something at $.x", "nothing")]),
        (path("$.a", equalTo="x"), AB, [("/a", "equal to x", "1")]),
        (path("$.a", absent=True), AB, [("", "nothing at $.a", "1")]),
        (path("$.x", absent=False), AB, [("", "something at $.x", "nothing")]),
        ({"matchesJsonSchema": {"required": ["x"]}}, "{}", [("/x", "is required", "nothing")]),
        ({"matchesJsonSchema": {"type": "object"}}, "x", [("", "JSON that fits the schema", "x")]),
        ({"binaryEqualTo": "AQI="}, b"\x01", [("", "binary 0102", "binary 01")]),
        ({"binaryEqualTo": "YQ=="}, "a", [("", "binary 61", "a")]),
        ({"absent": True}, "there", [("", "nothing", "there")]),
        ({"greaterThanNumber": 12345678.5}, "3", [("", "a number greater than 12345678.5", "3")]),
        ({"lessThanNumber": 3}, "x", [("", "a number less than 3", "x")]),
        ({"equalToNumber": 1}, "true", [("", "a number equal to 1", "true")]),
        ({"before": NOON}, NOON, [("", f"a date-time before {NOON}", NOON)]),
        ({"after": NOON}, "soon", [("", f"a date-time after {NOON}", "soon")]),
        ({"equalToDateTime": NOON}, "2025-06-01T12:00:00+01:00", None),
        ({"and": [{"contains": "x"}, {"contains": "j"}]}, "join", [("", "containing x", "join")]),
        ({"not": {"contains": "j"}}, "join", [("", "something else", "join")]),
        ({"contains": "x", "matches": "y"}, "j", [("", "containing x", "j"), ("", "matching y", "j")]),
    ],
)
def test_difference_is_told(written: dict[str, Any], frame: str | bytes, differences: Any) -> None:
    assert not matcher(**written).fits(Subject.of_frame(frame))
    assert told(frame, **written) == differences or differences is None


def test_the_nearest_of_several_hits_is_told() -> None:
    wanted = path("$.orders[*]", equalToJson={"id": 1, "state": "open"})

    assert told('{"orders":[{"id":2},{"id":1,"state":"paid"}]}', **wanted) == [
        ("/orders/1/state", '"open"', '"paid"'),
    ]


def test_the_nearest_of_several_alternatives_is_told() -> None:
    wanted = {"or": [{"equalToJson": {"a": 1, "b": 2}}, {"equalToJson": {"a": 1}}]}

    assert told('{"a":3}', **wanted) == [("/a", "1", "3")]


def test_missing_header_is_absent() -> None:
    assert matcher(absent=True).fits(NOTHING)
    assert [each.actual for each in matcher(absent=False, equalTo="x").differences(NOTHING)] == ["nothing", "nothing"]


def test_what_is_shown_is_cut() -> None:
    (difference,) = matcher(equalToJson={"a": "x"}).differences(Subject.of_frame(json.dumps({"a": "y" * 500})))

    assert len(difference.actual) == 121


@pytest.mark.parametrize(
    ("written", "code", "pointer"),
    [
        ({"matches": "("}, "regex_syntax", "/body/matches"),
        ({"doesNotMatch": "[z-a]"}, "regex_syntax", "/body/doesNotMatch"),
        ({"matchesJsonPath": "$.a["}, "jsonpath_syntax", "/body/matchesJsonPath"),
        (path("a"), "jsonpath_syntax", "/body/matchesJsonPath/expression"),
        (path("$.a", matches="("), "regex_syntax", "/body/matchesJsonPath/matches"),
        ({"matchesJsonPath": "$[?nope(@)]"}, "jsonpath_syntax", "/body/matchesJsonPath"),
        ({"matchesJsonSchema": {"type": "nope"}}, "schema_invalid", "/body/matchesJsonSchema/type"),
        ({"matchesJsonSchema": {"$ref": "http://a/b"}}, "ref_scheme", "/body/matchesJsonSchema"),
        ({"binaryEqualTo": "A"}, "base64_syntax", "/body/binaryEqualTo"),
        ({"binaryEqualTo": "é"}, "base64_syntax", "/body/binaryEqualTo"),
        ({"before": "2025"}, "date_syntax", "/body/before"),
        ({"after": "tomorrow"}, "date_syntax", "/body/after"),
        ({"equalToJson": {"a": object()}}, "json_value", "/body/equalToJson"),
        ({"and": []}, "empty", "/body/and"),
        ({"and": [{}, {"or": [{"not": {"matches": "("}}]}]}, "regex_syntax", "/body/and/1/or/0/not/matches"),
    ],
)
def test_what_cannot_be_compiled_is_refused_at_its_place(written: dict[str, Any], code: str, pointer: str) -> None:
    problem = refusal(**written)

    assert (problem.code, problem.pointer) == (code, pointer)


@pytest.mark.parametrize(
    ("written", "frame"),
    [
        ({"matches": "^(a+)+$"}, "a" * 50_000 + "b"),
        ({"matches": r"^(a|a)*(?=x)\1$"}, "a" * 5_000 + "b"),
        ({"matches": r"^(?:(\w+)\s?)+\1!$"}, "ab " * 3_000),
        ({"matchesJsonPath": "$[?search(@, '(a|aa)+$')]"}, json.dumps(["a" * 60 + "b"])),
        ({"matchesJsonPath": "$[?search('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab', @)]"}, '["(a|aa)+$"]'),
        ({"matchesJsonPath": "$..*..*..*..*..x"}, "[" * 60 + "]" * 60),
    ],
)
def test_no_message_can_make_a_matcher_explode(written: dict[str, Any], frame: str) -> None:
    compiled, subject = matcher(**written), Subject.of_frame(frame)
    compiled.fits(Subject.of_frame("[]"))
    started = time.process_time()

    assert not compiled.fits(subject)
    assert time.process_time() - started < 0.05


def test_long_arrays_in_any_order_are_compared_quickly() -> None:
    compiled = matcher(equalToJson=list(range(5_000)), ignoreArrayOrder=True)
    subject = Subject.of_value(list(range(5_000))[::-1])
    started = time.process_time()

    assert compiled.fits(subject)
    assert time.process_time() - started < 0.05


@pytest.mark.parametrize(
    "written", [{"equalToJson": {"type": "join"}, "ignoreExtraElements": True}, path("$.type", equalTo="join")]
)
def test_a_small_message_is_matched_in_microseconds(written: dict[str, Any]) -> None:
    compiled, frame = matcher(**written), json.dumps({"type": "join", "pad": "x" * 220})
    rounds = []
    for _ in range(5):
        started = time.process_time()
        rounds.append(
            all(compiled.fits(Subject.of_frame(frame)) for _ in range(1_000)) and time.process_time() - started
        )

    assert 0 < min(rounds) < 1_000 * 20e-6


def counted(value: Any) -> Any:
    """Give a value that Python compares as JSON does: true is not 1."""
    if isinstance(value, dict):
        return {key: counted(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [counted(inner) for inner in value]
    return (type(value).__name__ if isinstance(value, bool) else "", value)


@given(values, values)
def test_equal_json_fits_exactly_when_it_is_equal(wanted: Any, actual: Any) -> None:
    compiled = matcher(equalToJson=wanted)

    assert compiled.fits(Subject.of_value(wanted))
    assert compiled.fits(Subject.of_value(actual)) is (counted(wanted) == counted(actual))


@given(some.lists(values, max_size=5).flatmap(lambda each: some.tuples(some.just(each), some.permutations(each))))
def test_ignored_order_fits_every_permutation(shuffled: tuple[list[Any], list[Any]]) -> None:
    wanted, actual = shuffled

    assert matcher(equalToJson=wanted, ignoreArrayOrder=True).fits(Subject.of_value(actual))
    assert matcher(equalToJson=wanted, ignoreArrayOrder=True, ignoreExtraElements=True).fits(Subject.of_value(actual))


@given(values, values)
def test_what_is_more_is_ignored_exactly_where_the_rest_fits(wanted: Any, more: Any) -> None:
    compiled = matcher(equalToJson={"x": wanted}, ignoreExtraElements=True)

    assert compiled.fits(Subject.of_value({"x": wanted, "y": more}))
    assert not compiled.fits(Subject.of_value({"y": more}))


@given(some.binary(max_size=20), some.binary(max_size=20))
def test_binary_fits_exactly_when_it_is_the_same(wanted: bytes, actual: bytes) -> None:
    compiled = matcher(binaryEqualTo=base64.b64encode(wanted).decode())

    assert compiled.fits(Subject.of_frame(actual)) is (wanted == actual)
