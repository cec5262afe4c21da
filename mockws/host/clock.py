"""The mock's clock: the time that events carry, and timers that fire on it."""

import asyncio
from collections.abc import Callable
from typing import Protocol


class Handle(Protocol):
    """A timer that can be called off."""

    def cancel(self) -> None: ...


class Clock(Protocol):
    """What tells the time and wakes the driver."""

    def now(self) -> float: ...

    def call_later(self, seconds: float, wake: Callable[[], None]) -> Handle: ...


class LoopClock:
    """The clock of the running event loop, counted from its making."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._start = self._loop.time()

    def now(self) -> float:
        return self._loop.time() - self._start

    def call_later(self, seconds: float, wake: Callable[[], None]) -> Handle:
        return self._loop.call_later(seconds, wake)
