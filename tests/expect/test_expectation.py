"""An expectation is compiled as a whole, or refused with a code and the pointer of what is wrong."""

from typing import Any

import msgspec
import pytest
from msgspec import UNSET

from mockws.errors import BadExpectation
from mockws.expect.expectation import (
    Compiled,
    Facts,
    compile_connection,
    compile_expectation,
    compile_message,
)
from mockws.expect.matchers import Subject
from mockws.expect.model import ConnectionMatching, Expectation, MessageMatching

FILES = {"a.json": b'{"a": 1}', "b.bin": b"\xff\x00"}
ADA = Facts(
    id="c-1",
    path_parameters={"room": "lobby"},
    query_parameters={"token": "t-1"},
    headers={"origin": "http://localhost:1"},
    cookies={},
    subprotocol="chat.v1",
    groups=frozenset({"admins"}),
)


def read_file(name: str) -> bytes:
    if name not in FILES:
        raise BadExpectation("file_missing", f"there is no {name}", "")
    return FILES[name]


def compiled(*actions: Any, trigger: Any = None, **more: Any) -> Compiled:
    written = {"trigger": trigger or {}, "actions": list(actions), **more}
    return compile_expectation(msgspec.convert(written, Expectation), "e", "/e", read_file)


def refusal(*actions: Any, trigger: Any = None, **more: Any) -> tuple[str, str]:
    with pytest.raises(BadExpectation) as caught:
        compiled(*actions, trigger=trigger, **more)
    return caught.value.code, caught.value.pointer


def connection_told(**written: Any) -> list[tuple[str, str, str]]:
    matcher = compile_connection(msgspec.convert(written, ConnectionMatching), "")
    assert matcher is not None
    return [(each.pointer, each.expected, each.actual) for each in matcher.differences(ADA)]


def message_told(
    frame: str | bytes, *names: str, written: dict[str, Any], valid: bool = True
) -> list[tuple[str, str, str]]:
    matcher = compile_message(msgspec.convert(written, MessageMatching), "")
    assert matcher is not None
    found = matcher.differences(Subject.of_frame(frame), frozenset(names), valid=valid)
    return [(each.pointer, each.expected, each.actual) for each in found]


def test_expectation_is_ready_to_run() -> None:
    ready = compiled(
        {"reply": {"text": "{{ message.text }}"}},
        trigger={"type": "interval", "every": "1.5s", "connection": {"group": "a"}},
        timeToLive="2m",
        when="counter > 1",
    )

    assert (ready.id, ready.every, ready.time_to_live, ready.trigger.type) == ("e", 1.5, 120, "interval")
    assert ready.script[0].text is not None
    assert ready.when is not None
    assert ready.when({"counter": 2})


def test_what_is_not_asked_is_not_compiled() -> None:
    ready = compiled()

    assert (ready.connection, ready.message, ready.when, ready.script, ready.time_to_live) == (
        None,
        None,
        None,
        (),
        None,
    )
    assert (compile_connection(UNSET, ""), compile_message(UNSET, "")) == (None, None)


@pytest.mark.parametrize(
    ("trigger", "code", "pointer"),
    [
        ({"type": "interval"}, "missing", "/every"),
        ({"type": "idle"}, "missing", "/after"),
        ({"type": "named"}, "missing", "/name"),
        ({"type": "idle", "after": "1s", "every": "1s"}, "misplaced", "/every"),
        ({"type": "interval", "every": "1s", "after": "1s"}, "misplaced", "/after"),
        ({"type": "message", "name": "x"}, "misplaced", "/name"),
        ({"type": "open", "message": {}}, "misplaced", "/message"),
        ({"type": "open", "close": {}}, "misplaced", "/close"),
        ({"type": "named", "name": "x", "connection": {}}, "misplaced", "/connection"),
        ({"channel": "a", "operation": "b"}, "one_key", "/operation"),
        ({"type": "interval", "every": "9ms"}, "range", "/every"),
        ({"type": "idle", "after": 0}, "range", "/after"),
        ({"type": "idle", "after": "soon"}, "duration", "/after"),
        ({"type": "interval", "every": "2h"}, "delay_range", "/every"),
        ({"connection": {"headers": {"X/Y": {"matches": "("}}}}, "regex_syntax", "/connection/headers/X~1Y/matches"),
        ({"message": {"body": {"matches": "("}}}, "regex_syntax", "/message/body/matches"),
    ],
)
def test_trigger_that_cannot_be_is_refused(trigger: dict[str, Any], code: str, pointer: str) -> None:
    assert refusal(trigger=trigger) == (code, f"/e/trigger{pointer}")


