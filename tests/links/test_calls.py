"""The HTTP requests of a test: to hosts that are allowed, within bounds; what came to nothing says why."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest

from mockws.links.calls import Calls
from mockws.verify.asking import Answered, Asked, NotAllowed, NotAnswered


@contextlib.asynccontextmanager
async def answering(answer: bytes) -> AsyncIterator[int]:
    """Answer whatever comes with these bytes; with none, never."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        if answer:
            writer.write(answer)
            writer.close()
        else:
            with contextlib.suppress(ConnectionError):
                await reader.read()
            writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1]


def asked(answer: bytes, url: str = "http://127.0.0.1:PORT/x", seconds: float = 5.0) -> Answered:
    async def ask() -> Answered:
        async with answering(answer) as port, Calls(f"http://127.0.0.1:{port}") as calls:
            return await calls.ask(Asked(url.replace("PORT", str(port))), seconds)

    return asyncio.run(asyncio.wait_for(ask(), 10))


GOOD = b"HTTP/1.1 202 ok\r\nContent-Length: 4\r\n\r\ntrue"


@pytest.mark.parametrize("url", ["http://127.0.0.1:PORT/x", "http://localhost:PORT/x", "/x"])
def test_the_servers_own_host_may_be_asked(url: str) -> None:
    assert asked(GOOD, url) == Answered(202, "true")


def test_an_answer_that_does_not_come_in_time_is_none() -> None:
    with pytest.raises(NotAnswered, match=r"there was no answer within 0\.05 s"):
        asked(b"", seconds=0.05)


def test_what_is_no_http_is_no_answer() -> None:
    with pytest.raises(NotAnswered):
        asked(b"hello\r\n\r\n")


def test_what_is_no_url_cannot_be_asked() -> None:
    with pytest.raises(NotAnswered, match="is no URL"):
        asked(GOOD, "ftp://127.0.0.1/x")


@pytest.mark.parametrize("target", ["http://shop.example:8080", "http://bad_host-:1"])
def test_only_the_targets_host_is_its_own(target: str) -> None:
    with pytest.raises(NotAllowed, match=r"127\.0\.0\.1:9 may not be called"):
        asyncio.run(Calls(target).ask(Asked("http://127.0.0.1:9/x"), 1.0))


def test_a_host_that_is_never_called_is_not_called_by_a_test() -> None:
    calls = Calls("http://127.0.0.1:1", ("169.254.169.254",))

    with pytest.raises(NotAnswered, match="which is never called"):
        asyncio.run(calls.ask(Asked("http://169.254.169.254/latest"), 1.0))
