"""Overlays (OpenAPI Overlay 1.0 and 1.1): changes to a document that stand in files of their own.

An overlay is checked whole before any of it is done. Its actions change the document as it was read, before anything
is mended; what they lay in keeps its place in the overlay's file.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from posixpath import dirname, normpath
from posixpath import join as joined
from typing import Any

from mockws.asyncapi.document import Document, Node
from mockws.diagnostic import Severity
from mockws.errors import BadExpectation, OverlayRefused
from mockws.expect.path import Path, TooLong
from mockws.names import closest
from mockws.schema.violations import shown
from mockws.source.patch import Location, Patch, Piece, kind_of
from mockws.source.pointer import join, parse

VERSION = re.compile(r"1\.(?P<minor>[01])\.\d+")
MOST_STEPS = 2_000_000  # objects and arrays that the `..` of one path may walk through
NO_OVERLAY = "overlay-invalid"
KEYS = {
    "an overlay": ("overlay", "info", "extends", "actions"),
    "info": ("title", "version", "description"),
    "an action": ("target", "description", "update", "remove", "copy"),
}
KINDS: dict[type, str] = {str: "a text", bool: "true or false", dict: "an object", list: "a list"}
Located = tuple[Location, Any]


@dataclass(frozen=True, slots=True)
class Action:
    """One change: what it says, and the paths in it, compiled."""

    node: Node
    target: Path
    source: Path | None

    @property
    def target_node(self) -> Node:
        return self.node.raw("target") or self.node


def lay_over(document: Document, overlays: Sequence[str]) -> None:
    """Apply overlays to a document's entry, in order. Raises OverlayRefused, and Unreadable."""
    if not overlays:
        return
    patch = Patch(document.files[document.entry])
    for name in overlays:
        for action in _actions_of(document, name):
            _apply(action, patch)
        document.files[document.entry] = patch.text()


def _actions_of(document: Document, name: str) -> Sequence[Action]:
    root = document.root(name)
    actions = _read(root) if _is(root, dict, "an overlay") else []
    if document.report.has_errors:
        raise _refusal(document)
    return actions


def _refusal(document: Document) -> OverlayRefused:
    """Make the error that tells all that was found, the worst first."""
    told = sorted(document.report.told(), key=lambda each: each.severity is not Severity.ERROR)
    return OverlayRefused(tuple(told), tuple(document.files))


# What an overlay has to be.


def _read(root: Node) -> list[Action]:
    minor = _version(root)
    _known_keys(root, "an overlay")
    if "info" not in root.value:  # those of Specmatic's users have none
        root.warn("overlay-info", "the overlay has no info", "add `info: {title: ..., version: ...}`")
    info = _typed(root, "info", dict)
    if info is not None:
        _known_keys(info, "info")
        _required(info, "title", str)
        _required(info, "version", str)
        _typed(info, "description", str)
    _extends(root)
    actions = _required(root, "actions", list)
    if actions is None:
        return []
    if not actions.value:
        actions.error(NO_OVERLAY, "actions is empty", "an overlay has at least one action")
    return [read for each in _distinct(actions) if (read := _action(each, minor)) is not None]


def _version(root: Node) -> str:
    """Give the minor version."""
    node = _required(root, "overlay", str)
    found = VERSION.fullmatch(node.value) if node else None
    if node is not None and found is None:
        node.error(NO_OVERLAY, f"Overlay {shown(node.value)} is not known here", "known are 1.0.x and 1.1.x")
    return found["minor"] if found else "1"


def _extends(root: Node) -> None:
    """An overlay may name the document that it is for; another one than this deserves a word."""
    node = _typed(root, "extends", str)
    if node is None or ":" in node.value:  # a URL says little about a file
        return
    meant = normpath(joined(dirname(root.file), node.value))
    if meant != normpath(root.document.entry):
        node.warn("overlay-extends", f"the overlay is for {meant}, and is laid over {root.document.entry}")


def _distinct(actions: Node) -> Iterator[Node]:
    seen: list[Any] = []
    for action in actions.raw_elements():
        if action.value in seen:
            action.error(NO_OVERLAY, "this action stands here twice", "remove one of them")
        seen.append(action.value)
        yield action


