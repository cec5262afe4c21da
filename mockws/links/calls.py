"""The HTTP requests of a test: only to hosts that were named, or the server's own; within bounds of time and size."""

import asyncio
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from mockws.callback import destination_of, is_loopback, is_named, is_refused, named_host
from mockws.errors import BadSetting
from mockws.links.outbound import (
    MAX_ANSWER,
    NotCalled,
    Request,
    answer_of,
    checked_addresses,
    new_transport,
)
from mockws.verify.asking import Answered, Asked, NotAllowed, NotAnswered

LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
MOST = 8
EVERYWHERE = ""


class Calls:
    """Makes the requests of one run."""

    def __init__(self, target: str, allowed: Sequence[str] = (), bases: Mapping[str, str] | None = None) -> None:
        self._target = target  # http://host:port of the server under test
        self._bases = dict(bases or {})  # what stands for http://host:port of an example; "" for all
        named = [_authority(each) for each in self._bases.values()]
        self._allowed = (*allowed, *named, *_own(target))
        self._transport: Any = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        if self._transport is not None:
            await self._transport.aclose()

    async def ask(self, asked: Asked, seconds: float) -> Answered:
        """Make a request; raises NotAllowed, NotAnswered."""
        url = self.rewritten(asked.url)
        try:
            destination = destination_of(url)
        except ValueError as problem:
            raise NotAnswered(str(problem)) from None
        if not is_named(self._allowed, destination):
            where = destination.authority
            raise NotAllowed(f"{where} may not be called; allow it with --allow-callbacks {where}")
        request = Request(destination, asked.method, asked.headers, asked.body)
        try:
            async with asyncio.timeout(seconds):
                addresses = await checked_addresses(destination, is_refused)
                answer = await answer_of(await self._opened(), request, addresses, MAX_ANSWER)
        except TimeoutError:
            raise NotAnswered(f"there was no answer within {seconds:.2g} s") from None
        except NotCalled as problem:
            raise NotAnswered(str(problem)) from None
        return Answered(answer.status, answer.body.decode("utf-8", "replace"))

    def rewritten(self, url: str) -> str:
        """Give the URL that is really asked: bases of the user's own go before those of the files."""
        if url.startswith("/"):
            return self._bases.get(EVERYWHERE, self._target).rstrip("/") + url
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
        base = self._bases.get(origin, self._bases.get(EVERYWHERE, origin))
        return base.rstrip("/") + url[len(origin) :]

    async def _opened(self) -> Any:
        if self._transport is None:
            self._transport = await asyncio.to_thread(new_transport, MOST)
        return self._transport


def bases_of(given: Sequence[str]) -> dict[str, str]:
    """Read `--http URL` and `--http FROM=URL`; raises BadSetting."""
    found: dict[str, str] = {}
    for each in given:
        before, mark, after = each.partition("=")
        origin, url = (before.rstrip("/"), after) if mark else (EVERYWHERE, each)
        try:
            _authority(url)
        except ValueError:
            raise BadSetting("http", f"{url!r} is no URL such as http://127.0.0.1:9000", "--http") from None
        found[origin] = url
    return found


def _authority(url: str) -> str:
    destination = destination_of(url)
    host = f"[{destination.host}]" if ":" in destination.host else destination.host
    return f"{host}:{destination.port}"


def _own(target: str) -> tuple[str, ...]:
    """Name the host of the server under test, whatever the port; this machine has several names."""
    host = urlsplit(target).hostname or ""
    if is_loopback(host):
        return LOOPBACK
    name = f"[{host}]" if ":" in host else host
    try:
        named_host(name)
    except ValueError:
        return ()
    return (name,)
