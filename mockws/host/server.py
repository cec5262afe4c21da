"""Runs a mock on uvicorn: sockets bound first, an end within bounds. Signals and the terminal are not known here."""

import asyncio
import contextlib
import errno
import socket
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import uvicorn
from starlette.types import ASGIApp

from mockws.errors import CannotStart
from mockws.expect.faults import Power
from mockws.host.direct import Direct
from mockws.host.probe import choose
from mockws.host.sessions import Sessions
from mockws.host.wire import DirectWebSocket, Http, WebSocket
from mockws.settings import Settings

BACKLOG = 128
SPARE = 64  # descriptors that are not for clients: the log, documents, watching, the admin API
LAST_CALL = 1  # seconds that uvicorn waits after we did
TICK = 0.5
WAY: type[WebSocket] = DirectWebSocket  # how WebSockets are spoken; `WebSocket` is the portable way, by ASGI
LOOPBACK = ("127.0.0.1", "localhost")


class Served(Protocol):
    """What a server needs of a mock."""

    settings: Settings
    sessions: Sessions | None
    admin_port: int | None

    def app(self) -> ASGIApp: ...

    def runs_on(self, power: Power) -> None: ...


def config_of(mock: Served) -> uvicorn.Config:
    """Make uvicorn's configuration, and load it: what is wrong with it is known before the first client comes.

    The mock is told how much of the wire it has; raises StubsRefused where stub files ask for more.
    """
    settings = mock.settings
    check_certificate(settings)
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
        ssl_certfile=settings.ssl_certfile,
        ssl_keyfile=settings.ssl_keyfile,
        timeout_graceful_shutdown=LAST_CALL,
        backlog=BACKLOG,
    )
    try:
        config.load()
    except (OSError, ValueError) as problem:  # an ssl.SSLError is an OSError
        files = " and ".join(each for each in (settings.ssl_certfile, settings.ssl_keyfile) if each)
        raise CannotStart(f"TLS cannot be set up with {files}: {problem}") from None
    config.ws_protocol_class = choose(config, WAY)
    mock.runs_on(Power.FRAMES if issubclass(config.ws_protocol_class, DirectWebSocket) else Power.SOCKETS)
    return config


def check_certificate(settings: Settings) -> None:
    """Look for the certificate and its key; raises CannotStart, which names the file that is not there."""
    if settings.ssl_keyfile and not settings.ssl_certfile:
        raise CannotStart("a key was given without its certificate: --ssl-certfile FILE is needed too")
    for kind, name in (("certificate", settings.ssl_certfile), ("key", settings.ssl_keyfile)):
        if name and not Path(name).is_file():
            raise CannotStart(f"there is no {kind} file {name}")


def bind(host: str, port: int) -> list[socket.socket]:
    """Bind the addresses to listen on; raises CannotStart.

    On the default host ::1 is bound as well: for many clients `localhost` is ::1 first.
    """
    first = _bound(host, port)
    sockets = [first]
    if host in LOOPBACK:
        other = "127.0.0.1" if first.family == socket.AF_INET6 else "::1"
        with contextlib.suppress(CannotStart):
            sockets.append(_bound(other, first.getsockname()[1]))
    return sockets


@dataclass(frozen=True)
class Bound:
    """What a server listens on."""

    sockets: list[socket.socket]
    port: int
    admin_port: int | None = None  # where the admin API has one of its own


def bind_for(settings: Settings) -> Bound:
    """Bind all that the settings want to listen on; raises CannotStart."""
    sockets = bind(settings.host, settings.port)
    port = sockets[0].getsockname()[1]
    if settings.admin_port is None or not settings.admin:
        return Bound(sockets, port)
    try:
        more = bind(settings.admin_host or settings.host, settings.admin_port)
    except CannotStart:
        for each in sockets:
            each.close()
        raise
    return Bound([*sockets, *more], port, more[0].getsockname()[1])


def _bound(host: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)[0]
        bound = socket.socket(family, kind, protocol)
    except (OSError, UnicodeError) as problem:
        raise CannotStart(f"cannot listen on {host}: {getattr(problem, 'strerror', None) or problem}") from None
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if family == socket.AF_INET6:
        bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    try:
        bound.bind(address)
        bound.listen(BACKLOG)
    except OSError as problem:
        bound.close()
        raise CannotStart(_why(problem, host, port)) from None
    bound.setblocking(False)
    return bound


def _why(problem: OSError, host: str, port: int) -> str:
    if problem.errno == errno.EADDRINUSE:
        return f"port {port} on {host} is in use; choose another with --port, or 0 for any"
    return f"cannot listen on {host} port {port}: {(problem.strerror or str(problem)).lower()}"


def room_for(connections: int) -> int:
    """Raise the limit of open descriptors as far as it goes; give the number of connections that fit below it."""
    try:
        import resource
    except ImportError:  # there is none on Windows
        return connections
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        with contextlib.suppress(OSError, ValueError):  # macOS names a hard limit that it does not grant
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
            soft = hard
    return connections if soft == resource.RLIM_INFINITY else max(1, min(connections, soft - SPARE))


class Server(uvicorn.Server):
    """uvicorn, with goodbyes to all clients before it ends."""

    def __init__(self, mock: Served, *, ready: Callable[[], None]) -> None:
        super().__init__(config_of(mock))
        self._mock = mock
        self._ready = ready
        self._ending = asyncio.Event()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take no signals: whoever runs a server in a process of his own decides on them."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()

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
