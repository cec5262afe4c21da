"""Protobuf: a compiled schema as JSON Schema, and its values as binary frames or in Protobuf's JSON mapping.

Values are said as that mapping has them: lowerCamelCase names, 64-bit numbers and times as texts, bytes as base64.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from mockws.codec import Codec, Frame, Undecodable, decode_json, encode_json
from mockws.errors import BrokenSchema, CannotEncode
from mockws.formats.extras import library
from mockws.formats.protobuf_schema import message_schema
from mockws.formats.values import bounded, in_json
from mockws.names import closest

EXTRA, NAME = "protobuf", "Protobuf"
# What the library raises over values and frames: its own errors are of Exception, so they are named at the place.
FAILURES = (ValueError, TypeError, OverflowError, RecursionError, KeyError, AttributeError)


class Protobuf:
    """A compiled file of Protobuf, of which one message is meant; raises BrokenSchema, MissingExtra."""

    name = NAME

    def __init__(self, descriptors: bytes, entry: str) -> None:
        self._library = _Library()
        try:
            self._pool = self._library.pool_of(descriptors)
            self._file = self._pool.FindFileByName(entry)
        except FAILURES as problem:
            raise BrokenSchema("protobuf_schema", str(problem)) from None
        self.document: Any = True
        self._type: Any = None

    @property
    def messages(self) -> tuple[str, ...]:
        """Name the messages of the file itself, in their order."""
        return tuple(self._file.message_types_by_name)

    @property
    def roots(self) -> tuple[str, ...]:
        """Name those that no other message of the file has in it."""
        used = {each for message in self._file.message_types_by_name.values() for each in _used_by(message)}
        return tuple(name for name, each in self._file.message_types_by_name.items() if each.full_name not in used)

    def choose(self, name: str) -> None:
        """Mean one of the messages, by its name or its full name; raises BrokenSchema."""
        package = self._file.package
        full = name if not package or name.startswith(f"{package}.") else f"{package}.{name}"
        try:
            descriptor = self._pool.FindMessageTypeByName(full)
        except KeyError:
            hint = closest(name, self.messages)
            told = f"there is no message {name or 'at all'} in the schema" + (f", did you mean {hint}?" if hint else "")
            raise BrokenSchema("protobuf_message", told) from None
        self._type = self._library.factory.GetMessageClass(descriptor)
        self.document = message_schema(descriptor)

    def meant(self, example: Any) -> Any:
        """Give an example as the JSON mapping writes it: names may be those of the .proto file."""
        try:
            codec = self._codec(binary=True)
            return codec.said(codec.made(example), whole=False)
        except CannotEncode:
            return example

    def codec(self, *, text: bool, plain: bool) -> Codec | None:  # noqa: ARG002  # Protobuf's JSON is one, plain or not
        """Give the codec for the JSON mapping, or for binary frames."""
        return self._codec(binary=not text)

    def _codec(self, *, binary: bool) -> "ProtobufCodec":
        return ProtobufCodec(self._library, self._pool, self._type, binary)


class _Library:
    """The parts of the library, imported late."""

    def __init__(self) -> None:
        self.descriptors = library("google.protobuf.descriptor_pb2", EXTRA, NAME)
        self.pools = library("google.protobuf.descriptor_pool", EXTRA, NAME)
        self.factory = library("google.protobuf.message_factory", EXTRA, NAME)
        self.json = library("google.protobuf.json_format", EXTRA, NAME)
        self.message = library("google.protobuf.message", EXTRA, NAME)
        self.unknown = library("google.protobuf.unknown_fields", EXTRA, NAME)
        self.failures = (self.json.Error, self.message.Error, *FAILURES)

    def pool_of(self, descriptors: bytes) -> Any:
        pool = self.pools.DescriptorPool()
        for file in self.descriptors.FileDescriptorSet.FromString(descriptors).file:
            pool.Add(file)
        return pool


def _used_by(message: Any) -> Iterator[str]:
    """Name the messages that are in a message's fields; its own name does not count."""
    for field in message.fields:
        if field.message_type is not None and field.message_type.full_name != message.full_name:
            yield field.message_type.full_name
            if field.message_type.GetOptions().map_entry:
                yield from _used_by(field.message_type)
    for inner in message.nested_types:
        yield from (name for name in _used_by(inner) if name != message.full_name)


@dataclass(frozen=True, slots=True, eq=False)
class ProtobufCodec:
    """Frames of one message, binary ones or texts in the JSON mapping."""

    library: _Library
    pool: Any
    type: Any
    binary: bool
    name: str = NAME

    def decode(self, frame: Frame) -> Any:
        """Read a frame; fields that the message does not have are an error, as other names are in JSON."""
        if isinstance(frame, str):
            return self._of_json(decode_json(frame))
        message = self.type()
        try:
            message.ParseFromString(frame)
            if self._has_unknown(message):
                return Undecodable("protobuf_unknown", "it has fields that the message does not have")
            return in_json(self.said(message))
        except self.library.failures as problem:
            return Undecodable("protobuf_syntax", str(problem).rpartition(": ")[2] or "it is not readable")
        except CannotEncode as problem:
            return Undecodable("protobuf_value", problem.reason)

    def _of_json(self, value: Any) -> Any:
        """Read JSON; what is none of the mapping stays as it is, for the schema tells more of what is wrong."""
        if isinstance(value, Undecodable):
            return value
        try:
            return self.said(self.made(value))
        except CannotEncode:
            return value

    def encode(self, value: Any) -> Frame:
        message = self.made(value)
        if not self.binary:
            return encode_json(self.said(message))
        try:
            frame: bytes = message.SerializeToString(deterministic=True)
        except self.library.failures as problem:
            raise CannotEncode(f"it cannot be written as Protobuf: {problem}") from None
        return frame

    def made(self, value: Any) -> Any:
        """Make a message of a value; raises CannotEncode."""
        try:
            return self.library.json.ParseDict(bounded(value), self.type(), descriptor_pool=self.pool)
        except self.library.failures as problem:
            told = str(problem).partition("\n")[0].rstrip(".")
            raise CannotEncode(f"it cannot be written as Protobuf: {told}") from None

    def said(self, message: Any, *, whole: bool = True) -> Any:
        """Say a message in the JSON mapping; the whole has those fields, too, that are at their default.

        Raises CannotEncode.
        """
        try:
            return self.library.json.MessageToDict(
                message, always_print_fields_with_no_presence=whole, descriptor_pool=self.pool
            )
        except self.library.failures as problem:
            raise CannotEncode(f"Protobuf's JSON has no words for it: {problem}") from None

    def _has_unknown(self, message: Any) -> bool:
        if len(self.library.unknown.UnknownFieldSet(message)):
            return True
        return any(self._has_unknown(inner) for inner in _messages_in(message))


def _messages_in(message: Any) -> Iterator[Any]:
    for field, value in message.ListFields():
        if field.message_type is None:
            continue
        if field.message_type.GetOptions().map_entry:
            is_message = field.message_type.fields_by_name["value"].message_type is not None
            yield from value.values() if is_message else ()
        elif hasattr(value, "ListFields"):
            yield value
        else:
            yield from value
