"""Weather: latency and faults over whatever is said on a channel; what one connection hears keeps its order."""

from typing import Any

import msgspec
import pytest
from engines import (
    GO,
    closed,
    command,
    connect,
    events,
    expecting,
    heard,
    leave,
    numbers,
    ring,
    say,
    says,
    stub,
    timers,
)

from mockws.engine.actions import Break, CancelTimer, HangUp, Neglect, Outcome, Send, SendInPieces, Write
from mockws.engine.engine import Engine
from mockws.engine.events import ClearWeather, Reset, SetWeather, Stopping, TimerFired
from mockws.errors import BadExpectation
from mockws.expect.model import FaultProfile
from mockws.expect.pieces import Pieces
from mockws.expect.profile import compile_profile

CLOSE = {"close": {"code": 4000}}


def under(engine: Engine, channel: str = "load", at: float = 0.0, **profile: Any) -> Engine:
    model = msgspec.convert(profile, FaultProfile)
    command(engine, SetWeather(channel, compile_profile(model)), at)
    return engine


def cut_off(outcome: Outcome) -> list[str]:
    return [each.connection for each in outcome.actions if isinstance(each, HangUp)]


def test_latency_holds_back_what_is_said() -> None:
    engine = under(expecting(stub(says(1))), latency="200ms")

    waiting = say(engine, "a", GO)

    assert (timers(waiting), numbers(waiting)) == ([0.2], [])
    assert numbers(ring(engine, waiting, at=0.2)) == [1]


def test_what_comes_after_waits_behind_it_a_close_too() -> None:
    engine = under(expecting(stub(says(1), says(2), CLOSE)), latency="200ms")

    late = ring(engine, say(engine, "a", GO), at=0.2)

    assert (numbers(late), closed(late)) == ([1, 2], [("a", 4000)])


def test_what_is_said_later_comes_later() -> None:
    engine = under(expecting(stub(says("{{ message.json.n }}"))), latency="200ms")
    first = say(engine, "a", {"go": "on", "n": 1}, at=0.0)
    say(engine, "a", {"go": "on", "n": 2}, at=0.1)

    one = ring(engine, first, at=0.2)
    other = ring(engine, one, at=0.3)

    assert (numbers(one), numbers(other)) == ([1], [2])
    assert timers(one) == pytest.approx([0.1])


def test_a_shorter_delay_does_not_overtake_a_longer_one() -> None:
    engine = under(expecting(stub(says("{{ message.json.n }}"))), latency="1s")
    first = say(engine, "a", {"go": "on", "n": 1})
    under(engine, latency="1ms")

    assert numbers(say(engine, "a", {"go": "on", "n": 2})) == []
    assert numbers(ring(engine, first, at=1.0)) == [1, 2]


def test_other_channels_have_fair_weather() -> None:
    engine = under(expecting(stub(says(1))), channel="other", latency="200ms")

    assert numbers(say(engine, "a", GO)) == [1]


def test_a_fault_ends_the_connection_in_place_of_what_is_said() -> None:
    engine = under(expecting(stub(says(1), says(2))), fault="CONNECTION_RESET_BY_PEER")

    outcome = say(engine, "a", GO)

    assert (heard(outcome), cut_off(outcome)) == ([], ["a"])
    assert events(outcome)[-1] == "fault"
    assert "a" not in engine.world.connections


def test_nothing_is_done_to_a_connection_after_its_fault() -> None:
    engine = under(expecting(stub(says(1), {"ping": {}}, CLOSE)), fault="ABNORMAL_CLOSE")

    outcome = say(engine, "a", GO)

    assert [each for each in outcome.actions if getattr(each, "connection", None) == "a"] == [HangUp("a", reset=False)]


def test_who_is_struck_does_not_concern_the_others() -> None:
    tells_all = stub({"send": {"to": "channel", "json": {"n": 1}}})
    engine = under(expecting(tells_all, rooms="abcdefghij"), fault="ABNORMAL_CLOSE", probability=0.5)

    outcome = say(engine, "a", GO)

    struck, reached = set(cut_off(outcome)), {name for name, _ in heard(outcome)}
    assert struck | reached == set("abcdefghij")
    assert not struck & reached
    assert struck and reached


