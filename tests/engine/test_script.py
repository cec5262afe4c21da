"""Scripts: waits, streams, conversations, and what a close leaves of them."""

from typing import Any

import pytest
from engines import (
    GO,
    closed,
    command,
    connect,
    events,
    expecting,
    fire,
    heard,
    leave,
    numbers,
    reload,
    ring,
    say,
    says,
    stub,
    stubs,
    timers,
)

from mockws.engine.actions import CancelTimer, HangUp, Ping, Send
from mockws.engine.events import Expect, PingCommand, Ponged, Reset, Unexpect

CLOSE = {"close": {"code": 4401, "reason": "bye {{ message.json.go }}"}}


def test_delay_is_a_timer() -> None:
    engine = expecting(stub({"delay": "150ms"}, says(1)))

    waiting = say(engine, "a", GO)

    assert (timers(waiting), numbers(waiting), numbers(ring(engine, waiting))) == ([0.15], [], [1])


@pytest.mark.parametrize(
    ("delay", "least", "most"),
    [
        ({"type": "uniform", "lower": "50ms", "upper": "150ms"}, 0.05, 0.15),
        ({"type": "lognormal", "median": "80ms", "sigma": 0.4}, 0.001, 3600),
        ({"type": "lognormal", "median": "80ms", "sigma": 10}, 0, 3601),
        ({"type": "fixed", "value": "70ms"}, 0.07, 0.07),
    ],
)
def test_delay_is_drawn_by_the_seed(delay: Any, least: float, most: float) -> None:
    drawn = [timers(say(expecting(stub({"delay": delay}, says(1))), "a", GO)) for _ in range(2)]

    assert drawn[0] == drawn[1]
    assert all(least <= each <= most for each in drawn[0])


def test_stream_without_a_pause_is_one_burst() -> None:
    engine = expecting(stub({"stream": {"every": 0, "count": 500, "json": {"n": "{{ index + 1 }}"}}}))

    assert numbers(say(engine, "a", GO)) == list(range(1, 501))


def test_paced_stream_says_its_count_and_ends() -> None:
    engine = expecting(stub({"stream": {"every": "1s", "count": 2, "json": {"n": "{{ index }}"}}}))
    first = say(engine, "a", GO)
    second = ring(engine, first)

    assert (numbers(first), numbers(second), timers(second)) == ([0], [1], [])


def test_shuffled_sequence_is_the_same_for_the_same_seed() -> None:
    sequence = {"stream": {"sequence": [{"n": 1}, {"n": 2}, {"n": 3}], "reorder": True}}
    one, two = (numbers(say(expecting(stub(sequence)), "a", GO)) for _ in range(2))

    assert one == two != [1, 2, 3]
    assert sorted(one) == [1, 2, 3]


def test_stream_is_stopped_by_its_name() -> None:
    ticks = {"stream": {"name": "ticks", "every": "1s", "json": {"n": 1}}}
    engine = expecting(
        stub(ticks, id="begin"), stub({"stop": "ticks"}, on={"message": {"body": {"equalToJson": {"go": "stop"}}}})
    )
    say(engine, "a", GO)

    assert say(engine, "a", {"go": "stop"}).actions == (CancelTimer(1),)


def test_stream_that_breaks_the_contract_ends_its_script() -> None:
    engine = expecting(stub({"stream": {"count": 2, "json": {"n": "{{ 'x' }}"}}}, says(1)))

    outcome = say(engine, "a", GO)

    assert (heard(outcome), closed(outcome), events(outcome)) == ([], [("a", 1011)], ["message", "fault"])


def test_chance_goes_on_from_step_to_step() -> None:
    number = "{{ random(1, 1000000000) }}"
    engine = expecting(stub(says(number), says(number), {"stream": {"count": 2, "json": {"n": number}}}))

    assert len(set(numbers(say(engine, "a", GO)))) == 4


def test_conversation_consumes_its_message() -> None:
    engine = expecting(stub({"expect": {"within": "2s"}}, says(2), times=1), stub(says(1), id="rest", priority=9))
    assert timers(say(engine, "a", GO)) == [2.0]

    answered = say(engine, "a", GO)

    assert (numbers(answered), answered.actions[0]) == ([2], CancelTimer(1))
    assert numbers(say(engine, "a", GO)) == [1]


def test_conversation_goes_on_when_its_expectation_is_gone() -> None:
    engine = expecting(stub({"expect": {}}, says(2)))
    say(engine, "a", GO)
    command(engine, Unexpect("it"))

    assert numbers(say(engine, "a", GO)) == [2]


