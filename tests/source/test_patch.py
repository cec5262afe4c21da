"""A value that was patched has a place for everything in it, in the file that it came from."""

import json
from collections.abc import Iterator
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from mockws.errors import Unreadable
from mockws.source.json import read_json
from mockws.source.patch import Patch
from mockws.source.pointer import join
from mockws.source.text import Text

KEYS = st.sampled_from("abc")
VALUES = st.recursive(
    st.none() | st.integers(0, 9) | st.just("text"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)
OBJECTS = st.dictionaries(KEYS, VALUES, min_size=1)


def text_of(value: Any, name: str) -> Text:
    return read_json(json.dumps(value, indent=1).encode(), name)


def locations(value: Any, location: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    yield location
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        yield from locations(child, (*location, key))


def shape(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: shape(child) for key, child in value.items()}
    return [shape(child) for child in value] if isinstance(value, list) else "value"


def shape_of_places(node: Any) -> Any:
    if isinstance(node, int):
        return "value"
    children = node[1]
    if isinstance(children, dict):
        return {key: shape_of_places(child) for key, (_, child) in children.items()}
    return [shape_of_places(child) for child in children]


@given(OBJECTS, st.lists(st.tuples(st.integers(0), VALUES | st.just("remove"), st.booleans()), max_size=6))
def test_places_keep_the_shape_of_the_value(value: Any, changes: list[tuple[int, Any, bool]]) -> None:
    patch = Patch(text_of(value, "document"))
    for number, (at, change, copied) in enumerate(changes):
        there = list(locations(patch.value))
        location = there[at % len(there)]
        try:
            if change == "remove" and location:
                patch.remove(location)
            elif copied:
                patch.merge(location, patch.part(there[number % len(there)]))
            else:
                patch.merge(location, patch.piece(text_of({"update": change}, f"overlay{number}"), ("update",)))
        except Unreadable as problem:
            assert problem.line is not None

    made = patch.text()
    assert made.layout is not None
    assert shape(made.value) == shape_of_places(made.layout())
    for location in locations(made.value):
        place = made.locate(join("", *location))
        assert place.file == "document" or place.file.startswith("overlay")
        assert place.line
