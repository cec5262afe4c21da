"""The smallest value that still does what a large one did: parts are left out and made plain, one at a time."""

from collections.abc import Awaitable, Callable, Iterator
from typing import Any

from mockws.codec import encode_json
from mockws.schema.parts import Path, replaced, without
from mockws.schema.schema import Schema

MOST_TRIES = 12


async def smallest(value: Any, payload: Schema, fails: Callable[[Any], Awaitable[bool]]) -> Any:
    """Make a failing value smaller while it fits its schema and goes on failing, within a number of tries."""
    tries = 0
    shrunk = True
    while shrunk:
        shrunk = False
        for smaller in _smaller(value):
            if not payload.accepts(smaller) or len(encode_json(smaller)) >= len(encode_json(value)):
                continue
            tries += 1
            if tries > MOST_TRIES:
                return value
            if await fails(smaller):
                value, shrunk = smaller, True
                break
    return value


def _smaller(value: Any) -> Iterator[Any]:
    """Give values with one part less, or one part plainer; the outermost parts first."""
    paths = sorted(_paths(value, ()), key=len)
    for path in paths:
        if path:
            yield without(value, path)
    for path in paths:
        part = _at(value, path)
        if isinstance(part, str) and part:
            yield from (replaced(value, path, ""), replaced(value, path, "a"))
        elif isinstance(part, int | float) and not isinstance(part, bool) and part not in (0, 1):
            yield from (replaced(value, path, 0), replaced(value, path, 1))
        elif isinstance(part, list) and part:
            yield from (replaced(value, path, []), replaced(value, path, part[:1]))


def _paths(value: Any, path: Path) -> Iterator[Path]:
    yield path
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _paths(inner, (*path, name))
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from _paths(inner, (*path, place))


def _at(value: Any, path: Path) -> Any:
    for step in path:
        value = value[step]
    return value
