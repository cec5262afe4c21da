"""Specmatic's examples as expectations: what is matched, what is said, and what is wrong with them."""

import json
from pathlib import Path
from typing import Any

import pytest

from mockws.app import load_document
from mockws.diagnostic import Diagnostic
from mockws.settings import Settings
from mockws.source.read import read
from mockws.specmatic.example import is_example, read_example
from mockws.specmatic.expectations import PRIORITY, Translation

DOCUMENT = str(Path(__file__).parent / "orders" / "specification" / "orders.yaml")
CONTRACT = load_document(DOCUMENT, Settings()).contract
CHAT = Path(__file__).parents[2] / "specification" / "chat.yaml"
ORDER = {"topic": "new-orders", "payload": {"id": 7, "loaves": []}}
ANSWER = {"topic": "wip-orders", "payload": {"id": 7, "total": 1, "status": "INITIATED"}}
ACCEPTED = {"topic": "accepted-orders", "payload": {"id": 7, "status": "ACCEPTED", "at": "(datetime)"}}
DELIVERY = {"topic": "deliveries", "payload": {"orderId": 7, "street": "x", "day": "2026-03-16"}}
PUT: dict[str, Any] = {
    "http-request": {"path": "/orders", "method": "PUT", "body": {"id": 7}},
    "http-response": {"status": 202},
}


def with_payload(part: dict[str, Any], **payload: Any) -> dict[str, Any]:
    return {**part, "payload": {**part["payload"], **payload}}


BROKEN = with_payload(ORDER, id="x")


def made(**example: Any) -> Translation:
    text = read(json.dumps(example).encode(), "a.json")
    found, told = read_example(text, "a")
    assert found is not None, told
    return Translation.of(found, "a.json", CONTRACT)


def stubs(**example: Any) -> list[Any]:
    translation = made(**example)
    assert translation.found == []
    return [each.stub for each in translation.drafts]


def told(**example: Any) -> list[Diagnostic]:
    text = read(json.dumps(example, indent=1).encode(), "a.json")
    found, read_ = read_example(text, "a")
    return read_ if found is None else [*read_, *Translation.of(found, "a.json", CONTRACT).found]


def test_what_is_received_is_answered_with_what_is_sent() -> None:
    (stub,) = stubs(name="NEW", receive=ORDER, send=ANSWER)

    assert stub["id"] == "a.json"
    assert stub["priority"] == PRIORITY
    assert stub["trigger"] == {"channel": "OrderPlaced", "message": {"body": {"equalToJson": ORDER["payload"]}}}
    assert stub["actions"] == [{"send": {"to": {"channel": "OrderInitiated"}, "json": ANSWER["payload"]}}]


def test_types_match_by_schema_and_go_after_what_is_said_in_full() -> None:
    (stub,) = stubs(receive=with_payload(ORDER, id="(integer)"), send=ANSWER)

    assert stub["trigger"]["message"]["body"]["matchesJsonSchema"]["properties"]["id"] == {"type": "integer"}
    assert stub["priority"] == PRIORITY + 1


def test_what_came_under_a_name_is_said_again() -> None:
    received = {
        "topic": "new-orders",
        "payload": {"id": "(ID:integer)", "loaves": [{"kind": "(KIND:string)", "count": 1}]},
    }
    (stub,) = stubs(receive=received, send=with_payload(ANSWER, id="$(ID)"))

    assert stub["actions"][0]["send"]["json"]["id"] == "{{ message.json.id }}"


@pytest.mark.parametrize(
    ("value", "said"),
    [("$match(exact: 7)", 7), ("(integer)", 1), ("$match(dataType: integer, times: 2)", 1)],
)
def test_value_strings_are_said_as_values_that_fit(value: str, said: Any) -> None:
    (stub,) = stubs(receive=ORDER, send=with_payload(ANSWER, id=value))

    assert stub["actions"][0]["send"]["json"]["id"] == said


def test_a_value_that_only_the_schema_knows_is_made_by_it() -> None:
    (stub,) = stubs(receive=ORDER, send=with_payload(ANSWER, status="(string)"))

    assert stub["actions"][0]["send"]["json"]["status"] in ("INITIATED", "ACCEPTED", "SHIPPED")


def test_what_looks_like_a_template_is_none() -> None:
    (stub,) = stubs(receive=with_payload(ORDER, loaves=[{"kind": "{{ rye }}", "count": 1}]), send=ANSWER)

    assert stub["trigger"]["message"]["body"]["equalToJson"]["loaves"][0]["kind"] == "{{ rye }}"