def test_conversation_does_what_else_says_when_nothing_comes() -> None:
    engine = expecting(stub({"expect": {"within": "2s", "else": [says(7), CLOSE]}}, says(2)))

    outcome = ring(engine, say(engine, "a", GO))

    assert (numbers(outcome), closed(outcome), events(outcome)[0]) == ([7], [("a", 4401)], "timeout")


def test_close_drops_what_is_pending_and_says_so() -> None:
    engine = expecting(stub({"delay": "1s"}, says(1), id="slow", times=1, priority=1), stub(CLOSE, says(2), id="shut"))
    say(engine, "a", GO)

    outcome = say(engine, "a", GO)

    assert CancelTimer(1) in outcome.actions
    assert "slow" in outcome.entries[1].note
    assert not any(isinstance(each, Send) for each in outcome.actions)


def test_greeting_that_closes_is_followed_by_no_push() -> None:
    engine = expecting(stub({"close": {}}, on={"type": "open"}), rooms="", push="open")

    outcome = connect(engine, "a", "/load/x")

    assert (heard(outcome), closed(outcome)) == ([], [("a", 1000)])


def test_state_value_and_group_are_kept_with_the_connection() -> None:
    engine = expecting(
        stub(
            {"setState": {"scenario": "s", "state": "B"}},
            {"remember": {"as": "n", "value": "{{ message.json.n }}"}},
            {"group": {"join": "g-{{ message.json.n }}"}},
            says("{{ connection.values.n }}"),
            {"group": {"leave": "g-{{ message.json.n }}"}},
        )
    )

    assert numbers(say(engine, "a", {"go": "x", "n": 4})) == [4]
    assert (engine.world.connections["a"].states, engine.world.connections["a"].groups) == ({"s": "B"}, set())


def test_others_in_the_room_are_told_of_an_end_even_later() -> None:
    later = {"send": {"to": "others", "json": {"n": 3}}}
    engine = expecting(stub({"delay": "1s"}, later, on={"type": "close"}), rooms="ab")
    connect(engine, "c", "/load/y")

    outcome = ring(engine, leave(engine, "a"))

    assert (heard(outcome), closed(outcome)) == ([("b", {"n": 3})], [])


def test_end_that_the_mock_made_is_told_too() -> None:
    told = stub({"send": {"to": "others", "json": {"n": 3}}}, on={"type": "close", "close": {"by": "server"}}, id="end")
    engine = expecting(told, stub(CLOSE), rooms="ab")
    say(engine, "a", GO)

    assert heard(leave(engine, "a", 4401, by_client=False)) == [("b", {"n": 3})]


@pytest.mark.parametrize("broken", ["{{ uuid }}", "{{ random('a', 'b') }}", "{{ 1 / 0 }}", "a {{ uuid }}"])
def test_template_that_fails_is_a_fault(broken: str) -> None:
    outcome = say(expecting(stub(says(broken))), "a", GO)

    assert (closed(outcome), events(outcome)[1]) == ([("a", 1011)], "fault")


def test_reset_drops_all_scripts() -> None:
    engine = expecting(stub({"delay": "1s"}, says(1)))
    say(engine, "a", GO)

    assert command(engine, Reset()).actions == (CancelTimer(1),)


def test_named_trigger_hands_its_payload_over() -> None:
    named = {"type": "named", "name": "go", "channel": "load"}
    engine = expecting(stub({"send": {"json": {"n": "{{ payload.n }}"}}}, on=named), rooms="ab")

    outcome = fire(engine, "go", {"n": 5})

    assert (heard(outcome), outcome.answer) == ([("a", {"n": 5}), ("b", {"n": 5})], ["it"])


TICKS = {"stream": {"name": "ticks", "every": "1s", "json": {"n": 1}}}


def test_endless_stream_ends_with_its_expectation() -> None:
    engine = expecting(stub(TICKS))
    say(engine, "a", GO)

    assert command(engine, Unexpect("it")).actions == (CancelTimer(1),)


def test_endless_stream_ends_when_its_expectation_is_replaced() -> None:
    engine = expecting(stub(TICKS))
    say(engine, "a", GO)

    assert CancelTimer(1) in command(engine, Expect(stub(says(2)))).actions


def test_endless_stream_ends_when_its_expectation_has_expired() -> None:
    engine = expecting(stub(TICKS, timeToLive="5s"))
    going = ring(engine, say(engine, "a", GO), at=4)

    over = ring(engine, going, at=6)

    assert (numbers(going), numbers(over), timers(over)) == ([1], [1], [])


def test_endless_stream_that_begins_after_its_expectation_is_gone_is_said_once() -> None:
    engine = expecting(stub({"delay": "1s"}, TICKS))
    waiting = say(engine, "a", GO)
    command(engine, Unexpect("it"))

    outcome = ring(engine, waiting)

    assert (numbers(outcome), timers(outcome)) == ([1], [])


