"""Two libraries, one interface: the fast one is chosen, the slow one agrees with it."""

import builtins
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mockws.errors import BrokenSchema
from mockws.schema import validate
from mockws.schema.fault import Document, Validator
from mockws.schema.plain import compile_plain
from mockws.schema.rust import compile_rust
from mockws.schema.schema import Draft, Schema

SUITE = Path(__file__).parents[3] / "shared" / "corpus" / "jsonschema" / "suite" / "tests"
FOLDERS = {"draft7": Draft.D7, "draft2020-12": Draft.D2020}
# What the suite itself marks as outside of the standard's required part, and what wants documents from elsewhere.
OUTSIDE = frozenset({"vocabulary.json"})

SCHEMAS = st.recursive(
    st.sampled_from(
        [True, {}, {"type": "string"}, {"type": "integer"}, {"const": 1}, {"minimum": 2}, {"maxLength": 1}]
    ),
    lambda inner: st.one_of(
        st.fixed_dictionaries({"anyOf": st.lists(inner, min_size=1, max_size=3)}),
        st.fixed_dictionaries({"oneOf": st.lists(inner, min_size=1, max_size=3)}),
        st.fixed_dictionaries(
            {"properties": st.dictionaries(st.sampled_from("ab"), inner), "required": st.just(["a"])}
        ),
        st.fixed_dictionaries({"items": inner, "minItems": st.integers(0, 2)}),
        st.fixed_dictionaries({"not": inner}),
        st.fixed_dictionaries({"additionalProperties": inner}),
    ),
    max_leaves=6,
)
VALUES = st.recursive(
    st.sampled_from([None, True, 0, 1, 2.5, "", "ab"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(SCHEMAS, VALUES)
def test_both_libraries_agree(document: Any, value: Any) -> None:
    rust, plain = compile_rust(document, Draft.D7), compile_plain(document, Draft.D7)

    assert rust.accepts(value) is plain.accepts(value)
    assert bool(list(rust.faults(value))) is bool(list(plain.faults(value)))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(SCHEMAS, VALUES)
def test_a_value_is_accepted_or_its_violations_are_told(document: Any, value: Any) -> None:
    schema = Schema(document)

    assert schema.accepts(value) is not bool(schema.violations(value))


def test_the_self_check_passes_on_both() -> None:
    assert validate.passes_self_check(compile_rust)
    assert validate.passes_self_check(compile_plain)


def test_a_library_that_takes_everything_is_not_used() -> None:
    def lenient(_document: Document, _draft: Draft) -> Validator:
        return compile_rust(True, Draft.D7)

    assert not validate.passes_self_check(lenient)


def test_without_the_wheel_schemas_are_validated_with_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without_wheel(name: str, *rest: Any, **named: Any) -> Any:
        if name == "mockws.schema.rust":
            raise ImportError("no wheel for this machine")
        return real(name, *rest, **named)

    monkeypatch.setattr(builtins, "__import__", without_wheel)
    validate.backend.cache_clear()
    try:
        with pytest.warns(RuntimeWarning, match="no wheel for this machine"):
            assert validate.backend() is compile_plain
        assert validate.backend() is compile_plain  # and no second warning
    finally:
        validate.backend.cache_clear()


@pytest.mark.skipif(not SUITE.is_dir(), reason="the shared corpus is not beside this checkout")
@pytest.mark.parametrize("folder", FOLDERS)
def test_the_official_suite_passes(folder: str) -> None:
    wrong, count = [], 0
    for path in sorted((SUITE / folder).rglob("*.json")):
        for group in json.loads(path.read_text()):
            try:
                schema = Schema(group["schema"], draft=FOLDERS[folder])
            except BrokenSchema as broken:
                assert broken.code == "ref_scheme"  # documents from elsewhere are never fetched
                continue
            for test in group["tests"]:
                count += 1
                if schema.accepts(test["data"]) is not test["valid"] and path.name not in OUTSIDE:
                    wrong.append((path.name, group["description"], test["description"]))

    assert not wrong
    assert count > 800
