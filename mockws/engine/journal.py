"""The journal: what happened, in order, bounded in entries and bytes. It is for reading; only `replay` says by it.

A reader that asks for what has been dropped is told so, and never gets a result that merely looks complete.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from mockws.codec import Frame, Packed
from mockws.engine.actions import Entry, Exchange
from mockws.engine.events import ConnectionId
from mockws.expect.expectation import Facts

MOST_ENTRIES = 10_000
MOST_BYTES = 64 << 20
LONGEST = 64 << 10  # what of one payload is kept
READ = 10  # bytes that the value of a binary frame costs for each byte of it, with the frame, roughly
SLACK = 256  # exchanges are dropped so many at once: what is over goes before anybody looks
OVERHEAD = 300  # bytes that an entry costs besides what it says, roughly; so does a violation


@dataclass(frozen=True, slots=True)
class Recorded:
    """An entry with its number; numbers never repeat, nor start again."""

    seq: int
    entry: Entry


@dataclass(slots=True)
class Known:
    """What is known of a connection that is gone, and the number of its newest entry."""

    facts: Facts
    until: int
    listed: int = 0  # what `until` was when its turn to be forgotten was decided


class Journal:
    """The last entries of one session. An exchange stands in it as it is, for both of its entries."""

    def __init__(self, entries: int = MOST_ENTRIES, size: int = MOST_BYTES) -> None:
        self._most = entries
        self._brim = entries + min(entries // 8, SLACK)
        self._room = size
        self._size = 0
        # Numbered without gaps: the newest is `last`. An exchange is in it twice, one after the other.
        self._kept: deque[Entry | Exchange] = deque()
        self._halved = False  # the oldest is the second entry of an exchange whose first one was dropped
        self._known: dict[ConnectionId, Known] = {}
        self._leaving: deque[Known] = deque()  # in the order of their last entries, roughly
        self.last = 0  # the number of the newest entry
        self._dropped = 0

    def __len__(self) -> int:
        self._make_room()
        return len(self._kept)

    @property
    def dropped(self) -> int:
        """Count the entries that had to go."""
        self._make_room()
        return self._dropped

    def add(self, entries: Iterable[Entry]) -> None:
        """Write entries down; the oldest go where there is no room."""
        for entry in entries:
            self.last += 1
            self._kept.append(entry)
            self._size += weight(entry)
            if self._known and entry.connection in self._known:
                self._known[entry.connection].until = self.last
        self._make_room()

    def note(self, exchange: Exchange) -> None:
        """Write the two entries of an exchange down."""
        kept = self._kept
        kept.append(exchange)
        kept.append(exchange)
        self.last += 2
        self._size += 2 * exchange.weight
        if len(kept) > self._brim or self._size > self._room:
            self._make_room()

    def know(self, facts: Facts) -> None:
        """Keep what is known of a connection that is gone, for as long as there are entries of it."""
        self.forget(facts.id)
        known = self._known[facts.id] = Known(facts, self.last)
        known.listed = self.last
        self._leaving.append(known)
        self._size += _weight_of(facts)

    def forget(self, connection: ConnectionId) -> None:
        known = self._known.pop(connection, None)
        self._size -= _weight_of(known.facts) if known is not None else 0

    def facts(self, connection: ConnectionId) -> Facts | None:
        """Give what is known of a connection that is gone."""
        known = self._known.get(connection)
        return known.facts if known is not None else None

    def _make_room(self) -> None:
        """Drop the oldest: as many as there are too many, then one by one while what is left is too large."""
        kept = self._kept
        while kept and (len(kept) > self._most or self._size > self._room):
            gone = [kept.popleft() for _ in range(max(len(kept) - self._most, 1))]
            self._size -= sum([each.weight if isinstance(each, Exchange) else weight(each) for each in gone])
            self._dropped += len(gone)
            self._halved = bool(kept) and kept[0] is gone[-1] and isinstance(kept[0], Exchange)
            if self._leaving:
                self._forget_the_gone()

    def _forget_the_gone(self) -> None:
        """Forget the connections of whose entries none is left."""
        leaving, first = self._leaving, self.last - len(self._kept) + 1
        while leaving and leaving[0].listed < first:
            known = leaving.popleft()
            if known.until >= first:
                known.listed = known.until
                leaving.append(known)
            elif self._known.get(known.facts.id) is known:
                self.forget(known.facts.id)

    def clear(self) -> None:
        """Forget all entries; numbers go on."""
        self._kept.clear()
        self._halved = False
        self._known.clear()
        self._leaving.clear()
        self._size = 0
        self._dropped = 0

    @property
    def first(self) -> int:
        """Give the number of the oldest entry that is still known."""
        self._make_room()
        return self.last - len(self._kept) + 1

    def since(self, seq: int, most: int | None = None) -> Iterator[Recorded]:
        """Give the entries after a number, oldest first, at most so many; numbers have no gaps, so none is searched."""
        self._make_room()
        kept = self._kept
        count = max(0, min(self.last - seq, len(kept)))
        skipped = len(kept) - count
        most = count if most is None else min(most, count)
        if count < skipped + most:  # they are nearer to the end than to the beginning
            found = [*islice(reversed(kept), count - most, count)][::-1]
        else:
            found = [*islice(kept, skipped, skipped + most)]
        second = bool(found) and self._is_second(skipped)
        return (Recorded(number, entry) for number, entry in enumerate(_entries(found, second), self.first + skipped))

    def entry(self, seq: int) -> Entry | None:
        """Give one entry by its number; none where it is not, or not any more."""
        place = seq - self.first
        if not 0 <= place < len(self._kept):
            return None
        return next(_entries((self._kept[place],), self._is_second(place)))

    def _is_second(self, place: int) -> bool:
        """Tell whether the second entry of an exchange stands at a place."""
        each = self._kept[place]
        return self._halved if place == 0 else type(each) is Exchange and self._kept[place - 1] is each

    def lost_since(self, seq: int) -> bool:
        """Tell whether entries after a number have been dropped."""
        return self.dropped > 0 and seq + 1 < self.first


def _entries(kept: Iterable[Entry | Exchange], second: bool) -> Iterator[Entry]:
    """Write out what is kept; `second`: it begins with the second entry of an exchange."""
    for each in kept:
        if isinstance(each, Exchange):
            yield each.told if second else each.heard
            second = not second
        else:
            yield each


def _weight_of(facts: Facts) -> int:
    told = (facts.headers, facts.query_parameters, facts.path_parameters, facts.cookies)
    return OVERHEAD + sum([len(name) + len(text) for each in told for name, text in each.items()])


def size_of(frame: Frame | None) -> int:
    """Give the size of a payload in bytes, as it is on the wire."""
    if frame is None:
        return 0
    return len(frame) if frame.isascii() or isinstance(frame, bytes) else len(frame.encode("utf-8"))


def weight(entry: Entry) -> int:
    """Give the bytes that an entry costs; the address is its connection's own, but for what tells of a handshake."""
    frame = entry.frame
    size = OVERHEAD + len(entry.note) + size_of(frame) * (READ if isinstance(frame, Packed) else 1)
    if entry.event != "message" and entry.address is not None:
        size += len(entry.address)
    if entry.violations:
        size += sum([OVERHEAD + len(each.pointer) + len(each.message) for each in entry.violations])
    return size