def test_a_request_before_sets_off_what_is_sent() -> None:
    named, exact, otherwise = stubs(name="ACCEPT", before=[PUT], send=ACCEPTED)

    assert named["trigger"] == {"type": "named", "name": "ACCEPT", "channel": "OrderAccepted"}
    assert exact["trigger"]["http"] == {"method": "PUT", "path": "/orders", "body": {"equalToJson": {"id": 7}}}
    assert exact["trigger"]["response"] == {"status": 202}
    assert "body" not in otherwise["trigger"]["http"]
    assert otherwise["actions"][0]["send"]["json"]["id"].startswith("{{ request.json['id'] if")
    assert exact["actions"][0]["send"]["json"]["at"] == "{{ now }}"


def test_a_request_after_is_answered_once_the_message_has_come() -> None:
    fixture = {
        "http-request": {"path": "/orders/7?status=SHIPPED"},
        "http-response": {"body": {"id": "$match(exact: 7)"}},
    }
    message, after = stubs(receive=DELIVERY, after=[fixture])

    assert message["scenario"] == {"name": "a.json", "newState": "come", "scope": "global"}
    assert after["scenario"] == {"name": "a.json", "requiredState": "come", "scope": "global"}
    assert after["trigger"]["http"]["queryParameters"] == {"status": {"equalTo": "SHIPPED"}}
    assert after["trigger"]["response"] == {"status": 200, "json": {"id": 7}}


def test_a_transient_example_is_good_for_one_time() -> None:
    assert stubs(transient=True, receive=ORDER, send=ANSWER)[0]["times"] == 1
    assert (
        stubs(
            transient=True,
            receive=with_payload(ORDER, id="$match(dataType: integer, value: any, times: 3)"),
            send=ANSWER,
        )[0]["times"]
        == 3
    )


def test_data_is_filled_in() -> None:
    (stub,) = stubs(data={"order": {"id": 7}}, receive=with_payload(ORDER, id="$(data.order.id)"), send=ANSWER)

    assert stub["trigger"]["message"]["body"]["equalToJson"]["id"] == 7


def test_an_example_without_an_answer_leaves_the_documents_own() -> None:
    assert stubs(receive=ORDER) == []


def test_what_a_document_promises_goes_before_an_effect() -> None:
    assert [each.code for each in told(receive=ORDER, after=[PUT])] == ["specmatic-left-out"]


