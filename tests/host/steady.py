"""A clock that tests move by hand."""

from collections.abc import Callable

from mockws.host.clock import Handle

Alarm = tuple[float, int, list[Callable[[], None]]]  # when it rings, which it is, and whom it wakes


class Steady:
    """Its timers ring exactly when they are due, as a perfect loop's would."""

    def __init__(self) -> None:
        self._now = 0.0
        self._count = 0
        self.alarms: list[Alarm] = []

    def now(self) -> float:
        return self._now

    def call_later(self, seconds: float, wake: Callable[[], None]) -> Handle:
        self._count += 1
        alarm = (self._now + seconds, self._count, [wake])
        self.alarms.append(alarm)
        return _CallOff(self, alarm)

    def pass_by(self, seconds: float) -> None:
        target = self._now + seconds
        while (first := min(self.alarms, key=lambda each: each[:2], default=None)) is not None and first[0] <= target:
            self.alarms.remove(first)
            self._now = max(self._now, first[0])
            for wake in first[2]:
                wake()
        self._now = target


class _CallOff:
    def __init__(self, clock: Steady, alarm: Alarm) -> None:
        self._clock = clock
        self._alarm = alarm

    def cancel(self) -> None:
        if self._alarm in self._clock.alarms:
            self._clock.alarms.remove(self._alarm)
