"""What is made up counts its dates from the moment of the event, and is broken where that is asked for."""

from datetime import UTC, datetime
from typing import Any

import pytest
from engines import GO, HEAD, LOAD, closed, contract_of, engine_of, events, expecting, heard, say, send, sent, stub

from mockws.engine.compose import Composer
from mockws.engine.engine import Engine
from mockws.engine.events import ContractReplaced, Target
from mockws.engine.making import Making
from mockws.errors import CannotFake
from mockws.schema.dictionary import dictionary_of
from mockws.schema.schema import Manner

EPOCH = datetime(2031, 5, 5, tzinfo=UTC)
DATED = LOAD.replace("{n: {type: integer}}}\n        examples", "{n: {type: integer}, at: {type: string}}}\n        ex")
BROKEN = {"reply": {"message": "Tick", "generate": "invalid"}}


def engine_at(epoch: datetime) -> Engine:
    engine = expecting(stub({"reply": {"json": {"n": 1, "at": "{{ now }}", "f": "{{ faker('date') }}"}}}))
    engine.world.making.epoch = epoch
    return engine


def test_now_is_the_moment_of_the_event() -> None:
    ((_, said),) = heard(say(engine_at(EPOCH), "a", GO, at=61.5))

    assert said["at"] == "2031-05-05T00:01:01.500Z"


def test_dates_that_templates_make_up_count_from_now() -> None:
    ((_, said),) = heard(say(engine_at(EPOCH), "a", GO))

    assert said["f"][:4] in ("2030", "2031")


def test_without_an_epoch_dates_count_from_a_fixed_day() -> None:
    ((_, said),) = heard(say(expecting(stub({"reply": {"json": {"n": 1, "at": "{{ now }}"}}})), "a", GO))

    assert said["at"] == "2026-01-01T00:00:00.000Z"


def test_a_clock_beyond_all_measure_stands_at_its_end() -> None:
    assert Making(epoch=EPOCH).moment(1e18).year == 9999


def test_a_changed_dictionary_holds_for_the_next_fake() -> None:
    engine = engine_of(LOAD, dynamic=True)
    manner = Manner(dictionary=dictionary_of([{"Tick.n": [77]}]))

    engine.step(ContractReplaced(contract_of(LOAD), manner=manner))

    assert Composer(0, making=engine.world.making).fake(engine.contract.message("Tick"), None).value == {"n": 77}


def test_a_message_is_broken_where_that_is_asked_for() -> None:
    engine = expecting(stub(BROKEN))
    tick = engine.contract.message("Tick").payload

    for _ in range(10):
        outcome = say(engine, "a", GO)
        ((_, said),) = heard(outcome)
        assert not tick.accepts(said)
        assert outcome.entries[1].note.startswith("invalid (/")


def test_a_broken_message_is_another_one_each_time() -> None:
    engine = expecting(stub(BROKEN))

    assert len({str(heard(say(engine, "a", GO))) for _ in range(10)}) > 3


def test_a_violation_says_where_its_schema_stands() -> None:
    (violation,) = engine_of(LOAD).contract.message("Tick").payload.violations({"n": "x"})

    assert violation.schema_pointer == "/channels/load/messages/Tick/payload/properties/n/type"
    line = (HEAD + LOAD).splitlines()[violation.place.line - 1] if violation.place and violation.place.line else ""
    assert line.strip() == "payload: {type: object, required: [n], properties: {n: {type: integer}}}"


def test_what_is_merged_over_a_broken_message_is_there() -> None:
    engine = expecting(stub({"reply": {**BROKEN["reply"], "with": {"extra": 5}}}))

    assert [said["extra"] for _, said in heard(say(engine, "a", GO)) if isinstance(said, dict)] in ([5], [])


def test_a_message_that_admits_everything_is_not_said() -> None:
    anything = LOAD.replace("{type: object, required: [n], properties: {n: {type: integer}}}", "{}")
    outcome = say(expecting(stub(BROKEN), document=anything), "a", GO)

    assert (heard(outcome), closed(outcome), events(outcome)[1]) == ([], [("a", 1011)], "fault")


def test_an_invalid_message_is_sent_from_outside_with_its_violations() -> None:
    engine = expecting()
    outcome = send(engine, Target(connection="a"), message="Tick", generate="invalid")

    ((_, said),) = heard(outcome)
    assert engine.contract.message("Tick").payload.violations(said) == sent(outcome).violations != ()


@pytest.mark.parametrize(("payload", "fits"), [("{type: string, maxLength: 3}", True), ("{type: string}", False)])
def test_a_text_message_is_broken_by_a_text(payload: str, fits: Any) -> None:
    document = LOAD.replace("      Tick:\n", "      Tick:\n        contentType: text/plain\n")
    document = document.replace("{type: object, required: [n], properties: {n: {type: integer}}}", payload)
    message = engine_of(document).contract.message("Tick")

    if fits:
        assert len(Composer(0).invalid(message, None).value) > 3
    else:
        with pytest.raises(CannotFake, match="admits whatever"):
            Composer(0).invalid(message, None)
