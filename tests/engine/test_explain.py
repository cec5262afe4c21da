"""Explaining: who would answer, why the others do not, and what the document would do; and nothing is changed by it."""

import json
from typing import Any

import pytest
from engines import GO, LOAD, command, connect, engine_of, expecting, fire, leave, numbers, ring, say, says, stub
from hypothesis import given
from hypothesis import strategies as some

from mockws.engine.distance import distance, reason
from mockws.engine.engine import Engine
from mockws.engine.events import Expect
from mockws.engine.explain import MOST_TOLD, Explanation, Handshake, explain, made_up, recalled, routes_with

BODY = {"message": {"body": {"equalToJson": GO}}}
OTHER = {"message": {"body": {"equalToJson": {"go": "off"}}}}
SECURED = """
channels:
  door: {address: /door, messages: {Knock: {payload: {type: object, required: [who]}}}}
operations:
  knock: {action: receive, channel: {$ref: '#/channels/door'}, security: [{$ref: '#/components/securitySchemes/token'}]}
  ring: {action: receive, channel: {$ref: '#/channels/door'}, messages: []}
components:
  securitySchemes: {token: {type: http, scheme: bearer}}
"""


def explained(engine: Engine, value: Any, at: float = 0.0, *, channel: str = "load", **handshake: Any) -> Explanation:
    """Explain what a made-up connection would say."""
    route = routes_with(engine, engine.contract.channel(channel))[0]
    frame = value if isinstance(value, bytes) else json.dumps(value)
    return explain(engine, made_up(route, Handshake(**handshake), at), frame, at)


def reasons(explanation: Explanation) -> dict[str, str]:
    """Tell why each does not answer; who does, has no reason."""
    return {each.rule.id: reason(each.differences) if each.differences else "" for each in explanation.judged}


def nearest(explanation: Explanation) -> list[str]:
    return [each.rule.id for each in sorted(explanation.judged, key=lambda each: distance(each.differences))]


def test_the_first_by_precedence_answers_and_the_others_come_after() -> None:
    engine = expecting(stub(says(1), id="old"), stub(says(2), id="new"), stub(says(3), id="urgent", priority=1))

    told = explained(engine, GO)

    assert told.rule is not None
    assert (told.by, told.rule.id) == ("expectation", "urgent")
    assert reasons(told) == {"urgent": "", "new": "LOWER_PRIORITY", "old": "LOWER_PRIORITY"}
    assert [each.rule.id for each in told.judged] == ["urgent", "new", "old"]


@pytest.mark.parametrize(
    ("kept", "why"),
    [
        ({"enabled": False}, "DISABLED"),
        ({"timeToLive": "5s"}, "EXPIRED"),
        ({"scenario": {"name": "s", "requiredState": "B"}}, "SCENARIO_STATE"),
        ({"probability": 0}, "PROBABILITY"),
        ({"when": "counter > 7"}, "MESSAGE"),
        ({"when": "random('a', 'b') > 0"}, "MESSAGE"),
        ({"on": {"connection": {"pathParameters": {"room": {"equalTo": "q"}}}}}, "CONNECTION"),
        ({"on": {"message": {"name": "Ask"}}}, "MESSAGE"),
        ({"on": {"message": {"valid": False}}}, "SPEC_INVALID"),
        ({"on": {"channel": "other"}}, "CHANNEL"),
        ({"on": OTHER}, "MESSAGE"),
    ],
)
def test_what_does_not_answer_has_its_reason(kept: dict[str, Any], why: str) -> None:
    engine = expecting(stub(says(1), **kept))

    told = explained(engine, GO, at=9)

    assert reasons(told) == {"it": why}
    assert (told.by, told.rule) == ("nothing", None)


def test_another_operation_of_the_channel_is_another_channel() -> None:
    document = LOAD + "  more: {action: receive, channel: {$ref: '#/channels/load'}, messages: []}\n"
    engine = expecting(stub(says(1), on={"operation": "more"}), document=document)

    assert reasons(explained(engine, GO)) == {"it": "CHANNEL"}


