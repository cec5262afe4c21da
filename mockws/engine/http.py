"""Plain HTTP requests: which expectation one sets off and what it is answered, or what it misses by."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from msgspec import UNSET

from mockws.address import segments_of
from mockws.codec import Frame, encode_json
from mockws.engine.actions import Entry, Respond
from mockws.engine.book import NOWHERE, Book, Rule
from mockws.engine.choose import Chooser, Miss, Moment
from mockws.engine.context import TEMPLATE_FAILURES, context_for
from mockws.engine.delivery import Result
from mockws.engine.events import HttpReceived
from mockws.engine.script import Scripts
from mockws.engine.state import World
from mockws.errors import BadPath
from mockws.expect.http import ADMIN, Asked
from mockws.expect.matchers import NOTHING, Subject
from mockws.expression import MISSING

OK, UPGRADE, FAILED = 200, 426, 500
MOST_MISSES = 5
PROBLEM = (("content-type", "application/problem+json"),)
Candidates = list[tuple[Rule, Mapping[str, str]]]


class Requests:
    """Answers requests by the expectations with a trigger of type http."""

    def __init__(self, world: World, book: Book, chooser: Chooser, scripts: Scripts) -> None:
        self._world = world
        self._book = book
        self._chooser = chooser
        self._scripts = scripts

    def candidates(self, path: str) -> Candidates:
        """Give the expectations whose trigger has this path, in their order of precedence, with its parameters."""
        try:
            if segments_of(path)[0] == ADMIN:
                return []
            found = self._book.paths.find(path)
        except BadPath:
            return []
        there = [each for each in found if each[0].channel != NOWHERE]
        return sorted(there, key=lambda each: each[0].precedence)

    def answer(self, event: HttpReceived, promised: Callable[[HttpReceived], Result | None], otherwise: int) -> Result:
        """Set off the first expectation that fits, else what the document promises; `otherwise` is the status of the
        rest."""
        self._world.fired += 1
        misses: list[Miss] = []
        body = _subject(event.body)
        for rule, parameters in self.candidates(event.opening.path):
            moment = self._moment(event, parameters, body)
            miss = self._chooser.miss(rule, moment)
            if miss is None:
                return self._set_off(event, rule, moment)
            misses.append(miss)
        return promised(event) or _missed(
            event, sorted(misses, key=lambda miss: miss.distance)[:MOST_MISSES], otherwise
        )

    def _moment(self, event: HttpReceived, parameters: Mapping[str, str], body: Subject) -> Moment:
        opening = event.opening
        asked = Asked(event.method, parameters, dict(opening.query), dict(opening.headers), body)
        return Moment(event.at, more=(("request", _view(asked, opening.path)),), turn=self._world.fired, asked=asked)

    def _set_off(self, event: HttpReceived, rule: Rule, moment: Moment) -> Result:
        respond, faults = self._response(event, rule, moment)
        actions, entries = self._scripts.start(rule, moment)
        return (respond, *actions), (_matched(event, rule, respond.status), *faults, *entries)

    def _response(self, event: HttpReceived, rule: Rule, moment: Moment) -> tuple[Respond, tuple[Entry, ...]]:
        """Write the answer. It draws as the script does: the first `uuid()` of both is the same."""
        answer, response = rule.compiled.answer, rule.compiled.trigger.response
        assert answer is not None
        seen = {**dict(moment.more), "counter": rule.ran + 1}
        functions = self._chooser.chance(rule, None).functions(self._world.making)
        try:
            written = answer.written(context_for(self._world, None, None, None, functions, event.at, seen))
        except TEMPLATE_FAILURES as problem:
            place, cause = f"/trigger/response: {problem}", f"expectation {rule.id}"
            told = Entry(event.at, "fault", note=place, cause=cause, expectation=rule.id)
            return _problem(event, FAILED, "the stub failed", place), (told,)
        status = OK if response is UNSET else response.status
        return Respond(event.request, status, written.headers, written.body), ()


def _subject(body: bytes) -> Subject:
    frame = _frame(body)
    return NOTHING if frame is None else Subject.of_frame(frame)


def _frame(body: bytes) -> Frame | None:
    """See a body as text, where it is any; none where there is no body."""
    try:
        return body.decode("utf-8") or None
    except UnicodeDecodeError:
        return body


def _view(asked: Asked, path: str) -> dict[str, Any]:
    """Show a request to templates."""
    return {
        "method": asked.method,
        "path": "/" + "/".join(segments_of(path)),
        "pathParameters": dict(asked.path_parameters),
        "queryParameters": dict(asked.query_parameters),
        "headers": dict(asked.headers),
        "json": None if asked.body.value is MISSING else asked.body.value,
        "text": asked.body.text,
    }


def _missed(event: HttpReceived, misses: Sequence[Miss], status: int) -> Result:
    """Say what a request misses by; where a channel is at its path, the host says that instead."""
    pointers = "; ".join(f"{miss.rule.id}: {_where(miss)}" for miss in misses)
    entry = _entry(event, status, "unmatched", note=f"{event.method} answered {status}; {pointers}".rstrip("; "))
    if status == UPGRADE:
        return (), (entry,)
    told = f"; {misses[0].rule.id} does not fit: {_why(misses[0])}" if misses else ""
    near = [_shown(miss) for miss in misses]
    detail = f"no expectation is set off by {event.method} {event.opening.path[:200]}{told}"
    return (_problem(event, status, "no expectation fits", detail, nearMisses=near),), (entry,)


def _why(miss: Miss) -> str:
    told = (f"{each.pointer}: expected {each.expected}, got {each.actual}" for each in miss.differences)
    return "; ".join(told) or miss.reason


def _where(miss: Miss) -> str:
    """Name the places that differ; what stands there may be a credential, and is not written down."""
    return ", ".join(each.pointer for each in miss.differences) or miss.reason


def _shown(miss: Miss) -> dict[str, Any]:
    differences = [
        {"pointer": each.pointer, "expected": each.expected, "actual": each.actual} for each in miss.differences
    ]
    return {
        "expectation": miss.rule.id,
        "reason": miss.reason,
        "distance": miss.distance,
        "differences": differences,
    }


def _problem(event: HttpReceived, status: int, title: str, detail: str, **more: Any) -> Respond:
    """Answer with a problem document (RFC 9457)."""
    problem = {"type": "about:blank", "title": title, "status": status, "detail": detail, **more}
    return Respond(event.request, status, PROBLEM, encode_json(problem).encode("utf-8"))


def _entry(event: HttpReceived, status: int, outcome: str, **more: Any) -> Entry:
    """Write a request down; its headers are not, but for the page that it came from."""
    opening = event.opening
    details = {"method": event.method, "path": opening.path, "status": status, "origin": opening.header("origin")}
    return Entry(
        event.at,
        "http",
        address=opening.path + (f"?{urlencode(opening.query)}" if opening.query else ""),
        direction="in",
        frame=_frame(event.body),
        outcome=outcome,
        details={key: value for key, value in details.items() if value is not None},
        **more,
    )


def _matched(event: HttpReceived, rule: Rule, status: int) -> Entry:
    cause = f"expectation {rule.id}"
    note = f"{event.method} answered {status}"
    return _entry(event, status, "matched", channel=rule.channel, cause=cause, expectation=rule.id, note=note)
