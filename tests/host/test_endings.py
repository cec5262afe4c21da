"""Faults and pings on the wire, and what another server than ours makes of them. The mock ends the connections."""

import asyncio
from typing import Any

import pytest
from raw import BYE, HELLO, OPEN, REQUEST, SAID, Loop, Raw, World, both_loops, frame, masked, stub
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect
from websockets.asyncio.client import connect

from mockws.engine.events import PingCommand
from mockws.expect.expectation import Compiled
from mockws.expect.faults import Power
from mockws.host import cut
from mockws.host.server import running

pytestmark = pytest.mark.usefixtures("way")

both_faults = pytest.mark.parametrize(
    ("fault", "end"), [("CONNECTION_RESET_BY_PEER", "RST"), ("ABNORMAL_CLOSE", "FIN")]
)


@both_loops
@both_faults
def test_fault_ends_the_socket_after_what_was_said_and_without_a_close_frame(fault: str, end: str, loop: Loop) -> None:
    async def scenario(world: World) -> None:
        client = Raw(world.port)
        await client.say(REQUEST)
        await client.until(b"\r\n\r\n")
        client.seen = b""
        await client.say(masked(HELLO))

        assert await client.end() == end
        assert client.seen == frame(SAID)
        client.close()
        await world.until_nobody_is_there()

    world = World(stub(BYE, {"fault": fault}))
    world.play(scenario, loop)

    assert [each.note for each in world.events("fault")] == [fault]
    assert [(each.code, each.note) for each in world.events("close")] == [(1006, "by the server")]


@both_loops
@both_faults
def test_much_that_was_said_before_a_fault_arrives_whole(fault: str, end: str, loop: Loop) -> None:
    async def scenario(world: World) -> None:
        client = Raw(world.port, receive_buffer=4096)
        await client.say(REQUEST)
        await client.until(b"\r\n\r\n")
        client.seen = b""
        await client.say(masked(HELLO))

        assert await client.end() == end
        assert client.seen == frame(long) * 200
        client.close()

    long = '{"type":"chat","user":"mock","text":"' + "x" * 10_000 + '"}'
    World(
        stub(
            {"reply": {"text": long, "duplicate": 100}}, {"reply": {"text": long, "duplicate": 100}}, {"fault": fault}
        ),
        max_outbox=1 << 24,
    ).play(scenario, loop)


def test_client_that_takes_nothing_is_reset_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cut, "FLUSH", 0.05)

    async def scenario(world: World) -> None:
        client = Raw(world.port, receive_buffer=4096)
        await client.say(REQUEST)
        await client.until(b"\r\n\r\n")
        await client.say(masked(HELLO))
        await world.until_nobody_is_there()

        assert await client.end() == "RST"
        client.close()

    long = '{"type":"chat","user":"mock","text":"' + "x" * 60_000 + '"}'
    say = {"reply": {"text": long, "duplicate": 100}}
    World(stub(say, {"fault": "CONNECTION_RESET_BY_PEER"}), max_outbox=1 << 24, stop_timeout=0.3).play(scenario)


@both_faults
@pytest.mark.parametrize("delay", [[], [{"delay": "20ms"}]])
def test_fault_in_place_of_the_101_says_nothing_at_all(fault: str, end: str, delay: list[Any]) -> None:
    async def scenario(world: World) -> None:
        client = Raw(world.port)
        await client.say(REQUEST)

        assert (await client.end(), client.seen) == (end, b"")
        client.close()
        await world.until_nobody_is_there()

    world = World(stub(*delay, {"fault": fault}, on=OPEN))
    world.play(scenario)

    assert [each.event for each in world.entries] == ["fault"]


def test_client_that_goes_on_talking_after_the_fin_is_not_heard() -> None:
    async def scenario(world: World) -> None:
        client = Raw(world.port)
        await client.say(REQUEST)
        await client.until(b"\r\n\r\n")
        await client.say(masked(HELLO))
        assert await client.end() == "FIN"
        await client.say(masked(HELLO) + b"\x88\x82\x00\x00\x00\x00\x03\xe8\x89\x80\x00\x00\x00\x00")

        await world.until_nobody_is_there()
        client.close()

    world = World(stub({"fault": "ABNORMAL_CLOSE"}), stop_timeout=0.2)
    world.play(scenario)

    assert len(world.events("message")) == 1


def test_server_stops_while_a_client_takes_no_notice_of_the_fin() -> None:
    clients: list[Raw] = []

    async def scenario(world: World) -> None:
        clients.append(Raw(world.port))
        await clients[0].say(REQUEST)
        await clients[0].until(b"\r\n\r\n")
        await clients[0].say(masked(HELLO))
        assert await clients[0].end() == "FIN"

    world = World(stub({"fault": "ABNORMAL_CLOSE"}), stop_timeout=0.2)
    world.play(scenario)

    assert [each.code for each in world.events("close")] == [1006]
    clients[0].close()


def test_client_that_leaves_a_slow_handshake_leaves_nothing() -> None:
    async def scenario(world: World) -> None:
        client = Raw(world.port)
        await client.say(REQUEST)
        await world.until(lambda: world.mock.driver is not None and world.mock.driver.connections)
        client.close()
        await world.until_nobody_is_there()

    world = World(stub({"delay": "1m"}, on=OPEN))
    world.play(scenario)

    assert [(each.event, each.note) for each in world.entries] == [
        ("close", "by the client, before its handshake was answered")
    ]
    assert not world.mock.engine.expected.handshakes._of


