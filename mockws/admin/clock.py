"""The mock's clock over HTTP: freeze it, move it on, let it go, put it back."""

import asyncio

from mockws.admin.endpoint import Call, Endpoint
from mockws.admin.models import ClockBody
from mockws.admin.problems import misfit
from mockws.client.views import ClockView
from mockws.host.clock import MockClock
from mockws.units import seconds_of, stamp

FURTHEST = 7 * 86400.0  # seconds that one request may move the clock on
TURN = 100  # timers that ring before the loop has a turn: what they say has to be written


async def show(call: Call) -> ClockView:
    """What time it is for the mock, and whether it stands still."""
    clock = call.session.clock
    return ClockView(round(clock.now(), 6), stamp(call.desk.showing.began + clock.now()), clock.frozen)


async def put(call: Call) -> ClockView:
    """Freeze the clock, advance it `by` so much, resume it from there, or reset it to the real time.

    What becomes due on the way happens before this answers, each at its own time.
    """
    body = call.body(ClockBody)
    if body.action != "advance":
        if body.by is not None:
            raise misfit(f"by belongs to advance, not to {body.action}", "/by")
        getattr(call.session.clock, body.action)()
        return await show(call)
    seconds = seconds_of(body.by) if body.by is not None else None
    if seconds is None or not 0 <= seconds <= FURTHEST:
        raise misfit(f"{body.by!r} is no duration up to {FURTHEST:g}s, such as 30s", "/by")
    await advanced(call.session.clock, seconds)
    return await show(call)


async def advanced(clock: MockClock, seconds: float) -> None:
    """Move a clock on, with turns of the loop between."""
    target = clock.now() + seconds
    while not clock.approach(target, TURN):
        await asyncio.sleep(0)


ENDPOINTS = (
    Endpoint("GET", "/clock", show, ClockView),
    Endpoint("PUT", "/clock", put, ClockView, body=ClockBody),
)
