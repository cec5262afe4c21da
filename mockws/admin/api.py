"""The routes of the admin API, under `/__admin`."""

import asyncio
import base64
import binascii
from typing import Any

import msgspec
from msgspec import UNSET
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from mockws.admin.bodies import body_of
from mockws.admin.guard import STRANGER
from mockws.admin.health import Health
from mockws.admin.models import SendBody, To
from mockws.admin.problems import Handler, Problem, answering, json_response, misfit, misfits
from mockws.admin.views import connection_view, sent_view
from mockws.engine.actions import Outcome
from mockws.engine.events import Commanded, Connected, SendCommand, Target
from mockws.engine.send import Sent
from mockws.errors import UnknownName
from mockws.host.driver import Driver
from mockws.schema.schema import Draft, Schema
from mockws.units import seconds_of

MAX_WAIT = 60.0  # seconds; a request must not hang for ever
SAID = ("message", "json", "text", "base64")
ONE_TARGET = ("channel", "connection", "address", "all")
TITLES = {404: "no such connection", 409: "no one was reached", 422: "does not fit"}
KEYS = {"": SendBody.__struct_encode_fields__, "/to": To.__struct_encode_fields__}


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
        return [Route(path, answering(handler), methods=[method]) for method, path, handler in table]

    async def health(self, request: Request) -> Response:
        if request.scope.get(STRANGER):
            return await self.ready(request)
        view = self._health.view(self._driver.connections)
        return json_response(view, 200 if self._health.ready else 503)

    async def ready(self, _: Request) -> Response:
        return json_response(self._health.sign(), 200 if self._health.ready else 503)

    async def version(self, _: Request) -> Response:
        return json_response({"version": self._health.version})

    async def connections(self, request: Request) -> Response:
        wanted = request.query_params.get("channel")
        there = self._driver.engine.world.connections.values()
        name = None if wanted is None else self._channel_named(wanted)
        views = [connection_view(each, self._secrets) for each in there]
        return json_response([view for view in views if name is None or name in view["channels"]])

    @property
    def _secrets(self) -> frozenset[str]:
        return self._driver.engine.contract.secret_names

    def _channel_named(self, name: str) -> str:
        try:
            return self._driver.engine.contract.channel(name).name
        except UnknownName as problem:
            raise Problem(404, "no such channel", str(problem)) from None

    async def connection(self, request: Request) -> Response:
        name = request.path_params["id"]
        found = self._driver.engine.world.connections.get(name)
        if found is None:
            raise Problem(404, TITLES[404], f"there is no connection {name[:100]!r}")
        return json_response(connection_view(found, self._secrets))

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
        seconds = _timeout_of(body)
        if body.waitForConnections == 0:
            return
        self._check_target(command)
        try:
            async with asyncio.timeout(seconds):
                while (there := self._driver.engine.reach(command)) < body.waitForConnections:
                    self._arrival.clear()
                    await self._arrival.wait()
        except TimeoutError:
            detail = f"{there} of {body.waitForConnections} connections were there within {seconds:g} s"
            raise Problem(409, TITLES[409], detail, **sent_view(Sent())) from None

    def _check_target(self, command: SendCommand) -> None:
        """What is not in the document will not come, however long one waits; raises Problem."""
        contract, to = self._driver.engine.contract, command.to
        try:
            if to.channel is not None:
                contract.channel(to.channel)
            if command.operation is not None:
                contract.operation(command.operation)
            if command.message is not None:
                contract.message(command.message)
        except UnknownName as problem:
            raise Problem(422, TITLES[422], str(problem), **sent_view(Sent())) from None
        if to.connection is not None and to.connection not in self._driver.engine.world.connections:
            raise Problem(404, TITLES[404], f"there is no connection {to.connection[:100]!r}", **sent_view(Sent()))

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
            raise misfits(violations, KEYS)
        try:
            return msgspec.convert(value, SendBody)
        except msgspec.ValidationError as problem:
            raise misfit(str(problem)) from None


def _timeout_of(body: SendBody) -> float:
    seconds = seconds_of(body.timeout)
    if seconds is None or seconds > MAX_WAIT:
        raise misfit(f"{body.timeout!r} is no duration up to {MAX_WAIT:g}s", "/timeout")
    return seconds


def command_of(body: SendBody) -> SendCommand:
    """Make the engine's command of a body; raises Problem where it says nothing, or too much."""
    said = [name for name in SAID if getattr(body, name) is not UNSET]
    to = _target_of(body)
    # A channel or an operation may have but one message to send, which then need not be named.
    if len(said) > 1 or (not said and to.channel is None and body.operation is UNSET):
        raise misfit(f"exactly one of {', '.join(SAID)} is said; here: {', '.join(said) or 'none'}")
    return SendCommand(
        to=to,
        message=_given(body.message),
        operation=_given(body.operation),
        example=_given(body.example),
        generate=body.generate,
        overrides=body.with_,
        json=None if body.json is UNSET else body.json,
        has_json=body.json is not UNSET,
        text=_given(body.text),
        binary=None if body.base64 is UNSET else _bytes_of(body.base64),
        validate=body.validate,
    )


def _given(text: str | msgspec.UnsetType) -> str | None:
    return None if text is UNSET else text


def _target_of(body: SendBody) -> Target:
    to = To() if body.to is UNSET else body.to
    named = [name for name in ONE_TARGET if getattr(to, name) is not UNSET]
    if len(named) > 1 or (not named and body.operation is UNSET):
        raise misfit(f"exactly one of {', '.join(ONE_TARGET)} is needed; here: {', '.join(named) or 'none'}", "/to")
    if to.all is False:
        raise misfit("it can only be true", "/to/all")
    return Target(_given(to.channel), _given(to.connection), _given(to.address), to.all is True)


def _bytes_of(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise misfit("it is not base64", "/base64") from None
