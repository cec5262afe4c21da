"""Runs a mock on uvicorn: listens within bounds, ends within bounds. Signals and the terminal are not known here."""

import asyncio
import contextlib
import socket
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Protocol

import uvicorn
from starlette.types import ASGIApp

from mockws.errors import CannotStart
from mockws.expect.faults import Power
from mockws.host.descriptors import FOR_ADMIN, LINGERING, Calm, fitting
from mockws.host.direct import Direct
from mockws.host.listeners import BACKLOG, QUEUE, bind_for
from mockws.host.probe import choose
from mockws.host.sessions import Sessions
from mockws.host.tls import Certificate, certificate_of, reason_of
from mockws.host.wire import Bounds, DirectWebSocket, Http, WebSocket
from mockws.settings import Settings

UNIX = getattr(socket, "AF_UNIX", None)  # there is none on Windows
LAST_CALL = 1  # seconds that uvicorn waits after we did
TICK = 0.5
WAY: type[WebSocket] = DirectWebSocket  # how WebSockets are spoken; `WebSocket` is the portable way, by ASGI


class Served(Protocol):
    """What a server needs of a mock."""

    settings: Settings
    sessions: Sessions | None
    admin_port: int | None
    certificate: Certificate | None

    def app(self) -> ASGIApp: ...

    def runs_on(self, power: Power) -> None: ...


def config_of(mock: Served) -> uvicorn.Config:
    """Make uvicorn's configuration, and load it: what is wrong with it is known before the first client comes.

    The mock is told how much of the wire it has; raises StubsRefused where stub files ask for more.
    """
    settings, certificate = mock.settings, mock.certificate
    config = uvicorn.Config(
        mock.app(),
        log_config=None,
        access_log=False,
        lifespan="on",
        proxy_headers=False,
        server_header=False,
        http=Http,
        ws=WAY,
        ws_max_size=settings.max_message,
        ws_ping_interval=settings.ping_interval or None,
        ws_ping_timeout=settings.ping_timeout or None,
        ws_per_message_deflate=settings.compression,
        ssl_certfile=certificate.certfile if certificate else None,
        ssl_keyfile=certificate.keyfile if certificate else None,
        timeout_graceful_shutdown=LAST_CALL,
        backlog=BACKLOG,
    )
    try:
        config.load()
    except (OSError, ValueError) as problem:  # an ssl.SSLError is an OSError
        files = " and ".join(each for each in (settings.ssl_certfile, settings.ssl_keyfile) if each)
        raise CannotStart(f"TLS cannot be set up with {files}: {reason_of(problem)}") from None
    config.ws_protocol_class = choose(config, WAY)
    mock.runs_on(Power.FRAMES if issubclass(config.ws_protocol_class, DirectWebSocket) else Power.SOCKETS)
    return config


def bounds_of(settings: Settings) -> Bounds:
    """Say what whoever connects may take up: as much as the settings allow, and the system has descriptors for."""
    room = fitting(settings.max_connections)
    return Bounds(
        settings.handshake_timeout,
        settings.max_head,
        settings.max_headers,
        max_sockets=room + FOR_ADMIN,
        most_sockets=room + FOR_ADMIN + LINGERING,
    )


class Server(uvicorn.Server):
    """uvicorn, with goodbyes to all clients before it ends."""

    def __init__(self, mock: Served, *, ready: Callable[[], None]) -> None:
        self._held = contextlib.ExitStack()  # until the end
        mock.certificate = self._held.enter_context(certificate_of(mock.settings))
        super().__init__(config_of(mock))
        if mock.certificate is not None and mock.certificate.made:
            Path(mock.certificate.keyfile or "").unlink()  # it was read, and nobody else needs it
        self._mock = mock
        self._ready = ready
        self._ending = asyncio.Event()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take no signals: whoever runs a server in a process of his own decides on them."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen; uvicorn itself knows no bounds for that, so it is given nothing to listen on."""
        await super().startup([])
        self._held.enter_context(Calm(asyncio.get_running_loop()))
        bounds = bounds_of(self._mock.settings)
        bounds.impose()
        for each in sockets or []:
            self.servers.append(await self._listen(each, bounds))
        self._ready()

    async def _listen(self, bound: socket.socket, bounds: Bounds) -> asyncio.Server:
        """Take connections; on a port of its own the admin API is not crowded out."""
        if bound.family != UNIX and bound.getsockname()[1] == self._mock.admin_port:
            bounds = replace(bounds, max_sockets=None, most_sockets=None)
        config = self.config
        make = partial(Http, config, self.server_state, self.lifespan.state, bounds=bounds)
        patience = bounds.head_timeout if config.ssl else None
        server = await asyncio.get_running_loop().create_server(
            make, sock=bound, ssl=config.ssl, ssl_handshake_timeout=patience, backlog=BACKLOG
        )
        bound.listen(QUEUE)
        return server

    def end(self) -> None:
        """Begin to end."""
        self.should_exit = True
        self._ending.set()

    async def main_loop(self) -> None:
        """Keep the Date header true until the end begins; uvicorn itself looks ten times a second."""
        while not await self.on_tick(0):
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._ending.wait(), TICK)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close every connection with 1012, wait a bounded time, then let uvicorn end."""
        if self._mock.sessions is not None:
            for server in self.servers:
                server.close()
            self._mock.sessions.stop()
            await self._until_all_are_gone()
        self.cut()
        await super().shutdown(sockets)
        self._held.close()

    async def _until_all_are_gone(self) -> None:
        sessions = self._mock.sessions
        deadline = time.monotonic() + self._mock.settings.stop_timeout
        while sessions is not None and sessions.connections and time.monotonic() < deadline and not self.force_exit:
            await asyncio.sleep(0.01)

    def cut(self) -> None:
        """Hang up on WebSockets that did not say goodbye in time: one that reads nothing never ends by itself."""
        for connection in list(self.server_state.connections):
            if isinstance(connection, WebSocket | Direct):
                connection.cut_off()


@contextlib.asynccontextmanager
async def running(mock: Served) -> AsyncIterator[int]:
    """Serve in this event loop while the block runs, and give the port; raises CannotStart."""
    ready = asyncio.Event()
    server = Server(mock, ready=ready.set)
    bound = bind_for(mock.settings)
    mock.admin_port = bound.admin_port
    serving = asyncio.create_task(server.serve(sockets=bound.sockets))
    waiting = asyncio.create_task(ready.wait())
    await asyncio.wait({serving, waiting}, return_when=asyncio.FIRST_COMPLETED)
    try:
        yield bound.port
    finally:
        waiting.cancel()
        server.end()
        await serving
        bound.close()
