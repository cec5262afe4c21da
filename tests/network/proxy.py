"""A TCP proxy with toxics: what a network does to two that talk. Both ways are poisoned by themselves.

`up` is what the client says, `down` what the mock says. A toxic takes effect for the next piece.
"""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

PIECE = 16 << 10  # bytes that are taken at once


@dataclass
class Way:
    """One direction."""

    latency: float = 0.0  # seconds, for each piece
    rate: float = 0.0  # bytes a second; 0: as fast as it goes
    piece: int = PIECE  # bytes that go on at once
    open: asyncio.Event = field(default_factory=asyncio.Event)  # while it is not set, nothing is taken any more
    swallows: bool = False  # what comes is taken, and never arrives

    def __post_init__(self) -> None:
        self.open.set()

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take what comes to the other side, until it ends."""
        while True:
            await self.open.wait()
            data = await reader.read(self.piece if self.rate else PIECE)
            await self.open.wait()
            if not data:
                return
            for start in range(0, len(data), self.piece):
                await self._deliver(data[start : start + self.piece], writer)

    async def _deliver(self, data: bytes, writer: asyncio.StreamWriter) -> None:
        pause = self.latency + (len(data) / self.rate if self.rate else 0)
        if pause:
            await asyncio.sleep(pause)
        if not self.swallows:
            writer.write(data)
            await writer.drain()


class Proxy:
    """Stands between one client and the mock."""

    def __init__(self) -> None:
        self.up = Way()
        self.down = Way()
        self.port = 0
        self._target = 0
        self._client: asyncio.StreamWriter | None = None
        self._mock: asyncio.StreamWriter | None = None

    @asynccontextmanager
    async def to(self, port: int) -> AsyncIterator["Proxy"]:
        self._target = port
        server = await asyncio.start_server(self._meet, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            self.up.open.set()
            self.down.open.set()
            for each in (self._client, self._mock):
                if each is not None:
                    each.transport.abort()

    async def _meet(self, reader: asyncio.StreamReader, client: asyncio.StreamWriter) -> None:
        theirs, mock = await asyncio.open_connection("127.0.0.1", self._target)
        for each in (client, mock):  # what is stalled is felt soon on the other side
            each.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 32 << 10)
        self._client, self._mock = client, mock
        await asyncio.gather(self._carry(self.up, reader, mock), self._carry(self.down, theirs, client))

    async def _carry(self, way: Way, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, OSError):
            await way.carry(reader, writer)
            if not way.swallows:
                writer.write_eof()

    def reset(self) -> None:
        """Send the mock an RST: the client was killed, or a router forgot it."""
        assert self._mock is not None
        self._mock.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._mock.transport.abort()

    def half_close(self) -> None:
        """Send the mock a FIN, and go on listening to it."""
        assert self._mock is not None
        self._mock.write_eof()

    def vanish(self) -> None:
        """Be gone without a word: nobody hears of it, and nothing arrives."""
        self.up.swallows = self.down.swallows = True
