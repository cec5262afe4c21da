"""What a bad network does to one client is borne by the mock, and nobody else notices."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from proxy import Proxy
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidMessage

from mockws.app import Mock
from mockws.engine.actions import Entry, Outcome
from mockws.host.server import running
from mockws.settings import Settings

LIMIT = 15.0  # seconds
SOON = 3.0  # seconds; a machine that has nothing else to do takes some milliseconds
KEEN = {"ping_interval": 0.2, "ping_timeout": 0.3}
LONG = "x" * 8000
pytestmark = pytest.mark.usefixtures("way")


def chat(text: str) -> str:
    return json.dumps({"type": "chat", "user": "ada", "text": text})


class Net:
    """A mock, a client behind a proxy, its partner who is not, and two neighbours who chat all the while."""

    def __init__(self, mock: Mock, port: int, entries: list[Entry]) -> None:
        self.mock = mock
        self.port = port
        self.proxy = Proxy()
        self.entries = entries

    @asynccontextmanager
    async def client(self) -> AsyncIterator[ClientConnection]:
        async with self.proxy.to(self.port):
            url = f"ws://127.0.0.1:{self.proxy.port}/rooms/a"
            client = await connect(url, ping_interval=None, close_timeout=0.2)
            try:
                yield client
            finally:
                client.transport.abort()

    def partner(self, room: str = "a") -> connect:
        return connect(f"ws://127.0.0.1:{self.port}/rooms/{room}", close_timeout=0.2)

    async def end_of(self, connection: str) -> int | None:
        """Wait until the mock has written down that a connection is over, and give its code."""
        while True:
            for each in self.entries:
                if each.event == "close" and each.connection == connection:
                    return each.code
            await asyncio.sleep(0.01)

    def connections(self) -> int:
        return self.mock.sessions.connections if self.mock.sessions is not None else 0


def play(scenario: Callable[[Net], Awaitable[None]], **settings: Any) -> None:
    """Run a scenario while two neighbours chat; each of their messages arrives, and soon."""
    entries: list[Entry] = []

    def note(outcome: Outcome) -> None:
        entries.extend(outcome.entries)

    async def whole() -> None:
        mock = Mock.of(
            "specification/chat.yaml", Settings(**{"port": 0, "watch": False, "stop_timeout": 0.2, **settings}), [note]
        )
        async with asyncio.timeout(LIMIT), running(mock) as port:
            net = Net(mock, port, entries)
            async with net.partner("b") as ada, net.partner("b") as bob:
                chatting = asyncio.create_task(neighbours(ada, bob))
                await scenario(net)
                chatting.cancel()
                heard = await asyncio.gather(chatting, return_exceptions=True)
                assert isinstance(heard[0], asyncio.CancelledError), heard
                await exchange(ada, bob, "at the end")

    asyncio.run(whole())


async def exchange(ada: ClientConnection, bob: ClientConnection, text: str) -> None:
    await ada.send(chat(text))
    async with asyncio.timeout(SOON):
        while json.loads(await bob.recv())["text"] != text:
            pass


async def neighbours(ada: ClientConnection, bob: ClientConnection) -> None:
    turn = 0
    while True:
        turn += 1
        await exchange(ada, bob, f"turn {turn}")
        await asyncio.sleep(0.01)


@pytest.mark.parametrize(("toxic", "value"), [("latency", 0.03), ("rate", 200_000.0), ("piece", 1), ("piece", 7)])
def test_slow_and_torn_ways_change_nothing_but_the_time(toxic: str, value: Any) -> None:
    async def scenario(net: Net) -> None:
        setattr(net.proxy.up, toxic, value)
        setattr(net.proxy.down, toxic, value)
        long = LONG if toxic != "piece" else LONG[:500]
        async with net.client() as client, net.partner() as partner:
            for text in ("one", long, "three"):
                await client.send(chat(text))
                assert json.loads(await partner.recv())["text"] == text
            for text in ("four", long, "six"):
                await partner.send(chat(text))
                assert json.loads(await client.recv())["text"] == text

    play(scenario)


def test_a_client_whose_reading_stalls_is_gone_and_its_partner_is_heard() -> None:
    async def scenario(net: Net) -> None:
        async with net.client(), net.partner() as partner:
            net.proxy.down.open.clear()
            while not any(each.event == "close" for each in net.entries):
                await partner.send(chat(LONG))
            assert await net.end_of("c3") in (1013, 1011, 1006)
            await (await partner.ping())

    play(scenario, max_outbox=64 << 10, **KEEN)


@pytest.mark.parametrize("said", [b"", b"\x81", b"\x81\xfe\x1f\x40\0\0\0\0{", b"\x01\x81\0\0\0\0{"])
def test_a_client_whose_writing_stalls_within_a_frame_is_gone_in_time(said: bytes) -> None:
    async def scenario(net: Net) -> None:
        async with net.client() as client:
            client.transport.write(said)
            await (asyncio.sleep(0) if said else (await client.ping()))
            net.proxy.up.swallows = True
            assert await net.end_of("c3") in (1011, 1006)
            assert net.connections() == 2

    play(scenario, **KEEN)


def test_a_client_that_vanished_is_gone_in_time() -> None:
    async def scenario(net: Net) -> None:
        async with net.client() as client, net.partner() as partner:
            await client.send(chat("last words"))
            assert json.loads(await partner.recv())["text"] == "last words"
            net.proxy.vanish()
            await partner.send(chat("are you there?"))
            assert await net.end_of("c3") in (1011, 1006)

    play(scenario, **KEEN)


@pytest.mark.parametrize("said", [b"", b"\x81\xfe\x1f\x40\0\0\0\0{"])
@pytest.mark.parametrize("end", ["reset", "half_close"])
def test_a_client_that_is_cut_off_is_gone_at_once(end: str, said: bytes) -> None:
    async def scenario(net: Net) -> None:
        async with net.client() as client, net.partner() as partner:
            await client.send(chat("last words"))
            client.transport.write(said)
            assert json.loads(await partner.recv())["text"] == "last words"
            getattr(net.proxy, end)()
            async with asyncio.timeout(2):
                assert await net.end_of("c3") == 1006
            await partner.send(chat("on we go"))
            await (await partner.ping())

    play(scenario)


def test_a_handshake_that_stalls_is_not_waited_for() -> None:
    async def scenario(net: Net) -> None:
        net.proxy.up.piece, net.proxy.up.latency = 1, 0.05
        with pytest.raises(InvalidMessage):
            async with net.client():
                pass
        assert net.connections() == 2

    play(scenario, handshake_timeout=0.3)