def _action(node: Node, minor: str) -> Action | None:
    if not _is(node, dict, "an action"):
        return None
    _known_keys(node, "an action")
    _typed(node, "description", str)
    remove = _typed(node, "remove", bool)
    copy = _typed(node, "copy", str)
    target = _required(node, "target", str)
    if copy is not None and minor == "0":
        copy.error(NO_OVERLAY, "copy is of Overlay 1.1", "write overlay: 1.1.0")
    if copy is not None and "update" in node.value:
        copy.error(NO_OVERLAY, "an action has either update or copy", "make two actions of it")
    if not ("update" in node.value or copy or (remove and remove.value)):
        node.warn("overlay-without-effect", "the action changes nothing", "add update or remove")
    path = _path(target) if target else None
    return Action(node, path, _path(copy) if copy else None) if path else None


def _path(node: Node) -> Path | None:
    try:
        return Path(node.value, node.pointer, MOST_STEPS)
    except BadExpectation as problem:
        message = problem.message.rpartition(", line ")[0] or problem.message  # the line is of the path
        node.error(NO_OVERLAY, message, "a path begins with $; keys with dots stand in brackets: $['a.b']")
        return None


def _known_keys(node: Node, kind: str) -> None:
    for key in node.value:
        if key not in KEYS[kind] and not key.startswith("x-"):
            hint = closest(key, KEYS[kind])
            advice = f"did you mean {hint}?" if hint else f"known are {', '.join(KEYS[kind])}, and keys with x-"
            (node.raw(key) or node).error(NO_OVERLAY, f"{key} is no key of {kind}", advice)


def _required(node: Node, key: str, kind: type) -> Node | None:
    if key not in node.value:
        hint = "" if node.pointer else " (is it an overlay?)"
        node.error(NO_OVERLAY, f"{key} is missing{hint}", "add it")
    return _typed(node, key, kind)


def _typed(node: Node, key: str, kind: type) -> Node | None:
    child = node.raw(key)
    return child if child is not None and _is(child, kind, key) else None


def _is(node: Node, kind: type, name: str) -> bool:
    if type(node.value) is kind:
        return True
    advice = "write it in quotes" if kind is str else ""
    node.error(NO_OVERLAY, f"{name} is {shown(node.value)}, and should be {KINDS[kind]}", advice)
    return False


# What it does.


def _apply(action: Action, patch: Patch) -> None:
    found = _found(action, action.target, patch)
    if not found:
        action.target_node.warn("overlay-target", f"the target {action.target.expression} selects nothing")
    elif action.node.value.get("remove"):
        _remove(action, patch, found)
    else:
        _lay_in(action, patch, found)


def _found(action: Action, path: Path, patch: Patch) -> list[Located]:
    """Give what a path selects, each once, in the document as it is by now."""
    try:
        selected = path.found(patch.value)
    except TooLong:
        message = f"{path.expression} goes through more than {MOST_STEPS:,} objects and arrays"
        raise _refused(action.target_node, message) from None
    return list({location: (location, value) for location, value in selected}.values())


def _remove(action: Action, patch: Patch, found: list[Located]) -> None:
    # What is deep goes before what it is in, and in arrays the last goes first: no location changes on the way.
    for location, _ in sorted(found, key=lambda each: (len(each[0]), each[0]), reverse=True):
        if not location:
            raise _refused(action.target_node, "the whole document cannot be removed")
        patch.remove(location)
        action.node.document.removed[join("", *location)] = action.target_node


def _lay_in(action: Action, patch: Patch, found: list[Located]) -> None:
    piece = _piece(action, patch)
    if piece is None:
        return
    kinds = sorted({kind_of(value) if isinstance(value, dict | list) else "a primitive" for _, value in found})
    if len(kinds) > 1:
        raise _refused(action.target_node, f"the target selects {' as well as '.join(kinds)}")
    for location, _ in found:
        if patch.has(location):  # an earlier one of these may have taken its place
            patch.merge(location, piece)


def _piece(action: Action, patch: Patch) -> Piece | None:
    """Give what an action lays in; none where there is nothing of that kind."""
    node = action.node
    if action.source is None:
        text = node.document.files[node.file]
        return patch.piece(text, _location(node, "update")) if "update" in node.value else None
    source = node.raw("copy") or node
    found = _found(action, action.source, patch)
    if len(found) > 1:
        raise _refused(source, f"{action.source.expression} selects {len(found)} values; one can be copied")
    if not found:
        source.warn("overlay-target", f"the path {action.source.expression} selects nothing to copy")
        return None
    return patch.part(found[0][0])


def _location(node: Node, *keys: str) -> Location:
    """Give the way to a child of an action, as keys and indexes."""
    _, index, *_ = parse(node.pointer)
    return ("actions", int(index), *keys)


def _refused(node: Node, message: str) -> OverlayRefused:
    node.error("overlay-mismatch", message)
    return _refusal(node.document)
