"""The collections that are still open while YAML is read, and the anchors that name values.

A frame holds a collection, the places of what is in it, and for a mapping the key that waits for its value. This file
does not know events or limits.
"""

from dataclasses import dataclass
from typing import Any, TypeAlias

from mockws.source.text import Entry, Node


@dataclass(slots=True)
class Anchor:
    """A named value; `height` and `size` are its levels and its nodes with all aliases expanded."""

    value: Any
    node: Node
    size: int = 1
    height: int = 0
    key: str | None = None
    finished: bool = False

    def finish(self, value: Any, node: Node, *, size: int, height: int) -> None:
        """Take the value, now that it is whole: from here on aliases can name it."""
        self.value, self.node, self.size, self.height, self.finished = value, node, size, height, True


class Sequence:
    """An open list."""

    __slots__ = ("anchor", "height", "nodes", "offset", "started", "values")

    def __init__(self, offset: int) -> None:
        self.offset = offset
        self.values: list[Any] = []
        self.nodes: list[Node] = []
        self.height = 0
        self.started = 0
        self.anchor: Anchor | None = None

    def put(self, value: Any, node: Node, *, height: int) -> None:
        """Append a value."""
        self.values.append(value)
        self.nodes.append(node)
        if height > self.height:
            self.height = height

    def finish(self) -> int | None:
        """Close the list; nothing can be wrong with it."""
        return None


class Mapping:
    """An open mapping; keys and values come in turn."""

    __slots__ = (
        "_key",
        "_merge",
        "_merging",
        "anchor",
        "expects_key",
        "height",
        "nodes",
        "offset",
        "started",
        "values",
    )

    def __init__(self, offset: int) -> None:
        self.offset = offset
        self.values: dict[str, Any] = {}
        self.nodes: dict[str, Entry] = {}
        self.height = 0
        self.started = 0
        self.anchor: Anchor | None = None
        self.expects_key = True
        self._key: tuple[str, int] = ("", 0)
        self._merging = False
        self._merge: tuple[int, Any, Node] | None = None

    def take_key(self, key: str, offset: int, *, merge: bool) -> int | None:
        """Remember the key until its value comes; give the offset of its twin when the mapping has it already."""
        if merge:
            if self._merge is not None:
                return self._merge[0]
        elif key in self.nodes:
            return self.nodes[key][0]
        self._key, self._merging, self.expects_key = (key, offset), merge, False
        return None

    def put(self, value: Any, node: Node, *, height: int) -> None:
        """Enter a value under the key that waits."""
        key, offset = self._key
        self.expects_key = True
        if self._merging:
            self._merge = (offset, value, node)
        else:
            self.values[key] = value
            self.nodes[key] = (offset, node)
        if height > self.height:
            self.height = height

    def finish(self) -> int | None:
        """Close the mapping; give the offset of a merge key whose value is no mapping."""
        if self._merge is None:
            return None
        offset, value, node = self._merge
        sources = list(zip(*_sources(value, node), strict=True))
        values: dict[str, Any] = {}
        nodes: dict[str, Entry] = {}
        # Of several sources the earlier wins (yaml.org/type/merge), so the last one goes in first.
        for source, places in reversed(sources):
            if not isinstance(source, dict):
                return offset
            values.update(source)
            nodes.update(places)
        self.values, self.nodes = values | self.values, nodes | self.nodes
        return None


def _sources(value: Any, node: Node) -> tuple[list[Any], list[Any]]:
    """List what a merge key names, one mapping or several, with the places in each."""
    if isinstance(value, list) and isinstance(node, tuple):
        return value, [part[1] if isinstance(part, tuple) else None for part in node[1]]
    return [value], [None if isinstance(node, int) else node[1]]


Frame: TypeAlias = Sequence | Mapping
