"""MessagePack: values on the wire as bytes, without a schema of its own."""

from dataclasses import dataclass
from typing import Any

import msgspec

from mockws.codec import Frame, Undecodable
from mockws.errors import CannotEncode
from mockws.formats.places import Place, with_bytes
from mockws.formats.values import bounded, in_json

decode_packed = msgspec.msgpack.Decoder().decode
encode_packed = msgspec.msgpack.Encoder().encode


@dataclass(frozen=True, slots=True)
class MessagePack:
    """Frames of MessagePack; texts at `places` are base64, and go out as bytes."""

    places: tuple[Place, ...] = ()
    name: str = "MessagePack"
    binary: bool = True

    def decode(self, frame: Frame) -> Any:
        """Read a frame; an extension type is its bytes."""
        try:
            return in_json(decode_packed(frame if isinstance(frame, bytes) else frame.encode()))
        except (ValueError, RecursionError) as error:  # msgspec.DecodeError is a ValueError
            return Undecodable("msgpack_syntax", _told(error))

    def encode(self, value: Any) -> bytes:
        """Write a value; raises CannotEncode."""
        try:
            return encode_packed(with_bytes(bounded(value), self.places))
        except (OverflowError, ValueError) as error:
            raise CannotEncode(f"it cannot be written as MessagePack: {error}") from None


def _told(error: Exception) -> str:
    if isinstance(error, UnicodeDecodeError):
        return "a text in it is not UTF-8"
    text = str(error).removeprefix("MessagePack data is malformed: ")
    return "it is nested too deep" if isinstance(error, RecursionError) else text[:1].lower() + text[1:]
