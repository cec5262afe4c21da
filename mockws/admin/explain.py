"""Explaining over HTTP: what a message would lead to, made up or out of the journal, and why nothing else does."""

import base64
import binascii

from msgspec import UNSET

from mockws.admin.endpoint import Call, Endpoint
from mockws.admin.findings import (
    ExplanationView,
    JudgedView,
    PromiseView,
    ReadingView,
    Veil,
    WarningView,
    reason_of,
    rounded,
)
from mockws.admin.inquiries import ExplainBody, Said
from mockws.admin.problems import Problem, misfit
from mockws.admin.views import violation_view
from mockws.codec import Frame, twins
from mockws.contract import Route
from mockws.engine.explain import Explanation, Handshake, Judged, Promise, explain, made_up, recalled, routes_with
from mockws.engine.reception import Reading
from mockws.engine.search import MESSAGE
from mockws.errors import UnknownName

PRESENT = "judged by the expectations and the state that there are now, not by those when it came"
MOST_WARNINGS = 20


async def ask(call: Call) -> ExplanationView:
    """What a message would lead to, and why; nothing is changed by it."""
    body = call.body(ExplainBody)
    if (body.seq is UNSET) is (body.message is UNSET):
        raise misfit("exactly one of message, seq is needed")
    return _of_entry(call, body) if body.seq is not UNSET else _of_message(call, body)


def _of_entry(call: Call, body: ExplainBody) -> ExplanationView:
    assert body.seq is not UNSET
    if body.channel is not UNSET:
        raise misfit("an entry has its own channel", "/channel")
    entry, now = call.journal.entry(body.seq), call.session.clock.now()
    if entry is None:
        there = f"there are {call.journal.first} to {call.journal.last}"
        raise Problem(404, "no such entry", f"entry {body.seq} is not there, or not any more; {there}")
    if entry.event != MESSAGE or entry.direction != "in" or entry.frame is None or entry.connection is None:
        what = f"{entry.event}{' that was sent' if entry.direction == 'out' else ''}"
        raise misfit(f"entry {body.seq} is no message that came in, but {what}", "/seq")
    connection = recalled(call.engine, entry.connection, entry.address or "", now)
    if connection is None:
        detail = f"connection {entry.connection} is not known any more, or its address is not in the document"
        raise Problem(409, "nothing known", detail)
    return view(call, explain(call.engine, connection, entry.frame, now), entry.frame, PRESENT)


def _of_message(call: Call, body: ExplainBody) -> ExplanationView:
    assert body.message is not UNSET
    route, asked, now = _route(call, body), body.connection, call.session.clock.now()
    unknown = [name for name in asked.path_parameters if name not in route.path.parameters]
    if unknown:
        known = ", ".join(route.path.parameters) or "none"
        raise misfit(f"the address has no such parameter; it has {known}", f"/connection/pathParameters/{unknown[0]}")
    handshake = Handshake(
        asked.path_parameters,
        asked.query_parameters,
        asked.headers,
        asked.cookies,
        None if asked.subprotocol is UNSET else asked.subprotocol,
        asked.groups,
        asked.state,
        asked.values,
    )
    frame = _frame(call, route, body.message)
    return view(call, explain(call.engine, made_up(route, handshake, now), frame, now), frame)


def _route(call: Call, body: ExplainBody) -> Route:
    """Find where the made-up connection is: its channel's route, or the only one there is; raises Problem."""
    routes = list(call.engine.contract.routes)
    if body.channel is not UNSET:
        try:
            routes = routes_with(call.engine, call.engine.contract.channel(body.channel))[:1]
        except UnknownName as problem:
            raise misfit(str(problem), "/channel") from None
    if len(routes) != 1:
        detail = "say on which channel" if routes else "nobody can connect there"
        raise misfit(detail, "/channel")
    return routes[0]


def _frame(call: Call, route: Route, said: Said) -> Frame:
    given = [name for name in ("json", "text", "base64") if getattr(said, name) is not UNSET]
    if len(given) != 1:
        raise misfit(f"exactly one of json, text, base64 is said; here: {', '.join(given) or 'none'}", "/message")
    if said.text is not UNSET:
        return said.text
    if said.base64 is UNSET:
        return call.engine.reception(route).frame_of(said.json)
    try:
        return base64.b64decode(said.base64, validate=True)
    except (binascii.Error, ValueError):
        raise misfit("it is not base64", "/message/base64") from None


def view(call: Call, explanation: Explanation, frame: Frame, note: str = "") -> ExplanationView:
    """Show an explanation; what is masked in the journal is masked here."""
    rule, veil = explanation.rule, Veil.over(call, explanation.reading.frame or frame)
    return ExplanationView(
        by=explanation.by,
        message=_reading_view(explanation.reading, frame),
        document=_promise_view(explanation.promise),
        expectations=[_judged_view(each, veil) for each in explanation.judged],
        expectation=rule.id if rule is not None else UNSET,
        note=note or UNSET,
        omitted=explanation.omitted,
    )


def _reading_view(reading: Reading, frame: Frame) -> ReadingView:
    candidate, warnings = reading.candidate, _warnings(frame) or UNSET
    if candidate is not None:
        return ReadingView(True, candidate.message.name, list(reading.others) or UNSET, warnings=warnings)
    errors = [violation_view(each) for each in reading.violations]
    closest = reading.closest.name if reading.closest is not None else UNSET
    return ReadingView(False, closest=closest, reason=reading.reason, errors=errors or UNSET, warnings=warnings)


def _warnings(frame: Frame) -> list[WarningView]:
    """Tell what a reader of JSON passes over; it costs too much to look for with each message."""
    said = "stands more than once in its object; the last one counts"
    return [WarningView("json_duplicate_key", pointer, said) for pointer in twins(frame)[:MOST_WARNINGS]]


def _promise_view(promise: Promise) -> PromiseView:
    return PromiseView(
        promise.does,
        promise.how,
        list(promise.replies),
        promise.channel or UNSET,
        promise.operation or UNSET,
        promise.code if promise.code is not None else UNSET,
    )


def _judged_view(judged: Judged, veil: Veil) -> JudgedView:
    model = judged.rule.compiled.model
    return JudgedView(
        expectation=judged.rule.id,
        answers=not judged.differences,
        distance=rounded(judged.differences),
        differences=veil.views(judged.differences),
        reason=reason_of(judged.differences),
        name=model.name or UNSET,
        probability=model.probability if model.probability < 1 else UNSET,
    )


ENDPOINTS = (Endpoint("POST", "/explain", ask, ExplanationView, body=ExplainBody, problems=(404, 409)),)
