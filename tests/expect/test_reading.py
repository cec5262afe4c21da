"""Expectations read from JSON: what does not fit is named with its place and what was probably meant."""

from typing import Any

import msgspec
import pytest

from mockws.errors import BadExpectation
from mockws.expect.expectation import no_files
from mockws.expect.model import Expectation, StubFile
from mockws.expect.reading import problems, read_expectation, read_expectations, read_stub_file

REPLY = [{"reply": {"text": "hi"}}]


def told(value: Any) -> list[tuple[str, str]]:
    """Give pointer and hint of each thing that is wrong with an expectation."""
    return [(each.pointer, each.message.partition("did you mean ")[2]) for each in problems(value, Expectation)]


def refused(**keys: Any) -> tuple[str, str]:
    """Give code and pointer of what cannot be compiled."""
    value = {"trigger": {}, **keys}
    assert problems(value, Expectation) == []
    with pytest.raises(BadExpectation) as problem:
        read_expectation(value, "e1")
    return problem.value.code, problem.value.pointer


@pytest.mark.parametrize(
    ("value", "pointer", "hint"),
    [
        ({"triger": {}, "trigger": {}}, "/triger", "'trigger'?"),
        ({"trigger": {"chanel": "a"}}, "/trigger/chanel", "'channel'?"),
        ({"trigger": {"message": {"body": {"equalToJSON": 1}}}}, "/trigger/message/body/equalToJSON", "'equalToJson'?"),
        ({"trigger": {}, "actions": [{"repl": {"text": "a"}}]}, "/actions/0/repl", "'reply'?"),
        ({"trigger": {}, "timesToLive": 1}, "/timesToLive", "'timeToLive'?"),
        ({"trigger": {}, "zzz": 1}, "/zzz", ""),
    ],
)
def test_an_unknown_key_is_named_with_the_one_that_was_meant(value: Any, pointer: str, hint: str) -> None:
    assert told(value) == [(pointer, hint)]


@pytest.mark.parametrize(
    ("value", "pointer"),
    [
        ([], ""),
        (None, ""),
        ({}, "/trigger"),
        ({"trigger": "message"}, "/trigger"),
        ({"trigger": {"type": "webhook"}}, "/trigger/type"),
        ({"trigger": {"message": {"valid": "maybe"}}}, "/trigger/message/valid"),
        ({"trigger": {}, "times": "often"}, "/times"),
        ({"trigger": {}, "enabled": 1}, "/enabled"),
        ({"trigger": {}, "id": 7}, "/id"),
        ({"trigger": {}, "actions": {}}, "/actions"),
        ({"trigger": {}, "actions": [{"close": 4401}]}, "/actions/0/close"),
        ({"trigger": {}, "actions": [{"reply": {"base64": 1}}]}, "/actions/0/reply/base64"),
    ],
)
def test_a_value_of_the_wrong_type_is_told_where(value: Any, pointer: str) -> None:
    assert [each for each, _ in told(value)] == [pointer]


def test_all_that_is_wrong_is_told_at_once() -> None:
    value = {"trigger": {"typ": "open"}, "prio": 1, "actions": [{"close": {"code": "x"}}]}

    assert {pointer for pointer, _ in told(value)} == {"/trigger/typ", "/prio", "/actions/0/close/code"}


