"""Names that people write: which known one was meant, and the words that a name is made of."""

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

MAX_KEYS = 500  # among which a misspelled one is looked for
WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


def closest(name: str, known: Iterable[str]) -> str:
    """Give the known name that is most like this one, or an empty string."""
    by_folded = {_folded(each): each for each in known}
    found = difflib.get_close_matches(_folded(name)[:200], list(by_folded), n=1, cutoff=0.6)
    return by_folded[found[0]] if found else ""


def closest_path(value: Any, keys: Sequence[str]) -> tuple[str, ...]:
    """Give the way into a value that is most like this one, or nothing where a key is like none that is there."""
    found: list[str] = []
    for key in keys:
        if not isinstance(value, Mapping) or len(value) > MAX_KEYS:
            return ()
        there = key if key in value else closest(key, [each for each in value if isinstance(each, str)])
        if not there:
            return ()
        found.append(there)
        value = value[there]
    return tuple(found)


def _folded(name: str) -> str:
    return re.sub(r"[\W_]+", "", name).lower()


def words_of(name: str) -> tuple[str, ...]:
    """Split `subscribeRequest`, `subscribe_request` or `SubscribeRequest.message` into lower-case words."""
    return tuple(word.lower() for word in WORD.findall(name))