@pytest.mark.parametrize(
    ("limits", "code", "pointer"),
    [
        ({"times": 0}, "range", "/times"),
        ({"probability": 1.1}, "range", "/probability"),
        ({"probability": float("nan")}, "range", "/probability"),
        ({"timeToLive": "1d"}, "duration", "/timeToLive"),
        ({"timeToLive": -1}, "duration", "/timeToLive"),
        ({"when": "mesage"}, "template_unknown_name", "/when"),
    ],
)
def test_limit_that_cannot_be_is_refused(limits: dict[str, Any], code: str, pointer: str) -> None:
    assert refusal(**limits) == (code, f"/e{pointer}")


@pytest.mark.parametrize(
    ("action", "code", "pointer"),
    [
        ({}, "one_action", ""),
        ({"delay": 1, "stop": "x"}, "one_action", ""),
        ({"reply": {}}, "one_payload", "/reply"),
        ({"reply": {"text": "a", "json": 1}}, "one_payload", "/reply"),
        ({"send": {"base64": "", "file": "a.json"}}, "one_payload", "/send"),
        ({"stream": {"message": "A", "sequence": [1]}}, "one_payload", "/stream"),
        ({"reply": {"text": "a", "duplicate": 0}}, "range", "/reply/duplicate"),
        ({"reply": {"text": "a", "duplicate": 101}}, "range", "/reply/duplicate"),
        ({"reply": {"text": "a", "example": "b"}}, "misplaced", "/reply/example"),
        ({"reply": {"json": 1, "generate": True}}, "misplaced", "/reply/generate"),
        ({"reply": {"json": {}, "with": {"a": 1}}}, "misplaced", "/reply/with"),
        ({"reply": {"json": {"a": object()}}}, "json_value", "/reply/json"),
        ({"reply": {"json": {"a": ["{{ x }}"]}}}, "template_unknown_name", "/reply/json/a/0"),
        ({"reply": {"message": "A", "with": {"a": "{{ x }}"}}}, "template_unknown_name", "/reply/with/a"),
        ({"reply": {"base64": "é"}}, "base64_syntax", "/reply/base64"),
        ({"reply": {"base64": "A"}}, "base64_syntax", "/reply/base64"),
        ({"reply": {"file": "{{ message.text }}"}}, "path_template_forbidden", "/reply/file"),
        ({"reply": {"file": "{% if 1 %}a{% endif %}"}}, "path_template_forbidden", "/reply/file"),
        ({"reply": {"file": "c.json"}}, "file_missing", "/reply/file"),
        ({"send": {"text": "a", "to": {"group": "a", "address": "/b"}}}, "one_key", "/send/to"),
        ({"send": {"text": "a", "to": {"group": "{{ x }}"}}}, "template_unknown_name", "/send/to/group"),
        (
            {"send": {"text": "a", "to": {"connection": {"cookies": {"a": {"matches": "("}}}}}},
            "regex_syntax",
            "/send/to/connection/cookies/a/matches",
        ),
        ({"delay": "soon"}, "duration", "/delay"),
        ({"delay": -1}, "duration", "/delay"),
        ({"delay": "61m"}, "delay_range", "/delay"),
        ({"delay": {"type": "uniform", "lower": 1}}, "missing", "/delay/upper"),
        ({"delay": {"type": "uniform", "lower": 3, "upper": 2}}, "range", "/delay/lower"),
        ({"delay": {"type": "uniform", "lower": 1, "upper": "2h"}}, "delay_range", "/delay/upper"),
        ({"delay": {"type": "lognormal", "median": 1}}, "missing", "/delay/sigma"),
        ({"delay": {"type": "lognormal", "median": 1, "sigma": -1}}, "range", "/delay/sigma"),
        ({"delay": {"type": "lognormal", "median": 1, "sigma": float("nan")}}, "range", "/delay/sigma"),
        ({"delay": {"type": "fixed"}}, "missing", "/delay/value"),
        ({"delay": {"type": "fixed", "value": 1, "lower": 1}}, "misplaced", "/delay/lower"),
        ({"stream": {"text": "a"}}, "missing", "/stream/every"),
        ({"stream": {"text": "a", "every": "x"}}, "duration", "/stream/every"),
        ({"stream": {"text": "a", "count": 0}}, "range", "/stream/count"),
        ({"group": {}}, "one_key", "/group"),
        ({"group": {"join": "a", "leave": "b"}}, "one_key", "/group"),
        ({"group": {"leave": "{{ x }}"}}, "template_unknown_name", "/group/leave"),
        ({"remember": {"as": "a", "value": ["{{ x }}"]}}, "template_unknown_name", "/remember/value/0"),
        ({"expect": {"within": "x"}}, "duration", "/expect/within"),
        ({"expect": {"message": {"body": {"matches": "("}}}}, "regex_syntax", "/expect/message/body/matches"),
        ({"expect": {"else": {}}}, "one_action", "/expect/else/0"),
        ({"expect": {"else": [{"stop": "a"}, {"close": {"code": 1}}]}}, "close_code", "/expect/else/1/close/code"),
        ({"close": {"reason": "é" * 62}}, "close_reason_length", "/close/reason"),
        ({"close": {"reason": "{{ x }}"}}, "template_unknown_name", "/close/reason"),
        ({"stream": {"sequence": [1, {"a": "{{ x }}"}]}}, "template_unknown_name", "/stream/sequence/1/a"),
        ({"reject": {}}, "misplaced", "/reject"),
        ({"accept": {}}, "misplaced", "/accept"),
        ({"subprotocol": "a"}, "misplaced", "/subprotocol"),
        ({"fault": "STALLED"}, "unknown_fault", "/fault"),
        ({"fault": {"frames": "8g"}}, "hex_syntax", "/fault/frames"),
        ({"fault": {"frames": ""}}, "range", "/fault/frames"),
        ({"fault": {"frames": "00" * 65537}}, "range", "/fault/frames"),
        ({"reply": {"text": "a", "fragments": 0}}, "range", "/reply/fragments"),
        (
            {"reply": {"text": "a", "chunkedDribbleDelay": {"numberOfChunks": 1, "totalDuration": "1s"}}},
            "range",
            "/reply/chunkedDribbleDelay/numberOfChunks",
        ),
        (
            {"send": {"text": "a", "chunkedDribbleDelay": {"numberOfChunks": 2, "totalDuration": "soon"}}},
            "duration",
            "/send/chunkedDribbleDelay/totalDuration",
        ),
        ({"ping": {"every": "9ms"}}, "range", "/ping/every"),
        ({"ping": {"every": "often"}}, "duration", "/ping/every"),
    ],
)
def test_action_that_cannot_be_is_refused(action: dict[str, Any], code: str, pointer: str) -> None:
    assert refusal({"stop": "x"}, action) == (code, f"/e/actions/1{pointer}")


