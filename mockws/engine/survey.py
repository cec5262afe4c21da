"""A survey of what an engine would do: each route with what it receives, answers, and sends. For people and tools."""

from typing import Any

from mockws.contract import Action, Channel, Contract, Parameter, Route
from mockws.engine.engine import Engine
from mockws.engine.plan import Via
from mockws.engine.push import asked_for, unasked
from mockws.engine.reception import Candidate


def survey(engine: Engine) -> list[dict[str, Any]]:
    """List the routes, in the order of the document."""
    return [_route(engine, route) for route in engine.contract.routes]


def _route(engine: Engine, route: Route) -> dict[str, Any]:
    return {
        "path": str(route.path),
        "sample": route.sample_target(),
        "channels": [channel.name for channel in route.channels],
        "topics": route.topics,
        "parameters": [_parameter(each) for each in _parameters(route)],
        "receives": [_received(candidate, route) for candidate in engine.reception(route).all],
        "sends": [row for channel in route.channels for row in _sent(engine, channel)],
    }


def _parameters(route: Route) -> list[Parameter]:
    found = {each.name: each for channel in route.channels for each in channel.parameters}
    return [found[name] for name in route.path.parameters if name in found]


def _parameter(parameter: Parameter) -> dict[str, Any]:
    return {
        "name": parameter.name,
        "enum": list(parameter.enum),
        "default": parameter.default,
        "description": parameter.description,
    }


def _received(candidate: Candidate, route: Route) -> dict[str, Any]:
    plan = candidate.plan
    where = plan.channel or (candidate.channel if candidate.channel not in route.channels else None)
    answer = " or ".join(message.name for message in plan.replies[:3])
    place = f" on {where.address}" if where is not None else " at the address it names" if plan.address else ""
    return {
        "message": candidate.message.name,
        "operation": candidate.operation.name,
        "answer": answer + place if plan.replies else "",
        "how": plan.note if plan.via is Via.NONE else str(plan.via),
    }


def _sent(engine: Engine, channel: Channel) -> list[dict[str, Any]]:
    contract: Contract = engine.contract
    asked = asked_for(engine.settings)
    rows = []
    for operation in contract.operations_at(channel, Action.SEND):
        every = operation.push if operation.push is not None else asked
        when = "waits for a trigger" if every is None else "on open" if every == 0 else f"every {every:g}s"
        rows += [
            {"message": each.name, "operation": operation.name, "when": when} for each in unasked(contract, operation)
        ]
    return rows
