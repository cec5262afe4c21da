"""Runs a mock on uvicorn: sockets bound first, a banner, signals, and an end within bounds."""

import asyncio
import contextlib
import errno
import signal
import socket
import sys
import time
from collections.abc import Iterator
from types import FrameType
from typing import Any

import uvicorn

from mockws.app import Mock
from mockws.cli.banner import print_banner
from mockws.cli.exits import Exit
from mockws.cli.log import start_log
from mockws.errors import CannotStart
from mockws.settings import Settings

BACKLOG = 128


def serve(document: str, settings: Settings) -> int:
    """Serve until a signal comes; raises DocumentRefused, UnknownName, CannotStart."""
    began = time.perf_counter()
    log = start_log(settings.log_format)
    mock = Mock.of(document, settings, log.observers)
    sockets = bind(settings.host, settings.port)
    server = Server(_config(mock, settings), mock)
    with log:
        print_banner(mock, sockets[0].getsockname()[1], time.perf_counter() - began)
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            runner.run(server.serve(sockets=sockets))
    return Exit.FINE


def _loop_factory() -> Any:
    try:
        import uvloop
    except ImportError:  # there is none for Windows
        return None
    return uvloop.new_event_loop


def _config(mock: Mock, settings: Settings) -> uvicorn.Config:
    try:
        return uvicorn.Config(
            mock.app(),
            log_config=None,
            access_log=False,
            lifespan="on",
            proxy_headers=False,
            server_header=False,
            ws="websockets-sansio",
            ws_max_size=settings.max_message,
            ws_ping_interval=settings.ping_interval or None,
            ws_ping_timeout=settings.ping_timeout or None,
            ws_per_message_deflate=settings.compression,
            ssl_certfile=settings.ssl_certfile,
            ssl_keyfile=settings.ssl_keyfile,
            timeout_graceful_shutdown=max(1, round(settings.stop_timeout)),
            backlog=BACKLOG,
        )
    except (OSError, ValueError) as problem:
        raise CannotStart(f"TLS cannot be set up with {settings.ssl_certfile}: {problem}") from None


def bind(host: str, port: int) -> list[socket.socket]:
    """Bind the addresses to listen on; raises CannotStart.

    On the default host ::1 is bound as well: for many clients `localhost` is ::1 first.
    """
    first = _bound(host, port)
    sockets = [first]
    if host in ("127.0.0.1", "localhost"):
        with contextlib.suppress(CannotStart):
            sockets.append(_bound("::1", first.getsockname()[1]))
    return sockets


def _bound(host: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        bound = socket.socket(family, kind, protocol)
    except OSError as problem:
        raise CannotStart(f"cannot listen on {host}: {problem.strerror or problem}") from None
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


class Server(uvicorn.Server):
    """uvicorn, with goodbyes to all clients and an exit code of 0 after a signal."""

    def __init__(self, config: uvicorn.Config, mock: Mock) -> None:
        super().__init__(config)
        self._mock = mock

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take SIGINT and SIGTERM; uvicorn's own way raises them again at the end, which is no clean exit."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            with contextlib.suppress(NotImplementedError):  # Windows
                loop.add_signal_handler(number, self.handle_exit, number, None)
        yield

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002  # uvicorn's signature
        if self.should_exit:
            sys.stderr.flush()
            self.force_exit = True
        self.should_exit = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close every connection with 1012, wait a bounded time, then let uvicorn end."""
        if self._mock.driver is not None:
            for server in self.servers:
                server.close()
            self._mock.driver.stop()
            await self._until_all_are_gone()
        await super().shutdown(sockets)

    async def _until_all_are_gone(self) -> None:
        driver = self._mock.driver
        deadline = time.monotonic() + self._mock.settings.stop_timeout
        while driver is not None and driver.connections and time.monotonic() < deadline and not self.force_exit:
            await asyncio.sleep(0.01)
