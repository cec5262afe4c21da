"""A well-behaved client beside each case: it says something, waits for the answer, and looks whether the mock is well.

Its times are judged without the time for which the machine had no processor to give.
"""

import json
import os
import threading
import time
from dataclasses import dataclass, field

from bad_inputs.served import Served, waited_by
from bad_inputs.wire import TEXT, asked, frame, opened

PAUSE = 0.01
LATENCY = 0.25  # seconds that an answer may take: all but one in a hundred
WORST = 1.0
GLANCE = 0.25  # seconds between two looks at the mock's health
GIVES_UP = 10.0


@dataclass
class Neighbour:
    """One client of a mock, in a thread of its own."""

    served: Served
    times: list[float] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)
    path: str = "/neighbour"

    def __post_init__(self) -> None:
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._live, daemon=True)

    def __enter__(self) -> "Neighbour":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.leave()

    def leave(self) -> None:
        """Stop talking, and wait for the last answer."""
        self._stop.set()
        self._thread.join(GIVES_UP + 5)
        if self._thread.is_alive():
            self.troubles.append("the neighbour's last message was never answered")

    def _live(self) -> None:
        try:
            self._talk()
        except (AssertionError, OSError, ValueError) as problem:
            self.troubles.append(f"the neighbour was disturbed: {problem!r}")

    def _talk(self) -> None:
        number, looked = 0, 0.0
        with opened(self.served.port, self.path) as wire:
            while not self._stop.is_set() or not number:
                number += 1
                began, idle = time.monotonic(), self._idle()
                wire.say(frame(TEXT, json.dumps({"type": "ask", "id": number}).encode()))
                told = wire.message(GIVES_UP)
                self.times.append(self._judged(began, idle))
                if told is None or json.loads(told).get("id") != number:
                    self.troubles.append(f"the neighbour's message {number} was answered by {told!r}")
                    return
                if time.monotonic() - looked > GLANCE:
                    looked = time.monotonic()
                    self._look()
                self._stop.wait(PAUSE)

    def _look(self) -> None:
        began, idle = time.monotonic(), self._idle()
        answer = asked(self.served.port, "GET", "/__admin/health", within=GIVES_UP)
        self.times.append(self._judged(began, idle))
        if answer.status != 200:
            self.troubles.append(f"the mock's health is {answer.status}: {answer.body!r}")

    def _idle(self) -> float:
        return self.served.waited() + waited_by(f"{os.getpid()}/task/{threading.get_native_id()}")

    def _judged(self, began: float, idle: float) -> float:
        return time.monotonic() - began - (self._idle() - idle)

    def complaints(self, latency: float = LATENCY) -> list[str]:
        """Say what was not as it should be."""
        slow = sorted(each for each in self.times if each > latency)
        found = list(self.troubles)
        if len(slow) > max(1, len(self.times) // 100) or (slow and slow[-1] > WORST):
            found.append(
                f"{len(slow)} of {len(self.times)} answers took over {latency:g} s, the worst {slow[-1]:.2f} s"
            )
        return found
