"""Names that people write."""

import pytest

from mockws.names import closest, words_of


@pytest.mark.parametrize(
    ("name", "meant"),
    [("orderPaid", "order.paid"), ("ORDER_PAID", "order.paid"), ("subscrib", "subscribe"), ("xyz", ""), ("", "")],
)
def test_closest_name_is_found_whatever_its_case_and_dots(name: str, meant: str) -> None:
    assert closest(name, ["order.paid", "subscribe"]) == meant


def test_there_is_no_closest_of_none() -> None:
    assert closest("a" * 10_000, []) == ""


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("subscribeRequest", ("subscribe", "request")),
        ("subscribe_request", ("subscribe", "request")),
        ("SubscribeRequest.message", ("subscribe", "request", "message")),
        ("XMLHttp2", ("xml", "http", "2")),
        ("ORDER", ("order",)),
        ("---", ()),
    ],
)
def test_name_is_made_of_words(name: str, words: tuple[str, ...]) -> None:
    assert words_of(name) == words
