"""Clients that cost little and behave as badly as is wanted: sockets and frames, and nothing in between."""

import asyncio
import json
import resource
import socket
import ssl
import struct
import time
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, cast

REQUEST = (
    "GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n{more}\r\n"
)
TEXT, BINARY, CLOSE, PING, PONG = 0x1, 0x2, 0x8, 0x9, 0xA
PATIENCE = 30.0  # seconds


def many_descriptors() -> None:
    """Raise this process's limit of descriptors: a thousand clients are a thousand of them."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def request(path: str = "/rooms/lobby", more: str = "") -> bytes:
    return REQUEST.format(path=path, more=more).encode()


def frame(opcode: int, payload: bytes = b"", first: int = 0x80) -> bytes:
    """Write a frame of a client, masked by zeros."""
    size = len(payload)
    head = first | opcode
    if size < 126:
        start = bytes((head, 0x80 | size))
    elif size < 1 << 16:
        start = struct.pack("!BBH", head, 0xFE, size)
    else:
        start = struct.pack("!BBQ", head, 0xFF, size)
    return start + b"\0\0\0\0" + payload


def said(text: str, user: str = "ada") -> bytes:
    """Write a message of the chat."""
    return frame(TEXT, json.dumps({"type": "chat", "user": user, "text": text}).encode())


class Client(asyncio.Protocol):
    """A client that reads frames, answers pings, and remembers how it ended."""

    def __init__(self, hear: Callable[[bytes], None] | None = None) -> None:
        loop = asyncio.get_running_loop()
        self.open: asyncio.Future[int] = loop.create_future()  # the status of its handshake
        self.gone: asyncio.Future[None] = loop.create_future()
        self.code: int | None = None
        self.count = 0
        self.last = b""
        self.head = b""
        self._hear = hear
        self._news = asyncio.Event()
        self._rest = bytearray()
        self.transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._rest += data
        if not self.open.done():
            head, end, rest = bytes(self._rest).partition(b"\r\n\r\n")
            if not end:
                return
            self.head, self._rest = head, bytearray(rest)
            self.open.set_result(int(head.split(b" ")[1]))
        if self.open.result() == 101:
            self._frames()

    def _frames(self) -> None:
        at, rest = 0, self._rest
        while len(rest) - at >= 2:
            opcode, size, start = rest[at] & 0xF, rest[at + 1], at + 2
            if size > 125:
                more = 2 if size == 126 else 8
                size, start = int.from_bytes(rest[start : start + more], "big"), start + more
            if len(rest) < start + size or start > len(rest):
                break
            self._take(opcode, bytes(rest[start : start + size]))
            at = start + size
        if at:
            del rest[:at]

    def _take(self, opcode: int, payload: bytes) -> None:
        if opcode == PING:
            self.transport.write(frame(PONG, payload))
        elif opcode == CLOSE:
            self.code = int.from_bytes(payload[:2], "big")
            self.transport.write(frame(CLOSE, payload))
        elif opcode in (TEXT, BINARY):
            self.count += 1
            self.last = payload
            self._news.set()
            if self._hear is not None:
                self._hear(payload)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  # asyncio's signature
        if not self.open.done():
            self.open.set_result(0)
        if not self.gone.done():
            self.gone.set_result(None)
        self._news.set()

    async def next(self) -> bytes:
        """Wait for a message."""
        self._news.clear()
        await asyncio.wait_for(self._news.wait(), PATIENCE)
        return self.last

    async def until(self, count: int) -> None:
        """Wait until so many messages are there, or nothing more will come."""
        while self.count < count and not self.gone.done():
            await self.next()

    def reset(self) -> None:
        """Go by a TCP RST."""
        raw: socket.socket = self.transport.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.transport.abort()

    async def close(self) -> None:
        """Say goodbye, and wait for the answer."""
        self.transport.write(frame(CLOSE, b"\x03\xe8"))
        await asyncio.wait_for(self.gone, PATIENCE)


async def connected(
    port: int,
    path: str = "/rooms/lobby",
    *,
    more: str = "",
    context: ssl.SSLContext | None = None,
    hear: Callable[[bytes], None] | None = None,
    receive_buffer: int | None = None,
) -> Client:
    """Connect a client; its handshake is answered."""
    loop = asyncio.get_running_loop()
    raw = socket.socket()
    if receive_buffer is not None:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    raw.setblocking(False)
    await loop.sock_connect(raw, ("127.0.0.1", port))
    name = "localhost" if context else None
    _, client = await loop.create_connection(lambda: Client(hear), sock=raw, ssl=context, server_hostname=name)
    client.transport.write(request(path, more))
    await asyncio.wait_for(asyncio.shield(client.open), PATIENCE)
    return client


async def all_of(makers: Iterable[Callable[[], Awaitable[Any]]], at_a_time: int) -> list[Any]:
    """Run all of these, so many at a time; give what they gave, in their order."""
    gate = asyncio.Semaphore(at_a_time)

    async def one(make: Callable[[], Awaitable[Any]]) -> Any:
        async with gate:
            return await make()

    return await asyncio.gather(*(one(make) for make in makers))


class Neighbour:
    """A well-behaved client, and one who hears it: how long a message takes meanwhile."""

    def __init__(self, speaker: Client, hearer: Client) -> None:
        self._speaker, self._hearer = speaker, hearer
        self.waits: list[float] = []
        self._over = False
        self._task: asyncio.Task[None] | None = None

    @classmethod
    async def at(cls, port: int) -> "Neighbour":
        path = "/rooms/neighbours"
        return cls(await connected(port, path), await connected(port, path))

    async def __aenter__(self) -> "Neighbour":
        self._task = asyncio.create_task(self._talk())
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._task is not None
        self._over = True  # and not cancelled: in Python 3.11 `wait_for` may swallow that
        await asyncio.gather(self._task, return_exceptions=True)
        for each in (self._speaker, self._hearer):
            each.transport.abort()

    async def _talk(self) -> None:
        while not self._over:
            began = time.monotonic()
            self._speaker.transport.write(said("hello"))
            await self._hearer.next()
            self.waits.append(time.monotonic() - began)
            await asyncio.sleep(0.005)
