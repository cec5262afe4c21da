"""References of Specmatic's examples: `$(data.product)` is filled in, `$(NAME)` waits for what came under that name."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from mockws.source.pointer import join
from mockws.specmatic.values import REFERENCE

ROOTS = ("data", "dataLookups")
STEP = re.compile(r"\.?([^.\[\]]+)|\[([^\[\]]+)\]")
Look = Callable[[str], Any]


class BadReference(ValueError):
    """A reference to data that is not there."""

    def __init__(self, path: str, pointer: str) -> None:
        super().__init__(f"there is nothing at $({path})")
        self.pointer = pointer


class _Unknown(Exception):  # it never leaves this file
    pass


def filled(example: Mapping[str, Any]) -> dict[str, Any]:
    """Fill in what stands in the example's own `data`; raises BadReference."""
    data = example.get("data", {})

    def look(path: str) -> Any:
        root = re.split(r"[.\[]", path, maxsplit=1)[0]
        if root not in ROOTS:
            return None
        return [_found(data, path.removeprefix("data.") if root == "data" else path)]

    return {key: value if key == "data" else _with(value, look, join("", key)) for key, value in example.items()}


def _found(data: Any, path: str) -> Any:
    """Walk a path; `[NAME]`, whose value is not known beforehand, is the only member there is."""
    for key, chosen in STEP.findall(path):
        if not isinstance(data, dict):
            raise _Unknown
        if key in data:
            data = data[key]
        elif chosen and (chosen in data or len(data) == 1):
            data = data.get(chosen, next(iter(data.values())))
        else:
            raise _Unknown
    return data


def _with(value: Any, look: Callable[[str], list[Any] | None], pointer: str) -> Any:
    if isinstance(value, dict):
        return {key: _with(inner, look, join(pointer, key)) for key, inner in value.items()}
    if isinstance(value, list):
        return [_with(inner, look, join(pointer, place)) for place, inner in enumerate(value)]
    return _text(value, look, pointer) if isinstance(value, str) else value


def _text(text: str, look: Callable[[str], list[Any] | None], pointer: str) -> Any:
    for reference in REFERENCE.finditer(text):
        try:
            found = look(reference["path"])
        except _Unknown:
            raise BadReference(reference["path"], pointer) from None
        if found is None:
            continue
        if reference[0] == text:
            return found[0]
        text = text.replace(reference[0], str(found[0]))
    return text


def substituted(value: Any, known: Mapping[str, Any], pointer: str = "") -> Any:
    """Put what came under a name in its place; a reference that is the whole text keeps the value's type.

    Raises BadReference for a name under which nothing came.
    """

    def look(path: str) -> list[Any]:
        if path not in known:
            raise _Unknown
        return [known[path]]

    return _with(value, look, pointer)
