"""How a message's payload is written on the wire: its schema, its schemaFormat and its content type, put together.

What cannot be read here is still served: from the message's examples, unchecked, with a warning.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mockws.asyncapi.document import Node
from mockws.asyncapi.schemas import Payload, Schemas
from mockws.codec import Codec, Kind, kind_of
from mockws.errors import CannotEncode
from mockws.formats.extras import MissingExtra
from mockws.formats.wire import Types, bare, needs_types, wire_of
from mockws.schema.schema import Schema, Violation

EXAMPLES = "give the message examples: they go out as they are written"
OPAQUE = ("application/octet-stream", "image/", "audio/", "video/", "font/")  # bytes by nature


@dataclass(frozen=True, slots=True)
class Wire:
    """How payloads of one message are checked, read and written."""

    payload: Schema
    kind: Kind
    codec: Codec | None = None
    types: Types | None = None

    def meant(self, example: Any) -> Any:
        """Give what an example means: Avro's may be in Avro's own JSON."""
        return example if self.types is None else self.types.meant(example)

    def fits(self, value: Any) -> bool:
        return self.payload.accepts(value) and not self.violations(value)

    def violations(self, value: Any) -> tuple[Violation, ...]:
        """Tell why an example can never be sent; bytes without a structure can always."""
        if self.kind is Kind.BINARY:
            return ()
        found = self.payload.violations(value, limit=1)
        if found or self.codec is None:
            return found
        try:
            self.codec.encode(value)
        except CannotEncode as problem:
            return (Violation("", problem.reason, "", "contentType"),)
        return ()


@dataclass(frozen=True, slots=True)
class Wires:
    """Makes the wires of messages."""

    schemas: Schemas

    def of(self, payload: Node | None, content_type: str | None, message: Node) -> Wire:
        """Put a message's payload and content type together."""
        made = self.schemas.payload(payload, message)
        try:
            kind, codec = _kind(content_type, made)
        except MissingExtra as problem:
            message.warn(
                "missing-extra", f"{problem}; messages of it are not checked", problem.advice, once=problem.extra
            )
            return Wire(Schema(True), Kind.BINARY)
        missing = needs_types(content_type) if codec is None and not made.told else ""
        if missing:
            told = f"{content_type} is not read without a schema of {missing}; anything goes"
            message.warn("content-type", told, EXAMPLES, once=told)
            return Wire(Schema(True), Kind.BINARY)
        if kind in (Kind.TEXT, Kind.BINARY) and not _is_text(made.schema.document):
            return self._unread(kind, content_type, made, message)
        return Wire(made.schema, kind, codec, made.types)

    def _unread(self, kind: Kind, content_type: str | None, made: Payload, message: Node) -> Wire:
        """A payload that is more than text, in a format that is only text (or bytes) here."""
        name = bare(content_type)
        if name.startswith(OPAQUE) or made.schema.document in (True, {}):
            return Wire(made.schema, kind)
        what = "text" if kind is Kind.TEXT else "bytes"
        told = f"the content type {name} is not read here: any {what} will do"
        message.warn("content-type", told, EXAMPLES, once=name)
        return Wire(Schema(True), kind)


def _kind(content_type: str | None, made: Payload) -> tuple[Kind, Codec | None]:
    document = made.schema.document
    if content_type or made.types is not None:
        return wire_of(content_type, document, made.types)
    if isinstance(document, Mapping) and "binary" in (document.get("format"), document.get("contentEncoding")):
        return Kind.BINARY, None
    return kind_of(content_type), None


def _is_text(document: Any) -> bool:
    """Tell whether a schema is about a text: what is neither an object nor a list nor a number."""
    kinds = document.get("type") if isinstance(document, Mapping) else None
    if kinds is None:
        return not isinstance(document, Mapping) or not document.keys() & {"properties", "items", "required"}
    return "string" in kinds if isinstance(kinds, list) else kinds == "string"
