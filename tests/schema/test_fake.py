"""A fake always fits, is the same for the same seed, and looks like what it stands for."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mockws.errors import BrokenSchema, CannotFake
from mockws.schema.fake import without
from mockws.schema.schema import MISSING, Draft, Schema

CORPUS = Path(__file__).parents[3] / "shared" / "corpus" / "jsonschema"
SUITES = {"draft7": Draft.D7, "draft2020-12": Draft.D2020}
SEEDS = range(20)

ORDER = {
    "type": "object",
    "required": ["id", "items"],
    "properties": {
        "id": {"type": "integer"},
        "customer": {"type": "object", "properties": {"name": {"type": "string"}, "email": {"type": "string"}}},
        "items": {"type": "array", "minItems": 1, "items": {"$ref": "#/definitions/item"}},
        "status": {"enum": ["INITIATED", "COMPLETED"]},
        "createdAt": {"type": "string", "format": "date-time"},
    },
    "definitions": {
        "item": {
            "required": ["price"],
            "properties": {"price": {"type": "number", "minimum": 0}, "sku": {"pattern": "^[A-Z]{3}$"}},
        }
    },
}


def fakes(document: Any, draft: Draft = Draft.D2020) -> list[Any]:
    schema = Schema(document, draft=draft)
    made = [schema.fake(seed) for seed in SEEDS]
    assert all(schema.accepts(value) for value in made)
    return made


def test_the_same_seed_gives_the_same_value_in_any_process() -> None:
    program = (
        "import json, sys; from mockws.schema.schema import Schema\n"
        "print(json.dumps(Schema(json.loads(sys.argv[1])).fake(('seed', 'orders', 7))))"
    )
    call = [sys.executable, "-c", program, json.dumps(ORDER)]
    other = subprocess.run(call, capture_output=True, text=True, check=True, env={"PYTHONHASHSEED": "77"}, timeout=30)

    assert json.loads(other.stdout) == Schema(ORDER).fake(("seed", "orders", 7))


def test_other_seeds_give_other_values() -> None:
    assert len({json.dumps(value) for value in fakes(ORDER)}) == len(SEEDS)


def test_keys_come_in_the_order_of_the_schema() -> None:
    for value in fakes(ORDER):
        assert list(value) == [name for name in ORDER["properties"] if name in value]


def test_required_is_always_there_and_optional_mostly() -> None:
    made = fakes(ORDER)

    assert all("id" in value for value in made)
    assert len(SEEDS) / 2 < sum("status" in value for value in made) < len(SEEDS)


def test_names_tell_what_a_text_is() -> None:
    names = ("email", "firstName", "createdAt", "city", "url", "uuid")
    document = {"properties": {name: {"type": "string"} for name in names}, "required": list(names)}

    for value in fakes(document):
        assert re.fullmatch(r"[a-z.]+@example\.(com|org|net)", value["email"])
        assert value["createdAt"].startswith("202")
        assert value["url"].startswith("https://")
        assert value["firstName"].istitle()


def test_names_tell_what_a_number_is() -> None:
    document = {"properties": {"price": {"type": "number"}, "age": {"type": "integer"}, "port": {"type": "integer"}}}

    for value in fakes(document):
        assert round(value.get("price", 1), 2) == value.get("price", 1)
        assert 18 <= value.get("age", 18) <= 90
        assert value.get("port", 80) < 65536


@pytest.mark.parametrize("keyword", ["example", "default"])
def test_one_example_is_taken(keyword: str) -> None:
    assert "Macbook" in fakes({"type": "string", keyword: "Macbook"})


def test_examples_are_chosen_from() -> None:
    assert {*fakes({"type": "string", "examples": ["a", "b"]})} == {"a", "b"}


def test_examples_of_an_object_give_its_leaves() -> None:
    document = {
        "properties": {"name": {"type": "string"}, "n": {"type": "integer"}},
        "examples": [{"name": "Jo", "n": "bad"}],
    }

    for value in fakes(document):
        assert value["name"] == "Jo"
        assert isinstance(value["n"], int)


def test_an_invalid_example_is_not_taken() -> None:
    assert all(isinstance(value, int) for value in fakes({"type": "integer", "examples": ["x"], "default": "y"}))


def test_a_provider_of_faker_can_be_named() -> None:
    assert all(" " in value for value in fakes({"type": "string", "x-faker": "name"}))
    assert fakes({"type": "string", "x-faker": "no_such_thing"})


def test_likeness_keeps_what_fits_in_its_place() -> None:
    like = {"id": 5, "status": "unknown", "customer": {"name": "Jo", "age": 3}, "items": [{"price": 7}, {"price": -1}]}

    value = Schema(ORDER).fake(1, like=like)

    assert (value["id"], value["customer"]["name"], value["customer"]["age"]) == (5, "Jo", 3)
    assert value["items"][0]["price"] == 7
    assert value["items"][1]["price"] >= 0
    assert value["status"] in ("INITIATED", "COMPLETED")


def test_likeness_chooses_the_alternative() -> None:
    kinds = [
        {"properties": {"type": {"const": kind}, "n": {"type": "integer"}}, "required": ["type", "n"]}
        for kind in "abcdef"
    ]

    for seed in SEEDS:
        assert Schema({"oneOf": kinds}).fake(seed, like={"type": "d", "n": "bad"})["type"] == "d"


def test_likeness_that_breaks_the_whole_gives_way() -> None:
    schema = Schema({"type": "array", "items": {"type": "integer"}, "uniqueItems": True, "minItems": 2, "maxItems": 3})

    assert schema.accepts(schema.fake(1, like=[1, 1, 1, 1]))
    assert schema.accepts(schema.fake(1, like={"no": "array"}))


def test_what_broke_the_whole_is_left_out_of_a_likeness() -> None:
    like = {"a": 1, "b": {"c": 2, "d": 3}, "e": [1, {"f": 4}, 5]}

    assert without(like, [("a",), ("b", "c"), ("e", 0), ("e", 1, "f")]) == {"b": {"d": 3}, "e": [MISSING, {}, 5]}
    assert without("leaf", [("a",)]) == "leaf"


def test_a_schema_that_asks_for_more_than_the_bounds_is_refused() -> None:
    many = {"type": "array", "minItems": 40, "items": {"type": "array", "minItems": 40, "items": {"type": "integer"}}}
    long = {"type": "array", "minItems": 3, "items": {"type": "string", "minLength": 60_000}}

    for document in (many, long):
        with pytest.raises(CannotFake, match="are needed"):
            Schema(document).fake(1)


@pytest.mark.parametrize(
    "document",
    [
        {"type": "integer", "minimum": 10, "exclusiveMaximum": 11},
        {"type": "integer", "format": "int32", "minimum": 2**31 - 2},
        {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 0.001},
        {"type": "number", "multipleOf": 0.1, "minimum": 3, "maximum": 3.15},
        {"type": "integer", "allOf": [{"multipleOf": 6}, {"multipleOf": 4}], "minimum": 1, "maximum": 12},
        {"type": "number", "maximum": -1e9},
        {"type": "string", "minLength": 300, "maxLength": 300},
        {"type": "string", "maxLength": 0},
        {"type": "string", "pattern": "^[a-z]+$", "minLength": 40, "maxLength": 42},
        {"type": "string", "pattern": r"^(?=.*\d)(?=.*[a-z])(?=.*[A-Z]).{8,}$"},
        {"type": "string", "format": "uuid"},
        {"type": "string", "contentEncoding": "base64", "contentMediaType": "application/json"},
        {"type": "array", "uniqueItems": True, "items": {"enum": [1, 2, 3]}, "minItems": 3},
        {"type": "array", "contains": {"const": 7}, "minContains": 2, "items": {"type": "integer"}},
        {"prefixItems": [{"type": "string"}, {"type": "integer"}], "items": False, "minItems": 2},
        {"type": "object", "additionalProperties": {"type": "integer"}, "minProperties": 4},
        {
            "type": "object",
            "patternProperties": {"^x-": {"type": "null"}},
            "additionalProperties": False,
            "minProperties": 2,
        },
        {"type": "object", "propertyNames": {"pattern": "^[a-z]{3}$"}, "minProperties": 2, "maxProperties": 2},
        {"properties": {"a": {}, "b": {}}, "required": ["a"], "dependentRequired": {"a": ["b", "c"]}},
        {"properties": {"a": {}}, "required": ["a"], "dependentSchemas": {"a": {"required": ["b"]}}},
        {
            "allOf": [
                {"properties": {"a": {"type": "integer"}}},
                {"required": ["a"], "properties": {"a": {"minimum": 5}}},
            ]
        },
        {"oneOf": [{"type": "integer"}, {"type": "number", "minimum": 3}]},
        {
            "if": {"properties": {"a": {"const": 1}}},
            "then": {"required": ["b"]},
            "else": {"required": ["c"]},
            "type": "object",
        },
        {"not": {"type": ["string", "number", "boolean", "null", "array"]}},
        {"type": "object", "properties": {"a": {}, "b": {}}, "not": {"required": ["a", "b"]}},
        {"type": "object", "properties": {"a": {}}, "unevaluatedProperties": False},
        {"type": ["string", "null"]},
        {"$ref": "https://json-schema.org/draft/2020-12/schema"},
        True,
    ],
    ids=json.dumps,
)
def test_tricky_demands_are_met(document: Any) -> None:
    fakes(document)


def test_null_is_seldom_where_something_else_is_allowed() -> None:
    made = fakes({"type": "string", "nullable": True})

    assert sum(value is None for value in made) < len(SEEDS) / 2


def test_recursion_ends() -> None:
    tree = {
        "type": "object",
        "required": ["name"],
        "properties": {"name": {"type": "string"}, "left": {"$ref": "#"}, "right": {"$ref": "#"}},
    }
    deep = {
        "type": "object",
        "required": ["children"],
        "properties": {"children": {"type": "array", "items": {"$ref": "#"}}},
    }
    expression = {
        "anyOf": [{"type": "number"}, {"type": "array", "items": {"$ref": "#"}, "minItems": 2, "maxItems": 2}]
    }

    for document in (tree, deep, expression):
        assert max(len(json.dumps(value)) for value in fakes(document)) < 65_536


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (False, "nothing is allowed"),
        ({"type": "object", "properties": {"c": {"$ref": "#"}}, "required": ["c"]}, "without an end"),
        ({"type": "array", "minItems": 1_000_000_000}, "1,000,000,000 items"),
        ({"type": "string", "minLength": 1_000_000}, "too long"),
        ({"type": "string", "minLength": 3, "maxLength": 2}, "contradict"),
        ({"type": "object", "minProperties": 5000}, "items"),
        ({"allOf": [{"type": "string"}, {"type": "integer"}]}, "contradict"),
    ],
    ids=str,
)
def test_what_cannot_be_made_is_refused_with_a_reason(document: Any, reason: str) -> None:
    schema = Schema(document)

    with pytest.raises(CannotFake, match=reason):
        schema.fake(1)
    assert not schema.can_fake


def test_it_is_told_whether_a_fake_can_be_made() -> None:
    assert Schema(ORDER).can_fake


LEAVES = st.sampled_from(
    [
        {"type": "string"},
        {"type": "integer", "minimum": -3, "maximum": 3},
        {"type": "number", "multipleOf": 0.25},
        {"type": "boolean"},
        {"enum": ["a", 1, None]},
        {"const": {"deep": [1]}},
        {"type": "string", "format": "date-time"},
        {"type": "string", "pattern": "^[a-f]{2,4}$"},
        {"type": ["string", "null"], "minLength": 5},
        {},
    ]
)
SATISFIABLE = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(
            lambda properties, count: {
                "type": "object",
                "properties": properties,
                "required": sorted(properties)[:count],
            },
            st.dictionaries(st.sampled_from(["id", "name", "email", "price", "tags"]), inner, max_size=4),
            st.integers(0, 4),
        ),
        st.builds(lambda items, least: {"type": "array", "items": items, "minItems": least}, inner, st.integers(0, 3)),
        st.builds(lambda options: {"anyOf": options}, st.lists(inner, min_size=1, max_size=3)),
        st.builds(lambda part: {"allOf": [part, {"title": "joined"}]}, inner),
        st.builds(lambda values: {"type": "object", "additionalProperties": values}, inner),
        st.builds(lambda condition, then: {"if": condition, "then": then}, LEAVES, inner),
    ),
    max_leaves=8,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(SATISFIABLE, st.integers(0, 5))
def test_a_fake_always_fits_and_comes_again(document: dict[str, Any], seed: int) -> None:
    schema = Schema(document)

    value = schema.fake(seed)

    assert schema.accepts(value)
    assert value == schema.fake(seed) == Schema(document).fake(seed)


@settings(max_examples=75, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(SATISFIABLE, SATISFIABLE)
def test_a_fake_like_any_other_value_fits(document: dict[str, Any], other: dict[str, Any]) -> None:
    schema = Schema(document)

    assert schema.accepts(schema.fake(1, like=Schema(other).fake(1)))


def suite_schemas() -> list[tuple[str, Any, Draft]]:
    groups = []
    for folder, draft in SUITES.items():
        for path in sorted((CORPUS / "suite" / "tests" / folder).rglob("*.json")):
            groups += [(path.name, group, draft) for group in json.loads(path.read_text())]
    valid = [(name, group, draft) for name, group, draft in groups if any(test["valid"] for test in group["tests"])]
    return [(f"{name}: {group['description']}", group["schema"], draft) for name, group, draft in valid]


def store_schemas() -> list[tuple[str, Any, Draft]]:
    paths = [*sorted((CORPUS / "schemastore" / "schemas").glob("*.json")), *sorted((CORPUS / "jsf").rglob("*.json"))]
    loaded = [(path.name, json.loads(path.read_text())) for path in paths]
    return [(name, document, Draft.of(document, Draft.D7)) for name, document in loaded]


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the shared corpus is not beside this checkout")
@pytest.mark.parametrize("source", [suite_schemas, store_schemas])
def test_every_schema_of_the_corpus_can_be_faked(source: Any) -> None:
    failed, count = [], 0
    for name, document, draft in source():
        try:
            schema = Schema(document, draft=draft)
        except BrokenSchema:
            continue  # draft-03 words, or references to elsewhere: told at load
        count += 1
        if not all(schema.accepts(schema.fake(seed)) for seed in range(3)):
            failed.append(name)

    assert not failed
    assert count > 70


def test_alternatives_behind_references_are_kept_apart() -> None:
    alternatives = {name: {"type": "object", "properties": {name: {"type": "string"}}} for name in ("a", "b")}
    schema = Schema({"oneOf": [{"$ref": "#/definitions/a"}, {"$ref": "#/definitions/b"}], "definitions": alternatives})

    assert schema.accepts(schema.fake(1))


IN_ITSELF = {"anyOf": [{"$ref": "#"}, {"$ref": "#/definitions/a"}], "definitions": {"a": {"oneOf": [{"$ref": "#"}]}}}


def test_alternatives_that_are_only_each_other_come_to_an_end() -> None:
    schema = Schema(IN_ITSELF)

    assert schema.accepts(schema.fake(1))


@pytest.mark.parametrize(
    "later",
    [
        {"dependentSchemas": True},
        {"dependentRequired": 5},
        {"dependentSchemas": {"a": {"required": [None]}}},
        {"prefixItems": None},
        {"contains": {}, "minContains": "x"},
    ],
    ids=str,
)
def test_keywords_of_later_drafts_ask_nothing(later: dict[str, Any]) -> None:
    schema = Schema({"type": "object", "properties": {"a": {"type": "integer"}}, **later})

    assert schema.accepts(schema.fake(1))
    assert not schema.is_contradiction
