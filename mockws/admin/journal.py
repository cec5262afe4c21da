"""The journal over HTTP: what happened, page by page, filtered or by matchers, and waited for."""

from collections.abc import Callable, Iterator
from itertools import islice

import msgspec
from msgspec import UNSET
from starlette.responses import Response

from mockws.admin.answers import JournalView
from mockws.admin.asking import complete, looked, not_so, settled, wanted_of
from mockws.admin.endpoint import Call, Endpoint
from mockws.admin.inquiries import AwaitBody, CountBody, FindBody
from mockws.admin.models import JournalFilter, JournalQuery
from mockws.admin.problems import wall_time
from mockws.admin.views import entry_view
from mockws.client.views import CountView
from mockws.engine.actions import Entry
from mockws.engine.journal import Recorded
from mockws.engine.search import Found, Search
from mockws.engine.verdict import Demand, Times, Verdict

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
        entries=[entry_view(each, call.desk.showing) for each in page],
        next=page[-1].seq if more else None,
        lost=call.journal.lost_since(query.after),
        last=call.journal.last,
        dropped=call.journal.dropped,
    )


async def lines(call: Call) -> Response:
    """The same, one JSON object a line."""
    page, _ = _page(call, call.query(JournalQuery))
    body = b"".join(msgspec.json.encode(entry_view(each, call.desk.showing)) + b"\n" for each in page)
    return Response(body, media_type=JSONL)


async def find(call: Call) -> JournalView:
    """The messages, or other entries, that matchers fit; page by page."""
    body = call.body(FindBody)
    search = await looked(Search(call.engine, wanted_of(call, body), body.after, body.limit + 1))
    complete(call, search)
    found = search.found[: body.limit]
    return found_view(call, search, found, found[-1].seq if len(search.found) > body.limit else None)


async def count(call: Call) -> CountView:
    """How many entries matchers fit."""
    body = call.body(CountBody)
    search = await looked(Search(call.engine, wanted_of(call, body), body.after))
    complete(call, search)
    return CountView(len(search.found))


async def wait(call: Call) -> JournalView:
    """Wait until so many entries are there, those included that are there already; 409 where they do not come."""
    body = call.body(AwaitBody)
    seconds = wall_time(body.timeout, "/timeout")
    search = Search(call.engine, wanted_of(call, body), body.after, body.count)
    verdict = await settled(call, search, Demand(Times(body.count)), seconds)
    if verdict is not Verdict.HOLDS:
        complete(call, search)
        raise not_so(call, "it did not happen", f"at least {body.count} {search.wanted}", search, within=seconds)
    return found_view(call, search, search.found, None)


def found_view(call: Call, search: Search, found: list[Found], following: int | None) -> JournalView:
    there = [(each.seq, entry) for each in found if (entry := call.journal.entry(each.seq)) is not None]
    return JournalView(
        entries=[entry_view(Recorded(seq, entry), call.desk.showing) for seq, entry in there],
        next=following,
        lost=bool(search.gone),
        last=call.journal.last,
        dropped=call.journal.dropped,
    )


async def clear(call: Call) -> None:
    """Forget all entries; their numbers go on, and so does the coverage."""
    call.session.witness.look()
    call.journal.clear()


def _page(call: Call, query: JournalQuery) -> tuple[list[Recorded], bool]:
    found = list(islice(chosen(call, query), query.limit + 1))
    return found[: query.limit], len(found) > query.limit


def chosen(call: Call, query: JournalQuery) -> Iterator[Recorded]:
    """Give the entries that a query is about, oldest first."""
    return filter(chooser(query), call.journal.since(query.after))


def chooser(query: JournalFilter) -> Callable[[Recorded], bool]:
    """Tell which entries a query is about."""
    wanted = [(FILTERS[key], value) for key in FILTERS if (value := getattr(query, key)) is not UNSET]
    return lambda recorded: all(read(recorded.entry) == value for read, value in wanted)


ENDPOINTS = (
    Endpoint("GET", "/journal", show, JournalView, query=JournalQuery),
    Endpoint("GET", "/journal.jsonl", lines, str, query=JournalQuery, kind=JSONL),
    Endpoint("DELETE", "/journal", clear),
    Endpoint("POST", "/journal/find", find, JournalView, body=FindBody, problems=(409,)),
    Endpoint("POST", "/journal/count", count, CountView, body=CountBody, problems=(409,)),
    Endpoint("POST", "/journal/wait", wait, JournalView, body=AwaitBody, problems=(409,)),
)
