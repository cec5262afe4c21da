"""What came, held against what an example shows: how it differs, and what is kept under the example's names.

More than was shown is no difference. What the example shows as empty may be missing as well.
"""

from collections.abc import Iterator
from typing import Any

from mockws.codec import encode_json
from mockws.schema.schema import Schema
from mockws.source.pointer import join
from mockws.specmatic.data import BadReference, substituted
from mockws.specmatic.values import REFERENCE, wanted_of

MISSING = object()
EMPTY: tuple[Any, ...] = ([], {}, "", None)
LONGEST = 80


def differences(wanted: Any, actual: Any, names: dict[str, Any], pointer: str = "") -> Iterator[str]:
    """Say how a value is not what an example shows; what it gives a name is kept."""
    if isinstance(wanted, dict) and wanted:
        yield from _of_objects(wanted, actual, names, pointer)
    elif isinstance(wanted, list) and wanted:
        yield from _of_lists(wanted, actual, names, pointer)
    elif isinstance(wanted, str) and REFERENCE.search(wanted):
        yield from _of_references(wanted, actual, names, pointer)
    elif isinstance(wanted, str) and (found := wanted_of(wanted)) is not None:
        broken = [MISSING] if actual is MISSING else Schema(found.schema).violations(actual, limit=1)
        if broken:
            yield _told(pointer, wanted, actual)
        elif found.name:
            names[found.name] = actual
    elif actual is MISSING:
        if wanted not in EMPTY:
            yield _told(pointer, _shown(wanted), actual)
    elif wanted != actual or isinstance(wanted, bool) is not isinstance(actual, bool):
        yield _told(pointer, _shown(wanted), actual)


def _of_references(wanted: str, actual: Any, names: dict[str, Any], pointer: str) -> Iterator[str]:
    """What came under a name is a value like any other, whatever it looks like."""
    try:
        value = substituted(wanted, names)
    except BadReference as problem:
        yield f"{pointer or '/'}: {problem}: nothing came under that name"
        return
    if actual is MISSING or value != actual or isinstance(value, bool) is not isinstance(actual, bool):
        yield _told(pointer, _shown(value), actual)


def _of_objects(wanted: dict[str, Any], actual: Any, names: dict[str, Any], pointer: str) -> Iterator[str]:
    if not isinstance(actual, dict):
        yield _told(pointer, "an object", actual)
        return
    for key, inner in wanted.items():
        yield from differences(inner, actual.get(key, MISSING), names, join(pointer, key))


def _of_lists(wanted: list[Any], actual: Any, names: dict[str, Any], pointer: str) -> Iterator[str]:
    if not isinstance(actual, list) or len(actual) != len(wanted):
        yield _told(pointer, f"a list of {len(wanted)}", actual)
        return
    for place, inner in enumerate(wanted):
        yield from differences(inner, actual[place], names, join(pointer, place))


def _told(pointer: str, wanted: str, actual: Any) -> str:
    return f"{pointer or '/'} was to be {wanted}, and is {'missing' if actual is MISSING else _shown(actual)}"


def _shown(value: Any) -> str:
    text = encode_json(value)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
