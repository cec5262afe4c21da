"""What a document has in other files, held against the official schema for the place where it is used.

The official schema judges one value, and takes a reference for what it stands for. So what references to other files
lead to is put in their place, each thing once, and the whole is judged; what is wrong is told where it was written.
"""

import re
from dataclasses import dataclass, field, replace
from typing import Any

from mockws.asyncapi.definitions import VERBATIM
from mockws.asyncapi.document import PROTO, Node
from mockws.asyncapi.official import MAX_TOLD, advice_for, broken, tell
from mockws.source.pointer import join, parse

MAX_DEPTH = 64  # of the whole: schemas that refer to one another lead deeper than any file
# Where version 3 has references and nothing else: what they lead to is judged where it has its own place.
ONLY_REFERENCES = re.compile(
    r"(/components)?/(operations/[^/]+(/reply)?|operationTraits/[^/]+|replies/[^/]+)/(channel|messages/\d+)"
    r"|(/components)?/channels/[^/]+/servers/\d+"
)


def check_elsewhere(root: Node, version: str) -> None:
    """Report where what stands in other files breaks the official schema."""
    whole = _Whole(root.file)
    value = whole.value(root, "")
    for violation, code in broken(value, version, limit=2 * MAX_TOLD) if whole.uses else ():
        use, pointer = whole.written(violation.pointer)
        if use is None or root.document.report.has_said(replace(use.target, pointer=pointer)):
            continue  # of the root, all is told already
        used = f"it is used at {use.reference.place}; {advice_for(version, violation, value)}"
        tell(use.target, replace(violation, pointer=pointer), code, used)


@dataclass(frozen=True, slots=True)
class _Use:
    """A reference, and what it leads to in another file."""

    reference: Node
    target: Node


@dataclass
class _Whole:
    """The value of a document's entry, with what it has in other files."""

    entry: str
    uses: dict[str, _Use] = field(default_factory=dict)  # pointer in the whole -> what was put there
    _there: set[tuple[str, str]] = field(default_factory=set)

    def value(self, node: Node, pointer: str, depth: int = 0) -> Any:
        """Give a node's value, with what its references lead to; `pointer` is its place in the whole."""
        if depth > MAX_DEPTH or not isinstance(node.value, dict | list):
            return node.value
        if node.reference is not None:
            return self._referred(node, pointer, depth)
        if isinstance(node.value, list):
            inner = ((str(n), each) for n, each in enumerate(node.raw_elements()))
            return [self.value(each, join(pointer, n), depth + 1) for n, each in inner]
        return {key: self._member(node, key, pointer, depth) for key in node.value}

    def _member(self, node: Node, key: str, pointer: str, depth: int) -> Any:
        child = None if key in VERBATIM or key.startswith("x-") else node.raw(key)
        return node.value[key] if child is None else self.value(child, join(pointer, key), depth + 1)

    def _referred(self, node: Node, pointer: str, depth: int) -> Any:
        """Give what a reference leads to, where that is in another file and not yet in the whole."""
        if (node.file == self.entry and (node.reference or "").startswith("#")) or ONLY_REFERENCES.fullmatch(pointer):
            return node.value
        target = node.followed()
        if target is None or target.file == self.entry or target.file.endswith(PROTO):
            return node.value
        if target.identity in self._there:
            return node.value
        self._there.add(target.identity)
        self.uses[pointer] = _Use(node, target)
        return self.value(target, pointer, depth + 1)

    def written(self, pointer: str) -> tuple[_Use | None, str]:
        """Tell what was put into the whole at or around a place, and the pointer within its file."""
        tokens = parse(pointer)
        for count in range(len(tokens), 0, -1):
            use = self.uses.get(join("", *tokens[:count]))
            if use is not None:
                return use, join(use.target.pointer, *tokens[count:])
        return None, pointer
