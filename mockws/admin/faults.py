"""Fault profiles over HTTP: latency, loss and faults over whatever is said on a channel."""

from typing import Any

import msgspec
from msgspec import UNSET

from mockws.admin.answers import ProfileView
from mockws.admin.connections import channel_named
from mockws.admin.endpoint import Call, Endpoint
from mockws.admin.problems import Problem, refused
from mockws.engine.events import ClearWeather, SetWeather
from mockws.engine.weather import Front
from mockws.errors import BadExpectation
from mockws.expect.model import FaultProfile
from mockws.expect.profile import compile_profile


async def every(call: Call) -> list[ProfileView]:
    """The fault profiles that are in force."""
    now = call.session.clock.now()
    return [_view(each, now) for each in call.engine.weather.fronts(now)]


async def put(call: Call) -> ProfileView:
    """Let latency and faults befall whatever the mock says on a channel, by chance and for a while."""
    name = channel_named(call, call.path["channel"], 404)
    try:
        profile = compile_profile(call.body(FaultProfile))
    except BadExpectation as problem:
        raise refused(problem) from None
    front = call.do(SetWeather(name, profile))
    if isinstance(front, BadExpectation):
        raise refused(front)
    return _view(front, call.session.clock.now())


async def remove(call: Call) -> None:
    """Take a channel's fault profile away; what it held back still comes."""
    name = channel_named(call, call.path["channel"], 404)
    if not call.do(ClearWeather(name)):
        raise Problem(404, "no fault profile", f"{name} has no fault profile")


async def clear(call: Call) -> None:
    """Take all fault profiles away."""
    call.do(ClearWeather())


def _view(front: Front, now: float) -> ProfileView:
    written: dict[str, Any] = msgspec.to_builtins(front.profile.model)
    left = UNSET if front.until is None else round(front.until - now, 3)
    return ProfileView(front.channel, written, left)


ENDPOINTS = (
    Endpoint("GET", "/faults", every, list[ProfileView]),
    Endpoint("DELETE", "/faults", clear),
    Endpoint("PUT", "/faults/{channel:path}", put, ProfileView, body=FaultProfile, problems=(404,)),
    Endpoint("DELETE", "/faults/{channel:path}", remove, problems=(404,)),
)
