"""Which expectation a message sets off."""

from collections import Counter
from typing import Any

import pytest
from engines import GO, command, connect, expecting, heard, numbers, say, say_text, says, status, stub
from hypothesis import given
from hypothesis import strategies as st

from mockws.engine.events import Expect


@given(st.lists(st.sampled_from("abc"), max_size=12), st.integers(1, 4))
def test_times_is_exact_however_connections_take_turns(turns: list[str], times: int) -> None:
    engine = expecting(stub(says(1), times=times), rooms="abc")

    answered = [name for name in turns if numbers(say(engine, name, GO))]

    assert answered == turns[:times]
    assert engine.expected.book.rules["it"].remaining == max(0, times - len(turns))


def test_time_to_live_ends_on_the_mocks_clock() -> None:
    engine = expecting()
    command(engine, Expect(stub(says(1), timeToLive="5s")), at=10)

    assert numbers(say(engine, "a", GO, at=14.9)) == [1]
    assert numbers(say(engine, "a", GO, at=15)) == []


def test_disabled_is_passed_over() -> None:
    engine = expecting(stub(says(1), enabled=False))

    assert numbers(say(engine, "a", GO)) == []


def lucky(name: str, others: bool) -> list[bool]:
    engine = expecting(stub(says(1), probability=0.5), rooms="ab")
    drawn = []
    for _ in range(40):
        drawn.append(bool(numbers(say(engine, name, GO))))
        if others:
            say(engine, "b", GO)
    return drawn


def test_probability_is_seeded_and_nobody_elses_doing_changes_it() -> None:
    assert lucky("a", others=False) == lucky("a", others=True)
    assert 5 < Counter(lucky("a", others=False))[True] < 35


def random_number(others: bool) -> Any:
    engine = expecting(stub(says("{{ random(1, 1000000) }}")), rooms="ab")
    if others:
        say(engine, "b", GO)
    return numbers(say(engine, "a", GO))


def test_what_templates_draw_is_not_changed_by_others() -> None:
    assert random_number(others=True) == random_number(others=False)


@pytest.mark.parametrize("name", ["Go", "Gone"])
def test_message_goes_by_all_its_names(name: str) -> None:
    engine = expecting(stub(says(1), on={"channel": "load", "message": {"name": name}}))

    assert numbers(say(engine, "a", GO)) == [1]


@pytest.mark.parametrize(
    ("valid", "good", "bad"), [(None, [1], []), (True, [1], []), (False, [], [1]), ("any", [1], [1])]
)
def test_validity_can_be_asked_for(valid: Any, good: list[int], bad: list[int]) -> None:
    message = {} if valid is None else {"message": {"valid": valid}}
    engine = expecting(stub(says(1), on=message), on_invalid="ignore")

    assert numbers(say(engine, "a", GO)) == good
    assert numbers(say_text(engine, "a", "{}")) == bad


def test_invalid_message_that_is_answered_does_not_close() -> None:
    engine = expecting(stub(says(1), on={"message": {"valid": False}}))

    assert heard(say_text(engine, "a", "nonsense")) == [("a", {"n": 1})]
    assert "a" in engine.world.connections


@pytest.mark.parametrize(
    "matching",
    [
        {"pathParameters": {"room": {"equalTo": "x"}}},
        {"queryParameters": {"token": {"matches": "^t-"}}},
        {"headers": {"ORIGIN": {"contains": "host"}}},
        {"cookies": {"sid": {"equalTo": "1"}}},
        {"subprotocol": "v1"},
        {"id": "m"},
    ],
)
def test_connection_is_told_by_its_handshake(matching: dict[str, Any]) -> None:
    engine = expecting(stub(says(1), on={"connection": matching}))
    headers = {"origin": "http://host", "cookie": "sid=1"}
    connect(engine, "m", "/load/x?token=t-1", headers, ("v1",))
    connect(engine, "n", "/load/y")

    assert (numbers(say(engine, "m", GO)), numbers(say(engine, "n", GO))) == ([1], [])


def test_group_is_part_of_a_connection() -> None:
    engine = expecting(
        stub(says(1), on={"connection": {"group": "vip"}}, id="second"),
        stub({"group": {"join": "vip"}}, times=1, priority=1, id="first"),
    )

    assert [numbers(say(engine, "a", GO)) for _ in range(2)] == [[], [1]]


def test_condition_sees_message_and_connection() -> None:
    engine = expecting(stub(says(1), when="{{ message.json.go == connection.pathParameters.room }}"))

    assert numbers(say(engine, "a", {"go": "x"})) == [1]
    assert numbers(say(engine, "a", {"go": "y"})) == []


def test_condition_that_fails_does_not_hold() -> None:
    engine = expecting(stub(says(1), when="random('a', 'b') > 0"))

    assert numbers(say(engine, "a", GO)) == []


@pytest.mark.parametrize(("scope", "other"), [("connection", [1]), ("global", [2])])
def test_scenario_has_its_scope(scope: str, other: list[int]) -> None:
    first = {"name": "s", "requiredState": "Started", "newState": "B", "scope": scope}
    engine = expecting(
        stub(says(1), scenario=first, id="one"),
        stub(says(2), scenario={"name": "s", "requiredState": "B", "scope": scope}, id="two"),
        rooms="ab",
    )

    assert [numbers(say(engine, "a", GO)) for _ in range(2)] == [[1], [2]]
    assert numbers(say(engine, "b", GO)) == other


def test_rejection_has_status_headers_and_times() -> None:
    reject = {"reject": {"status": 429, "headers": {"Retry-After": "1"}, "json": {"title": "slow down"}}}
    engine = expecting(stub(reject, on={"type": "open"}, times=1), rooms="")

    refused = connect(engine, "a", "/load/x")
    assert (status(refused), refused.entries[0].expectation) == (429, "it")
    assert status(connect(engine, "a", "/load/x")) == 101
