"""What lines mean that are typed into `mockws connect`."""

import json

import pytest

from mockws.app import load_document
from mockws.cli.phrasebook import Judged, Phrasebook
from mockws.cli.typed import Close, Meaning, Say, Tell, completions, meaning_of
from mockws.settings import Settings

CHAT = "specification/chat.yaml"


def book_of(path: str, number: int = 0) -> Phrasebook:
    contract = load_document(path, Settings()).contract
    return Phrasebook(contract, contract.routes[number], 0)


BOOK = book_of(CHAT)


@pytest.mark.parametrize(
    ("line", "meaning"),
    [
        ("", None),
        ("   \n", None),
        ('{"a": 1}\n', Say('{"a": 1}')),
        ("hello", Say("hello")),
        ("//hello", Say("/hello")),
        ("/binary aGk=", Say(b"hi")),
        ("/close", Close()),
        ("/close 4000 had enough", Close(4000, "had enough")),
    ],
)
def test_a_line_is_said_or_is_a_command(line: str, meaning: Meaning) -> None:
    assert meaning_of(line, BOOK) == meaning


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("/snd ChatMessage", "no /snd, did you mean /send? (/help shows all)"),
        ("/send ChatMesage", "did you mean 'ChatMessage'?"),
        ("/send", "which message? (ChatMessage, TypingNotice)"),
        ("/send ChatMessage [1]", "'[1]' is no JSON object"),
        ("/send ChatMessage {", "'{' is no JSON object"),
        ("/binary hi", "'hi' is no base64"),
        ("/close 1006", "a client may close with 1000, or 3000 to 4999, not with '1006'"),
        ("/messages", "said: ChatMessage, TypingNotice\nheard: ChatMessage, TypingNotice"),
        ("/example ChatMessage", 'ChatMessage GREETING {"type":"chat"'),
        ("/help", "/send NAME [JSON]"),
    ],
)
def test_what_is_asked_or_cannot_be_is_told(line: str, told: str) -> None:
    meaning = meaning_of(line, BOOK)

    assert isinstance(meaning, Tell)
    assert told in meaning.text


@pytest.mark.parametrize("line", ["/send ChatMessage", "/fake ChatMessage", "/example", "/messages"])
def test_without_a_document_nothing_is_known(line: str) -> None:
    meaning = meaning_of(line, None)

    assert isinstance(meaning, Tell)
    assert meaning.text.startswith("there is no document")


def said(line: str) -> object:
    meaning = meaning_of(line, BOOK)
    assert isinstance(meaning, Say)
    return json.loads(meaning.frame)


def test_a_message_is_its_example_with_what_is_merged_over_it() -> None:
    assert said('/send ChatMessage {"user": "ben"}') == {
        "type": "chat",
        "user": "ben",
        "text": "Hello, is anybody here?",
    }


def test_each_fake_is_another_one() -> None:
    assert said("/fake ChatMessage") != said("/fake ChatMessage")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("/se", ["/send "]),
        ("/send Ty", ["/send TypingNotice "]),
        ("/send ChatMessage {", []),
        ("/close 4", []),
        ("{", []),
    ],
)
def test_the_tab_key_completes_commands_and_messages(text: str, found: list[str]) -> None:
    assert completions(text, BOOK) == found


def test_both_ways_are_judged_by_the_document() -> None:
    asking, answering = book_of("specification/order-api.yaml", 0), book_of("specification/order-api.yaml", 1)
    order = '{"id": 10, "totalAmount": 2000, "status": "INITIATED"}'
    wrong = order.replace("10", '"ten"')

    assert asking.said('{"id": 1, "orderItems": []}').name == "OrderRequest"
    assert asking.said("{}").wrong == "OrderRequest: /id: is required"
    assert answering.heard(order).name == "Order"
    assert answering.heard(wrong).wrong == 'Order: /id: must be an integer, is a string ("ten")'
    assert asking.heard(order) == Judged(order), "the document says nothing of what comes there"