def test_a_fault_comes_after_what_was_held_back() -> None:
    engine = under(expecting(stub(says(1))), latency="1s")
    first = say(engine, "a", GO)
    under(engine, fault="ABNORMAL_CLOSE")
    say(engine, "a", GO)

    late = ring(engine, first, at=1.0)

    assert [type(each) for each in late.actions] == [Send, HangUp]


def test_it_is_over_after_its_time() -> None:
    engine = under(expecting(stub(says(1))), latency="200ms", timeToLive="10s")

    assert numbers(say(engine, "a", GO, at=9.0)) == []
    connect(engine, "b", "/load/x")
    assert numbers(say(engine, "b", GO, at=11.0)) == [1]


def test_taken_away_it_befalls_nothing_more_and_what_it_held_back_still_comes() -> None:
    engine = under(expecting(stub(says(1))), latency="200ms")
    waiting = say(engine, "a", GO)

    assert command(engine, ClearWeather("load")).answer is True
    assert command(engine, ClearWeather("load")).answer is False

    assert numbers(ring(engine, waiting, at=0.2)) == [1]
    assert numbers(say(engine, "a", GO, at=0.3)) == [1]


@pytest.mark.parametrize("end", [Reset(), None])
def test_a_reset_and_the_end_let_go_what_was_held_back(end: Reset | None) -> None:
    engine = under(expecting(stub(says(1))), latency="200ms")
    waiting = say(engine, "a", GO)

    outcome = command(engine, end) if end else engine.step(Stopping())

    assert numbers(outcome) == [1]
    assert any(isinstance(each, CancelTimer) for each in outcome.actions)
    assert ring(engine, waiting, at=0.2).actions == ()


def test_who_leaves_hears_nothing_more() -> None:
    engine = under(expecting(stub(says(1))), latency="200ms")
    waiting = say(engine, "a", GO)
    (timer,) = (each.timer for each in waiting.actions if hasattr(each, "timer"))

    assert CancelTimer(timer) in leave(engine, "a").actions

    assert engine.step(TimerFired(timer, 0.2)).actions == ()
    assert not engine.weather._held


def notes(outcome: Outcome) -> list[tuple[str, str]]:
    return [(each.event, each.note) for each in outcome.entries if each.cause.startswith("fault profile")]


def test_what_is_lost_is_not_said_and_the_connection_stays() -> None:
    engine = under(expecting(stub(says(1))), loss=1)

    outcome = say(engine, "a", GO)

    assert (heard(outcome), notes(outcome)) == ([], [("undelivered", "lost")])
    assert "a" in engine.world.connections


def test_chances_are_those_of_the_seed() -> None:
    def said(seed: int) -> list[Any]:
        engine = under(expecting(stub(*map(says, range(100))), seed=seed), loss=0.3, duplicate=0.2)
        return numbers(say(engine, "a", GO))

    first = said(1)

    assert said(1) == first != said(2)
    assert 40 < len(set(first)) < 100
    assert len(first) > len(set(first))


def test_duplicate_comes_at_the_same_time() -> None:
    engine = under(expecting(stub(says(1))), duplicate=1, latency="1s")

    waiting = say(engine, "a", GO)

    assert (notes(waiting), numbers(ring(engine, waiting, at=1.0))) == ([("fault", "said twice")], [1, 1])


def test_message_is_overtaken_by_the_next_one() -> None:
    engine = under(expecting(stub(*map(says, range(5)))), reorder=1)

    outcome = say(engine, "a", GO)

    assert numbers(outcome) == [1, 0, 3, 2]
    assert notes(outcome) == [("fault", "to be overtaken by the next message")] * 3


def test_message_that_nothing_overtakes_comes_all_the_same() -> None:
    engine = under(expecting(stub(says(1))), reorder=1)

    waiting = say(engine, "a", GO)

    assert (timers(waiting), numbers(waiting)) == ([1.0], [])
    assert numbers(ring(engine, waiting, at=1.0)) == [1]
    assert not engine.weather._late


