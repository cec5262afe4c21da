"""Watching files: says when one of them has changed and has come to rest.

Folders are watched, not files: editors and config maps replace a file instead of writing it.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from pathlib import Path

SETTLED = 0.2  # seconds that a file must stand still: half-written YAML is often valid YAML

Look = tuple[tuple[str, int, int, int], ...]


def look_at(paths: Iterable[Path]) -> Look:
    """Take what tells a changed file from an unchanged one: inode, size and time of each; nothing where it is gone."""
    return tuple(sorted(_one(path) for path in paths))


def _one(path: Path) -> tuple[str, int, int, int]:
    try:
        stat = path.stat()
    except OSError:
        return (str(path), 0, 0, 0)
    return (str(path), stat.st_ino, stat.st_size, stat.st_mtime_ns)


async def changes(paths: Callable[[], Iterable[Path]], *, poll: bool, stop: asyncio.Event) -> AsyncIterator[None]:
    """Yield each time that files have changed and come to rest; `paths` is asked anew each time."""
    seen = look_at(paths())
    while not stop.is_set():
        await _until_something_moves(paths(), poll=poll, stop=stop)
        if stop.is_set():
            return
        now = await _at_rest(paths)
        if now != seen:
            seen = now
            yield


async def _until_something_moves(paths: Iterable[Path], *, poll: bool, stop: asyncio.Event) -> None:
    from watchfiles import awatch  # takes a while to import, and is not needed with --no-watch

    folders = {folder for folder in (path.parent for path in paths) if folder.is_dir()}
    if not folders:
        await asyncio.sleep(1)
        return
    async for _ in awatch(*folders, stop_event=stop, force_polling=poll, recursive=False, debounce=50, step=20):
        return


async def _at_rest(paths: Callable[[], Iterable[Path]]) -> Look:
    before = look_at(paths())
    while True:
        await asyncio.sleep(SETTLED)
        now = look_at(paths())
        if now == before:
            return now
        before = now
