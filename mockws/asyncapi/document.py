"""A document and the files it refers to: nodes that follow references and know where they stand.

A reader asks a node for its children and never sees a `$ref`. What dangles is reported once and is then simply absent.
This file does not know what the nodes mean, nor where files come from: it is handed a function that reads one.
"""

import posixpath
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urljoin

from mockws.callback import destination_of
from mockws.diagnostic import Diagnostic, Place, Severity
from mockws.errors import Unreadable
from mockws.names import closest_path
from mockws.source.pointer import join, parse, resolve
from mockws.source.read import read
from mockws.source.text import Text

MAX_HOPS = 64
ANCHORS = ("$anchor", "$dynamicAnchor")
IDS = ("$id", "id")  # up to draft-07: `$id: '#name'`
PROTO = ".proto"
MAX_ALIKE = 100  # diagnostics of one kind; to look places up costs time, and nobody reads more
ADVICE = "define it, or remove the reference"
ReadFile = Callable[[str], bytes]
Protoc = Callable[[str, Mapping[str, str]], bytes]  # compiles one of several files of Protobuf to descriptors


@dataclass
class Report:
    """What is to be said about a document; each thing once."""

    diagnostics: list[Diagnostic] = field(default_factory=list)
    _said: set[tuple[str, ...]] = field(default_factory=set)
    _counts: Counter[tuple[Severity, str]] = field(default_factory=Counter)
    _pointers: set[tuple[str, str]] = field(default_factory=set)

    def wants(self, severity: Severity, code: str, fact: tuple[str, ...]) -> bool:
        """Tell whether something is new, and not one of too many alike; it counts as said from now on."""
        if (code, *fact) in self._said:
            return False
        self._said.add((code, *fact))
        self._counts[severity, code] += 1
        return self._counts[severity, code] <= MAX_ALIKE

    def is_full(self, severity: Severity, code: str) -> bool:
        """Tell whether more of a kind would only be counted."""
        return self._counts[severity, code] >= MAX_ALIKE

    def add(self, diagnostic: Diagnostic) -> None:
        """Keep a diagnostic."""
        self.diagnostics.append(diagnostic)
        self._pointers.add((diagnostic.place.file, diagnostic.pointer))

    def has_said(self, node: "Node") -> bool:
        """Tell whether anything was said about a node, wherever it was written (an overlay has its own file)."""
        return (node.place.file, node.pointer) in self._pointers

    @property
    def has_errors(self) -> bool:
        """Tell whether anything that was said is an error."""
        return any(each.severity is Severity.ERROR for each in self.diagnostics)

    def told(self) -> tuple[Diagnostic, ...]:
        """Give all diagnostics, and how many more of a kind there are than were kept."""
        surplus = (
            Diagnostic(severity, code, f"{count - MAX_ALIKE} more of these", Place(self.diagnostics[0].place.file))
            for (severity, code), count in self._counts.items()
            if count > MAX_ALIKE
        )
        return (*self.diagnostics, *surplus)