def test_what_is_used_up_is_nearer_than_what_is_about_another_body() -> None:
    used, other, both = (
        stub(says(1), on=BODY, times=1, id="used"),
        stub(says(1), on=OTHER, id="other"),
        stub(says(1), on=OTHER, times=1, id="both"),
    )
    engine = expecting(used, both, other)
    say(engine, "a", GO)
    say(engine, "a", {"go": "off"})  # by `other`, which is the newest
    engine.expected.book.rules["both"].ran = 1

    told = explained(engine, GO)

    assert nearest(told) == ["used", "other", "both"]
    assert reasons(told) == {"used": "TIMES_EXHAUSTED", "other": "MESSAGE", "both": "MESSAGE"}
    assert distance(told.judged[0].differences) > 0


def test_an_invalid_message_tells_how_and_which_it_was_to_be() -> None:
    engine = expecting(stub(says(1), on={"message": {"name": "Gone"}}), on_invalid="ignore")

    told = explained(engine, {"go": 5})

    assert told.reading.closest is not None
    assert (told.reading.closest.name, told.promise.does) == ("Go", "ignore")
    assert [each.pointer for each in told.judged[0].differences] == ["/message/valid", "/message/body/go"]


@pytest.mark.parametrize(
    ("policy", "does", "code"), [("close", "close", 1008), ("problem", "problem", None), ("error", "error", None)]
)
def test_the_document_reacts_to_what_is_invalid_as_it_is_told_to(policy: str, does: str, code: int | None) -> None:
    told = explained(expecting(on_invalid=policy), {"go": 5})

    assert (told.by, told.promise.does, told.promise.code) == ("document", does, code)


def test_the_document_answers_where_nothing_else_does() -> None:
    text = "\n".join(LOAD.splitlines()[:-1]) + "\n  ask: {action: receive, channel: {$ref: '#/channels/other'}, "
    engine = engine_of(text + "reply: {channel: {$ref: '#/channels/load'}, messages: []}}\n")

    told = explained(engine, GO, channel="other")

    assert (told.by, told.promise.does, told.promise.operation) == ("nothing", "nothing", "ask")
    assert "has no message" in told.promise.how


def test_a_made_up_handshake_is_matched_like_a_real_one() -> None:
    matching = {
        "pathParameters": {"room": {"equalTo": "red"}},
        "queryParameters": {"token": {"equalTo": "t"}},
        "headers": {"Origin": {"equalTo": "o"}},
        "cookies": {"sid": {"equalTo": "1"}},
        "subprotocol": "v1",
        "group": "vip",
    }
    scenario = {"name": "login", "requiredState": "In"}
    engine = expecting(
        stub(says(1), on={"connection": matching}, scenario=scenario, when="connection['values'].name == 'ada'")
    )
    handshake: dict[str, Any] = {
        "parameters": {"room": "red"},
        "query": {"token": "t"},
        "headers": {"ORIGIN": "o"},
        "cookies": {"sid": "1"},
        "subprotocol": "v1",
        "groups": ["vip"],
        "states": {"login": "In"},
        "values": {"name": "ada"},
    }

    assert explained(engine, GO, **handshake).by == "expectation"
    for name in handshake:
        assert explained(engine, GO, **{**handshake, name: None if name == "subprotocol" else {}}).by == "nothing"


def test_an_unlikely_one_counts_as_answering_and_does_not_hide_the_next() -> None:
    engine = expecting(stub(says(1), id="always"), stub(says(2), id="seldom", probability=0.01))

    told = explained(engine, GO)

    assert told.rule is not None
    assert (told.rule.id, reasons(told)) == ("seldom", {"seldom": "", "always": ""})


