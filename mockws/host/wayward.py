"""The fast way, where something is to go wrong: wrong frames, habits that are broken, messages that dribble.

What is said and heard in good order never comes by here.
"""

import asyncio
from typing import cast

from mockws.codec import Frame
from mockws.expect.pieces import Pieces
from mockws.host import cut
from mockws.host.direct import RESTART, Direct
from mockws.host.dribble import Dribble
from mockws.host.driver import Driver
from mockws.host.framing import CLOSE, PING, Scribe, deflated, parting_of
from mockws.host.line import Line
from mockws.host.outbox import Cut, Ending, Spoilt
from mockws.host.sockets import FULL, SLOW
from mockws.host.spoilt import WRONG, fragmented
from mockws.settings import Settings

STALL, NO_PONG, NO_CLOSE_REPLY = "STALL", "NO_PONG", "NO_CLOSE_REPLY"
LONGEST_STALL = 3600.0  # seconds; where nothing is read, nothing tells that the other side is gone
LONGEST_SILENCE = 120.0  # seconds that a client may wait for the answer to its close frame


class Wayward(Direct):
    """One WebSocket that can be made to misbehave."""

    __slots__ = ("_abandoned", "_bound", "_choked", "_dribble", "_neglected")

    def __init__(self, line: Line, settings: Settings, scribe: Scribe) -> None:
        super().__init__(line, settings, scribe)
        self._neglected: frozenset[str] = frozenset()
        self._abandoned: Driver | None = None  # where a client waits in vain for its close frame to be answered
        self._bound: asyncio.TimerHandle | None = None
        self._dribble: Dribble | None = None
        self._choked = False  # the real transport has more to write than the high-water mark

    # Wrong frames

    def spoil(self, fault: str) -> None:
        """Say a wrong frame; its reader has a while to complain, then the stream ends."""
        if self._parted is None:
            self._put(WRONG[fault])
            self._part(Spoilt(reset=False))

    def write(self, content: bytes) -> None:
        """Write bytes as they stand."""
        if self._parted is None:
            self._say(content, None)

    def hang_up(self, *, reset: bool, content: bytes = b"") -> None:
        """End the socket without a close frame, in the middle of what dribbles."""
        if self._parted is None and self._dribble is not None:
            self._out.clear()  # it would go on where a message has not ended
            self._dribble.drop()
            self._dried_up()
        if self._parted is None and content:
            self._out.append(content)
        super().hang_up(reset=reset)

    def _part_with(self, code: int, reason: str, payload: bytes) -> None:
        """What a client makes of a wrong frame is its own doing; it is not answered any more."""
        if not isinstance(self._parted, Spoilt):
            super()._part_with(code, reason, payload)
            return
        self._leave(code, reason)
        self.transport.close()

    def _leave(self, code: int, reason: str) -> None:
        """Let the engine know that the client has said goodbye."""
        self._deaf, self._parted = True, None
        self._over(code, reason)
        self._parted = Cut(reset=False, code=code, reason=reason)

    def _give_up(self) -> None:
        if isinstance(self._parted, Spoilt) and not self._deaf:
            self._deaf = True
            self._over()
            cut.hang_up(self.transport, self._loop, reset=False)
            self._goodbye = self._loop.call_later(self._settings.stop_timeout, self._give_up)
        else:
            super()._give_up()

    # Habits

    def neglect(self, fault: str) -> None:
        """Break a habit from now on."""
        if self._parted is None and fault not in self._neglected:
            self._neglected |= {fault}
            if fault == STALL:
                self._stall()

    def _stall(self) -> None:
        """Read nothing more; pings go on, as writing to a client that is gone is what tells so."""
        if self._attention is not None:
            self._attention.only_ask()
        self._bound = self._loop.call_later(LONGEST_STALL, self._stalled_for_too_long)
        if self._line is None:
            self.transport.pause_reading()

    def _stalled_for_too_long(self) -> None:
        self.hang_up(reset=False)
        self._over()

    def _take_over(self, line: Line) -> None:
        if STALL in self._neglected:
            line.early.clear()
        super()._take_over(line)
        if STALL in self._neglected and not self.transport.is_closing():
            self.transport.pause_reading()

    def _go_on(self) -> None:
        if STALL not in self._neglected:
            super()._go_on()

    def _control(self, opcode: int, payload: bytes) -> None:
        if opcode == PING and NO_PONG in self._neglected:
            self._count_control()
        elif opcode == CLOSE and NO_CLOSE_REPLY in self._neglected and self._parted is None:
            self._ignore_goodbye(*parting_of(payload))
        else:
            super()._control(opcode, payload)

    def _ignore_goodbye(self, code: int, reason: str) -> None:
        """Hear a close frame, and say nothing: until its sender has had enough of that."""
        if self._attention is not None:
            self._attention.cease()
        if self._driver is not None:
            self._abandoned = self._driver
            self._driver.abandoned += 1
        self._leave(code, reason)
        self._goodbye = self._loop.call_later(LONGEST_SILENCE, self._give_up)

    # Messages in pieces

    def send_in_pieces(self, frame: Frame, pieces: Pieces) -> None:
        """Say a message in fragments, or so slowly that it dribbles."""
        if self._parted is None:
            self._say(self._cut(frame, pieces), pieces)

    def _cut(self, frame: Frame, pieces: Pieces) -> bytes:
        whole = self._scribe(frame) if self._deflate is None else deflated(self._deflate, frame)
        return fragmented(whole, pieces.fragments) if pieces.fragments > 1 else whole

    def _say(self, content: bytes, pieces: Pieces | None) -> None:
        if self._paused and self._is_full(content):
            self._end(FULL, SLOW)
        else:
            self._put_in_turn(content, pieces)

    def _put_in_turn(self, content: bytes, pieces: Pieces | None) -> None:
        if pieces is None or pieces.chunks == 1:
            self._put(content)
        else:
            assert self._driver is not None
            if self._out:
                self._flush()
            if self._dribble is None:
                self._dribble = Dribble(self.transport, self._driver.clock, self._dried_up)
                self.transport = cast("asyncio.Transport", self._dribble)
                self._choked, self._paused = self._paused, True  # what waits is counted from now on
            self._dribble.dribble(content, pieces)

    def _dried_up(self) -> None:
        assert self._dribble is not None
        self.transport, self._dribble = self._dribble.transport, None
        if self._attention is not None and self._parted is None:  # its ping may have waited until now
            self._attention.ask_anew()
        self._paused = self._choked
        if not (self._choked or self.transport.is_closing()):
            self.resume_writing()

    def _is_behind(self) -> bool:
        """Tell whether a pong cannot be here yet: what it answers waits behind what dribbles."""
        return self._dribble is not None or super()._is_behind()

    def pause_writing(self) -> None:
        self._choked = self._paused = True

    def resume_writing(self) -> None:
        self._choked, self._paused = False, self._dribble is not None

    # How it ends

    def close(self, code: int, reason: str) -> None:
        """Close; where the mock or its session ends, so does its clock, and the rest comes at once."""
        if code == RESTART and self._dribble is not None:
            self._dribble.rush()
        super().close(code, reason)

    def _part(self, ending: Ending) -> None:
        """Begin the end; a close frame waits for what dribbles, and so does whoever waits for its answer."""
        begun, dribble = self._parted is not None, self._dribble
        super()._part(ending)
        if not begun and dribble is not None and self._goodbye is not None:
            self._goodbye.cancel()
            self._goodbye = self._loop.call_later(self._settings.stop_timeout + dribble.left, self._give_up)

    def _end(self, code: int, reason: str) -> None:
        if self._dribble is not None:
            self._dribble.rush()
        super()._end(code, reason)

    def cut_off(self) -> None:
        if self._dribble is not None:
            self.transport.abort()
        else:
            super().cut_off()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._abandoned is not None:
            self._abandoned.abandoned -= 1
            self._abandoned = None
        if self._bound is not None:
            self._bound.cancel()
        if self._dribble is not None:
            self._dribble.drop()
            self._dried_up()
        super().connection_lost(exc)
