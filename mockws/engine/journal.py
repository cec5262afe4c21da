"""The journal: what happened, in order, bounded in entries and bytes. It is for reading; only `replay` says by it.

A reader that asks for what has been dropped is told so, and never gets a result that merely looks complete.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from mockws.codec import Frame, Packed
from mockws.engine.actions import Entry
from mockws.engine.events import ConnectionId
from mockws.expect.expectation import Facts

MOST_ENTRIES = 10_000
MOST_BYTES = 64 << 20
LONGEST = 64 << 10  # what of one payload is kept
READ = 10  # bytes that the value of a binary frame costs for each byte of it, with the frame, roughly
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
        self._kept: deque[Entry] = deque()  # numbered without gaps: the newest is `last`
        self._mentions: dict[ConnectionId | None, int] = {}  # the number of the newest entry of a connection
        self._known: dict[ConnectionId, Facts] = {}
        self.last = 0  # the number of the newest entry
        self.dropped = 0

    def __len__(self) -> int:
        return len(self._kept)

    def add(self, entries: Iterable[Entry]) -> None:
        """Write entries down; the oldest go where there is no room."""
        kept, mentions, number, size = self._kept, self._mentions, self.last, self._size
        for entry in entries:
            number += 1
            kept.append(entry)
            frame = entry.frame
            size += OVERHEAD + (len(frame) if frame and frame.isascii() else size_of(frame))
            mentions[entry.connection] = number
        self.last, self._size = number, size
        while len(kept) > self._most or (self._size > self._room and kept):
            self._drop()

    def know(self, facts: Facts) -> None:
        """Keep what is known of a connection that is gone, for as long as there are entries of it."""
        self.forget(facts.id)
        self._known[facts.id] = facts
        self._size += _weight_of(facts)

    def forget(self, connection: ConnectionId) -> None:
        facts = self._known.pop(connection, None)
        self._size -= _weight_of(facts) if facts is not None else 0

    def facts(self, connection: ConnectionId) -> Facts | None:
        """Give what is known of a connection that is gone."""
        return self._known.get(connection)

    def _drop(self) -> None:
        number, entry = self.last - len(self._kept) + 1, self._kept.popleft()
        frame, connection = entry.frame, entry.connection
        self._size -= OVERHEAD + (len(frame) if frame and frame.isascii() else size_of(frame))
        self.dropped += 1
        if self._mentions[connection] == number:
            del self._mentions[connection]
            if connection is not None:
                self.forget(connection)

    def clear(self) -> None:
        """Forget all entries; numbers go on."""
        self._kept.clear()
        self._mentions.clear()
        self._known.clear()
        self._size = 0
        self.dropped = 0

    @property
    def first(self) -> int:
        """Give the number of the oldest entry that is still known."""
        return self.last - len(self._kept) + 1

    def since(self, seq: int, most: int | None = None) -> Iterator[Recorded]:
        """Give the entries after a number, oldest first, at most so many; numbers have no gaps, so none is searched."""
        kept = self._kept
        count = max(0, min(self.last - seq, len(kept)))
        skipped = len(kept) - count
        most = count if most is None else min(most, count)
        if count < skipped + most:  # they are nearer to the end than to the beginning
            found = [*islice(reversed(kept), count - most, count)][::-1]
        else:
            found = [*islice(kept, skipped, skipped + most)]
        return (Recorded(number, entry) for number, entry in enumerate(found, self.first + skipped))

    def entry(self, seq: int) -> Entry | None:
        """Give one entry by its number; none where it is not, or not any more."""
        return self._kept[seq - self.first] if self._kept and self.first <= seq <= self.last else None

    def lost_since(self, seq: int) -> bool:
        """Tell whether entries after a number have been dropped."""
        return self.dropped > 0 and seq + 1 < self.first


def weight(entry: Entry) -> int:
    frame = entry.frame
    if isinstance(frame, str) and frame.isascii():  # most are, and each message comes by here
        return OVERHEAD + len(frame)
    return OVERHEAD + size_of(frame) * (READ if isinstance(frame, Packed) else 1)


def _weight_of(facts: Facts) -> int:
    pairs = (*facts.headers.items(), *facts.query_parameters.items())
    return OVERHEAD + sum(len(name) + len(text) for name, text in pairs)


def size_of(frame: Frame | None) -> int:
    """Give the size of a payload in bytes, as it is on the wire."""
    if frame is None:
        return 0
    return len(frame) if isinstance(frame, bytes) or frame.isascii() else len(frame.encode("utf-8"))
