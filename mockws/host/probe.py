"""Whether uvicorn is as the fast way needs it: a handshake is tried on it, in memory, before the first client comes.

Its protocols are no public interface. Where another one is built differently the portable way is taken, with a warning.
"""

import asyncio
import warnings
from typing import Any

from uvicorn import Config
from uvicorn.server import ServerState

from mockws.host.wire import DirectWebSocket, WebSocket

HANDSHAKE = (
    b"GET /probe HTTP/1.1\r\nHost: probe\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
ACCEPTED = b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo="  # RFC 6455, 1.3


class _Nowhere(asyncio.Transport):
    """A socket that leads nowhere, and keeps what is written."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""

    def write(self, data: Any) -> None:
        self.written += bytes(data)

    def is_closing(self) -> bool:
        return False


class _Still:
    """An event loop in which nothing happens."""

    def create_task(self, coroutine: Any) -> "_Still":
        coroutine.close()
        return self

    def add_done_callback(self, callback: Any) -> None:
        """Nothing is ever done."""


def choose(config: Config, wanted: type[WebSocket]) -> type[WebSocket]:
    """Give the protocol that WebSockets are spoken by: the one that is wanted, if it works."""
    if not issubclass(wanted, DirectWebSocket):
        return wanted
    try:
        _try_out(config, wanted)
    except Exception as problem:  # noqa: BLE001  # another uvicorn may fail anywhere
        reason = f"{type(problem).__name__}: {problem}"
        warnings.warn(
            f"this uvicorn is not as we know it ({reason}): WebSockets go by ASGI, which is slower",
            RuntimeWarning,
            stacklevel=2,
        )
        return WebSocket
    return wanted


def _try_out(config: Config, wanted: type[DirectWebSocket]) -> None:
    """Let a handshake in, and look at what was written; raises whatever goes wrong."""
    transport = _Nowhere()
    protocol = wanted(config, ServerState(), {}, _Still())  # type: ignore[arg-type]
    protocol.connection_made(transport)
    protocol.data_received(HANDSHAKE)
    protocol.admit(None, (("x-probe", "1"),))
    protocol.data_received(b"early")
    if ACCEPTED not in transport.written or b"x-probe: 1" not in transport.written or protocol.early != b"early":
        raise RuntimeError("the handshake is answered by something else")
