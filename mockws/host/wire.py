"""The wire: uvicorn's protocols, with the bounds that they lack.

A request's head has a deadline, a size and a number of headers, and a WebSocket can be cut off though its client reads
nothing. What a request means is not known here.
"""

import asyncio
import json
import logging
import sys
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets import http11
from websockets.datastructures import Headers
from websockets.exceptions import InvalidHeader
from websockets.frames import Frame
from websockets.headers import parse_extension
from websockets.http11 import Request, Response
from websockets.typing import StatusLike

from mockws.engine.actions import PROBLEM
from mockws.host import cut
from mockws.host.deflate import PerMessageDeflate
from mockws.host.line import LINE
from mockws.host.sockets import GRIP

FAREWELL = 1.0  # seconds that whoever is told that there is no room has for reading it
MAX_EARLY = 64 << 10  # bytes of a client that does not wait for the answer to its handshake
FAILED = "Failed to open a WebSocket connection: "  # how `websockets` begins what it has against a handshake
log = logging.getLogger("mockws.host")


@dataclass(frozen=True, slots=True)
class Bounds:
    """What whoever connects may take up before anything is known about him."""

    head_timeout: float = 5.0  # seconds, from the connection or the first byte to the last one: absolute, not per byte
    max_head: int = 32 << 10  # bytes; the cookies of `localhost` are shared by all its ports, so 8 KiB is soon full
    max_headers: int = 100
    max_sockets: int | None = None  # beyond them a client is told that there is no room
    most_sockets: int | None = None  # beyond them there is no waiting for what it asks

    def impose(self) -> None:
        """Raise the bounds of `websockets`, to which uvicorn hands a head that it has read: its answer is silence."""
        http11.MAX_LINE_LENGTH = max(http11.MAX_LINE_LENGTH, self.max_head + 64)
        http11.MAX_NUM_HEADERS = max(http11.MAX_NUM_HEADERS, self.max_headers + 8)


def response(status: HTTPStatus, detail: str, more: str = "") -> bytes:
    """Write a whole response that carries a problem document (RFC 9457) and ends the connection.

    `more` is further header lines, each with its line end.
    """
    body = problem(status, detail)
    head = (
        f"HTTP/1.1 {status.value} {status.phrase}\r\ncontent-type: {PROBLEM}\r\n"
        f"content-length: {len(body)}\r\n{more}connection: close\r\n\r\n"
    )
    return head.encode() + body


def problem(status: HTTPStatus, detail: str) -> bytes:
    told = {"type": "about:blank", "title": status.phrase.lower(), "status": status.value, "detail": detail}
    return json.dumps(told).encode()


def _are_extensions(request: Request) -> bool:
    """Look whether the header is what RFC 6455, 9.1 says; `websockets` looks only where there are extensions."""
    try:
        for each in request.headers.get_all("Sec-WebSocket-Extensions"):
            parse_extension(each)
    except InvalidHeader:
        return False
    return True


class Stop(Exception):  # not for callers: it only stops the parser
    """A head is refused."""


