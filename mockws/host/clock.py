"""The mock's clock: the time that events carry, and timers that fire on it.

It runs as the loop's does, until somebody freezes it; then time passes only when it is moved on. What becomes due on
the way happens in its order, each at its own time: as if one had waited.
"""

import asyncio
from collections.abc import Callable
from heapq import heapify, heappop, heappush
from itertools import count
from typing import Protocol

MANY = 1000  # timers that were called off and may lie about


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
        self._time = self._loop.time
        self._start = self._time()

    def now(self) -> float:
        return self._time() - self._start

    def call_later(self, seconds: float, wake: Callable[[], None]) -> Handle:
        return self._loop.call_later(seconds, wake)


class _Timer:
    """One timer of a mock's clock; the order of their making decides between those that are due together."""

    __slots__ = ("_clock", "due", "number", "wake")

    def __init__(self, clock: "MockClock", due: float, number: int, wake: Callable[[], None]) -> None:
        self._clock = clock
        self.due = due
        self.number = number
        self.wake: Callable[[], None] | None = wake

    def __lt__(self, other: "_Timer") -> bool:
        return (self.due, self.number) < (other.due, other.number)

    def cancel(self) -> None:
        if self.wake is not None:
            self.wake = None
            self._clock.called_off()


class MockClock:
    """A clock over another one that can be frozen, moved on, let go and put back."""

    def __init__(self, base: Clock) -> None:
        self._base = base
        self._base_now = base.now
        self._ahead = 0.0  # of the base
        self._frozen: float | None = None
        self._timers: list[_Timer] = []
        self._numbers = count()
        self._gone = 0
        self._alarm: Handle | None = None
        self._alarm_due = 0.0

    @property
    def frozen(self) -> bool:
        return self._frozen is not None

    def now(self) -> float:
        return self._base_now() + self._ahead if self._frozen is None else self._frozen

    def call_later(self, seconds: float, wake: Callable[[], None]) -> Handle:
        timer = _Timer(self, self.now() + max(seconds, 0.0), next(self._numbers), wake)
        heappush(self._timers, timer)
        self._set_alarm()
        return timer

    def called_off(self) -> None:
        """One of the timers was called off; they are swept out when they are many."""
        self._gone += 1
        if self._gone > MANY and self._gone * 2 > len(self._timers):
            self._timers = [each for each in self._timers if each.wake is not None]
            heapify(self._timers)
            self._gone = 0

    def freeze(self) -> None:
        """Let time stand still."""
        self._frozen = self.now()
        self._unset_alarm()

    def resume(self) -> None:
        """Let time pass again, from where it stands."""
        if self._frozen is not None:
            self._ahead = self._frozen - self._base.now()
            self._frozen = None
            self._set_alarm()

    def reset(self) -> None:
        """Go by the real time again; what is still to come is as far off as it was."""
        shift = self._base.now() - self.now()
        for timer in self._timers:
            timer.due += shift
        self._ahead, self._frozen = 0.0, None
        self._unset_alarm()
        self._set_alarm()

    def advance(self, seconds: float) -> None:
        """Move on by so many seconds at once."""
        target = self.now() + seconds
        while not self.approach(target, MANY):
            pass

    def approach(self, target: float, most: int) -> bool:
        """Move on towards a time, as far as so many due timers lead; tell whether the time is reached."""
        running = self._frozen is None
        try:
            for _ in range(most):
                due = self._next_due()
                if due is None or due > target:
                    self._frozen = max(target, self.now())
                    return True
                self._frozen = max(due, self.now())
                self._fire()
            return False
        finally:
            if running:
                self.resume()

    def _next_due(self) -> float | None:
        while self._timers and self._timers[0].wake is None:
            heappop(self._timers)
            self._gone -= 1
        return self._timers[0].due if self._timers else None

    def _fire(self) -> None:
        timer = heappop(self._timers)
        wake, timer.wake = timer.wake, None
        if wake is not None:
            wake()

    def _set_alarm(self) -> None:
        """Have the base wake us when the first timer is due; one alarm is enough for all of them."""
        due = self._next_due() if self._frozen is None else None
        if due is None or (self._alarm is not None and self._alarm_due <= due):
            return
        self._unset_alarm()
        self._alarm_due = due
        self._alarm = self._base.call_later(due - self.now(), self._ring)

    def _unset_alarm(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None

    def _ring(self) -> None:
        """Wake everyone who is due; a timer that is set meanwhile waits for its own alarm."""
        self._alarm = None
        now = self.now()
        try:
            while not self.frozen and (due := self._next_due()) is not None and due <= now:
                self._fire()
        finally:
            self._set_alarm()
