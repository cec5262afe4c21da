"""How one JSON value differs from another, strictly or loosely, with the place of each difference."""

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from mockws.codec import encode_json
from mockws.source.pointer import join

MOST_SHOWN = 120


@dataclass(frozen=True, slots=True)
class Difference:
    """One way in which a value is not as it was to be; the pointer leads into what was matched."""

    pointer: str
    expected: str
    actual: str


@dataclass(frozen=True, slots=True)
class Looseness:
    """What does not count in a comparison."""

    any_order: bool = False
    extra: bool = False


STRICT = Looseness()


def shortened(text: str) -> str:
    """Cut a text to what a person would read."""
    return text if len(text) <= MOST_SHOWN else f"{text[:MOST_SHOWN]}…"


def same(wanted: Any, actual: Any) -> bool:
    """Tell whether two values that hold no others are the same; true is not 1, though Python thinks so."""
    return bool(wanted == actual) and isinstance(wanted, bool) is isinstance(actual, bool)


def json_differences(wanted: Any, actual: Any, loose: Looseness = STRICT, pointer: str = "") -> Iterable[Difference]:
    """Say how a value differs from the one that is wanted."""
    if isinstance(wanted, dict) and isinstance(actual, dict):
        yield from _object_differences(wanted, actual, loose, pointer)
    elif isinstance(wanted, list) and isinstance(actual, list):
        compare = _unordered_differences if loose.any_order else _list_differences
        yield from compare(wanted, actual, loose, pointer)
    elif not same(wanted, actual):
        yield Difference(pointer, _shown(wanted), _shown(actual))


def _shown(value: Any) -> str:
    return shortened(encode_json(value))


def _object_differences(
    wanted: dict[str, Any], actual: dict[str, Any], loose: Looseness, pointer: str
) -> Iterable[Difference]:
    for name, value in wanted.items():
        place = join(pointer, name)
        if name in actual:
            yield from json_differences(value, actual[name], loose, place)
        else:
            yield Difference(place, _shown(value), "nothing")
    if not loose.extra:
        more = [name for name in actual if name not in wanted]
        yield from [Difference(join(pointer, name), "nothing", _shown(actual[name])) for name in more]


def _list_differences(wanted: list[Any], actual: list[Any], loose: Looseness, pointer: str) -> Iterable[Difference]:
    for index, value in enumerate(wanted):
        if index < len(actual):
            yield from json_differences(value, actual[index], loose, join(pointer, index))
        else:
            yield Difference(join(pointer, index), _shown(value), "nothing")
    yield from _too_many(wanted, actual, loose, pointer)


def _too_many(wanted: list[Any], actual: list[Any], loose: Looseness, pointer: str) -> Iterable[Difference]:
    if len(actual) > len(wanted) and not loose.extra:
        yield Difference(pointer, f"{len(wanted)} items", f"{len(actual)} items")


def _unordered_differences(
    wanted: list[Any], actual: list[Any], loose: Looseness, pointer: str
) -> Iterable[Difference]:
    alone = _alone_among_equals(wanted, actual) if not loose.extra else _alone(wanted, actual, loose)
    yield from [Difference(pointer, f"an item {_shown(value)}", f"none of {len(actual)} is") for value in alone]
    yield from _too_many(wanted, actual, loose, pointer)


def _alone_among_equals(wanted: list[Any], actual: list[Any]) -> Iterable[Any]:
    """Give the items that have no partner, where partners are equal: then it is enough to count."""
    left = Counter(map(_key, actual))
    for value in wanted:
        key = _key(value)
        left[key] -= 1
        if left[key] < 0:
            yield value


def _key(value: Any) -> Hashable:
    """Make a key that two values share exactly when they are the same in any order."""
    if isinstance(value, dict):
        return ("object", frozenset((name, _key(inner)) for name, inner in value.items()))
    if isinstance(value, list):
        return ("array", frozenset(Counter(map(_key, value)).items()))
    return ("boolean", value) if isinstance(value, bool) else value


def _alone(wanted: list[Any], actual: list[Any], loose: Looseness) -> Iterable[Any]:
    """Give the items that have no partner, where one may fit several: whoever can, moves on for another."""
    fitting = [
        [place for place, each in enumerate(actual) if not any(True for _ in json_differences(value, each, loose))]
        for value in wanted
    ]
    partner: dict[int, int] = {}  # place in actual -> place in wanted
    return [value for place, value in enumerate(wanted) if not _paired(place, fitting, partner)]


def _paired(start: int, fitting: Sequence[Sequence[int]], partner: dict[int, int]) -> bool:
    """Find a partner for one more item, along a path of items that can move on (Kuhn's algorithm)."""
    came_from: dict[int, int] = {}  # place in actual -> place in wanted that asked for it
    asking = [start]
    for place in asking:
        for found in fitting[place]:
            if found in came_from:
                continue
            came_from[found] = place
            if found not in partner:
                _move_on(found, came_from, partner)
                return True
            asking.append(partner[found])
    return False


def _move_on(free: int, came_from: dict[int, int], partner: dict[int, int]) -> None:
    before = {place: found for found, place in partner.items()}
    place: int | None = free
    while place is not None:
        partner[place] = came_from[place]
        place = before.get(partner[place])