@dataclass(frozen=True, slots=True)
class Node:
    """A value of the document at its place; children come with their references followed."""

    document: "Document"
    file: str
    pointer: str
    value: Any

    def __bool__(self) -> bool:
        return True

    @property
    def key(self) -> str:
        """The last token of the pointer: the name under which this node stands."""
        return parse(self.pointer)[-1] if self.pointer else ""

    @property
    def identity(self) -> tuple[str, str]:
        return (self.file, self.pointer)

    def raw(self, key: str | int) -> "Node | None":
        """Give a child as it is written, reference or not."""
        if isinstance(self.value, dict) and key in self.value:
            value = self.value[str(key)]
        elif isinstance(self.value, list) and isinstance(key, int) and key < len(self.value):
            value = self.value[key]
        else:
            return None
        return Node(self.document, self.file, _below(self.pointer, str(key)), value)

    def get(self, *keys: str) -> "Node | None":
        """Give a descendant, with every reference on the way followed; None where there is nothing."""
        node: Node | None = self
        for key in keys:
            child = node.raw(key) if node else None
            node = child.followed() if child else None
        return node

    def mapping(self, *keys: str) -> "Node | None":
        """Give a descendant that is a mapping; one that is something else is reported and left out."""
        node = self.get(*keys)
        if node is None or node.value is None or isinstance(node.value, dict):
            return node if node and node.value is not None else None
        if not self.document.report.has_said(node):  # by the official schema
            node.error("unexpected-type", f"{keys[-1]} should be a mapping, and is left out")
        return None

    def items(self) -> Iterator[tuple[str, "Node"]]:
        """Walk a mapping; children that dangle are left out."""
        for key in self.value if isinstance(self.value, dict) else ():
            child = self.get(key)
            if child is not None:
                yield key, child

    def elements(self) -> Iterator["Node"]:
        """Walk a list; elements that dangle are left out."""
        for child in self.raw_elements():
            followed = child.followed()
            if followed is not None:
                yield followed

    def raw_elements(self) -> Iterator["Node"]:
        """Walk a list as it is written, references and all."""
        for index in range(len(self.value)) if isinstance(self.value, list) else ():
            child = self.raw(index)
            if child is not None:
                yield child

    def text(self, key: str, default: str = "") -> str:
        """Give a child that is a text (or a number or boolean, as it was written)."""
        node = self.get(key)
        if node is None or isinstance(node.value, dict | list) or node.value is None:
            return default
        return _written(node.value)

    def texts(self, key: str) -> tuple[str, ...]:
        """Give a child that is a list of texts."""
        node = self.get(key)
        values = node.value if node and isinstance(node.value, list) else []
        return tuple(_written(value) for value in values if value is not None and not isinstance(value, dict | list))

    @property
    def reference(self) -> str | None:
        """What this node refers to, if it is a reference."""
        target = self.value.get("$ref") if isinstance(self.value, dict) else None
        return target if isinstance(target, str) else None

    def followed(self) -> "Node | None":
        """Give what this node stands for in the end, itself if it is no reference; None where that dangles."""
        if self.reference is None:
            return self
        *_, last = self.trail()
        return last if last.reference is None else None

    def trail(self) -> Iterator["Node"]:
        """Walk from this node over all that its reference leads to; it ends early where that dangles."""
        node, hops = self, 0
        yield node
        while (reference := node.reference) is not None:
            target = self.document.target(node, reference)
            hops += 1
            if hops > MAX_HOPS:
                message = f"the reference {self.reference} leads in a circle"
                self.error("invalid-ref", message, "define what it stands for", once=str(self.reference))
                return
            if target is None:
                return
            node = target
            yield node

    @property
    def place(self) -> Place:
        """Where this node begins: a mapping or list at its key, as a person would look for it there."""
        return self.document.files[self.file].locate(self.pointer, key=isinstance(self.value, dict | list))

    def say(self, severity: Severity, code: str, message: str, advice: str = "", *, once: str = "") -> None:
        """Report something about this node."""
        report = self.document.report
        if report.wants(severity, code, (once,) if once else (self.file, self.pointer, message)):
            report.add(Diagnostic(severity, code, message, self.place, self.pointer, advice))

    def warn(self, code: str, message: str, advice: str = "", *, once: str = "") -> None:
        """Report what was mended, or may surprise."""
        self.say(Severity.WARNING, code, message, advice, once=once)

    def error(self, code: str, message: str, advice: str = "", *, once: str = "") -> None:
        """Report what the specification forbids; the mock goes on without it."""
        self.say(Severity.ERROR, code, message, advice, once=once)


@dataclass
class Document:
    """All files of one AsyncAPI document, read as they are needed."""

    entry: str
    read_file: ReadFile
    report: Report = field(default_factory=Report)
    files: dict[str, Text] = field(default_factory=dict)
    mended: dict[str, Any] = field(default_factory=dict)  # file -> its value after mending, where that differs
    removed: dict[str, Node] = field(default_factory=dict)  # what overlays took out of the entry -> where they say so
    imported: dict[str, set[str]] = field(default_factory=dict)  # what schemas of Protobuf import -> its texts
    major: str = "3"  # of AsyncAPI's version
    protoc: Protoc | None = None
    thorough: bool = False  # whether what takes long is looked for, too
    _under_way: set[tuple[str, str]] = field(default_factory=set)

    def root(self, file: str | None = None) -> Node:
        """Give the top node of a file (the entry, if none is named); raises Unreadable."""
        name = file or self.entry
        if name not in self.files:
            content = self.read_file(name)
            self.files[name] = read(content, name) if not name.endswith(PROTO) else _verbatim(content, name)
        return Node(self, name, "", self.mended.get(name, self.files[name].value))

    def target(self, node: Node, reference: str) -> Node | None:
        """Give the node that a reference names, seen from where it stands; None, and a report, where it dangles."""
        fragment = reference.partition("#")[2]
        file = self.file_of(node, reference)
        try:
            root = self.root(file)
        except Unreadable as problem:
            self._without_file(node, reference, problem)
            return None
        found = self._found(root, fragment, node)
        if found is None and not self._was_removed(reference, file, fragment):
            few = not self.report.is_full(Severity.ERROR, "invalid-ref")  # to look for what was meant takes time
            meant = closest_path(root.value, _tokens(fragment) or ()) if few else ()
            advice = f"did you mean {reference.partition('#')[0]}#{join('', *meant)}?" if meant else ADVICE
            self._dangles(node, reference, "there is no such place", f"{file}#{fragment}", advice)
        return found

    def _was_removed(self, reference: str, file: str, fragment: str) -> bool:
        """Tell whether an overlay took out what a reference is to; that is said where the overlay does so."""
        tokens = (_tokens(fragment) if file == self.entry else None) or ()
        ways = (join("", *tokens[:count]) for count in range(1, len(tokens) + 1))
        removal = next((self.removed[way] for way in ways if way in self.removed), None)
        if removal is not None:
            told = f"the reference {reference} dangles: what it refers to is removed here"
            removal.warn("overlay-dangling", told, "remove the reference as well", once=f"{file}#{fragment}")
        return removal is not None

    def _found(self, root: Node, fragment: str, asker: Node) -> Node | None:
        """Find a place; one whose way leads through itself (`a: {$ref: '#/a/b'}`) is nowhere."""
        place = (root.file, fragment)
        if place in self._under_way:
            return None
        self._under_way.add(place)
        try:
            return _at(root, fragment, asker)
        finally:
            self._under_way.discard(place)

    def _without_file(self, node: Node, reference: str, problem: Unreadable) -> None:
        """A file that is not there dangles; one that is forbidden or broken stops everything, at its reference."""
        if problem.code in ("missing", "unreadable", "unreachable"):
            self._dangles(node, reference, f"{problem.file}: {problem.message}", problem.file)
            return
        if problem.line is None:
            place = _reference_of(node).place
            message = f"the reference {reference} cannot be followed: {problem.message}"
            raise Unreadable(problem.code, message, place.file, place.line, place.column, problem.advice) from None
        raise problem

    def file_of(self, node: Node, reference: str) -> str:
        """Name the file that a reference leads to, seen from where it stands. Raises Unreadable."""
        path = reference.partition("#")[0]
        if not path:
            return node.file
        if is_url(node.file):
            path = urljoin(node.file, path)
        scheme, colon, _ = path.partition(":")
        if colon and len(scheme) > 1 and scheme.replace("+", "").isalnum():
            return self._url_of(node, path)
        file = posixpath.normpath(posixpath.join(posixpath.dirname(node.file), unquote(path)))
        return self.entry if file == posixpath.normpath(self.entry) else file

    def _url_of(self, node: Node, path: str) -> str:
        """Give a URL in the one form that names it; whether it may be read is up to whoever reads."""
        try:
            return str(destination_of(path))
        except ValueError:
            place = _reference_of(node).place
            advice = "references reach files below the document's folder, and http(s) where that is allowed"
            message = f"the reference {path} is not allowed"
            raise Unreadable("ref_scheme", message, node.file, place.line, place.column, advice) from None

    def _dangles(self, node: Node, reference: str, why: str, target: str, advice: str = ADVICE) -> None:
        message = f"the reference {reference} dangles: {why}"
        _reference_of(node).error("invalid-ref", message, advice, once=target)


