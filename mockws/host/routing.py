"""Which route a request is for: Starlette's routing over our own addresses.

Starlette's own templates cannot serve AsyncAPI addresses: `{order-id}` is taken to the letter, `%FF` becomes U+FFFD, an
unknown path is an empty 403.
"""

import contextlib
import html
import logging
from collections.abc import Mapping
from typing import Any

from starlette.routing import BaseRoute, Match
from starlette.types import Receive, Scope, Send

from mockws.contract import Contract, Route
from mockws.engine.events import Opening
from mockws.errors import BadPath
from mockws.host.crowd import Crowd
from mockws.host.driver import Driver
from mockws.host.framing import Scribe
from mockws.host.line import LINE
from mockws.host.requests import Requests
from mockws.host.slow import PEERS
from mockws.host.sockets import MAX_ARGUMENTS, Socket, opening_of, problem_response, raw_path_of, refuse
from mockws.host.wayward import Wayward
from mockws.settings import Settings

Problem = Mapping[str, Any]
Headers = tuple[tuple[str, str], ...]
Found = tuple[Route, Mapping[str, str]]
log = logging.getLogger("mockws.host")


class ChannelRoutes(BaseRoute):
    """Everything that is not the admin API: handshakes at the contract's addresses, and plain requests.

    A plain request that sets an expectation off is answered by it, before anything is said about upgrading.
    """

    def __init__(self, driver: Driver, settings: Settings, crowd: Crowd) -> None:
        self._driver = driver
        self._settings = settings
        self._crowd = crowd
        self._requests = Requests(driver, settings)
        self._scribe = Scribe()

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        return (Match.FULL, {}) if scope["type"] in ("websocket", "http") else (Match.NONE, {})

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and await self._requests.answered(scope, receive, send):
            return
        found = find(self._driver.engine.contract, raw_path_of(scope))
        if scope["type"] == "http":
            await _answer_plain(scope, send, found)
        elif isinstance(found, tuple):
            await self._open(scope, receive, send, found)
        else:
            await self._turn_away(scope, receive, send, found)

    async def _open(self, scope: Scope, receive: Receive, send: Send, found: Found) -> None:
        """Let the engine decide on a handshake, unless there is no room for it, or it cannot be read."""
        try:
            opening = opening_of(scope)
        except ValueError:
            detail = f"a query has at most {MAX_ARGUMENTS} arguments"
            await self._turn_away(scope, receive, send, _problem(400, "bad query", detail))
            return
        refusal = self._crowd.refusal(opening.client)
        if refusal is not None:
            problem = _problem(refusal.status, refusal.title, refusal.detail)
            await self._turn_away(scope, receive, send, problem, (("retry-after", "1"),))
        else:
            await self._live(self._peer(scope, receive, send), scope, send, found, opening)

    def _peer(self, scope: Scope, receive: Receive, send: Send) -> Wayward | Socket:
        """Take the fast way where our own server offers it, else the portable one."""
        line = scope.get("extensions", {}).get(LINE)
        if line is None:
            return Socket(scope, receive, send, self._settings)
        return PEERS[self._settings.outbox_policy](line, self._settings, self._scribe)

    async def _live(self, peer: Wayward | Socket, scope: Scope, send: Send, found: Found, opening: Opening) -> None:
        try:
            await peer.run(self._driver, *found, opening)
        except Exception:  # a defect of ours in the handshake: whoever asked is told, everyone else is left alone
            log.exception("a connection could not be handled")
            with contextlib.suppress(OSError, RuntimeError):  # it is gone, or was accepted already
                await refuse(scope, send, 500, _problem(500, "defect", "the mock failed; its log says more"))

    async def _turn_away(
        self, scope: Scope, receive: Receive, send: Send, problem: Problem, headers: Headers = ()
    ) -> None:
        """Refuse a handshake for which there is no route, no room, or no sense."""
        reason = f"{problem['title']}: {problem['detail']}"
        self._driver.turn_away(Opening(raw_path_of(scope)), problem["status"], reason)
        await receive()  # websocket.connect
        await refuse(scope, send, problem["status"], problem, headers)


async def _answer_plain(scope: Scope, send: Send, found: Found | Problem) -> None:
    if isinstance(found, tuple):
        start, body = upgrade_page(found[0])
    else:
        start, body = problem_response(found["status"], found)
    if scope["method"] == "HEAD":
        body = {"body": b""}
    await send({"type": "http.response.start", **start})
    await send({"type": "http.response.body", **body})


def _problem(status: int, title: str, detail: str, **more: Any) -> Problem:
    return {"type": "about:blank", "title": title, "status": status, "detail": detail, **more}


def find(contract: Contract, path: str) -> Found | Problem:
    """Find the route at a raw path with its parameters, or the problem document that says why there is none."""
    try:
        found = contract.book.find(path)
    except BadPath as problem:
        return _problem(400, "bad path", str(problem))
    if found is not None:
        return found
    nearest = [str(address) for address in contract.book.nearest(path)]
    detail = f"nothing is served at {path[:200]}; nearest: {', '.join(nearest)}"
    return _problem(404, "unknown path", detail, nearest=nearest)


def upgrade_page(route: Route) -> tuple[dict[str, Any], dict[str, Any]]:
    """Tell whoever opens a channel's address in a browser what it is for (RFC 9110, 15.5.22)."""
    names = ", ".join(html.escape(channel.name) for channel in route.channels[:5])
    path = html.escape(route.sample_path())
    text = f"<p>{path} is a WebSocket ({names}). Connect to it with a WebSocket client."
    body = f"<!doctype html><title>WebSocket</title>{text}".encode()
    headers = [
        (b"content-type", b"text/html; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
        (b"upgrade", b"websocket"),
        (b"connection", b"Upgrade"),
    ]
    return {"status": 426, "headers": headers}, {"body": body}
