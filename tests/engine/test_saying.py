"""What a script says, and to whom."""

from pathlib import Path
from typing import Any

import pytest
from engines import GO, closed, command, connect, events, expecting, heard, numbers, reload, say, stub

from mockws.engine.events import Expect
from mockws.errors import BadExpectation
from mockws.expect.reading import read_stub_file


@pytest.mark.parametrize(
    ("saying", "number"),
    [
        ({"json": {"n": 1}}, 1),
        ({"text": '{"n": {{ message.json.n }}}'}, 4),
        ({"message": "Tick"}, 9),
        ({"message": "Tick", "example": "nine", "with": {"n": "{{ message.json.n + 1 }}"}}, 5),
        ({"json": {"n": "{{ message.json.n }}"}}, 4),
    ],
)
def test_reply_says_what_is_written(saying: Any, number: int) -> None:
    engine = expecting(stub({"reply": saying}))

    assert numbers(say(engine, "a", {"go": "x", "n": 4})) == [number]


def test_generated_message_is_no_example() -> None:
    engine = expecting(stub({"reply": {"message": "Tick", "generate": True}}))

    assert numbers(say(engine, "a", GO)) != [9]


@pytest.mark.parametrize("broken", [{"json": {"n": "{{ 'x' }}"}}, {"text": "{{ 'hello' }}"}])
def test_what_breaks_the_contract_is_not_said(broken: dict[str, Any]) -> None:
    outcome = say(expecting(stub({"reply": broken})), "a", GO)

    assert (heard(outcome), closed(outcome), events(outcome)[1]) == ([], [("a", 1011)], "fault")


@pytest.mark.parametrize(
    ("action", "pointer"),
    [
        ({"reply": {"json": {"n": "x"}}}, "/actions/0/reply/json"),
        ({"reply": {"text": "hello"}}, "/actions/0/reply/text"),
        ({"reply": {"base64": "AAE="}}, "/actions/0/reply/base64"),
        ({"send": {"to": "all", "json": {"n": "x"}}}, "/actions/0/send/json"),
        ({"stream": {"every": "1s", "sequence": [{"n": 1}, {"n": "x"}]}}, "/actions/0/stream/sequence/1"),
        ({"reply": {"message": "Tick", "with": {"n": "x"}}}, "/actions/0/reply/with"),
        ({"expect": {"else": {"reply": {"json": {}}}}}, "/actions/0/expect/else/0/reply/json"),
    ],
)
@pytest.mark.parametrize("on", [{}, {"channel": "load"}], ids=["anywhere", "there"])
def test_what_always_breaks_the_contract_is_refused_beforehand(action: Any, pointer: str, on: Any) -> None:
    engine = expecting()

    refused = command(engine, Expect(stub(action, on=on))).answer

    assert isinstance(refused, BadExpectation)
    assert (refused.code, refused.pointer) == ("breaks_the_contract", pointer)
    assert "validate: false" in refused.message
    assert engine.expected.book.rules == {}


@pytest.mark.parametrize(
    ("broken", "frame"), [({"json": {}}, {}), ({"text": "hello"}, "hello"), ({"base64": "AAE="}, b"\x00\x01")]
)
def test_contract_is_broken_on_purpose(broken: dict[str, Any], frame: Any) -> None:
    outcome = say(expecting(stub({"reply": {**broken, "validate": False}})), "a", GO)

    assert heard(outcome) == [("a", frame)]


def test_file_is_said_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "tick.json").write_text('{"n": 3}')
    written = {"expectations": [{"trigger": {}, "actions": [{"reply": {"file": "tick.json"}}]}]}
    engine = expecting()
    reload(engine, *read_stub_file(written, "stubs", lambda name: (tmp_path / name).read_bytes()))

    assert numbers(say(engine, "a", GO)) == [3]


def test_duplicate_comes_as_often_as_it_says() -> None:
    engine = expecting(stub({"reply": {"json": {"n": 1}, "duplicate": 3}}))

    assert numbers(say(engine, "a", GO)) == [1, 1, 1]


@pytest.mark.parametrize(
    ("to", "hearers"),
    [
        ("originating", "a"),
        ("others", "b"),
        ("channel", "ab"),
        ("all", "abc"),
        ({"connection": {"pathParameters": {"room": {"equalTo": "y"}}}}, "c"),
        ({"group": "vip"}, "a"),
        ({"group": "{{ message.json.go }}", "except": "originating"}, ""),
        ({"address": "/load/y"}, "c"),
        ({"channel": "load"}, "abc"),
        ({"channel": "load", "except": "originating"}, "bc"),
    ],
)
def test_send_reaches_whom_it_is_for(to: Any, hearers: str) -> None:
    engine = expecting(stub({"group": {"join": "vip"}}, {"send": {"to": to, "json": {"n": 1}}}), rooms="ab")
    connect(engine, "c", "/load/y")

    outcome = say(engine, "a", {"go": "vip"})

    assert "".join(sorted(name for name, _ in heard(outcome))) == hearers
    assert hearers or events(outcome)[-1] == "undelivered"
