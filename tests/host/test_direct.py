"""The fast way over real sockets: what it bears and refuses, and that others do not notice. The mock closes first."""

import asyncio
import json
import time
import warnings
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from mockws.app import Mock
from mockws.engine.actions import Entry, Outcome
from mockws.host import keepalive, server
from mockws.host.probe import choose
from mockws.host.server import config_of, running
from mockws.host.wire import DirectWebSocket, WebSocket
from mockws.settings import Settings

CHAT = "specification/chat.yaml"
HELLO = '{"type":"chat","user":"ada","text":"hi"}'


class World:
    """A mock that runs, with what it wrote down."""

    def __init__(self, **settings: Any) -> None:
        self.entries: list[Entry] = []
        self.mock = Mock.of(CHAT, Settings(**{"port": 0, "watch": False, **settings}), [self._observe])
        self.url = ""

    def _observe(self, outcome: Outcome) -> None:
        self.entries.extend(outcome.entries)

    def ends(self) -> list[tuple[int | None, str]]:
        return [(entry.code, entry.note) for entry in self.entries if entry.event == "close"]

    def play(self, scenario: Callable[["World"], Awaitable[None]]) -> None:
        """Run a scenario against the mock; 15 s at most."""

        async def whole() -> None:
            async with asyncio.timeout(15), running(self.mock) as port:
                self.url = f"ws://127.0.0.1:{port}/rooms/lobby"
                await scenario(self)

        asyncio.run(whole())


def frame(opcode: int, payload: bytes = b"") -> bytes:
    """Write a short frame of a client."""
    return bytes((0x80 | opcode, 0x80 | len(payload))) + b"\x00\x00\x00\x00" + payload


async def closed(client: ClientConnection) -> tuple[int | None, str | None]:
    await asyncio.wait_for(client.wait_closed(), 5)
    return client.close_code, client.close_reason


def test_too_many_control_frames_in_a_second_close_with_1008() -> None:
    async def scenario(world: World) -> None:
        async with connect(world.url) as client:
            client.transport.write(frame(0xA) * (201))

            assert (await closed(client))[0] == 1008

    world = World()
    world.play(scenario)

    assert world.ends()[0][1].startswith("by the server: more than 200 control frames")


def test_fragments_and_control_frames_have_the_bounds_that_are_set() -> None:
    async def scenario(world: World) -> None:
        for said in (frame(0xA) * 4, b"\x01" + frame(1)[1:] + (b"\x00" + frame(0)[1:]) * 4):
            async with connect(world.url) as client:
                client.transport.write(said)

                assert (await closed(client))[0] == 1008

    World(max_controls=3, max_fragments=4).play(scenario)


def test_each_ping_gets_its_pong_and_those_between_fragments_too() -> None:
    async def scenario(world: World) -> None:
        async with connect(world.url) as ada, connect(world.url) as bob:
            pongs = [await ada.ping(f"{turn}") for turn in range(20)]
            ada.transport.write(b"\x01" + frame(1, HELLO[:5].encode())[1:])
            pongs.append(await ada.ping("between"))
            ada.transport.write(frame(0, HELLO[5:].encode()))

            await asyncio.gather(*pongs)
            assert await asyncio.wait_for(bob.recv(), 5) == HELLO

    World().play(scenario)


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (b"\x83\x80\x00\x00\x00\x00", 1002),
        (b"\x81\x02hi", 1002),
        (frame(8, b"\x03"), 1002),
        (frame(8, b"\x03\xed"), 1002),
        (frame(1, b"\xff"), 1007),
        (b"\x82\xff\x00\x00\x01\x00\x00\x00\x00\x00", 1009),
    ],
    ids=["opcode", "mask", "half a code", "code", "utf-8", "size"],
)
def test_who_breaks_the_protocol_is_told_by_a_close_code(said: bytes, code: int) -> None:
    async def scenario(world: World) -> None:
        async with connect(world.url) as client:
            client.transport.write(said)

            assert (await closed(client))[0] == code

    world = World()
    world.play(scenario)

    assert [each[0] for each in world.ends()] == [code]


def test_a_close_frame_is_answered_in_kind() -> None:
    async def scenario(world: World) -> None:
        async with connect(world.url) as client:
            await client.close(4321, "bye")
            assert client.protocol.close_rcvd is not None
            assert (client.protocol.close_rcvd.code, client.protocol.close_rcvd.reason) == (4321, "bye")

    World().play(scenario)


def test_what_comes_along_with_the_handshake_is_heard_in_its_order() -> None:
    async def scenario(world: World) -> None:
        port = int(world.url.split(":")[2].split("/")[0])
        async with connect(world.url) as bob:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            head = b"GET /rooms/lobby HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            key = b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
            texts = [json.dumps({"type": "chat", "user": "ada", "text": str(turn)}) for turn in range(5)]
            writer.write(head + key + b"".join(frame(1, text.encode()) for text in texts))

            assert [await asyncio.wait_for(bob.recv(), 5) for _ in texts] == texts
            assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 101")
            writer.transport.abort()

    World().play(scenario)


