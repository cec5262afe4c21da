"""WebSocket <-> events, the portable way: plain ASGI, for uvicorn, other servers and Starlette's TestClient.

One task reads, one writes. The engine never waits for either.
"""

import asyncio
import contextlib
import json
import logging
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any, Protocol
from urllib.parse import parse_qsl

from starlette.types import Receive, Scope, Send

from mockws.codec import Frame
from mockws.contract import Route
from mockws.engine.actions import PLAIN, PROBLEM
from mockws.engine.events import Opening
from mockws.expect.pieces import Pieces
from mockws.host.driver import Driver, Headers
from mockws.host.idle import AWAY, IDLE, Idle
from mockws.host.outbox import Cut, Ending, Item, Outbox, Parting, Ping
from mockws.settings import Settings

NO_STATUS, ABNORMAL = 1005, 1006  # RFC 6455, 7.1.5: a close frame without a code, and no close frame at all
FULL, DEFECT = 1013, 1011
SLOW = "the client reads too slowly"
NO_GRIP = "the server cannot end it otherwise"
MAX_ARGUMENTS = 1000  # of a query
GRIP = "mockws.grip"  # the scope's extension with what our own server can do besides
log = logging.getLogger("mockws.host")


def opening_of(scope: Scope) -> Opening:
    """Read what a handshake's request says; bytes that are no UTF-8 become U+FFFD, as nothing is decided by them.

    Raises ValueError where the query has too many arguments.
    """
    headers = tuple((name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in scope["headers"])
    query = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True, max_num_fields=MAX_ARGUMENTS)
    client = (scope.get("client") or ("",))[0]
    return Opening(raw_path_of(scope), tuple(query), headers, tuple(scope.get("subprotocols") or ()), client)


def raw_path_of(scope: Scope) -> str:
    """Give the path as it was sent, still percent-encoded, without the query."""
    raw = scope.get("raw_path")
    return raw.partition(b"?")[0].decode("latin-1") if raw else str(scope["path"])


class Grip(Protocol):
    """What our own server can do with a WebSocket that ASGI has no words for."""

    pongs: Callable[[bytes], None]  # is told of each pong

    def abort(self, *, reset: bool) -> None: ...

    def hang_up(self, *, reset: bool, content: bytes) -> None: ...

    def ping(self, payload: bytes) -> None: ...