def test_message_is_overtaken_when_the_profile_is_over_too() -> None:
    engine = under(expecting(stub(says("{{ message.json.n }}"))), reorder=1)
    say(engine, "a", {"go": "on", "n": 1})
    command(engine, ClearWeather())

    outcome = say(engine, "a", {"go": "on", "n": 2})

    assert numbers(outcome) == [2, 1]
    assert any(isinstance(each, CancelTimer) for each in outcome.actions)


def test_what_waits_to_be_overtaken_comes_before_a_close_and_not_before_a_fault() -> None:
    engine = under(expecting(stub(says(1), CLOSE), rooms="ab"), reorder=1)

    outcome = say(engine, "a", GO)
    say_to_b = under(expecting(stub(says(1))), reorder=1)
    say(say_to_b, "a", GO)
    broken = say(under(say_to_b, fault="ABNORMAL_CLOSE"), "a", GO)

    assert (numbers(outcome), closed(outcome)) == ([1], [("a", 4000)])
    assert (numbers(broken), cut_off(broken)) == ([], ["a"])


@pytest.mark.parametrize("end", ["leave", "reset"])
def test_nothing_that_waits_to_be_overtaken_is_kept(end: str) -> None:
    engine = under(expecting(stub(says(1))), reorder=1)
    waiting = say(engine, "a", GO)

    outcome = leave(engine, "a") if end == "leave" else command(engine, Reset())

    assert numbers(outcome) == ([] if end == "leave" else [1])
    assert any(isinstance(each, CancelTimer) for each in outcome.actions)
    assert ring(engine, waiting, at=1.0).actions == ()
    assert not (engine.weather._late or engine.weather._by_timer)


def test_habit_is_broken_once_and_what_is_said_is_said() -> None:
    engine = under(expecting(stub(says(1), says(2))), fault="NO_PONG")

    first, second = say(engine, "a", GO), say(engine, "a", GO)

    assert (numbers(first), numbers(second)) == ([1, 2], [1, 2])
    assert [each for each in first.actions if isinstance(each, Neglect)] == [Neglect("a", "NO_PONG")]
    assert (notes(first), notes(second)) == ([("fault", "NO_PONG")], [])
    leave(engine, "a")
    assert not engine.weather._neglected


def test_bytes_come_in_the_place_of_a_message() -> None:
    engine = under(expecting(stub(says(1))), fault={"frames": "8100"})

    outcome = say(engine, "a", GO)

    assert outcome.actions == (Write("a", b"\x81\x00"),)
    assert "a" in engine.world.connections


def test_wrong_frame_comes_after_what_was_held_back() -> None:
    engine = under(expecting(stub(says(1))), latency="1s")
    first = say(engine, "a", GO)
    under(engine, fault="RESERVED_BIT")
    say(engine, "a", GO)

    late = ring(engine, first, at=1.0)

    assert [type(each) for each in late.actions] == [Send, Break]


def test_message_in_pieces_stays_in_pieces() -> None:
    engine = under(expecting(stub({"reply": {"json": {"n": 1}, "fragments": 2}})), latency="1s")

    late = ring(engine, say(engine, "a", GO), at=1.0)

    assert late.actions == (SendInPieces(("a",), '{"n":1}', Pieces(2)),)


@pytest.mark.parametrize(
    ("profile", "pointer"),
    [
        ({}, ""),
        ({"loss": 0}, ""),
        ({"loss": 1.1}, "/loss"),
        ({"duplicate": -1}, "/duplicate"),
        ({"reorder": 2}, "/reorder"),
        ({"fault": {"frames": "8"}}, "/fault/frames"),
        ({"fault": "LIGHTNING"}, "/fault"),
        ({"latency": "soon"}, "/latency"),
        ({"latency": {"type": "uniform", "lower": "1s"}}, "/latency/upper"),
        ({"fault": "ABNORMAL_CLOSE", "probability": 2}, "/probability"),
        ({"latency": "1s", "timeToLive": "never"}, "/timeToLive"),
    ],
)
def test_a_profile_that_makes_no_sense_is_refused(profile: dict[str, Any], pointer: str) -> None:
    with pytest.raises(BadExpectation) as refused:
        compile_profile(msgspec.convert(profile, FaultProfile))

    assert refused.value.pointer == pointer
