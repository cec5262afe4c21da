"""A document that changes while it is served."""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect

from mockws.app import Mock
from mockws.engine.actions import Entry, Outcome
from mockws.host.server import running
from mockws.settings import Settings

DOCUMENT = """asyncapi: 3.0.0
info: {title: Greeter, version: 1.0.0}
channels:
  hello:
    address: /hello
    messages:
      Hello: {payload: {type: object}}
      Greeting:
        payload: {$ref: greeting.yaml}
        examples: [{payload: {say: SAID}}]
operations:
  greet:
    action: receive
    channel: {$ref: '#/channels/hello'}
    messages: [{$ref: '#/channels/hello/messages/Hello'}]
    reply:
      messages: [{$ref: '#/channels/hello/messages/Greeting'}]
"""
GREETING = "{type: object, required: [say], properties: {say: {type: string}}}"


class World:
    """A mock of a document in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.document = folder / "greeter.yaml"
        self.write("one")
        (folder / "greeting.yaml").write_text(GREETING)
        self.entries: list[Entry] = []
        self.mock = Mock.of(str(self.document), Settings(port=0, watch=False), [self._observe])
        self.url = ""

    def _observe(self, outcome: Outcome) -> None:
        self.entries.extend(outcome.entries)

    def write(self, said: str) -> None:
        self.document.write_text(DOCUMENT.replace("SAID", said))

    def health(self) -> dict[str, Any]:
        return self.mock.health.view(0)

    def play(self, scenario: Callable[["World"], Awaitable[None]]) -> None:
        async def whole() -> None:
            async with asyncio.timeout(15), running(self.mock) as port:
                self.url = f"ws://127.0.0.1:{port}/hello"
                await scenario(self)

        asyncio.run(whole())


async def greeted(client: ClientConnection) -> str:
    await client.send("{}")
    return str(json.loads(await asyncio.wait_for(client.recv(), 2))["say"])


def test_a_change_holds_for_the_next_message_of_an_open_connection(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        async with connect(world.url) as client:
            before = await greeted(client)
            world.write("two")
            await world.mock.reload()

            assert (before, await greeted(client)) == ("one", "two")

    World(tmp_path).play(scenario)


def test_a_broken_document_keeps_the_last_good_one_and_says_where(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def scenario(world: World) -> None:
        async with connect(world.url) as client:
            world.document.write_text("asyncapi: 3.0.0\nchannels: {a: [}\n")
            with caplog.at_level(logging.ERROR):
                await world.mock.reload()

            assert await greeted(client) == "one"
        health = world.health()
        assert (health["status"], health["problem"]["line"]) == ("DEGRADED", 2)
        assert health["problem"]["file"] == str(world.document)

    World(tmp_path).play(scenario)

    assert "greeter.yaml:2" in caplog.text


@pytest.mark.parametrize(
    "broken", ["", "asyncapi: 3.0.0\ninfo: {title: a, version: '1'}\n"], ids=["empty", "no channel"]
)
def test_a_document_with_nothing_to_serve_changes_nothing(tmp_path: Path, broken: str) -> None:
    async def scenario(world: World) -> None:
        async with connect(world.url) as client:
            world.document.write_text(broken)
            await world.mock.reload()

            assert await greeted(client) == "one"
            assert world.health()["status"] == "DEGRADED"

    World(tmp_path).play(scenario)


def test_a_mended_document_is_taken_over(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        async with connect(world.url) as client:
            world.document.write_text("{")
            await world.mock.reload()
            world.write("mended")
            await world.mock.reload()

            assert await greeted(client) == "mended"
            assert world.health() == {"status": "UP", "connections": 0}

    World(tmp_path).play(scenario)


def test_a_channel_that_is_gone_closes_its_connections_with_1012(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        async with connect(world.url) as client:
            world.document.write_text(DOCUMENT.replace("address: /hello", "address: /moved"))
            await world.mock.reload()
            await asyncio.wait_for(client.wait_closed(), 5)

            assert client.close_code == 1012

    World(tmp_path).play(scenario)


def test_a_defect_while_reloading_changes_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async def scenario(world: World) -> None:
        async with connect(world.url) as client:

            def broken(_: object) -> None:
                raise RuntimeError("defect")

            world.mock._take_over = broken  # type: ignore[assignment, method-assign]
            await world.mock.reload()

            assert await greeted(client) == "one"
            assert world.health()["problem"]["code"] == "defect"

    World(tmp_path).play(scenario)

    assert caplog.records[0].getMessage() == "not reloaded, the last good document stays"


@pytest.mark.parametrize("changed", ["greeter.yaml", "greeting.yaml"])
def test_all_files_of_a_document_are_watched(tmp_path: Path, changed: str) -> None:
    world = World(tmp_path)

    assert tmp_path / changed in world.mock._watched()


def test_a_file_that_is_written_in_pieces_is_taken_over_once(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.mock.settings = Settings(port=0)

    async def scenario(world: World) -> None:
        text = DOCUMENT.replace("SAID", "pieces")
        async with connect(world.url) as client:
            await asyncio.sleep(0.2)  # the watch has begun
            with world.document.open("w") as file:
                for start in range(0, len(text), len(text) // 10):
                    file.write(text[start : start + len(text) // 10])
                    file.flush()
                    await asyncio.sleep(0.03)
            while not [entry for entry in world.entries if entry.event == "reload"]:
                await asyncio.sleep(0.01)

            assert await greeted(client) == "pieces"

    world.play(scenario)

    assert len([entry for entry in world.entries if entry.event == "reload"]) == 1
