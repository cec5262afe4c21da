"""Specmatic's examples while they are served: read beside the document, and taken over as they change."""

import asyncio
import json
import shutil
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import connect

from mockws.app import Mock
from mockws.engine.actions import Outcome
from mockws.engine.events import StubsReplaced
from mockws.errors import StubsRefused
from mockws.host.server import running
from mockws.settings import Settings

PROJECT = Path(__file__).parents[1] / "specmatic" / "orders"
ORDER = {"id": 7, "loaves": [{"kind": "rye", "count": 2}, {"kind": "spelt", "count": 1}]}
QUIET = Settings(port=0, watch=False, stop_timeout=0.0)


class World:
    """A mock of a project of its own."""

    def __init__(self, folder: Path, settings: Settings = QUIET) -> None:
        self.root = folder / "orders"
        shutil.copytree(PROJECT, self.root)
        self.examples = self.root / "specification" / "examples"
        self.taken_over: asyncio.Queue[int] = asyncio.Queue()
        self.settings = settings
        self.port = 0

    def mock(self) -> Mock:
        return Mock.of(str(self.root / "specmatic.yaml"), self.settings, [self._observe])

    def _observe(self, outcome: Outcome) -> None:
        if isinstance(outcome.event, StubsReplaced):
            self.taken_over.put_nowait(len(outcome.event.expectations))

    def change(self, **payload: Any) -> None:
        """Let the example of the order say something else."""
        path = self.examples / "newOrder.json"
        example = json.loads(path.read_text("utf-8"))
        example["send"]["payload"] |= payload
        path.write_text(json.dumps(example))

    def play(self, scenario: Callable[[Mock], Awaitable[None]]) -> None:
        async def whole() -> None:
            mock = self.mock()
            async with asyncio.timeout(15), running(mock) as self.port:
                await scenario(mock)

        asyncio.run(whole())

    async def ordered(self) -> Any:
        url = f"ws://127.0.0.1:{self.port}"
        async with connect(f"{url}/new-orders") as client, connect(f"{url}/wip-orders") as listener:
            await client.send(json.dumps(ORDER))
            return json.loads(await asyncio.wait_for(listener.recv(), 2))


def test_an_example_answers_what_it_receives(tmp_path: Path) -> None:
    world = World(tmp_path)

    async def scenario(_: Mock) -> None:
        assert await world.ordered() == {"id": 7, "total": 9.5, "status": "INITIATED"}

    world.play(scenario)


def test_a_users_own_stub_goes_before_an_example(tmp_path: Path) -> None:
    own = {"send": {"to": {"channel": "OrderInitiated"}, "json": {"id": 1, "total": 0, "status": "SHIPPED"}}}
    stubs = tmp_path / "own.json"
    stubs.write_text(json.dumps({"expectations": [{"trigger": {"channel": "OrderPlaced"}, "actions": [own]}]}))
    world = World(tmp_path, replace(QUIET, stubs=(str(stubs),)))

    async def scenario(_: Mock) -> None:
        assert (await world.ordered())["status"] == "SHIPPED"

    world.play(scenario)


def test_a_change_holds_from_the_next_message_on(tmp_path: Path) -> None:
    world = World(tmp_path)

    async def scenario(mock: Mock) -> None:
        world.change(total=1)
        await mock.reload()

        assert (await world.ordered())["total"] == 1

    world.play(scenario)


@pytest.mark.parametrize("text", ["{", '{"receive": {"topic": "new-order", "payload": 1}}'])
def test_a_broken_example_stays_as_it_was_and_is_told(tmp_path: Path, text: str) -> None:
    world = World(tmp_path)

    async def scenario(mock: Mock) -> None:
        (world.examples / "newOrder.json").write_text(text)
        await mock.reload()
        shown = mock.health.view(0)

        assert (await world.ordered())["total"] == 9.5
        assert (shown["status"], Path(shown["problem"]["file"]).name) == ("DEGRADED", "newOrder.json")

    world.play(scenario)


def test_an_example_that_is_gone_says_no_more(tmp_path: Path) -> None:
    world = World(tmp_path)

    async def scenario(mock: Mock) -> None:
        for path in world.examples.glob("*.json"):
            path.unlink()
        await mock.reload()

        assert mock.stubs.expectations == ()
        assert (await world.ordered())["total"] != 9.5

    world.play(scenario)


def test_files_are_watched(tmp_path: Path) -> None:
    world = World(tmp_path, replace(QUIET, watch=True))

    async def scenario(_: Mock) -> None:
        assert await world.taken_over.get() == 6
        shutil.copy(world.examples / "newOrder.json", world.examples / "again.json")

        assert await world.taken_over.get() == 7

    world.play(scenario)


def test_a_project_may_name_another_document(tmp_path: Path) -> None:
    world = World(tmp_path)

    async def scenario(mock: Mock) -> None:
        other = world.root / "specification" / "other.yaml"
        other.write_text((world.root / "specification" / "orders.yaml").read_text().replace("Bakery", "Mill"))
        (world.root / "specmatic.yaml").write_text("version: 2\ncontracts: [{provides: [specification/other.yaml]}]\n")
        await mock.reload()

        assert mock.loaded.contract.title == "Mill"

    world.play(scenario)


def test_a_broken_example_is_left_out_at_the_start(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.change(status="LOST")

    mock = world.mock()

    assert [each.code for each in mock.example_files.errors] == ["specmatic-example"]
    assert "newOrder.json" not in {each.id for each in mock.stubs.expectations}


def test_what_cannot_be_an_expectation_is_told_at_its_place(tmp_path: Path) -> None:
    world = World(tmp_path)
    path = world.examples / "acceptOrder.json"
    path.write_text(path.read_text().replace('"path": "/orders"', '"path": "/__admin/orders"'))

    found = world.mock().example_files.errors

    assert {(each.code, Path(each.place.file).name, each.pointer) for each in found} == {
        ("path_reserved", "acceptOrder.json", "/before/0")
    }


def test_a_file_that_is_no_example_is_left_out(tmp_path: Path) -> None:
    world = World(tmp_path)
    path = world.examples / "payload.json"
    path.write_text('{"id": 7}')

    notes = world.mock().example_files.notes

    assert [(each.code, Path(each.place.file).name) for each in notes] == [("specmatic-left-out", "payload.json")]


def test_a_broken_example_is_refused_where_all_is_strict(tmp_path: Path) -> None:
    world = World(tmp_path, replace(QUIET, strict=True))
    world.change(status="LOST")

    with pytest.raises(StubsRefused, match=r"newOrder\.json:.*/send/payload/status"):
        world.mock()


def test_what_is_hidden_or_elsewhere_is_no_example(tmp_path: Path) -> None:
    world = World(tmp_path)
    (world.examples / ".backup").mkdir()
    shutil.copy(world.examples / "newOrder.json", world.examples / ".backup" / "old.json")
    (tmp_path / "out.json").write_text((world.examples / "newOrder.json").read_text())
    (world.examples / "link.json").symlink_to(tmp_path / "out.json")

    assert sorted(each.name for each in world.mock().example_files.paths()) == [
        "acceptOrder.json",
        "deliverOrder.json",
        "newOrder.json",
    ]
