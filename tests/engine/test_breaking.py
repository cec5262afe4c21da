"""Faults as the engine has them: what ends a connection, what goes on, and what a server has to be able to do."""

from typing import Any

import pytest
from engines import GO, accepted, command, connect, events, expecting, heard, leave, numbers, ring, say, says, stub

from mockws.engine.actions import Break, Close, HangUp, Neglect, SendInPieces, Write
from mockws.engine.events import Expect, FaultCommand, SetWeather, StubsReplaced
from mockws.errors import BadExpectation
from mockws.expect.faults import FAULTS, Power
from mockws.expect.model import FaultProfile, RawFrames
from mockws.expect.pieces import Pieces
from mockws.expect.profile import compile_profile

OPEN = {"type": "open", "channel": "load"}
ENDING = sorted(FAULTS.keys() - {"STALL", "NO_PONG", "NO_CLOSE_REPLY"})
LASTING = ("STALL", "NO_PONG", "NO_CLOSE_REPLY", {"frames": "00"})


@pytest.mark.parametrize("fault", ENDING)
def test_fault_ends_the_script_and_whatever_waits(fault: str) -> None:
    slow = stub({"delay": "1s"}, says(9), id="slow", times=1, priority=1)
    engine = expecting(slow, stub(says(1), {"fault": fault}, says(2)))
    say(engine, "a", GO)

    outcome = say(engine, "a", GO)

    assert (numbers(outcome), "a" in engine.world.connections) == ([1], False)
    assert isinstance(outcome.actions[1], HangUp | Break | Close)
    assert events(outcome)[-2:] == ["fault", "undelivered"]


@pytest.mark.parametrize("fault", LASTING)
def test_connection_goes_on_without_a_habit(fault: Any) -> None:
    engine = expecting(stub(says(1), {"fault": fault}, says(2)))

    outcome = say(engine, "a", GO)

    assert (numbers(outcome), "a" in engine.world.connections) == ([1, 2], True)
    assert outcome.actions[1] in (Neglect("a", str(fault)), Write("a", b"\x00"))
    assert "fault" in events(outcome)


def test_clients_answer_to_a_wrong_frame_is_its_own_close() -> None:
    engine = expecting(stub({"fault": "RESERVED_BIT"}))
    say(engine, "a", GO)

    (told,) = leave(engine, "a", code=1002).entries

    assert (told.event, told.code, told.note) == ("close", 1002, "by the client")


@pytest.mark.parametrize("fault", ["CONNECTION_RESET_BY_PEER", "ABNORMAL_CLOSE", "RANDOM_DATA_THEN_CLOSE"])
def test_what_needs_no_frame_stands_in_the_place_of_a_101(fault: str) -> None:
    engine = expecting(stub({"fault": fault}, on=OPEN), rooms="")

    (cut,) = connect(engine, "a", "/load/x").actions

    assert isinstance(cut, HangUp)
    assert len(cut.content) == (64 if fault == "RANDOM_DATA_THEN_CLOSE" else 0)


@pytest.mark.parametrize("fault", ["MALFORMED_FRAME", "NO_STATUS_CLOSE", "STALL", {"frames": "00"}])
def test_other_faults_come_right_after_the_101(fault: Any) -> None:
    engine = expecting(stub({"fault": fault}, on=OPEN), rooms="")

    outcome = connect(engine, "a", "/load/x")

    assert outcome.actions[0] == accepted(outcome)
    assert isinstance(outcome.actions[1], Break | Close | Neglect | Write)


def test_random_data_is_drawn_anew_for_each_connection() -> None:
    def drawn(seed: int) -> list[bytes]:
        engine = expecting(stub({"fault": "RANDOM_DATA_THEN_CLOSE"}), rooms="ab", seed=seed)
        outcomes = [say(engine, name, GO) for name in "ab"]
        return [each.content for outcome in outcomes for each in outcome.actions if isinstance(each, HangUp)]

    first, second = drawn(1)

    assert (drawn(1), first != second) == ([first, second], True)


@pytest.mark.parametrize(
    ("fault", "deed"),
    [
        ("MASKED_FRAME", Break("a", "MASKED_FRAME")),
        ("NO_STATUS_CLOSE", Close("a", 1005)),
        ("STALL", Neglect("a", "STALL")),
        (RawFrames("81 00"), Write("a", b"\x81\x00")),
    ],
)
def test_somebody_outside_has_all_faults(fault: Any, deed: Any) -> None:
    engine = expecting(stub({"delay": "1s"}, says(1)))
    say(engine, "a", GO)

    outcome = command(engine, FaultCommand("a", fault))

    goes_on = isinstance(deed, Neglect | Write)
    assert (outcome.answer, outcome.actions[0]) == (("a",), deed)
    assert events(outcome) == (["fault"] if goes_on else ["fault", "undelivered"])
    assert ("a" in engine.world.connections) is goes_on


