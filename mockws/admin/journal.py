"""The journal over HTTP: what happened, filtered and page by page."""

import base64
import time
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from mockws.admin.problems import answering, json_response, misfit
from mockws.admin.views import violation_view
from mockws.codec import Frame, Undecodable, decode_json
from mockws.engine.actions import Entry
from mockws.engine.journal import LONGEST, Recorded, size_of
from mockws.host.driver import Driver
from mockws.redaction import redacted_url

MOST, USUAL = 1000, 100  # entries of a page
FILTERS: dict[str, Callable[[Entry], str | None]] = {
    "direction": lambda entry: entry.direction,
    "event": lambda entry: entry.event,
    "channel": lambda entry: entry.channel,
    "connection": lambda entry: entry.connection,
    "outcome": lambda entry: entry.outcome,
    "message": lambda entry: entry.message,
    "expectation": lambda entry: entry.expectation,
}


class Record:
    """The handlers, around one driver's journal."""

    def __init__(self, driver: Driver) -> None:
        self.journal = driver.engine.journal
        self._began = time.time() - driver.clock.now()

    def routes(self) -> list[BaseRoute]:
        return [
            Route("/journal", answering(self.show), methods=["GET"]),
            Route("/journal.jsonl", answering(self.lines), methods=["GET"]),
            Route("/journal", answering(self.clear), methods=["DELETE"]),
        ]

    async def show(self, request: Request) -> Response:
        """Give a page of entries, oldest first; `next` is where the following page begins."""
        page, more = self._page(request)
        after = page[-1].seq if page else self.journal.last
        shown = {
            "entries": [self._view(each) for each in page],
            "next": after if more else None,
            "lost": self.journal.lost_since(_after(request)),
            "last": self.journal.last,
            "dropped": self.journal.dropped,
        }
        return json_response(shown)

    async def lines(self, request: Request) -> Response:
        page, _ = self._page(request)
        body = b"".join(msgspec.json.encode(self._view(each)) + b"\n" for each in page)
        return Response(body, media_type="application/jsonl")

    async def clear(self, _: Request) -> Response:
        self.journal.clear()
        return Response(status_code=204)

    def _page(self, request: Request) -> tuple[list[Recorded], bool]:
        query = request.query_params
        unknown = [key for key in query if key not in (*FILTERS, "after", "limit")]
        if unknown:
            raise misfit(f"the journal has no filter {unknown[0]!r}; it has {', '.join((*FILTERS, 'after', 'limit'))}")
        limit = _number(query.get("limit", str(USUAL)), "limit", 1, MOST)
        after = _after(request)
        wanted = {key: query[key] for key in FILTERS if key in query}
        found = list(islice(self._found(after, wanted), limit + 1))
        return found[:limit], len(found) > limit

    def _found(self, after: int, wanted: dict[str, str]) -> Iterator[Recorded]:
        for each in self.journal.since(after):
            if all(FILTERS[key](each.entry) == value for key, value in wanted.items()):
                yield each

    def _view(self, recorded: Recorded) -> dict[str, Any]:
        """Show an entry; what is empty is left out, secrets are masked, long payloads cut."""
        entry = recorded.entry
        shown = {
            "seq": recorded.seq,
            "time": _stamp(self._began + entry.at),
            "event": entry.event,
            "connection": entry.connection,
            "channel": entry.channel,
            "address": redacted_url(entry.address) if entry.address else None,
            "direction": entry.direction,
            "message": entry.message,
            "outcome": entry.outcome,
            "errors": [violation_view(each) for each in entry.violations],
            "expectation": entry.expectation,
            "cause": entry.cause,
            "note": entry.note,
            "code": entry.code,
            **entry.details,
        }
        return {key: value for key, value in shown.items() if value not in (None, "", [])} | _payload(entry.frame)


def _payload(frame: Frame | None) -> dict[str, Any]:
    """Show what was said; of what is longer than `LONGEST` bytes only the beginning, and that it was cut."""
    if frame is None:
        return {}
    size = size_of(frame)
    cut = {"cut": True} if size > LONGEST else {}
    if isinstance(frame, bytes):
        return {"type": "binary", "size": size, **cut, "base64": base64.b64encode(frame[:LONGEST]).decode()}
    return {"type": "text", "size": size, **cut, **(_beginning(frame) if cut else _whole(frame))}


def _beginning(text: str) -> dict[str, Any]:
    return {"text": text.encode("utf-8")[:LONGEST].decode("utf-8", "ignore")}


def _whole(text: str) -> dict[str, Any]:
    value = decode_json(text)
    return {"text": text} if isinstance(value, Undecodable) else {"json": value}


def _stamp(seconds: float) -> str:
    moment = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds))
    return f"{moment}.{int(seconds % 1 * 1000):03d}Z"


def _after(request: Request) -> int:
    return _number(request.query_params.get("after", "0"), "after", 0, 1 << 53)


def _number(text: str, name: str, least: int, most: int) -> int:
    number = int(text) if text.isdecimal() and len(text) < 20 else -1
    if not least <= number <= most:
        raise misfit(f"it is a whole number from {least} to {most}", f"/{name}")
    return number