@pytest.mark.parametrize(
    ("example", "place"),
    [
        ({"receive": BROKEN, "send": ANSWER}, "a.json:5:10: error: /receive/payload/id: OrderRequest: must be an"),
        ({"send": with_payload(ANSWER, status="LOST")}, "/send/payload/status: OrderInProgress: must be one of"),
        ({"receive": {"topic": "newOrders"}}, "a.json:3:12: error: /receive/topic: no channel is at 'newOrders'"),
        ({"receive": {"topic": "wip-orders", "payload": {}}}, "no channel on which a message is received"),
        ({"receive": {"payload": {}}}, "topic is missing"),
        ({"receive": with_payload(ORDER, id="(intger)")}, "/receive/payload/id: there is no type (intger)"),
        ({"receive": with_payload(ORDER, id="$(data.nothing)")}, "there is nothing at $(data.nothing)"),
        ({"receive": ORDER, "send": with_payload(ANSWER, id="$(LOST)")}, "there is nothing at $(LOST)"),
        ({"send": ACCEPTED, "before": {}}, "/before: before should be a list"),
        ({"send": ACCEPTED, "before": [{"http-request": {"path": "x"}}]}, "/before/0/http-request/path: path should"),
        ({"send": ACCEPTED, "before": [{**PUT, "wait": "2s"}]}, "/before/0/wait: wait should be a duration such as"),
        ({"send": ACCEPTED, "delay-in-seconds": "x"}, "/delay-in-seconds: delay-in-seconds should be a number"),
        ({"receive": []}, "/receive: receive should be an object"),
        ({"receive": with_payload(ORDER, id="$match(pattern: [)")}, "is not a regular expression [specmatic-value]"),
        ({"send": ACCEPTED, "before": [{**PUT, "http-response": {"status": 99}}]}, "status should be 200 to 599"),
        ({"receive": with_payload(ORDER, id="$(data.a.b)"), "data": {"a": 5}}, "there is nothing at $(data.a.b)"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_place(example: dict[str, Any], place: str) -> None:
    assert place in str(told(**example)[0])


@pytest.mark.parametrize(
    ("example", "words"),
    [
        ({"receive": ORDER, "recieve": {}}, "did you mean receive?"),
        ({"receive": ORDER, "dlq": {}}, "dlq is of brokers, and is left out"),
        ({"receive": ORDER, "before": [{"type": "sql"}]}, "it is no HTTP fixture, and is left out"),
    ],
)
def test_what_is_left_out_is_told(example: dict[str, Any], words: str) -> None:
    (found,) = told(**example)

    assert found.severity == "warning"
    assert words in str(found)


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        ("/orders/(ID:number)/ship", {"path": "/orders/{ID}/ship"}),
        ("/orders/(number)", {"path": "/orders/{part2}"}),
        ("/orders/$(ID)?status=$(S)", {"path": "/orders/{part2}", "queryParameters": {"status": {"matches": ""}}}),
        ("/a%20b?n=(integer)", {"path": "/a b", "queryParameters": {"n": {"matches": "^-?[0-9.]+$"}}}),
        ("/a?t=(string)&u=$match(x", {"queryParameters": {"t": {"matches": ""}, "u": {"equalTo": "$match(x"}}}),
    ],
)
def test_paths_and_queries_may_have_types_in_them(path: str, asked: dict[str, Any]) -> None:
    fixture = {"http-request": {"path": path}}
    stub = stubs(receive=DELIVERY, send=ACCEPTED, before=[fixture])[-1]

    assert stub["trigger"]["http"] == {"method": "GET", "path": "/a", **asked}


@pytest.mark.parametrize(
    ("body", "matcher"),
    [
        ("as it is", {"equalTo": "as it is"}),
        ({"id": "$(data.id)"}, {"equalToJson": {"id": 7}}),
        ({"id": "(ID:integer)"}, {"matchesJsonSchema": {"type": "integer"}}),
    ],
)
def test_a_body_may_be_a_text_or_have_types_in_it(body: Any, matcher: dict[str, Any]) -> None:
    request = {**PUT, "http-request": {**PUT["http-request"], "body": body, "query": {"a": 1}}}
    stub = stubs(send=with_payload(ACCEPTED, id=7), before=[request], data={"id": 7})[1]

    found = stub["trigger"]["http"]["body"]
    if "matchesJsonSchema" in matcher:
        found = {"matchesJsonSchema": found["matchesJsonSchema"]["properties"]["id"]}
    assert found == matcher
    assert stub["trigger"]["http"]["queryParameters"] == {"a": {"equalTo": "1"}}


def test_an_answer_may_be_a_text_and_have_names_in_it() -> None:
    first = {**PUT, "http-response": {"body": {"id": "(ID:number)", "more": ["(string)", True]}}}
    second = {"http-request": {"path": "/x"}, "http-response": {"body": "order $(ID) {{"}}
    one, other = stubs(receive=DELIVERY, send=ACCEPTED, before=[first, second])[1:]

    assert one["trigger"]["response"]["json"] == {"id": 1, "more": ["text", True]}
    assert other["trigger"]["response"]["text"] == "{% raw %}order 1 {{{% endraw %}"


def test_text_around_a_name_stays_text() -> None:
    received = with_payload(DELIVERY, street="(STREET:string)")
    sent = {
        "topic": "accepted-orders",
        "payload": {"id": 7, "status": "ACCEPTED", "at": "(datetime)", "to": "{{ $(STREET)!"},
    }

    stub = stubs(receive=received, send=sent)[0]

    assert stub["actions"][0]["send"]["json"]["to"] == "{% raw %}{{ {% endraw %}{{ message.json.street }}!"


def test_what_is_sent_may_wait() -> None:
    (stub,) = stubs(receive=ORDER, send=ANSWER, **{"delay-in-milliseconds": 250})

    assert stub["actions"][0] == {"delay": 250}


def test_data_is_looked_up_by_a_name_that_comes_later() -> None:
    data = {"dataLookups": {"delivery": {"any": {"street": "Elm"}}}}
    (stub, _) = stubs(
        data=data,
        receive=with_payload(DELIVERY, street="$(dataLookups.delivery[ID].street)"),
        send=ACCEPTED,
        after=[PUT],
    )

    assert stub["trigger"]["message"]["body"]["equalToJson"]["street"] == "Elm"


def test_an_example_of_http_is_none_of_messages() -> None:
    assert not is_example(read(b'{"http-request": {}, "http-response": {}}', "a.json"))


def test_a_clients_document_says_what_is_received() -> None:
    contract = load_document(DOCUMENT, Settings(perspective="client")).contract
    example, _ = read_example(read(json.dumps({"name": "N", "receive": ORDER, "send": ANSWER}).encode(), "a.json"), "a")
    assert example is not None

    translation = Translation.of(example, "a.json", contract)

    assert [each.stub["trigger"]["type"] for each in translation.drafts] == ["named"]


@pytest.mark.parametrize(
    ("topic", "advice"),
    [
        ("rooms/lobby", "write the address as the document has it: rooms/{room}"),
        ("/rooms/lobby", "write the address as the document has it: rooms/{room}"),
        ("rom", "did you mean room?"),
        ("elsewhere/entirely", "`mockws routes` lists the channels"),
    ],
)
def test_a_topic_that_no_channel_has_is_told_with_what_was_meant(topic: str, advice: str) -> None:
    text = read(json.dumps({"receive": {"topic": topic, "payload": {}}}).encode(), "a.json")
    found, _ = read_example(text, "a")
    assert found is not None

    (diagnostic,) = Translation.of(found, "a.json", load_document(str(CHAT), Settings()).contract).found

    assert diagnostic.advice == advice
