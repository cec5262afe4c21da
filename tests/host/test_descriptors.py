"""What happens when there is no room for one more socket."""

import asyncio
import errno
import logging
import os
from typing import Any

import pytest

from mockws.app import Mock
from mockws.host import server
from mockws.host.descriptors import Calm
from mockws.host.server import running
from mockws.settings import Settings

CHAT = "specification/chat.yaml"
ASK = b"GET /__admin/connections HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


async def answer(port: int) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(ASK)
    content = await reader.read()
    writer.close()
    return content


@pytest.fixture(autouse=True)
def _few_slots(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "FOR_ADMIN", 2)
    monkeypatch.setattr(server, "LINGERING", 1)


def test_the_admin_api_is_heard_beyond_the_connections_and_then_everyone_is_told_to_come_back() -> None:
    async def scenario() -> None:
        async with (
            asyncio.timeout(10),
            running(Mock.of(CHAT, Settings(port=0, watch=False, max_connections=1))) as port,
        ):
            held = [await asyncio.open_connection("127.0.0.1", port) for _ in range(2)]
            assert (await answer(port)).startswith(b"HTTP/1.1 200")
            held.append(await asyncio.open_connection("127.0.0.1", port))
            head, _, body = (await answer(port)).partition(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 503")
            assert b"retry-after: 1" in head
            assert b"no room for more connections" in body
            for _, writer in held:
                writer.transport.abort()

    asyncio.run(scenario())


def test_further_ones_are_told_at_once_and_silent_ones_soon() -> None:
    async def scenario() -> None:
        async with (
            asyncio.timeout(10),
            running(Mock.of(CHAT, Settings(port=0, watch=False, max_connections=1))) as port,
        ):
            held = [await asyncio.open_connection("127.0.0.1", port) for _ in range(4)]
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            assert (await reader.read()).startswith(b"HTTP/1.1 503")
            assert await held[3][0].read() == b""
            for _, each in (*held, (reader, writer)):
                each.transport.abort()

    asyncio.run(scenario())


def test_a_port_of_its_own_is_not_crowded_out() -> None:
    mock = Mock.of(CHAT, Settings(port=0, admin_port=0, watch=False, max_connections=1))

    async def scenario() -> None:
        async with asyncio.timeout(10), running(mock) as port:
            held = [await asyncio.open_connection("127.0.0.1", port) for _ in range(6)]
            assert mock.admin_port is not None
            assert (await answer(mock.admin_port)).startswith(b"HTTP/1.1 200")
            for _, writer in held:
                writer.transport.abort()

    asyncio.run(scenario())


def test_that_there_are_no_descriptors_is_said_once_a_second(caplog: pytest.LogCaptureFixture) -> None:
    problem = OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    async def scenario() -> None:
        loop = asyncio.get_running_loop()
        with Calm(loop):
            for _ in range(1000):
                loop.call_exception_handler({"message": "socket.accept() out of system resource", "exception": problem})

    with caplog.at_level(logging.WARNING):
        asyncio.run(scenario())

    assert caplog.messages == ["no connection can be taken for now: too many open files"]


def test_other_problems_are_for_whoever_had_them_before() -> None:
    told: list[dict[str, Any]] = []

    async def scenario() -> None:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _, context: told.append(context))
        with Calm(loop):
            loop.call_exception_handler({"message": "another thing"})
        loop.call_exception_handler({"message": "one more"})

    asyncio.run(scenario())

    assert [each["message"] for each in told] == ["another thing", "one more"]
