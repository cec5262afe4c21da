"""What somebody outside does to connections, whatever is expected."""

import pytest
from engines import GO, closed, command, events, expecting, leave, says, stub
from engines import say as client_says

from mockws.engine.actions import HangUp, Ping
from mockws.engine.events import CloseCommand, FaultCommand, NotDone, PingCommand, Ponged
from mockws.errors import BadExpectation

SLOW = stub({"delay": "1s"}, says(1))


def test_close_reaches_those_who_are_there() -> None:
    engine = expecting(rooms="ab")

    outcome = command(engine, CloseCommand(("a", "z", "a"), 4000, "bye"))

    assert (outcome.answer, closed(outcome), set(engine.world.connections)) == (("a",), [("a", 4000)], {"b"})


def test_close_drops_what_is_pending_and_its_end_has_a_cause() -> None:
    engine = expecting(SLOW)
    client_says(engine, "a", GO)

    outcome = command(engine, CloseCommand(("a",)))

    assert [(each.event, each.cause) for each in outcome.entries] == [("undelivered", "admin")]
    assert leave(engine, "a", by_client=False).entries[0].cause == "admin"


def test_fault_hangs_up() -> None:
    engine = expecting(SLOW)
    client_says(engine, "a", GO)

    outcome = command(engine, FaultCommand("a", "CONNECTION_RESET_BY_PEER"))

    assert (outcome.answer, outcome.actions[0], events(outcome)) == (
        ("a",),
        HangUp("a", reset=True),
        ["fault", "undelivered"],
    )
    assert command(engine, FaultCommand("a", "ABNORMAL_CLOSE")).answer == ()


@pytest.mark.parametrize(
    ("asked", "code"),
    [(FaultCommand("a", "abnormal_close"), "unknown_fault"), (CloseCommand(("a",), 1006), "close_code")],
)
def test_what_cannot_be_done_is_said(asked: FaultCommand | CloseCommand, code: str) -> None:
    outcome = command(expecting(), asked)

    assert isinstance(outcome.answer, BadExpectation)
    assert (outcome.answer.code, outcome.actions) == (code, ())


def test_long_reason_is_cut_to_what_a_close_frame_holds() -> None:
    outcome = command(expecting(), CloseCommand(("a",), 1000, "é" * 100))

    assert outcome.answer == ("a",)


def test_ping_is_answered_by_its_pong_once() -> None:
    engine = expecting()

    asked = command(engine, PingCommand("a"))
    ping = next(each for each in asked.actions if isinstance(each, Ping))
    answered = [engine.step(Ponged("a", ping.payload)) for _ in range(2)]

    assert (asked.answer, asked.entries[0].event, asked.entries[0].cause) == (("a",), "ping", "admin")
    assert [[(each.event, each.direction) for each in one.entries] for one in answered] == [[("pong", "in")], []]
    assert command(engine, PingCommand("z")).answer == ()


def test_pong_answers_the_pings_before_it_too() -> None:
    engine = expecting()
    payloads = [
        each.payload for _ in range(3) for each in command(engine, PingCommand("a")).actions if isinstance(each, Ping)
    ]

    answered = [events(engine.step(Ponged("a", payload))) for payload in (payloads[1], payloads[0], payloads[2], b"")]

    assert answered == [["pong"], [], ["pong"], []]


def test_pings_that_nobody_answers_do_not_pile_up() -> None:
    engine = expecting()
    for _ in range(150):
        command(engine, PingCommand("a"))

    assert len(engine.world.connections["a"].pings) == 100


def test_what_the_server_cannot_do_is_journalled() -> None:
    outcome = expecting().step(NotDone("a", "ping a client"))

    assert [(each.event, each.connection) for each in outcome.entries] == [("fault", "a")]
    assert "cannot ping a client" in outcome.entries[0].note
