"""What waits to be written to one socket: bounded in bytes, in order, never blocking whoever puts something in.

Where it is full, whoever puts something in is told so; unless the oldest is to go.
"""

import asyncio
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mockws.codec import Frame


@dataclass(frozen=True, slots=True)
class Parting:
    """The last thing that is written: a close frame."""

    code: int
    reason: str


@dataclass(frozen=True, slots=True)
class Cut:
    """The last thing that is done: the socket is ended without a close frame."""

    reset: bool
    code: int = 1006  # RFC 6455, 7.1.5: what the other side makes of it
    reason: str = ""
    content: bytes = b""  # that is written before


class Spoilt(Cut):
    """The same, after a wrong frame: its reader may complain first."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Ping:
    """A control frame, in its turn."""

    payload: bytes


Ending = Parting | Cut
Item = Frame | Ping | Ending | Mapping[str, Any]


class Outbox:
    """Frames in the order they were said; full when more bytes wait than are allowed."""

    def __init__(self, limit: int, *, drops: bool = False) -> None:
        self._limit = limit
        self._drops = drops
        self._items: deque[Item] = deque()
        self._size = 0
        self._ended = False
        self._news = asyncio.Event()
        self._taken = asyncio.Event()

    def offer(self, frame: Frame) -> bool:
        """Put a frame in; False where it is full. What comes after the parting is dropped."""
        if self._ended:
            return True
        if self._drops:
            self._make_room(len(frame))
        elif self._size + len(frame) > self._limit and self._items:
            return False
        self._size += len(frame)
        self._put(frame)
        return True

    def _make_room(self, size: int) -> None:
        """Drop the oldest messages; what else waits stays in its place."""
        others: list[Item] = []
        while self._items and self._size + size > self._limit:
            item = self._items.popleft()
            if isinstance(item, str | bytes):
                self._size -= len(item)
            else:
                others.append(item)
        self._items.extendleft(reversed(others))

    def tell(self, event: Mapping[str, Any]) -> None:
        """Put in an event of the handshake: it is small, and always fits."""
        self._put(event)

    def ping(self, payload: bytes) -> None:
        """Put a ping in, unless it is full: a client that reads nothing is not asked for more."""
        if not self._ended and self._size + len(payload) <= self._limit:
            self._size += len(payload)
            self._put(Ping(payload))

    def end(self, ending: Ending, *, at_once: bool = False) -> None:
        """Put the last thing in; `at_once` drops what still waits."""
        if at_once:
            self._items.clear()
        if not self._ended:
            self._put(ending)
        self._ended = True

    def _put(self, item: Item) -> None:
        self._items.append(item)
        self._news.set()

    async def calm(self) -> None:
        """Wait until no more than half of what is allowed waits."""
        while self._size > self._limit // 2 and not self._ended:
            self._taken.clear()
            await self._taken.wait()

    async def next(self) -> Item:
        """Wait for the next thing to write."""
        while not self._items:
            self._news.clear()
            await self._news.wait()
        item = self._items.popleft()
        self._taken.set()
        if isinstance(item, str | bytes):
            self._size -= len(item)
        elif isinstance(item, Ping):
            self._size -= len(item.payload)
        return item
