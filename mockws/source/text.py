"""A file that was read: its value, and the place of every key and value in it.

Places are kept as offsets into the characters, in a tree beside the value, and become a line and a column only when
somebody asks. This file does not know YAML from JSON.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from mockws.diagnostic import Place
from mockws.errors import Unreadable
from mockws.source.pointer import index, parse

Children: TypeAlias = dict[str, "Entry"] | list["Node"]
Node: TypeAlias = int | tuple[int, Children]  # where a scalar begins | where a collection begins, and what is in it
Entry: TypeAlias = tuple[int, Node]  # where the key begins, and the node of its value

_LONGEST_QUOTE = 40


@dataclass(frozen=True, slots=True)
class Lines:
    """The characters of one file, and the line on which each of them stands."""

    name: str
    characters: str = field(repr=False)

    def line(self, offset: int) -> int:
        """Count the lines down to an offset, from 1; `\\n`, `\\r\\n` and `\\r` end one, as in an editor."""
        count = self.characters.count
        return 1 + count("\n", 0, offset) + count("\r", 0, offset) - count("\r\n", 0, offset)

    def place(self, offset: int) -> Place:
        """Give the line and column of an offset."""
        before = max(self.characters.rfind("\n", 0, offset), self.characters.rfind("\r", 0, offset))
        return Place(self.name, self.line(offset), offset - before)

    def refuse(self, code: str, message: str, offset: int | None = None, *, advice: str = "") -> Unreadable:
        """Make the error that says why this file cannot be read, and where."""
        place = Place(self.name) if offset is None else self.place(min(offset, len(self.characters)))
        return Unreadable(code, message, place.file, place.line, place.column, advice)

    def refuse_twin(self, code: str, key: str, first: int, second: int) -> Unreadable:
        """Make the error for a key that a mapping has twice."""
        one, other = self.line(first), self.line(second)
        where = f"twice on line {one}" if one == other else f"on line {one} and again on line {other}"
        return self.refuse(code, f"the key {quoted(key)} stands {where}", second, advice="remove or rename one of them")


@dataclass(frozen=True, slots=True)
class Text:
    """A file that was read; without a layout (a value made in Python) every place in it is the file itself."""

    name: str
    value: Any
    lines: Lines | None = field(default=None, repr=False, compare=False)
    layout: Callable[[], Node] | None = field(default=None, repr=False, compare=False)

    def locate(self, pointer: str, *, key: bool = False) -> Place:
        """Find where the value at a pointer begins, or with `key` its key; of a dangling one, its nearest ancestor."""
        if self.lines is None or self.layout is None:
            return Place(self.name)
        node = self.layout()
        found = key_offset = node if isinstance(node, int) else node[0]
        for token in parse(pointer):
            entry = _entry(node, token)
            if entry is None:
                break
            key_offset, node = entry
            found = node if isinstance(node, int) else node[0]
        return self.lines.place(key_offset if key else found)


def quoted(text: str) -> str:
    """Show a piece of the file in a message: in quotes, escaped, and not too long."""
    return repr(text if len(text) <= _LONGEST_QUOTE else text[: _LONGEST_QUOTE - 3] + "...")


def _entry(node: Node, token: str) -> Entry | None:
    if isinstance(node, int):
        return None
    children = node[1]
    if isinstance(children, dict):
        return children.get(token)
    position = index(token)
    if position is None or position >= len(children):
        return None
    element = children[position]
    return (element if isinstance(element, int) else element[0]), element
