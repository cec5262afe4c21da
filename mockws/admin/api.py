"""The admin API, put together: every endpoint, behind the guard."""

from starlette.routing import Mount, Router

from mockws.admin import connections, expectations, journal, sending, state
from mockws.admin.desk import Desk
from mockws.admin.endpoint import Endpoint, routes_of
from mockws.admin.guard import Guard, Guarded
from mockws.admin.problems import unknown_route

ADMIN = "/__admin"
ENDPOINTS: tuple[Endpoint, ...] = (
    *state.ENDPOINTS,
    *connections.ENDPOINTS,
    *sending.ENDPOINTS,
    *expectations.ENDPOINTS,
    *journal.ENDPOINTS,
)


def admin_mount(desk: Desk, guard: Guard) -> Mount:
    """Mount the admin API for all sessions."""
    router = Router(routes=routes_of(ENDPOINTS, desk), default=unknown_route, redirect_slashes=False)
    return Mount(ADMIN, app=Guarded(router, guard, ADMIN))
