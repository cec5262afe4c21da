"""WebSocket <-> events, the portable way: plain ASGI, for uvicorn, other servers and Starlette's TestClient.

One task reads, one writes. The engine never waits for either.
"""

import asyncio
import contextlib
import json
import logging
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl

from starlette.types import Receive, Scope, Send

from mockws.codec import Frame
from mockws.contract import Route
from mockws.engine.events import Opening
from mockws.host.driver import Driver
from mockws.host.outbox import Item, Outbox, Parting
from mockws.settings import Settings

NO_STATUS, ABNORMAL = 1005, 1006  # RFC 6455, 7.1.5: a close frame without a code, and no close frame at all
FULL, DEFECT = 1013, 1011
MAX_ARGUMENTS = 1000  # of a query
ABORT = "mockws.abort"  # the scope's extension with which our own server can hang up
log = logging.getLogger("mockws.host")


def opening_of(scope: Scope) -> Opening:
    """Read what a handshake's request says; bytes that are no UTF-8 become U+FFFD, as nothing is decided by them.

    Raises ValueError where the query has too many arguments.
    """
    headers = tuple((name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in scope["headers"])
    query = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True, max_num_fields=MAX_ARGUMENTS)
    return Opening(raw_path_of(scope), tuple(query), headers, tuple(scope.get("subprotocols") or ()))


def raw_path_of(scope: Scope) -> str:
    """Give the path as it was sent, still percent-encoded, without the query."""
    raw = scope.get("raw_path")
    return raw.partition(b"?")[0].decode("latin-1") if raw else str(scope["path"])


def problem_response(
    status: int, problem: Mapping[str, Any], headers: tuple[tuple[str, str], ...] = ()
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Write a problem document (RFC 9457) as the two events of an ASGI response, without their type."""
    body = json.dumps(problem, ensure_ascii=False).encode("utf-8")
    own = [(b"content-type", b"application/problem+json"), (b"content-length", str(len(body)).encode())]
    more = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
    return {"status": status, "headers": [*own, *more]}, {"body": body}


async def refuse(
    scope: Scope, send: Send, status: int, problem: Mapping[str, Any], headers: tuple[tuple[str, str], ...] = ()
) -> None:
    """Answer a handshake with an HTTP status; where the server cannot, the connection is closed (an empty 403)."""
    if "websocket.http.response" not in scope.get("extensions", {}):
        await send({"type": "websocket.close", "code": 1008})
        return
    start, body = problem_response(status, problem, headers)
    await send({"type": "websocket.http.response.start", **start})
    await send({"type": "websocket.http.response.body", **body})


def cut_of(scope: Scope) -> Callable[[], None]:
    """Give what hangs up at once; nothing where the server cannot, which then has to end a stuck socket by itself."""
    extension: Mapping[str, Callable[[], None]] = scope.get("extensions", {}).get(ABORT, {})
    return extension.get("abort", lambda: None)


class Socket:
    """One WebSocket, as the driver's peer."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, settings: Settings) -> None:
        self._scope = scope
        self._receive = receive
        self._send = send
        self._outbox = Outbox(settings.max_outbox)
        self._patience = settings.stop_timeout
        self._loop = asyncio.get_running_loop()
        self._parted: Parting | None = None
        self._goodbye: asyncio.TimerHandle | None = None  # how long a client has to answer a close frame
        self._forget: Callable[[int, str], None] = lambda _code, _reason: None
        self._tasks: tuple[asyncio.Task[None], ...] = ()
        self._disconnected = (ABNORMAL, "")

    def accept(self, subprotocol: str | None) -> None:
        self._outbox.tell({"type": "websocket.accept", "subprotocol": subprotocol, "headers": []})

    def refuse(self, status: int, problem: Mapping[str, Any], headers: tuple[tuple[str, str], ...]) -> None:
        self._outbox.tell({"type": "refuse", "status": status, "problem": problem, "headers": headers})

    def send(self, frame: Frame) -> None:
        if not self._outbox.offer(frame):
            self._end(FULL, "the client reads too slowly")

    def close(self, code: int, reason: str) -> None:
        self._part(code, reason, at_once=False)

    def _end(self, code: int, reason: str) -> None:
        """Close for a reason of the host's own; the engine, which may be at work just now, hears of it next."""
        self._part(code, reason, at_once=True)
        self._loop.call_soon(self._forget, code, reason)

    def _part(self, code: int, reason: str, *, at_once: bool) -> None:
        if self._parted is None:
            self._parted = Parting(code, reason)
            self._outbox.part(code, reason, at_once=at_once)
            self._goodbye = self._loop.call_later(self._patience, self._hang_up)

    def _hang_up(self) -> None:
        """Give up on a client that takes nothing more: its socket would stay for as long as it likes."""
        cut_of(self._scope)()
        for task in self._tasks:
            task.cancel()

    async def run(self, driver: Driver, route: Route, parameters: Mapping[str, str], opening: Opening) -> None:
        """Live through one connection, from its handshake to its end."""
        await self._receive()  # websocket.connect
        connection = driver.connect(self, route, parameters, opening)
        self._forget = lambda code, reason: driver.gone(connection, code, reason, by_client=False)
        self._tasks = (asyncio.create_task(self._read(driver, connection)), asyncio.create_task(self._write()))
        try:
            await self._until_the_end(*self._tasks)
        finally:  # without waiting for anything: whoever cancels us may do so twice
            for task in self._tasks:
                task.cancel()
            if self._goodbye is not None:
                self._goodbye.cancel()
            driver.gone(connection, *self._how_it_ended(), by_client=self._parted is None)

    async def _until_the_end(self, reading: asyncio.Task[None], writing: asyncio.Task[None]) -> None:
        await asyncio.wait({reading, writing}, return_when=asyncio.FIRST_COMPLETED)
        if not reading.done():  # the last frame is written: give the client a moment to answer it
            await asyncio.wait({reading}, timeout=self._patience)

    async def _read(self, driver: Driver, connection: str) -> None:
        """Take messages in until the connection ends."""
        while True:
            message = await self._receive()
            if message["type"] == "websocket.disconnect":
                self._disconnected = _parting_of(message)
                return
            self._take(driver, connection, message)

    def _take(self, driver: Driver, connection: str, message: Mapping[str, Any]) -> None:
        frame = message.get("text")
        try:
            driver.receive(connection, frame if frame is not None else message["bytes"])
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
        elif isinstance(item, Parting):
            await self._send({"type": "websocket.close", "code": item.code, "reason": item.reason})
            return False
        elif item["type"] == "refuse":
            await refuse(self._scope, self._send, item["status"], item["problem"], item["headers"])
            return False
        else:
            await self._send(dict(item))
        return True


def _parting_of(message: Mapping[str, Any]) -> tuple[int, str]:
    """Read how a client ended a connection.

    Where no close frame came uvicorn says 1005 as well, though that is for one without a code; it then has no reason.
    """
    code = message.get("code") or ABNORMAL
    return (ABNORMAL if code == NO_STATUS and "reason" not in message else code), message.get("reason") or ""
