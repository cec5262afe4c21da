"""An overlay that changes while its document is served."""

import asyncio
from pathlib import Path

from mockws.app import Mock
from mockws.host.server import running
from mockws.settings import Settings

DOCUMENT = """asyncapi: 3.0.0
info: {title: T, version: 1.0.0}
channels: {c: {address: c, messages: {m: {}}}}
"""
OVERLAY = """overlay: 1.0.0
info: {title: O, version: 1.0.0}
actions:
- {target: $.channels.c, update: {address: FIRST}}
"""


def mock_in(folder: Path) -> tuple[Mock, Path]:
    (folder / "own").mkdir()
    overlay = folder / "overlay.yaml"
    overlay.write_text(OVERLAY)
    document = folder / "own" / "api.yaml"
    document.write_text(DOCUMENT)
    return Mock.of(str(document), Settings(port=0, watch=False, overlay=(str(overlay),))), overlay


def paths_of(mock: Mock) -> list[str]:
    return [str(route.path) for route in mock.loaded.contract.routes]


def test_an_overlay_is_watched_and_reloaded_with_its_document(tmp_path: Path) -> None:
    async def scenario() -> None:
        mock, overlay = mock_in(tmp_path)
        async with asyncio.timeout(15), running(mock):
            before = paths_of(mock)
            overlay.write_text(OVERLAY.replace("FIRST", "SECOND"))
            await mock.reload()

            assert (before, paths_of(mock)) == (["/FIRST"], ["/SECOND"])
            assert overlay in mock.files.read_paths

    asyncio.run(scenario())


def test_a_broken_overlay_keeps_the_last_good_document_and_says_where(tmp_path: Path) -> None:
    async def scenario() -> None:
        mock, overlay = mock_in(tmp_path)
        async with asyncio.timeout(15), running(mock):
            overlay.write_text(OVERLAY.replace("update", "updaet"))
            await mock.reload()
            problem = mock.health.view(0)["problem"]

            assert paths_of(mock) == ["/FIRST"]
            assert (problem["file"], problem["line"], problem["code"]) == (str(overlay), 4, "overlay-invalid")
            overlay.write_text(OVERLAY)
            await mock.reload()
            assert mock.health.view(0)["status"] == "UP"

    asyncio.run(scenario())
