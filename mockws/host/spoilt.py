"""Bytes that no server should write: frames that break RFC 6455, each in one way, and messages cut into fragments.

This file knows no socket. Nothing in it depends on what was agreed on about compression: a wrong frame is wrong anyway.
"""

from collections.abc import Mapping
from itertools import pairwise

from mockws.host.framing import (
    CLOSE,
    CONTINUATION,
    FIN,
    LARGEST_CONTROL,
    MASKED,
    PING,
    TEXT,
    written,
)

UNKNOWN = 0x3  # an opcode that is reserved (5.2)
SECOND_RESERVED = 0x20  # the first one means compression, where that is agreed on (RFC 7692, 6)
NO_CODE = 999  # 7.4.2: 0 to 999 are not used
KEY = b"\x5a" * 4


def _told(fault: str) -> bytes:
    """What a client reads that does not mind: it says why it came."""
    return b'{"fault":"%s"}' % fault.encode()


def _framed(first: int, payload: bytes) -> bytes:
    return bytes((first, len(payload))) + payload


def _masked(payload: bytes) -> bytes:
    return bytes((FIN | TEXT, MASKED | len(payload))) + KEY + bytes(each ^ KEY[0] for each in payload)


WRONG: Mapping[str, bytes] = {
    "MALFORMED_FRAME": _framed(FIN | UNKNOWN, _told("MALFORMED_FRAME")),
    "RESERVED_BIT": _framed(FIN | SECOND_RESERVED | TEXT, _told("RESERVED_BIT")),
    "INVALID_UTF8": _framed(FIN | TEXT, b'{"fault":"\xc3\x28"}'),  # the beginning of two bytes, and no second one
    "MASKED_FRAME": _masked(_told("MASKED_FRAME")),
    "BAD_CLOSE_CODE": written(CLOSE, NO_CODE.to_bytes(2, "big")),
    "OVERSIZED_CONTROL_FRAME": bytes((FIN | PING, 126, 0, LARGEST_CONTROL + 1)) + b"x" * (LARGEST_CONTROL + 1),
    "UNFINISHED_FRAGMENT": _framed(TEXT, _told("UNFINISHED_FRAGMENT")),
}


def fragmented(frame: bytes, count: int) -> bytes:
    """Cut a whole data frame into so many; only the first one says what it is, and whether it is compressed."""
    first, payload = frame[0], frame[{126: 4, 127: 10}.get(frame[1], 2) :]
    edges = [len(payload) * place // count for place in range(count + 1)]
    parts = [payload[start:stop] for start, stop in pairwise(edges)]
    heads = [first & ~FIN, *[CONTINUATION] * (count - 1)]
    heads[-1] |= FIN
    return b"".join(_frame_of(head, part) for head, part in zip(heads, parts, strict=True))


def _frame_of(first: int, payload: bytes) -> bytes:
    whole = written(TEXT, payload)
    return bytes((first,)) + whole[1:]
