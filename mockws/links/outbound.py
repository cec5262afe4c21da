"""One HTTP request to somebody else: to an address that was checked, within a bound of size, and never any further.

A name is resolved once; its addresses are checked, and one of those is connected to. No redirect is followed, no proxy
of the environment is used, no cookie is kept. How long it may take is up to whoever asks.
"""

import asyncio
import contextlib
import socket
import threading
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from mockws import __version__
from mockws.callback import Destination

MAX_ANSWER = 1 << 20
TOO_LARGE = f"the answer is larger than {MAX_ANSWER >> 20} MiB"

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]


class NotCalled(Exception):
    """A request that came to nothing; the text says why."""


class Forbidden(NotCalled):
    """A request that is not made: the host is at an address that is out of bounds."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked."""

    destination: Destination
    method: str = "GET"
    headers: Sequence[tuple[str, str]] = ()
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; with a problem, its body is not whole."""

    status: int
    encoding: str
    body: bytes
    problem: str = ""


def new_transport(most: int) -> Any:
    """Open what requests go through; `most` of them at once."""
    import httpx2  # takes a while to import, and few mocks call anybody

    # Connections are not kept: by their address alone, hosts behind one address could not be told apart.
    limits = httpx2.Limits(max_connections=most, max_keepalive_connections=0)
    return httpx2.AsyncHTTPTransport(trust_env=False, limits=limits)


async def checked_addresses(
    destination: Destination, refused: Callable[[str], bool], resolve: Resolve | None = None
) -> Sequence[str]:
    """Resolve a host; where any of its addresses is refused, all of it is. Raises NotCalled, Forbidden."""
    try:
        found = await (resolve or addresses_of)(destination.host, destination.port)
    except OSError as problem:
        raise NotCalled(f"{destination.host} cannot be found: {problem.strerror or problem}") from None
    bad = [each for each in found if refused(each)]
    if bad:
        raise Forbidden(f"{destination.host} is at {bad[0]}, which is never called")
    return found


async def answer_of(transport: Any, request: Request, addresses: Sequence[str], most: int) -> Answer:
    """Ask at the first of these addresses where somebody is. Raises NotCalled."""
    problem = "the host has no address"
    for address in addresses:
        try:
            return await _answer(transport, request, address, most)
        except ConnectionError as failed:  # another address of the host may do
            problem = str(failed)
    raise NotCalled(problem)


async def _answer(transport: Any, request: Request, address: str, most: int) -> Answer:
    """Ask at one address; raises ConnectionError where nobody is there, NotCalled."""
    import httpx2

    try:
        response = await transport.handle_async_request(_written(request, address))
    except httpx2.ConnectError as problem:
        raise ConnectionError(str(problem) or "nobody is there") from None
    except httpx2.HTTPError as problem:
        raise NotCalled(str(problem) or type(problem).__name__) from None
    try:
        return await _read(response, most)
    finally:
        await response.aclose()


def _written(request: Request, address: str) -> Any:
    """Write a request to the address that was checked, under the name that was asked for."""
    import httpx2

    where = request.destination
    host = f"[{address}]" if ":" in address else address
    usual = {"accept": "*/*", "user-agent": f"mockws/{__version__}"}
    given = {name.lower(): value for name, value in request.headers}
    headers = {**usual, **given, "host": where.authority}
    return httpx2.Request(
        request.method,
        f"{where.scheme}://{host}:{where.port}{where.target}",
        headers=headers,
        content=request.body,
        extensions={"sni_hostname": where.host},
    )


async def _read(response: Any, most: int) -> Answer:
    """Read an answer to its end, as it is on the wire; say so where it is too long, or breaks off."""
    import httpx2

    body, encoding = bytearray(), response.headers.get("content-encoding", "")
    problem = ""
    try:
        async for chunk in response.aiter_raw():
            body += chunk
            if len(body) > most:
                problem = TOO_LARGE
                break
    except httpx2.HTTPError as failed:
        problem = f"the answer broke off: {failed}"
    return Answer(response.status_code, encoding, bytes(body), problem)


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
