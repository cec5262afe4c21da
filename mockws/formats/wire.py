"""Which codec a content type means: the table of all formats that are more than JSON, text or bytes."""

import re
from typing import Any, Protocol

from mockws.codec import Codec, Kind, kind_of
from mockws.formats.cbor import Cbor
from mockws.formats.msgpack import MessagePack
from mockws.formats.places import places_of_bytes

MSGPACK = re.compile(r"application/(x-|vnd\.)?(msgpack|messagepack)|.+/.+\+msgpack")
CBOR = re.compile(r"application/(x-)?cbor|.+/.+\+cbor")
AVRO = re.compile(r"avro/(binary|json)|application/(x-|vnd\.apache\.|vnd\.)?avro(-binary)?(\+(binary|json))?")
PROTOBUF = re.compile(
    r"application/(x-|vnd\.|vnd\.google\.|x-google-)?(protobuf|protobuffer|proto)(\+json)?|.+/.+\+proto(buf)?"
)
PLAIN_JSON = ("application/json", "text/json", "json")


class Types(Protocol):
    """A schema that brings its own way of writing values: Avro's or Protobuf's."""

    @property
    def name(self) -> str:
        """Name the format as people call it."""

    @property
    def document(self) -> Any:
        """Give the JSON Schema of the values, as they are said in JSON's words."""

    def meant(self, example: Any) -> Any:
        """Give what an example means; it may be written in the format's own JSON."""

    def codec(self, *, text: bool, plain: bool) -> Codec | None:
        """Give the codec for the format's JSON, or for its binary frames; None where its JSON is plain JSON."""


def bare(content_type: str | None) -> str:
    """Give a content type without its parameters."""
    return (content_type or "").partition(";")[0].strip().lower()


def wire_of(content_type: str | None, document: Any, types: Types | None = None) -> tuple[Kind, Codec | None]:
    """Tell how messages of a content type are written; raises MissingExtra."""
    name = bare(content_type)
    if MSGPACK.fullmatch(name):
        return Kind.PACKED, MessagePack(places_of_bytes(document))
    if CBOR.fullmatch(name):
        return Kind.PACKED, Cbor(places_of_bytes(document))
    if types is not None:
        return _typed(name, types)
    return kind_of(content_type), None


def _typed(name: str, types: Types) -> tuple[Kind, Codec | None]:
    """A schema of Avro or Protobuf: in its own binary form, unless JSON (or text) is what is named."""
    kind = Kind.JSON if name.endswith("json") else kind_of(name) if name else Kind.BINARY
    if kind is Kind.BINARY:
        return Kind.PACKED, types.codec(text=False, plain=False)
    return (Kind.JSON, types.codec(text=True, plain=name in PLAIN_JSON)) if kind is Kind.JSON else (kind, None)


def needs_types(content_type: str | None) -> str:
    """Name the schema format that a content type cannot be read without; nothing where it needs none."""
    name = bare(content_type)
    if AVRO.fullmatch(name) and not name.endswith("json"):
        return "Avro"
    return "Protobuf" if PROTOBUF.fullmatch(name) and not name.endswith("json") else ""
