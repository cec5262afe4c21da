"""Compression of messages (RFC 7692), where it was agreed on in the handshake: `websockets` does it.

What a message unpacks to is bounded: a small frame can hold a gigabyte.
"""

from websockets.exceptions import PayloadTooBig, ProtocolError
from websockets.extensions import Extension
from websockets.frames import Frame, Opcode

from mockws.host.framing import COMPRESSED, FIN, PROTOCOL_ERROR, TOO_BIG, Broken, written


class PerMessageDeflate:
    """What one connection has agreed on."""

    def __init__(self, extension: Extension) -> None:
        self._extension = extension

    def inflated(self, opcode: int, payload: bytes, first: int, room: int) -> bytes:
        """Unpack a data frame, into so much room; raises Broken."""
        frame = Frame(Opcode(opcode), payload, bool(first & FIN), bool(first & COMPRESSED))
        try:
            # One more than there is room for, as 0 would be no bound at all.
            unpacked = bytes(self._extension.decode(frame, max_size=room + 1).data)
        except PayloadTooBig:
            unpacked = None
        except ProtocolError as problem:
            raise Broken(PROTOCOL_ERROR, str(problem)) from None
        if unpacked is None or len(unpacked) > room:
            raise Broken(TOO_BIG, "a message unpacks to more than is allowed")
        return unpacked

    def deflated(self, opcode: int, payload: bytes) -> bytes:
        """Write a whole message as a packed frame."""
        frame = self._extension.encode(Frame(Opcode(opcode), payload))
        return written(opcode, bytes(frame.data), COMPRESSED if frame.rsv1 else 0)
