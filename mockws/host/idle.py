"""Whether a client has anything to say: one that says nothing for too long is closed, where that is wanted.

Messages count; pings and pongs only show that it is there, which is `keepalive`'s affair.
"""

import asyncio
from collections.abc import Callable

from mockws.codec import Frame

AWAY = 1001  # RFC 6455, 7.4.1: the server gives the connection up
IDLE = "nothing was said for too long"


class Idle:
    """The silence of one connection; it stands between the reader and whoever hears messages."""

    __slots__ = ("_end", "_hear", "_heard", "_loop", "_seconds", "_timer", "_waits")

    def __init__(
        self,
        seconds: float,
        hear: Callable[[Frame], None],
        end: Callable[[], None],
        waits: Callable[[], bool],  # tells whether something that was received has not been read
    ) -> None:
        self._seconds = seconds
        self._hear = hear
        self._end = end
        self._waits = waits
        self._loop = asyncio.get_running_loop()
        self._heard = self._loop.time()
        self._timer: asyncio.TimerHandle | None = self._loop.call_later(seconds, self._look)

    def __call__(self, frame: Frame) -> None:
        self._heard = self._loop.time()
        self._hear(frame)

    def cancel(self) -> None:
        """Wait for nothing any more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look(self) -> None:
        """Look when the silence may have been long enough: no message sets a timer anew."""
        since = self._heard if not self._waits() else self._loop.time()
        left = since + self._seconds - self._loop.time()
        if left > 0:
            self._timer = self._loop.call_later(left, self._look)
        else:
            self._timer = None
            self._end()
