"""The book: which expectation goes before which, and what is back after a reset."""

from typing import Any

import pytest
from engines import GO, LOAD, command, connect, contract_of, expecting, fire, numbers, reload, say, says, stub, stubs
from hypothesis import given
from hypothesis import strategies as st

from mockws.engine.book import Book, Layer
from mockws.engine.events import ContractReplaced, Expect, Reset, Unexpect
from mockws.errors import BadExpectation


def written(number: int, **more: Any) -> dict[str, Any]:
    return {"trigger": {}, "actions": [says(number)], **more}


def test_newest_goes_first() -> None:
    engine = expecting(stub(says(1), id="one"), stub(says(2), id="two"))

    assert numbers(say(engine, "a", GO)) == [2]


def test_priority_goes_before_age() -> None:
    engine = expecting(stub(says(1), id="one", priority=1), stub(says(2), id="two"))

    assert numbers(say(engine, "a", GO)) == [1]


def test_added_goes_before_file_whatever_the_priority() -> None:
    engine = expecting(stub(says(1), priority=9))
    reload(engine, *stubs(written(2, priority=1)))

    assert numbers(say(engine, "a", GO)) == [1]


def test_earlier_entry_of_a_file_wins_a_tie() -> None:
    engine = expecting()
    reload(engine, *stubs(written(1), written(2)))

    assert numbers(say(engine, "a", GO)) == [1]


def test_expectations_of_other_channels_are_never_looked_at() -> None:
    book, contract = Book(), contract_of(LOAD)
    for place in range(50):
        book.add(stub(on={"channel": "other"}, id=f"o{place}"), Layer.ADMIN, contract, 0)
    book.add(stub(on={"channel": "load"}, id="mine"), Layer.ADMIN, contract, 0)

    assert [rule.id for rule in book.candidates("message", ["load"])] == ["mine"]


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 3)), max_size=12))
def test_candidates_come_in_the_order_of_precedence(given_rules: list[tuple[bool, int]]) -> None:
    book, contract = Book(), contract_of(LOAD)
    for place, (bound, priority) in enumerate(given_rules):
        on = {"channel": "load"} if bound else {}
        book.add(stub(on=on, id=f"e{place}", priority=priority), Layer.ADMIN, contract, 0)

    found = [rule.precedence for rule in book.candidates("message", ["load"])]
    assert found == sorted(found)
    assert len(found) == len(given_rules)


@pytest.mark.parametrize(
    ("expectation", "pointer"),
    [
        (stub(on={"channel": "lod"}), "/trigger/channel"),
        (stub(on={"operation": "tak"}), "/trigger/operation"),
        (stub(on={"message": {"name": "Stop"}}), "/trigger/message/name"),
        (stub({"reply": {"message": "Tack"}}), "/actions/0/reply/message"),
        (stub({"reply": {"message": "Tick", "example": "ten"}}), "/actions/0/reply/example"),
        (stub({"send": {"json": 1, "to": {"channel": "lod"}}}), "/actions/0/send/to/channel"),
        (stub({"expect": {"message": {"name": "Ack"}}}), "/actions/0/expect/message/name"),
        (stub({"expect": {"else": {"reply": {"message": "Tack"}}}}), "/actions/0/expect/else/0/reply/message"),
    ],
)
def test_unknown_name_is_refused_at_its_place(expectation: Any, pointer: str) -> None:
    answer = command(expecting(), Expect(expectation)).answer

    assert isinstance(answer, BadExpectation)
    assert answer.pointer == pointer


def test_files_are_taken_over_all_or_none() -> None:
    engine = expecting()
    reload(engine, *stubs(written(1)))

    outcome = reload(engine, *stubs(written(2), written(3, trigger={"channel": "nowhere"})))

    assert isinstance(outcome.answer, BadExpectation)
    assert numbers(say(engine, "a", GO)) == [1]


def test_reload_keeps_what_was_added_and_the_counts_of_what_did_not_change() -> None:
    engine = expecting(stub(says(5), times=1))
    reload(engine, *stubs(written(1, id="once", times=1), written(2, id="rest")))
    assert [numbers(say(engine, "a", GO)) for _ in range(2)] == [[5], [1]]

    reload(engine, *stubs(written(1, id="once", times=1), written(3, id="rest")))

    assert numbers(say(engine, "a", GO)) == [3]
    assert engine.expected.book.rules["it"].remaining == 0


def test_file_is_shadowed_until_a_reset() -> None:
    engine = expecting()
    reload(engine, *stubs(written(1, id="it")))
    command(engine, Expect(stub(says(2))))
    assert numbers(say(engine, "a", GO)) == [2]

    command(engine, Reset())

    assert numbers(say(engine, "a", GO)) == [1]


@pytest.mark.parametrize("taken_out", ["it", None])
def test_file_is_back_when_what_shadowed_it_is_taken_out(taken_out: str | None) -> None:
    engine = expecting()
    reload(engine, *stubs(written(1, id="it")))
    for number in (2, 3):
        command(engine, Expect(stub(says(number))))

    command(engine, Unexpect(taken_out))

    assert numbers(say(engine, "a", GO)) == [1]


def test_file_that_was_taken_out_stays_so_when_files_are_read_again() -> None:
    engine = expecting()
    reload(engine, *stubs(written(1, id="it")))
    command(engine, Unexpect("it"))

    reload(engine, *stubs(written(1, id="it"), written(4, id="other", priority=9)))

    assert numbers(say(engine, "a", GO)) == [4]


def test_file_that_was_taken_out_is_back_after_a_reset() -> None:
    engine = expecting()
    reload(engine, *stubs(written(1, id="it")))
    assert command(engine, Unexpect("it")).answer == ["it"]
    assert numbers(say(engine, "a", GO)) == []

    command(engine, Reset())

    assert numbers(say(engine, "a", GO)) == [1]


def test_reset_begins_again() -> None:
    engine = expecting()
    reload(engine, *stubs(written(1, times=1, timeToLive="5s", scenario={"name": "s", "newState": "B"})))
    say(engine, "a", GO)

    command(engine, Reset(), at=100)

    assert numbers(say(engine, "a", GO, at=104)) == [1]


def test_expectation_without_its_channel_sleeps_until_it_is_back() -> None:
    engine = expecting(stub(says(1), on={"channel": "other"}))

    outcome = engine.step(ContractReplaced(contract_of(LOAD.replace("other", "another"))))
    assert "it" in outcome.entries[0].note

    engine.step(ContractReplaced(contract_of(LOAD)))
    connect(engine, "b", "/other")
    assert say(engine, "b", GO).entries[0].expectation == "it"


def test_all_that_was_added_is_taken_out_at_once() -> None:
    engine = expecting(stub(says(1)), stub(says(2), id="two"))

    assert sorted(command(engine, Unexpect()).answer) == ["it", "two"]
    assert fire(engine, "nobody").answer == []
