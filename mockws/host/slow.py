"""Clients that read too slowly, where they are not to be closed: `drop-oldest` and `pause` of `--outbox-policy`.

Whatever is done, what waits for one client is bounded, and nobody else waits for it.
"""

import logging
from collections import deque
from collections.abc import Callable, Mapping
from typing import NamedTuple

from mockws.codec import Frame
from mockws.expect.pieces import Pieces
from mockws.host.framing import deflated
from mockws.host.outbox import Ending
from mockws.host.wayward import Wayward

HEAD = 2  # bytes that a frame has at least besides what it says
log = logging.getLogger("mockws.host")


class Piecemeal(NamedTuple):
    """A message that goes out in pieces."""

    frame: Frame
    pieces: Pieces


class Bare(NamedTuple):
    """Bytes that go out as they stand."""

    content: bytes


Kept = Frame | Piecemeal | Bare


def size_of(kept: Kept) -> int:
    """Give the bytes that something takes up, nearly."""
    return len(kept[0] if isinstance(kept, tuple) else kept) + HEAD


class Dropping(Wayward):
    """What waits longest goes, when there is no room for what is said now."""

    __slots__ = ("_dropped", "_kept", "_size")

    _kept: deque[Kept]  # written when it is their turn: compression depends on what went before
    _size: int  # in bytes, nearly
    _dropped: int

    def __init__(self, *taken: object) -> None:
        super().__init__(*taken)  # type: ignore[arg-type]  # whatever a `Wayward` takes
        self._kept, self._size, self._dropped = deque(), 0, 0

    def send(self, frame: Frame) -> None:
        if self._parted is not None:
            return
        if self._paused or self._kept:
            self._keep(frame)
        else:
            super().send(frame)

    def send_in_pieces(self, frame: Frame, pieces: Pieces) -> None:
        """Say a message in pieces, when it is its turn."""
        if self._parted is None and (self._paused or self._kept):
            self._keep(Piecemeal(frame, pieces))
        else:
            super().send_in_pieces(frame, pieces)

    def write(self, content: bytes) -> None:
        """Write bytes as they stand, when it is their turn."""
        if self._parted is None and (self._paused or self._kept):
            self._keep(Bare(content))
        else:
            super().write(content)

    def spoil(self, fault: str) -> None:
        """Say a wrong frame, after all that was said before."""
        if self._parted is None:
            self._write_all()
            super().spoil(fault)

    def hang_up(self, *, reset: bool, content: bytes = b"") -> None:
        """End the socket without a close frame; what waits goes along with what dribbles."""
        if self._dribble is not None:
            self._kept.clear()
        super().hang_up(reset=reset, content=content)

    def _keep(self, kept: Kept) -> None:
        self._kept.append(kept)
        self._size += size_of(kept)
        while len(self._kept) > 1 and self._size + self.transport.get_write_buffer_size() > self._room:
            self._size -= size_of(self._kept.popleft())
            self._dropped += 1

    def resume_writing(self) -> None:
        super().resume_writing()
        while self._kept and not self._paused and self._parted is None:
            self._write_oldest()
        if not self._kept:
            self._tell()

    def _write_oldest(self) -> None:
        oldest = self._kept.popleft()
        self._size -= size_of(oldest)
        if isinstance(oldest, Piecemeal):
            self._put_in_turn(self._cut(*oldest), oldest.pieces)
        elif isinstance(oldest, Bare):
            self._put(oldest.content)
        else:
            self._put(self._scribe(oldest) if self._deflate is None else deflated(self._deflate, oldest))

    def _write_all(self) -> None:
        while self._kept:
            self._write_oldest()

    def _tell(self) -> None:
        """Say how many messages are missing, once for each time that the client fell behind."""
        if self._dropped:
            log.warning("%s reads too slowly: %d messages to it were dropped", self._identity, self._dropped)
            self._dropped = 0

    def _part(self, ending: Ending) -> None:
        if self._parted is None and not self._deaf:  # a close frame is the last that is said
            self._write_all()
        self._tell()
        super()._part(ending)

    def _end(self, code: int, reason: str) -> None:
        self._kept.clear()
        super()._end(code, reason)


class Pausing(Wayward):
    """Nothing more is heard of a client while answers to it wait; what others say to it may still fill its outbox."""

    __slots__ = ("_hear", "_moved", "_unheard", "_waited")

    _unheard: deque[Frame]  # what came along before reading was paused
    _waited: int  # bytes, when they were last looked at
    _moved: float  # when some of them were taken

    def __init__(self, *taken: object) -> None:
        super().__init__(*taken)  # type: ignore[arg-type]  # whatever a `Wayward` takes
        self._unheard, self._waited, self._moved = deque(), 0, 0.0

    def _hearing(self) -> Callable[[Frame], None]:
        self._hear: Callable[[Frame], None] = super()._hearing()
        return self._hear_in_turn

    def _hear_in_turn(self, frame: Frame) -> None:
        if self._paused or self._unheard:
            self._unheard.append(frame)
            self.transport.pause_reading()
        else:
            self._hear(frame)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._waited, self._moved = 0, self._loop.time()
        if self._reader is not None:
            self.transport.pause_reading()

    def resume_writing(self) -> None:
        super().resume_writing()
        self._loop.call_soon(self._go_on)

    def _go_on(self) -> None:
        if self._reader is None or self._paused or self._deaf:
            return
        if self._unheard:
            self._feed = self._catch_up
            self.data_received(b"")
            self._feed = self._reader.feed
        if self._is_held_up() or self.transport.is_closing():
            return
        if self._reader.waits:
            super()._go_on()
            if self._is_held_up():
                self.transport.pause_reading()
        else:
            self.transport.resume_reading()

    def _is_held_up(self) -> bool:
        return self._paused or self._deaf or bool(self._unheard)

    def _catch_up(self, _: bytes) -> bool:
        while self._unheard and not (self._paused or self._deaf):
            self._hear(self._unheard.popleft())
        return False

    def _is_behind(self) -> bool:
        """Its pong may wait behind what is not read; but a client that takes nothing at all is not there any more."""
        if not (self._paused or self._unheard):
            return super()._is_behind()
        waiting, now = self.transport.get_write_buffer_size(), self._loop.time()
        if waiting != self._waited:
            self._waited, self._moved = waiting, now
        return now - self._moved < self._settings.ping_timeout


PEERS: Mapping[str, type[Wayward]] = {"close": Wayward, "drop-oldest": Dropping, "pause": Pausing}
