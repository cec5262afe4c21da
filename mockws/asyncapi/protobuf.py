"""Protobuf in a document: the text of a schema, what it imports, and which of its messages is meant.

The compiler is a program, and is run by whoever reads documents (`Document.protoc`); here is only what it is given.
"""

import posixpath
import re
from collections.abc import Mapping

from mockws.asyncapi.document import Node
from mockws.errors import BrokenSchema, Unreadable
from mockws.formats.extras import MissingExtra
from mockws.formats.protobuf import EXTRA, NAME, Protobuf
from mockws.formats.wire import Types

IMPORT = re.compile(r"""^\s*import\s+(?:public\s+|weak\s+|option\s+)?["']([^"'\n]+)["']\s*;""", re.MULTILINE)
ROOT = re.compile(r"@RootNode\b[^\n]*\n(?:\s*//[^\n]*\n)*\s*message\s+(\w+)")
SYNTAX = re.compile(r"^\s*(syntax|edition)\s*=", re.MULTILINE)
ENTRY = "mockws_document.proto"
WELL_KNOWN = "google/protobuf/"
MOST_FILES = 100
BUNDLED = "x-mockws-imports"  # where a bundle has what its schemas import: name -> text


def protobuf_of(node: Node, message: Node) -> Types:
    """Make the schema at a node, as it is meant for a message; raises BrokenSchema, MissingExtra."""
    text = node.value
    if not isinstance(text, str):
        raise BrokenSchema("protobuf_schema", "a schema of Protobuf is the text of a .proto file")
    if node.document.protoc is None:
        raise MissingExtra(EXTRA, NAME)
    version = "proto2" if _is_version_2(message) else "proto3"
    whole = text if SYNTAX.search(text) else f'syntax = "{version}";\n{text}'
    compiled = node.document.protoc(ENTRY, {ENTRY: whole, **_imported(node, whole)})
    made = Protobuf(compiled, ENTRY)
    made.choose(_wanted(message, made, text))
    return made


def _is_version_2(message: Node) -> bool:
    payload = message.get("payload")
    named = message.text("schemaFormat") or (payload.text("schemaFormat") if payload else "")
    return bool(re.search(r"version=['\"]?2", named))


def _imported(node: Node, text: str) -> Mapping[str, str]:
    """Read what a schema imports: files below the document's folder; what Protobuf brings along is none of them."""
    found: dict[str, str] = {}
    waiting = IMPORT.findall(text)
    while waiting:
        name = waiting.pop()
        if name.startswith(WELL_KNOWN) or name in found:
            continue
        if len(found) >= MOST_FILES:
            raise BrokenSchema("protobuf_import", f"it imports more than {MOST_FILES} files")
        found[name] = _read(node, name)
        waiting += IMPORT.findall(found[name])
    return found


def _read(node: Node, name: str) -> str:
    path = posixpath.normpath(name)
    if posixpath.isabs(path) or path.startswith("..") or "\\" in path or path != name:
        raise BrokenSchema("protobuf_import", f"the import {name} is not below the document's folder")
    document = node.document
    bundled = document.root().get(BUNDLED)
    if bundled is not None and bundled.text(name):
        return bundled.text(name)
    try:
        text = document.read_file(posixpath.join(posixpath.dirname(node.file), path)).decode()
    except Unreadable as problem:
        raise BrokenSchema("protobuf_import", f"the import {name} cannot be read: {problem.message}") from None
    except UnicodeDecodeError:
        raise BrokenSchema("protobuf_import", f"the import {name} is not UTF-8") from None
    document.imported.setdefault(name, set()).add(text)
    return text


def _wanted(message: Node, made: Protobuf, text: str) -> str:
    """Tell which message is meant: the one named, the one marked, the one of the same name, the only root."""
    named = _named(message)
    if named:
        return named
    marked = ROOT.search(text)
    if marked:
        return marked[1]
    own = {name.lower() for name in (message.text("name"), message.text("messageId"), message.key) if name}
    same = next((name for name in made.messages if name.lower() in own), None)
    if same is not None or not made.messages:
        return same or ""
    first, *others = made.roots or made.messages
    if others:
        told = f"{first} is taken; {', '.join(others)} could be meant as well"
        message.warn("protobuf-message", told, "name it: x-mockws: {message: NAME}")
    return first


def _named(message: Node) -> str:
    own = message.mapping("x-mockws")
    return own.text("message") if own else ""
