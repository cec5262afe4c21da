"""Runs a mock in the foreground: a banner, signals, and an exit code."""

import asyncio
import contextlib
import gc
import logging
import signal
import time
from collections.abc import Iterator
from dataclasses import replace
from types import FrameType
from typing import Any

from mockws.app import Mock
from mockws.cli.banner import banner, ready_view
from mockws.cli.exits import Exit
from mockws.cli.log import JsonLines, Log, has_colours
from mockws.errors import CannotStart
from mockws.host.descriptors import room_for
from mockws.host.listeners import bind_for
from mockws.host.server import Server
from mockws.redaction import Redaction
from mockws.settings import Settings

FEWEST = 32  # descriptors that a mock needs for itself and a few clients
FEW = 256  # connections; that there is room for less is told at the start
said = logging.getLogger("mockws.host")


def serve(document: str, settings: Settings) -> int:
    """Serve until a signal comes; raises DocumentRefused, StubsRefused, UnknownName, CannotStart."""
    began = time.perf_counter()
    _check_descriptors()
    wanted = settings.max_connections
    settings = replace(settings, max_connections=room_for(wanted))
    log = Log(settings.log_format, Redaction.of(settings.redact))
    mock = Mock.of(document, settings, log.observers)
    bound = bind_for(settings)
    mock.admin_port = bound.admin_port

    def ready() -> None:
        log.say(_ready_line(mock, bound.port, time.perf_counter() - began))
        if settings.max_connections < min(wanted, FEW):
            said.warning("there is room for %d connections only: see ulimit -n", settings.max_connections)

    try:
        server = Foreground(mock, ready=ready)
    except CannotStart:  # TLS
        bound.close()
        raise
    gc.freeze()  # the document stays for good: no collection needs to look at it again
    gc.set_threshold(10_000, 20, 20)  # a thousand connections that come at once are no garbage
    with log, asyncio.Runner(loop_factory=_loop_factory()) as runner:
        try:
            runner.run(server.serve(sockets=bound.sockets))
        finally:
            bound.close()
    return Exit.FINE


def _check_descriptors() -> None:
    """Look whether there is room for a loop, its listeners and a client at all; raises CannotStart."""
    try:
        import resource
    except ImportError:  # there is none on Windows
        return
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most != resource.RLIM_INFINITY and most < FEWEST:
        raise CannotStart(f"only {most} files may be open at a time, and {FEWEST} are needed: raise ulimit -n")


def _ready_line(mock: Mock, port: int, seconds: float) -> str:
    if mock.settings.log_format == "json":
        return JsonLines().line("info", time.time(), ready_view(mock, port))
    return "\n".join(banner(mock, port, seconds, colours=has_colours()))


def _loop_factory() -> Any:
    try:
        import uvloop
    except ImportError:  # there is none for Windows
        return None
    return uvloop.new_event_loop


class Foreground(Server):
    """A server that SIGINT and SIGTERM end, with an exit code of 0."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take SIGINT and SIGTERM; uvicorn's own way raises them again at the end, which is no clean exit."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            with contextlib.suppress(NotImplementedError):  # Windows
                loop.add_signal_handler(number, self.handle_exit, number, None)
        yield

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002  # uvicorn's signature
        """End in good order; a second signal ends at once."""
        if self.should_exit:
            self.force_exit = True
            self.cut()
        self.end()