@pytest.mark.parametrize(
    ("keys", "code", "pointer"),
    [
        ({"id": ""}, "range", "/id"),
        ({"id": "x" * 201}, "range", "/id"),
        ({"times": 0}, "range", "/times"),
        ({"probability": 1.5}, "range", "/probability"),
        ({"timeToLive": "soon"}, "duration", "/timeToLive"),
        ({"when": "{{ 1 + }}"}, "template_syntax", "/when"),
        ({"when": "mesage.json"}, "template_unknown_name", "/when"),
        ({"trigger": {"message": {"body": {"matches": "("}}}}, "regex_syntax", "/trigger/message/body/matches"),
        (
            {"trigger": {"message": {"body": {"matchesJsonPath": "$[["}}}},
            "jsonpath_syntax",
            "/trigger/message/body/matchesJsonPath",
        ),
        (
            {"trigger": {"connection": {"headers": {"Origin": {"matches": "["}}}}},
            "regex_syntax",
            "/trigger/connection/headers/Origin/matches",
        ),
        ({"trigger": {"type": "interval"}}, "missing", "/trigger/every"),
        ({"trigger": {"type": "open", "every": "1s"}}, "misplaced", "/trigger/every"),
        ({"actions": [{"reply": {"text": "a"}}, {}]}, "one_action", "/actions/1"),
        ({"actions": [{"reply": {"json": {"a": ["{{ x }}"]}}}]}, "template_unknown_name", "/actions/0/reply/json/a/0"),
        ({"actions": [{"reply": {"text": "a", "json": 1}}]}, "one_payload", "/actions/0/reply"),
        ({"actions": [{"reply": {"base64": "ä"}}]}, "base64_syntax", "/actions/0/reply/base64"),
        ({"actions": [{"reply": {"file": "a.json"}}]}, "file_forbidden", "/actions/0/reply/file"),
        ({"actions": [{"close": {"code": 1006}}]}, "close_code", "/actions/0/close/code"),
        ({"actions": [{"delay": "2h"}]}, "delay_range", "/actions/0/delay"),
        (
            {"actions": [{"expect": {"else": [{"close": {"code": 1}}]}}]},
            "close_code",
            "/actions/0/expect/else/0/close/code",
        ),
    ],
)
def test_what_cannot_be_compiled_is_told_where(keys: dict[str, Any], code: str, pointer: str) -> None:
    assert refused(**keys) == (code, pointer)


def test_what_is_read_is_shown_as_it_was_written() -> None:
    value = {
        "id": "login",
        "priority": 1,
        "metadata": {"team": "web"},
        "trigger": {
            "channel": "chat",
            "message": {"body": {"matchesJsonPath": {"expression": "$.a", "contains": "b"}}},
        },
        "scenario": {"name": "s", "requiredState": "Started", "newState": "In"},
        "times": 2,
        "timeToLive": "60s",
        "actions": [
            {"reply": {"message": "Hello", "with": {"a": 1}}},
            {"remember": {"as": "who", "value": "{{ message.json }}"}},
            {"expect": {"within": "1s", "else": {"close": {"code": 4408}}}},
            {"send": {"to": {"group": "g", "except": "originating"}, "json": None}},
        ],
    }

    assert msgspec.to_builtins(read_expectation(value, "e1").model) == value


def test_ids_are_those_given_or_made_of_file_and_name_or_place() -> None:
    found = read_stub_file(
        {"expectations": [{"trigger": {}, "id": "a"}, {"trigger": {}, "name": "b"}, {"trigger": {}}]}, "f.yaml"
    )

    assert [each.id for each in found] == ["a", "f.yaml#b", "f.yaml#2"]


def test_two_expectations_of_one_id_are_refused() -> None:
    value = {"expectations": [{"trigger": {}, "id": "a"}, {"trigger": {}, "id": "a"}]}

    with pytest.raises(BadExpectation) as problem:
        read_stub_file(value, "f.yaml")

    assert (problem.value.code, problem.value.pointer) == ("duplicate_id", "/expectations/1/id")


def test_what_is_wrong_in_a_file_is_told_with_its_place_in_the_file() -> None:
    value = {"expectations": [{"trigger": {}, "actions": REPLY}, {"trigger": {}, "actions": [{"stream": {}}]}]}

    with pytest.raises(BadExpectation) as problem:
        read_stub_file(value, "f.yaml")

    assert (problem.value.code, problem.value.pointer) == ("one_payload", "/expectations/1/actions/0/stream")


@pytest.mark.parametrize(
    "value", [{"version": 2}, {"version": "1"}, {"credentials": {}}, {"expectations": {}}, [], None]
)
def test_a_stub_file_of_another_form_is_refused(value: Any) -> None:
    assert len(problems(value, StubFile)) == 1


def test_a_number_that_is_only_nearly_whole_is_told_with_its_place() -> None:
    _, [problem] = read_expectations({"expectations": [{"trigger": {}}, {"trigger": {}, "times": 1.0}]}, "f", no_files)

    assert (problem.code, problem.pointer) == ("does_not_fit", "/expectations/1/times")
    assert problem.message == "Expected `int`, got `float`"
