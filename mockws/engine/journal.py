"""The journal: what happened, in order, bounded in entries and bytes. It is for reading; nothing is decided by it.

A reader that asks for what has been dropped is told so, and never gets a result that merely looks complete.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from mockws.codec import Frame
from mockws.engine.actions import Entry

MOST_ENTRIES = 10_000
MOST_BYTES = 64 << 20
LONGEST = 64 << 10  # what of one payload is kept
OVERHEAD = 300  # bytes that an entry costs besides its payload, roughly


@dataclass(frozen=True, slots=True)
class Recorded:
    """An entry with its number; numbers never repeat, nor start again."""

    seq: int
    entry: Entry


class Journal:
    """The last entries of one session."""

    def __init__(self, entries: int = MOST_ENTRIES, size: int = MOST_BYTES) -> None:
        self._most = entries
        self._room = size
        self._size = 0
        self._kept: deque[Recorded] = deque()
        self.last = 0  # the number of the newest entry
        self.dropped = 0

    def __len__(self) -> int:
        return len(self._kept)

    def add(self, entries: Iterable[Entry]) -> tuple[Recorded, ...]:
        """Write entries down; the oldest go where there is no room."""
        written = []
        for entry in entries:
            self.last += 1
            recorded = Recorded(self.last, entry)
            self._kept.append(recorded)
            self._size += weight(entry)
            written.append(recorded)
        while self._kept and (len(self._kept) > self._most or self._size > self._room):
            self._drop()
        return tuple(written)

    def _drop(self) -> None:
        self._size -= weight(self._kept.popleft().entry)
        self.dropped += 1

    def clear(self) -> None:
        """Forget all entries; numbers go on."""
        self._kept.clear()
        self._size = 0
        self.dropped = 0

    @property
    def first(self) -> int:
        """Give the number of the oldest entry that is still known."""
        return self._kept[0].seq if self._kept else self.last + 1

    def since(self, seq: int) -> Iterator[Recorded]:
        """Give the entries after a number, oldest first."""
        return (recorded for recorded in self._kept if recorded.seq > seq)

    def lost_since(self, seq: int) -> bool:
        """Tell whether entries after a number have been dropped."""
        return self.dropped > 0 and seq + 1 < self.first


def weight(entry: Entry) -> int:
    return OVERHEAD + size_of(entry.frame)


def size_of(frame: Frame | None) -> int:
    """Give the size of a payload in bytes, as it is on the wire."""
    if frame is None:
        return 0
    return len(frame) if isinstance(frame, bytes) or frame.isascii() else len(frame.encode("utf-8"))
