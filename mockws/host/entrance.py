"""Which session a request is for: said by its path's beginning, by an argument of its query, or by a cookie.

Never by a header: a browser cannot set one. A session that is not there is refused; its client would else meet the
main world without noticing.
"""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl

from starlette.routing import BaseRoute, Match
from starlette.types import ASGIApp, Receive, Scope, Send

from mockws.engine.events import Opening
from mockws.errors import NoSuchSession
from mockws.host.sessions import Session, Sessions
from mockws.host.sockets import raw_path_of, refuse

PREFIX = "/__s/"
ARGUMENT = "__session"
COOKIE = "mockws_session"
SESSION = "mockws.session"  # key of the scope
ADMIN = "/__admin"
AT_ROOT = frozenset({"/health", "/health/ready", "/version"})


class Entrance(BaseRoute):
    """Everything that comes in, on its way to the app of its session."""

    def __init__(
        self,
        sessions: Sessions,
        channels_of: Callable[[Session], ASGIApp],
        admin: ASGIApp | None = None,
        admin_port: Callable[[], int | None] = lambda: None,
    ) -> None:
        self._sessions = sessions
        self._channels_of = channels_of
        self._apps: dict[Session, ASGIApp] = {}
        self._admin = admin
        self._admin_port = admin_port

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        return (Match.FULL, {}) if scope["type"] in ("websocket", "http") else (Match.NONE, {})

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        name, inside = addressed(scope)
        try:
            session = self._sessions.main if name is None else self._sessions.find(name)
        except NoSuchSession as problem:
            await self._turn_away(scope, receive, send, str(problem))
            return
        inside = {**inside, SESSION: session}
        if self._admin is not None and self._is_for_admin(inside):
            await self._admin(inside, receive, send)
        else:
            await self._app(session)(inside, receive, send)

    def _is_for_admin(self, scope: Scope) -> bool:
        """Where the admin API has a port of its own, it is there and nowhere else, and nothing else is there."""
        own = self._admin_port()
        if own is None:
            return f"{scope['path']}/".startswith(f"{ADMIN}/")
        here: bool = (scope.get("server") or (None, None))[1] == own
        if here and scope["path"] in AT_ROOT:  # where health checks look
            scope["path"] = ADMIN + scope["path"]
            scope["raw_path"] = scope["path"].encode()
        return here

    def _app(self, session: Session) -> ASGIApp:
        app = self._apps.get(session)
        if app is None:
            there = set(self._sessions)
            self._apps = {each: app for each, app in self._apps.items() if each in there}
            app = self._apps[session] = self._channels_of(session)
        return app

    async def _turn_away(self, scope: Scope, receive: Receive, send: Send, detail: str) -> None:
        problem: Mapping[str, Any] = {
            "type": "about:blank", "title": "no such session", "status": 404, "detail": detail
        }  # fmt: skip
        if scope["type"] == "websocket":
            self._sessions.main.driver.turn_away(Opening(raw_path_of(scope)), 404, detail)
            await receive()  # websocket.connect
        await refuse(scope, send, 404, problem)


def addressed(scope: Scope) -> tuple[str | None, Scope]:
    """Tell which session a request names, if any, and give the request as it is inside of it."""
    raw = raw_path_of(scope)
    if raw.startswith(PREFIX):
        name, slash, rest = raw.removeprefix(PREFIX).partition("/")
        path = str(scope["path"]).removeprefix(PREFIX).partition("/")[2]
        return name, {**scope, "path": f"/{path}", "raw_path": (slash + rest or "/").encode("latin-1")}
    query: bytes = scope["query_string"]
    if ARGUMENT.encode() in query:
        parts = query.split(b"&")
        named = [part for part in parts if part.partition(b"=")[0] == ARGUMENT.encode()]
        rest_of_query = b"&".join(part for part in parts if part not in named)
        if named:
            return _value_of(named[0]), {**scope, "query_string": rest_of_query}
    return _cookie_of(scope), scope


def _value_of(argument: bytes) -> str:
    return parse_qsl(argument.decode("latin-1"), keep_blank_values=True)[0][1]


def _cookie_of(scope: Scope) -> str | None:
    """Read the cookie; the admin API goes by its path only, as a browser sends cookies along with whatever it asks."""
    headers = [value for name, value in scope["headers"] if name == b"cookie"]
    if not headers or str(scope["path"]).startswith(ADMIN):
        return None
    return Opening("", (), (("cookie", headers[0].decode("latin-1")),)).cookies().get(COOKIE)
