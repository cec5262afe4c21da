"""Calls over HTTP that scripts want made: only where that is allowed, and within bounds of time, size and number.

A name is resolved once; its addresses are checked, and one of those is connected to. No redirect is followed, no proxy
of the environment is used, no cookie is kept.
"""

import asyncio
import contextlib
import logging
import socket
import threading
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from mockws import __version__
from mockws.callback import Destination, is_refused, refusal
from mockws.engine.call import Call

DEADLINE = 10.0  # seconds for one call, with finding the host
MAX_ANSWER = 1 << 20
MOST_AT_ONCE = 32
MOST_WAITING = 1000
TOO_LARGE = f"the answer is larger than {MAX_ANSWER >> 20} MiB"
log = logging.getLogger("mockws.callbacks")

Report = Callable[[Call, int | None, str, float], None]  # the status or an error, and the seconds that it took
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]


class NotCalled(Exception):
    """A call that came to nothing; the text says why."""


class Callbacks:
    """Makes the calls of one mock, and reports what came of each."""

    def __init__(self, allowed: Sequence[str], resolve: Resolve | None = None) -> None:
        self._allowed = allowed
        self._resolve = resolve or addresses_of
        self._slots = asyncio.Semaphore(MOST_AT_ONCE)
        self._tasks: set[asyncio.Task[None]] = set()
        self._transport: asyncio.Future[Any] | None = None

    def make(self, call: Call, report: Report) -> None:
        """Begin a call; whoever asks for it is not kept waiting."""
        if len(self._tasks) >= MOST_AT_ONCE + MOST_WAITING:
            reason = f"{MOST_WAITING} calls wait already"
            asyncio.get_running_loop().call_soon(report, call, None, reason, 0.0)
            return
        task = asyncio.create_task(self._make(call, report))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Call off whatever is under way."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._transport is not None:
            for opened in await asyncio.gather(self._transport, return_exceptions=True):
                if not isinstance(opened, BaseException):
                    await opened.aclose()

    async def _make(self, call: Call, report: Report) -> None:
        began = time.monotonic()
        async with self._slots:
            status, error = await self._result(call)
        report(call, status, error, time.monotonic() - began)

    async def _result(self, call: Call) -> tuple[int | None, str]:
        """Give the status of the answer, or say why there is none."""
        try:
            async with asyncio.timeout(DEADLINE):
                return await self._called(call)
        except TimeoutError:
            return None, f"there was no answer within {DEADLINE:g} s"
        except NotCalled as problem:
            return None, str(problem)
        except Exception:  # a defect of ours, or of a library: the mock goes on
            log.exception("a call could not be made")
            return None, "the mock failed; its log says more"

    async def _called(self, call: Call) -> tuple[int, str]:
        addresses = await self._addresses(call.destination)
        transport = await self._opened()
        problem = "the host has no address"
        for address in addresses:
            try:
                return await _answer(transport, call, address)
            except ConnectionError as failed:  # another address of the host may do
                problem = str(failed)
        raise NotCalled(problem)

    async def _addresses(self, destination: Destination) -> Sequence[str]:
        """Resolve a host; where any of its addresses is refused, all of it is. Raises NotCalled."""
        reason = refusal(self._allowed, destination)
        if reason:
            raise NotCalled(reason)
        try:
            found = await self._resolve(destination.host, destination.port)
        except OSError as problem:
            raise NotCalled(f"{destination.host} cannot be found: {problem.strerror or problem}") from None
        refused = [each for each in found if is_refused(each)]
        if refused:
            raise NotCalled(f"{destination.host} is at {refused[0]}, which is never called")
        return found

    async def _opened(self) -> Any:
        """Give the transport; it is made for the first call, beside the loop."""
        if self._transport is None:
            self._transport = asyncio.ensure_future(asyncio.to_thread(_new_transport))
        return await asyncio.shield(self._transport)


def _new_transport() -> Any:
    import httpx2  # takes a while to import, and few mocks call anybody

    # Connections are not kept: by their address alone, hosts behind one address could not be told apart.
    limits = httpx2.Limits(max_connections=MOST_AT_ONCE, max_keepalive_connections=0)
    return httpx2.AsyncHTTPTransport(trust_env=False, limits=limits)


async def _answer(transport: Any, call: Call, address: str) -> tuple[int, str]:
    """Ask at one address; raises ConnectionError where nobody is there, NotCalled."""
    import httpx2

    request = _request(call, address)
    try:
        response = await transport.handle_async_request(request)
    except httpx2.ConnectError as problem:
        raise ConnectionError(str(problem) or "nobody is there") from None
    except httpx2.HTTPError as problem:
        raise NotCalled(str(problem) or type(problem).__name__) from None
    try:
        return response.status_code, await _read(response)
    finally:
        await response.aclose()


def _request(call: Call, address: str) -> Any:
    """Write a request to the address that was checked, under the name that was asked for."""
    import httpx2

    where = call.destination
    host = f"[{address}]" if ":" in address else address
    usual = {"accept": "*/*", "user-agent": f"mockws/{__version__}"}
    given = {name.lower(): value for name, value in call.headers}
    headers = {**usual, **given, "host": where.authority}
    return httpx2.Request(
        call.method,
        f"{where.scheme}://{host}:{where.port}{where.target}",
        headers=headers,
        content=call.body,
        extensions={"sni_hostname": where.host},
    )


async def _read(response: Any) -> str:
    """Read an answer to its end, as it is on the wire; say so where it is too long, or breaks off."""
    import httpx2

    size = 0
    try:
        async for chunk in response.aiter_raw():
            size += len(chunk)
            if size > MAX_ANSWER:
                return TOO_LARGE
    except httpx2.HTTPError as problem:
        return f"the answer broke off: {problem}"
    return ""


async def addresses_of(host: str, port: int) -> Sequence[str]:
    """Resolve a host in a thread of its own: one that hangs must not hold the end of the program up."""
    loop = asyncio.get_running_loop()
    found: asyncio.Future[Sequence[str]] = loop.create_future()

    def resolve() -> None:
        try:
            infos = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            result: Any = list(dict.fromkeys(str(info[4][0]) for info in infos))
        except (OSError, UnicodeError) as problem:
            result = problem if isinstance(problem, OSError) else OSError(str(problem))
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody wants to know any more
            loop.call_soon_threadsafe(_settle, found, result)

    threading.Thread(target=resolve, daemon=True, name="mockws-resolve").start()
    return await found


def _settle(found: "asyncio.Future[Sequence[str]]", result: Any) -> None:
    if found.done():  # the time was over, or the mock is at its end
        return
    if isinstance(result, OSError):
        found.set_exception(result)
    else:
        found.set_result(result)
