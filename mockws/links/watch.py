"""Watching files: says when one of them has changed and has come to rest.

Folders are watched, not files: editors and config maps replace a file instead of writing it. What the system tells is
only a hint to look; whether something has changed is told by the files themselves.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from pathlib import Path

SETTLED = 0.2  # seconds that a file must stand still: half-written YAML is often valid YAML
GLANCE = 1.0  # seconds between two looks where no hint comes: what was written while we were reading, or a mount
POLL = 0.3
log = logging.getLogger("mockws.watch")

Look = Mapping[Path, tuple[int, int, int]]
Paths = Callable[[], Iterable[Path]]


def look_at(paths: Iterable[Path]) -> Look:
    """Take what tells a changed file from an unchanged one: inode, size and time of each; zeros where it is gone."""
    return {path: _one(path) for path in paths}


def _one(path: Path) -> tuple[int, int, int]:
    try:
        stat = path.stat()
    except OSError:
        return (0, 0, 0)
    return (stat.st_ino, stat.st_size, stat.st_mtime_ns)


async def changes(paths: Paths, *, poll: bool, stop: asyncio.Event) -> AsyncIterator[None]:
    """Yield each time that files have changed and come to rest; `paths` is asked anew each time."""
    seen = look_at(paths())
    hints = Hints(stop, poll=poll)
    while not stop.is_set():
        seen = _of_these(seen, paths())
        await hints.wait(seen)
        if look_at(seen) != seen and not stop.is_set():
            now = await _at_rest(paths)
            changed, seen = now != seen, now
            if changed:
                yield


def _of_these(seen: Look, paths: Iterable[Path]) -> Look:
    """Keep what was seen of the files that are watched now; one that is new among them is looked at."""
    return {path: seen[path] if path in seen else _one(path) for path in paths}


async def _at_rest(paths: Paths) -> Look:
    before = look_at(paths())
    while True:
        await asyncio.sleep(SETTLED)
        now = look_at(paths())
        if now == before:
            return now
        before = now


class Hints:
    """Waits until it is worth a look."""

    def __init__(self, stop: asyncio.Event, *, poll: bool) -> None:
        self._stop = stop
        self._poll = poll

    async def wait(self, paths: Iterable[Path]) -> None:
        """Wait for a hint from the system, or for a while."""
        folders = {folder for path in paths for folder in _folders(path) if folder.is_dir()}
        if self._poll or not folders:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stop.wait(), POLL)
            return
        try:
            await self._from_system(folders)
        except OSError as problem:  # the system's number of watches is used up, or a mount has none
            log.warning("files are watched by polling: %s", problem)
            self._poll = True

    async def _from_system(self, folders: Iterable[Path]) -> None:
        from watchfiles import awatch  # takes a while to import, and is not needed with --no-watch

        glance = round(GLANCE * 1000)
        hints = awatch(
            *folders,
            stop_event=self._stop,
            recursive=False,
            debounce=50,
            step=20,
            rust_timeout=glance,
            yield_on_timeout=True,
        )
        async with contextlib.aclosing(hints):
            async for _ in hints:
                return


def _folders(path: Path) -> tuple[Path, Path]:
    """Name the folders where a change of a file shows: its own, and that of what it links to."""
    return path.parent, path.resolve().parent
