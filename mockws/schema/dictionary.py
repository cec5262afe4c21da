"""Values of the user's own, by field: `Order.items[].name`, `/items/*/name`, or just `name`.

A key matches the end of a field's path, the longest key first. Whether a value fits is for the walk to see.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

ITEM = "[]"
STEPS = re.compile(r"\[(?:\d*|\*)\]|[^.\[\]]+")
Step = tuple[str, ...]
"""The names that one step of a path goes by: its own, and the title of the schema there."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One key, taken apart, with its values."""

    steps: tuple[str, ...]
    values: tuple[Any, ...]
    whole: bool = False  # a pointer says the path from the top

    def matches(self, path: Sequence[Step]) -> bool:
        """Tell whether a path ends in these steps; its first step is the message."""
        if len(self.steps) > len(path) or (self.whole and len(self.steps) != len(path) - 1):
            return False
        return all(one in names for one, names in zip(reversed(self.steps), reversed(path), strict=False))


class Dictionary:
    """Lists of values by field, compiled: the fields are found by their last step."""

    __slots__ = ("_entries",)

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        self._entries: dict[str, list[Entry]] = {}
        for entry in entries:
            self._entries.setdefault(entry.steps[-1], []).insert(0, entry)  # what was said last counts first
        for listed in self._entries.values():
            listed.sort(key=lambda entry: -len(entry.steps))

    def __bool__(self) -> bool:
        return bool(self._entries)

    def __repr__(self) -> str:
        return f"Dictionary({sorted(self._entries)})"

    def values(self, path: Sequence[Step]) -> tuple[Any, ...]:
        """Give the values for a field; of an array's items, also those that are given for the array."""
        for name in path[-1] if path else ():
            found = next((entry for entry in self._entries.get(name, ()) if entry.matches(path)), None)
            if found is not None:
                return found.values
        return self.values(path[:-1]) if path and ITEM in path[-1] else ()


def steps_of_field(key: str) -> Entry:
    """Take a key apart; raises ValueError."""
    if key.startswith("/"):
        parts = [part.replace("~1", "/").replace("~0", "~") for part in key[1:].split("/")]
        steps = tuple(ITEM if part == "*" or part.isdecimal() else part for part in parts)
        return Entry(steps, (), whole=True)
    found = STEPS.findall(key)
    rebuilt = "".join(found)
    if not found or rebuilt != key.replace(".", "") or ".." in key or key.endswith("."):
        raise ValueError("is no field: write Order.items[].name, /items/*/name or name")
    return Entry(tuple(ITEM if part.startswith("[") else part for part in found), ())


def entry_of(key: str, values: Sequence[Any]) -> Entry:
    """Make the entry of a key and its values; raises ValueError."""
    entry = steps_of_field(key)
    if not values:
        raise ValueError("has no values")
    return Entry(entry.steps, tuple(values), entry.whole)


NO_DICTIONARY = Dictionary()


@dataclass(frozen=True, slots=True)
class Manner:
    """How values are made up: in which language, and with which words of the user's own."""

    locale: str = "en_US"
    dictionary: Dictionary = NO_DICTIONARY


PLAINLY = Manner()


def dictionary_of(sources: Iterable[Mapping[str, Sequence[Any]]]) -> Dictionary:
    """Compile several files' worth of values; for one field what is said later counts."""
    return Dictionary(entry_of(key, values) for source in sources for key, values in source.items())
