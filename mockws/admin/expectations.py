"""The admin API's expectations: added, shown, replaced, taken out, set off."""

from typing import Any

import msgspec

from mockws.admin.endpoint import Call, Endpoint
from mockws.admin.problems import Problem, misfit, refused
from mockws.client.views import RanView, SavedView
from mockws.codec import encode_json
from mockws.engine.book import Layer, Rule
from mockws.engine.events import Expect, Fire, Reset, Unexpect
from mockws.errors import BadExpectation, CannotSave, CannotWrite
from mockws.expect.model import Expectation
from mockws.expect.reading import MAX_ID, read_expectation

OF_METADATA = "metadata."


async def every(call: Call) -> list[dict[str, Any]]:
    """The expectations in force, by precedence; `?unmatched=true`, `?metadata.KEY=VALUE` choose."""
    unmatched, wanted = _chosen(call)
    rules = sorted(_rules(call).values(), key=lambda rule: rule.precedence)
    return [view(rule) for rule in rules if _has(rule, wanted) and not (unmatched and rule.ran)]


async def add(call: Call) -> dict[str, Any]:
    """Add an expectation; it is answered as it is in force."""
    return view(_expect(call, call.value, call.engine.expected.book.new_id()))


async def put(call: Call) -> dict[str, Any]:
    """Put an expectation in force under an id; one from a file is shadowed until a reset."""
    identity = _identity(call)
    value = call.value
    if value.get("id", identity) != identity:
        raise misfit(f"it is {value['id']!r}, the path says {identity!r}", "/id")
    return view(_expect(call, {**value, "id": identity}, identity))


async def show(call: Call) -> dict[str, Any]:
    """One expectation, with what has become of it."""
    return view(_rule(call))


async def remove(call: Call) -> None:
    """Take an expectation out; a file's is back after a reset."""
    call.do(Unexpect(_rule(call).id))


async def clear(call: Call) -> None:
    """Take out all expectations that the admin API added."""
    call.do(Unexpect())


async def reset(call: Call) -> None:
    """Files only again, unused; scenarios at their start."""
    call.do(Reset())


async def save(call: Call) -> SavedView:
    """Write what was added into the first stub folder; it stays in force, and is there again after a restart."""
    book = call.engine.expected.book
    rules = sorted(
        (rule for rule in book.rules.values() if rule.layer is not Layer.FILE), key=lambda each: each.precedence
    )
    try:
        return await call.desk.save([rule.compiled for rule in rules])
    except CannotSave as problem:
        raise Problem(409, "not saved", str(problem)) from None
    except CannotWrite as problem:
        raise Problem(507, "not saved", str(problem)) from None


async def fire(call: Call) -> RanView:
    """Set off the expectations with a named trigger; a JSON body is their `payload`."""
    name = call.path["name"]
    ran = call.do(Fire(name, call.value))
    if not ran:
        raise Problem(404, "no such trigger", f"no expectation in force has a trigger named {name[:100]!r}")
    return RanView(ran)


def _expect(call: Call, value: Any, identity: str) -> Rule:
    try:
        compiled = read_expectation(value, identity)
    except BadExpectation as problem:
        raise refused(problem) from None
    answer = call.do(Expect(compiled))
    if isinstance(answer, BadExpectation):
        raise refused(answer)
    assert isinstance(answer, Rule)
    return answer


def _rules(call: Call) -> dict[str, Rule]:
    return call.engine.expected.book.rules


def _rule(call: Call) -> Rule:
    identity = _identity(call)
    rule = _rules(call).get(identity)
    if rule is None:
        raise Problem(404, "no such expectation", f"there is no expectation {identity[:100]!r}")
    return rule


def _identity(call: Call) -> str:
    identity = call.path["id"]
    if not identity or len(identity) > MAX_ID:
        raise misfit(f"an id has 1 to {MAX_ID} characters", "/id")
    return identity


def _chosen(call: Call) -> tuple[bool, dict[str, str]]:
    """Read what a list is narrowed by: those that never ran, and values of their metadata."""
    query = dict(call.request.query_params)
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


class ExpectationsQuery(msgspec.Struct):
    """Which expectations are listed."""

    unmatched: bool = False


ENDPOINTS = (
    Endpoint("GET", "/expectations", every, list[Expectation], query=ExpectationsQuery),
    Endpoint("POST", "/expectations", add, Expectation, status=201, body=Expectation),
    Endpoint("DELETE", "/expectations", clear),
    Endpoint("POST", "/expectations/reset", reset),
    Endpoint("POST", "/expectations/save", save, SavedView, problems=(409, 507)),
    Endpoint("GET", "/expectations/{id:path}", show, Expectation, problems=(404,)),
    Endpoint("PUT", "/expectations/{id:path}", put, Expectation, body=Expectation),
    Endpoint("DELETE", "/expectations/{id:path}", remove, problems=(404,)),
    Endpoint("POST", "/triggers/{name}", fire, RanView, body=Any, optional=True, problems=(404,)),
)
