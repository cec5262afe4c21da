"""The wire: uvicorn's protocols, with the bounds that they lack.

A request's head has a deadline, a size and a number of headers, and a WebSocket can be cut off though its client reads
nothing. What a request means is not known here.
"""

import asyncio
import json
import socket
import struct
import sys
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets import http11
from websockets.frames import Frame
from websockets.http11 import Request

from mockws.host.sockets import GRIP

HEAD_DEADLINE = 5.0  # seconds, from the connection or the first byte to the last one: absolute, not per byte
MAX_HEAD = 32 << 10  # bytes; the cookies of `localhost` are shared by all its ports, so 8 KiB is soon full
MAX_HEADERS = 100
FLUSH, TURN = 1.0, 0.005  # seconds that a client has to take what was said before a reset; between two looks
LINGER = "hh" if sys.platform == "win32" else "ii"  # struct linger

# uvicorn hands a head that it has read to `websockets`, whose own bound a line is lower, and whose answer is silence.
http11.MAX_LINE_LENGTH = max(http11.MAX_LINE_LENGTH, MAX_HEAD + 64)


def response(status: HTTPStatus, detail: str, more: str = "") -> bytes:
    """Write a whole response that carries a problem document (RFC 9457) and ends the connection.

    `more` is further header lines, each with its line end.
    """
    problem = {"type": "about:blank", "title": status.phrase.lower(), "status": status.value, "detail": detail}
    body = json.dumps(problem).encode()
    head = (
        f"HTTP/1.1 {status.value} {status.phrase}\r\ncontent-type: application/problem+json\r\n"
        f"content-length: {len(body)}\r\n{more}connection: close\r\n\r\n"
    )
    return head.encode() + body


class Stop(Exception):  # not for callers: it only stops the parser
    """A head is refused."""


class Http(HttpToolsProtocol):
    """HTTP, where nobody holds a socket without asking for something."""

    _head = 0  # bytes of the head so far, as far as they were not parsed along with something else
    _target = b""
    _complete = False
    _deadline: asyncio.TimerHandle | None = None
    _refusal: tuple[HTTPStatus, str] = (HTTPStatus.BAD_REQUEST, "this is no HTTP request")

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._expect_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._expect_nothing()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self.cycle is None or self.cycle.response_complete:
            self._expect_head()
        if not self._complete:
            self._head += len(data)
        super().data_received(data)
        if not self._complete and self._head > MAX_HEAD and not self.transport.is_closing():
            self._refuse_excess()
            self.send_400_response("")

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._target, self._complete = b"", False

    def on_url(self, url: bytes) -> None:
        super().on_url(url)
        self._target += url

    def on_headers_complete(self) -> None:
        self._complete, self._head = True, 0
        self._expect_nothing()
        size = len(self._target) + sum(len(name) + len(value) + 4 for name, value in self.headers)
        if size > MAX_HEAD or len(self.headers) > MAX_HEADERS:
            self._refuse_excess()
            raise Stop
        if sum(name == b"host" for name, _ in self.headers) > 1:  # RFC 9112, 3.2
            self._refusal = HTTPStatus.BAD_REQUEST, "a request has one Host header"
            raise Stop
        super().on_headers_complete()

    def handle_websocket_upgrade(self) -> None:
        self._expect_nothing()
        if self.parser.get_http_version() != "1.1":  # RFC 6455, 4.1
            self._refusal = HTTPStatus.BAD_REQUEST, "a WebSocket needs HTTP/1.1"
            self.send_400_response("")
            return
        super().handle_websocket_upgrade()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002  # uvicorn's signature
        self.transport.write(response(*self._refusal))
        self.transport.close()

    def _refuse_excess(self) -> None:
        if len(self._target) > MAX_HEAD:
            self._refusal = HTTPStatus.REQUEST_URI_TOO_LONG, f"a request target has at most {MAX_HEAD} bytes"
        else:
            detail = f"a head has at most {MAX_HEAD} bytes and {MAX_HEADERS} headers"
            self._refusal = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, detail

    def _expect_head(self) -> None:
        if self._deadline is None:
            self._deadline = self.loop.call_later(HEAD_DEADLINE, self.transport.close)

    def _expect_nothing(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None


class Grip:
    """What can be done with a WebSocket that ASGI has no words for."""

    def __init__(self, protocol: "WebSocket") -> None:
        self._protocol = protocol
        self.pongs: Callable[[bytes], None] = lambda _: None
        self.hung_up = False

    def abort(self, *, reset: bool) -> None:
        """Drop the socket, and all that was not written yet; the client gets a TCP RST, where that is wanted."""
        transport = self._protocol.transport
        raw: socket.socket = transport.get_extra_info("socket")
        if reset and raw.fileno() >= 0:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack(LINGER, 1, 0))
        transport.abort()

    def ping(self, payload: bytes) -> None:
        """Ask for a pong, unless the end has begun."""
        protocol = self._protocol
        if protocol.handshake_complete and not (protocol.close_sent or protocol.transport.is_closing()):
            protocol.conn.send_ping(payload)
            protocol.transport.write(b"".join(protocol.conn.data_to_send()))

    def hang_up(self, *, reset: bool) -> None:
        """End the socket without a close frame, after all that was written: by a TCP RST, or by a FIN."""
        self.hung_up, transport = True, self._protocol.transport
        self._protocol.forget()
        if reset:
            self._reset(transport.get_extra_info("socket"), self._protocol.loop.time() + FLUSH)
        elif transport.can_write_eof():
            # Closing with something unread would be a reset: the client is read, and not heard, until it ends.
            transport.resume_reading()
            transport.write_eof()
        else:
            transport.close()

    def _reset(self, raw: socket.socket, deadline: float) -> None:
        """Drop the socket when the client has got all: what still waits would be dropped with it."""
        loop, transport = self._protocol.loop, self._protocol.transport
        waits = not transport.is_closing() and (transport.get_write_buffer_size() or unsent(raw))
        if waits and loop.time() < deadline:
            loop.call_later(TURN, self._reset, raw, deadline)
        else:
            self.abort(reset=True)


