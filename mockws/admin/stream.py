"""The journal as it is written: server-sent events, resumable by number.

A stream keeps no entries of its own: it reads the journal from where it is, when its client has taken what came before.
A slow client so costs nobody anything; what was dropped meanwhile, it is told.
"""

import asyncio
from collections.abc import AsyncIterator, Callable

import msgspec
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from mockws.admin.desk import Streams
from mockws.admin.endpoint import Call, Endpoint
from mockws.admin.journal import chooser
from mockws.admin.models import JournalFilter
from mockws.admin.problems import Problem, misfit
from mockws.admin.views import entry_view
from mockws.engine.journal import Recorded

EVENT_STREAM = "text/event-stream"
MOST = 32  # streams of one mock
BATCH = 16  # entries that are written at once
LOOKED_AT = 500  # entries, before others have their turn
BEAT = 15.0  # seconds, of the wall's time, after which a stream says that it is there
HEADERS = {"cache-control": "no-store", "x-accel-buffering": "no"}


class EventStream(StreamingResponse):
    """A response that counts as a stream until it ends, however it does."""

    def __init__(self, content: AsyncIterator[bytes], streams: Streams) -> None:
        super().__init__(content, media_type=EVENT_STREAM, headers=HEADERS)
        self._streams = streams

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._streams.open += 1
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._streams.open -= 1


async def stream(call: Call) -> Response:
    """The journal as server-sent events; `Last-Event-ID` goes on where a stream broke off."""
    query = call.query(JournalFilter)
    after = _begin(call, query)
    if call.request.method == "HEAD":
        return Response(media_type=EVENT_STREAM, headers=HEADERS)
    if call.desk.streams.open >= MOST:
        raise Problem(503, "too many streams", f"{MOST} streams of the journal are open already")
    return EventStream(Reader(call, chooser(query), after).events(), call.desk.streams)


def _begin(call: Call, query: JournalFilter) -> int:
    """Tell after which entry a stream begins: a browser that reconnects asks for the same URL, and says what it has."""
    given = call.request.headers.get("last-event-id", "")
    if given and not (given.isdecimal() and given.isascii() and len(given) < 17):
        raise misfit(f"{given[:50]!r} is no number of an entry", "/Last-Event-ID")
    return int(given) if given else query.after


class Reader:
    """Reads the journal for one stream."""

    def __init__(self, call: Call, chosen: Callable[[Recorded], bool], after: int) -> None:
        self._journal = call.journal
        self._notice = call.session.notice
        self._showing = call.desk.showing
        self._chosen = chosen
        self._seen = after

    async def events(self) -> AsyncIterator[bytes]:
        """Give what there is, then what comes, until the mock or the session ends."""
        yield b": the journal of mockws\n\n"
        while True:
            said = self._lost()
            self._seen = max(self._seen, self._journal.first - 1)
            said += self._next()
            if not said and self._seen >= self._journal.last:
                if self._notice.over:
                    return
                said = await self._beat()
            if said:
                yield said
            else:
                await asyncio.sleep(0)

    async def _beat(self) -> bytes:
        """Wait until something happens; after a while, give a sign of life.

        The number in it is no event, but a client that comes back has so not missed what was not for it.
        """
        try:
            async with asyncio.timeout(BEAT):  # not wait_for: its task would begin to listen a moment too late
                await self._notice.next()
        except TimeoutError:
            return f": still here\nid: {self._seen}\n\n".encode()
        return b""

    def _lost(self) -> bytes:
        """Say that entries are missing: they were dropped, or the number is of a mock that ran before this one."""
        journal, seen = self._journal, self._seen
        if seen > journal.last:
            self._seen = 0
        elif not journal.lost_since(seen):
            return b""
        facts = {"after": seen, "first": journal.first}
        return _event("lost", journal.first - 1, msgspec.json.encode(facts))

    def _next(self) -> bytes:
        """Write the next entries that are asked for, among the next that there are."""
        said: list[bytes] = []
        for recorded in self._journal.since(self._seen, LOOKED_AT):
            if len(said) == BATCH:
                break
            self._seen = recorded.seq
            if self._chosen(recorded):
                written = msgspec.json.encode(entry_view(recorded, self._showing))
                said.append(_event(recorded.entry.event, recorded.seq, written))
        return b"".join(said)


def _event(name: str, seq: int, written: bytes) -> bytes:
    return b"id: %d\nevent: %s\ndata: %s\n\n" % (seq, name.encode(), written)


ENDPOINTS = (Endpoint("GET", "/journal/stream", stream, str, query=JournalFilter, problems=(503,), kind=EVENT_STREAM),)
