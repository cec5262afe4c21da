"""Plain HTTP requests that set expectations off: read within bounds, decided by the engine, answered.

A page of another origin may fire them: preflights are answered, and so is the real request, without credentials.
"""

import asyncio
import logging
import re
from collections.abc import Mapping

from starlette.requests import ClientDisconnect, Request
from starlette.types import Receive, Scope, Send

from mockws.engine.actions import Respond
from mockws.engine.events import Opening
from mockws.expect.http import BODILESS
from mockws.host.driver import Driver
from mockws.host.sockets import MAX_ARGUMENTS, opening_of, raw_path_of, refuse
from mockws.settings import Settings

MAX_BODY = 2 << 20
TOO_LARGE = "body too large"
BODY_DEADLINE = 10.0  # seconds for a whole body
MAX_AGE = "600"  # seconds that a browser may remember the answer to a preflight
# What a preflight asks -> what it is answered, which is the same: names of methods and headers.
PREFLIGHT = {
    b"access-control-request-method": "access-control-allow-methods",
    b"access-control-request-headers": "access-control-allow-headers",
}
TOKENS = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z, -]*")
log = logging.getLogger("mockws.host")
Headers = tuple[tuple[str, str], ...]


class Refused(Exception):
    """A request that never comes before the engine."""

    def __init__(self, status: int, title: str, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.title = title
        self.problem = {"type": "about:blank", "title": title, "status": status, "detail": detail}


class Requests:
    """The plain requests of one driver."""

    def __init__(self, driver: Driver, settings: Settings) -> None:
        self._driver = driver
        self._origins = settings.ws_origins

    async def answered(self, scope: Scope, receive: Receive, send: Send) -> bool:
        """Answer a request by an expectation; False where it is none of theirs."""
        if not self._driver.engine.asks_for(raw_path_of(scope)):
            return False
        headers = dict(scope["headers"])
        shared = _shared(headers)
        try:
            self._check_origin(headers)
            if scope["method"] == "OPTIONS" and b"access-control-request-method" in headers and shared:
                await _write(send, 204, (*shared, *_preflight(headers)), b"")
                return True
            respond = self._driver.request(scope["method"], _opening(scope), await body_of(Request(scope, receive)))
        except ClientDisconnect:
            return True
        except Refused as refusal:
            await refuse(scope, send, refusal.status, refusal.problem, shared)
            return True
        except Exception:  # a defect of ours: whoever asked is told, everyone else is left alone
            log.exception("a request could not be handled")
            defect = Refused(500, "defect", "the mock failed; its log says more")
            await refuse(scope, send, defect.status, defect.problem, shared)
            return True
        if respond is not None:
            await _answer(scope, send, respond, shared)
        return respond is not None

    def _check_origin(self, headers: Mapping[bytes, bytes]) -> None:
        """A client that names no origin is no web page."""
        origin = headers.get(b"origin")
        if self._origins and origin is not None and origin.decode("latin-1") not in self._origins:
            raise Refused(403, "foreign origin", "pages of this origin may not set anything off")


def _shared(headers: Mapping[bytes, bytes]) -> Headers:
    """Let the page of whatever origin asks read the answer; its cookies and credentials are not taken."""
    origin = headers.get(b"origin")
    return () if origin is None else (("access-control-allow-origin", origin.decode("latin-1")), ("vary", "Origin"))


def _preflight(headers: Mapping[bytes, bytes]) -> Headers:
    """Allow what a page asks for: whether an expectation fits is told to the real request, in words."""
    asked = ((answer, headers.get(question, b"").decode("latin-1")) for question, answer in PREFLIGHT.items())
    echoed = tuple((name, value) for name, value in asked if value and TOKENS.fullmatch(value))
    return (*echoed, ("access-control-max-age", MAX_AGE))


def _opening(scope: Scope) -> Opening:
    try:
        return opening_of(scope)
    except ValueError:
        raise Refused(400, "bad query", f"a query has at most {MAX_ARGUMENTS} arguments") from None


async def body_of(request: Request) -> bytes:
    """Read a body within its bounds of size and time; raises Refused, ClientDisconnect."""
    content = bytearray()
    try:
        async with asyncio.timeout(BODY_DEADLINE):
            async for chunk in request.stream():
                content += chunk
                if len(content) > MAX_BODY:
                    raise Refused(413, TOO_LARGE, f"a body has at most {MAX_BODY} bytes")
    except TimeoutError:
        raise Refused(408, "body too slow", f"the body was not there within {BODY_DEADLINE:g} s") from None
    return bytes(content)


async def _answer(scope: Scope, send: Send, respond: Respond, shared: Headers) -> None:
    own = {name.lower() for name, _ in respond.headers}
    headers = (*respond.headers, *((name, value) for name, value in shared if name not in own))
    await _write(send, respond.status, headers, respond.body, told=scope["method"] != "HEAD")


async def _write(send: Send, status: int, headers: Headers, body: bytes, *, told: bool = True) -> None:
    """Write a whole answer; to a HEAD its body is not told, only how long it is (RFC 9110, 9.3.2)."""
    encoded = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
    if status not in BODILESS:
        encoded.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": encoded})
    await send({"type": "http.response.body", "body": body if told and status not in BODILESS else b""})
