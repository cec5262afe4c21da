"""A WebSocket over a real socket: what clients see, and what the mock writes down. Each test says who closes first."""

import asyncio
import json
import logging
import socket
import struct
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import websockets
from starlette.testclient import TestClient
from websockets.asyncio.client import ClientConnection, connect

from mockws.app import Mock
from mockws.engine.actions import Entry, Outcome
from mockws.host.server import running
from mockws.settings import Settings

pytestmark = pytest.mark.usefixtures("way")

ORDERS = "specification/order-api.yaml"
CHAT = "specification/chat.yaml"
ORDER = {"id": 10, "orderItems": [{"id": 1, "name": "Macbook", "quantity": 1, "price": 2000}]}
HELLO = '{"type":"chat","user":"ada","text":"hi"}'


class World:
    """A mock that runs, with what it wrote down."""

    def __init__(self, document: str, **settings: Any) -> None:
        self.entries: list[Entry] = []
        chosen = Settings(**{"port": 0, "watch": False, **settings})
        self.mock = Mock.of(document, chosen, [self._observe])
        self.url = ""

    def _observe(self, outcome: Outcome) -> None:
        self.entries.extend(outcome.entries)

    def ends(self) -> list[tuple[int | None, str]]:
        return [(entry.code, entry.note) for entry in self.entries if entry.event == "close"]

    def play(self, scenario: Callable[["World"], Awaitable[None]]) -> None:
        """Run a scenario against the mock, and let everything come to its end; 15 s at most."""

        async def whole() -> None:
            async with asyncio.timeout(15), running(self.mock) as port:
                self.url = f"ws://127.0.0.1:{port}"
                await scenario(self)

        asyncio.run(whole())

    async def until(self, condition: Callable[[], object]) -> None:
        while not condition():
            await asyncio.sleep(0.005)


async def heard(client: ClientConnection, within: float = 2.0) -> Any:
    return json.loads(await asyncio.wait_for(client.recv(), within))


async def closed(client: ClientConnection) -> tuple[int, str]:
    await asyncio.wait_for(client.wait_closed(), 5)
    assert client.close_code is not None
    return client.close_code, client.close_reason or ""


def test_an_order_on_one_channel_is_answered_on_another() -> None:
    async def scenario(world: World) -> None:
        async with connect(f"{world.url}/new-orders") as asking, connect(f"{world.url}/wip-orders") as listening:
            await asking.send(json.dumps(ORDER))

            assert await heard(listening) == {"id": 10, "totalAmount": 2000, "status": "INITIATED"}

    World(ORDERS).play(scenario)


def test_chat_is_relayed_within_half_a_second_and_goes_on_when_one_has_gone() -> None:
    async def scenario(world: World) -> None:
        async with connect(f"{world.url}/rooms/lobby") as ada, connect(f"{world.url}/rooms/lobby") as bob:
            async with connect(f"{world.url}/rooms/lobby") as cleo:
                await ada.send(HELLO)
                assert await heard(bob, within=0.5) == await heard(cleo, within=0.5) == json.loads(HELLO)
            await ada.send(HELLO)

            assert await heard(bob, within=0.5) == json.loads(HELLO)

    World(CHAT).play(scenario)


def test_a_message_just_after_open_is_answered() -> None:
    async def scenario(world: World) -> None:
        async with connect(f"{world.url}/rooms/lobby") as bob:
            for _ in range(20):
                async with connect(f"{world.url}/rooms/lobby") as ada:
                    await ada.send(HELLO)
                    await heard(bob)

    World(CHAT).play(scenario)


@pytest.mark.parametrize(
    ("frame", "code", "reason"),
    [('{"id": "ten"}', 1008, "OrderRequest"), ("{", 1007, "not JSON"), (b"\x00", 1003, "binary frame")],
)
def test_an_invalid_message_is_answered_by_a_close_code_that_tells_why(
    frame: str | bytes, code: int, reason: str
) -> None:
    async def scenario(world: World) -> None:
        async with connect(f"{world.url}/new-orders") as client:
            await client.send(frame)

            seen = await closed(client)
            assert seen[0] == code
            assert reason in seen[1]

    World(ORDERS).play(scenario)