def problem_response(
    status: int, body: Any, headers: Headers = (), media_type: str = PROBLEM
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Write JSON or a text, a problem document unless said, as the two events of an ASGI response, without their type.

    A content type among the headers goes before ours.
    """
    content = (body if media_type == PLAIN else json.dumps(body, ensure_ascii=False)).encode("utf-8", "replace")
    named = any(name.lower() == "content-type" for name, _ in headers)
    own = [] if named else [("content-type", media_type)]
    whole = (*own, ("content-length", str(len(content))), *headers)
    return {"status": status, "headers": _written(whole)}, {"body": content}


def _written(headers: Iterable[tuple[str, str]]) -> list[tuple[bytes, bytes]]:
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]


async def refuse(
    scope: Scope, send: Send, status: int, body: Any, headers: Headers = (), media_type: str = PROBLEM
) -> None:
    """Answer a handshake or a plain request with an HTTP status.

    Where the server cannot do that for a handshake, the connection is closed (an empty 403).
    """
    if scope["type"] == "websocket" and "websocket.http.response" not in scope.get("extensions", {}):
        await send({"type": "websocket.close", "code": 1008})
        return
    start, content = problem_response(status, body, headers, media_type)
    kind = "websocket.http.response" if scope["type"] == "websocket" else "http.response"
    await send({"type": f"{kind}.start", **start})
    await send({"type": f"{kind}.body", **content})


class Socket:
    """One WebSocket, as the driver's peer."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, settings: Settings) -> None:
        self._scope = scope
        self._receive = receive
        self._send = send
        self._outbox = Outbox(settings.max_outbox, drops=settings.outbox_policy == "drop-oldest")
        self._pauses = settings.outbox_policy == "pause"
        self._idle_timeout = settings.idle_timeout
        self._idle: Idle | None = None
        self._patience = settings.stop_timeout
        self._loop = asyncio.get_running_loop()
        self._grip: Grip | None = scope.get("extensions", {}).get(GRIP)
        self._parted: Ending | None = None
        self._goodbye: asyncio.TimerHandle | None = None  # how long a client has to answer a close frame
        self._forget: Callable[[int, str], None] = lambda _code, _reason: None
        self._not_done: Callable[[str], None] = lambda _deed: None
        self._tasks: tuple[asyncio.Task[None], ...] = ()
        self._disconnected = (ABNORMAL, "")

    def accept(self, subprotocol: str | None, headers: Headers) -> None:
        self._outbox.tell({"type": "websocket.accept", "subprotocol": subprotocol, "headers": _written(headers)})

    def refuse(self, status: int, body: Any, headers: Headers, media_type: str) -> None:
        answer = {"status": status, "body": body, "headers": headers, "media_type": media_type}
        self._outbox.tell({"type": "refuse", "answer": answer})

    def send(self, frame: Frame) -> None:
        if not self._outbox.offer(frame):
            self._end(FULL, SLOW)

    def say(self, text: bytes) -> None:
        self.send(text.decode())

    def ping(self, payload: bytes) -> None:
        self._outbox.ping(payload)

    def close(self, code: int, reason: str) -> None:
        self._part(Parting(code, reason))

    def hang_up(self, *, reset: bool, content: bytes = b"") -> None:
        self._part(Cut(reset, content=content))

    def send_in_pieces(self, frame: Frame, pieces: Pieces) -> None:  # noqa: ARG002  # there are none here
        self._cannot("say a message in pieces")
        self.send(frame)

    def spoil(self, fault: str) -> None:  # noqa: ARG002  # whichever it is
        self._cannot("say a wrong frame")
        self._part(Parting(DEFECT, NO_GRIP))

    def write(self, content: bytes) -> None:  # noqa: ARG002  # whatever it is
        self._cannot("write bytes as they stand")

    def neglect(self, fault: str) -> None:
        self._cannot(f"do {fault}")

    def _cannot(self, deed: str) -> None:
        """Tell the engine, which may be at work just now; it asks for such things only where it knows no better."""
        self._loop.call_soon(self._not_done, deed)

    def _end(self, code: int, reason: str) -> None:
        """Close for a reason of the host's own; the engine, which may be at work just now, hears of it next."""
        self._part(Parting(code, reason), at_once=True)
        self._loop.call_soon(self._forget, code, reason)

    def _part(self, ending: Ending, *, at_once: bool = False) -> None:
        if self._parted is None:
            self._parted = ending
            self._outbox.end(ending, at_once=at_once)
            self._goodbye = self._loop.call_later(self._patience, self._give_up)

    def _give_up(self) -> None:
        """Give up on a client that takes nothing more: its socket would stay for as long as it likes."""
        if self._grip is not None:  # another server has to end a stuck socket by itself
            self._grip.abort(reset=isinstance(self._parted, Cut) and self._parted.reset)
        for task in self._tasks:
            task.cancel()

    async def run(self, driver: Driver, route: Route, parameters: Mapping[str, str], opening: Opening) -> None:
        """Live through one connection, from its handshake to its end."""
        await self._receive()  # websocket.connect
        connection = driver.connect(self, route, parameters, opening)
        self._forget = lambda code, reason: driver.gone(connection, code, reason, by_client=False)
        self._not_done = partial(driver.not_done, connection)
        if self._grip is not None:
            self._grip.pongs = partial(driver.ponged, connection)
        self._tasks = (asyncio.create_task(self._read(driver, connection)), asyncio.create_task(self._write()))
        try:
            await self._until_the_end(*self._tasks)
        finally:  # without waiting for anything: whoever cancels us may do so twice
            for task in self._tasks:
                task.cancel()
            for timer in (self._goodbye, self._idle):
                if timer is not None:
                    timer.cancel()
            driver.gone(connection, *self._how_it_ended(), by_client=self._parted is None)

    async def _until_the_end(self, reading: asyncio.Task[None], writing: asyncio.Task[None]) -> None:
        await asyncio.wait({reading, writing}, return_when=asyncio.FIRST_COMPLETED)
        if not reading.done():  # the last frame is written: give the client a moment to answer it
            await asyncio.wait({reading}, timeout=self._patience)

    async def _read(self, driver: Driver, connection: str) -> None:
        """Take messages in until the connection ends."""
        hear: Callable[[Frame], None] = partial(driver.receive, connection)
        if self._idle_timeout:
            bored = partial(self._end, AWAY, IDLE)
            hear = self._idle = Idle(self._idle_timeout, hear, bored, lambda: False)
        while True:
            if self._pauses:
                await self._outbox.calm()
            message = await self._receive()
            if message["type"] == "websocket.disconnect":
                self._disconnected = _parting_of(message)
                return
            self._take(hear, message)

    def _take(self, hear: Callable[[Frame], None], message: Mapping[str, Any]) -> None:
        frame = message.get("text")
        try:
            hear(frame if frame is not None else message["bytes"])
        except Exception:  # a defect of ours must not take the server down, nor leave the client waiting
            log.exception("a message could not be handled")
            self._end(DEFECT, "the mock failed on this message; its log says more")

    def _how_it_ended(self) -> tuple[int, str]:
        """Give the close code and reason: ours, where we began it."""
        return (self._parted.code, self._parted.reason) if self._parted else self._disconnected

    async def _write(self) -> None:
        """Write what is in the outbox, until the last thing is written or nobody is there any more."""
        with contextlib.suppress(OSError):  # ASGI 2.4: what `send` raises where the client is gone; reading tells how
            while await self._written(await self._outbox.next()):
                pass

    async def _written(self, item: Item) -> bool:
        """Write one thing; tell whether more may follow."""
        if isinstance(item, str):
            await self._send({"type": "websocket.send", "text": item})
        elif isinstance(item, bytes):
            await self._send({"type": "websocket.send", "bytes": item})
        elif isinstance(item, Ping):
            self._ask(item.payload)
        elif isinstance(item, Parting):
            await self._send({"type": "websocket.close", "code": item.code, "reason": item.reason})
            return False
        elif isinstance(item, Cut):
            await self._cut(item)
            return False
        elif item["type"] == "refuse":
            await refuse(self._scope, self._send, **item["answer"])
            return False
        else:
            await self._send(dict(item))
        return True

    def _ask(self, payload: bytes) -> None:
        if self._grip is not None:
            self._grip.ping(payload)
        else:
            self._not_done("ping a client")

    async def _cut(self, ending: Cut) -> None:
        """Hang up; where the server cannot, end the connection as it can: the engine has forgotten it already."""
        if self._grip is not None:
            self._grip.hang_up(reset=ending.reset, content=ending.content)
            return
        self._not_done("end a connection without a close frame")
        self._parted = Parting(DEFECT, NO_GRIP)
        await self._send({"type": "websocket.close", "code": DEFECT, "reason": NO_GRIP})


def _parting_of(message: Mapping[str, Any]) -> tuple[int, str]:
    """Read how a client ended a connection.

    Where no close frame came uvicorn says 1005 as well, though that is for one without a code; it then has no reason.
    """
    code = message.get("code") or ABNORMAL
    return (ABNORMAL if code == NO_STATUS and "reason" not in message else code), message.get("reason") or ""
