"""Fakes take values of the user's own where they fit, and speak the language that is asked for."""

from datetime import UTC, datetime
from typing import Any

import pytest

from mockws.schema.dictionary import dictionary_of
from mockws.schema.schema import Manner, Schema

ITEM = {
    "type": "object",
    "required": ["name", "amount"],
    "properties": {"name": {"type": "string"}, "amount": {"type": "integer"}},
}
ORDER = {
    "type": "object",
    "required": ["name", "items", "tags", "state", "address"],
    "properties": {
        "name": {"type": "string"},
        "state": {"enum": ["OPEN", "DONE"]},
        "tags": {"type": "array", "items": {"type": "string"}, "minItems": 1},
        "items": {"type": "array", "minItems": 2, "items": {"$ref": "#/definitions/Item"}},
        "address": {"type": "object", "required": ["street"], "properties": {"street": {"type": "string"}}},
    },
    "definitions": {"Item": ITEM},
}
SEEDS = range(10)
NOW = datetime(2031, 5, 5, 12, tzinfo=UTC)


def orders(**words: list[Any]) -> list[Any]:
    manner = Manner(dictionary=dictionary_of([words]))
    made = [Schema(ORDER).fake(seed, manner=manner, names=("Order",)) for seed in SEEDS]
    assert all(map(Schema(ORDER).accepts, made))
    return made


@pytest.mark.parametrize(
    "field", ["Order.items[].name", "items[].name", "items[*].name", "/items/*/name", "Item.name", "/items/0/name"]
)
def test_a_field_is_named_by_its_path(field: str) -> None:
    for made in orders(**{field: ["Chair", "Table"]}):
        assert {item["name"] for item in made["items"]} <= {"Chair", "Table"}
        assert made["name"] not in ("Chair", "Table")


def test_a_field_is_named_by_its_name_alone() -> None:
    for made in orders(name=["Chair"]):
        assert [made["name"], *(item["name"] for item in made["items"])].count("Chair") == len(made["items"]) + 1


def test_the_longest_path_counts() -> None:
    for made in orders(**{"name": ["any"], "items[].name": ["item"]}):
        assert (made["name"], made["items"][0]["name"]) == ("any", "item")


def test_of_two_files_the_later_one_counts() -> None:
    manner = Manner(dictionary=dictionary_of([{"name": ["first"]}, {"name": ["second"]}]))

    assert Schema(ORDER).fake(1, manner=manner)["name"] == "second"


@pytest.mark.parametrize("field", ["Other.items[].name", "/name", "tags[].name", "items.name"])
def test_another_field_is_left_alone(field: str) -> None:
    for made in orders(**{field: ["Chair"]}):
        assert all(item["name"] != "Chair" for item in made["items"])


def test_what_does_not_fit_is_not_taken() -> None:
    for made in orders(state=["DONE", "LOST"], amount=["many", 7]):
        assert made["state"] == "DONE"
        assert all(item["amount"] == 7 for item in made["items"])


def test_values_of_an_array_are_those_of_its_items() -> None:
    for made in orders(tags=["new", "sale"]):
        assert {*made["tags"]} <= {"new", "sale"}


def test_a_whole_object_can_be_given() -> None:
    for made in orders(address=[{"street": "Main Street 1", "city": "Springfield"}]):
        assert made["address"]["street"] == "Main Street 1"


def test_what_would_break_the_whole_gives_way() -> None:
    schema = Schema({"type": "array", "uniqueItems": True, "minItems": 3, "items": {"type": "string"}})

    assert schema.accepts(schema.fake(1, manner=Manner(dictionary=dictionary_of([{"[]": ["same"]}]))))


@pytest.mark.parametrize("key", ["", "a..b", "a.", "[", "a[b]"])
def test_what_is_no_field_is_refused(key: str) -> None:
    with pytest.raises(ValueError, match=r"write Order\.items"):
        dictionary_of([{key: ["x"]}])


def test_a_field_without_values_is_refused() -> None:
    with pytest.raises(ValueError, match="no values"):
        dictionary_of([{"name": []}])


def test_names_are_of_the_locale() -> None:
    schema = Schema({"properties": {"firstName": {}, "email": {"type": "string", "format": "email"}}})
    made = [schema.fake(seed, manner=Manner("ja_JP")) for seed in SEEDS]

    assert all(not value["firstName"].isascii() for value in made if "firstName" in value)
    assert all(value["email"].isascii() for value in made if "email" in value)
    assert all(map(schema.accepts, made))


def test_dates_count_from_now() -> None:
    dated = {"type": "string", "format": "date-time"}
    schema = Schema({"properties": {"createdAt": dated, "expiresAt": dated}, "required": ["createdAt", "expiresAt"]})

    for seed in SEEDS:
        made = schema.fake(seed, now=NOW)
        assert made["createdAt"][:4] in ("2030", "2031")
        assert datetime.fromisoformat(made["createdAt"]) < NOW < datetime.fromisoformat(made["expiresAt"])


def test_timestamps_and_births_count_from_now() -> None:
    schema = Schema({"properties": {"ts": {"type": "integer"}, "birthday": {"type": "string", "format": "date"}}})
    second = NOW.timestamp() * 1000

    for seed in SEEDS:
        made = schema.fake(seed, now=NOW)
        assert second - 366 * 86_400_000 < made.get("ts", second) <= second
        assert made.get("birthday", "1990")[:4] < "2014"


@pytest.mark.parametrize(
    "provider", ["date", "date_time", "iso8601", "past_date", "date_this_year", "future_date", "year"]
)
def test_dates_of_faker_count_from_now(provider: str) -> None:
    for seed in SEEDS:
        assert Schema({"type": "string", "x-faker": provider}).fake(seed, now=NOW)[:4] in ("2030", "2031")


@pytest.mark.parametrize(
    ("description", "form"),
    [("The e-mail address of whoever asked", "@"), ("An ISO 8601 moment", "T"), ("URL of the picture", "https://")],
)
def test_a_description_tells_what_a_text_is(description: str, form: str) -> None:
    schema = Schema({"properties": {"zz": {"type": "string", "description": description}}, "required": ["zz"]})

    assert all(form in schema.fake(seed)["zz"] for seed in SEEDS)


def test_a_provider_of_faker_makes_numbers() -> None:
    assert all(0 <= Schema({"type": "integer", "x-faker": "random_digit"}).fake(seed) <= 9 for seed in SEEDS)
