"""What an invalid message leads to."""

from typing import Any

import pytest
from engines import closed, connect, engine_of, heard, say, say_text

from mockws.engine.actions import Outcome

DOCUMENT = """
channels:
  c:
    address: /c/{userId}
    parameters: {userId: {}}
    messages:
      Order: {payload: {type: object, required: [id], properties: {id: {type: integer}, requestId: {}}}}
      Failed:
        x-mockws: {error: true}
        payload:
          type: object
          required: [message]
          properties: {message: {type: string}, requestId: {type: integer}, userId: {type: string}}
operations:
  in: {action: receive, channel: {$ref: '#/channels/c'}, messages: [{$ref: '#/channels/c/messages/Order'}]}
  out: {action: send, channel: {$ref: '#/channels/c'}, messages: [{$ref: '#/channels/c/messages/Failed'}]}
"""


def wrong(policy: str, document: str = DOCUMENT, value: Any = None) -> Outcome:
    engine = engine_of(document, on_invalid=policy)
    connect(engine, "a", "/c/ada")
    return say(engine, "a", {"id": "x", "requestId": 7} if value is None else value)


def test_close_says_what_was_wrong() -> None:
    assert closed(wrong("close")) == [("a", 1008)]


def test_ignore_is_silent_but_for_the_journal() -> None:
    outcome = wrong("ignore")

    assert outcome.actions == ()
    assert [entry.outcome for entry in outcome.entries] == ["invalid"]


def test_problem_is_a_document_with_all_that_was_wrong_and_is_journalled() -> None:
    outcome = wrong("problem")

    [(_, problem)] = heard(outcome)
    assert (problem["title"], problem["message"]) == ("invalid message", "Order")
    assert [error["pointer"] for error in problem["errors"]] == ["/id"]
    assert [entry.cause for entry in outcome.entries] == ["", "on-invalid problem"]


def test_error_is_the_contracts_own_message_filled_in() -> None:
    [(_, error)] = heard(wrong("error"))

    assert error == {"message": 'Order: /id: must be an integer, is a string ("x")', "requestId": 7, "userId": "ada"}


@pytest.mark.parametrize(
    "document",
    [
        DOCUMENT.replace("{error: true}", "{error: false}"),
        DOCUMENT.replace("Order:", "Broken: {x-mockws: {error: true}, payload: {}}\n      Order:"),
        DOCUMENT.replace("{type: string}, requestId", "{type: string, pattern: '^(?=a)(?=b)x$'}, requestId"),
    ],
    ids=["none", "several", "impossible"],
)
def test_without_exactly_one_error_message_the_connection_is_closed(document: str) -> None:
    assert closed(wrong("error", document)) == [("a", 1008)]


def test_error_that_only_clients_say_is_not_said() -> None:
    document = DOCUMENT.replace("messages/Order'}]}", "messages/Order'}, {$ref: '#/channels/c/messages/Failed'}]}")
    document = document[: document.index("  out:")]

    assert closed(wrong("error", document)) == [("a", 1008)]


@pytest.mark.parametrize("policy", ["problem", "ignore", "error"])
def test_connection_stays_open_where_the_policy_is_no_close(policy: str) -> None:
    assert closed(wrong(policy)) == []


def test_error_without_a_text_for_the_reason_is_said_as_it_is() -> None:
    document = DOCUMENT.replace("required: [message]", "required: [code]").replace(
        "{message: {type: string}", "{code: {const: 7}"
    )

    [(_, error)] = heard(wrong("error", document))

    assert error == {"code": 7, "requestId": 7, "userId": "ada"}


def test_error_that_is_no_object_is_said_as_it_is() -> None:
    document = (
        DOCUMENT[: DOCUMENT.index("        payload:\n")]
        + "        payload: {const: failed}\n"
        + DOCUMENT[DOCUMENT.index("operations:") :]
    )

    assert heard(wrong("error", document)) == [("a", "failed")]


def test_reason_that_no_text_may_hold_is_left_out() -> None:
    document = DOCUMENT.replace("{message: {type: string}", "{message: {const: sorry}")

    assert heard(wrong("error", document))[0][1]["message"] == "sorry"


def test_problem_names_no_message_where_none_was_meant() -> None:
    silent = DOCUMENT.replace("action: receive", "action: send")

    [(_, problem)] = heard(wrong("problem", silent, value=[]))

    assert (problem["detail"], problem["errors"], "message" in problem) == ("no message is received here", [], False)


def test_error_about_no_message_in_particular_carries_nothing() -> None:
    document = DOCUMENT.replace("messages/Order'}]", "messages/Order'}, {$ref: '#/channels/c/messages/Other'}]")
    document = document.replace("Order:", "Other: {payload: {type: object, required: [other]}}\n      Order:")
    engine = engine_of("defaultContentType: application/json\n" + document, on_invalid="error")
    connect(engine, "a", "/c/ada")

    assert heard(say_text(engine, "a", "no JSON")) != []
