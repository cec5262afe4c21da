"""Descriptors: how many connections fit, and what is said when there are none left.

Each connection is a descriptor of the process, and the system grants only so many of them.
"""

import asyncio
import contextlib
import errno
import logging
from collections.abc import Callable
from typing import Any

SPARE = 64  # descriptors that are not for clients: the log, documents, watching, and the slots below
FOR_ADMIN = 16  # sockets beyond the connections: who asks something, the admin API above all, is heard even then
LINGERING = 16  # sockets beyond those that are told so before they go; further ones go at once
EXHAUSTED = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})
QUIET = 1.0  # seconds between two lines about it
log = logging.getLogger("mockws.host")
Handler = Callable[[asyncio.AbstractEventLoop, dict[str, Any]], object]


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
    return fitting(connections)


def fitting(connections: int) -> int:
    """Give the number of connections, of so many, that fit below the limit as it is."""
    try:
        import resource
    except ImportError:  # there is none on Windows
        return connections
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return connections if soft == resource.RLIM_INFINITY else max(1, min(connections, soft - SPARE))


class Calm:
    """Says once a second that there are no descriptors left: asyncio would say it a hundred times for each client."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._before: Handler | None = loop.get_exception_handler()
        self._said = float("-inf")

    def __enter__(self) -> "Calm":
        self._loop.set_exception_handler(self)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.set_exception_handler(self._before)

    def __call__(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        problem = context.get("exception")
        if not (isinstance(problem, OSError) and problem.errno in EXHAUSTED and "accept" in context.get("message", "")):
            (self._before or type(loop).default_exception_handler)(loop, context)
        elif loop.time() - self._said >= QUIET:
            self._said = loop.time()
            log.warning("no connection can be taken for now: %s", (problem.strerror or str(problem)).lower())