def test_one_client_with_a_flood_of_tiny_frames_does_not_stop_the_others() -> None:
    async def scenario(world: World) -> None:
        async with connect(world.url) as ada, connect(world.url) as bob:
            flood, waits = await connect(world.url), []
            flood.transport.write(frame(0x1, b"1") * 200_000)
            for _ in range(20):
                began = time.monotonic()
                await ada.send(HELLO)
                while await asyncio.wait_for(bob.recv(), 5) != HELLO:
                    pass
                waits.append(time.monotonic() - began)
            flood.transport.abort()

        assert sorted(waits)[10] < 0.25
        assert max(waits) < 1

    World(on_invalid="ignore").play(scenario)


def test_a_client_that_answers_no_ping_is_closed_with_1011(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keepalive, "GRACE", 0.01)

    async def scenario(world: World) -> None:
        async with connect(world.url) as client:
            client.transport.pause_reading()
            while not world.ends():
                await asyncio.sleep(0.005)
            client.transport.abort()

    world = World(ping_interval=0.02, ping_timeout=0.05, stop_timeout=0.1)
    world.play(scenario)

    assert world.ends() == [(1011, "by the server: keepalive ping timeout")]


def test_a_client_that_answers_pings_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    pongs: list[bytes] = []
    answered = keepalive.Keepalive.answered

    def counted(alive: keepalive.Keepalive, payload: bytes) -> bool:
        pongs.append(payload)
        return answered(alive, payload)

    monkeypatch.setattr(keepalive.Keepalive, "answered", counted)

    async def scenario(world: World) -> None:
        async with connect(world.url):
            while len(pongs) < 10:
                await asyncio.sleep(0.005)

    world = World(ping_interval=0.01, ping_timeout=0.5)
    world.play(scenario)

    assert {code for code, _ in world.ends()} == {1000}


def test_pongs_that_have_not_been_read_yet_are_waited_for() -> None:
    async def whole() -> list[str]:
        told: list[str] = []
        behind = [True, True, False]
        alive = keepalive.Keepalive(0.01, 0.01, lambda _: None, lambda: told.append("failed"), lambda: behind.pop(0))
        alive.start()
        async with asyncio.timeout(5):
            while not told:
                await asyncio.sleep(0.005)
        return [*told, *map(str, behind)]

    assert asyncio.run(whole()) == ["failed"]


@pytest.mark.parametrize("compression", ["deflate", None])
def test_compression_is_spoken_where_both_want_it(compression: str | None) -> None:
    async def scenario(world: World) -> None:
        async with connect(world.url, compression=compression) as ada, connect(world.url) as bob:
            for text in ("again and again " * 100, "short", "again and again " * 100):
                said = json.dumps({"type": "chat", "user": "ada", "text": text})
                await ada.send(said)
                assert await asyncio.wait_for(bob.recv(), 5) == said

    World(compression=True).play(scenario)


def test_compression_is_not_offered_unless_it_is_wanted() -> None:
    async def scenario(world: World) -> None:
        async with connect(world.url, compression="deflate") as client:
            assert not client.protocol.extensions

    World().play(scenario)


def test_a_bomb_is_refused() -> None:
    async def scenario(world: World) -> None:
        async with connect(world.url, compression="deflate", max_size=None) as client:
            with pytest.raises(ConnectionClosed):
                await client.send("x" * (64 << 20))
                await client.recv()
            assert (await closed(client))[0] == 1009

    World(compression=True).play(scenario)


def test_a_defect_after_the_101_closes_with_1011(caplog: pytest.LogCaptureFixture) -> None:
    def broken(outcome: Outcome) -> None:
        if any(entry.event == "open" for entry in outcome.entries):
            raise RuntimeError("an observer is broken")

    async def scenario(world: World) -> None:
        async with connect(world.url) as client:
            assert (await closed(client))[0] == 1011

    world = World()
    world.mock.observers = (broken,)
    world.play(scenario)

    ours = [record.getMessage() for record in caplog.records if record.name.startswith("mockws")]
    assert ours == ["a connection could not be handled"]


def test_another_uvicorn_gets_the_portable_way_and_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(DirectWebSocket, "admit")

    with pytest.warns(RuntimeWarning, match="this uvicorn is not as we know it.*admit"):
        config = config_of(Mock.of(CHAT, Settings(port=0, watch=False)))

    assert config.ws_protocol_class is WebSocket


def test_the_uvicorn_that_is_installed_is_as_we_know_it() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        config = config_of(Mock.of(CHAT, Settings(port=0, watch=False)))

    assert config.ws_protocol_class is server.WAY is DirectWebSocket
    assert choose(config, WebSocket) is WebSocket
