"""The admin API, put together: every endpoint, behind the guard."""

from starlette.routing import Mount, Router

from mockws.admin import (
    clock,
    connections,
    coverage,
    expectations,
    explain,
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
from mockws.admin.desk import ADMIN, Desk
from mockws.admin.endpoint import Endpoint, routes_of
from mockws.admin.guard import Guard, Guarded
from mockws.admin.problems import unknown_route

ENDPOINTS: tuple[Endpoint, ...] = (
    *state.ENDPOINTS,
    *coverage.ENDPOINTS,
    *connections.ENDPOINTS,
    *sending.ENDPOINTS,
    *expectations.ENDPOINTS,
    *scenarios.ENDPOINTS,
    *journal.ENDPOINTS,
    *stream.ENDPOINTS,
    *verify.ENDPOINTS,
    *explain.ENDPOINTS,
    *clock.ENDPOINTS,
    *sessions.ENDPOINTS,
    *reset.ENDPOINTS,
    *metrics.ENDPOINTS,
)


def admin_mount(desk: Desk, guard: Guard) -> Mount:
    """Mount the admin API for all sessions."""
    router = Router(routes=routes_of(ENDPOINTS, desk), default=unknown_route, redirect_slashes=False)
    return Mount(ADMIN, app=Guarded(router, guard, ADMIN))
