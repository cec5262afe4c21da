"""Where the mock may call or read: URLs, hosts that are named for it, addresses that are refused whatever their name.

Nothing is resolved here. A URL is read by one strict grammar, so that what was checked is what is called.
"""

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote

AUTHORITY = r"(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9][A-Za-z0-9._-]*)(?::(?P<port>[0-9]{1,5}))?"
HOST = re.compile(AUTHORITY)
URL = re.compile(rf"(?P<scheme>https?)://{AUTHORITY}(?P<target>[/?][^#]*)?(?:#.*)?", re.DOTALL | re.IGNORECASE)
PORTS = {"http": 80, "https": 443}
AS_WRITTEN = "/?&=+$,;:@!*'()~%[]"  # of a path and query; all else is percent-encoded
# Where clouds hand out credentials to whoever asks from inside; the usual one is link-local.
METADATA = frozenset(
    map(ipaddress.ip_address, ("100.100.100.200", "168.63.129.16", "192.0.0.192", "fd00:ec2::254", "fd20:ce::254"))
)
NAT64 = ipaddress.ip_network("64:ff9b::/96")
COMPATIBLE = ipaddress.ip_network("::/96")
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True, slots=True)
class Destination:
    """What a URL names."""

    scheme: str
    host: str  # lower case, without brackets
    port: int
    target: str  # path and query

    @property
    def authority(self) -> str:
        """Give host and port as the Host header has them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"

    def __str__(self) -> str:
        return f"{self.scheme}://{self.authority}{self.target}"


def destination_of(url: str) -> Destination:
    """Read a URL; raises ValueError where it is none that can be called."""
    found = URL.fullmatch(url)
    if found is None:
        raise ValueError(f"{url[:200]!r} is no URL such as http://host:9000/path, without a user in it")
    scheme = found["scheme"].lower()
    target = quote(found["target"] or "/", safe=AS_WRITTEN, errors="replace")
    port = PORTS[scheme] if found["port"] is None else _port(found["port"])
    return Destination(scheme, _host(found["host"]), port, target if target.startswith("/") else f"/{target}")


def named_host(text: str) -> tuple[str, int | None]:
    """Read HOST or HOST:PORT; raises ValueError."""
    found = HOST.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is no host such as hooks.example or localhost:9000 (no URL, no wildcard)")
    return _host(found["host"]), None if found["port"] is None else _port(found["port"])


def _host(text: str) -> str:
    bare = text.strip("[]").lower()
    return str(ipaddress.IPv6Address(bare)) if ":" in bare else bare


def _port(text: str) -> int:
    if not 0 < int(text) < 65536:
        raise ValueError(f"{text} is no port")
    return int(text)


def is_named(allowed: Iterable[str], destination: Destination) -> bool:
    """Tell whether a destination's host is among those that somebody named, with its port or with none."""
    return bool({(destination.host, None), (destination.host, destination.port)} & set(map(named_host, allowed)))


def refusal(allowed: Iterable[str], destination: Destination) -> str:
    """Say why a destination may not be called; nothing, where it may, as far as its name tells."""
    where = destination.authority
    if not is_named(allowed, destination):
        return f"{where} may not be called; allow it with --allow-callbacks {where}"
    try:
        return f"{where} is never called" if is_refused(destination.host) else ""
    except ValueError:  # it is a name: what it stands for is looked at when it is resolved
        return ""


def is_refused(address: str) -> bool:
    """Tell whether an IP address is never called: link-local, metadata, multicast, unspecified. Raises ValueError."""
    parsed = ipaddress.ip_address(address.partition("%")[0])
    return any(_is_refused(each) for each in (parsed, *_within(parsed)))


def is_loopback(host: str) -> bool:
    """Tell whether a host is this machine, as it is written: `localhost`, or a literal such as 127.0.0.1 or ::1."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_out_of_bounds(host: str, address: str) -> bool:
    """Tell whether a document may not be read from where a host is: a public host is at public addresses only, and
    this machine at its own."""
    parsed = ipaddress.ip_address(address.partition("%")[0])
    if is_loopback(host):
        return not parsed.is_loopback
    return any(not each.is_global or _is_refused(each) for each in (parsed, *_within(parsed)))


def _is_refused(address: Address) -> bool:
    reserved = address.version == 4 and address.is_reserved  # of IPv6, ::1 is as well
    return address.is_link_local or address.is_multicast or address.is_unspecified or reserved or address in METADATA


def _within(address: Address) -> Iterable[Address]:
    """Give the IPv4 addresses that an IPv6 address stands for."""
    if isinstance(address, ipaddress.IPv4Address):
        return
    yield from (each for each in (address.ipv4_mapped, address.sixtofour, *(address.teredo or ())) if each)
    if address in NAT64 or address in COMPATIBLE:
        yield ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
