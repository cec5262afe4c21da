"""Avro: a schema as JSON Schema, and its values as binary frames or as Avro's own JSON.

Values are said in plain JSON: unions without their tags, times as RFC 3339, decimals as texts. The library checks
schemas and writes; its reader can be brought down by a frame that is nested deeply, so ours reads.
"""

from dataclasses import dataclass
from io import BytesIO
from typing import Any

from mockws.codec import Codec, Frame, Undecodable, decode_json, encode_json
from mockws.errors import BrokenSchema, CannotEncode
from mockws.formats.avro_cursor import Cursor
from mockws.formats.avro_scalars import Shape
from mockws.formats.avro_schema import Compiler
from mockws.formats.extras import library
from mockws.formats.values import NotJson, bounded

EXTRA, NAME = "avro", "Avro"


class Avro:
    """A schema of Avro; raises BrokenSchema, MissingExtra."""

    name = NAME

    def __init__(self, schema: Any) -> None:
        fastavro = library("fastavro", EXTRA, NAME)
        refusal = library("fastavro.schema", EXTRA, NAME).SchemaParseException
        compiler = Compiler()
        try:
            self.shape = compiler.shape(schema)
            self.parsed = fastavro.parse_schema(self.shape.written)
        except (refusal, KeyError, TypeError, ValueError) as problem:
            raise BrokenSchema("avro_schema", str(problem)) from None
        except RecursionError:
            raise BrokenSchema("avro_schema", "it is nested too deep") from None
        own, definitions = self.shape.schema, compiler.definitions
        root = definitions.get(self.shape.tag, own) if "$ref" in own else own
        self.document: Any = {**root, "definitions": definitions} if definitions else root

    def meant(self, example: Any) -> Any:
        """Give what an example means, whose unions may be tagged as in Avro's JSON; else as it is written."""
        try:
            self.shape.raw(example)
        except CannotEncode:
            pass
        else:
            return example
        try:
            return self.shape.untagged(example)
        except CannotEncode:
            return example

    def codec(self, *, text: bool, plain: bool) -> Codec | None:
        """Give the codec for Avro's JSON, or for binary frames; plain JSON needs none."""
        if text:
            return None if plain else AvroJson(self.shape)
        return AvroBinary(self.shape, self.parsed)


@dataclass(frozen=True, slots=True, eq=False)
class AvroBinary:
    """Frames that are one value of Avro, without a header."""

    shape: Shape
    parsed: Any
    name: str = NAME
    binary: bool = True

    def decode(self, frame: Frame) -> Any:
        cursor = Cursor(frame if isinstance(frame, bytes) else frame.encode())
        try:
            value = self.shape.read(cursor)
        except NotJson as refusal:
            return refusal.problem
        if not cursor.is_at_end:
            return Undecodable("avro_trailing_data", "there is more after the value")
        return value

    def encode(self, value: Any) -> bytes:
        fastavro = library("fastavro", EXTRA, NAME)
        stream = BytesIO()
        try:
            fastavro.schemaless_writer(stream, self.parsed, self.shape.raw(bounded(value)))
        except (ValueError, TypeError, OverflowError, KeyError) as problem:
            raise CannotEncode(f"it cannot be written as Avro: {problem}") from None
        return stream.getvalue()


@dataclass(frozen=True, slots=True, eq=False)
class AvroJson:
    """Text frames in Avro's JSON encoding, where unions are tagged."""

    shape: Shape
    name: str = "Avro's JSON"
    binary: bool = False

    def decode(self, frame: Frame) -> Any:
        value = decode_json(frame)
        if isinstance(value, Undecodable):
            return value
        try:
            return self.shape.untagged(value)
        except CannotEncode as problem:
            return Undecodable("avro_json", str(problem))

    def encode(self, value: Any) -> str:
        try:
            return encode_json(self.shape.tagged(bounded(value)))
        except ValueError as problem:
            raise CannotEncode(f"it cannot be written as Avro's JSON: {problem}") from None