# What a server has to be able to do


@pytest.mark.parametrize(
    ("power", "action", "pointer"),
    [
        (Power.MESSAGES, {"fault": "ABNORMAL_CLOSE"}, "/actions/0/fault"),
        (Power.SOCKETS, {"fault": "MALFORMED_FRAME"}, "/actions/0/fault"),
        (Power.SOCKETS, {"reply": {"json": {"n": 1}, "fragments": 2}}, "/actions/0/reply/fragments"),
        (
            Power.SOCKETS,
            {"reply": {"json": {"n": 1}, "chunkedDribbleDelay": {"numberOfChunks": 2, "totalDuration": 9}}},
            "/actions/0/reply/chunkedDribbleDelay",
        ),
        (Power.SOCKETS, {"expect": {"else": {"fault": "STALL"}}}, "/actions/0/expect/else/0/fault"),
    ],
)
def test_what_the_server_has_no_way_to_do_is_refused(power: Power, action: Any, pointer: str) -> None:
    engine = expecting()
    engine.world.power = power

    added = command(engine, Expect(stub(action))).answer
    of_files = engine.step(StubsReplaced((stub(action),))).answer

    assert isinstance(added, BadExpectation)
    assert isinstance(of_files, BadExpectation)
    assert [(each.code, each.pointer) for each in (added, of_files)] == [("not_possible_here", pointer)] * 2
    assert not engine.expected.book.rules


def test_what_the_server_can_do_is_not() -> None:
    engine = expecting()
    engine.world.power = Power.SOCKETS

    assert not isinstance(command(engine, Expect(stub({"fault": "RANDOM_DATA_THEN_CLOSE"}))).answer, Exception)


def test_profiles_and_faults_from_outside_are_refused_there_too() -> None:
    engine = expecting()
    engine.world.power = Power.MESSAGES
    profile = compile_profile(FaultProfile(fault="ABNORMAL_CLOSE"))

    answers = [
        command(engine, wanted).answer for wanted in (SetWeather("load", profile), FaultCommand("a", "ABNORMAL_CLOSE"))
    ]

    assert [each.pointer for each in answers] == ["/fault", "/fault"]
    assert "a" in engine.world.connections


# Messages in pieces


def test_message_in_pieces_is_said_so_to_each() -> None:
    dribble = {"numberOfChunks": 5, "totalDuration": "1s"}
    engine = expecting(
        stub({"send": {"to": "channel", "json": {"n": 1}, "fragments": 3, "chunkedDribbleDelay": dribble}}), rooms="ab"
    )

    outcome = say(engine, "a", GO)

    assert outcome.actions == (SendInPieces(("a", "b"), '{"n":1}', Pieces(3, 5, 1.0)),)
    assert [each.event for each in outcome.entries[1:]] == ["message", "message"]


def late(number: int) -> dict[str, Any]:
    return {"reply": {"json": {"n": number}, "reorder": True}}


@pytest.mark.parametrize(
    ("script", "order"),
    [
        ([late(1), says(2), says(3)], [2, 1, 3]),
        ([late(1), late(2), says(3)], [3, 1, 2]),
        ([says(1), late(2)], [1, 2]),
        ([late(1), {"setState": {"scenario": "s", "state": "B"}}, says(2)], [2, 1]),
    ],
)
def test_what_is_to_be_overtaken_comes_after_what_is_said_next(script: list[Any], order: list[int]) -> None:
    assert numbers(say(expecting(stub(*script)), "a", GO)) == order


def test_what_is_to_be_overtaken_comes_before_a_close() -> None:
    outcome = say(expecting(stub(late(1), {"close": {}}, late(2))), "a", GO)

    assert numbers(outcome) == [1]


def test_what_is_to_be_overtaken_waits_as_long_as_what_comes_next() -> None:
    engine = expecting(stub(late(1), {"delay": "1s"}, says(2)))

    waiting = say(engine, "a", GO)

    assert (heard(waiting), numbers(ring(engine, waiting, at=1.0))) == ([], [2, 1])