def unsent(raw: socket.socket) -> int:
    """Count the bytes that the other side has not got; 0 where the system does not say."""
    try:
        import fcntl  # there is none on Windows
        import termios

        return int.from_bytes(fcntl.ioctl(raw.fileno(), termios.TIOCOUTQ, bytes(4)), sys.byteorder)
    except (ImportError, OSError):
        return 0


class WebSocket(WebSocketsSansIOProtocol):
    """A WebSocket that can be cut off, and answers a handshake that cannot be read."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.grip = Grip(self)
        super().connection_made(transport)

    def data_received(self, data: bytes) -> None:
        if self.grip.hung_up:
            return
        super().data_received(data)
        if self.conn.handshake_exc is not None and not self.handshake_initiated:
            # `websockets` has given up on the head (a body announced, for one), and uvicorn never hears of it.
            self.transport.write(response(HTTPStatus.BAD_REQUEST, "this handshake cannot be read"))
            self.transport.close()

    def handle_connect(self, event: Request) -> None:
        """Answer another version of the protocol as RFC 6455, 4.4 has it: with ours."""
        if event.headers.get_all("Sec-WebSocket-Version") == ["13"]:
            super().handle_connect(event)
            return
        more = "sec-websocket-version: 13\r\nupgrade: websocket\r\n"
        self.handshake_initiated = True
        self.transport.write(response(HTTPStatus.UPGRADE_REQUIRED, "version 13 of the protocol is spoken here", more))
        self.transport.close()

    def forget(self) -> None:
        """Write nothing more: neither a keepalive's ping, nor uvicorn's goodbye."""
        self.stop_keepalive()
        self.handshake_complete = self.close_sent = True

    def handle_pong(self, event: Frame) -> None:
        self.grip.pongs(bytes(event.data))
        super().handle_pong(event)

    async def run_asgi(self) -> None:
        extensions: dict[str, Any] = self.scope["extensions"]
        extensions[GRIP] = self.grip
        await super().run_asgi()
