"""Bytes that dribble: a transport that takes its time over a message, and lets nothing overtake it.

It goes by the mock's clock. It stands in for the real transport only while something is in it.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any

from mockws.expect.pieces import Pieces
from mockws.host.clock import Clock, Handle


class Dribble:
    """A transport that writes some of what it gets slowly, all of it in its order."""

    def __init__(self, transport: asyncio.Transport, clock: Clock, dry: Callable[[], None]) -> None:
        self.transport = transport
        self._clock = clock
        self._dry = dry  # is called when nothing is left
        self._waiting: deque[tuple[float, bytes]] = deque()  # the pause before each part, in seconds
        self._size = 0
        self._timer: Handle | None = None

    def __getattr__(self, name: str) -> Any:
        """Be the transport in everything else."""
        return getattr(self.transport, name)

    @property
    def left(self) -> float:
        """Tell how many seconds it takes, at most, until all is written."""
        return sum(pause for pause, _ in self._waiting)

    def get_write_buffer_size(self) -> int:
        """Count what waits here, too."""
        return self._size + self.transport.get_write_buffer_size()

    def write(self, content: bytes) -> None:
        """Write something when all that came before is written."""
        self._put(0.0, content)
        self._go_on()

    def dribble(self, content: bytes, pieces: Pieces) -> None:
        """Write something slowly, when all that came before is written."""
        count = min(pieces.chunks, len(content))
        edges = [len(content) * place // count for place in range(count + 1)]
        pause = pieces.seconds / max(1, count - 1)
        for place in range(count):
            self._put(pause if place else 0.0, content[edges[place] : edges[place + 1]])
        self._go_on()

    def _put(self, pause: float, content: bytes) -> None:
        self._waiting.append((pause, content))
        self._size += len(content)

    def _go_on(self) -> None:
        """Write whatever needs no further pause, and wait for the rest."""
        if self._timer is not None:
            return
        while self._waiting and self._waiting[0][0] <= 0:
            self._write_next()
        if self._waiting:
            self._timer = self._clock.call_later(self._waiting[0][0], self._tick)
        else:
            self._dry()

    def _tick(self) -> None:
        self._timer = None
        self._write_next()
        self._go_on()

    def _write_next(self) -> None:
        _, content = self._waiting.popleft()
        self._size -= len(content)
        self.transport.write(content)

    def drop(self) -> None:
        """Forget what is left."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._waiting.clear()
        self._size = 0

    def rush(self) -> None:
        """Write what is left at once."""
        rest = b"".join(content for _, content in self._waiting)
        self.drop()
        self.transport.write(rest)
        self._dry()

    def close(self) -> None:
        """Close after all that was written, however slowly it was to be."""
        self.rush()
        self.transport.close()

    def write_eof(self) -> None:
        """End after all that was written, however slowly it was to be."""
        self.rush()
        self.transport.write_eof()
