"""The admin API, put together: every endpoint, behind the guard."""

from typing import Any

from starlette.routing import Mount, Router
from starlette.types import ASGIApp

from mockws.admin import (
    clock,
    connections,
    coverage,
    credentials,
    expectations,
    explain,
    faults,
    journal,
    metrics,
    reset,
    scenarios,
    sending,
    sessions,
    state,
    stream,
    verify,
)
from mockws.admin.desk import Desk
from mockws.admin.endpoint import Call, Endpoint, routes_of
from mockws.admin.guard import Guard, Guarded
from mockws.admin.openapi import openapi_of
from mockws.admin.problems import unknown_route
from mockws.host.entrance import ADMIN


async def openapi(_: Call) -> dict[str, Any]:
    """This API as an OpenAPI 3.1 document."""
    return openapi_of(ENDPOINTS)


async def document(call: Call) -> object:
    """The AsyncAPI document as it is served: mended, and in one file."""
    return call.desk.document()


ENDPOINTS: tuple[Endpoint, ...] = (
    *state.ENDPOINTS,
    *coverage.ENDPOINTS,
    *connections.ENDPOINTS,
    *sending.ENDPOINTS,
    *expectations.ENDPOINTS,
    *credentials.ENDPOINTS,
    *scenarios.ENDPOINTS,
    *journal.ENDPOINTS,
    *stream.ENDPOINTS,
    *verify.ENDPOINTS,
    *explain.ENDPOINTS,
    *clock.ENDPOINTS,
    *faults.ENDPOINTS,
    *sessions.ENDPOINTS,
    *reset.ENDPOINTS,
    *metrics.ENDPOINTS,
    Endpoint("GET", "/document", document, Any),
    Endpoint("GET", "/openapi.json", openapi, Any),
)


def admin_app(desk: Desk, guard: Guard) -> ASGIApp:
    """Make the app of the admin API for all sessions; whatever is asked of it, the guard is asked first."""
    inside = Router(routes=routes_of(ENDPOINTS, desk), default=unknown_route, redirect_slashes=False)
    return Guarded(Router([Mount(ADMIN, app=inside)], default=unknown_route, redirect_slashes=False), guard, ADMIN)
