"""What is written as YAML is read back unchanged."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockws.source.write import document_text, yaml_text
from mockws.source.yaml import read_yaml

TEXT = st.text(st.characters(codec="utf-8"))
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner), max_leaves=10)


LONG = st.text(st.sampled_from(" \n\ta:#-'\"é"))


@pytest.mark.parametrize("write", [yaml_text, document_text])
@given(VALUES.filter(lambda value: value is not None) | LONG | st.lists(LONG) | st.dictionaries(LONG, LONG))
def test_what_is_written_is_read_back(write: Callable[[Any], str], value: Any) -> None:
    read = read_yaml(write({"value": value}).encode(), "saved.yaml").value["value"]

    assert repr(read) == repr(value)


@pytest.mark.parametrize(
    "text", ["0o17", "1e3", "1_000", "yes", "~", "", ".inf", "<<", "=", "2024-01-01", " a", "a\n\nb "]
)
@pytest.mark.parametrize("place", ["value", "key", "in a list"])
def test_texts_stay_texts(text: str, place: str) -> None:
    value = {"value": {"it": text}, "key": {text: 1}, "in a list": [text]}[place]

    assert read_yaml(yaml_text(value).encode(), "saved.yaml").value == value


def test_small_things_stand_on_one_line() -> None:
    assert yaml_text({"expectations": [{"id": "a", "trigger": {"channel": "room"}}]}) == (
        "expectations:\n- id: a\n  trigger: {channel: room}\n"
    )


def test_a_document_is_written_as_people_do() -> None:
    channel = {"description": "One line.\nAnother.\n", "tags": [{"name": "a"}]}

    assert document_text({"b": channel, "a": channel, "no": "no"}) == (
        "b:\n  description: |\n    One line.\n    Another.\n  tags:\n  - name: a\n"
        "a:\n  description: |\n    One line.\n    Another.\n  tags:\n  - name: a\n"
        "'no': 'no'\n"
    )
