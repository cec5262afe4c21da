"""A file's value that is changed piece by piece; each piece keeps the place where it was written, in whatever file.

Places are offsets into one file's characters (see `text`). Here the files stand one after the other, as if they were
one, so that a tree of places can hold pieces of several. This file does not know why anything is changed.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from mockws.diagnostic import Place
from mockws.errors import Unreadable
from mockws.source.limits import DEFAULT, Limits
from mockws.source.pointer import join
from mockws.source.text import Children, Lines, Node, Text

Location: TypeAlias = Sequence[str | int]  # the keys and indexes that lead to a value
CODE = "overlay-mismatch"
KINDS: dict[type, str] = {dict: "an object", list: "an array", type(None): "null"}


@dataclass(frozen=True, slots=True)
class Volume(Lines):
    """The characters of several files, one after the other; a place names the file that it is in."""

    parts: tuple[Lines, ...] = ()
    starts: tuple[int, ...] = ()

    def place(self, offset: int) -> Place:
        """Give the line and column of an offset, in the file that it falls into."""
        number = bisect_right(self.starts, offset) - 1
        return self.parts[number].place(offset - self.starts[number])


@dataclass(frozen=True, slots=True)
class Piece:
    """A value and its places, ready to be laid in."""

    value: Any
    node: Node


class Patch:
    """A file's value with its places, to be changed; `text` gives what came of it."""

    def __init__(self, text: Text, limits: Limits = DEFAULT) -> None:
        self._name = text.name
        self._limits = limits
        self._parts: list[Lines] = []
        self._end = 0
        self._added = 0
        whole = self.piece(text, ())
        self.value = _copied(whole.value)
        self._node = _shifted(whole.node, 0)

    def piece(self, text: Text, location: Location) -> Piece:
        """Take a piece out of another file."""
        assert text.lines is not None
        assert text.layout is not None
        if text.lines not in self._parts:
            self._parts.append(text.lines)
            self._end += len(text.lines.characters)
        start = sum(len(lines.characters) for lines in self._parts[: self._parts.index(text.lines)])
        return Piece(_value_at(text.value, location), _shifted(_node_at(text.layout(), location), start))

    def part(self, location: Location) -> Piece:
        """Take a piece out of this very value, as it is now."""
        return Piece(_copied(_value_at(self.value, location)), _shifted(_node_at(self._node, location), 0))

    def text(self) -> Text:
        """Give the value as a file that was read."""
        parts = tuple(self._parts)
        starts = tuple(sum(len(each.characters) for each in parts[:number]) for number in range(len(parts)))
        lines = Volume(self._name, "".join(each.characters for each in parts), parts, starts)
        return Text(self._name, self.value, lines, lambda: self._node)

    def has(self, location: Location) -> bool:
        """Tell whether there is (still) something at a location."""
        try:
            _value_at(self.value, location)
        except LookupError:
            return False
        return True

    def remove(self, location: Location) -> None:
        """Take out what is at a location, which is not the root."""
        *way, last = location
        places: Any = _children(_node_at(self._node, way))
        del _value_at(self.value, way)[last]
        del places[last]

    def merge(self, location: Location, piece: Piece) -> None:
        """Lay a piece over what is at a location: objects are merged, arrays joined, all else is replaced.

        Raises Unreadable, at the piece's place, where the two do not go together, or it becomes too much.
        """
        here = _value_at(self.value, location)
        if isinstance(here, list):
            self._append(location, piece)
        elif isinstance(here, dict) and isinstance(piece.value, dict):
            for key, (offset, node) in _entries(piece.node).items():
                self._enter((*location, key), offset, Piece(piece.value[key], node))
        else:
            self._replace(location, _start(piece.node), piece)

    def _enter(self, location: Location, offset: int, piece: Piece) -> None:
        """Lay a property over its namesake."""
        if not self.has(location):
            self._put(location, offset, piece)
            return
        here = _value_at(self.value, location)
        if type(here) is type(piece.value) and isinstance(here, dict | list):
            self.merge(location, piece)
        elif piece.value is not None or not isinstance(here, dict | list):
            # `components:` with nothing behind it is null; the specification's own example leaves such keys as they are
            self._replace(location, offset, piece)

    def _append(self, location: Location, piece: Piece) -> None:
        values = _value_at(self.value, location)
        nodes: Any = _children(_node_at(self._node, location))
        several = isinstance(piece.value, list)
        added = piece.value if several else [piece.value]
        places: Any = _children(piece.node) if several else [piece.node]
        for value, node in zip(added, places, strict=True):
            self._count((*location, len(values)), Piece(value, node))
            values.append(_copied(value))
            nodes.append(_shifted(node, 0))

    def _replace(self, location: Location, offset: int, piece: Piece) -> None:
        here = _value_at(self.value, location)
        fits = not isinstance(here, dict | list) and not isinstance(piece.value, dict | list)
        if not location or not (fits or here is None):
            raise self._refused(
                f"{kind_of(piece.value)} cannot be laid over {kind_of(here)} at {join('', *location) or 'the root'}",
                _start(piece.node),
                "remove what is there first, with an action of its own",
            )
        self._put(location, offset, piece)

    def _put(self, location: Location, offset: int, piece: Piece) -> None:
        self._count(location, piece)
        *way, last = location
        node = _shifted(piece.node, 0)
        _value_at(self.value, way)[last] = _copied(piece.value)
        places: Any = _children(_node_at(self._node, way))
        places[last] = (offset, node) if isinstance(places, dict) else node

    def _count(self, location: Location, piece: Piece) -> None:
        """Hold the limits of a file: a few lines that are laid in everywhere can be a great deal."""
        size, height = _measure(piece.value)
        self._added += size
        if self._added > self._limits.nodes:
            most = f"at most {self._limits.nodes:,} keys and values are added"
            raise self._refused(f"what is added is too much: {most}", _start(piece.node), "choose fewer targets")
        if len(location) + height > self._limits.depth:
            message = f"the nesting becomes too deep: at most {self._limits.depth} levels are read"
            raise self._refused(message, _start(piece.node), "choose a target that is less deep")

    def _refused(self, message: str, offset: int, advice: str) -> Unreadable:
        lines = self.text().lines
        assert lines is not None
        return lines.refuse(CODE, message, offset, advice=advice)