def test_who_brings_no_credentials_is_let_in_and_then_closed() -> None:
    async def scenario(world: World) -> None:
        async with connect(f"{world.url}{path}") as client:
            assert await closed(client) == (4401, "no credentials")

    path = "/v1/trading/orders"
    World("specification/trading-secure.yaml").play(scenario)


def test_who_brings_wrong_credentials_is_let_in_and_then_closed() -> None:
    async def scenario(world: World) -> None:
        headers = {"Authorization": "Basic x"}
        async with connect(f"{world.url}/v1/trading/orders", additional_headers=headers) as client:
            assert await closed(client) == (4403, "wrong credentials")

    World("specification/trading-secure.yaml").play(scenario)


def test_the_first_subprotocol_is_taken_where_nobody_names_any() -> None:
    async def scenario(world: World) -> None:
        async with connect(f"{world.url}/rooms/lobby", subprotocols=["b", "a"]) as client:  # type: ignore[list-item]
            assert client.subprotocol == "b"

    World(CHAT).play(scenario)


def test_the_close_code_of_a_client_is_written_down() -> None:
    async def scenario(world: World) -> None:
        client = await connect(f"{world.url}/rooms/lobby")
        await client.close(4000, "bored")
        await world.until(world.ends)

    world = World(CHAT)
    world.play(scenario)

    assert world.ends() == [(4000, "by the client: bored")]


def test_the_close_code_of_the_mock_is_written_down() -> None:
    async def scenario(world: World) -> None:
        async with connect(f"{world.url}/new-orders") as client:
            await client.send("{")
            await closed(client)
            await world.until(world.ends)

    world = World(ORDERS)
    world.play(scenario)

    assert [(code, note.partition(":")[0]) for code, note in world.ends()] == [(1007, "by the server")]


def test_a_close_frame_without_a_code_is_1005() -> None:
    async def scenario(world: World) -> None:
        client = await connect(f"{world.url}/rooms/lobby")
        client.transport.write(b"\x88\x80\x00\x00\x00\x00")
        await world.until(world.ends)
        client.transport.abort()

    world = World(CHAT)
    world.play(scenario)

    assert world.ends()[0][0] == 1005


def reset(client: ClientConnection) -> None:
    """Kill a client: its system sends RST."""
    raw: socket.socket = client.transport.get_extra_info("socket")
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.transport.abort()


def test_a_client_that_is_killed_leaves_nothing_but_a_1006() -> None:
    async def scenario(world: World) -> None:
        client = await connect(f"{world.url}/rooms/lobby")
        reset(client)
        await world.until(world.ends)

    world = World(CHAT)
    world.play(scenario)

    assert world.ends() == [(1006, "by the client")]
    assert not world.mock.engine.world.connections


def test_200_connections_that_come_and_go_leave_no_connection_no_task_and_no_descriptor() -> None:
    async def come_and_go(world: World, turn: int) -> None:
        client = await connect(f"{world.url}/rooms/lobby")
        await client.send(HELLO)
        if turn % 2:
            reset(client)
        else:
            await client.close()

    async def scenario(world: World) -> None:
        await come_and_go(world, 0)
        await world.until(lambda: not world.mock.driver.connections)  # type: ignore[union-attr]
        before = (len(asyncio.all_tasks()), len(list(Path("/proc/self/fd").iterdir())))
        for turn in range(200):
            await come_and_go(world, turn)
        await world.until(lambda: len(world.ends()) == 201)
        await world.until(lambda: len(asyncio.all_tasks()) <= before[0])
        await world.until(lambda: len(list(Path("/proc/self/fd").iterdir())) <= before[1])

    world = World(CHAT)
    world.play(scenario)

    assert not world.mock.engine.world.connections


