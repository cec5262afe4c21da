"""Expectations beside the contract: what they answer, the contract does not."""

from engines import GO, ORDERS, command, connect, expecting, fire, heard, incoming, numbers, say, says, stub

from mockws.engine.events import Unexpect
from mockws.expect.expectation import Compiled


def test_expectation_goes_before_the_documents_reply() -> None:
    engine = expecting(stub({"reply": {"json": {"mine": 1}, "validate": False}}), document=ORDERS, rooms="")
    connect(engine, "a", "/new")

    outcome = say(engine, "a", {"id": 10})

    assert (heard(outcome), incoming(outcome).outcome) == ([("a", {"mine": 1})], "matched")


def test_document_answers_again_when_nothing_is_expected() -> None:
    engine = expecting(stub({"delay": 0}), document=ORDERS, rooms="")
    connect(engine, "a", "/new")
    command(engine, Unexpect("it"))

    assert incoming(say(engine, "a", {"id": 10})).outcome == "spec"


def test_operation_limits_an_expectation_to_its_own_messages() -> None:
    engine = expecting(stub(says(1), on={"operation": "take"}))
    connect(engine, "o", "/other")

    assert numbers(say(engine, "a", GO)) == [1]
    assert heard(say(engine, "o", GO)) == []


def test_greeting_is_the_first_word() -> None:
    engine = expecting(stub(says(1), on={"type": "open"}), rooms="", push="open")

    assert numbers(connect(engine, "a", "/load/x")) == [1, 9]


def test_named_triggers_run_in_their_order() -> None:
    def named(number: int, id: str) -> Compiled:  # noqa: A002  # as it is written
        return stub({"send": {"json": {"n": number}}}, on={"type": "named", "name": "go", "channel": "load"}, id=id)

    engine = expecting(named(1, "one"), named(2, "two"))

    assert numbers(fire(engine, "go")) == [2, 1]
