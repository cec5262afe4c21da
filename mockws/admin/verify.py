"""Verifying over HTTP: whether it happened so often, so far apart, or in this order; if not, what came nearest."""

from msgspec import UNSET, UnsetType

from mockws.admin.asking import complete, connection_of, looked, messages_of, not_so, settled, wanted_of
from mockws.admin.endpoint import Call, Endpoint
from mockws.admin.findings import nearest_json, told
from mockws.admin.inquiries import SequenceBody, SpacingBody, StepBody, TimesBody, VerifyBody
from mockws.admin.problems import Problem, misfit, wall_time
from mockws.client.views import SequenceView, VerifiedView
from mockws.engine.search import Search, Wanted, look_through
from mockws.engine.sequence import Course, Follower, Way
from mockws.engine.verdict import Demand, Spacing, Times, Verdict, gaps_of
from mockws.units import seconds_of

NOT_SO = "it is not so"


async def verify(call: Call) -> VerifiedView:
    """Whether entries are there so often, and so far apart; 409 where they are not."""
    body = call.body(VerifyBody)
    demand = Demand(times_of(body.times, least=1 if body.spacing is UNSET else 2), spacing_of(body.spacing))
    seconds = wall_time(body.within, "/within")
    search = Search(call.engine, wanted_of(call, body.match, "/match"), body.after)
    verdict = await settled(call, search, demand, seconds)
    expected = f"{demand.times} {search.wanted}{f', {demand.spacing}' if demand.spacing else ''}"
    if verdict is Verdict.HOLDS:
        return VerifiedView(expected, len(search.found), [each.seq for each in search.found])
    if verdict is Verdict.OPEN:
        complete(call, search)
    raise _problem(call, demand, expected, search, seconds)


def _problem(call: Call, demand: Demand, expected: str, search: Search, seconds: float) -> Problem:
    gaps = [round(each, 3) for each in gaps_of(search.found)]
    more = f", {', '.join(f'{each:g}' for each in gaps[:20])} s apart" if demand.spacing and gaps else ""
    facts = {"gaps": gaps} if demand.spacing else {}
    too_few = len(search.found) < demand.times.least
    return not_so(call, NOT_SO, expected, search, within=seconds, more=more, near=too_few, **facts)


def times_of(body: TimesBody, *, least: int) -> Times:
    """Read how often something is to be found; raises Problem."""
    if body.exactly is not UNSET:
        if body.at_least is not UNSET or body.at_most is not UNSET:
            raise misfit("exactly goes without atLeast and atMost", "/times/exactly")
        return Times(body.exactly, body.exactly, watched=body.exactly == 0)
    most = None if body.at_most is UNSET else body.at_most
    # What may be at most so often may be never, unless it is said to be needed.
    lower = body.at_least if body.at_least is not UNSET else least if most is None else 0
    if most is not None and most < lower:
        raise misfit(f"it is less than atLeast, which is {lower}", "/times/atMost")
    return Times(lower, most, watched=most is not None)


def spacing_of(body: SpacingBody | UnsetType) -> Spacing | None:
    """Read how far apart something is to be found; raises Problem."""
    if body is UNSET:
        return None
    gaps, place = body.between, "/spacing/between"
    least = seconds_of(gaps.at_least)
    most = None if gaps.at_most is UNSET else seconds_of(gaps.at_most)
    if least is None:
        raise misfit(f"{gaps.at_least!r} is no duration", f"{place}/atLeast")
    if gaps.at_most is not UNSET and (most is None or most < least):
        raise misfit(f"{gaps.at_most!r} is no duration from atLeast on", f"{place}/atMost")
    return Spacing(least, most, gaps.jitter)


async def sequence(call: Call) -> SequenceView:
    """Whether messages came and went in this order on a connection; 409 says how far the best one came."""
    body = call.body(SequenceBody)
    course = _course(call, body)
    seconds = wall_time(body.within, "/within")
    follower = await looked(Follower(call.engine, course, body.after))

    def fulfilled() -> Way | None:
        look_through(follower)
        return follower.fulfilled

    way = await call.session.notice.until(fulfilled, seconds)
    if way is None:
        complete(call, follower)
        raise _stopped(call, course, follower, seconds)
    return SequenceView(way.connection, list(way.reached))


def _course(call: Call, body: SequenceBody) -> Course:
    steps = tuple(_step(call, each, f"/steps/{place}") for place, each in enumerate(body.steps))
    code = None if body.close is UNSET or body.close.code is UNSET else body.close.code
    return Course(steps, connection_of(body.connection), body.strict, body.close is not UNSET, code)


def _step(call: Call, body: StepBody, pointer: str) -> Wanted:
    if (body.match is UNSET) is (body.sent is UNSET):
        raise misfit("a step has exactly one of match, sent", pointer)
    if body.match is not UNSET:
        return messages_of(call, body.match, "in", f"{pointer}/match")
    assert body.sent is not UNSET
    return messages_of(call, body.sent, "out", f"{pointer}/sent")


def _stopped(call: Call, course: Course, follower: Follower, seconds: float) -> Problem:
    """Say how far the connection came that came furthest, and what came nearest to the step that is missing."""
    way = follower.furthest
    reached = len(way.reached) if way is not None else 0
    missing = str(course.steps[reached]) if reached < len(course.steps) else _end_of(course)
    near = follower.near(way)
    who = f"{way.connection} came furthest" if way is not None else "no connection began"
    time = f" within {seconds:g} s" if seconds else ""
    ended = f", it ended with {way.closed_with}" if way is not None and way.closed_with is not None else ""
    detail = f"{who}, {reached} of {len(course.steps)} steps{time}; then {missing} was to come{ended}{told(call, near)}"
    return Problem(
        409,
        NOT_SO,
        detail,
        expected=[str(each) for each in course.steps],
        actual=reached,
        connection=way.connection if way is not None else None,
        matched=list(way.reached) if way is not None else [],
        missing=missing,
        nearMisses=nearest_json(call, near),
    )


def _end_of(course: Course) -> str:
    code = f" with {course.code}" if course.code is not None else ""
    return f"the end of the connection{code}" if course.closes else "nothing else in between"


ENDPOINTS = (
    Endpoint("POST", "/verify", verify, VerifiedView, body=VerifyBody, problems=(409,)),
    Endpoint("POST", "/verify/sequence", sequence, SequenceView, body=SequenceBody, problems=(409,)),
)
