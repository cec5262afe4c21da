"""Values at the paths of requests: all that are there are found, and each can be taken out again."""

import pytest

from mockws.address import Address
from mockws.engine.http_paths import Paths
from mockws.errors import BadPath

PLACES = ("/orders/7", "/orders/{id}", "/orders/{order}", "/orders/{id}/ship", "/{any}/7", "/")


def paths(*templates: str) -> Paths[str]:
    made: Paths[str] = Paths()
    for each in templates:
        made.add(Address(each), each)
    return made


def test_all_that_are_at_a_path_are_found_with_their_own_parameters() -> None:
    found = dict(paths(*PLACES).find("/orders/7"))

    assert found == {
        "/orders/7": {},
        "/orders/{id}": {"id": "7"},
        "/orders/{order}": {"order": "7"},
        "/{any}/7": {"any": "orders"},
    }


def test_several_at_one_address_are_found_in_their_order() -> None:
    made = paths("/a")
    made.add(Address("/a"), "again")

    assert [value for value, _ in made.find("/a")] == ["/a", "again"]


def test_a_pattern_that_does_not_fit_is_passed_by() -> None:
    assert paths("/v{n}/a", "/{any}/a").find("/w1/a") == [("/{any}/a", {"any": "w1"})]


def test_segments_are_compared_decoded() -> None:
    assert paths("/a b/{id}").find("/a%20b/%C3%A9") == [("/a b/{id}", {"id": "é"})]


def test_a_path_that_is_no_utf8_is_refused() -> None:
    with pytest.raises(BadPath):
        paths("/{a}").find("/%FF")


def test_what_was_taken_out_is_not_found_and_leaves_nothing() -> None:
    made = paths(*PLACES)

    for each in PLACES:
        made.remove(Address(each), each)

    assert [made.find(path) for path in ("/orders/7", "/orders/7/ship", "/")] == [[], [], []]
    assert not made._root.literal
    assert not made._root.patterns


def test_a_long_path_is_no_deep_recursion() -> None:
    deep = "/a" * 5000

    assert len(paths(deep).find(deep)) == 1
