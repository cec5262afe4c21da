"""The admin API's expectations: added, shown, replaced, taken out, set off."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from mockws.admin.bodies import body_of, optional_body_of
from mockws.admin.problems import Problem, answering, json_response, misfit
from mockws.admin.views import violation_view
from mockws.codec import encode_json
from mockws.engine.book import Rule
from mockws.engine.events import Command, Commanded, Expect, Fire, Reset, Unexpect
from mockws.errors import BadExpectation, CannotSave, CannotWrite
from mockws.expect.expectation import Compiled
from mockws.expect.model import Expectation
from mockws.expect.reading import MAX_ID, problems, read_expectation
from mockws.host.driver import Driver

OF_METADATA = "metadata."
Save = Callable[[Sequence[Compiled]], Awaitable[dict[str, Any]]]  # raises CannotSave, CannotWrite


class Expectations:
    """The handlers, around one driver."""

    def __init__(self, driver: Driver, save: Save) -> None:
        self._driver = driver
        self._save = save
        self._count = 0

    def routes(self) -> list[BaseRoute]:
        table = [
            ("GET", "/expectations", self.list),
            ("POST", "/expectations", self.add),
            ("DELETE", "/expectations", self.clear),
            ("POST", "/expectations/reset", self.reset),
            ("POST", "/expectations/save", self.save),
            ("GET", "/expectations/{id:path}", self.show),
            ("PUT", "/expectations/{id:path}", self.put),
            ("DELETE", "/expectations/{id:path}", self.remove),
            ("POST", "/triggers/{name}", self.fire),
        ]
        return [Route(path, answering(handler), methods=[method]) for method, path, handler in table]

    async def list(self, request: Request) -> Response:
        """List all expectations in their order of precedence; `?unmatched=true`, `?metadata.KEY=VALUE` choose."""
        unmatched, wanted = _chosen(request)
        rules = sorted(self._rules().values(), key=lambda rule: rule.precedence)
        return json_response([view(rule) for rule in rules if _has(rule, wanted) and not (unmatched and rule.ran)])

    async def add(self, request: Request) -> Response:
        value = await body_of(request)
        return json_response(view(self._expect(value, self._new_id())), 201)

    def _new_id(self) -> str:
        """Make an id that nobody has: what is there already is not to be replaced by accident."""
        self._count += 1
        while f"e{self._count}" in self._rules():
            self._count += 1
        return f"e{self._count}"

    async def put(self, request: Request) -> Response:
        """Put an expectation in force under an id; one from a file is shadowed until a reset."""
        identity = _identity(request)
        value = await body_of(request)
        if isinstance(value, dict):
            if value.get("id", identity) != identity:
                raise misfit(f"it is {value['id']!r}, the path says {identity!r}", "/id")
            value = {**value, "id": identity}
        return json_response(view(self._expect(value, identity)))

    async def show(self, request: Request) -> Response:
        return json_response(view(self._rule(request)))

    async def remove(self, request: Request) -> Response:
        rule = self._rule(request)
        self._do(Unexpect(rule.id))
        return Response(status_code=204)

    async def clear(self, _: Request) -> Response:
        """Take out all that the admin API added."""
        self._do(Unexpect())
        return Response(status_code=204)

    async def reset(self, _: Request) -> Response:
        """Files only again, unused."""
        self._do(Reset())
        return Response(status_code=204)

    async def save(self, _: Request) -> Response:
        """Write what was added into a stub file; it stays in force, and is there again after a restart."""
        book = self._driver.engine.expected.book
        rules = sorted((book.rules[identity] for identity in book.added()), key=lambda rule: rule.precedence)
        try:
            return json_response(await self._save([rule.compiled for rule in rules]))
        except CannotSave as problem:
            raise Problem(409, "not saved", str(problem)) from None
        except CannotWrite as problem:
            raise Problem(507, "not saved", str(problem)) from None

    async def fire(self, request: Request) -> Response:
        """Set off the expectations with a named trigger."""
        name = request.path_params["name"]
        ran = self._do(Fire(name, await optional_body_of(request)))
        if not ran:
            raise Problem(404, "no such trigger", f"no expectation in force has a trigger named {name[:100]!r}")
        return json_response({"ran": ran})

    def _expect(self, value: Any, identity: str) -> Rule:
        violations = problems(value, Expectation)
        if violations:
            errors = [violation_view(each) for each in violations]
            raise Problem(422, "does not fit", str(violations[0]), errors=errors)
        try:
            compiled = read_expectation(value, identity)
        except BadExpectation as problem:
            raise _refusal(problem) from None
        answer = self._do(Expect(compiled))
        if isinstance(answer, BadExpectation):
            raise _refusal(answer)
        assert isinstance(answer, Rule)
        return answer

    def _do(self, command: Command) -> Any:
        return self._driver.feed(Commanded(command, self._driver.clock.now())).answer

    def _rules(self) -> dict[str, Rule]:
        return self._driver.engine.expected.book.rules

    def _rule(self, request: Request) -> Rule:
        identity = _identity(request)
        rule = self._rules().get(identity)
        if rule is None:
            raise Problem(404, "no such expectation", f"there is no expectation {identity!r}")
        return rule


def _identity(request: Request) -> str:
    identity: str = request.path_params["id"]
    if not identity or len(identity) > MAX_ID:
        raise misfit(f"an id has 1 to {MAX_ID} characters", "/id")
    return identity


def _refusal(problem: BadExpectation) -> Problem:
    return misfit(problem.message, problem.pointer, code=problem.code)


def _chosen(request: Request) -> tuple[bool, dict[str, str]]:
    """Read what a list is narrowed by: those that never ran, and values of their metadata."""
    query = dict(request.query_params)
    unmatched = query.pop("unmatched", "false")
    unknown = [key for key in query if not key.startswith(OF_METADATA)]
    if unknown:
        raise misfit(f"expectations have no filter {unknown[0]!r}; they have unmatched and {OF_METADATA}KEY")
    if unmatched not in ("true", "false"):
        raise misfit("it is true or false", "/unmatched")
    return unmatched == "true", {key.removeprefix(OF_METADATA): value for key, value in query.items()}


def _has(rule: Rule, metadata: dict[str, str]) -> bool:
    own = rule.compiled.model.metadata
    return all(key in own and _as_text(own[key]) == value for key, value in metadata.items())


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else encode_json(value)


def view(rule: Rule) -> dict[str, Any]:
    """Show an expectation as it was written, with its id and what has become of it."""
    shown = msgspec.to_builtins(rule.compiled.model)
    status = {"source": rule.layer.name.lower(), "ran": rule.ran, "remaining": rule.remaining}
    return {**shown, "id": rule.id, "status": status}
