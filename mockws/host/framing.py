"""Frames on the wire, as RFC 6455 has them: a client's bytes to messages, and what we say to bytes.

This file knows no socket and no loop. What breaks the protocol is raised as `Broken`, with the close code that says so.
A whole text in one frame is what nearly all clients send: its way is short, everything else goes the long one.
"""

import struct
from collections.abc import Callable
from typing import Protocol

from mockws.codec import Frame

try:
    from websockets.speedups import apply_mask
except ImportError:  # there is no compiled one for this system
    from websockets.utils import apply_mask

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA
OPCODES = frozenset({CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG})
FIN, COMPRESSED, RESERVED, MASKED = 0x80, 0x40, 0x70, 0x80
WHOLE_TEXT = FIN | TEXT
PROTOCOL_ERROR, NOT_UTF8, POLICY, TOO_BIG = 1002, 1007, 1008, 1009  # RFC 6455, 7.4.1
NO_TEXT = "a text is UTF-8"
NO_STATUS = 1005  # 7.1.5: what a close frame without a code means
LARGEST_CONTROL = 125  # 5.5
MAX_FRAGMENTS = 1024  # of one message, unless said
TURN = 64  # frames that are read before somebody else has his turn
# What a close frame may say (7.4, and the registry): 1004 to 1006 and 1015 are never sent, others not defined yet.
CLOSE_CODES = frozenset({*range(1000, 1004), *range(1007, 1015), *range(3000, 5000)})
SHORT = {
    opcode: tuple(bytes((FIN | opcode, size)) for size in range(LARGEST_CONTROL + 1))
    for opcode in OPCODES - {CONTINUATION}
}
MIDDLE, LONG = struct.Struct("!BBH").pack, struct.Struct("!BBQ").pack
# The heads of texts of everyday size.
HEADS = (*SHORT[TEXT], *(MIDDLE(WHOLE_TEXT, 126, size) for size in range(LARGEST_CONTROL + 1, 1024)))


