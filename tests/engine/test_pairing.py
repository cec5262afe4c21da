"""Which message answers which, by name."""

import pytest

from mockws.contract import Message
from mockws.engine.pairing import answers, asks, is_answer
from mockws.schema.schema import Schema


def message(name: str, **tells: str) -> Message:
    return Message(name, Schema(True), tells={key: frozenset({value}) for key, value in tells.items()})


PAIRS = [
    ("ping", "pong"),
    ("subscribe", "subscribed"),
    ("unsubscribe", "unsubscribed"),
    ("OrderRequest", "OrderResponse"),
    ("order_request", "orderReply"),
    ("Order", "OrderResponse"),
    ("order", "orderAck"),
    ("subscribe", "subscribeResponse"),
    ("subscribeTrades", "TradesStatus"),
    ("subscribeTrades", "tradesSubscribed"),
    ("startGame", "gameStarted"),
    ("startGame", "startedGame"),
    ("getUser", "UserResult"),
    ("stop", "stopped"),
    ("apply", "applied"),
    ("leave", "left"),
    ("Login.message", "loginResponse"),
]
STRANGERS = [
    ("ping", "ping"),
    ("pong", "ping"),
    ("subscribe", "unsubscribed"),
    ("order", "trade"),
    ("OrderRequest", "TradeResponse"),
    ("OrderResponse", "OrderRequest"),
    ("order", "orderError"),
    ("chat", "orderResponse"),
    ("getUser", "getOrderResponse"),
    ("a", "b"),
]


@pytest.mark.parametrize(("request_name", "reply_name"), PAIRS)
def test_answer_is_known_by_its_name(request_name: str, reply_name: str) -> None:
    assert answers(message(reply_name), message(request_name))


@pytest.mark.parametrize(("request_name", "reply_name"), STRANGERS)
def test_strangers_are_no_pair(request_name: str, reply_name: str) -> None:
    assert not answers(message(reply_name), message(request_name))


def test_what_tells_a_message_apart_on_the_wire_is_a_name_too() -> None:
    assert answers(message("Second", type="subscribed"), message("First", type="subscribe"))


def test_name_without_words_answers_nothing() -> None:
    assert not answers(message("---"), message("***"))


@pytest.mark.parametrize("name", ["subscribeTrades", "getUser", "listRooms", "OrderRequest", "book_query"])
def test_message_asks_by_its_name(name: str) -> None:
    assert asks(message(name))


@pytest.mark.parametrize("name", ["Order", "tick", "forget", "OrderResponse"])
def test_message_that_tells_does_not_ask(name: str) -> None:
    assert not asks(message(name))


@pytest.mark.parametrize(("name", "told"), [("Acknowledge", True), ("OrderAck", True), ("Wish", False)])
def test_message_answers_by_its_own_name(name: str, told: bool) -> None:
    assert is_answer(message(name)) is told
