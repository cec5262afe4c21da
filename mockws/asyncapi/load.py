"""From a document's text to its contract, with all that is to be said about it on the way.

Lenient by design: what can still be served is served, and the diagnostics say what was mended or left out. Only what
leaves nothing to serve raises `DocumentRefused`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from mockws.asyncapi.document import Document, Node, Protoc, ReadFile
from mockws.asyncapi.elsewhere import check_elsewhere
from mockws.asyncapi.inventory import looked_at
from mockws.asyncapi.mend import mended
from mockws.asyncapi.official import check_schema
from mockws.asyncapi.overlay import lay_over
from mockws.asyncapi.parts import Outline
from mockws.asyncapi.perspective import perspective_of
from mockws.asyncapi.routes import Mounting
from mockws.asyncapi.rules import check_outline
from mockws.asyncapi.v2 import read_v2
from mockws.asyncapi.v3 import read_v3
from mockws.contract import Contract, Server
from mockws.diagnostic import Diagnostic, Place, Severity
from mockws.errors import DocumentRefused, OverlayRefused, UnknownName, Unreadable
from mockws.names import closest
from mockws.schema.violations import shown

VERSIONS = ("2.0.0", "2.1.0", "2.2.0", "2.3.0", "2.4.0", "2.5.0", "2.6.0", "3.0.0", "3.1.0")
NO_CHANNELS = "no-channels"
READERS = {"2": read_v2, "3": read_v3}  # AsyncAPI's major version -> reader


@dataclass(frozen=True, slots=True)
class Options:
    """How a document is to be read."""

    perspective: str = "auto"  # auto | server | client
    servers: tuple[str, ...] = ()  # only these; none: all
    topics: bool | None = None
    overlays: tuple[str, ...] = ()  # files, in order
    check_schema: bool = True
    protoc: Protoc | None = None  # none: schemas of Protobuf are not read
    thorough: bool = False  # look also for what takes long, at what is of no use to a mock, and tell recommendations


@dataclass(frozen=True, slots=True)
class Loaded:
    """A contract, what is to be said about its document, and the files that it came from."""

    contract: Contract
    diagnostics: tuple[Diagnostic, ...]
    files: tuple[str, ...]
    document: Document

    def of(self, severity: Severity) -> tuple[Diagnostic, ...]:
        return tuple(each for each in self.diagnostics if each.severity is severity)


def load(entry: str, read_file: ReadFile, options: Options | None = None) -> Loaded:
    """Read a document and all it refers to.

    Raises DocumentRefused where nothing can be served, OverlayRefused where an overlay is to blame, and UnknownName for
    a server that is not there.
    """
    options = options or Options()
    document = Document(entry, read_file, protoc=options.protoc, thorough=options.thorough)
    try:
        outline = _outline(document, options)
        check_outline(outline)
        contract = _contract(document, outline, options)
    except Unreadable as problem:
        raise DocumentRefused((_fatal(problem), *_told(document)), tuple(document.files)) from None
    return Loaded(contract, _told(document), tuple(document.files), document)


def _told(document: Document) -> tuple[Diagnostic, ...]:
    """Give the diagnostics as a person reads the files: from top to bottom, in the order in which they were opened."""
    files = list(document.files)

    def order(diagnostic: Diagnostic) -> tuple[int, float]:
        place = diagnostic.place
        return files.index(place.file), float("inf") if place.line is None else place.line

    return tuple(sorted(document.report.told(), key=order))


def _fatal(problem: Unreadable) -> Diagnostic:
    """Tell what stopped the reading; a document without channels is valid all the same, there is only nothing in it."""
    severity = Severity.WARNING if problem.code == NO_CHANNELS else Severity.ERROR
    place = Place(problem.file, problem.line, problem.column)
    return Diagnostic(severity, problem.code, problem.message, place, advice=problem.advice)


def _overlaid(document: Document, options: Options) -> Node:
    """Give the top node, with the overlays laid over it."""
    document.root()
    try:
        lay_over(document, options.overlays)
    except Unreadable as problem:
        raise OverlayRefused((_fatal(problem), *_told(document)), tuple(document.files)) from None
    return document.root()


def _outline(document: Document, options: Options) -> Outline:
    root = _overlaid(document, options)
    version = _version(root)
    document.major = version[0]
    document.mended[document.entry] = mended(root)
    root = document.root()
    if options.check_schema:
        check_schema(root, version)
    outline = READERS[version[0]](document)
    if options.check_schema and (document.thorough or len(document.files) > 1):  # what is of use was read just now
        check_elsewhere(looked_at(root), version)
    return outline


def _version(root: Node) -> str:
    """Tell the version of AsyncAPI; one that is unknown is refused, as its meaning is."""
    value = root.value.get("asyncapi") if isinstance(root.value, dict) else None
    if value is None:
        hint = ' (it says "openapi")' if isinstance(root.value, dict) and "openapi" in root.value else ""
        raise _refused(
            root,
            "asyncapi-is-asyncapi",
            f"this is no AsyncAPI document{hint}",
            "its first line should be like: asyncapi: 3.0.0",
        )
    if str(value) not in VERSIONS:
        place = root.raw("asyncapi") or root
        message = f"AsyncAPI {shown(value)} is not known here"
        raise _refused(place, "asyncapi-is-asyncapi", message, "known are 2.0.0 to 2.6.0, 3.0.0 and 3.1.0")
    return str(value)


def _refused(node: Node, code: str, message: str, advice: str) -> Unreadable:
    place = node.place
    return Unreadable(code, message, place.file, place.line, place.column, advice)


def _contract(document: Document, outline: Outline, options: Options) -> Contract:
    root = outline.root
    if not outline.channels:
        servers = ", ".join(server.name for server in outline.servers) or "none"
        message = f"{document.entry} has no channels: nothing to serve (servers: {servers})"
        raise _refused(root, NO_CHANNELS, message, "add a channel, or name another document")
    version = root.text("asyncapi")
    perspective, reason = _perspective(outline, version, options)
    if perspective == "client":
        outline = replace(
            outline, operations=tuple(replace(each, action=each.action.turned) for each in outline.operations)
        )
    routes = Mounting(outline, _served(outline, options.servers), options.topics).routes()
    info = root.get("info")
    return Contract(
        title=info.text("title", "untitled") if info else "untitled",
        version=info.text("version") if info else "",
        channels=outline.channels,
        operations=outline.operations,
        routes=routes,
        servers=outline.servers,
        asyncapi=version,
        perspective=perspective,
        perspective_reason=reason,
    )


def _perspective(outline: Outline, version: str, options: Options) -> tuple[str, str]:
    if options.perspective != "auto":
        return options.perspective, "as it was asked for"
    return perspective_of(outline, version)


def _served(outline: Outline, wanted: Sequence[str]) -> tuple[Server, ...]:
    """Give the servers that are served: those asked for, else all that speak WebSocket, else all."""
    known = [server.name for server in outline.servers]
    for name in wanted:
        if name not in known:
            raise UnknownName("server", name, known, closest(name, known))
    if wanted:
        return tuple(server for server in outline.servers if server.name in wanted)
    speaking = tuple(server for server in outline.servers if server.speaks_websocket)
    return speaking or outline.servers