def _verbatim(content: bytes, name: str) -> Text:
    """Take a schema of Protobuf as it is: one text."""
    try:
        return Text(name, content.decode())
    except UnicodeDecodeError:
        raise Unreadable("encoding", "the file is not UTF-8", name) from None


def is_url(name: str) -> bool:
    """Tell whether a file of a document is one of the web."""
    return name.startswith(("http://", "https://"))


def _below(pointer: str, token: str) -> str:
    """Go on from a pointer; most keys need no escaping, and this is what loading a document does most."""
    return f"{pointer}/{token}" if "/" not in token and "~" not in token else join(pointer, token)


def _written(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _reference_of(node: Node) -> Node:
    """Give the text of a reference, which is where a person has to look; not the mapping that it is in."""
    return node.raw("$ref") or node


def _tokens(fragment: str) -> tuple[str, ...] | None:
    """Split a fragment; None where it is no pointer."""
    try:
        return parse("#" + fragment)
    except ValueError:
        return None


def _at(root: Node, fragment: str, asker: Node) -> Node | None:
    tokens = _tokens(fragment)
    if tokens is None:
        return _anchored(root, unquote(fragment))
    pointer = join("", *tokens)
    try:
        return Node(root.document, root.file, pointer, resolve(root.value, pointer))
    except LookupError:
        return _at_stepwise(root, tokens, asker)


def _anchored(root: Node, name: str) -> Node | None:
    """Find what a schema calls by a name of its own, wherever that is in its file (JSON Schema, "anchors")."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if isinstance(node.value, dict):
            if name in (node.value.get(key) for key in ANCHORS) or f"#{name}" in (node.value.get(key) for key in IDS):
                return node
            waiting += filter(None, (node.raw(key) for key in node.value))
        else:
            waiting += node.raw_elements()
    return None


def _at_stepwise(root: Node, tokens: tuple[str, ...], asker: Node) -> Node | None:
    """Walk token by token: through references on the way, and over keys with slashes that should be escaped."""
    node: Node | None = root
    rest = list(tokens)
    while rest and node is not None:
        node = node.followed()
        step = next((n for n in range(1, len(rest) + 1) if node and node.raw("/".join(rest[:n]))), None)
        if node is None or step is None:
            return _at_index(node, rest)
        if step > 1:
            told = f"the reference has '{'/'.join(rest[:step])}' with its slashes unescaped"
            _reference_of(asker).warn("unescaped-ref", told, "write ~1 for /")
        node, rest = node.raw("/".join(rest[:step])), rest[step:]
    return node


def _at_index(node: Node | None, rest: list[str]) -> Node | None:
    if node is None or len(rest) != 1 or not rest[0].isdecimal():
        return None
    return node.raw(int(rest[0]))
