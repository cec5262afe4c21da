"""How many are let in: in all, and of one address."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from mockws.app import Mock
from mockws.engine.events import Opening
from mockws.host.crowd import Crowd
from mockws.host.server import running
from mockws.settings import Settings

pytestmark = pytest.mark.usefixtures("way")

CHAT = "specification/chat.yaml"


def play(scenario: Callable[[Mock, int], Awaitable[None]], document: str = CHAT, **settings: Any) -> None:
    """Run a scenario against a mock; 15 s at most."""
    mock = Mock.of(document, Settings(**{"port": 0, "watch": False, **settings}))

    async def whole() -> None:
        async with asyncio.timeout(15), running(mock) as port:
            await scenario(mock, port)

    asyncio.run(whole())


async def refused(url: str) -> tuple[int, str | None]:
    with pytest.raises(InvalidStatus) as told:
        await connect(url)
    return told.value.response.status_code, told.value.response.headers.get("Retry-After")


def test_one_address_has_a_bound_of_its_own_over_all_sessions() -> None:
    async def scenario(mock: Mock, port: int) -> None:
        assert mock.sessions is not None
        mock.sessions.begin("other")
        url = f"ws://127.0.0.1:{port}/rooms/lobby"
        async with connect(url), connect(f"ws://127.0.0.1:{port}/__s/other/rooms/lobby"):
            assert await refused(url) == (429, "1")
            async with connect(f"ws://[::1]:{port}/rooms/lobby"):
                assert mock.sessions.connections == 3

    play(scenario, max_connections_per_address=2)


def test_who_leaves_makes_room_and_is_forgotten() -> None:
    async def scenario(mock: Mock, port: int) -> None:
        assert mock.sessions is not None
        url = f"ws://127.0.0.1:{port}/rooms/lobby"
        for _ in range(3):
            async with connect(url):
                assert await refused(url) == (429, "1")
            while mock.sessions.connections:
                await asyncio.sleep(0.005)

        assert not mock.sessions.main.addresses.counts

    play(scenario, max_connections_per_address=1)


def test_a_refused_handshake_takes_no_place() -> None:
    async def scenario(mock: Mock, port: int) -> None:
        for _ in range(3):
            assert (await refused(f"ws://127.0.0.1:{port}/v1/trading/orders"))[0] == 401

    play(scenario, "specification/trading-secure.yaml", auth="http", max_connections_per_address=1)


def test_a_client_without_an_address_is_only_one_of_all() -> None:
    crowd = Crowd(Settings(max_connections_per_address=1), lambda: 5, lambda _: 5)

    assert crowd.refusal(Opening("/").client) is None