class Http(HttpToolsProtocol):
    """HTTP, where nobody holds a socket without asking for something."""

    _head = 0  # bytes of the head so far, as far as they were not parsed along with something else
    _target = b""
    _piece = b""  # that is being parsed
    _complete = False
    _crowded = False  # there is no room for this client
    _deadline: asyncio.TimerHandle | None = None
    _refusal: tuple[HTTPStatus, str] = (HTTPStatus.BAD_REQUEST, "this is no HTTP request")

    def __init__(self, *taken: Any, bounds: Bounds = Bounds(), **named: Any) -> None:  # it is frozen
        super().__init__(*taken, **named)
        self._bounds = bounds

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        there, bounds = len(self.connections), self._bounds
        self._crowded = bounds.max_sockets is not None and there > bounds.max_sockets
        if bounds.most_sockets is not None and there > bounds.most_sockets:
            self._turn_away()
        else:
            self._expect_head(FAREWELL if self._crowded else bounds.head_timeout)

    def connection_lost(self, exc: Exception | None) -> None:
        self._expect_nothing()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._crowded:
            self._turn_away()
            return
        if self.cycle is None or self.cycle.response_complete:
            self._expect_head(self._bounds.head_timeout)
        if not self._complete:
            self._head += len(data)
        self._piece = data
        super().data_received(data)
        self._piece = b""
        if not self._complete and self._head > self._bounds.max_head and not self.transport.is_closing():
            self._refuse_excess()
            self.send_400_response("")

    def _turn_away(self) -> None:
        """Say that there is no room, to whoever asks: once he has asked, he reads the answer before the end."""
        if not self.transport.is_closing():
            detail = "there is no room for more connections"
            self.transport.write(response(HTTPStatus.SERVICE_UNAVAILABLE, detail, "retry-after: 1\r\n"))
            self.transport.close()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._target, self._complete = b"", False

    def on_url(self, url: bytes) -> None:
        super().on_url(url)
        self._target += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header in; a trailer (RFC 9110, 6.5.1) comes by here as well, and is none: it is not looked at."""
        if not self._complete:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._complete, self._head = True, 0
        self._expect_nothing()
        size = len(self._target) + sum(len(name) + len(value) + 4 for name, value in self.headers)
        if size > self._bounds.max_head or len(self.headers) > self._bounds.max_headers:
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
        upgrade = sys.exception()  # it tells where the head ended; uvicorn drops what came along with it
        more = self._piece[upgrade.args[0] :] if upgrade is not None else b""
        super().handle_websocket_upgrade()
        if more:
            protocol: Any = self.transport.get_protocol()
            protocol.data_received(more)
        self.parser = None  # type: ignore[assignment]  # it refers back to us, and has read its last

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002  # uvicorn's signature
        self.transport.write(response(*self._refusal))
        self.transport.close()

    def _refuse_excess(self) -> None:
        bounds = self._bounds
        if len(self._target) > bounds.max_head:
            self._refusal = HTTPStatus.REQUEST_URI_TOO_LONG, f"a request target has at most {bounds.max_head} bytes"
        else:
            detail = f"a head has at most {bounds.max_head} bytes and {bounds.max_headers} headers"
            self._refusal = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, detail

    def _expect_head(self, seconds: float) -> None:
        if self._deadline is None:
            self._deadline = self.loop.call_later(seconds, self.transport.close)

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
        cut.abort(self._protocol.transport, reset=reset)

    def ping(self, payload: bytes) -> None:
        """Ask for a pong, unless the end has begun."""
        protocol = self._protocol
        if protocol.handshake_complete and not (protocol.close_sent or protocol.transport.is_closing()):
            protocol.conn.send_ping(payload)
            protocol.transport.write(b"".join(protocol.conn.data_to_send()))

    def hang_up(self, *, reset: bool, content: bytes = b"") -> None:
        """End the socket without a close frame, after all that was written: by a TCP RST, or by a FIN."""
        self.hung_up = True
        if content:
            self._protocol.transport.write(content)
        self._protocol.forget()
        cut.hang_up(self._protocol.transport, self._protocol.loop, reset=reset)


class WebSocket(WebSocketsSansIOProtocol):
    """A WebSocket that can be cut off, and answers a handshake that cannot be read."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.grip = Grip(self)
        self.conn.reject = self._rejected  # type: ignore[method-assign]  # `websockets` answers in plain text
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
        if event.headers.get_all("Sec-WebSocket-Version") != ["13"]:
            more = "sec-websocket-version: 13\r\nupgrade: websocket\r\n"
            self._turn_away(response(HTTPStatus.UPGRADE_REQUIRED, "version 13 of the protocol is spoken here", more))
        elif not _are_extensions(event):
            self._turn_away(response(HTTPStatus.BAD_REQUEST, "Sec-WebSocket-Extensions is no list of extensions"))
        else:
            super().handle_connect(event)

    def _turn_away(self, answer: bytes) -> None:
        self.handshake_initiated = True
        self.transport.write(answer)
        self.transport.close()

    def _rejected(self, status: StatusLike, text: str) -> Response:
        """Refuse a handshake that is none, in the form that all refusals have."""
        refused = HTTPStatus(status)
        body = problem(refused, text.strip().removeprefix(FAILED))
        headers = {"Content-Type": PROBLEM, "Content-Length": str(len(body)), "Connection": "close"}
        return Response(refused.value, refused.phrase, Headers(headers), body)

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

    def cut_off(self) -> None:
        """Hang up on a client that was not said goodbye to in time: one that reads nothing never ends by itself."""
        if self.grip.hung_up or not self.close_sent:
            self.transport.abort()


class DirectWebSocket(WebSocket):
    """A WebSocket that ASGI only lets in: then the socket is handed over to whoever will be the driver's peer."""

    heir: Any = None  # a `Direct`, from when the handshake has come before the engine

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.early = bytearray()
        super().connection_made(transport)

    def data_received(self, data: bytes) -> None:
        """Read the handshake; what comes along with it waits for its answer."""
        if not self.handshake_initiated:
            super().data_received(data)
        elif not self.grip.hung_up:
            self.early += data
            if len(self.early) > MAX_EARLY:
                self.transport.pause_reading()

    def admit(self, subprotocol: str | None, headers: tuple[tuple[str, str], ...]) -> PerMessageDeflate | None:
        """Answer the handshake with 101; give what is agreed on about compression."""
        answer = self.response.headers
        del answer["Date"]
        for name, value in self.default_headers:
            answer[name.decode("latin-1")] = value.decode("latin-1")
        for each, text in headers:
            answer[each.lower()] = text
        if subprotocol:
            answer["Sec-WebSocket-Protocol"] = subprotocol
        self.handshake_complete = True
        self.conn.send_response(self.response)
        self.transport.write(b"".join(self.conn.data_to_send()))
        return PerMessageDeflate(self.conn.extensions[0]) if self.conn.extensions else None

    def hang_up(self, *, reset: bool) -> None:
        self.grip.hang_up(reset=reset)

    def let_go(self) -> None:
        """Forget what refers back to us: with it goes all of a handshake that is over, and no collector has to look."""
        extensions: dict[str, Any] = self.scope["extensions"]
        extensions.pop(LINE, None)
        self.conn.parser.close()
        del self.conn.reject, self.grip

    async def run_asgi(self) -> None:
        """Ask the app; it is done once the handshake is answered."""
        extensions: dict[str, Any] = self.scope["extensions"]
        extensions[LINE] = self
        try:
            await self.app(self.scope, self.receive, self.send)
        except ClientDisconnected:
            pass
        except Exception:
            log.exception("a handshake could not be handled")
            self.send_500_response()
        finally:
            if self.heir is None or not self.handshake_complete or self.close_sent:
                self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        if self.heir is not None:
            self.heir.connection_lost(exc)

    def pause_writing(self) -> None:
        super().pause_writing()
        if self.heir is not None:
            self.heir.pause_writing()

    def resume_writing(self) -> None:
        super().resume_writing()
        if self.heir is not None:
            self.heir.resume_writing()