def test_a_message_over_the_limit_closes_with_1009() -> None:
    async def scenario(world: World) -> None:
        async with connect(f"{world.url}/rooms/lobby") as client:
            await client.send("x" * 2000)

            assert (await closed(client))[0] == 1009

    World(CHAT, max_message=1000).play(scenario)


async def stopped_reading(url: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Open a WebSocket that takes nothing in, with as little room as the system grants."""
    raw = socket.create_connection(("127.0.0.1", int(url.rsplit(":", 1)[1])))
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    reader, writer = await asyncio.open_connection(sock=raw, limit=1024)
    head = "GET /rooms/lobby HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    writer.write(f"{head}Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n".encode())
    await reader.readuntil(b"\r\n\r\n")
    writer.transport.pause_reading()  # type: ignore[attr-defined]
    return reader, writer


def test_a_client_that_reads_too_slowly_is_cut_off_and_the_others_lose_nothing() -> None:
    long = json.dumps({"type": "chat", "user": "ada", "text": "x" * 60_000})

    async def scenario(world: World) -> None:
        _, stuck = await stopped_reading(world.url)
        async with connect(f"{world.url}/rooms/lobby") as ada, connect(f"{world.url}/rooms/lobby") as bob:
            for _ in range(200):
                await ada.send(long)
                await heard(bob)
            await world.until(world.ends)
            await world.until(lambda: world.mock.driver.connections == 2)  # type: ignore[union-attr]
            stuck.transport.abort()

    world = World(CHAT, max_outbox=1 << 18, stop_timeout=0.5)
    world.play(scenario)

    assert world.ends()[0] == (1013, "by the server: the client reads too slowly")


def test_a_defect_closes_with_1011_is_logged_once_and_the_server_stays(caplog: pytest.LogCaptureFixture) -> None:
    async def scenario(world: World) -> None:
        step = world.mock.engine.step

        def broken(event: Any) -> Outcome:
            if getattr(event, "frame", None) == '"defect"':
                raise RuntimeError("defect")
            return step(event)

        world.mock.engine.step = broken  # type: ignore[method-assign]
        async with connect(f"{world.url}/rooms/lobby") as ada, connect(f"{world.url}/rooms/lobby") as bob:
            await bob.send('"defect"')
            assert (await closed(bob))[0] == 1011
            async with connect(f"{world.url}/rooms/lobby") as cleo:
                await ada.send(HELLO)
                assert await heard(cleo) == json.loads(HELLO)

    with caplog.at_level(logging.ERROR):
        World(CHAT).play(scenario)

    assert [record.getMessage() for record in caplog.records] == ["a message could not be handled"]


def test_a_defect_in_the_handshake_is_answered_with_500(caplog: pytest.LogCaptureFixture) -> None:
    async def scenario(world: World) -> None:
        def broken(event: Any) -> Outcome:
            raise RuntimeError("defect")

        step, world.mock.engine.step = world.mock.engine.step, broken  # type: ignore[method-assign]
        with pytest.raises(websockets.exceptions.InvalidStatus) as refused:
            await connect(f"{world.url}/rooms/lobby")
        world.mock.engine.step = step  # type: ignore[method-assign]
        assert refused.value.response.status_code == 500
        assert world.mock.driver is not None
        assert not world.mock.driver.connections

    World(CHAT).play(scenario)

    ours = [record.getMessage() for record in caplog.records if record.name.startswith("mockws")]
    assert ours == ["a connection could not be handled"]


def test_it_works_in_the_test_client_of_starlette() -> None:
    mock = Mock.of(ORDERS, Settings(watch=False))
    with (
        TestClient(mock.app()) as client,
        client.websocket_connect("/new-orders") as asking,
        client.websocket_connect("/wip-orders") as listening,
    ):
        asking.send_json(ORDER)

        assert listening.receive_json()["status"] == "INITIATED"
