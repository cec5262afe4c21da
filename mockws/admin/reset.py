"""Back to the beginning, all at once: for the time between two tests."""

from mockws.admin.endpoint import Call, Endpoint
from mockws.admin.models import ResetQuery
from mockws.engine.events import CloseCommand, Reset

RESTART = 1012  # RFC 6455 registry, "Service Restart": the client may come back


async def reset(call: Call) -> None:
    """Put all of this session back: what was added, journal, scenarios, clock, faults, counts.

    Connections stay, unless `?connections=close`. Other sessions are left alone.
    """
    if call.query(ResetQuery).connections == "close":
        call.do(CloseCommand(tuple(call.engine.world.connections), RESTART, "the mock was reset"))
    call.do(Reset())
    call.session.clock.reset()
    call.desk.sessions.forget(call.session)
    call.journal.clear()


ENDPOINTS = (Endpoint("POST", "/reset", reset, query=ResetQuery),)
