"""Where everything in a JSON text stands: a scanner that builds places, not values.

It runs over text that a decoder has taken, so it need not doubt it; twins of keys are all it can complain about.
"""

import json
import re

from mockws.source.text import Children, Lines, Node

# A text that is never closed reaches to the end of the file, as for the decoder. Were it no match, the search would
# begin again at each quote in it; and nothing here may give back what it took. Both would be quadratic in the size.
STRING = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)', re.DOTALL)
_TOKEN = re.compile(rf"{STRING.pattern}|[\[\]{{}}]|[^\s\[\]{{}},:\"]+", re.DOTALL)


class _Open:
    """A collection that is still open, and the key that waits for its value."""

    __slots__ = ("children", "key", "offset")

    def __init__(self, offset: int, children: Children) -> None:
        self.offset = offset
        self.children = children
        self.key: tuple[str, int] | None = None

    def put(self, node: Node) -> None:
        """Enter the node of a value."""
        if isinstance(self.children, list):
            self.children.append(node)
            return
        assert self.key is not None
        key, offset = self.key
        self.children[key] = (offset, node)
        self.key = None


def layout(lines: Lines) -> Node:
    """Build the tree of places; raise Unreadable for a key that an object has twice."""
    document: list[Node] = []
    stack = [_Open(0, document)]
    for match in _TOKEN.finditer(lines.characters):
        offset, first = match.start(), lines.characters[match.start()]
        top = stack[-1]
        if first in "[{":
            stack.append(_Open(offset, [] if first == "[" else {}))
        elif first in "]}":
            stack.pop()
            stack[-1].put((top.offset, top.children))
        elif isinstance(top.children, dict) and top.key is None:
            top.key = _key(match.group(), top.children, offset, lines)
        else:
            top.put(offset)
    return document[0]


def _key(token: str, siblings: dict[str, tuple[int, Node]], offset: int, lines: Lines) -> tuple[str, int]:
    key = json.loads(token) if "\\" in token else token[1:-1]
    if key in siblings:
        raise lines.refuse_twin("json_duplicate_key", key, siblings[key][0], offset)
    return key, offset
