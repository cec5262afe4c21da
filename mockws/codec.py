"""Frames and values: what a message's content type makes of the bytes on the wire, in both directions.

A text frame is a `str`, a binary frame is `bytes`. What cannot be decoded is a value too (`Undecodable`): it is the
client's doing, and the caller decides what follows. JSON and text are read and written here; what else has a structure
is a `Codec`, and made elsewhere (`formats`).
"""

import re
from dataclasses import dataclass
from enum import Enum
from typing import Any, Protocol, TypeAlias

import msgspec

Frame: TypeAlias = str | bytes

MAX_DEPTH = 64
MAX_NODES = 100_000
MAX_DIGITS = 1000
# A string that never ends is taken to the end of the text: else each quote in it would be tried anew (quadratic time).
STRING = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)', re.DOTALL)
BRACKET = re.compile(r"[\[{\]}]")
FILLED = re.compile(r"[\[{](?!\s*+[\]}])")  # the opener of a container that has something in it
LONG_NUMBER = re.compile(rf"\d{{{MAX_DIGITS + 1}}}")
decode_strictly = msgspec.json.Decoder().decode
encode_strictly = msgspec.json.Encoder().encode


class Kind(Enum):
    """What a content type means for a frame."""

    JSON = "json"
    LOOSE = "json or text"  # no content type anywhere: JSON if it parses, else the text itself
    TEXT = "text"
    BINARY = "binary"
    PACKED = "structured binary"  # bytes that a codec makes a value of

    @property
    def as_text(self) -> bool:
        return self is not Kind.BINARY and self is not Kind.PACKED


TEXTUAL = re.compile(r"text/.+|application/(xml|.+\+xml|yaml|x-yaml|.+\+yaml|javascript|graphql|x-www-form-urlencoded)")
JSONISH = re.compile(r"application/json|application/x-json|text/json|.+/.+\+json|application/(x-)?ndjson")


def kind_of(content_type: str | None) -> Kind:
    """Tell what a content type (with or without parameters) means; None is LOOSE."""
    if not content_type:
        return Kind.LOOSE
    bare = content_type.partition(";")[0].strip().lower()
    if JSONISH.fullmatch(bare) or bare == "json":
        return Kind.JSON
    if TEXTUAL.fullmatch(bare):
        return Kind.TEXT
    return Kind.BINARY


@dataclass(frozen=True, slots=True)
class Undecodable:
    """Why a frame is not what the content type says."""

    code: str
    message: str


class Packed(bytes):
    """A binary frame, and what it says in JSON's words."""

    value: Any

    @classmethod
    def of(cls, frame: bytes, value: Any) -> "Packed":
        packed = cls(frame)
        packed.value = value
        return packed


class Codec(Protocol):
    """How values of one message, or of any, are written on the wire other than as plain JSON."""

    @property
    def name(self) -> str:
        """Name the format as people call it."""

    @property
    def binary(self) -> bool:
        """Tell whether its frames are binary ones."""

    def decode(self, frame: Frame) -> Any:
        """Read a frame as a value of JSON's types; Undecodable where it is none. Never raises."""

    def encode(self, value: Any) -> Frame:
        """Write a value as a frame; raises CannotEncode."""


def unpacked(frame: Frame, codec: Codec) -> Any:
    """Read a frame by a codec; a frame of the wrong type is Undecodable."""
    if isinstance(frame, bytes) is not codec.binary:
        return Undecodable("frame_type", f"{codec.name} comes in {'binary' if codec.binary else 'text'} frames")
    return codec.decode(frame)


def packed(value: Any, codec: Codec) -> Frame:
    """Write a value by a codec; what is bytes already stays so. Raises CannotEncode."""
    if isinstance(value, bytes):
        return value
    frame = codec.encode(value)
    return Packed.of(frame, codec.decode(frame)) if isinstance(frame, bytes) else frame


