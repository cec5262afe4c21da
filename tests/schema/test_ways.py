"""Schemas whose alternatives multiply are known before a library works them out."""

from typing import Any

import pytest

from mockws.errors import CannotFake
from mockws.schema.canonical import MOST_WAYS
from mockws.schema.schema import Schema
from mockws.schema.ways import TOO_MANY, most_ways

PAIR = {"anyOf": [{"required": ["a"]}, {"required": ["b"]}]}
IF = {"if": {"required": ["a"]}, "then": {"required": ["b"]}, "else": PAIR}


@pytest.mark.parametrize(
    ("document", "ways"),
    [
        (True, 1),
        ({"type": "object", "properties": {"a": {"type": "string"}}}, 1),
        (PAIR, 2),
        ({"oneOf": [{}, PAIR, True]}, 4),
        ({"allOf": [PAIR, PAIR, PAIR]}, 8),
        ({**PAIR, "oneOf": [{}, {}]}, 4),
        ({"properties": {"a": PAIR, "b": {"allOf": [PAIR, PAIR]}}}, 4),
        (IF, 3),
        ({"not": {"required": ["a", "b"], "type": "object"}}, 3),
        ({"not": True}, 1),
        ({"dependencies": {"a": PAIR, "b": ["c"]}}, 4),
        ({"allOf": [{"$ref": "#/definitions/p"}, PAIR], "definitions": {"p": PAIR}}, 4),
        ({"anyOf": [{"$ref": "#"}, {}, {}]}, 3),
    ],
)
def test_ways_of_one_place_multiply(document: Any, ways: int) -> None:
    assert most_ways(document) == ways


def test_references_without_end_are_too_many() -> None:
    chain = {f"s{n}": {"$ref": f"#/definitions/s{n + 1}"} for n in range(2_000)}

    assert most_ways({"$ref": "#/definitions/s0", "definitions": chain}) == TOO_MANY


def alike(times: int) -> dict[str, Any]:
    """Write a schema that nothing fits, with as many alternatives as are wanted."""
    pairs = [{"anyOf": [{"required": [f"a{n}"]}, {"required": [f"b{n}"]}]} for n in range(times)]
    return {"type": "object", "maxProperties": 0, "minProperties": 1, "allOf": pairs}


def test_contradiction_is_seen_at_once() -> None:
    assert Schema(alike(2)).is_contradiction


@pytest.mark.parametrize("document", [{"type": "object"}, alike(12), True])
def test_what_is_fine_or_would_take_long_is_no_contradiction(document: Any) -> None:
    assert not Schema(document).is_contradiction


def test_false_is_a_contradiction() -> None:
    assert Schema(False).is_contradiction


def test_large_schema_is_not_looked_into() -> None:
    document = {"properties": {f"p{n}": {"type": "string"} for n in range(300)}, "not": {}}

    assert not Schema(document).is_contradiction


def test_too_many_ways_are_given_up_on_before_they_take_seconds() -> None:
    assert most_ways(alike(12)) > MOST_WAYS

    with pytest.raises(CannotFake) as refused:
        Schema(alike(12)).fake(1)

    assert not refused.value.proven


def test_example_that_looks_like_a_reference_is_none() -> None:
    document = {"type": "string", "maxLength": 2, "minLength": 3, "examples": [{"$ref": "elsewhere.json#/a"}]}

    assert Schema(document).is_contradiction