def test_client_that_waits_for_its_101_is_refused_when_the_server_stops() -> None:
    clients: list[Raw] = []

    async def scenario(world: World) -> None:
        clients.append(Raw(world.port))
        await clients[0].say(REQUEST)
        await world.until(lambda: world.mock.driver is not None and world.mock.driver.connections)

    async def whole() -> None:
        async with asyncio.timeout(15):
            async with running(world.mock) as world.port:
                world.prepare()
                await scenario(world)
            await clients[0].end()

    world = World(stub({"delay": "1m"}, on=OPEN))
    asyncio.run(whole())

    assert clients[0].seen.startswith(b"HTTP/1.1 503")
    clients[0].close()


def test_what_a_client_says_before_its_101_does_no_harm() -> None:
    async def scenario(world: World) -> None:
        client = Raw(world.port)
        await client.say(REQUEST + masked(HELLO))
        await client.until(b"101 Switching")
        await client.say(masked(HELLO))
        await world.until(lambda: world.events("message"))
        client.close()

    World(stub({"delay": "20ms"}, on=OPEN)).play(scenario)


@pytest.mark.parametrize(
    ("written", "kind", "body"),
    [
        ({"json": ["a"]}, "application/json", b'["a"]'),
        ({"json": "é", "headers": {"Content-Type": "text/x"}}, "text/x", '"é"'.encode()),
        ({}, "application/problem+json", b'{"type": "about:blank", "title": "rejected", "status": 503}'),
        ({"text": "bah é"}, "text/plain; charset=utf-8", "bah é".encode()),
        ({"text": "<p>{{ 1 + 1 }}", "headers": {"Content-Type": "text/html"}}, "text/html", b"<p>2"),
    ],
)
def test_rejection_goes_out_as_it_was_written(written: Any, kind: str, body: bytes) -> None:
    async def scenario(world: World) -> None:
        client = Raw(world.port)
        await client.say(REQUEST)

        await client.end()
        head, _, content = client.seen.partition(b"\r\n\r\n")
        kinds = [line for line in head.decode().lower().split("\r\n") if line.startswith("content-type")]
        assert (kinds, content) == ([f"content-type: {kind}"], body)
        client.close()

    World(stub({"reject": {"status": 503, **written}}, on=OPEN)).play(scenario)


@pytest.mark.parametrize("status", [200, 301, 404, 418, 500, 599])
def test_rejection_has_any_status_but_a_101(status: int) -> None:
    async def scenario(world: World) -> None:
        client = Raw(world.port)
        await client.say(REQUEST)

        await client.end()
        assert client.seen.startswith(b"HTTP/1.1 %d " % status)
        client.close()

    World(stub({"reject": {"status": status, "text": "no"}}, on=OPEN)).play(scenario)


def test_ping_is_answered_and_the_servers_own_pings_are_not_told() -> None:
    async def scenario(world: World) -> None:
        async with connect(f"ws://127.0.0.1:{world.port}/rooms/lobby"):
            await world.until(lambda: len(world.events("pong")) == 3)
            assert world.command(PingCommand("c1")).answer == ("c1",)
            await world.until(lambda: len(world.events("pong")) == 4)

    world = World(stub({"ping": {"every": "20ms"}}, on=OPEN, times=1), ping_interval=0.01)
    world.play(scenario)

    assert len(world.events("pong")) <= len(world.events("ping"))
    assert world.events("ping")[0].cause == "expectation it"


def other_server(*expectations: Compiled) -> tuple[World, TestClient]:
    """Give a mock under Starlette's TestClient, which knows nothing of sockets; the mock thinks that it does."""
    world = World(*expectations)
    world.mock.runs_on(Power.FRAMES)
    return world, TestClient(world.mock.app())


def test_server_that_cannot_hang_up_says_so_and_closes() -> None:
    world, server = other_server(stub(BYE, {"fault": "ABNORMAL_CLOSE"}))
    with server as client:
        world.prepare()
        with client.websocket_connect("/rooms/lobby") as socket_:
            socket_.send_text(HELLO.decode())
            assert socket_.receive_text() == SAID
            with pytest.raises(WebSocketDisconnect) as ended:
                socket_.receive_text()

    assert ended.value.code == 1011
    assert "cannot end a connection without a close frame" in world.events("fault")[1].note


def test_server_that_cannot_hang_up_refuses_the_handshake() -> None:
    world, server = other_server(stub({"fault": "ABNORMAL_CLOSE"}, on=OPEN))
    with server as client:
        world.prepare()
        with pytest.raises(WebSocketDisconnect), client.websocket_connect("/rooms/lobby"):
            pass

    assert len(world.events("fault")) == 2


def test_server_that_cannot_ping_says_so_and_goes_on() -> None:
    world, server = other_server(stub({"ping": {}}, BYE))
    with server as client:
        world.prepare()
        with client.websocket_connect("/rooms/lobby") as socket_:
            socket_.send_text(HELLO.decode())
            assert socket_.receive_text() == SAID

    assert "cannot ping a client" in world.events("fault")[0].note
