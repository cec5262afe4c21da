"""JSON Pointer (RFC 6901): how one place in a value is written, and how it is found again.

This file knows strings, mappings and lists. It does not know which file a value came from.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import unquote

# RFC 6901 section 4: no leading zeros. No array is longer than 18 digits can count, and int() refuses very long ones.
_INDEX = re.compile(r"0|[1-9][0-9]{0,17}")
_BAD_ESCAPE = re.compile(r"~(?![01])")


def parse(pointer: str) -> tuple[str, ...]:
    """Split a pointer, or its URI fragment form `#/...`, into its tokens; raise ValueError when it is neither."""
    path = unquote(pointer[1:], errors="strict") if pointer.startswith("#") else pointer
    if not path:
        return ()
    if not path.startswith("/"):
        raise ValueError(f"the JSON Pointer {pointer!r} does not start with '/'")
    if _BAD_ESCAPE.search(path):
        raise ValueError(f"the JSON Pointer {pointer!r} has a '~' that is neither '~0' nor '~1'")
    return tuple(_unescape(token) for token in path[1:].split("/"))


def escape(token: str) -> str:
    """Write one token so that it can stand in a pointer."""
    return token.replace("~", "~0").replace("/", "~1")


def join(pointer: str, *tokens: str | int) -> str:
    """Go on from a pointer, one token a step."""
    return pointer + "".join(f"/{escape(str(token))}" for token in tokens)


def index(token: str) -> int | None:
    """The place in an array that a token names, None when it names none (`-`, `01`, `a`)."""
    return int(token) if _INDEX.fullmatch(token) else None


def resolve(value: Any, pointer: str) -> Any:
    """Find what a pointer points to; raise LookupError when there is nothing, ValueError when it is no pointer."""
    walked = ""
    for token in parse(pointer):
        value = _step(value, token, walked)
        walked = join(walked, token)
    return value


def _unescape(token: str) -> str:
    # "~1" goes first, or "~01" would become "/" (RFC 6901 section 4)
    return token.replace("~1", "/").replace("~0", "~")


def _step(value: Any, token: str, walked: str) -> Any:
    at = walked or "the root"
    if isinstance(value, Mapping):
        if token not in value:
            raise LookupError(f"there is no {token!r} at {at}")
        return value[token]
    if not isinstance(value, Sequence) or isinstance(value, str | bytes):
        raise LookupError(f"there is no {token!r} at {at}: it is neither an object nor an array")
    place = index(token)
    if place is None or place >= len(value):
        raise LookupError(f"there is no {token!r} at {at}: the array there has {len(value)} elements")
    return value[place]
