"""Files of the web that a document refers to: only from hosts that are named for it, and within bounds.

What was read stays for the life of the process; a document that is read anew gets a file anew that is over a minute
old, or the old one where that cannot be had.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from mockws.callback import Destination, destination_of, is_loopback, is_named, is_out_of_bounds
from mockws.errors import Unreadable
from mockws.links.outbound import (
    MAX_ANSWER,
    Answer,
    Forbidden,
    NotCalled,
    Request,
    Resolve,
    answer_of,
    checked_addresses,
    new_transport,
)

DEADLINE = 10.0  # seconds for one file, with finding the host
FRESH = 60.0  # seconds
MOST_KEPT = 100
HEADERS = (("accept", "application/yaml, application/json, */*"), ("accept-encoding", "identity"))
GONE = (404, 410)
FORBIDDEN = "ref_remote"
UNREACHABLE = "unreachable"


@dataclass(frozen=True, slots=True)
class _Kept:
    """A file as it was read, and when."""

    content: bytes
    at: float


class RemoteFiles:
    """Reads files of the web for one mock."""

    def __init__(
        self, allowed: Sequence[str] = (), resolve: Resolve | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._allowed = allowed
        self._resolve = resolve
        self._clock = clock
        self._kept: dict[str, _Kept] = {}

    def content(self, url: str) -> bytes:
        """Read one file. Raises Unreadable: `ref_remote` where it may not be read; `missing`, `unreadable`,
        `unreachable`."""
        where = destination_of(url)
        self._check(where, url)
        kept = self._kept.get(url)
        if kept is not None and self._clock() - kept.at < FRESH:
            return kept.content
        try:
            content = self._fetched(where, url)
        except Unreadable as problem:
            if kept is None or problem.code == FORBIDDEN:
                raise
            return kept.content
        self._keep(url, content)
        return content

    def _check(self, where: Destination, url: str) -> None:
        if not is_named(self._allowed, where):
            advice = f"allow it with --allow-remote-refs {where.authority}, or copy the file beside the document"
            raise Unreadable(FORBIDDEN, f"nothing is read from {where.authority}", url, advice=advice)
        if where.scheme == "http" and not is_loopback(where.host):
            raise Unreadable(FORBIDDEN, "files of the web are read over https", url, advice="write https://")

    def _keep(self, url: str, content: bytes) -> None:
        self._kept.pop(url, None)
        self._kept[url] = _Kept(content, self._clock())
        if len(self._kept) > MOST_KEPT:
            del self._kept[next(iter(self._kept))]

    def _fetched(self, where: Destination, url: str) -> bytes:
        # In a thread of its own, for there may be a loop in this one; all waiting in it has its limit.
        with ThreadPoolExecutor(1, "mockws-remote") as thread:
            answer = thread.submit(lambda: asyncio.run(self._asked(where, url))).result()
        if answer.status in GONE:
            raise Unreadable("missing", f"the answer is {answer.status}", url)
        if answer.status != 200:
            redirect = "; redirects are not followed" if 300 <= answer.status < 400 else ""
            raise Unreadable("unreadable", f"the answer is {answer.status}{redirect}", url)
        if answer.problem:
            raise Unreadable("unreadable", answer.problem, url)
        if answer.encoding not in ("", "identity"):
            raise Unreadable("unreadable", f"the answer is in {answer.encoding[:40]}, which was not asked for", url)
        return answer.body

    async def _asked(self, where: Destination, url: str) -> Answer:
        """Ask once. Raises Unreadable."""
        transport = new_transport(1)
        try:
            async with asyncio.timeout(DEADLINE):
                addresses = await checked_addresses(
                    where, lambda address: is_out_of_bounds(where.host, address), self._resolve
                )
                return await answer_of(transport, Request(where, headers=HEADERS), addresses, MAX_ANSWER)
        except TimeoutError:
            raise Unreadable(UNREACHABLE, f"there was no answer within {DEADLINE:g} s", url) from None
        except Forbidden as problem:
            advice = "a name is read from public addresses only; this machine is 127.0.0.1, [::1] or localhost"
            raise Unreadable(FORBIDDEN, str(problem), url, advice=advice) from None
        except NotCalled as problem:
            raise Unreadable(UNREACHABLE, str(problem), url) from None
        finally:
            await transport.aclose()
