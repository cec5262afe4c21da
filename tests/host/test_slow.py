"""Clients that read too slowly, or say nothing. The mock closes first, or the test hangs up."""

import asyncio
import json
import random
import socket
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from mockws.app import Mock
from mockws.engine.actions import Entry, Outcome
from mockws.engine.events import Commanded, Expect
from mockws.expect.reading import read_expectation
from mockws.host import keepalive
from mockws.host.server import running
from mockws.settings import Settings

CHAT = "specification/chat.yaml"
LONG = random.Random(1).randbytes(32 << 10).hex()  # which packs to no less than its half
POLICIES = ["close", "drop-oldest", "pause"]
both_ways = pytest.mark.usefixtures("way")


class World:
    """A mock that answers every message with a long one, where it is to."""

    def __init__(self, *, answers: bool = False, **settings: Any) -> None:
        self.entries: list[Entry] = []
        self._answers = answers
        chosen = Settings(**{"port": 0, "watch": False, "stop_timeout": 0.2, **settings})
        self.mock = Mock.of(CHAT, chosen, [self._observe])
        self.url = ""

    def _observe(self, outcome: Outcome) -> None:
        self.entries.extend(outcome.entries)

    def codes(self) -> list[int | None]:
        return [entry.code for entry in self.entries if entry.event == "close"]

    def _prepare(self) -> None:
        stub = {"trigger": {}, "actions": [{"reply": {"text": said(LONG, "mock"), "validate": False}}]}
        if self._answers and self.mock.driver is not None:
            self.mock.driver.feed(Commanded(Expect(read_expectation(stub, "it"))))

    def play(self, scenario: Callable[["World"], Awaitable[None]]) -> None:
        """Run a scenario against the mock; 20 s at most."""

        async def whole() -> None:
            async with asyncio.timeout(20), running(self.mock) as port:
                self.url = f"ws://127.0.0.1:{port}/rooms/lobby"
                self._prepare()
                await scenario(self)

        asyncio.run(whole())

    async def until(self, condition: Callable[[], object]) -> None:
        while not condition():
            await asyncio.sleep(0.005)


def said(text: str, user: str = "ada") -> str:
    return json.dumps({"type": "chat", "user": user, "text": text})


def slow(world: World, **more: Any) -> connect:
    """Connect a client whose system takes little for it."""
    raw = socket.socket()
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    raw.connect(("127.0.0.1", int(world.url.split(":")[2].split("/")[0])))
    raw.setblocking(False)
    return connect(world.url, sock=raw, max_queue=(1, 0), **more)


async def broadcast(world: World, listener: ClientConnection, count: int) -> None:
    """Say so many numbered messages, all of which the listener gets in their order."""
    async with connect(world.url) as ada:
        for turn in range(count):
            await ada.send(said(f"{turn} {LONG}"))
            assert number_of(await listener.recv()) == turn


def frame(text: str) -> bytes:
    """Write a short text of a client."""
    return bytes((0x81, 0x80 | len(text))) + b"\x00\x00\x00\x00" + text.encode()


def number_of(frame: str | bytes) -> int:
    return int(json.loads(frame)["text"].partition(" ")[0])


@both_ways
def test_a_client_that_does_not_read_is_closed_with_1013_and_the_others_lose_nothing() -> None:
    async def scenario(world: World) -> None:
        async with connect(world.url) as bob, slow(world) as stuck:
            await broadcast(world, bob, 150)
            await world.until(lambda: 1013 in world.codes())
            stuck.transport.abort()

    World(max_outbox=256 << 10).play(scenario)


async def fall_behind(world: World, compression: str | None = None) -> None:
    async with connect(world.url) as bob, slow(world, compression=compression) as late:
        await broadcast(world, bob, 150)
        seen = [number_of(await late.recv())]
        while seen[-1] != 149:
            seen.append(number_of(await late.recv()))

    assert seen == sorted(set(seen))
    assert len(seen) < 150


@both_ways
def test_the_oldest_messages_to_a_slow_client_are_dropped() -> None:
    World(max_outbox=256 << 10, outbox_policy="drop-oldest").play(fall_behind)


def test_what_is_dropped_does_not_spoil_the_compression_of_what_comes_after() -> None:
    async def scenario(world: World) -> None:
        await fall_behind(world, "deflate")

    World(max_outbox=256 << 10, outbox_policy="drop-oldest", compression=True).play(scenario)


