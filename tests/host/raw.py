"""A mock with expectations over real sockets, and a client that looks at bytes."""

import asyncio
import contextlib
import socket
import struct
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from mockws.app import Mock
from mockws.engine.actions import Entry, Outcome
from mockws.engine.events import Commanded, Expect
from mockws.expect.expectation import Compiled
from mockws.expect.reading import read_expectation
from mockws.host.server import running
from mockws.settings import Settings

CHAT = "specification/chat.yaml"
HELLO = b'{"type":"chat","user":"ada","text":"hi"}'
SAID = '{"type":"chat","user":"mock","text":"bye"}'
REQUEST = (
    b"GET /rooms/lobby HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
BYE = {"reply": {"text": SAID}}
OPEN = {"type": "open"}
Loop = Callable[[], asyncio.AbstractEventLoop] | None
LOOPS: tuple[Loop, ...] = (None,)
with contextlib.suppress(ImportError):  # there is none on Windows
    import uvloop

    LOOPS = (None, uvloop.new_event_loop)
both_loops = pytest.mark.parametrize("loop", LOOPS, ids=["asyncio", "uvloop"][: len(LOOPS)])


def stub(*actions: Any, on: Any = None, **more: Any) -> Compiled:
    return read_expectation({"trigger": on or {}, "actions": list(actions), **more}, "it")


class World:
    """A mock with expectations, and what it wrote down."""

    def __init__(self, *expectations: Compiled, **settings: Any) -> None:
        self.entries: list[Entry] = []
        self._expectations = expectations
        self.mock = Mock.of(CHAT, Settings(**{"port": 0, "watch": False, **settings}), [self._observe])
        self.port = 0

    def _observe(self, outcome: Outcome) -> None:
        self.entries.extend(outcome.entries)

    def events(self, kind: str) -> list[Entry]:
        return [entry for entry in self.entries if entry.event == kind]

    def prepare(self) -> None:
        for each in self._expectations:
            answer = self.command(Expect(each)).answer
            assert not isinstance(answer, Exception), answer

    def command(self, wanted: Any) -> Outcome:
        assert self.mock.driver is not None
        return self.mock.driver.feed(Commanded(wanted, self.mock.driver.clock.now()))

    def play(self, scenario: Callable[["World"], Awaitable[None]], loop: Loop = None) -> None:
        """Run a scenario against the mock, on a loop of this making; 15 s at most."""

        async def whole() -> None:
            async with asyncio.timeout(15), running(self.mock) as self.port:
                self.prepare()
                await scenario(self)

        with asyncio.Runner(loop_factory=loop) as runner:
            runner.run(whole())

    async def until(self, condition: Callable[[], object]) -> None:
        while not condition():
            await asyncio.sleep(0.005)

    async def until_nobody_is_there(self) -> None:
        await self.until(lambda: self.mock.driver is not None and not self.mock.driver.connections)


def masked(payload: bytes) -> bytes:
    """Write a text frame of a client."""
    key = b"\x00\x00\x00\x00"
    return bytes([0x81, 0x80 | len(payload)]) + key + payload


class Raw:
    """A client that looks at bytes."""

    def __init__(self, port: int, receive_buffer: int | None = None) -> None:
        self._socket = socket.socket()
        if receive_buffer is not None:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self._socket.connect(("127.0.0.1", port))
        self._socket.setblocking(False)
        self._loop = asyncio.get_running_loop()
        self.seen = b""

    async def say(self, content: bytes) -> None:
        await self._loop.sock_sendall(self._socket, content)

    async def until(self, wanted: bytes) -> None:
        while wanted not in self.seen:
            some = await asyncio.wait_for(self._loop.sock_recv(self._socket, 65536), 5)
            assert some, f"it ended after {self.seen!r}"
            self.seen += some

    def take(self) -> bytes:
        """Give what is there just now, and was not taken before."""
        taken = self.seen
        with contextlib.suppress(BlockingIOError):
            while some := self._socket.recv(65536):
                taken += some
        self.seen = b""
        return taken

    async def end(self) -> str:
        """Read to the end; tell how it came."""
        try:
            while some := await asyncio.wait_for(self._loop.sock_recv(self._socket, 65536), 5):
                self.seen += some
        except ConnectionResetError:
            return "RST"
        return "FIN"

    def close(self) -> None:
        self._socket.close()


def frame(text: str) -> bytes:
    """Write a text frame of the mock."""
    content = text.encode()
    size = len(content)
    if size < 126:
        return bytes([0x81, size]) + content
    return (
        b"\x81\x7e" + struct.pack("!H", size) if size < 1 << 16 else b"\x81\x7f" + struct.pack("!Q", size)
    ) + content
