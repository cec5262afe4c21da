"""The bytes of one Avro frame, read from left to right, within JSON's limits: as many values, as deep.

Nothing is believed that a length says before the bytes are there.
"""

import struct

from mockws.codec import Undecodable
from mockws.formats.values import Counted, NotJson

LONGEST_VARINT = 10  # bytes: 64 bits, 7 in each


class Cursor:
    """Where in a frame the reading is."""

    def __init__(self, frame: bytes) -> None:
        self._frame = frame
        self._at = 0
        self._depth = 0
        self._counted = Counted()

    @property
    def is_at_end(self) -> bool:
        return self._at == len(self._frame)

    def enter(self) -> None:
        """Begin a value; raises NotJson where it is one too many, or too deep."""
        self._depth += 1
        self._counted.enter(self._depth)

    def leave(self) -> None:
        self._depth -= 1

    def take(self, size: int) -> bytes:
        """Read some bytes; raises NotJson where there are not so many."""
        if size < 0 or size > len(self._frame) - self._at:
            raise broken(f"it ends before {size} bytes at {self._at} are there")
        self._at += size
        return self._frame[self._at - size : self._at]

    def long(self) -> int:
        """Read a number as Avro writes it: seven bits a byte, the sign in the last one of all."""
        number = 0
        for place in range(LONGEST_VARINT):
            byte = self.take(1)[0]
            number |= (byte & 0x7F) << 7 * place
            if not byte & 0x80:
                return (number >> 1) ^ -(number & 1)
        raise broken(f"a number of more than {LONGEST_VARINT} bytes before {self._at}")

    def float(self, code: str) -> float:
        """Read a number with a fraction, by its code in `struct`."""
        return float(struct.unpack(code, self.take(struct.calcsize(code)))[0])

    def block(self) -> int:
        """Read how many elements come next; 0 at the end."""
        count = self.long()
        if count < 0:  # the size of the block in bytes follows, for readers that skip
            self.long()
        return abs(count)


def broken(message: str) -> NotJson:
    return NotJson(Undecodable("avro_syntax", message))
