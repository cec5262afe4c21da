"""What is read is written back the same, and a key that is not known is refused where it stands."""

from typing import Any

import msgspec
import pytest

from mockws.expect.model import Expectation, Matching, StubFile, wire_name
from mockws.schema.schema import Draft, Schema

SCHEMA = Schema(msgspec.json.schema(Expectation), draft=Draft.D2020)
FULL: dict[str, Any] = {
    "id": "join-ok",
    "name": "Join is confirmed",
    "priority": 1,
    "enabled": False,
    "metadata": {"team": "web"},
    "trigger": {
        "type": "close",
        "channel": "chat",
        "connection": {"pathParameters": {"room": {"equalTo": "lobby"}}, "subprotocol": "v1", "group": "g"},
        "close": {"code": 1001, "clean": True, "by": "client"},
    },
    "scenario": {"name": "login", "requiredState": "Started", "newState": "In", "scope": "global"},
    "times": 1,
    "timeToLive": "60s",
    "probability": 0.5,
    "when": "{{ counter > 1 }}",
    "actions": [
        {"reply": {"message": "A", "example": "ok", "with": {"a": None}}},
        {"send": {"json": None, "to": {"group": "x", "except": "originating"}, "template": False}},
        {"send": {"text": "", "to": "others", "validate": False, "duplicate": 2}},
        {"delay": 200},
        {"delay": {"type": "lognormal", "median": "80ms", "sigma": 0.4}},
        {"stream": {"name": "ticks", "every": "1s", "sequence": [1, None], "reorder": True}},
        {"stop": "ticks"},
        {"setState": {"scenario": "login", "state": "In"}},
        {"group": {"join": "a"}},
        {"remember": {"as": "a", "value": None}},
        {"expect": {"message": {"name": "Ack"}, "within": "2s", "else": {"close": {"code": 4408}}}},
        {"expect": {"else": [{"stop": "a"}, {"reply": {"base64": ""}}]}},
        {"close": {"code": 4401, "reason": "expired"}},
        {"ping": {"every": "5s"}},
        {"fault": "ABNORMAL_CLOSE"},
        {"reject": {"status": 401, "headers": {"A": "b"}, "json": {}}},
        {"accept": {"subprotocol": "v1", "headers": {"Set-Cookie": "a=b"}}},
        {"subprotocol": "v1"},
    ],
}
MATCHERS: dict[str, Any] = {
    "equalTo": 9007199254740993,
    "caseInsensitive": True,
    "contains": "a",
    "doesNotContain": "b",
    "matches": "c",
    "doesNotMatch": "d",
    "equalToJson": None,
    "ignoreArrayOrder": True,
    "ignoreExtraElements": True,
    "matchesJsonPath": {"expression": "$.a", "equalTo": False},
    "matchesJsonSchema": False,
    "binaryEqualTo": "",
    "absent": False,
    "greaterThanNumber": 9007199254740993,
    "lessThanNumber": 1.5,
    "equalToNumber": 0,
    "before": "2025-01-01",
    "after": "2025-01-01",
    "equalToDateTime": "2025-01-01",
    "and": [{"equalTo": 1.5}, {"matchesJsonPath": "$.b"}],
    "or": [{"equalTo": True}],
    "not": {"equalTo": ""},
}


def with_body(body: dict[str, Any]) -> dict[str, Any]:
    return {"trigger": {"message": {"valid": "any", "body": body}}}


@pytest.mark.parametrize(
    "written", [FULL, {"trigger": {}}, with_body(MATCHERS), with_body({}), with_body({"equalTo": 5})]
)
def test_what_is_read_is_written_back_the_same(written: dict[str, Any]) -> None:
    model = msgspec.convert(written, Expectation)

    back = msgspec.to_builtins(model)
    assert back == written
    assert msgspec.json.encode(model) == msgspec.json.encode(msgspec.convert(back, Expectation))
    assert msgspec.convert(back, Expectation) == model


@pytest.mark.parametrize("written", [FULL, with_body(MATCHERS)])
def test_schema_takes_what_the_model_takes(written: dict[str, Any]) -> None:
    assert SCHEMA.violations(written) == ()


def test_defaults_are_not_shown() -> None:
    model = msgspec.convert({"trigger": {"type": "message"}, "priority": 5, "metadata": {}}, Expectation)

    assert msgspec.to_builtins(model) == {"trigger": {}}


def test_numbers_keep_their_kind() -> None:
    matching = msgspec.convert({"equalTo": 5, "equalToNumber": 5}, Matching)

    assert msgspec.json.encode(matching) == b'{"equalTo":5,"equalToNumber":5}'


@pytest.mark.parametrize(
    ("written", "pointer"),
    [
        ({"trigger": {}, "prioritty": 1}, "/prioritty"),
        ({"trigger": {"chanel": "a"}}, "/trigger/chanel"),
        (with_body({"equalsTo": "a"}), "/trigger/message/body/equalsTo"),
        ({"trigger": {"connection": {"headers": {"A": {"is": 1}}}}}, "/trigger/connection/headers/A/is"),
        ({"trigger": {}, "actions": [{"record": {}}]}, "/actions/0/record"),
        ({"trigger": {}, "actions": [{"fault": {"name": "x"}}]}, "/actions/0/fault/name"),
        ({"trigger": {}, "actions": [{"reply": {"jsn": 1}}]}, "/actions/0/reply/jsn"),
        ({"trigger": {}, "actions": [{"reply": {"text": "a", "to": "all"}}]}, "/actions/0/reply/to"),
        ({"trigger": {"type": "webhook"}}, "/trigger/type"),
        ({"trigger": {}, "times": "once"}, "/times"),
        ({}, "/trigger"),
    ],
)
def test_what_is_not_known_is_refused_where_it_stands(written: dict[str, Any], pointer: str) -> None:
    assert pointer in [each.pointer for each in SCHEMA.violations(written)]
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(written, Expectation)


def test_stub_file_has_a_version() -> None:
    assert msgspec.convert({"expectations": [{"trigger": {}}]}, StubFile).version == 1
    with pytest.raises(msgspec.ValidationError, match="version"):
        msgspec.convert({"version": 2}, StubFile)


def test_fields_are_written_in_the_manner_of_json() -> None:
    assert [wire_name(name) for name in ("path_parameters", "not_", "id")] == ["pathParameters", "not", "id"]
