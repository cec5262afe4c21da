"""WebSocket <-> events, the portable way: plain ASGI, for uvicorn, other servers and Starlette's TestClient.

One task reads, one writes. The engine never waits for either.
"""

import asyncio
import json
import logging
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from starlette.types import Receive, Scope, Send

from mockws.codec import Frame
from mockws.contract import Route
from mockws.engine.events import Opening
from mockws.host.driver import Driver
from mockws.host.outbox import Outbox, Parting
from mockws.settings import Settings

ABNORMAL = 1006  # RFC 6455, 7.1.5: what there is where no close frame came
FULL = 1013
log = logging.getLogger("mockws.host")


def opening_of(scope: Scope) -> Opening:
    """Read what a handshake's request says; bytes that are no UTF-8 become U+FFFD, as nothing is decided by them."""
    headers = tuple((name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in scope["headers"])
    query = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True, max_num_fields=1000)
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


class Socket:
    """One WebSocket, as the driver's peer."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, settings: Settings) -> None:
        self._scope = scope
        self._receive = receive
        self._send = send
        self._outbox = Outbox(settings.max_outbox)
        self._patience = settings.stop_timeout
        self._parted: Parting | None = None
        self._disconnected = (ABNORMAL, "")

    def accept(self, subprotocol: str | None) -> None:
        self._outbox.tell({"type": "websocket.accept", "subprotocol": subprotocol, "headers": []})

    def refuse(self, status: int, problem: Mapping[str, Any], headers: tuple[tuple[str, str], ...]) -> None:
        self._outbox.tell({"type": "refuse", "status": status, "problem": problem, "headers": headers})

    def send(self, frame: Frame) -> None:
        if not self._outbox.offer(frame):
            self.close(FULL, "the client reads too slowly", at_once=True)

    def close(self, code: int, reason: str, *, at_once: bool = False) -> None:
        if self._parted is None:
            self._parted = Parting(code, reason)
            self._outbox.part(code, reason, at_once=at_once)

    async def run(self, driver: Driver, route: Route, parameters: Mapping[str, str]) -> None:
        """Live through one connection, from its handshake to its end."""
        await self._receive()  # websocket.connect
        connection = driver.connect(self, route, parameters, opening_of(self._scope))
        reading = asyncio.create_task(self._read(driver, connection))
        writing = asyncio.create_task(self._write())
        try:
            await asyncio.wait({reading, writing}, return_when=asyncio.FIRST_COMPLETED)
            if not reading.done():  # the last frame is written: give the client a moment to answer it
                await asyncio.wait({reading}, timeout=self._patience)
        finally:
            for task in (reading, writing):
                task.cancel()
            await asyncio.gather(reading, writing, return_exceptions=True)
            driver.gone(connection, *self._how_it_ended(), by_client=self._parted is None)

    async def _read(self, driver: Driver, connection: str) -> None:
        """Take messages in until the connection ends."""
        while True:
            message = await self._receive()
            if message["type"] == "websocket.disconnect":
                self._disconnected = (message.get("code") or ABNORMAL, message.get("reason") or "")
                return
            self._take(driver, connection, message)

    def _take(self, driver: Driver, connection: str, message: Mapping[str, Any]) -> None:
        frame = message.get("text")
        try:
            driver.receive(connection, frame if frame is not None else message["bytes"])
        except Exception:  # a defect of ours must not take the server down, nor leave the client waiting
            log.exception("message could not be handled")
            self.close(1011, "the mock failed on this message; its log says more")

    def _how_it_ended(self) -> tuple[int, str]:
        """Give the close code and reason: ours, where we began it."""
        return (self._parted.code, self._parted.reason) if self._parted else self._disconnected

    async def _write(self) -> None:
        """Write what is in the outbox, until the last thing is written."""
        while True:
            item = await self._outbox.next()
            if isinstance(item, str):
                await self._send({"type": "websocket.send", "text": item})
            elif isinstance(item, bytes):
                await self._send({"type": "websocket.send", "bytes": item})
            elif isinstance(item, Parting):
                await self._send({"type": "websocket.close", "code": item.code, "reason": item.reason})
                return
            elif item["type"] == "refuse":
                await refuse(self._scope, self._send, item["status"], item["problem"], item["headers"])
                return
            else:
                await self._send(dict(item))
