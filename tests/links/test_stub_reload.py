"""Stub files that change while they are served: good ones hold from the next message on, broken ones change nothing."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect

from mockws.app import Mock
from mockws.engine.actions import Outcome
from mockws.engine.events import Commanded, Expect, Reset, StubsReplaced
from mockws.expect.reading import read_expectation
from mockws.host.server import running
from mockws.settings import Settings

DOCUMENT = """asyncapi: 3.0.0
info: {title: Echo, version: 1.0.0}
channels:
  CHANNEL: {address: /hello, messages: {Hello: {payload: {type: object}}}}
operations:
  greet: {action: receive, channel: {$ref: '#/channels/CHANNEL'}}
"""


SECURED = """servers:
  s: {host: localhost, protocol: ws, security: [{$ref: '#/components/securitySchemes/bearer'}]}
components: {securitySchemes: {bearer: {type: http, scheme: bearer}}}
"""


def stub(text: str, channel: str = "talk") -> str:
    return f"expectations:\n- trigger: {{channel: {channel}}}\n  actions: [{{reply: {{text: {text}}}}}]\n"


class World:
    """A mock with a folder of stub files."""

    def __init__(self, folder: Path, *, watch: bool = False) -> None:
        self.document = folder / "echo.yaml"
        self.document.write_text(DOCUMENT.replace("CHANNEL", "talk"))
        self.stubs = folder / "stubs"
        self.stubs.mkdir()
        (self.stubs / "a.yaml").write_text(stub("one"))
        self.taken_over: asyncio.Queue[int] = asyncio.Queue()
        settings = Settings(port=0, watch=watch, perspective="server", stubs=(str(self.stubs),))
        self.mock = Mock.of(str(self.document), settings, [self._observe])
        self.url = ""

    def _observe(self, outcome: Outcome) -> None:
        if isinstance(outcome.event, StubsReplaced):
            self.taken_over.put_nowait(len(outcome.event.expectations))

    def add(self, **keys: Any) -> None:
        """Add an expectation as the admin API does."""
        assert self.mock.driver is not None
        self.mock.driver.feed(Commanded(Expect(read_expectation({"trigger": {}, **keys}, "added"))))

    def play(self, scenario: Callable[["World"], Awaitable[None]]) -> None:
        async def whole() -> None:
            async with asyncio.timeout(15), running(self.mock) as port:
                self.url = f"ws://127.0.0.1:{port}/hello"
                await scenario(self)

        asyncio.run(whole())


async def greeted(client: ClientConnection) -> str:
    await client.send("{}")
    return str(await asyncio.wait_for(client.recv(), 2))


def test_a_change_holds_for_the_next_message_of_an_open_connection(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        async with connect(world.url) as client:
            before = await greeted(client)
            (world.stubs / "a.yaml").write_text(stub("two"))
            await world.mock.reload()

            assert (before, await greeted(client)) == ("one", "two")

    World(tmp_path).play(scenario)


def test_a_broken_file_keeps_the_last_good_set_and_says_where(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async def scenario(world: World) -> None:
        async with connect(world.url) as client:
            (world.stubs / "a.yaml").write_text(stub("two"))
            (world.stubs / "b.yaml").write_text("expectations:\n- {triger: {}}\n")
            await world.mock.reload()
            shown = world.mock.health.view(0)

            assert await greeted(client) == "one"
        assert (shown["status"], shown["problem"]["file"]) == ("DEGRADED", str(world.stubs / "b.yaml"))
        assert (shown["problem"]["line"], shown["problem"]["pointer"]) == (2, "/expectations/0/triger")

    with caplog.at_level(logging.ERROR):
        World(tmp_path).play(scenario)

    assert "b.yaml:2:" in caplog.text


def test_a_mended_file_is_taken_over(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        async with connect(world.url) as client:
            (world.stubs / "a.yaml").write_text("expectations: 4\n")
            await world.mock.reload()
            (world.stubs / "a.yaml").write_text(stub("two"))
            await world.mock.reload()

            assert (await greeted(client), world.mock.health.view(0)["status"]) == ("two", "UP")

    World(tmp_path).play(scenario)


@pytest.mark.parametrize("text", [stub("two"), "expectations: 4\n", ""], ids=["good", "broken", "empty"])
def test_what_was_added_stays(tmp_path: Path, text: str) -> None:
    async def scenario(world: World) -> None:
        world.add(actions=[{"reply": {"text": "added"}}])
        async with connect(world.url) as client:
            (world.stubs / "a.yaml").write_text(text)
            await world.mock.reload()

            assert await greeted(client) == "added"

    World(tmp_path).play(scenario)


def test_a_name_that_the_changed_document_lacks_keeps_both_as_they_were(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        async with connect(world.url) as client:
            world.document.write_text(DOCUMENT.replace("CHANNEL", "bye"))
            await world.mock.reload()
            problem = world.mock.health.view(0)["problem"]

            assert await greeted(client) == "one"
        assert (problem["code"], problem["line"], problem["pointer"]) == (
            "unknown_channel",
            2,
            "/expectations/0/trigger/channel",
        )

    World(tmp_path).play(scenario)


def test_document_and_stubs_can_change_together(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        async with connect(world.url) as client:
            world.document.write_text(DOCUMENT.replace("CHANNEL", "bye"))
            (world.stubs / "a.yaml").write_text(stub("two", channel="bye"))
            await world.mock.reload()

            assert await greeted(client) == "two"

    World(tmp_path).play(scenario)


@pytest.mark.parametrize("name", ["b.yaml", "new/b.yaml"])
def test_a_new_file_in_a_watched_folder_is_noticed(tmp_path: Path, name: str) -> None:
    async def scenario(world: World) -> None:
        first = await world.taken_over.get()
        (world.stubs / name).parent.mkdir(exist_ok=True)
        (world.stubs / name).write_text(stub("two"))

        assert (first, await world.taken_over.get()) == (1, 2)

    World(tmp_path, watch=True).play(scenario)


def test_a_file_that_goes_takes_its_expectations_along(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        first = await world.taken_over.get()
        (world.stubs / "a.yaml").unlink()

        assert (first, await world.taken_over.get()) == (1, 0)

    World(tmp_path, watch=True).play(scenario)


def test_a_reload_of_what_was_saved_doubles_nothing_and_loses_nothing(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        world.add(actions=[{"reply": {"text": "added"}}])
        book = world.mock.engine.expected.book
        await world.mock.save([book.rules["added"].compiled])
        await world.mock.reload()
        there = sorted((each.id, each.layer.name) for each in book.rules.values())

        async with connect(world.url) as client:
            assert await greeted(client) == "added"
        world.mock.engine.step(Commanded(Reset()))
        assert there == [("a.yaml#0", "FILE"), ("added", "ADMIN")]
        assert {(each.id, each.layer.name) for each in book.rules.values()} == {("a.yaml#0", "FILE"), ("added", "FILE")}

    World(tmp_path).play(scenario)


def test_credentials_are_reloaded_with_the_expectations(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        (world.stubs / "b.yaml").write_text("credentials: [{scheme: bearer, token: t}]\n")
        await world.mock.reload()

        shown = world.mock.health.view(0)["problem"]
        assert (shown["code"], shown["file"], shown["line"]) == ("unknown_scheme", str(world.stubs / "b.yaml"), 1)
        kept = world.mock.engine.credentials.in_force
        world.document.write_text(DOCUMENT.replace("CHANNEL", "talk") + SECURED)
        await world.mock.reload()
        listed = world.mock.engine.credentials.in_force
        assert (kept, [each.scheme for each in listed]) == ((), ["bearer"])

    World(tmp_path).play(scenario)