class Broken(Exception):
    """A client does not keep to the protocol: the connection is failed (RFC 6455, 7.1.7)."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class Deflate(Protocol):
    """An extension that was agreed on: what it does to the payload of a data frame."""

    def inflated(self, opcode: int, payload: bytes, first: int, room: int) -> bytes: ...

    def deflated(self, opcode: int, payload: bytes) -> bytes: ...


def written(opcode: int, payload: bytes, compressed: int = 0) -> bytes:
    """Write a whole message, or a control frame, as one frame."""
    size = len(payload)
    if size <= LARGEST_CONTROL and not compressed:
        return SHORT[opcode][size] + payload
    first = FIN | compressed | opcode
    if size <= LARGEST_CONTROL:
        return bytes((first, size)) + payload
    return (MIDDLE(first, 126, size) if size < 1 << 16 else LONG(first, 127, size)) + payload


class Scribe:
    """Writes messages as frames; what is said to many is written once."""

    def __init__(self) -> None:
        self._said: Frame | None = None
        self._frame = b""

    def __call__(self, said: Frame) -> bytes:
        if said is not self._said:
            self._said = said
            if isinstance(said, str):
                payload = said.encode()
                size = len(payload)
                self._frame = HEADS[size] + payload if size < len(HEADS) else written(TEXT, payload)
            else:
                self._frame = written(BINARY, said)
        return self._frame


def deflated(deflate: Deflate, frame: Frame) -> bytes:
    """Write a message, packed."""
    return deflate.deflated(TEXT, frame.encode()) if isinstance(frame, str) else deflate.deflated(BINARY, frame)


def closing(code: int, reason: str) -> bytes:
    """Write a close frame; one that answers a close frame without a code has none either."""
    payload = b"" if code == NO_STATUS else code.to_bytes(2, "big") + reason.encode("utf-8", "replace")
    return written(CLOSE, payload[:LARGEST_CONTROL])


def parting_of(payload: bytes) -> tuple[int, str]:
    """Read a close frame; raises Broken."""
    if not payload:
        return NO_STATUS, ""
    code = int.from_bytes(payload[:2], "big")
    if len(payload) < 2 or code not in CLOSE_CODES:
        raise Broken(PROTOCOL_ERROR, "a close frame has a code between 1000 and 4999 that may be sent")
    return code, _text(payload[2:])


def _text(payload: bytes) -> str:
    try:
        return payload.decode()
    except UnicodeDecodeError:
        raise Broken(NOT_UTF8, NO_TEXT) from None


class Reader:
    """Reads what one client sends, however it is cut into pieces."""

    __slots__ = (
        "_at", "_control", "_deflate", "_fragments", "_held", "_limit", "_message", "_missing", "_most_fragments",
        "_opcode", "_rest", "_size",
    )  # fmt: skip

    def __init__(
        self,
        message: Callable[[Frame], None],
        control: Callable[[int, bytes], None],
        limit: int,
        deflate: Deflate | None = None,
        most_fragments: int = MAX_FRAGMENTS,
    ) -> None:
        self._message = message
        self._control = control
        self._limit = limit
        self._deflate = deflate
        self._most_fragments = most_fragments
        self._held: bytearray | None = None  # the beginning of a frame
        self._missing = 0  # bytes, at least, until it is whole
        self._rest = b""  # what waits for its turn, from `_at` on
        self._at = 0
        self._opcode = 0  # of the message whose fragments are coming in
        self._fragments: list[bytes] = []
        self._size = 0

    @property
    def waits(self) -> bool:
        """Tell whether something that was received waits for its turn."""
        return bool(self._rest)

    def _join(self, piece: bytes) -> bool:
        """Put bytes to those that are there already."""
        if self._held is None:
            self._rest, self._at = self._rest[self._at :] + piece, 0
            return True
        self._held += piece
        self._missing -= len(piece)
        if self._missing > 0:
            return False
        whole, self._held = bytes(self._held), None
        return self.feed(whole)

    def go_on(self, _: bytes = b"") -> bool:
        """Read on where the last turn ended; raises Broken."""
        rest, self._rest = self._rest, b""
        return self.feed(rest, self._at)

    def feed(self, piece: bytes, at: int = 0) -> bool:
        """Read some bytes; tell whether there is more in them than one turn allows. Raises Broken."""
        if self._rest or self._held is not None:
            return self._join(piece)
        end, limit, message = len(piece), self._limit, self._message
        for _ in range(TURN):
            if end - at >= 6 and piece[at] == WHOLE_TEXT and not self._opcode:
                size, start = piece[at + 1] - MASKED, at + 6
                if size == 126 and end - at >= 8:
                    size, start = piece[at + 2] << 8 | piece[at + 3], at + 8
                elif size >= 126:
                    size = -1
                if 0 <= size <= limit and start + size <= end:
                    at = start + size
                    unmasked = apply_mask(piece[start:at], piece[start - 4 : start])
                    try:
                        text = unmasked.decode()
                    except UnicodeDecodeError:
                        raise Broken(NOT_UTF8, NO_TEXT) from None
                    message(text)
                    if at == end:
                        return False
                    continue
            at = self._frame(piece, at)
            if at == end:
                return False
        self._rest, self._at = piece, at
        return True

    def _frame(self, piece: bytes, at: int) -> int:
        """Read any frame; what is not whole yet is held. Gives where the next one begins."""
        head = self._head(piece, at)
        if head is None:
            return self._hold(piece, at, 1)
        first, size, start = head
        stop = start + size
        if stop > len(piece):
            return self._hold(piece, at, stop - len(piece))
        payload = apply_mask(piece[start:stop], piece[start - 4 : start])
        if first & 0x8:
            self._control(first & 0xF, payload)
        else:
            self._take(first, payload)
        return stop

    def _hold(self, piece: bytes, at: int, missing: int) -> int:
        self._held, self._missing = bytearray(piece[at:]), missing
        return len(piece)

    def _head(self, piece: bytes, at: int) -> tuple[int, int, int] | None:
        """Read a frame's head: its first byte, its size and where its payload begins; none while it is not whole.

        It is judged as soon as it is there: nobody waits for a megabyte that is refused anyway.
        """
        have = len(piece) - at
        if have < 2:
            return None
        first, size = piece[at], piece[at + 1] & 0x7F
        self._check(first, piece[at + 1])
        more = {126: 2, 127: 8}.get(size, 0)
        if have < 2 + more:
            return None
        if more:
            size = int.from_bytes(piece[at + 2 : at + 2 + more], "big")
        if size >> 63:
            raise Broken(PROTOCOL_ERROR, "the most significant bit of a length is 0")
        if self._size + size > self._limit and not first & 0x8:
            raise Broken(TOO_BIG, f"a message has at most {self._limit} bytes")
        return (first, size, at + 6 + more) if have >= 6 + more else None

    def _check(self, first: int, second: int) -> None:
        """Check what the first two bytes of a frame say (RFC 6455, 5.2)."""
        opcode, final = first & 0xF, first & FIN
        allowed = COMPRESSED if self._deflate is not None and opcode in (TEXT, BINARY) else 0
        if first & RESERVED & ~allowed:
            raise Broken(PROTOCOL_ERROR, "reserved bits are 0")
        if opcode not in OPCODES:
            raise Broken(PROTOCOL_ERROR, f"there is no opcode {opcode}")
        if not second & MASKED:
            raise Broken(PROTOCOL_ERROR, "a client masks its frames")
        if opcode & 0x8:
            if not final or second & 0x7F > LARGEST_CONTROL:
                raise Broken(PROTOCOL_ERROR, f"a control frame is whole, and has at most {LARGEST_CONTROL} bytes")
        elif bool(self._opcode) != (opcode == CONTINUATION):
            raise Broken(PROTOCOL_ERROR, "a message begins by its kind, and goes on by continuations to its end")

    def _take(self, first: int, payload: bytes) -> None:
        """Take in a data frame: a whole message, or a part of one."""
        opcode, final = self._opcode or first & 0xF, first & FIN
        if self._deflate is not None:
            payload = self._deflate.inflated(first & 0xF, payload, first, self._limit - self._size)
        if not (final and not self._fragments):
            self._size += len(payload)
            self._fragments.append(payload)
            if len(self._fragments) > self._most_fragments:
                raise Broken(POLICY, f"a message has at most {self._most_fragments} fragments")
        if not final:
            self._opcode = opcode
            return
        if self._fragments:
            payload = b"".join(self._fragments)
            self._fragments, self._size, self._opcode = [], 0, 0
        self._message(_text(payload) if opcode == TEXT else payload)
