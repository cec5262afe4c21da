"""Who is connected: shown, waited for, spoken to, sent away."""

import msgspec
from msgspec import UNSET

from mockws.admin.answers import SentView
from mockws.admin.endpoint import Call, Endpoint
from mockws.admin.models import (
    CloseBody,
    CloseQuery,
    ConnectionsQuery,
    FaultBody,
    SayBody,
    SendBody,
    To,
    WaitBody,
)
from mockws.admin.problems import Problem, refused, wall_time
from mockws.admin.sending import command_of, said
from mockws.admin.views import connection_view
from mockws.client.views import ConnectionsView, ConnectionView, ReachedView
from mockws.engine.context import facts_of
from mockws.engine.events import CloseCommand, FaultCommand, PingCommand
from mockws.engine.state import Connection
from mockws.errors import BadExpectation, UnknownName
from mockws.expect.expectation import ConnectionMatcher, compile_connection


async def connections(call: Call) -> list[ConnectionView]:
    """Who is connected; `?channel=NAME` only there."""
    wanted = call.query(ConnectionsQuery).channel
    name = None if wanted is UNSET else channel_named(call, wanted, 404)
    return [_view(call, each) for each in _there(call, name)]


def _view(call: Call, connection: Connection) -> ConnectionView:
    return connection_view(connection, call.engine.contract.secret_names, call.desk.showing.redaction)


def channel_named(call: Call, name: str, status: int = 422, pointer: str = "/channel") -> str:
    """Look a channel up, by whatever it goes by; raises Problem."""
    try:
        return call.engine.contract.channel(name).name
    except UnknownName as problem:
        raise Problem(status, "no such channel", f"{pointer}: {problem}" if status == 422 else str(problem)) from None


def _there(call: Call, channel: str | None) -> list[Connection]:
    there = call.engine.world.connections.values()
    return [each for each in there if channel is None or channel in {one.name for one in each.route.channels}]


def connection_named(call: Call) -> Connection:
    """Find the connection that the path names; raises Problem."""
    name = call.path["id"]
    found = call.engine.world.connections.get(name)
    if found is None:
        raise Problem(404, "no such connection", f"no connection {name[:100]!r} is open")
    return found


async def connection(call: Call) -> ConnectionView:
    """One connection."""
    return _view(call, connection_named(call))


async def wait(call: Call) -> ConnectionsView:
    """Wait until so many connections are there; 409 where they do not come in time."""
    body = call.body(WaitBody)
    seconds = wall_time(body.timeout, "/timeout")
    matcher = connection_matcher(body)
    channel = None if body.channel is UNSET else channel_named(call, body.channel)

    def found() -> list[Connection]:
        return [each for each in _there(call, channel) if matcher is None or not matcher.differences(facts_of(each))]

    def enough() -> list[Connection] | None:
        there = found()
        return there if len(there) >= body.count else None

    there = await call.session.notice.until(enough, seconds)
    if there is None:
        raise _too_few(body, [_view(call, each) for each in found()], seconds)
    return ConnectionsView([_view(call, each) for each in there])


def _too_few(body: WaitBody, there: list[ConnectionView], seconds: float) -> Problem:
    detail = f"{len(there)} of {body.count} connections were there within {seconds:g} s"
    shown = msgspec.to_builtins(there)
    return Problem(409, "they did not come", detail, connections=shown)


def connection_matcher(body: WaitBody) -> ConnectionMatcher | None:
    try:
        return compile_connection(body.connection, "/connection")
    except BadExpectation as problem:
        raise refused(problem) from None


async def send(call: Call) -> SentView:
    """Say something to one connection."""
    connection = connection_named(call)
    given = msgspec.structs.asdict(call.body(SayBody))
    body = SendBody(to=To(connection=connection.id), **given)
    return await said(call, body, command_of(body))


async def close(call: Call) -> ReachedView:
    """Close one connection."""
    body = call.body(CloseBody)
    return _reached(call, CloseCommand((connection_named(call).id,), body.code, body.reason))


async def fault(call: Call) -> ReachedView:
    """Do what no well-behaved server does to one connection: a fault by its name, or bytes."""
    return _reached(call, FaultCommand(connection_named(call).id, call.body(FaultBody).fault))


async def ping(call: Call) -> ReachedView:
    """Ask one connection for a pong."""
    return _reached(call, PingCommand(connection_named(call).id))


async def remove(call: Call) -> None:
    """Close one connection with 1000."""
    call.do(CloseCommand((connection_named(call).id,)))


async def clear(call: Call) -> ReachedView:
    """Close all connections; `?channel=NAME` only there, `?code=1012` with that code."""
    query = call.query(CloseQuery)
    name = None if query.channel is UNSET else channel_named(call, query.channel, 404)
    there = tuple(each.id for each in _there(call, name))
    return _reached(call, CloseCommand(there, query.code, query.reason))


def _reached(call: Call, command: CloseCommand | FaultCommand | PingCommand) -> ReachedView:
    """Carry a command out; raises Problem where it asks for what there is not."""
    answer = call.do(command)
    if isinstance(answer, BadExpectation):
        raise refused(answer)
    return ReachedView(list(answer))


ENDPOINTS = (
    Endpoint("GET", "/connections", connections, list[ConnectionView], query=ConnectionsQuery, problems=(404,)),
    Endpoint("POST", "/connections/wait", wait, ConnectionsView, body=WaitBody, optional=True, problems=(409,)),
    Endpoint("GET", "/connections/{id}", connection, ConnectionView, problems=(404,)),
    Endpoint("POST", "/connections/{id}/send", send, SentView, body=SayBody, problems=(404, 409)),
    Endpoint("POST", "/connections/{id}/close", close, ReachedView, body=CloseBody, optional=True, problems=(404,)),
    Endpoint("POST", "/connections/{id}/fault", fault, ReachedView, body=FaultBody, problems=(404,)),
    Endpoint("POST", "/connections/{id}/ping", ping, ReachedView, problems=(404,)),
    Endpoint("DELETE", "/connections/{id}", remove, problems=(404,)),
    Endpoint("DELETE", "/connections", clear, ReachedView, query=CloseQuery, problems=(404,)),
)