def test_what_was_dropped_is_counted_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    async def scenario(world: World) -> None:
        async with connect(world.url) as bob, slow(world) as late:
            await broadcast(world, bob, 150)
            seen = [number_of(await late.recv())]
            while seen[-1] != 149:
                seen.append(number_of(await late.recv()))

            assert sum(int(record.args[1]) for record in caplog.records if record.args) == 150 - len(seen)  # type: ignore[index, call-overload]

    World(max_outbox=256 << 10, outbox_policy="drop-oldest").play(scenario)


def test_what_a_slow_client_still_gets_comes_before_the_goodbye() -> None:
    async def scenario(world: World) -> None:
        async with connect(world.url) as bob, slow(world) as late:
            await broadcast(world, bob, 150)
            assert world.mock.sessions is not None
            world.mock.sessions.stop()
            seen = []
            with pytest.raises(ConnectionClosed):
                while True:
                    seen.append(number_of(await late.recv()))

            assert (seen[-1], late.close_code) == (149, 1012)

    World(max_outbox=256 << 10, outbox_policy="drop-oldest", stop_timeout=5.0).play(scenario)


@both_ways
def test_a_client_that_does_not_read_is_read_no_further_and_gets_all_answers() -> None:
    async def scenario(world: World) -> None:
        async with slow(world) as ada:
            ada.transport.write(b"".join(frame(said(str(turn))) for turn in range(150)))
            await world.until(lambda: len([each for each in world.entries if each.event == "message"]) > 20)
            for _ in range(150):
                assert json.loads(await ada.recv())["user"] == "mock"

    world = World(answers=True, max_outbox=128 << 10, outbox_policy="pause")
    world.play(scenario)

    assert 1013 not in world.codes()


def test_what_others_say_to_a_client_that_is_paused_fills_its_outbox() -> None:
    async def scenario(world: World) -> None:
        async with connect(world.url) as bob, slow(world) as stuck:
            await broadcast(world, bob, 150)
            await world.until(lambda: 1013 in world.codes())
            stuck.transport.abort()

    World(max_outbox=256 << 10, outbox_policy="pause").play(scenario)


def test_a_client_that_is_paused_and_takes_nothing_is_gone_in_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keepalive, "GRACE", 0.02)

    async def scenario(world: World) -> None:
        async with slow(world) as stuck:
            stuck.transport.pause_reading()
            for turn in range(150):
                await stuck.send(said(str(turn)))
            await world.until(lambda: 1011 in world.codes())
            stuck.transport.abort()

    pings = {"ping_interval": 0.3, "ping_timeout": 0.3}
    World(answers=True, max_outbox=128 << 10, outbox_policy="pause", **pings).play(scenario)


def test_a_client_that_loses_messages_and_takes_nothing_is_gone_in_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keepalive, "GRACE", 0.02)

    async def scenario(world: World) -> None:
        async with connect(world.url) as bob, slow(world) as stuck:
            stuck.transport.pause_reading()
            await broadcast(world, bob, 100)
            await world.until(lambda: 1011 in world.codes())
            stuck.transport.abort()

    World(max_outbox=128 << 10, outbox_policy="drop-oldest", ping_interval=0.5, ping_timeout=1.0).play(scenario)


@pytest.mark.parametrize("policy", POLICIES)
def test_under_every_policy_what_breaks_the_protocol_is_told(policy: str) -> None:
    async def scenario(world: World) -> None:
        async with connect(world.url) as ada, connect(world.url) as bob:
            await ada.send(said("1"))
            await bob.recv()
            ada.transport.write(b"\x83\x80\x00\x00\x00\x00")
            await ada.wait_closed()

            assert ada.close_code == 1002

    World(outbox_policy=policy).play(scenario)


@both_ways
def test_a_client_that_says_nothing_is_closed_with_1001_and_one_that_talks_is_not() -> None:
    async def scenario(world: World) -> None:
        async with connect(world.url) as talker, connect(world.url + "2") as silent:
            closed = asyncio.ensure_future(silent.wait_closed())
            while not closed.done():
                await talker.send(said("still here"))
                await asyncio.sleep(0.02)

            assert (silent.close_code, silent.close_reason) == (1001, "nothing was said for too long")
            assert await talker.ping()

    World(idle_timeout=0.4).play(scenario)


@both_ways
def test_who_left_is_not_waited_for() -> None:
    async def scenario(world: World) -> None:
        async with connect(world.url):
            pass
        await world.until(world.codes)

        assert world.codes() == [1000]

    World(idle_timeout=3600.0).play(scenario)
