"""A document in one piece: as it is served, mended, with what it has from other files in it.

References stay references, for schemas may be circular; those into other files lead into the bundle.
"""

from collections.abc import Iterator
from typing import Any

from mockws.asyncapi.definitions import VERBATIM
from mockws.asyncapi.document import Document, Node

COPIES = "x-mockws-bundled"  # where what stands in other files is kept; AsyncAPI allows `x-` keys there


def bundled(document: Document) -> dict[str, Any]:
    """Bundle a document that was loaded."""
    bundle = _Bundle(document)
    root = bundle.copy(document.root())
    copies = bundle.copies()
    return {**root, COPIES: copies} if copies else dict(root)


class _Bundle:
    """Copies nodes, and notes which others have to come along."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._names: dict[tuple[str, str], str] = {}
        self._waiting: list[tuple[str, Node]] = []

    def copies(self) -> dict[str, Any]:
        """Copy all that is referred to in other files, and what that refers to."""
        made: dict[str, Any] = {}
        while self._waiting:
            name, node = self._waiting.pop()
            made[name] = self.copy(node)
        return made

    def copy(self, node: Node) -> Any:
        value = node.value
        if isinstance(value, dict):
            return dict(self._pairs(node))
        if isinstance(value, list):
            return [self.copy(child) for child in node.raw_elements()]
        return value

    def _pairs(self, node: Node) -> Iterator[tuple[str, Any]]:
        for key, inner in node.value.items():
            child = node.raw(key)
            if key == "$ref" and isinstance(inner, str):
                yield key, self._reference(node, inner)
            else:
                yield key, inner if child is None or key in VERBATIM else self.copy(child)

    def _reference(self, node: Node, reference: str) -> str:
        """Give a reference as it reads in the bundle; what dangles stays as it was written."""
        if reference.startswith("#") and node.file == self._document.entry:
            return reference
        target = self._document.target(node, reference)
        if target is None:
            return reference
        if target.file == self._document.entry:
            return f"#{target.pointer}"
        return f"#/{COPIES}/{self._name(target)}"

    def _name(self, target: Node) -> str:
        name = self._names.get(target.identity)
        if name is None:
            wanted = target.key or "whole"
            wanted = "".join(letter if letter.isalnum() else "-" for letter in wanted)
            taken = set(self._names.values())
            numbered = (f"{wanted}-{number}" for number in range(2, len(taken) + 3))
            name = wanted if wanted not in taken else next(each for each in numbered if each not in taken)
            self._names[target.identity] = name
            self._waiting.append((name, target))
        return name
