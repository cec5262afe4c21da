"""CBOR (RFC 8949): values on the wire as bytes, without a schema of its own. The library is an extra."""

from dataclasses import dataclass
from io import BytesIO
from typing import Any

from mockws.codec import MAX_DEPTH, Frame, Undecodable
from mockws.errors import CannotEncode
from mockws.formats.extras import library
from mockws.formats.places import Place, with_bytes
from mockws.formats.values import bounded, in_json

EXTRA = "cbor"


@dataclass(frozen=True, slots=True)
class Cbor:
    """Frames of CBOR; texts at `places` are base64, and go out as bytes. Raises MissingExtra when it is made."""

    places: tuple[Place, ...] = ()
    name: str = "CBOR"
    binary: bool = True

    def __post_init__(self) -> None:
        library("cbor2", EXTRA, self.name)

    def decode(self, frame: Frame) -> Any:
        """Read a frame; of a tag that nobody knows, what is tagged."""
        cbor2 = library("cbor2", EXTRA, self.name)
        stream = BytesIO(frame if isinstance(frame, bytes) else frame.encode())
        try:
            value = cbor2.CBORDecoder(stream, max_depth=MAX_DEPTH, tag_hook=_tagged).decode()
        except (cbor2.CBORError, ValueError, ArithmeticError, LookupError, TypeError) as error:
            return Undecodable("cbor_syntax", str(error))
        if stream.read(1):
            return Undecodable("cbor_trailing_data", "there is more after the first value")
        return in_json(value, lambda one: None if one is cbor2.undefined else str(one))

    def encode(self, value: Any) -> bytes:
        """Write a value; raises CannotEncode."""
        cbor2 = library("cbor2", EXTRA, self.name)
        try:
            frame: bytes = cbor2.dumps(with_bytes(bounded(value), self.places))
        except (cbor2.CBORError, ValueError) as error:
            raise CannotEncode(f"it cannot be written as CBOR: {error}") from None
        return frame


def _tagged(*given: Any) -> Any:
    """Give what is tagged; with what else a hook is called differs between versions of the library."""
    return next(each.value for each in given if hasattr(each, "tag"))
