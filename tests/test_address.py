"""Addresses and the book that finds them."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockws.address import Address, AddressBook, path_in
from mockws.errors import BadPath


def book(*templates: str, **enums: list[str]) -> AddressBook[str]:
    return AddressBook([(Address(template, enums), template) for template in templates])


@pytest.mark.parametrize(
    ("path", "values"),
    [
        ("/rooms/lobby", {"room": "lobby"}),
        ("/rooms/a%2Fb", {"room": "a/b"}),
        ("/rooms/caf%C3%A9", {"room": "café"}),
        ("/rooms/", None),
        ("/rooms", None),
        ("/rooms/a/b", None),
        ("/rooms/a%00", None),
        ("/rooms/a%0Ab", None),
        ("/rooms/%7F", None),
        ("/Rooms/a", None),
    ],
)
def test_parameter_is_one_segment_decoded(path: str, values: dict[str, str] | None) -> None:
    assert Address("/rooms/{room}").match(path) == values


@pytest.mark.parametrize("path", ["/rooms/%FF", "/rooms/%C3", "/%ED%A0%80"])
def test_path_that_is_not_utf8_is_refused(path: str) -> None:
    with pytest.raises(BadPath, match="not UTF-8"):
        book("/rooms/{room}").find(path)


def test_parameter_can_be_a_part_of_a_segment() -> None:
    address = Address("/v{version}/{name}.{form}")

    assert address.match("/v2/a.json") == {"version": "2", "name": "a", "form": "json"}
    assert address.match("/v/a.json") is None


def test_special_characters_of_an_address_are_literal() -> None:
    assert Address("/a.b/{order-id}").match("/a.b/7") == {"order-id": "7"}
    assert Address("/a.b/{order-id}").match("/aXb/7") is None


def test_literal_segments_win_over_parameters_whatever_the_order() -> None:
    for templates in (("/a/{x}", "/a/b"), ("/a/b", "/a/{x}")):
        assert book(*templates).find("/a/b") == ("/a/b", {})


def test_parameter_is_tried_where_the_literal_leads_nowhere() -> None:
    assert book("/a/b/c", "/a/{x}/d").find("/a/b/d") == ("/a/{x}/d", {"x": "b"})


def test_addresses_that_part_late_share_their_beginning() -> None:
    shared = book("/a/{x}/b", "/a/{x}/c")

    assert [shared.find(path) for path in ("/a/1/b", "/a/1/c")] == [("/a/{x}/b", {"x": "1"}), ("/a/{x}/c", {"x": "1"})]
    assert [str(address) for address in shared] == ["/a/{x}/b", "/a/{x}/c"]


def test_value_outside_of_an_enum_is_found_nowhere() -> None:
    events = book("/events/{kind}", kind=["login", "logout"])

    assert events.find("/events/login") == ("/events/{kind}", {"kind": "login"})
    assert events.find("/events/dance") is None


def test_enum_decides_between_addresses_of_one_shape() -> None:
    entries = [(Address("/e/{k}", {"k": ["a"]}), 1), (Address("/e/{k}", {"k": ["b"]}), 2), (Address("/e/{k}"), 3)]
    found = AddressBook(entries)

    assert [found.find(path) for path in ("/e/a", "/e/b", "/e/c")] == [
        (1, {"k": "a"}),
        (2, {"k": "b"}),
        (3, {"k": "c"}),
    ]


def test_one_of_ten_thousand_addresses_is_found_within_a_millisecond() -> None:
    many = book(*(f"/service{index}/{{id}}/events" for index in range(10_000)))
    took = min(_seconds(many, f"/service{index}/7/events") for index in (0, 5000, 9999))

    assert took < 0.001


def _seconds(many: AddressBook[str], path: str) -> float:
    begun = time.process_time()
    assert many.find(path) is not None
    return time.process_time() - begun


def test_nearest_addresses_are_named_best_first() -> None:
    known = book("/orders", "/order-events", "/users")

    assert [str(address) for address in known.nearest("/order")][:2] == ["/orders", "/order-events"]
    assert len(known.nearest("/\x00")) == 3


def test_nearest_of_many_addresses_does_not_take_long() -> None:
    many = book(*(f"/service{index}/{{id}}/events" for index in range(10_000)))
    begun = time.process_time()
    many.nearest("/" + "x" * 30_000)

    assert time.process_time() - begun < 0.5


def test_path_is_filled_in_with_escapes_and_what_is_not_known_stays() -> None:
    address = Address("/rooms/{room}/{user}")

    assert address.fill({"room": "a/b é"}) == "/rooms/a%2Fb%20%C3%A9/{user}"


@given(st.dictionaries(st.sampled_from(["a", "b"]), st.text(min_size=1, max_size=5), min_size=2))
def test_what_is_filled_in_is_found_again(values: dict[str, str]) -> None:
    address = Address("/x/{a}/{b}")
    found = address.match(address.fill(values))

    assert found == values or any(ord(letter) < 32 or ord(letter) == 127 for each in values.values() for letter in each)


@pytest.mark.parametrize(
    ("written", "path"),
    [("x", "/x"), ("/x", "/x"), ("ws://host/x?y#z", "/x"), ("ws://host", "/"), ("/caf%C3%A9", "/café"), ("", "/")],
)
def test_path_is_found_in_an_address_however_it_is_written(written: str, path: str) -> None:
    assert path_in(written) == path
