"""What the interpreter is asked to do while tests run (PEP 578): whom it calls, and which files it opens.

Nothing in this project calls anybody but this machine, or touches a file outside of where it has any business. A hook
cannot be taken out again; what it hears costs about a microsecond. Processes that tests start are not heard.
"""

import ipaddress
import os
import site
import sys
import sysconfig
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared"  # is no part of this project: documents that others wrote, where they are there
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
LOOPBACK = frozenset({"localhost", "", "0.0.0.0", "::", "*"})  # to bind to, or this machine itself
# What every program may read: libraries, and what the system says of itself.
SYSTEM: tuple[str, ...] = (
    "/usr/",
    "/lib",
    "/proc/",
    "/sys/",
    "/dev/",
    "/etc/ssl/",
    "/etc/mime.types",
    "/etc/localtime",
    "/etc/hosts",
)
SYSTEM += (
    "/run/systemd/resolve/",
    "/etc/resolv.conf",
    "/etc/nsswitch.conf",
    "/etc/os-release",
    "/etc/host.conf",
    "/etc/gai.conf",
)


def places() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Give the beginnings of all paths that may be read, and of those that may be written."""
    python = {sys.prefix, sys.base_prefix, *site.getsitepackages(), *sysconfig.get_paths().values()}
    written = (_real(tempfile.gettempdir()), _real(ROOT), "/dev/", "/proc/")
    return (*written, *map(_real, python), _real(SHARED), *SYSTEM), written


def _real(path: str | Path) -> str:
    return f"{os.path.realpath(path)}/"


class Watch:
    """Notes what should not have been."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self._read, self._written = places()

    def hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Look at an event of the interpreter."""
        if event == "open":
            self._opened(*arguments)
        elif event in ("socket.connect", "socket.sendto"):
            self._called(arguments[1])
        elif event == "socket.getaddrinfo":
            self._looked_up(arguments[0])

    def _opened(self, path: Any, mode: Any, flags: Any) -> None:
        if not isinstance(path, str | bytes | os.PathLike):
            return  # a descriptor that is open already
        writes = any(letter in "wax+" for letter in mode) if isinstance(mode, str) else bool((flags or 0) & WRITES)
        allowed = self._written if writes else self._read
        if not _real(os.fsdecode(path)).startswith(allowed):  # a link leads where it leads
            self.seen.append(f"{'wrote' if writes else 'read'} {os.fsdecode(path)}")

    def _called(self, address: Any) -> None:
        if isinstance(address, tuple) and not is_here(str(address[0])):
            self.seen.append(f"called {address!r}")

    def _looked_up(self, host: Any) -> None:
        name = host.decode("ascii", "replace") if isinstance(host, bytes) else str(host or "")
        if not is_here(name) and not is_literal(name):
            self.seen.append(f"looked up {name}")


def is_here(host: str) -> bool:
    """Tell whether a host is this machine."""
    try:
        return host.lower() in LOOPBACK or ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return False


def is_literal(host: str) -> bool:
    """Tell whether a host is an address, or no name that anybody could be asked for."""
    if host.replace(".", "").isdecimal() or "%5b" in host.lower():  # [, as a URL that is none is written out
        return True
    try:
        return bool(ipaddress.ip_address(host.strip("[]").partition("%")[0]))
    except ValueError:
        return False


WATCH = Watch()
