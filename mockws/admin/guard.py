"""Who may use the admin API: middleware around the whole of it, so that no route can be born without.

In this order: one Host, no foreign page, a token or else a Host that is ours (against DNS rebinding), and a JSON body
of bounded size.
"""

import hmac
import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mockws.host.requests import MAX_BODY, TOO_LARGE
from mockws.host.sockets import refuse

OPEN_PATHS = frozenset({"/health", "/health/ready", "/version"})
STRANGER = "mockws.stranger"  # key of the scope: true where an open path is shown to someone who was not let in
CHALLENGE = (("www-authenticate", "Bearer"),)
WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})


@dataclass(frozen=True)
class Refusal:
    """Why a request is not let in."""

    status: int
    code: str
    detail: str
    headers: tuple[tuple[str, str], ...] = ()

    def problem(self) -> dict[str, Any]:
        return {"type": "about:blank", "title": self.code, "status": self.status, "detail": self.detail}


@dataclass(frozen=True)
class Guard:
    """Decides on the requests of the admin API."""

    token: str | None  # none: no token is needed
    hosts: frozenset[str]  # lower case, without port
    origins: frozenset[str] = frozenset()  # pages that may ask, besides our own

    def judge(self, method: str, headers: list[tuple[str, str]]) -> Refusal | None:
        """Say why a request is refused; None where it is let in."""
        hosts = [value for name, value in headers if name == "host"]
        if len(hosts) != 1:
            return Refusal(400, "bad host", "a request has exactly one Host header")
        found = dict(headers)
        return self._of_site(headers, hosts[0]) or self._of_token(headers, hosts[0]) or _of_body(method, found)

    def allows(self, headers: list[tuple[str, str]]) -> str | None:
        """Give the origin of a page that is named with `--admin-origins`; None where the request is of no such page."""
        found = [value for name, value in headers if name == "origin"]
        return found[0] if len(found) == 1 and found[0].lower() in self.origins else None

    def _of_site(self, headers: list[tuple[str, str]], host: str) -> Refusal | None:
        """A page of another origin must not reach us through its visitor's browser, unless it is named."""
        if self.allows(headers) is not None:
            return None
        for name, value in headers:
            if name == "sec-fetch-site" and value not in ("same-origin", "none"):
                return Refusal(403, "cross site", f"the request comes from a {value[:20]} page")
            if name == "origin" and _authority(value) != host.lower():
                detail = f"pages of {value[:100]} may not use the admin API; name them with --admin-origins"
                return Refusal(403, "foreign origin", detail)
        return None

    def _of_token(self, headers: list[tuple[str, str]], host: str) -> Refusal | None:
        if self.token is None:
            return None if self._is_ours(host) else _wrong_host(host)
        if len([name for name, _ in headers if name == "authorization"]) > 1:  # which of them is meant?
            return Refusal(401, "token needed", "a request has one Authorization header", CHALLENGE)
        scheme, _, given = dict(headers).get("authorization", "").partition(" ")
        # Headers come as latin-1, so this gives back the bytes that were sent.
        if scheme.lower() == "bearer" and hmac.compare_digest(given.strip().encode("latin-1"), self.token.encode()):
            return None
        detail = "the admin API asks for a token: Authorization: Bearer TOKEN"
        return Refusal(401, "token needed", detail, CHALLENGE)

    def _is_ours(self, host: str) -> bool:
        """Without a token, only names that no stranger can point at us: loopback, the bound address, those allowed."""
        name = host_name(host)
        return name in self.hosts or is_loopback(name)


def _authority(origin: str) -> str:
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:  # a bracket that is not closed
        return ""


def _wrong_host(host: str) -> Refusal:
    return Refusal(421, "host not allowed", f"{host[:100]} is not allowed; name it with --admin-hosts, or set a token")


def host_name(host: str) -> str:
    """Give the name in a Host header, without its port and brackets."""
    if host.startswith("["):
        return host[1:].partition("]")[0].lower()
    return host.partition(":")[0].lower()


def is_loopback(name: str) -> bool:
    """Tell whether a host name is this machine's own, and no other's."""
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def _of_body(method: str, headers: Mapping[str, str]) -> Refusal | None:
    length = headers.get("content-length", "0")
    has_body = length != "0" or "transfer-encoding" in headers
    if length.isdecimal() and int(length) > MAX_BODY:
        return Refusal(413, TOO_LARGE, f"a body has at most {MAX_BODY} bytes")
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if method in WRITES and has_body and kind != "application/json":
        return Refusal(415, "not JSON", "a body is application/json")
    return None


# A preflight (Fetch, 4.8) brings neither token nor body: what it leads to is judged by itself.
PREFLIGHT = [
    (b"access-control-allow-methods", b"GET, POST, PUT, DELETE"),
    (b"access-control-allow-headers", b"authorization, content-type, last-event-id"),
    (b"access-control-max-age", b"600"),
]


def _shared_with(origin: str, send: Send) -> Send:
    """Let a page of this origin read the answer."""
    more = [(b"access-control-allow-origin", origin.encode("latin-1")), (b"vary", b"Origin")]

    async def shared(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message.get("headers", ()), *more]}
        await send(message)

    return shared


class Guarded:
    """An ASGI app behind the guard."""

    def __init__(self, app: ASGIApp, guard: Guard, prefix: str) -> None:
        self._app = app
        self._guard = guard
        self._prefix = prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = [(name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in scope["headers"]]
        origin = self._guard.allows(headers) if scope["type"] == "http" else None
        if origin is not None:
            send = _shared_with(origin, send)
            if scope["method"] == "OPTIONS" and "access-control-request-method" in dict(headers):
                await send({"type": "http.response.start", "status": 204, "headers": PREFLIGHT})
                await send({"type": "http.response.body", "body": b""})
                return
        refusal = self._guard.judge(scope.get("method", "GET"), headers)
        if refusal is None or self._is_open(scope):
            await self._app({**scope, STRANGER: refusal is not None}, receive, send)
        else:
            if scope["type"] == "websocket":
                await receive()
            await refuse(scope, send, refusal.status, refusal.problem(), refusal.headers)

    def _is_open(self, scope: Scope) -> bool:
        """Health checks need neither token nor Host; what they are shown is little."""
        path = str(scope["path"]).removeprefix(self._prefix)
        return scope["type"] == "http" and scope["method"] in ("GET", "HEAD") and path in OPEN_PATHS