def test_a_conversation_that_waits_goes_first() -> None:
    waits = {"expect": {"message": {"name": "Go"}, "within": "5s"}}
    engine = expecting(stub(waits, says(7), on={"type": "open"}, id="talk"), stub(says(1), id="it"), rooms="")
    opened = connect(engine, "a", "/load/x")

    told = explain(engine, engine.world.connections["a"], json.dumps(GO), 0.0)

    assert told.rule is not None
    assert (told.by, told.rule.id, reasons(told)) == ("conversation", "talk", {"it": "LOWER_PRIORITY"})
    ring(engine, opened)
    assert numbers(say(engine, "a", GO)) == [1]


def test_what_an_operation_asks_for_is_told_before_all_others() -> None:
    engine = engine_of(SECURED, infer=False)
    command(engine, Expect(stub(says(1))))

    told = explained(engine, {"who": "ada"}, channel="door")
    assert (told.by, told.promise.does, told.promise.code) == ("security", "close", 4401)
    assert explained(engine, {"who": "ada"}, channel="door", headers={"authorization": "Bearer t"}).by == "expectation"


def test_a_connection_that_is_gone_is_recalled() -> None:
    engine = expecting(stub(says(1), on={"connection": {"pathParameters": {"room": {"equalTo": "x"}}}}))
    frame = json.dumps(GO)
    live = recalled(engine, "a", "/load/x", 0.0)
    assert live is engine.world.connections["a"]

    leave(engine, "a")
    gone = recalled(engine, "a", "/load/x", 0.0)

    assert gone is not None
    assert explain(engine, gone, frame, 0.0).by == "expectation"
    assert recalled(engine, "nobody", "/load/x", 0.0) is None
    assert recalled(engine, "a", "/nowhere/else", 0.0) is None


def test_only_the_nearest_of_very_many_are_told() -> None:
    far = [stub(says(1), on={"message": {"name": "Ask"}}, id=f"far{each}") for each in range(MOST_TOLD)]
    engine = expecting(stub(says(1), on=OTHER, id="near"), *far)

    told = explained(engine, GO)

    assert (len(told.judged), told.omitted) == (MOST_TOLD, 1)
    assert told.judged[-1].rule.id == "near"


scenario = {"name": "s", "requiredState": "Started", "newState": "B"}


@given(some.lists(some.booleans(), max_size=6))
def test_explaining_changes_nothing(asks: list[bool]) -> None:
    """Whether somebody asks before a message or not, it is answered in the same way."""

    def played(*, asking: bool) -> list[Any]:
        engine = expecting(
            stub(says("{{ random(1, 1000000) }}"), probability=0.5, id="chance"),
            stub(says(2), times=2, priority=2, id="twice"),
            stub(says(3), scenario=scenario, priority=1, id="once"),
            stub({"send": {"json": {"n": 4}, "to": "all"}}, on={"type": "named", "name": "n"}, id="named"),
        )
        heard = []
        for ask in asks:
            if asking and ask:
                explain(engine, engine.world.connections["a"], json.dumps(GO), 0.0)
                explained(engine, GO)
            heard.append(numbers(say(engine, "a", GO)))
        return [heard, numbers(fire(engine, "n")), engine.journal.last]

    assert played(asking=True) == played(asking=False)


@given(some.sampled_from([GO, {"go": "off"}, {"go": 1}, {}]), some.integers(0, 3))
def test_what_is_explained_is_what_happens(value: Any, before: int) -> None:
    engine = expecting(
        stub(says(1), on=BODY, times=1, id="once"),
        stub(says(2), on=OTHER, id="off"),
        stub(says(3), on={"message": {"valid": False}}, priority=9, id="invalid"),
        on_invalid="ignore",
    )
    for _ in range(before):
        say(engine, "a", GO)

    told = explain(engine, engine.world.connections["a"], json.dumps(value), 0.0)
    happened = say(engine, "a", value).entries[0]

    assert happened.expectation == (told.rule.id if told.rule else None)
