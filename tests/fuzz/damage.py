"""Damage at random: whatever is dropped, replaced, doubled, moved or renamed in a value, or in a text.

Nothing here knows what the value means, or who reads it.
"""

import copy
from typing import Any, TypeAlias

from hypothesis import strategies as st

ODDITIES: list[Any] = [None, True, 0, -1.5, "", "x", "#/a", [], ["x"], {}, {"$ref": "#"}, {"$ref": "#/nowhere"}]
ODDITIES += [{"$ref": 1}, [{"$ref": "nofile.yaml"}], {"type": "object"}, {"payload": 1}, 10**30, "\u0000", [[]]]
ODDITIES += ["$message.payload#/~", "{", "?a=b#c", {"$ref": "#/channels/c/x"}, "(a", {"not": {}}, 1e308]
KEYS = ["", "a/b", "~", "$ref", "payload", "oneOf", "x-mockws", "type", "allOf", "not", "\u00e9"]

Draw: TypeAlias = st.DataObject
Way: TypeAlias = tuple[str | int, ...]


def places(value: Any, way: Way = ()) -> list[Way]:
    """List all places within a value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [each for key, child in inner for each in ((*way, key), *places(child, (*way, key)))]


def at(value: Any, way: Way) -> Any:
    for step in way:
        value = value[step]
    return value


def damaged(value: Any, draw: Draw, *, most: int = 6) -> Any:
    """Copy a value with one to so many things wrong."""
    value = copy.deepcopy(value)
    for _ in range(draw.draw(st.integers(1, most))):
        value = changed(value, draw)
    return value


def changed(value: Any, draw: Draw) -> Any:
    """Drop, replace, double or move one thing, in place."""
    way = draw.draw(st.sampled_from(places(value) or [()]))
    if not way:
        return value
    parent, key = at(value, way[:-1]), way[-1]
    match draw.draw(st.sampled_from(["drop", "replace", "copy", "rename"])):
        case "drop":
            del parent[key]
        case "replace":
            parent[key] = copy.deepcopy(draw.draw(st.sampled_from(ODDITIES)))
        case "copy":
            other = draw.draw(st.sampled_from(places(value)))
            parent[key] = copy.deepcopy(at(value, other))
        case _ if isinstance(parent, dict):
            parent[draw.draw(st.sampled_from(KEYS))] = parent.pop(key)
    return value


def damaged_bytes(frame: bytes, draw: Draw) -> bytes:
    """Cut a frame, or put other bytes into it."""
    start = draw.draw(st.integers(0, len(frame)))
    stop = draw.draw(st.integers(start, len(frame)))
    return frame[:start] + draw.draw(st.binary(max_size=8)) + frame[stop:]
