"""A violation is a sentence with a place, and of several alternatives the one that was meant is told."""

import time
from collections.abc import Iterator
from typing import Any

import pytest

from mockws.schema import validate
from mockws.schema.plain import compile_plain
from mockws.schema.rust import compile_rust
from mockws.schema.schema import Draft, Schema


@pytest.fixture(params=[compile_rust, compile_plain], ids=["jsonschema-rs", "jsonschema"], autouse=True)
def library(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setattr(validate, "backend", lambda: request.param)
    yield request.param


def told(document: dict[str, Any], value: Any, draft: Draft = Draft.D2020) -> list[str]:
    return [str(violation) for violation in Schema(document, draft=draft).violations(value)]


def test_a_missing_property_is_told_where_it_is_missing() -> None:
    document = {"properties": {"order": {"$ref": "#/$defs/order"}}, "$defs": {"order": {"required": ["id"]}}}

    (violation,) = Schema(document, draft=Draft.D2020).violations({"order": {}})

    assert (violation.pointer, violation.message) == ("/order/id", "is required")
    assert (violation.schema_pointer, violation.keyword) == ("/$defs/order/required", "required")


@pytest.mark.parametrize(
    ("document", "value", "sentence"),
    [
        ({"type": "integer"}, "x", '/: must be an integer, is a string ("x")'),
        ({"type": ["string", "null"]}, {}, "/: must be a string or null, is an object"),
        ({"type": "string"}, None, "/: must be a string, is null"),
        ({"enum": ["a", "b"]}, "c", '/: must be one of "a", "b"; is "c"'),
        ({"const": 1}, 2, "/: must be 1, is 2"),
        ({"minimum": 3}, 2, "/: must be at least 3, is 2"),
        ({"maximum": 3}, 4, "/: must be at most 3, is 4"),
        ({"exclusiveMinimum": 3}, 3, "/: must be more than 3, is 3"),
        ({"exclusiveMaximum": 3}, 3, "/: must be less than 3, is 3"),
        ({"multipleOf": 2}, 3, "/: must be a multiple of 2, is 3"),
        ({"minLength": 3}, "ab", "/: must have at least 3 characters, has 2"),
        ({"maxLength": 1}, "ab", "/: must have at most 1 character, has 2"),
        ({"pattern": "^a$"}, "b", '/: must match the pattern ^a$, is "b"'),
        ({"format": "date"}, "b", '/: must be a date (2025-01-31), is "b"'),
        ({"minItems": 1}, [], "/: must have at least 1 item, has 0"),
        ({"maxItems": 1}, [1, 2], "/: must have at most 1 item, has 2"),
        ({"uniqueItems": True}, [1, 1], "/: must not have the same item twice"),
        ({"contains": {"const": 1}}, [2], "/: does not have the items that it must contain"),
        ({"minProperties": 2}, {"a": 1}, "/: must have at least 2 properties, has 1"),
        ({"maxProperties": 0}, {"a": 1}, "/: must have at most 0 properties, has 1"),
        ({"properties": {"b": {}}, "additionalProperties": False}, {"a": 1}, "/a: is not a property of this object"),
        ({"propertyNames": {"maxLength": 1}}, {"ab": 1}, "/ab: "),
        ({"not": {"type": "null"}}, None, "/: must not be what the schema excludes, is null"),
        ({"properties": {"a": False}}, {"a": 1}, "/a: is not allowed here"),
        ({"dependentRequired": {"a": ["b"]}}, {"a": 1}, "/b: is required"),
        ({"items": {"type": "null"}}, [None, 1], "/1: must be null, is an integer (1)"),
    ],
)
def test_each_keyword_has_its_sentence(document: dict[str, Any], value: Any, sentence: str) -> None:
    (said,) = told(document, value)

    assert said.startswith(sentence)


def test_a_pointer_is_escaped() -> None:
    assert told({"properties": {"a/b~c": {"type": "null"}}}, {"a/b~c": 1}) == [
        "/a~1b~0c: must be null, is an integer (1)"
    ]


def test_violations_come_in_the_order_of_the_value() -> None:
    document = {
        "properties": {"a": {"type": "null"}, "b": {"type": "null"}, "c": {"items": {"type": "null"}}},
        "required": ["z"],
    }

    pointers = [violation.pointer for violation in Schema(document).violations({"c": [None, 1], "b": 1, "a": 1})]

    assert pointers == ["/c/1", "/b", "/a", "/z"]


def test_at_most_so_many_are_told() -> None:
    schema = Schema({"items": {"type": "null"}})

    assert len(schema.violations(list(range(1000)))) == 20
    assert len(schema.violations(list(range(1000)), limit=3)) == 3


@pytest.mark.parametrize(
    "value", [["x" * 1_000_000], "x" * 1_000_000, {"x" * 10_000: ["y" * 10_000]}, list(range(9999))]
)
def test_no_message_repeats_a_large_value(value: Any) -> None:
    documents: tuple[dict[str, Any], ...] = (
        {"type": "null"},
        {"enum": [1]},
        {"not": {}},
        {"additionalProperties": False, "items": False},
    )
    for document in documents:
        assert all(len(one.message) <= 512 for one in Schema(document).violations(value))


PETS = {
    "oneOf": [
        {"properties": {"kind": {"const": "cat"}, "lives": {"type": "integer"}}, "required": ["kind", "lives"]},
        {"properties": {"kind": {"const": "dog"}, "tricks": {"type": "array"}}, "required": ["kind", "tricks"]},
    ]
}


def test_of_alternatives_the_one_with_the_right_constant_is_told() -> None:
    assert told(PETS, {"kind": "dog", "tricks": "none"}) == ['/tricks: must be an array, is a string ("none")']
    assert told(PETS, {"kind": "cat"}) == ["/lives: is required"]


def test_where_no_constant_is_right_all_are_told() -> None:
    assert told(PETS, {"kind": "cow", "lives": 1, "tricks": []}) == ['/kind: must be one of "cat", "dog"; is "cow"']


def test_alternatives_of_type_are_told_together() -> None:
    document = {"anyOf": [{"type": "integer"}, {"type": "string"}]}

    assert told(document, None) == ["/: must be an integer or a string, is null"]


def test_alternatives_within_alternatives_are_told() -> None:
    document = {"anyOf": [{"type": "null"}, PETS]}

    assert told(document, {"kind": "dog"}) == ["/tricks: is required"]


def test_a_value_that_fits_too_many_alternatives_is_told_which() -> None:
    (said,) = told({"oneOf": [{"type": "object"}, {"required": ["a"]}, {"type": "null"}]}, {"a": 1})

    assert said.startswith("/: must fit")


def exploding(levels: int) -> dict[str, Any]:
    definitions: dict[str, Any] = {f"d{levels}": {"type": "integer"}}
    for level in range(levels):
        below = {"$ref": f"#/definitions/d{level + 1}"}
        definitions[f"d{level}"] = {"oneOf": [below, below]}
    return {"$ref": "#/definitions/d0", "definitions": definitions}


def test_alternatives_that_explode_are_told_in_time() -> None:
    schema = Schema(exploding(16))
    started = time.process_time()

    assert schema.violations(1)
    assert time.process_time() - started < 0.25


def test_recursive_alternatives_are_told_in_time() -> None:
    node = {"properties": {"child": {"$ref": "#"}, "leaf": {"type": "integer"}}}
    schema = Schema({"anyOf": [node, {**node, "required": ["x"]}]})
    value: dict[str, Any] = {"leaf": "x"}
    for _ in range(12):
        value = {"child": value}
    started = time.process_time()

    assert schema.violations(value)
    assert time.process_time() - started < 0.5


CAT = {"title": "Cat", "properties": {"kind": {"const": "cat"}, "meow": {}}, "required": ["name"]}
DOG = {"allOf": [{"properties": {"kind": {"enum": ["dog"]}, "bark": {}}}], "title": "Dog"}


@pytest.mark.parametrize(
    ("alternatives", "value", "reason"),
    [
        ([CAT, DOG], {"name": "Tom"}, "fits Cat and Dog: /kind would tell them apart, and is missing"),
        ([{"$ref": "#/$defs/Cat"}, {"properties": {"b": {}}}], {}, "fits Cat and /oneOf/1: nothing in it tells them "),
        (
            [{"properties": {"a": {}}}, {"title": "B", "required": ["b"]}],
            {"b": 1},
            "/b is of B, and /oneOf/0 admits it",
        ),
        ([{"type": "integer"}, {"type": "string"}, {"type": "number"}], 1, "/oneOf/2: nothing in it tells them apart"),
        ([True, {}, {"not": {}}, {"minimum": 0}], 1, "fits /oneOf/0, /oneOf/1 and /oneOf/3: nothing"),
    ],
)
def test_value_that_fits_several_alternatives_is_told_what_tells_them_apart(
    alternatives: list[Any], value: Any, reason: str
) -> None:
    defs = {"Cat": {"properties": {"a": {}}, "$ref": "#/$defs/Own"}, "Own": {"type": "object"}}

    (said,) = told({"properties": {"p": {"oneOf": alternatives}}, "$defs": defs}, {"p": value})

    assert said.startswith("/p: must fit exactly one of the alternatives, fits ")
    assert reason in said
