"""What a server listens on: addresses and ports, or the path of a Unix domain socket, bound before anything else.

What keeps a socket from being bound is told in one line, with its place and what to do.
"""

import contextlib
import errno
import logging
import os
import socket
import stat
from dataclasses import dataclass
from pathlib import Path

from mockws.errors import CannotStart
from mockws.settings import Settings

BACKLOG = 128  # connections that are taken at a time, before others have their turn
QUEUE = 1024  # connections that the system keeps for us: beyond, it drops them, and they ask again a second later
LOOPBACK = ("127.0.0.1", "localhost")
TRIES = 10  # to find a port that is free for both families
log = logging.getLogger("mockws.host")


@dataclass(frozen=True)
class Bound:
    """What a server listens on."""

    sockets: list[socket.socket]
    port: int  # 0 where it is a path
    admin_port: int | None = None  # where the admin API has one of its own
    path: Path | None = None  # of a Unix domain socket, that is taken away at the end

    def close(self) -> None:
        """Listen no more, and take away what lies about."""
        for each in self.sockets:
            each.close()
        if self.path is not None:
            with contextlib.suppress(OSError):
                self.path.unlink()


def bind_for(settings: Settings) -> Bound:
    """Bind all that the settings want to listen on; raises CannotStart."""
    if settings.uds:
        bound = Bound([_bound_path(settings.uds)], 0, None, Path(settings.uds))
    else:
        sockets = bind(settings.host, settings.port)
        bound = Bound(sockets, sockets[0].getsockname()[1])
    if settings.admin_port is None or not settings.admin:
        return bound
    try:
        more = bind(settings.admin_host or settings.host, settings.admin_port, "--admin-port")
    except CannotStart:
        bound.close()
        raise
    return Bound([*bound.sockets, *more], bound.port, more[0].getsockname()[1], bound.path)


def bind(host: str, port: int, flag: str = "--port") -> list[socket.socket]:
    """Bind the addresses to listen on; raises CannotStart.

    `flag` chooses the port. On the default host ::1 is bound as well: for many clients `localhost` is ::1 first.
    """
    for _ in range(TRIES):
        first = _bound(host, port, flag)
        if host not in LOOPBACK:
            return [first]
        other = "127.0.0.1" if first.family == socket.AF_INET6 else "::1"
        found = first.getsockname()[1]
        try:
            return [first, _bound(other, found, flag)]
        except CannotStart as problem:
            if port or not isinstance(problem.__cause__, OSError) or problem.__cause__.errno != errno.EADDRINUSE:
                _say_what_is_lacking(problem, other, found)
                return [first]
            first.close()  # any port will do: one that is free for both
    return [_bound(host, port, flag)]


def _say_what_is_lacking(problem: CannotStart, host: str, port: int) -> None:
    """A machine without IPv6 lacks nothing; another program there is what clients would find instead of us."""
    if isinstance(problem.__cause__, OSError) and problem.__cause__.errno == errno.EADDRINUSE:
        log.warning("port %d on %s is in use: clients that look for localhost there find another program", port, host)


def _bound(host: str, port: int, flag: str) -> socket.socket:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)[0]
        bound = socket.socket(family, kind, protocol)
    except (OSError, UnicodeError) as problem:
        raise CannotStart(f"cannot listen on {host}: {getattr(problem, 'strerror', None) or problem}") from problem
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if family == socket.AF_INET6:
        bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    try:
        bound.bind(address)
        bound.listen(BACKLOG)
    except OSError as problem:
        bound.close()
        raise CannotStart(_why(problem, host, port, flag)) from problem
    bound.setblocking(False)
    return bound


def _why(problem: OSError, host: str, port: int, flag: str) -> str:
    if problem.errno == errno.EADDRINUSE:
        return f"port {port} on {host} is in use; choose another with {flag}, or 0 for any"
    if problem.errno == errno.EACCES:
        return f"port {port} on {host} is not permitted to this user; choose one above 1023 with {flag}, or 0 for any"
    return f"cannot listen on {host} port {port}: {(problem.strerror or str(problem)).lower()}"


def _bound_path(name: str) -> socket.socket:
    """Bind a Unix domain socket; one that a server has left behind gives way to it."""
    if not hasattr(socket, "AF_UNIX"):
        raise CannotStart("--uds needs Unix domain sockets, which this system does not have")
    path = Path(name)
    _clear(path)
    bound = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        bound.bind(name)
        bound.listen(BACKLOG)
    except OSError as problem:
        bound.close()
        reason = (problem.strerror or str(problem)).lower()
        raise CannotStart(f"cannot listen on {name}: {reason}; choose another path with --uds") from problem
    bound.setblocking(False)
    return bound


def _clear(path: Path) -> None:
    """Take a socket away that nobody listens on; raises CannotStart where somebody does, or it is something else."""
    try:
        kind = path.lstat().st_mode
    except OSError:  # there is none; or it cannot be looked at, and then not be bound either
        return
    if not stat.S_ISSOCK(kind):
        raise CannotStart(f"cannot listen on {path}: there is something else of this name; choose another with --uds")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(1)
        try:
            probe.connect(os.fspath(path))
        except (ConnectionRefusedError, FileNotFoundError):
            with contextlib.suppress(OSError):  # binding it tells what is wrong
                path.unlink(missing_ok=True)
            return
        except OSError as problem:
            raise CannotStart(f"cannot listen on {path}: {(problem.strerror or str(problem)).lower()}") from problem
    raise CannotStart(f"{path} is in use by another server; choose another path with --uds")