NUMBER_TOO_LARGE = Undecodable("json_int_too_large", "a number is too large")


def decode_json(text: Frame) -> Any:
    """Decode JSON as RFC 8259 has it: no NaN, no lone surrogate, bounded depth, size and digits; else Undecodable."""
    if isinstance(text, bytes):
        try:
            text = text.decode("utf-8")
        except UnicodeDecodeError:
            return Undecodable("json_syntax", "the message is not UTF-8")
    return decode_text(text)


def decode_text(text: str) -> Any:
    """Decode JSON that is a text already, as `decode_json` does."""
    # At a glance: nearly all messages are short and shallow. What is nested in arrays takes two letters for each, what
    # is nested in objects five (`{"":}`).
    size, arrays = len(text), text.count("[")
    shallow = arrays + (size - 2 * arrays) // 5 <= MAX_DEPTH or arrays + text.count("{") <= MAX_DEPTH
    if size > MAX_DIGITS or not shallow:
        refused = _over_a_limit(text)
        if refused is not None:
            return refused
    try:
        return decode_strictly(text)
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError) as error:
        return _explained(text, str(error))


def _over_a_limit(text: str) -> Undecodable | None:
    """Count what may be too much: first at a glance, then closer, as what is inside of strings does not count."""
    openers = text.count("[") + text.count("{")
    wide = len(text) > MAX_NODES and openers + text.count(",") >= MAX_NODES
    long = len(text) > MAX_DIGITS and LONG_NUMBER.search(text) is not None
    if not (openers > MAX_DEPTH or wide or long):
        return None
    bare = STRING.sub('""', text)
    if wide and 1 + bare.count(",") + len(FILLED.findall(bare)) > MAX_NODES:
        return Undecodable("json_too_many_nodes", f"over {MAX_NODES:,} values in one message")
    if long and LONG_NUMBER.search(bare) is not None:
        return NUMBER_TOO_LARGE
    return Undecodable("json_depth", f"nested more than {MAX_DEPTH} levels deep") if _is_deep(bare) else None


def _is_deep(bare: str) -> bool:
    depth = 0
    for bracket in BRACKET.findall(bare):
        depth += 1 if bracket in "[{" else -1
        if depth > MAX_DEPTH:
            return True
    return False


def _explained(text: str, reason: str) -> Undecodable:
    if not text.strip():
        return Undecodable("json_syntax", "the message is empty")
    if text.startswith("\ufeff"):
        return Undecodable("json_bom", "the message begins with a byte order mark")
    if "out of range" in reason:
        return NUMBER_TOO_LARGE
    if "trailing" in reason:
        return Undecodable("json_trailing_data", "there is more after the first JSON value")
    return Undecodable("json_syntax", reason.removeprefix("JSON is malformed: "))


def encode_json(value: Any) -> str:
    """Write a value as one line of JSON."""
    return encode_strictly(value).decode("utf-8")


def decode(frame: Frame, kind: Kind) -> Any:
    """Read a frame as a kind of content; Undecodable where it is not that."""
    if kind is Kind.JSON:
        return decode_json(frame)
    if kind is Kind.LOOSE and isinstance(frame, str):
        value = decode_json(frame)
        return frame if isinstance(value, Undecodable) else value
    return frame


def encode(value: Any, kind: Kind) -> Frame:
    """Write a value as a frame; text stays text, and bytes are a binary frame whatever the kind."""
    if isinstance(value, bytes):
        return value
    if kind is Kind.BINARY:
        return value.encode("utf-8") if isinstance(value, str) else encode_strictly(value)
    if isinstance(value, str) and (kind is Kind.TEXT or (kind is Kind.LOOSE and _is_no_json(value))):
        return value
    return encode_json(value)


def _is_no_json(text: str) -> bool:
    """A text that would be read as JSON (`12`, `true`) is quoted where either may stand."""
    return isinstance(decode_json(text), Undecodable)
