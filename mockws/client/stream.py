"""The journal of a running mock, entry by entry as the mock writes them: page by page, or as it happens.

What happens comes as server-sent events, and a stream that broke off is taken up again where it was.
"""

import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from mockws.client.asked import Asked
from mockws.client.client import Client, options_of, refusal
from mockws.errors import MockwsError, Unreachable

SILENCE = 40.0  # seconds; a mock gives a sign of life every 15
AGAIN = 0.2  # seconds between two attempts
PAGE = 500  # entries


def pages(mock: Client, asked: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """Give all entries that there are now, oldest first; raises Refused, Unreachable."""
    after: Any = asked.get("after", 0)
    while after is not None:
        query = {**asked, "after": after, "limit": PAGE}
        page: dict[str, Any] = mock._now(Asked("GET /journal", dict, query=query))
        yield from page["entries"]
        after = page["next"]


@dataclass
class Following:
    """Follows the journal of a mock, from one stream to the next."""

    base: str
    token: str | None = None
    asked: Mapping[str, str] = field(default_factory=dict)  # arguments of `GET /__admin/journal/stream`
    patience: float = 10.0  # seconds for which a mock that is gone may come back
    sleep: Callable[[float], None] = time.sleep
    seen: str = ""  # the number of the last entry

    def events(self) -> Iterator[tuple[str, Any]]:
        """Give the events, each with its data, until the mock stays away; raises Refused, Unreachable."""
        deadline = None
        while True:
            try:
                for found in self._stream():
                    deadline = None
                    yield found
                problem = Unreachable(self.base, "the stream has ended")
            except Unreachable as broken:
                if not self.seen and deadline is None:
                    raise  # it never was there
                problem = broken
            deadline = deadline or time.monotonic() + self.patience
            if time.monotonic() >= deadline:
                raise problem
            self.sleep(AGAIN)

    def _stream(self) -> Iterator[tuple[str, Any]]:
        """Read one stream to its end."""
        import httpx2  # takes a while to import

        headers = {"last-event-id": self.seen} if self.seen else {}
        timeout = httpx2.Timeout(10.0, read=SILENCE)
        try:
            with (
                httpx2.Client(**options_of(self.base.rstrip("/"), self.token, None, httpx2.HTTPTransport)) as client,
                client.stream(
                    "GET", "/journal/stream", params=dict(self.asked), headers=headers, timeout=timeout
                ) as response,
            ):
                if response.status_code != 200:
                    response.read()
                    raise self._refusal(response.status_code, response.text)
                self.seen = self.seen or str(self.asked.get("after", 0))
                yield from self._taken(response.iter_lines())
        except (httpx2.HTTPError, httpx2.InvalidURL) as problem:
            raise Unreachable(self.base, str(problem) or type(problem).__name__) from None

    def _taken(self, lines: Iterable[str]) -> Iterator[tuple[str, Any]]:
        for number, name, data in read_events(lines):
            self.seen = number or self.seen
            if data:
                yield name, json.loads(data)

    def _refusal(self, status: int, text: str) -> MockwsError:
        try:
            return refusal(status, json.loads(text))
        except (ValueError, TypeError):
            return Unreachable(self.base, f"HTTP {status} came back, and not what a mock says")


def read_events(lines: Iterable[str]) -> Iterator[tuple[str, str, str]]:
    """Read server-sent events: the id, the name, and the data of each; what breaks off in the middle is none."""
    fields: dict[str, str] = {}
    for line in lines:
        if not line:
            if fields:
                yield fields.get("id", ""), fields.get("event", "message"), fields.get("data", "")
            fields = {}
            continue
        name, _, value = line.partition(":")
        if name:  # a line that begins with a colon is a comment
            fields[name] = value.removeprefix(" ")
