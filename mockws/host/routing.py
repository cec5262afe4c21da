"""Which route a request is for: Starlette's routing over our own addresses.

Starlette's own templates cannot serve AsyncAPI addresses: `{order-id}` is taken to the letter, `%FF` becomes U+FFFD, an
unknown path is an empty 403.
"""

import html
from collections.abc import Mapping
from typing import Any

from starlette.routing import BaseRoute, Match
from starlette.types import Receive, Scope, Send

from mockws.contract import Contract, Route
from mockws.errors import BadPath
from mockws.host.driver import Driver
from mockws.host.sockets import Socket, problem_response, raw_path_of, refuse
from mockws.settings import Settings

Problem = Mapping[str, Any]


class ChannelRoutes(BaseRoute):
    """Everything that is not the admin API: handshakes at the contract's addresses, and plain requests that miss."""

    def __init__(self, driver: Driver, settings: Settings) -> None:
        self._driver = driver
        self._settings = settings

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        return (Match.FULL, {}) if scope["type"] in ("websocket", "http") else (Match.NONE, {})

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        found = find(self._driver.engine.contract, raw_path_of(scope))
        if scope["type"] == "http":
            await self._answer_plain(scope, send, found)
        elif isinstance(found, tuple) and self._driver.connections >= self._settings.max_connections:
            problem = {"type": "about:blank", "title": "too many connections", "status": 503}
            await self._turn_away(scope, receive, send, problem, (("retry-after", "1"),))
        elif isinstance(found, tuple):
            await Socket(scope, receive, send, self._settings).run(self._driver, *found)
        else:
            await self._turn_away(scope, receive, send, found)

    async def _turn_away(
        self, scope: Scope, receive: Receive, send: Send, problem: Problem, headers: tuple[tuple[str, str], ...] = ()
    ) -> None:
        await receive()  # websocket.connect
        await refuse(scope, send, problem["status"], problem, headers)

    async def _answer_plain(self, scope: Scope, send: Send, found: tuple[Route, Mapping[str, str]] | Problem) -> None:
        if isinstance(found, tuple):
            start, body = upgrade_page(found[0])
        else:
            start, body = problem_response(found["status"], found)
        if scope["method"] == "HEAD":
            body = {"body": b""}
        await send({"type": "http.response.start", **start})
        await send({"type": "http.response.body", **body})


def find(contract: Contract, path: str) -> tuple[Route, Mapping[str, str]] | Problem:
    """Find the route at a raw path with its parameters, or the problem document that says why there is none."""
    try:
        found = contract.book.find(path)
    except BadPath as problem:
        return {"type": "about:blank", "title": "bad path", "status": 400, "detail": str(problem)}
    if found is not None:
        return found
    nearest = [str(address) for address in contract.book.nearest(path)]
    detail = f"nothing is served at {path[:200]}; nearest: {', '.join(nearest)}"
    return {"type": "about:blank", "title": "unknown path", "status": 404, "detail": detail, "nearest": nearest}


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
