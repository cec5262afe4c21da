"""Problems of the admin API: what cannot be done, as problem documents (RFC 9457).

What is wrong with a body is said with its place and, for a misspelt key, with the one that was probably meant.
"""

import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from mockws.admin.views import violation_view
from mockws.errors import BadExpectation, MockwsError
from mockws.host.sockets import refuse
from mockws.schema.schema import Violation
from mockws.units import seconds_of

PROBLEM = "application/problem+json"
MAX_WAIT = 60.0  # seconds; a request must not hang for ever
Handler = Callable[[Request], Awaitable[Response]]
log = logging.getLogger("mockws.admin")


class Problem(MockwsError):
    """A request that cannot be done; becomes a problem document."""

    def __init__(self, status: int, title: str, detail: str, **more: Any) -> None:
        super().__init__(detail)
        self.status = status
        self.body = {"type": "about:blank", "title": title, "status": status, "detail": detail, **more}


def json_response(value: Any, status: int = 200, kind: str = "application/json") -> Response:
    return Response(msgspec.json.encode(value), status, media_type=kind)


def answering(handler: Handler) -> Handler:
    """Turn what a handler raises into its document; a defect of ours is logged, and answered as well."""

    async def answer(request: Request) -> Response:
        try:
            return await handler(request)
        except Problem as problem:
            return json_response(problem.body, problem.status, PROBLEM)
        except Exception:  # the server stays, and whoever asked is told
            log.exception("a request of the admin API could not be handled")
            body = Problem(500, "defect", "the mock failed on this request; its log says more").body
            return json_response(body, 500, PROBLEM)

    return answer


def misfit(detail: str, pointer: str = "", **more: Any) -> Problem:
    """Say that a body does not fit, where one thing is wrong with it."""
    shown = f"{pointer}: {detail}" if pointer else detail
    error = {"pointer": pointer, "message": detail, "schemaPointer": ""}
    return Problem(422, "does not fit", shown, **{"errors": [error], **more})


def misfits(violations: Sequence[Violation]) -> Problem:
    """Say all that is wrong with a body."""
    errors = msgspec.to_builtins([violation_view(each) for each in violations])
    return Problem(422, "does not fit", str(violations[0]), errors=errors)


def refused(problem: BadExpectation) -> Problem:
    """Say what is wrong with an expectation, or a matcher."""
    return misfit(problem.message, problem.pointer, code=problem.code)


def wall_time(duration: str | int, pointer: str) -> float:
    """Read how long a request may wait, in seconds of the wall's time; raises Problem."""
    seconds = seconds_of(duration)
    if seconds is None or seconds > MAX_WAIT:
        raise misfit(f"{duration!r} is no duration up to {MAX_WAIT:g}s", pointer)
    return seconds


async def unknown_route(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer what no route of the admin API is for."""
    body = Problem(404, "unknown route", f"nothing is at {scope['path'][:200]}").body
    if scope["type"] == "websocket":
        await receive()
        await refuse(scope, send, 404, body)
        return
    await json_response(body, 404, PROBLEM)(scope, receive, send)


def problem_of(request: Request, error: Exception) -> Response:
    """Answer what Starlette itself refuses: a method that a route does not have."""
    assert isinstance(error, HTTPException)
    allowed = (error.headers or {}).get("Allow", "")
    detail = f"{request.url.path[:200]} takes {allowed}, not {request.method[:20]}" if allowed else str(error.detail)
    response = json_response(
        Problem(error.status_code, str(error.detail).lower(), detail).body, error.status_code, PROBLEM
    )
    response.headers.update(error.headers or {})
    return response
