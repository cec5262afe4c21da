"""What somebody outside wants said: `POST /send`."""

import base64
import binascii
from typing import Any

import msgspec
from msgspec import UNSET

from mockws.admin.answers import SentView
from mockws.admin.endpoint import Call, Endpoint
from mockws.admin.models import SendBody, To
from mockws.admin.problems import Problem, misfit, refused, wall_time
from mockws.admin.views import sent_view
from mockws.engine.events import SendCommand, Target
from mockws.engine.send import Sent
from mockws.errors import BadExpectation, UnknownName
from mockws.expect.pieces import Pieces
from mockws.expect.steps import pieces_of

SAID = ("message", "json", "text", "base64")
ONE_TARGET = ("channel", "connection", "address", "group", "all")
TITLES = {404: "no such connection", 409: "no one was reached", 422: "does not fit"}


async def send(call: Call) -> SentView:
    """Say a message of the document, or any payload, to connections; waits for them where that is asked."""
    body = call.body(SendBody)
    return await said(call, body, command_of(body))


async def said(call: Call, body: SendBody, command: SendCommand) -> SentView:
    """Carry a send out; raises Problem where it is refused, or reaches nobody."""
    await _wait_for(call, body, command)
    sent: Sent = call.do(command)
    if sent.status == 409 and body.allow_none:
        sent = Sent(skipped=sent.skipped)
    if sent.status != 200:
        raise refusal(sent.status, sent.problem, sent)
    return sent_view(sent)


def refusal(status: int, detail: str, sent: Sent | None = None) -> Problem:
    more: dict[str, Any] = msgspec.to_builtins(sent_view(sent or Sent()))
    return Problem(status, TITLES[status], detail, **more)


async def _wait_for(call: Call, body: SendBody, command: SendCommand) -> None:
    """Wait until as many connections are there as were asked for; raises Problem where they do not come in time."""
    seconds = wall_time(body.timeout, "/timeout")
    if body.wait_for_connections == 0:
        return
    _check_target(call, command)

    def there() -> bool | None:
        return call.engine.reach(command) >= body.wait_for_connections or None

    if not await call.session.notice.until(there, seconds):
        found = call.engine.reach(command)
        raise refusal(409, f"{found} of {body.wait_for_connections} connections were there within {seconds:g} s")


def _check_target(call: Call, command: SendCommand) -> None:
    """What is not in the document will not come, however long one waits; raises Problem."""
    contract, to = call.engine.contract, command.to
    try:
        if to.channel is not None:
            contract.channel(to.channel)
        if command.operation is not None:
            contract.operation(command.operation)
        if command.message is not None:
            contract.message(command.message)
    except UnknownName as problem:
        raise refusal(422, str(problem)) from None
    if to.connection is not None and to.connection not in call.engine.world.connections:
        raise refusal(404, f"there is no connection {to.connection[:100]!r}")


def command_of(body: SendBody) -> SendCommand:
    """Make the engine's command of a body; raises Problem where it says nothing, or too much."""
    words = [name for name in SAID if getattr(body, name) is not UNSET]
    to = _target_of(body)
    # A channel or an operation may have but one message to send, which then need not be named.
    if len(words) > 1 or (not words and to.channel is None and body.operation is UNSET):
        raise misfit(f"exactly one of {', '.join(SAID)} is said; here: {', '.join(words) or 'none'}")
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
        pieces=_pieces_of(body),
    )


def _pieces_of(body: SendBody) -> Pieces | None:
    try:
        return pieces_of(body, "")
    except BadExpectation as problem:
        raise refused(problem) from None


def _given(text: str | msgspec.UnsetType) -> str | None:
    return None if text is UNSET else text


def _target_of(body: SendBody) -> Target:
    to = To() if body.to is UNSET else body.to
    named = [name for name in ONE_TARGET if getattr(to, name) is not UNSET]
    if len(named) > 1 or (not named and body.operation is UNSET):
        raise misfit(f"exactly one of {', '.join(ONE_TARGET)} is needed; here: {', '.join(named) or 'none'}", "/to")
    if to.all is False:
        raise misfit("it can only be true", "/to/all")
    return Target(_given(to.channel), _given(to.connection), _given(to.address), _given(to.group), to.all is True)


def _bytes_of(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise misfit("it is not base64", "/base64") from None


ENDPOINTS = (Endpoint("POST", "/send", send, SentView, body=SendBody, problems=(404, 409)),)
