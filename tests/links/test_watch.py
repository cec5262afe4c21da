"""Files that change: told once, when they have come to rest, however they were changed."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from mockws.links.watch import changes


def told(files: list[Path], change: Callable[[], Awaitable[None]], *, poll: bool = False, quiet: float = 0.6) -> int:
    """Count how often a change is told, until nothing has been told for a while; 15 s at most."""

    async def watch() -> int:
        stop = asyncio.Event()
        news: asyncio.Queue[None] = asyncio.Queue()

        async def listen() -> None:
            async for _ in changes(lambda: files, poll=poll, stop=stop):
                news.put_nowait(None)

        listening = asyncio.create_task(listen())
        await asyncio.sleep(0)  # it has had its first look
        count = 0
        try:
            async with asyncio.timeout(15):
                await change()
                await news.get()
                count += 1
                while True:
                    await asyncio.wait_for(news.get(), quiet)
                    count += 1
        except TimeoutError:
            return count
        finally:
            stop.set()
            await asyncio.wait_for(listening, 5)

    return asyncio.run(watch())


@pytest.mark.parametrize("poll", [False, True], ids=["by the system", "by polling"])
def test_a_file_that_is_written_is_told_once(tmp_path: Path, poll: bool) -> None:
    file = tmp_path / "a.yaml"
    file.write_text("a")

    async def change() -> None:
        file.write_text("other")

    assert told([file], change, poll=poll) == 1


def test_a_file_that_is_replaced_is_told_once(tmp_path: Path) -> None:
    file, new = tmp_path / "a.yaml", tmp_path / ".a.yaml.swp"
    file.write_text("a")

    async def change() -> None:
        new.write_text("b")
        new.rename(file)

    assert told([file], change) == 1


def test_a_config_map_that_swaps_its_folder_is_told_once(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.yaml").write_text(name)
    (tmp_path / "..data").symlink_to("one")
    file = tmp_path / "a.yaml"
    file.symlink_to("..data/a.yaml")

    async def change() -> None:
        (tmp_path / "..new").symlink_to("two")
        (tmp_path / "..new").rename(tmp_path / "..data")

    assert told([file], change) == 1


def test_a_file_behind_a_link_is_told(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    real, link = tmp_path / "real" / "a.yaml", tmp_path / "a.yaml"
    real.write_text("a")
    link.symlink_to(real)

    async def change() -> None:
        real.write_text("other")

    assert told([link], change) == 1


def test_a_file_in_ten_pieces_is_told_once_when_it_is_whole(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text("")

    async def change() -> None:
        with file.open("a") as open_file:
            for piece in range(10):
                open_file.write(f"piece {piece}\n")
                open_file.flush()
                await asyncio.sleep(0.05)

    assert told([file], change) == 1


def test_a_file_that_goes_and_comes_back_is_told_once(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text("a")

    async def change() -> None:
        file.unlink()
        await asyncio.sleep(0.05)
        file.write_text("b")

    assert told([file], change) == 1


def test_other_files_of_the_folder_are_not_told(tmp_path: Path) -> None:
    file, other = tmp_path / "a.yaml", tmp_path / "b.yaml"
    file.write_text("a")

    async def change() -> None:
        other.write_text("b")
        await asyncio.sleep(0.4)
        os.utime(file, (1, 1))

    assert told([file], change) == 1


def test_a_folder_that_is_not_there_yet_can_be_watched(tmp_path: Path) -> None:
    file = tmp_path / "later" / "a.yaml"

    async def change() -> None:
        file.parent.mkdir()
        file.write_text("a")

    assert told([file], change) == 1
