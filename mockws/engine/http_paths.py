"""Finds what is meant by the path of an HTTP request, among thousands, without trying each of them."""

from collections.abc import Mapping
from typing import Generic, TypeVar

from mockws.address import Address, Crossing, segments_of

T = TypeVar("T")
Parameters = Mapping[str, str]


class Paths(Generic[T]):
    """Values at addresses; unlike in an address book, all that are at a path are found, and each can be taken out."""

    def __init__(self) -> None:
        self._root: Crossing[T] = Crossing()

    def add(self, address: Address, value: T) -> None:
        self._trail(address)[-1].here.append(value)

    def remove(self, address: Address, value: T) -> None:
        trail = self._trail(address)
        trail[-1].here.remove(value)
        for crossing, segment in zip(reversed(trail[:-1]), reversed(address.segments), strict=True):
            crossing.prune(segment)

    def _trail(self, address: Address) -> list[Crossing[T]]:
        trail = [self._root]
        for segment in address.segments:
            trail.append(trail[-1].branch(segment))
        return trail

    def clear(self) -> None:
        self._root = Crossing()

    def find(self, path: str) -> list[tuple[T, Parameters]]:
        """Give all that is at a raw path, each with its own parameters; raises BadPath."""
        places: list[tuple[Crossing[T], dict[str, str]]] = [(self._root, {})]
        for text in segments_of(path):
            places = [onward for crossing, values in places for onward in _onward(crossing, values, text)]
        return [(value, values) for crossing, values in places for value in crossing.here]


def _onward(crossing: Crossing[T], values: dict[str, str], text: str) -> list[tuple[Crossing[T], dict[str, str]]]:
    literal = crossing.literal.get(text)
    found = [(literal, values)] if literal is not None else []
    for segment, branch in crossing.patterns.values():
        matched = segment.match(text)
        if matched is not None:
            found.append((branch, values | matched))
    return found
