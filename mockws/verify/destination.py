"""Where the answer to a message comes in: at the sender's, at another place, or where the message itself says."""

from collections.abc import Mapping
from typing import Any

from mockws.address import path_in
from mockws.errors import BadPath
from mockws.expression import MISSING
from mockws.verify.cases import Manner, SendCase
from mockws.verify.places import Place


class Unsaid(Exception):  # it ends a test, and never leaves the trial
    """It cannot be tested."""


def listening(case: SendCase, values: Mapping[str, str]) -> tuple[Any, tuple[Place, str] | None]:
    """Tell where the answer comes in, where that is not the sender's connection; the message may have to name it."""
    promise = case.promise
    if promise is None:
        return case.value, None
    elsewhere = (
        None if promise.place is case.place else (promise.place, promise.place.path(promise.place.values(values)))
    )
    if promise.address is None or case.manner is Manner.INVALID:
        return case.value, elsewhere
    named = promise.address.read(case.value, {})
    found = _place_named(named, promise.place) if isinstance(named, str) else None
    if found is not None:
        return case.value, found
    path = promise.place.path(promise.place.values(values))
    value = promise.address.write(case.value, path) if named is not MISSING else case.value
    if case.message.payload.accepts(value):
        return value, elsewhere
    raise Unsaid(f"the message names the address of its answer ({named!r}), and nothing of the document is there")


def _place_named(address: str, like: Place) -> tuple[Place, str] | None:
    try:
        path = path_in(address)
        found = like.contract.book.find(path)
    except BadPath:
        return None
    return (Place(like.contract, found[0], found[0].path), path) if found is not None else None