@pytest.mark.parametrize(
    ("written", "code", "pointer"),
    [
        ({"status": 199}, "range", "/status"),
        ({"status": 600}, "range", "/status"),
        ({"json": 1, "text": "a"}, "one_payload", "/text"),
        ({"text": "{{ x }}"}, "template_unknown_name", "/text"),
        ({"status": 101}, "range", "/status"),
        ({"headers": {"X Y": "a"}}, "header_syntax", "/headers/X Y"),
        ({"headers": {"X": "a\r\nY: b"}}, "header_syntax", "/headers/X"),
        ({"headers": {"Content-Length": "5"}}, "header_reserved", "/headers/Content-Length"),
        ({"headers": {"X": "{{ x }}"}}, "template_unknown_name", "/headers/X"),
        ({"json": ["{{ x }}"]}, "template_unknown_name", "/json/0"),
        ({"json": object()}, "json_value", "/json"),
    ],
)
def test_refusal_that_http_cannot_say_is_refused(written: dict[str, Any], code: str, pointer: str) -> None:
    assert refusal({"reject": written}, trigger={"type": "open"}) == (code, f"/e/actions/0/reject{pointer}")


@pytest.mark.parametrize(
    ("written", "code", "pointer"),
    [
        ({"headers": {"Upgrade": "a"}}, "header_reserved", "/headers/Upgrade"),
        ({"headers": {"Sec-WebSocket-Protocol": "a"}}, "header_reserved", "/headers/Sec-WebSocket-Protocol"),
        ({"headers": {"X": "\n"}}, "header_syntax", "/headers/X"),
        ({"subprotocol": "a b"}, "header_syntax", "/subprotocol"),
    ],
)
def test_101_that_cannot_be_is_refused(written: dict[str, Any], code: str, pointer: str) -> None:
    assert refusal({"accept": written}, trigger={"type": "open"}) == (code, f"/e/actions/0/accept{pointer}")


