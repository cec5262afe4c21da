"""The line to a client: what the protocol that has read its handshake offers to whoever takes the socket over."""

import asyncio
from typing import Any, Protocol

from starlette.types import Send

from mockws.host.driver import Headers
from mockws.host.framing import Deflate

LINE = "mockws.line"  # the scope's extension with the protocol that has read the handshake


class Line(Protocol):
    """The protocol that has read a handshake: it answers it, and hands the socket over."""

    transport: asyncio.Transport
    connections: set[Any]  # of the server: all that it has to end
    early: bytearray  # what the client has said already
    heir: Any
    disconnected: bool
    scope: Any
    send: Send

    def admit(self, subprotocol: str | None, headers: Headers) -> Deflate | None: ...

    def let_go(self) -> None: ...

    def hang_up(self, *, reset: bool) -> None: ...
