"""Names that people write."""

import pytest

from mockws.names import MAX_KEYS, closest, closest_path, words_of


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


def test_closest_path_mends_each_key() -> None:
    assert closest_path({"channels": {"room": 1}}, ("chanels", "rom")) == ("channels", "room")


@pytest.mark.parametrize("keys", [("nothing", "room"), ("channels", "room", "deeper")])
def test_path_that_leads_nowhere_near_has_no_closest(keys: tuple[str, ...]) -> None:
    assert closest_path({"channels": {"room": 1}}, keys) == ()


def test_among_very_many_keys_no_misspelled_one_is_looked_for() -> None:
    assert closest_path({f"key{each}": 1 for each in range(MAX_KEYS + 1)}, ("kex1",)) == ()
