"""Finds what is meant by the path of an HTTP request, among thousands, without trying each of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from mockws.address import Address, Segment, segments_of

T = TypeVar("T")
Parameters = Mapping[str, str]


@dataclass(eq=False, slots=True)
class _Fork(Generic[T]):
    """Where paths part: by a text, or by a pattern."""

    literals: "dict[str, _Fork[T]]" = field(default_factory=dict)
    patterns: "dict[str, tuple[Segment, _Fork[T]]]" = field(default_factory=dict)
    here: list[T] = field(default_factory=list)

    def branch(self, segment: Segment) -> "_Fork[T]":
        if segment.literal:
            return self.literals.setdefault(segment.text, _Fork())
        return self.patterns.setdefault(segment.text, (segment, _Fork()))[1]

    def prune(self, segment: Segment) -> None:
        """Cut a branch off that leads nowhere any more."""
        branch = self.branch(segment)
        if not (branch.here or branch.literals or branch.patterns):
            self.literals.pop(segment.text, None) if segment.literal else self.patterns.pop(segment.text, None)


class Paths(Generic[T]):
    """Values at addresses; unlike in an address book, all that are at a path are found, and each can be taken out."""

    def __init__(self) -> None:
        self._root: _Fork[T] = _Fork()

    def add(self, address: Address, value: T) -> None:
        self._trail(address)[-1].here.append(value)

    def remove(self, address: Address, value: T) -> None:
        trail = self._trail(address)
        trail[-1].here.remove(value)
        for fork, segment in zip(reversed(trail[:-1]), reversed(address.segments), strict=True):
            fork.prune(segment)

    def _trail(self, address: Address) -> list[_Fork[T]]:
        trail = [self._root]
        for segment in address.segments:
            trail.append(trail[-1].branch(segment))
        return trail

    def clear(self) -> None:
        self._root = _Fork()

    def find(self, path: str) -> list[tuple[T, Parameters]]:
        """Give all that is at a raw path, each with its own parameters; raises BadPath."""
        places: list[tuple[_Fork[T], dict[str, str]]] = [(self._root, {})]
        for text in segments_of(path):
            places = [onward for fork, values in places for onward in _onward(fork, values, text)]
        return [(value, values) for fork, values in places for value in fork.here]


def _onward(fork: _Fork[T], values: dict[str, str], text: str) -> list[tuple[_Fork[T], dict[str, str]]]:
    literal = fork.literals.get(text)
    found = [(literal, values)] if literal is not None else []
    for segment, branch in fork.patterns.values():
        matched = segment.match(text)
        if matched is not None:
            found.append((branch, values | matched))
    return found
