"""Intervals and silence."""

from engines import GO, LOAD, command, connect, contract_of, expecting, leave, numbers, ring, say, says, stub, timers

from mockws.engine.actions import CancelTimer
from mockws.engine.events import ContractReplaced, Expect, Reset, Unexpect

EVERY = {"type": "interval", "every": "1s", "channel": "load"}
IDLE = {"type": "idle", "after": "2s", "channel": "load"}


def test_interval_goes_on_until_it_is_exhausted() -> None:
    engine = expecting(stub(says(1), on=EVERY, times=2), rooms="")
    first = ring(engine, connect(engine, "a", "/load/x"))

    second = ring(engine, first)

    assert (numbers(first), timers(first), numbers(second), timers(second)) == ([1], [1.0], [1], [])


def test_interval_draws_its_luck_anew_each_time() -> None:
    engine = expecting(stub(says(1), on=EVERY, probability=0.5), rooms="")
    outcome, said = connect(engine, "a", "/load/x"), []
    for _ in range(30):
        outcome = ring(engine, outcome)
        said.append(len(numbers(outcome)))

    assert 3 < sum(said) < 27


def test_silence_is_counted_anew_with_each_message() -> None:
    engine = expecting(stub(says(1), on=IDLE), rooms="")
    opened = connect(engine, "a", "/load/x")

    heard = say(engine, "a", GO)

    assert (timers(opened), timers(heard)) == ([2.0], [2.0])
    assert CancelTimer(1) in heard.actions


def test_silence_counts_again_after_it_was_told() -> None:
    engine = expecting(stub(says(1), on=IDLE), rooms="")
    told = ring(engine, connect(engine, "a", "/load/x"))

    assert (numbers(told), timers(told), timers(say(engine, "a", GO))) == ([1], [], [2.0])


def test_timers_end_with_their_connection() -> None:
    engine = expecting(stub(says(1), on=IDLE), stub(says(2), on=EVERY, id="two"), rooms="")
    connect(engine, "a", "/load/x")

    assert {type(action) for action in leave(engine, "a").actions} == {CancelTimer}
    assert not engine.expected._rhythm._due


def test_other_expectations_leave_running_timers_alone() -> None:
    engine = expecting(stub(says(1), on=EVERY))

    added = command(engine, Expect(stub(says(2), on=EVERY, id="two")))

    assert (timers(added), len(added.actions)) == ([1.0], 1)


def test_silence_that_was_told_is_not_told_again_by_a_change() -> None:
    engine = expecting(stub(says(1), on=IDLE), rooms="")
    ring(engine, connect(engine, "a", "/load/x"))

    assert timers(command(engine, Expect(stub(says(2), id="two")))) == []


def test_removed_and_reset_intervals_are_cancelled() -> None:
    engine = expecting(stub(says(1), on=EVERY), stub(says(1), on=EVERY, id="two"))

    assert command(engine, Unexpect("two")).actions == (CancelTimer(1),)
    assert command(engine, Reset()).actions == (CancelTimer(2),)


def test_interval_ends_with_its_channel() -> None:
    engine = expecting(stub(says(1), on=EVERY))
    renamed = LOAD.replace("load:", "freight:").replace("channels/load'", "channels/freight'")

    outcome = engine.step(ContractReplaced(contract_of(renamed.replace("channels/load/", "channels/freight/"))))

    assert CancelTimer(1) in outcome.actions
