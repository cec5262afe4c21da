"""The routes of the admin API, under `/__admin`."""

import asyncio
import base64
import binascii
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from msgspec import UNSET
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from mockws.admin.health import Health
from mockws.admin.models import SendBody, To
from mockws.admin.views import connection_view, sent_view, violation_view
from mockws.engine.actions import Outcome
from mockws.engine.events import Commanded, Connected, SendCommand, Target
from mockws.engine.send import Sent
from mockws.errors import MockwsError, Unreadable
from mockws.host.driver import Driver
from mockws.host.sockets import refuse
from mockws.schema.schema import Draft, Schema
from mockws.source.json import read_json
from mockws.units import seconds_of

MAX_BODY = 2 << 20
MAX_WAIT = 60.0  # seconds; a request must not hang for ever
TITLES = {404: "no such connection", 409: "no one was reached", 422: "does not fit"}
Handler = Callable[[Request], Awaitable[Response]]


class Problem(MockwsError):
    """A request that cannot be done; becomes a problem document (RFC 9457)."""

    def __init__(self, status: int, title: str, detail: str, **more: Any) -> None:
        super().__init__(detail)
        self.status = status
        self.body = {"type": "about:blank", "title": title, "status": status, "detail": detail, **more}


def json_response(value: Any, status: int = 200, kind: str = "application/json") -> Response:
    return Response(msgspec.json.encode(value), status, media_type=kind)


def _answering(handler: Handler) -> Handler:
    """Turn a problem that a handler raises into its document."""

    async def answer(request: Request) -> Response:
        try:
            return await handler(request)
        except Problem as problem:
            return json_response(problem.body, problem.status, "application/problem+json")

    return answer


async def body_of(request: Request) -> Any:
    """Read a JSON body within its bounds; raises Problem."""
    content = b""
    async for chunk in request.stream():
        content += chunk
        if len(content) > MAX_BODY:
            raise Problem(413, "body too large", f"a body has at most {MAX_BODY} bytes")
    try:
        return read_json(content, "body").value
    except Unreadable as problem:
        raise Problem(
            400, "not readable", problem.message, code=problem.code, line=problem.line, column=problem.column
        ) from None


async def unknown_route(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer what no route of the admin API is for."""
    body = {"type": "about:blank", "title": "unknown route", "status": 404, "detail": f"nothing is at {scope['path'][:200]}"}
    if scope["type"] == "websocket":
        await receive()
        await refuse(scope, send, 404, body)
        return
    await json_response(body, 404, "application/problem+json")(scope, receive, send)


class Api:
    """The handlers, around one driver."""

    def __init__(self, driver: Driver, health: Health) -> None:
        self._driver = driver
        self._health = health
        self._arrival = asyncio.Event()
        driver.observe(self._notice)
        self._send_schema = Schema(msgspec.json.schema(SendBody), draft=Draft.D2020)

    def routes(self) -> list[BaseRoute]:
        """List the routes; a method that one does not have is 405."""
        table: list[tuple[str, str, Handler]] = [
            ("GET", "/health", self.health),
            ("GET", "/health/ready", self.ready),
            ("GET", "/version", self.version),
            ("GET", "/connections", self.connections),
            ("GET", "/connections/{id}", self.connection),
            ("POST", "/send", self.send),
        ]
        return [Route(path, _answering(handler), methods=[method]) for method, path, handler in table]

    async def health(self, _: Request) -> Response:
        return json_response(self._health.view(self._driver.connections))

    async def ready(self, _: Request) -> Response:
        return json_response({"status": "UP" if self._health.ready else "DOWN"}, 200 if self._health.ready else 503)

    async def version(self, _: Request) -> Response:
        return json_response({"version": self._health.version})

    async def connections(self, request: Request) -> Response:
        wanted = request.query_params.get("channel")
        there = self._driver.engine.world.connections.values()
        views = [connection_view(each) for each in there]
        return json_response([view for view in views if wanted is None or wanted in view["channels"]])

    async def connection(self, request: Request) -> Response:
        found = self._driver.engine.world.connections.get(request.path_params["id"])
        if found is None:
            raise Problem(404, "no such connection", f"there is no connection {request.path_params['id']!r}")
        return json_response(connection_view(found))

    async def send(self, request: Request) -> Response:
        body = self._send_body(await body_of(request))
        command = command_of(body)
        await self._wait_for(body, command)
        sent = self._sent(command)
        if sent.status == 409 and body.allowNone:
            sent = Sent(skipped=sent.skipped)
        if sent.status != 200:
            raise Problem(sent.status, TITLES[sent.status], sent.problem, **sent_view(sent))
        return json_response(sent_view(sent))

    async def _wait_for(self, body: SendBody, command: SendCommand) -> None:
        """Wait until as many connections are there as were asked for; raises Problem where they do not come in time."""
        if body.waitForConnections <= 0:
            return
        try:
            async with asyncio.timeout(_timeout_of(body)):
                while (there := self._driver.engine.reach(command)) < body.waitForConnections:
                    self._arrival.clear()
                    await self._arrival.wait()
        except TimeoutError:
            detail = f"{there} of {body.waitForConnections} connections were there in time"
            raise Problem(409, TITLES[409], detail, sent=0, connections=[]) from None

    def _notice(self, outcome: Outcome) -> None:
        if isinstance(outcome.event, Connected):
            self._arrival.set()

    def _sent(self, command: SendCommand) -> Sent:
        sent = self._driver.feed(Commanded(command, self._driver.clock.now())).answer
        assert isinstance(sent, Sent)
        return sent

    def _send_body(self, value: Any) -> SendBody:
        violations = self._send_schema.violations(value)
        if violations:
            raise Problem(422, "does not fit", f"{violations[0]}", errors=[violation_view(each) for each in violations])
        try:
            return msgspec.convert(value, SendBody)
        except msgspec.ValidationError as problem:
            raise Problem(422, "does not fit", str(problem)) from None


def _timeout_of(body: SendBody) -> float:
    seconds = seconds_of(body.timeout)
    if seconds is None or seconds > MAX_WAIT:
        raise Problem(422, "does not fit", f"/timeout: {body.timeout!r} is no duration up to {MAX_WAIT:g}s")
    return seconds


def command_of(body: SendBody) -> SendCommand:
    """Make the engine's command of a body; raises Problem where it says nothing, or too much."""
    said = [name for name in ("json", "text", "base64", "message") if getattr(body, name) is not UNSET]
    if len(said) > 1 or (not said and body.operation is UNSET):
        raise Problem(
            422,
            "does not fit",
            f"exactly one of message, json, text, base64 is said; here: {', '.join(said) or 'none'}",
        )
    return SendCommand(
        to=_target_of(body),
        message=body.message or None,
        operation=body.operation or None,
        example=body.example or None,
        generate=body.generate,
        overrides=body.with_,
        json=None if body.json is UNSET else body.json,
        has_json=body.json is not UNSET,
        text=None if body.text is UNSET else body.text,
        binary=None if body.base64 is UNSET else _bytes_of(body.base64),
        validate=body.validate,
    )


def _target_of(body: SendBody) -> Target:
    to = To() if body.to is UNSET else body.to
    named = [name for name in ("channel", "connection", "address", "all") if getattr(to, name) is not UNSET]
    if len(named) > 1 or (not named and body.operation is UNSET):
        raise Problem(
            422,
            "does not fit",
            f"/to: exactly one of channel, connection, address, all is needed; here: {', '.join(named) or 'none'}",
        )
    return Target(to.channel or None, to.connection or None, to.address or None, to.all is True)


def _bytes_of(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        raise Problem(422, "does not fit", "/base64: it is not base64") from None
