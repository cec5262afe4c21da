"""A conversation over one WebSocket: what is typed goes out, what comes in is shown, until one side has enough.

What lines mean and what frames are is asked elsewhere; here is only who speaks when, and how it ends.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus, InvalidURI
from websockets.typing import Subprotocol

from mockws.cli.exits import Exit
from mockws.cli.phrasebook import Judged, Phrasebook
from mockws.cli.screen import Screen
from mockws.cli.typed import Close, Say, Tell, meaning_of
from mockws.codec import Frame
from mockws.errors import CannotConnect

OPENING = 10.0  # seconds that a handshake may take
CLEAN = (1000, 1001)
LARGEST = 16 * 1024 * 1024  # bytes


@dataclass(frozen=True)
class Call:
    """Where a conversation goes, and what its handshake brings."""

    url: str
    headers: tuple[tuple[str, str], ...] = ()
    subprotocols: tuple[str, ...] = ()


@dataclass
class Talk:
    """One conversation."""

    call: Call
    book: Phrasebook | None
    screen: Screen
    lines: Callable[[], AsyncIterator[str]]
    wait: float  # seconds of silence after the last line
    count: int = 0  # messages that are to come; 0: no matter how many
    heard: int = 0
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    async def hold(self) -> int:
        """Talk until the end, and give the exit code; raises CannotConnect."""
        async with await self._opened() as client:
            self.screen.note(f"connected to {self.call.url}{self._agreed(client)}")
            hearing = asyncio.create_task(self._hear(client))
            speaking = asyncio.create_task(self._speak(client))
            await asyncio.wait((hearing, speaking), return_when=asyncio.FIRST_COMPLETED)
            speaking.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await speaking
            await client.close()
            await hearing
        return self._ended(client)

    async def _opened(self) -> ClientConnection:
        offered = [Subprotocol(each) for each in self.call.subprotocols] or None
        try:
            return await connect(
                self.call.url, additional_headers=self.call.headers, subprotocols=offered, open_timeout=OPENING,
                max_size=LARGEST, proxy=None,
            )  # fmt: skip
        except InvalidStatus as problem:
            body = (problem.response.body or b"").decode("utf-8", "replace").strip()
            raise CannotConnect(self.call.url, f"HTTP {problem.response.status_code} {body}".strip()) from None
        except TimeoutError:
            raise CannotConnect(self.call.url, f"no answer within {OPENING:g} s") from None
        except (OSError, InvalidHandshake, InvalidURI, ValueError) as problem:
            raise CannotConnect(self.call.url, str(problem)) from None

    def _agreed(self, client: ClientConnection) -> str:
        return f", subprotocol {client.subprotocol}" if client.subprotocol else ""

    async def _hear(self, client: ClientConnection) -> None:
        with contextlib.suppress(ConnectionClosed):
            async for frame in client:
                self.screen.heard(self.book.heard(frame) if self.book else Judged(frame))
                self.heard += 1
                self._news.set()

    async def _speak(self, client: ClientConnection) -> None:
        """Say what is typed; after the last line listen as long as something comes, or until enough has come."""
        self.screen.begin()
        with contextlib.suppress(ConnectionClosed):
            async for line in self.lines():
                match meaning_of(line, self.book):
                    case Say(frame):
                        await self._say(client, frame)
                    case Tell(text):
                        self.screen.tell(text)
                    case Close(code, reason):
                        await client.close(code, reason)
                        return
        while not (self.count and self.heard >= self.count):
            self._news.clear()
            try:
                async with asyncio.timeout(self.wait):
                    await self._news.wait()
            except TimeoutError:
                return

    async def _say(self, client: ClientConnection, frame: Frame) -> None:
        self.screen.said(self.book.said(frame) if self.book else Judged(frame))
        await client.send(frame)

    def _ended(self, client: ClientConnection) -> int:
        code, reason = client.close_code, client.close_reason
        ours = client.protocol.close_rcvd_then_sent is False  # none at all: the other side was gone without a word
        by = "by us" if ours else "by the other side"
        self.screen.note(f"closed {by}: {code}{f' {reason}' if reason else ''}")
        if not ours and code not in CLEAN:
            return Exit.FAILED
        return Exit.TIMED_OUT if self.heard < self.count else Exit.FINE
