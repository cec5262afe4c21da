"""Whether a client is still there: it is pinged, and has to answer in time.

What is read late is not held against it: while something of it waits to be read, or we ourselves were held up, its pong
may be among that.
"""

import asyncio
from collections.abc import Callable

GRACE = 0.25  # seconds that a pong has to be read, when its time is over: we may have been busy all the while


class Keepalive:
    """The pings of one connection."""

    __slots__ = ("_asked", "_count", "_fail", "_interval", "_loop", "_ping", "_timeout", "_timer", "_waits")

    def __init__(
        self,
        interval: float,
        timeout: float,
        ping: Callable[[bytes], None],
        fail: Callable[[], None],
        waits: Callable[[], bool],  # tells whether something that was received has not been read
    ) -> None:
        self._interval = interval
        self._timeout = timeout
        self._ping = ping
        self._fail = fail
        self._waits = waits
        self._loop = asyncio.get_running_loop()
        self._asked: bytes | None = None  # what a pong has to say
        self._count = 0
        self._timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Ping from now on, unless that is turned off."""
        if self._interval:
            self._timer = self._loop.call_later(self._interval, self._ask)

    def stop(self) -> None:
        """Ping no more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def want_no_answer(self) -> None:
        """Ping from now on whatever comes back."""
        self.stop()
        self._timeout = 0
        self.start()

    def answered(self, payload: bytes) -> bool:
        """Tell whether a pong answers our ping; then the next one is due after a while."""
        if payload != self._asked:
            return False
        self._asked = None
        self.stop()
        self.start()
        return True

    def _ask(self) -> None:
        self._count += 1
        self._asked = b"keepalive-%d" % self._count
        self._ping(self._asked)
        if self._timeout:
            self._timer = self._loop.call_later(self._timeout, self._overdue)
        else:
            self.start()

    def _overdue(self) -> None:
        """The time is over: what the system has for us already is read first."""
        self._timer = self._loop.call_later(GRACE, self._judge)

    def _judge(self) -> None:
        if self._waits():
            self._overdue()
        else:
            self._timer = None
            self._fail()
