"""A bell for those who wait for something to happen: they look again after each outcome, and never in between."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from mockws.engine.actions import Exchange, Outcome
from mockws.engine.events import Stopping

T = TypeVar("T")


class Notice:
    """Wakes whoever waits for an outcome; an observer of one driver."""

    def __init__(self) -> None:
        self._waiting: set[asyncio.Future[None]] = set()
        self.over = False  # the mock is stopping, or the session has ended: nothing more will happen

    def __call__(self, outcome: Outcome) -> None:
        """Wake everyone where something happened that is written down, or changed by command; or never will again."""
        if type(outcome) is Exchange and not self._waiting:
            return
        if isinstance(outcome.event, Stopping):
            self.over = True
        if self._waiting and (outcome.entries or outcome.answer is not None or self.over):
            for each in self._waiting:
                if not each.done():
                    each.set_result(None)

    async def next(self) -> None:
        """Wait until something has happened."""
        happened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.add(happened)
        try:
            await happened
        finally:
            self._waiting.discard(happened)

    async def until(self, found: Callable[[], T | None], seconds: float) -> T | None:
        """Wait until something is found; None where it is not within so many seconds of the wall's time.

        When the mock stops, nobody is left waiting.
        """
        if seconds <= 0:
            return found()
        try:
            async with asyncio.timeout(seconds):
                while (result := found()) is None and not self.over:
                    await self.next()
                return result
        except TimeoutError:
            return found()
