"""What can be asked of the journal, each described once; nothing is sent here.

`wanted` are the matchers of entries: channel, operation, connection, message, direction, event.
"""

from collections.abc import Mapping, Sequence

from mockws.client.asked import Asked, given
from mockws.client.deeds import NOTHING, Json
from mockws.client.views import CountView, ExplanationView, JournalView, SequenceView, VerifiedView
from mockws.units import Span, duration


def journal(
    *,
    after: int | None = None,
    limit: int | None = None,
    direction: str | None = None,
    event: str | None = None,
    channel: str | None = None,
    connection: str | None = None,
    outcome: str | None = None,
    message: str | None = None,
    expectation: str | None = None,
) -> Asked[JournalView]:
    """Tell what happened, oldest first, page by page."""
    query = given(
        after=after, limit=limit, direction=direction, event=event, channel=channel, connection=connection,
        outcome=outcome, message=message, expectation=expectation,
    )  # fmt: skip
    return Asked("GET /journal", JournalView, query=query)


def clear_journal() -> Asked[None]:
    """Forget all entries; their numbers go on."""
    return Asked("DELETE /journal", NOTHING)


def find(wanted: Json, *, after: int | None = None, limit: int | None = None) -> Asked[JournalView]:
    """Give the entries that matchers fit, page by page."""
    return Asked("POST /journal/find", JournalView, body={**wanted, **given(after=after, limit=limit)})


def count(wanted: Json, *, after: int | None = None) -> Asked[CountView]:
    """Tell how many entries matchers fit."""
    return Asked("POST /journal/count", CountView, body={**wanted, **given(after=after)})


def wait_for_entries(
    wanted: Json, *, count: int = 1, timeout: Span = 5, after: int | None = None
) -> Asked[JournalView]:
    """Wait until so many entries are there; Refused with 409, and with near misses, where they do not come."""
    body = {**wanted, **given(count=count, timeout=duration(timeout), after=after)}
    return Asked("POST /journal/wait", JournalView, body=body)


def verify(
    match: Json,
    *,
    times: Mapping[str, int] | None = None,
    within: Span = 0,
    after: int | None = None,
    spacing: Json | None = None,
) -> Asked[VerifiedView]:
    """Tell that entries are there so often, and so far apart; Refused with 409, and near misses, where they are not."""
    body = given(match=match, times=times, within=duration(within), after=after, spacing=spacing)
    return Asked("POST /verify", VerifiedView, body=body)


def verify_sequence(
    steps: Sequence[Json],
    *,
    connection: Json | None = None,
    strict: bool = False,
    close: Json | None = None,
    within: Span = 0,
    after: int | None = None,
) -> Asked[SequenceView]:
    """Tell that messages came and went in this order on a connection; Refused with 409 where they did not."""
    body = given(
        steps=list(steps), connection=connection, strict=strict, close=close, within=duration(within), after=after
    )
    return Asked("POST /verify/sequence", SequenceView, body=body)


def explain(question: Json) -> Asked[ExplanationView]:
    """Tell what a message would lead to, and why: a channel and a message, or the seq of an entry."""
    return Asked("POST /explain", ExplanationView, body=question)
