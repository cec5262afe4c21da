"""Scenarios over HTTP: in which state they are, put into another one, begun anew."""

from mockws.admin.endpoint import Call, Endpoint
from mockws.admin.models import ScenarioBody
from mockws.admin.problems import Problem
from mockws.client.views import ScenarioView
from mockws.engine.events import Enter, Restart


async def every(call: Call) -> list[ScenarioView]:
    """The scenarios that expectations know, with their states."""
    return [_view(call, name) for name in sorted(_known(call))]


async def show(call: Call) -> ScenarioView:
    """One scenario."""
    return _view(call, _named(call))


async def put(call: Call) -> ScenarioView:
    """Put a scenario into a state: everywhere, or for one `connection`."""
    name, body = _named(call), call.body(ScenarioBody)
    if body.connection is not None and body.connection not in call.engine.world.connections:
        raise Problem(404, "no such connection", f"no connection {body.connection[:100]!r} is open")
    call.do(Enter(name, body.state, body.connection))
    return _view(call, name)


async def reset(call: Call) -> None:
    """Put all scenarios back to where they start."""
    call.do(Restart())


def _known(call: Call) -> dict[str, frozenset[str]]:
    return call.engine.expected.scenarios()


def _named(call: Call) -> str:
    name, known = call.path["name"], _known(call)
    if name not in known:
        detail = f"no expectation has a scenario {name[:100]!r}; there are {', '.join(sorted(known)) or 'none'}"
        raise Problem(404, "no such scenario", detail)
    return name


def _view(call: Call, name: str) -> ScenarioView:
    chooser, connections = call.engine.expected.chooser, call.engine.world.connections
    return ScenarioView(
        name=name,
        state=chooser.state(name, "global", None),
        connections={each.id: chooser.state(name, "connection", each) for each in connections.values()},
        possible_states=sorted(_known(call)[name]),
    )


ENDPOINTS = (
    Endpoint("GET", "/scenarios", every, list[ScenarioView]),
    Endpoint("POST", "/scenarios/reset", reset),
    Endpoint("GET", "/scenarios/{name}", show, ScenarioView, problems=(404,)),
    Endpoint("PUT", "/scenarios/{name}", put, ScenarioView, body=ScenarioBody, problems=(404,)),
)
