"""Endpoints: one row a route, with what it takes and what it gives.

The router, the checks of bodies and queries, openapi.json and the reference are all made of these rows.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mockws.admin.bodies import body_of, optional_body_of
from mockws.admin.desk import Desk
from mockws.admin.problems import Problem, answering, json_response, misfit, misfits
from mockws.engine.engine import Engine
from mockws.engine.events import Command, Commanded
from mockws.engine.journal import Journal
from mockws.expect.reading import problems
from mockws.host.driver import Driver
from mockws.host.entrance import SESSION
from mockws.host.sessions import Session
from mockws.names import closest

JSON = "application/json"
M = TypeVar("M", bound=msgspec.Struct)


@dataclass(frozen=True)
class Call:
    """One request, read: the session that it is for, its path, query and body."""

    request: Request
    desk: Desk
    session: Session
    value: Any = None  # the body as decoded JSON, checked
    path: Mapping[str, str] = field(default_factory=dict)

    @property
    def driver(self) -> Driver:
        return self.session.driver

    @property
    def engine(self) -> Engine:
        return self.session.driver.engine

    @property
    def journal(self) -> Journal:
        return self.session.driver.engine.journal

    def body(self, model: type[M]) -> M:
        """Give the body as a model; raises Problem where that finds more wrong with it than its schema did."""
        return converted(self.value, model)

    def query(self, model: type[M]) -> M:
        """Give the query as a model; raises Problem for what it does not know."""
        return _query_of(self.request.query_params.multi_items(), model)

    def do(self, command: Command) -> Any:
        """Let the engine of the session carry a command out, and give its answer."""
        return self.driver.feed(Commanded(command, self.session.clock.now())).answer


Handler = Callable[[Call], Awaitable[Any]]


@dataclass(frozen=True)
class Endpoint:
    """One route: a handler, and the types of what goes in and out."""

    method: str
    path: str
    handler: Handler
    answer: Any = None  # the type of the answer; none: 204, nothing
    status: int = 200
    body: Any = None  # the model of the body; none: there is no body
    optional: bool = False  # the body may be left out
    query: Any = None  # the model of the query
    also: tuple[int, ...] = ()  # other statuses with the same answer
    problems: tuple[int, ...] = ()  # what it may answer besides
    kind: str = JSON

    @property
    def summary(self) -> str:
        """Give the first paragraph of the handler's docstring."""
        return " ".join((self.handler.__doc__ or "").strip().partition("\n\n")[0].split())


def routes_of(endpoints: Iterable[Endpoint], desk: Desk) -> list[Route]:
    """Make one route a path, so that a wrong method is told all the right ones."""
    by_path: dict[str, dict[str, Endpoint]] = {}
    for each in endpoints:
        by_path.setdefault(each.path, {})[each.method] = each
    return [_route(path, methods, desk) for path, methods in by_path.items()]


def _route(path: str, methods: Mapping[str, Endpoint], desk: Desk) -> Route:
    async def answer(request: Request) -> Response:
        method = "GET" if request.method == "HEAD" else request.method
        return await _answer(methods[method], request, desk)

    return Route(path, answering(answer), methods=list(methods))


async def _answer(endpoint: Endpoint, request: Request, desk: Desk) -> Response:
    session = request.scope.get(SESSION) or desk.sessions.main
    value = await _value_of(endpoint, request)
    answer = await endpoint.handler(Call(request, desk, session, value, dict(request.path_params)))
    if isinstance(answer, Response):
        return answer
    if endpoint.answer is None:
        return Response(status_code=204)
    return json_response(answer, endpoint.status)


async def _value_of(endpoint: Endpoint, request: Request) -> Any:
    """Read the body, and check it by the schema of its model; raises Problem with all that is wrong."""
    if endpoint.body is None:
        return None
    value = await (optional_body_of(request) if endpoint.optional else body_of(request))
    absent = value is None and endpoint.optional
    wrong = [] if absent or endpoint.body is Any else problems(value, endpoint.body)
    if wrong:
        raise misfits(wrong)
    return value


def converted(value: Any, model: type[M]) -> M:
    try:
        return msgspec.convert({} if value is None else value, model)
    except msgspec.ValidationError as problem:
        raise misfit(str(problem)) from None


def _query_of(pairs: Iterable[tuple[str, str]], model: type[M]) -> M:
    known = {each.encode_name for each in msgspec.structs.fields(model)}
    given = dict(pairs)
    for name in given:
        if name not in known:
            raise _unknown(name, known)
    try:
        return msgspec.convert(given, model, strict=False)
    except msgspec.ValidationError as problem:
        message, _, place = str(problem).partition(" - at `$.")
        raise misfit(message, f"/{place.removesuffix('`')}" if place else "") from None


def _unknown(name: str, known: Iterable[str]) -> Problem:
    hint = closest(name, known)
    advice = f"did you mean {hint!r}?" if hint else f"there are {', '.join(sorted(known)) or 'none'}"
    return misfit(f"there is no argument {name[:50]!r}; {advice}", f"/{name[:50]}")
