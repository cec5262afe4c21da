"""Our validation says what the reference implementation says, of any schema and any value."""

from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mockws.schema.plain import compile_plain
from mockws.schema.rust import compile_rust
from mockws.schema.schema import Draft, Schema


def as_equal(value: Any) -> Any:
    """Write values alike that JSON Schema takes as equal: 1 and 1.0, and objects whatever the order."""
    if isinstance(value, dict):
        return {key: as_equal(value[key]) for key in sorted(value)}
    if isinstance(value, list):
        return [as_equal(each) for each in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


ORACLES: dict[Draft, Any] = {
    Draft.D4: jsonschema.Draft4Validator,
    Draft.D6: jsonschema.Draft6Validator,
    Draft.D7: jsonschema.Draft7Validator,
    Draft.D2019: jsonschema.Draft201909Validator,
    Draft.D2020: jsonschema.Draft202012Validator,
}
NAMES = st.sampled_from(["a", "b", "x-c"])
TYPES = st.sampled_from(["string", "integer", "number", "boolean", "null", "array", "object"])
JSON = st.recursive(
    st.sampled_from([None, True, False, 0, 1, -1, 1.0, 2.5, 10, "", "a", "abc", "äb"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=6,
)
COUNTS = st.integers(0, 3)
BY_KEYWORD = {
    "type": TYPES | st.lists(TYPES, min_size=1, max_size=3, unique=True),
    "enum": st.lists(JSON, min_size=1, max_size=3, unique_by=lambda value: repr(as_equal(value))),
    "minimum": st.integers(-2, 3),
    "maximum": st.integers(-2, 3),
    "multipleOf": st.sampled_from([1, 2, 0.5]),
    "minLength": COUNTS,
    "maxLength": COUNTS,
    "pattern": st.sampled_from(["^a", "b$", "^[a-c]*$", "."]),
    "minItems": COUNTS,
    "maxItems": COUNTS,
    "uniqueItems": st.booleans(),
    "minProperties": COUNTS,
    "maxProperties": COUNTS,
    "required": st.lists(NAMES, min_size=1, max_size=2, unique=True),
}


def nested(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    some = st.lists(inner, min_size=1, max_size=2)
    return st.fixed_dictionaries(
        {},
        optional={
            "properties": st.dictionaries(NAMES, inner, min_size=1, max_size=2),
            "patternProperties": st.fixed_dictionaries({"^x-": inner}),
            "additionalProperties": st.booleans() | inner,
            "items": inner,
            "allOf": some,
            "anyOf": some,
            "oneOf": some,
            "not": inner,
            "if": inner,
            "then": inner,
            "else": inner,
            "contains": inner,
            "propertyNames": inner,
            "const": JSON,
            **BY_KEYWORD,
        },
    )


SCHEMAS = st.recursive(st.fixed_dictionaries({}, optional=BY_KEYWORD), nested, max_leaves=5)


@pytest.mark.parametrize("draft", Draft)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(SCHEMAS, st.lists(JSON, min_size=1, max_size=4))
def test_every_value_is_judged_as_the_reference_does(draft: Draft, document: dict[str, Any], values: list[Any]) -> None:
    schema, oracle = Schema(document, draft=draft), ORACLES[draft](document)

    assert [schema.accepts(value) for value in values] == [oracle.is_valid(value) for value in values]


@pytest.mark.parametrize("draft", Draft)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(SCHEMAS, st.lists(JSON, min_size=1, max_size=4))
def test_both_ways_to_validate_judge_alike(draft: Draft, document: dict[str, Any], values: list[Any]) -> None:
    fast, plain = compile_rust(document, draft), compile_plain(document, draft)

    assert [fast.accepts(value) for value in values] == [plain.accepts(value) for value in values]
    for validator in (fast, plain):  # a fault is told exactly where there is one
        assert [any(True for _ in validator.faults(value)) for value in values] == [
            not validator.accepts(value) for value in values
        ]


@pytest.mark.parametrize("draft", Draft)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(SCHEMAS)
def test_the_reference_takes_fakes_and_refuses_what_is_spoiled(draft: Draft, document: dict[str, Any]) -> None:
    schema, oracle = Schema(document, draft=draft), ORACLES[draft](document)

    spoiled = schema.spoil(1)

    assert not schema.can_fake or oracle.is_valid(schema.fake(1))
    assert spoiled is None or not oracle.is_valid(spoiled.value)