@pytest.mark.parametrize(
    "script",
    [
        [{"stop": "x"}, {"reject": {}}],
        [{"delay": 1}, {"stop": "x"}, {"accept": {}}],
        [{"accept": {}}, {"subprotocol": "a"}],
        [{"expect": {"else": {"reject": {}}}}],
        [{"fault": "ABNORMAL_CLOSE"}, {"reject": {}}],
    ],
)
def test_answer_to_a_handshake_comes_first_and_once(script: list[Any]) -> None:
    code, pointer = refusal(*script, trigger={"type": "open"})

    assert (code, pointer.rpartition("/")[2]) == (
        "misplaced",
        next(iter(script[-1].get("expect", {}).get("else", script[-1]))),
    )


def test_fault_that_is_not_known_is_told_those_that_are() -> None:
    with pytest.raises(BadExpectation) as caught:
        compiled({"fault": "abnormal_close"})

    assert "did you mean ABNORMAL_CLOSE" in caught.value.message
    assert "CONNECTION_RESET_BY_PEER" in caught.value.message


@pytest.mark.parametrize("trigger", [{"type": "named", "name": "x"}, {"type": "close"}])
@pytest.mark.parametrize(
    "action",
    [
        {"reply": {"text": "a"}},
        {"expect": {}},
        {"group": {"join": "a"}},
        {"remember": {"as": "a", "value": 1}},
        {"close": {}},
        {"fault": "ABNORMAL_CLOSE"},
        {"ping": {}},
    ],
)
def test_without_a_connection_nobody_is_answered(trigger: dict[str, Any], action: dict[str, Any]) -> None:
    assert refusal(action, trigger=trigger) == ("misplaced", f"/e/actions/0/{next(iter(action))}")


@pytest.mark.parametrize("trigger", [{"type": "named", "name": "x"}, {"type": "close"}])
@pytest.mark.parametrize(
    "action", [{"send": {"text": "a", "to": "originating"}}, {"stream": {"text": "a", "count": 1}}]
)
def test_without_a_connection_nobody_is_the_originator(trigger: dict[str, Any], action: dict[str, Any]) -> None:
    assert refusal(action, trigger=trigger) == ("misplaced", f"/e/actions/0/{next(iter(action))}/to")


@pytest.mark.parametrize("to", ["others", "all", {"group": "a", "except": "originating"}])
def test_without_a_connection_others_are_spoken_to(to: Any) -> None:
    assert compiled({"send": {"text": "a", "to": to}}, trigger={"type": "close"}).script


@pytest.mark.parametrize("code", [1000, 1003, 1007, 1014, 3000, 4999])
def test_code_that_can_be_sent_is_taken(code: int) -> None:
    assert compiled({"close": {"code": code}}).script[0].action.code == code


@pytest.mark.parametrize("code", [0, 999, 1004, 1005, 1006, 1015, 2999, 5000])
def test_code_that_cannot_be_sent_is_refused(code: int) -> None:
    assert refusal({"close": {"code": code}}) == ("close_code", "/e/actions/0/close/code")


def test_script_has_a_bound() -> None:
    steps: list[dict[str, Any]] = [{"stop": "x"}] * 101

    assert refusal(*steps) == ("too_many", "/e/actions")
    assert refusal({"expect": {"else": steps}}) == ("too_many", "/e/actions/0/expect/else")


