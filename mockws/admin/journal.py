"""The journal over HTTP: what happened, filtered and page by page."""

from collections.abc import Callable, Iterator
from itertools import islice

import msgspec
from msgspec import UNSET
from starlette.responses import Response

from mockws.admin.answers import JournalView
from mockws.admin.endpoint import Call, Endpoint
from mockws.admin.models import JournalQuery
from mockws.admin.views import entry_view
from mockws.engine.actions import Entry
from mockws.engine.journal import Recorded

JSONL = "application/jsonl"
FILTERS: dict[str, Callable[[Entry], str | None]] = {
    "direction": lambda entry: entry.direction,
    "event": lambda entry: entry.event,
    "channel": lambda entry: entry.channel,
    "connection": lambda entry: entry.connection,
    "outcome": lambda entry: entry.outcome,
    "message": lambda entry: entry.message,
    "expectation": lambda entry: entry.expectation,
}


async def show(call: Call) -> JournalView:
    """What happened, oldest first, page by page; `next` is where the following page begins."""
    query = call.query(JournalQuery)
    page, more = _page(call, query)
    return JournalView(
        entries=[entry_view(each, call.desk.began) for each in page],
        next=page[-1].seq if more else None,
        lost=call.journal.lost_since(query.after),
        last=call.journal.last,
        dropped=call.journal.dropped,
    )


async def lines(call: Call) -> Response:
    """The same, one JSON object a line."""
    page, _ = _page(call, call.query(JournalQuery))
    body = b"".join(msgspec.json.encode(entry_view(each, call.desk.began)) + b"\n" for each in page)
    return Response(body, media_type=JSONL)


async def clear(call: Call) -> None:
    """Forget all entries; their numbers go on."""
    call.journal.clear()


def _page(call: Call, query: JournalQuery) -> tuple[list[Recorded], bool]:
    found = list(islice(chosen(call, query), query.limit + 1))
    return found[: query.limit], len(found) > query.limit


def chosen(call: Call, query: JournalQuery) -> Iterator[Recorded]:
    """Give the entries that a query is about, oldest first."""
    wanted = {key: value for key in FILTERS if (value := getattr(query, key)) is not UNSET}
    for each in call.journal.since(query.after):
        if all(FILTERS[key](each.entry) == value for key, value in wanted.items()):
            yield each


ENDPOINTS = (
    Endpoint("GET", "/journal", show, JournalView, query=JournalQuery),
    Endpoint("GET", "/journal.jsonl", lines, str, query=JournalQuery, kind=JSONL),
    Endpoint("DELETE", "/journal", clear),
)
