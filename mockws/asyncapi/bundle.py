"""A document in one piece: as it is served, mended, with what it has from other files in it.

References stay references, for schemas may be circular; those into other files lead into the bundle. Nothing is read
for it: what nobody needed to serve the document is referred to as before.
"""

import posixpath
import re
from collections.abc import Iterator
from typing import Any

from mockws.asyncapi.definitions import VERBATIM
from mockws.asyncapi.document import Document, Node, is_url
from mockws.asyncapi.protobuf import BUNDLED as IMPORTS
from mockws.errors import Unreadable
from mockws.source.pointer import join, parse

COPIES = "x-mockws-bundled"  # where what has no place of its own is kept; AsyncAPI allows `x-` keys there
SECTIONS = frozenset({"messages", "schemas", "parameters", "securitySchemes", "messageTraits", "operationTraits"})
NOT_IN_A_NAME = re.compile(r"[^A-Za-z0-9_.-]")
MESSAGE_PLACE = re.compile(r"/message(/oneOf/\d+)?|/components/messages/[^/]+")  # where version 2 refers to messages
Home = tuple[str, ...]  # the keys that lead to a mapping of copies


def bundled(document: Document) -> dict[str, Any]:
    """Bundle a document that was loaded."""
    bundle = _Bundle(document)
    root = dict(bundle.copy(document.root()))
    bundle.put_copies(root)
    imports = {name: next(iter(texts)) for name, texts in document.imported.items() if len(texts) == 1}
    return {**root, IMPORTS: {**root.get(IMPORTS, {}), **imports}} if imports else root


class _Bundle:
    """Copies nodes, and notes which others have to come along."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._pointers: dict[tuple[str, str], str] = {}
        self._taken: dict[Home, set[str]] = {}
        self._waiting: list[tuple[Home, str, Node]] = []

    def put_copies(self, root: dict[str, Any]) -> None:
        """Copy all that is referred to in other files, and what that refers to, to where the references lead."""
        while self._waiting:
            home, name, node = self._waiting.pop(0)
            mapping = root
            for key in home:
                mapping = mapping.setdefault(key, {})
            mapping[name] = self.copy(node)

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
            elif key == "examples" and child is not None and isinstance(inner, list):
                yield key, [self._example(each) for each in child.raw_elements()]
            else:
                yield key, inner if child is None or key in VERBATIM else self.copy(child)

    def _example(self, node: Node) -> Any:
        """Copy one of several examples: it may be a reference, but nothing in it is one."""
        reference = node.reference
        if reference is None or len(node.value) > 1 or self._file(node, reference) not in self._document.files:
            return node.value
        return {"$ref": self._reference(node, reference)}

    def _file(self, node: Node, reference: str) -> str:
        """Name the file that is referred to; nothing where that cannot be followed."""
        try:
            return self._document.file_of(node, reference)
        except Unreadable:
            return ""

    def _reference(self, node: Node, reference: str) -> str:
        """Give a reference as it reads in the bundle; what dangles stays as it was written."""
        if reference.startswith("#") and node.file == self._document.entry:
            return reference
        file = self._file(node, reference)
        if not file:
            return reference
        if file not in self._document.files:
            return self._from_the_entry(file, reference)
        target = self._document.target(node, reference)
        if target is None:
            return reference
        return "#" + (target.pointer if target.file == self._document.entry else self._pointer(node, target))

    def _from_the_entry(self, file: str, reference: str) -> str:
        """Write a reference to a file that was not read as it reads beside the document."""
        _, hash_, fragment = reference.partition("#")
        folder = posixpath.dirname(self._document.entry) or "."
        return (file if is_url(file) else posixpath.relpath(file, folder)) + hash_ + fragment

    def _pointer(self, asker: Node, target: Node) -> str:
        """Give the place of a copy; it is made later, if it is not there yet."""
        if target.identity not in self._pointers:
            home = self._home(asker, target)
            name = self._name(target, home)
            self._pointers[target.identity] = join("", *home, name)
            self._waiting.append((home, name, target))
        return self._pointers[target.identity]

    def _home(self, asker: Node, target: Node) -> Home:
        """Choose where a copy goes: by where it stood, for names of messages are taken from there."""
        section = next(iter(parse(target.pointer)[-2:-1]), "")
        if self._document.major == "2" and target.pointer and MESSAGE_PLACE.search(asker.pointer):
            section = "messages"
        home = ("components", section)
        return home if section in SECTIONS and self._is_free(home) else (COPIES,)

    def _is_free(self, home: Home) -> bool:
        """Tell whether something can be put there: what is a reference, or no mapping, has no room."""
        node: Node | None = self._document.root()
        for key in home:
            node = node.raw(key) if node else None
            if node is not None and (not isinstance(node.value, dict) or node.reference is not None):
                return False
        return True

    def _name(self, target: Node, home: Home) -> str:
        if home not in self._taken:
            there = self._document.root().get(*home)
            self._taken[home] = set(there.value) if there and isinstance(there.value, dict) else set()
        taken = self._taken[home]
        stem = posixpath.splitext(posixpath.basename(target.file))[0]
        wanted = NOT_IN_A_NAME.sub("-", target.key or stem) or "whole"
        numbered = (f"{wanted}-{number}" for number in range(2, len(taken) + 3))
        name = wanted if wanted not in taken else next(each for each in numbered if each not in taken)
        taken.add(name)
        return name
