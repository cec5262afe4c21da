"""A spoiled value is refused, and for what is promised of it."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from test_fake import SATISFIABLE, SUITES

from mockws.asyncapi.load import load
from mockws.errors import BrokenSchema, MockwsError
from mockws.links.files import DocumentFiles
from mockws.schema.schema import KINDS, Draft, Schema, Spoiled

CORPUS = Path(__file__).parents[3] / "shared" / "corpus"
ORDER = {
    "type": "object",
    "required": ["id", "state"],
    "additionalProperties": False,
    "properties": {
        "id": {"type": "integer", "minimum": 1},
        "state": {"enum": ["OPEN", "DONE"]},
        "version": {"const": 2},
        "email": {"type": "string", "format": "email"},
        "sku": {"type": "string", "pattern": "^[A-Z]{3}-[0-9]{4}$"},
        "note": {"type": "string", "minLength": 3, "maxLength": 20},
        "tags": {"type": "array", "items": {"type": "string"}, "minItems": 1, "uniqueItems": True},
    },
}


def holds(schema: Schema, spoiled: Spoiled) -> bool:
    """Tell whether what was promised is so."""
    told = schema.violations(spoiled.value)
    return not schema.accepts(spoiled.value) and spoiled.violation in told


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_fault_can_be_had(kind: str) -> None:
    schema = Schema(ORDER)

    for seed in range(10):
        spoiled = schema.spoil(seed, kind)
        assert spoiled is not None
        assert spoiled.kind == kind
        assert spoiled.violation.keyword in KINDS[kind][1]
        assert holds(schema, spoiled)


def test_without_a_kind_faults_are_of_many_kinds() -> None:
    made = [Schema(ORDER).spoil(seed) for seed in range(60)]

    assert len({one.kind for one in made if one is not None}) > 7


def test_the_same_seed_spoils_the_same() -> None:
    assert Schema(ORDER).spoil(("a", 1)) == Schema(ORDER).spoil(("a", 1))


@pytest.mark.parametrize("document", [True, {}, {"title": "anything"}, {"properties": {"a": {}}, "minItems": 0}])
def test_what_admits_everything_cannot_be_spoiled(document: Any) -> None:
    assert Schema(document).spoil(1) is None


def test_a_kind_that_a_schema_does_not_have_is_not_made() -> None:
    assert Schema({"type": "integer"}).spoil(1, "pattern") is None


def test_what_nothing_fits_is_broken_by_anything() -> None:
    schema = Schema({"allOf": [{"type": "string"}, {"type": "integer"}]})

    spoiled = schema.spoil(1)

    assert spoiled is not None
    assert holds(schema, spoiled)


def test_what_only_says_what_it_is_not_is_broken_by_that() -> None:
    schema = Schema({"not": {"type": "integer", "multipleOf": 17, "minimum": 100}})

    spoiled = schema.spoil(1)

    assert spoiled is not None
    assert spoiled.violation.keyword == "not"
    assert holds(schema, spoiled)


def test_only_values_that_will_do_are_given() -> None:
    spoiled = Schema({"type": "string", "format": "date"}).spoil(1, fits=lambda value: isinstance(value, str))

    assert spoiled is not None
    assert isinstance(spoiled.value, str)


def test_the_fault_is_in_the_alternative_that_is_meant() -> None:
    kinds = [
        {"properties": {"type": {"const": kind}, kind: {"type": "integer"}}, "required": ["type", kind]}
        for kind in ("cat", "dog")
    ]
    schema = Schema({"oneOf": kinds})

    for seed in range(20):
        spoiled = schema.spoil(seed, "required")
        assert spoiled is not None
        assert spoiled.violation.pointer in ("/cat", "/dog", "/type")


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(SATISFIABLE)
def test_whatever_the_schema_what_is_promised_is_so(document: dict[str, Any]) -> None:
    schema = Schema(document)

    spoiled = schema.spoil(1)

    assert spoiled is None or holds(schema, spoiled)


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the shared corpus is not beside this checkout")
@pytest.mark.parametrize("folder", SUITES)
def test_every_schema_of_the_suite_that_refuses_something_can_be_spoiled(folder: str) -> None:
    missed, count = [], 0
    for path in sorted((CORPUS / "jsonschema" / "suite" / "tests" / folder).rglob("*.json")):
        for group in json.loads(path.read_text()):
            if path.parent.name == "optional" or all(test["valid"] for test in group["tests"]):
                continue
            try:
                schema = Schema(group["schema"], draft=SUITES[folder])
            except BrokenSchema:
                continue  # it refers to documents from elsewhere
            count += 1
            spoiled = schema.spoil(1)
            if spoiled is None or not holds(schema, spoiled):
                missed.append((path.name, group["description"]))

    assert not missed
    assert count > 50


def test_the_kinds_are_told_by_every_draft() -> None:
    for draft in Draft:
        schema = Schema({"type": "array", "minItems": 1, "items": {"type": "string"}}, draft=draft)
        assert schema.spoil(1, "count") is not None


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the shared corpus is not beside this checkout")
def test_what_is_told_of_a_real_payload_names_the_field() -> None:
    vague, count = [], 0
    for path in sorted((CORPUS / "asyncapi-ws").rglob("*.y*ml")):
        try:
            contract = load(str(path), DocumentFiles(str(path))).contract
        except MockwsError:
            continue  # a part of a document, or one that cannot be served
        for message in (each for channel in contract.channels for each in channel.messages):
            spoiled = message.payload.spoil(1)
            if spoiled is None:
                continue
            count += 1
            told = message.payload.violations(spoiled.value)
            assert spoiled.violation in told
            vague += [(path.name, str(each)) for each in told if "fits none" in each.message or each.place is None]

    assert not vague
    assert count > 200


def test_a_value_is_broken_in_every_way_one_at_a_time() -> None:
    properties = {"id": {"type": "integer", "minimum": 1}, "tags": {"type": "array", "items": {"enum": ["a", "b"]}}}
    schema = Schema({"type": "object", "required": ["id"], "properties": properties, "additionalProperties": False})
    value = {"id": 7, "tags": ["a"]}

    found = list(schema.spoiled(value, 1))

    told = [(each.violation.pointer, each.violation.keyword) for each in found]
    assert set(told) >= {
        ("", "type"), ("/id", "required"), ("/id", "type"), ("/id", "minimum"), ("/tags", "type"), ("/tags/0", "enum"),
    }  # fmt: skip
    assert len(told) == len(set(told))
    assert not any(schema.accepts(each.value) for each in found)
    assert value == {"id": 7, "tags": ["a"]}


def test_the_same_seed_breaks_a_value_in_the_same_ways() -> None:
    schema = Schema({"type": "object", "properties": {"name": {"type": "string", "minLength": 2}}})

    first, second = ([each.value for each in schema.spoiled({"name": "ada"}, 3)] for _ in range(2))

    assert first == second
