"""The attention that one client gets: is it still there, and has it anything to say?"""

from collections.abc import Callable
from functools import partial

from mockws.codec import Frame
from mockws.host.idle import AWAY, IDLE, Idle
from mockws.host.keepalive import Keepalive
from mockws.settings import Settings

DEFECT = 1011
KEEPALIVE_FAILED = "keepalive ping timeout"


class Attention:
    """Pings, and the watch for silence, as far as they are wanted."""

    __slots__ = ("_end", "_idle", "_idle_timeout", "_keepalive", "_waits")

    def __init__(
        self,
        settings: Settings,
        ping: Callable[[bytes], None],
        end: Callable[[int, str], None],
        waits: Callable[[], bool],  # tells whether something that was received has not been read
    ) -> None:
        self._end = end
        self._waits = waits
        self._idle_timeout = settings.idle_timeout
        self._idle: Idle | None = None
        lost_sight = partial(end, DEFECT, KEEPALIVE_FAILED)
        self._keepalive = Keepalive(settings.ping_interval, settings.ping_timeout, ping, lost_sight, waits)
        self._keepalive.start()

    def hearing(self, hear: Callable[[Frame], None]) -> Callable[[Frame], None]:
        """Give what hears messages: it listens in only where silence is to end."""
        if not self._idle_timeout:
            return hear
        self._idle = Idle(self._idle_timeout, hear, partial(self._end, AWAY, IDLE), self._waits)
        return self._idle

    def only_ask(self) -> None:
        """Ping without waiting for answers: what the client says is not read."""
        self.cease()
        self._keepalive.want_no_answer()

    def ask_anew(self) -> None:
        """Begin anew to wait for the next ping."""
        self._keepalive.stop()
        self._keepalive.start()

    def answered(self, payload: bytes) -> bool:
        """Tell whether a pong answers our ping."""
        return self._keepalive.answered(payload)

    def cease(self) -> None:
        """Look no more."""
        self._keepalive.stop()
        if self._idle is not None:
            self._idle.cancel()