def test_stream_goes_on_when_its_expectation_is_used_up_or_another_one_changes() -> None:
    engine = expecting()
    ticking = {"id": "it", "trigger": {}, "actions": [TICKS], "times": 1}
    reload(engine, *stubs(ticking))
    going = say(engine, "a", GO)

    reload(engine, *stubs(ticking, {"id": "new", "trigger": {}, "actions": []}))

    assert numbers(ring(engine, going)) == [1]


def test_stream_with_an_end_goes_on_without_its_expectation() -> None:
    engine = expecting(stub({"stream": {"every": "1s", "count": 2, "json": {"n": 1}}}))
    going = say(engine, "a", GO)
    command(engine, Unexpect("it"))

    assert numbers(ring(engine, going)) == [1]


def test_values_of_a_sequence_are_templates_unless_they_are_not() -> None:
    sequence = {"sequence": [{"n": "{{ index }}"}, {"n": "{{ message.json.n }}"}]}
    verbatim = {**sequence, "template": False, "validate": False}

    assert numbers(say(expecting(stub({"stream": sequence})), "a", {"go": "x", "n": 5})) == [0, 5]
    assert numbers(say(expecting(stub({"stream": verbatim})), "a", GO)) == ["{{ index }}", "{{ message.json.n }}"]


def test_ping_is_one_frame() -> None:
    outcome = say(expecting(stub({"ping": {}})), "a", GO)

    assert [each for each in outcome.actions if isinstance(each, Ping)] == [Ping("a", b"mockws-1")]
    assert (timers(outcome), [(each.event, each.direction) for each in outcome.entries][1]) == ([], ("ping", "out"))


def test_pings_go_on_beside_the_script_and_are_not_begun_twice() -> None:
    engine = expecting(stub({"ping": {"every": "5s"}}, says(1)))
    begun = say(engine, "a", GO)

    again = say(engine, "a", GO)
    next_one = ring(engine, begun)

    assert (timers(begun), numbers(begun), timers(again), numbers(again)) == ([5.0], [1], [], [1])
    assert (timers(next_one), events(next_one)) == ([5.0], ["ping"])


def test_pings_are_not_begun_twice_after_stub_files_were_read_again() -> None:
    engine = expecting()
    pinging = {"id": "it", "trigger": {}, "actions": [{"ping": {"every": "5s"}}]}
    reload(engine, *stubs(pinging))
    say(engine, "a", GO)
    reload(engine, *stubs(pinging))

    assert timers(say(engine, "a", GO)) == []


def test_pings_end_with_their_expectation() -> None:
    engine = expecting(stub({"ping": {"every": "5s"}}))
    say(engine, "a", GO)

    assert command(engine, Unexpect()).actions == (CancelTimer(1),)


def test_fault_hangs_up_after_what_was_said() -> None:
    engine = expecting(stub(TICKS, {"fault": "ABNORMAL_CLOSE"}, says(2)))

    outcome = say(engine, "a", GO)

    assert (numbers(outcome), outcome.actions[-2:]) == ([1], (HangUp("a", reset=False), CancelTimer(1)))
    assert [(each.event, each.note) for each in outcome.entries[2:]] == [
        ("fault", "ABNORMAL_CLOSE"),
        ("undelivered", "dropped by the fault: what was still to come of it"),
    ]


def test_reset_forgets_what_was_made_of_a_connection() -> None:
    kept = [{"remember": {"as": "n", "value": 1}}, {"group": {"join": "g"}}]
    engine = expecting(stub(*kept, {"setState": {"scenario": "s", "state": "B"}}))
    say(engine, "a", GO)
    command(engine, PingCommand("a"))

    command(engine, Reset())

    connection = engine.world.connections["a"]
    assert (connection.values, connection.groups, connection.states, connection.runs) == ({}, set(), {}, {})
    assert engine.step(Ponged("a", b"mockws-1")).entries == ()


@pytest.mark.parametrize(("name", "count"), [("g{{ message.json.n }}", 1001), ("{{ message.json.go }}", 1)])
def test_groups_of_a_connection_are_bounded(name: str, count: int) -> None:
    engine = expecting(stub({"group": {"join": name}}))
    for number in range(count):
        outcome = say(engine, "a", {"go": "x" * 201, "n": number})

    assert (closed(outcome), events(outcome)) == ([("a", 1011)], ["message", "fault"])


def test_group_that_one_is_in_already_can_be_joined_again() -> None:
    engine = expecting(stub({"group": {"join": "g{{ message.json.n }}"}}))
    for number in (*range(1000), 0):
        outcome = say(engine, "a", {"go": "x", "n": number})

    assert closed(outcome) == []
