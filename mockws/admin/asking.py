"""How questions to the journal are asked: bodies to searches, waiting without holding anybody up, and the refusals.

A search takes the journal in slices, with a turn of the loop between them: however long it is, messages go on.
"""

import asyncio
from typing import Any, TypeVar

from msgspec import UNSET, UnsetType

from mockws.admin.endpoint import Call
from mockws.admin.findings import nearest_json, told
from mockws.admin.inquiries import Entries, MessageEntries
from mockws.admin.problems import Problem, misfit, refused
from mockws.engine.search import MESSAGE, Looking, Search, Wanted, check_message, look_through, place_of
from mockws.engine.verdict import Demand, Verdict
from mockws.errors import BadExpectation, UnknownName
from mockws.expect.expectation import ConnectionMatcher, MessageMatcher, compile_connection, compile_message
from mockws.expect.model import ConnectionMatching, MessageMatching

L = TypeVar("L", bound=Looking)


async def looked(looking: L) -> L:
    """Let it go through all that is there."""
    while looking.look():
        await asyncio.sleep(0)
    return looking


async def settled(call: Call, search: Search, demand: Demand, seconds: float) -> Verdict:
    """Wait until a verdict is for good; at the end of the time it is what it is."""
    await looked(search)

    def verdict() -> Verdict | None:
        look_through(search)
        found = demand.judge(search.found, gone=bool(search.gone))
        early = found is Verdict.BROKEN or (found is Verdict.HOLDS and not demand.times.watched)
        return found if early else None

    found = await call.session.notice.until(verdict, seconds)
    return found or demand.judge(search.found, gone=bool(search.gone))


def complete(call: Call, looking: Any) -> None:
    """Refuse to answer where entries that might count are gone; raises Problem."""
    if looking.gone:
        journal = call.journal
        raise Problem(409, "journal gone", looking.gone, first=journal.first, last=journal.last)


def not_so(
    call: Call, title: str, expected: str, search: Search, *, within: float, more: str = "", **facts: Any
) -> Problem:
    """Say that it is not as expected, and what came nearest to that."""
    count = len(search.found)
    near = search.near() if facts.pop("near", True) else []
    time = f" within {within:g} s" if within else ""
    detail = f"expected {expected}{time}, there {'was' if count == 1 else 'were'} {count}{more}{told(call, near)}"
    matched = [each.seq for each in search.found]
    return Problem(
        409,
        title,
        detail,
        expected=expected,
        actual=count,
        matched=matched,
        nearMisses=nearest_json(call, near),
        **facts,
    )


def wanted_of(call: Call, body: Entries, pointer: str = "") -> Wanted:
    """Say which entries a body is about; raises Problem for what cannot be, or is not in the document."""
    is_message = body.event == MESSAGE
    if not is_message and body.message is not UNSET:
        raise misfit(f"only entries of event message have one, not those of {body.event}", f"{pointer}/message")
    direction = None if body.direction is UNSET else body.direction
    found = messages_of(call, body, "in" if is_message and direction is None else direction, pointer)
    connection = _connection(body.connection, f"{pointer}/connection")
    return Wanted(body.event, found.direction, found.channel, found.operation, connection, found.message)


def messages_of(call: Call, body: MessageEntries, direction: str | None, pointer: str) -> Wanted:
    """Say which messages a body is about; raises Problem."""
    if body.channel is not UNSET and body.operation is not UNSET:
        raise misfit("at most one of channel, operation is given", f"{pointer}/operation")
    contract = call.engine.contract
    try:
        channel, operation = place_of(contract, _given(body.channel), _given(body.operation))
        message = _message(body.message, f"{pointer}/message")
        wanted = Wanted(direction=direction, channel=channel, operation=operation, message=message)
        check_message(contract, wanted)
    except UnknownName as problem:
        place = "message/name" if problem.kind == "message" else problem.kind
        raise misfit(str(problem), f"{pointer}/{place}") from None
    return wanted


def _given(text: str | UnsetType) -> str | None:
    return None if text is UNSET else text


def connection_of(matching: ConnectionMatching | UnsetType) -> ConnectionMatcher | None:
    return _connection(matching, "/connection")


def _connection(matching: ConnectionMatching | UnsetType, pointer: str) -> ConnectionMatcher | None:
    try:
        return compile_connection(matching, pointer)
    except BadExpectation as problem:
        raise refused(problem) from None


def _message(matching: MessageMatching | UnsetType, pointer: str) -> MessageMatcher | None:
    try:
        return compile_message(matching, pointer)
    except BadExpectation as problem:
        raise refused(problem) from None