@pytest.mark.parametrize(
    ("written", "frame"),
    [({"file": "a.json"}, '{"a": 1}'), ({"file": "b.bin"}, b"\xff\x00"), ({"base64": "AQI="}, b"\x01\x02")],
)
def test_payload_is_read_when_it_is_added(written: dict[str, Any], frame: str | bytes) -> None:
    assert compiled({"reply": written}).script[0].frame == frame


def test_files_are_for_stub_files_only() -> None:
    model = msgspec.convert({"trigger": {}, "actions": [{"reply": {"file": "/etc/passwd"}}]}, Expectation)

    with pytest.raises(BadExpectation) as caught:
        compile_expectation(model, "e")
    assert (caught.value.code, caught.value.pointer) == ("file_forbidden", "/actions/0/reply/file")


def test_templates_can_be_switched_off() -> None:
    (step,) = compiled({"send": {"text": "{{ x() }}", "to": {"group": "{{"}, "template": False}}).script

    assert (step.text, step.group) == (None, None)


def test_long_reason_of_a_template_is_cut_later() -> None:
    (step,) = compiled({"close": {"reason": "{{ message.text }}" + "x" * 123}}).script

    assert step.text is not None
    assert step.text({"message": {"text": "a"}}) == "a" + "x" * 123


def test_steps_know_their_durations() -> None:
    script = compiled({"delay": "250ms"}, {"expect": {}}, {"stream": {"text": "a", "every": 100}}).script

    assert [step.seconds for step in script] == [0.25, 5, 0.1]


@pytest.mark.parametrize(
    ("written", "differences"),
    [
        ({}, []),
        ({"id": "c-1", "subprotocol": "chat.v1", "group": "admins"}, []),
        ({"pathParameters": {"room": {"equalTo": "lobby"}}, "headers": {"Origin": {"contains": "localhost"}}}, []),
        ({"cookies": {"a": {"absent": True}}, "queryParameters": {"token": {"matches": "^t-"}}}, []),
        ({"id": "c-2"}, [("/connection/id", "c-2", "c-1")]),
        ({"group": "users"}, [("/connection/group", "users", "admins")]),
        ({"subprotocol": "v2"}, [("/connection/subprotocol", "v2", "chat.v1")]),
        ({"cookies": {"a": {"equalTo": "b"}}}, [("/connection/cookies/a", "equal to b", "nothing")]),
        ({"headers": {"Origin": {"absent": True}}}, [("/connection/headers/Origin", "nothing", "http://localhost:1")]),
        ({"pathParameters": {"room": {"equalTo": "x"}}}, [("/connection/pathParameters/room", "equal to x", "lobby")]),
        (
            {"queryParameters": {"token": {"equalTo": "x"}}},
            [("/connection/queryParameters/token", "equal to x", "t-1")],
        ),
    ],
)
def test_connection_is_told_by_its_handshake(written: dict[str, Any], differences: Any) -> None:
    assert connection_told(**written) == differences


@pytest.mark.parametrize(
    ("written", "valid", "differences"),
    [
        ({}, True, []),
        ({"name": "Join", "type": "text", "valid": True, "body": {"contains": "a"}}, True, []),
        ({"valid": "any"}, False, []),
        ({"valid": False}, False, []),
        ({"valid": False}, True, [("/message/valid", "false", "true")]),
        ({}, False, [("/message/valid", "true", "false")]),
        ({"name": "Leave"}, True, [("/message/name", "Leave", "Join")]),
        ({"type": "binary"}, True, [("/message/type", "binary", "text")]),
        ({"body": {"equalToJson": {"a": 2}}}, True, [("/message/body/a", "2", "1")]),
    ],
)
def test_message_is_told_by_the_document_and_its_body(written: dict[str, Any], valid: bool, differences: Any) -> None:
    assert message_told('{"a":1}', "Join", "JoinRoom", valid=valid, written=written) == differences


def test_message_that_the_document_does_not_know_has_no_name() -> None:
    assert message_told(b"\x00", written={"name": "Join", "type": "text"}) == [
        ("/message/name", "Join", "no message of the document"),
        ("/message/type", "text", "binary"),
    ]