def kind_of(value: Any) -> str:
    """Name the kind of a value, as messages have it."""
    return KINDS.get(type(value), "a primitive")


def _value_at(value: Any, location: Location) -> Any:
    found: Any = value
    for step in location:
        if not isinstance(found, list if isinstance(step, int) else dict):
            raise LookupError(step)
        found = found[step]  # type: ignore[index]  # of the kind that was just looked at
    return found


def _node_at(node: Node, location: Location) -> Node:
    for step in location:
        found: Any = _children(node)[step]  # type: ignore[index]  # as in the value
        node = found[1] if isinstance(step, str) else found
    return node


def _children(node: Node) -> Children:
    assert isinstance(node, tuple), "places and values have one shape"
    return node[1]


def _entries(node: Node) -> dict[str, Any]:
    children = _children(node)
    assert isinstance(children, dict)
    return children


def _start(node: Node) -> int:
    return node if isinstance(node, int) else node[0]


def _shifted(node: Node, by: int) -> Node:
    """Copy a tree of places, moved along."""
    if isinstance(node, int):
        return node + by
    offset, children = node
    if isinstance(children, dict):
        return offset + by, {key: (begin + by, _shifted(inner, by)) for key, (begin, inner) in children.items()}
    return offset + by, [_shifted(inner, by) for inner in children]


def _copied(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _copied(child) for key, child in value.items()}
    return [_copied(child) for child in value] if isinstance(value, list) else value


def _measure(value: Any) -> tuple[int, int]:
    """Count the keys and values in a value, and its levels."""
    if not isinstance(value, dict | list):
        return 1, 0
    inner = [_measure(child) for child in (value.values() if isinstance(value, dict) else value)]
    keys = len(value) if isinstance(value, dict) else 0
    return 1 + keys + sum(size for size, _ in inner), 1 + max((height for _, height in inner), default=0)
