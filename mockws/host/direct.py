"""WebSocket <-> events, the fast way: our own protocol on the socket, from the 101 on.

A message is decided on while it is read, and its answer is written with that of the others that came along: between
socket and engine there is no task, no queue and no second look. ASGI sees the handshake, and no more.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from mockws.codec import Frame
from mockws.contract import Route
from mockws.engine.events import Opening
from mockws.host import cut
from mockws.host.attention import Attention
from mockws.host.driver import Driver, Headers, Peer
from mockws.host.framing import (
    CLOSE,
    HEADS,
    PING,
    POLICY,
    PONG,
    Broken,
    Deflate,
    Reader,
    Scribe,
    closing,
    deflated,
    parting_of,
    written,
)
from mockws.host.line import Line
from mockws.host.outbox import Cut, Ending, Parting
from mockws.host.sockets import ABNORMAL, DEFECT, FULL, SLOW, refuse
from mockws.settings import Settings

RESTART = 1012
HIGH_WATER = 64 << 10  # bytes that wait before the transport says so; as many replies go out in one write
DEFECTIVE = "the mock failed on this message; its log says more"
log = logging.getLogger("mockws.host")
Answer = Mapping[str, Any]


class Direct(asyncio.Protocol, Peer):
    """One WebSocket, as the driver's peer and as the transport's protocol; what it does wrong is another file's."""

    __slots__ = (
        "_accepted",
        "_attention",
        "_connections",
        "_controls",
        "_deaf",
        "_decided",
        "_deflate",
        "_driver",
        "_feed",
        "_goodbye",
        "_identity",
        "_line",
        "_loop",
        "_out",
        "_parted",
        "_paused",
        "_reader",
        "_reading",
        "_room",
        "_scribe",
        "_second",
        "_settings",
        "_waiting",
        "transport",
    )  # fmt: skip

    def __init__(self, line: Line, settings: Settings, scribe: Scribe) -> None:
        self.transport = line.transport
        self._line: Line | None = line
        line.heir = self
        self._connections = line.connections
        self._settings = settings
        self._scribe = scribe
        self._room = settings.max_outbox
        self._loop = asyncio.get_running_loop()
        self._decided: asyncio.Future[Answer | None] | None = self._loop.create_future()
        self._driver: Driver | None = None
        self._identity = ""
        self._accepted = False
        self._feed: Callable[[bytes], bool]
        self._deflate: Deflate | None = None
        self._reader: Reader | None = None
        self._attention: Attention | None = None
        self._parted: Ending | None = None
        self._goodbye: asyncio.TimerHandle | None = None  # how long a client has to answer a close frame
        self._deaf = False  # nothing is heard any more
        self._paused = False  # more waits to be written than the high-water mark
        self._reading = False  # what is said meanwhile goes out in one piece
        self._out: list[bytes] = []
        self._waiting = 0
        self._second = 0.0
        self._controls = 0

    async def run(self, driver: Driver, route: Route, parameters: Mapping[str, str], opening: Opening) -> None:
        """Live through the handshake: once it is answered, nobody needs to wait for anything."""
        line, decided = self._line, self._decided
        assert line is not None
        assert decided is not None
        self._driver = driver
        try:
            self._identity = driver.connect(self, route, parameters, opening)
        except Exception:
            if self._accepted:  # then nobody can be told by HTTP any more
                self.close(DEFECT, DEFECTIVE)
            raise
        try:
            if not line.disconnected and (answer := await decided) is not None:
                await refuse(line.scope, line.send, **answer)
        finally:
            if not self._accepted:
                self._over()

    def accept(self, subprotocol: str | None, headers: Headers) -> None:
        line, settings = self._line, self._settings
        assert line is not None
        self._accepted = True
        self._deflate = line.admit(subprotocol, headers)
        if settings.ping_interval or settings.idle_timeout:
            self._attention = Attention(settings, self.ping, self._end, self._is_behind)
        self.transport.set_write_buffer_limits(high=min(HIGH_WATER, self._room))
        self._loop.call_soon(self._take_over, line)
        self._decide(None)

    def _take_over(self, line: Line) -> None:
        """Be the transport's protocol from now on; what came along with the handshake is read first."""
        self._line = None
        if line.disconnected or self._driver is None:
            return
        settings, hearing = self._settings, self._hearing()
        self._reader = Reader(hearing, self._control, settings.max_message, self._deflate, settings.max_fragments)
        self._feed = self._reader.feed
        self.transport.set_protocol(self)
        self._connections.discard(line)
        self._connections.add(self)
        self.transport.resume_reading()
        line.let_go()
        if line.early:
            self.data_received(bytes(line.early))

    def _hearing(self) -> Callable[[Frame], None]:
        """Give what hears messages: straight to the driver, so what goes wrong there comes out of `feed`."""
        assert self._driver is not None
        hear = partial(self._driver.receive, self._identity)
        return hear if self._attention is None else self._attention.hearing(hear)

    def refuse(self, status: int, body: Any, headers: Headers, media_type: str) -> None:
        self._decide({"status": status, "body": body, "headers": headers, "media_type": media_type})

    def _decide(self, answer: Answer | None) -> None:
        if self._decided is not None and not self._decided.done():
            self._decided.set_result(answer)
        self._decided = None

    # What we say

    def send(self, frame: Frame) -> None:
        if self._parted is not None:
            return
        content = self._scribe(frame) if self._deflate is None else deflated(self._deflate, frame)
        if self._paused and self._is_full(content):
            self._end(FULL, SLOW)
        elif self._reading and self._waiting < HIGH_WATER:
            self._out.append(content)
            self._waiting += len(content)
        else:
            self._put(content)

    def say(self, text: bytes) -> None:
        """Send a text that is bytes already."""
        size = len(text)
        if self._reading and not self._paused and self._deflate is None and size < len(HEADS):
            if self._parted is None:
                self._out.append(HEADS[size] + text)
                self._waiting += size
        else:
            self.send(text.decode())

    def ping(self, payload: bytes) -> None:
        """Ask for a pong: not of a client that reads nothing."""
        self._put_control(PING, payload)

    def _put_control(self, opcode: int, payload: bytes) -> None:
        content = written(opcode, payload)
        if self._parted is None and not (self._paused and self._is_full(content)):
            self._put(content)

    def _is_full(self, content: bytes) -> bool:
        return self.transport.get_write_buffer_size() + self._waiting + len(content) > self._room

    def _put(self, content: bytes) -> None:
        if self._reading:
            self._out.append(content)
            self._waiting += len(content)
            if self._waiting > HIGH_WATER:
                self._flush()
        else:
            self.transport.write(content)

    def _flush(self) -> None:
        out = self._out
        self._waiting = 0
        self.transport.write(out[0] if len(out) == 1 else b"".join(out))
        out.clear()

    def pause_writing(self) -> None:
        self._paused = True

    def resume_writing(self) -> None:
        self._paused = False

    # What we hear

    def data_received(self, data: bytes) -> None:
        if self._deaf:
            return
        self._reading = True
        try:
            more = self._feed(data)
        except Broken as broken:
            more = False
            self._fail(broken.code, broken.reason)
        except Exception:  # a defect of ours must not take the server down, nor leave the client waiting
            log.exception("a message could not be handled")
            more = False
            self._fail(DEFECT, DEFECTIVE)
        self._reading = False
        out = self._out
        if out:
            self._waiting = 0
            self.transport.write(out[0] if len(out) == 1 else b"".join(out))
            out.clear()
        if more:
            self._leave_the_rest()

    def _leave_the_rest(self) -> None:
        """Let the others have their turn before more is read of what was received."""
        self.transport.pause_reading()
        self._loop.call_soon(self._go_on)

    def _go_on(self) -> None:
        """Take the next turn at what was received."""
        if self._deaf or self._reader is None:
            return
        self._feed = self._reader.go_on
        self.data_received(b"")
        self._feed = self._reader.feed
        if not (self._reader.waits or self._deaf or self.transport.is_closing()):
            self.transport.resume_reading()

    def _control(self, opcode: int, payload: bytes) -> None:
        if self._deaf:
            return
        self._count_control()
        if opcode == CLOSE:
            self._part_with(*parting_of(payload), payload)
        elif opcode == PING:
            self._put_control(PONG, payload)
        elif self._driver is not None and not (self._attention is not None and self._attention.answered(payload)):
            self._driver.ponged(self._identity, payload)

    def _count_control(self) -> None:
        now = self._loop.time()
        if now - self._second >= 1:
            self._second, self._controls = now, 0
        self._controls += 1
        most = self._settings.max_controls
        if self._controls > most:
            raise Broken(POLICY, f"more than {most} control frames in a second")

    def _is_behind(self) -> bool:
        return self._reader is not None and self._reader.waits

    # How it ends

    def close(self, code: int, reason: str) -> None:
        self._part(Parting(code, reason))

    def hang_up(self, *, reset: bool, content: bytes = b"") -> None:  # noqa: ARG002  # it waits in `_out` already
        if self._parted is not None:
            return
        if self._out:
            self._flush()
        self._part(Cut(reset))
        self._deaf = True
        if self._line is not None:
            self._line.hang_up(reset=reset)
        else:
            cut.hang_up(self.transport, self._loop, reset=reset)

    def _part(self, ending: Ending) -> None:
        """Begin the end: a client has a while to agree."""
        if self._parted is not None:
            return
        self._parted = ending
        if self._attention is not None:
            self._attention.cease()
        if isinstance(ending, Parting):
            self._put(closing(ending.code, ending.reason))
        self._goodbye = self._loop.call_later(self._settings.stop_timeout, self._give_up)

    def _part_with(self, code: int, reason: str, payload: bytes) -> None:
        """The client's close frame: it answers ours, or is answered in kind (RFC 6455, 5.5.1)."""
        self._deaf = True
        agreed = self._parted is not None
        if not agreed:
            self._put(written(CLOSE, payload))
        if self._out:
            self._flush()
        self._over(code, reason)
        if not agreed:
            self._part(Cut(reset=False, code=code, reason=reason))
        self.transport.close()

    def _end(self, code: int, reason: str) -> None:
        """Close for a reason of the host's own; the engine, which may be at work just now, hears of it next."""
        self._out.clear()
        self._waiting = 0
        self._part(Parting(code, reason))
        self._loop.call_soon(self._over)

    def _fail(self, code: int, reason: str) -> None:
        """Fail the connection (RFC 6455, 7.1.7): a close frame, and nothing is heard any more.

        Closing with something unread would be a reset, and the close frame might be lost by it.
        """
        self._part(Parting(code, reason))
        self._deaf, self._reading = True, False
        if self._out:
            self._flush()
        self._over()
        if self.transport.can_write_eof():
            self.transport.write_eof()
        else:
            self.transport.close()

    def _give_up(self) -> None:
        """Give up on a client that takes nothing more: its socket would stay for as long as it likes."""
        cut.abort(self.transport, reset=isinstance(self._parted, Cut) and self._parted.reset)

    def _over(self, code: int = ABNORMAL, reason: str = "") -> None:
        """Tell the engine that it is over, once; the code and reason are ours, where we began it."""
        driver, self._driver = self._driver, None
        if driver is not None:
            ours = self._parted
            code, reason = (ours.code, ours.reason) if ours is not None else (code, reason)
            driver.gone(self._identity, code, reason, by_client=ours is None)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  # however it was lost, it is
        self._deaf = True
        self._connections.discard(self)
        if self._attention is not None:
            self._attention.cease()
        if self._goodbye is not None:
            self._goodbye.cancel()
        self._decide(None)
        if self._identity:
            self._over()
        # What refers back to us goes now: a collector may come by late, and TLS holds much for each connection.
        self._reader = self._attention = None
        self._feed = _unheard

    def shutdown(self) -> None:
        """End, as the server does (uvicorn calls this)."""
        self.close(RESTART, "")
        self.transport.close()

    def cut_off(self) -> None:
        """Hang up on a client that has not been said goodbye to in time."""
        if not isinstance(self._parted, Parting):
            self.transport.abort()


def _unheard(_: bytes) -> bool:
    return False
