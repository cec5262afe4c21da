"""Lines to the standard error, written by a thread of its own: a terminal or pipe that is slow, full or closed never
holds the mock up. A flood of lines is cut, and says so. What a line says is not known here.
"""

import os
import queue
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

MOST_WAITING = 10_000  # lines; what is over is dropped
LAST_WORDS = 1.0  # seconds that the end of the program waits for the last lines
WINDOW = 1.0  # seconds


@dataclass
class Flow:
    """How many lines of one category were said in this window, and how many were not."""

    limit: int
    began: float = 0.0
    said: int = 0
    suppressed: int = 0


class Throttle:
    """Lets so many lines a second of each category through, and counts the others."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._flows: dict[str, Flow] = {}
        self._lock = threading.Lock()

    def admits(self, category: str, limit: int) -> bool:
        """Tell whether one more line may be said now."""
        with self._lock:
            flow = self._flows.setdefault(category, Flow(limit))
            if self._clock() - flow.began >= WINDOW and not flow.suppressed:
                flow.began, flow.said = self._clock(), 0
            if flow.said < limit:
                flow.said += 1
                return True
            flow.suppressed += 1
            return False

    def passes_over(self, category: str, count: int) -> bool:
        """Count lines that are not said, where none are at the moment: without a lock, as floods go this way."""
        flow = self._flows.get(category)
        if flow is None or not flow.suppressed:
            return False
        flow.suppressed += count
        return True

    def summaries(self, *, ended: bool = False) -> list[tuple[str, int]]:
        """Give the categories whose window is over with the number of lines that were not said, and begin anew."""
        with self._lock:
            now = self._clock()
            over = [name for name, flow in self._flows.items() if ended or now - flow.began >= WINDOW]
            found = [(name, self._flows[name].suppressed) for name in over]
            for name in over:
                del self._flows[name]
        return [(name, count) for name, count in found if count]


class Writer:
    """Writes lines, as far as somebody takes them."""

    def __init__(self, summary: Callable[[str, int], str]) -> None:
        self._lines: queue.Queue[str | None] = queue.Queue(MOST_WAITING)
        self._summary = summary
        self.throttle = Throttle()
        self._descriptor = descriptor_of(sys.stderr)
        self._encoding = getattr(sys.stderr, "encoding", None) or "utf-8"
        self._thread = threading.Thread(target=self._run, name="mockws-log", daemon=True)

    def admits(self, category: str, limit: int) -> bool:
        """Tell whether a line is worth making."""
        return self.throttle.admits(category, limit)

    def say(self, line: str) -> None:
        """Have a line written; it never waits."""
        try:
            self._lines.put_nowait(line)
        except queue.Full:
            return

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Write what is there, but do not wait for a reader who does not read."""
        try:
            self._lines.put(None, timeout=LAST_WORDS)
        except queue.Full:
            return
        self._thread.join(LAST_WORDS)

    def _run(self) -> None:
        while True:
            try:
                line = self._lines.get(timeout=WINDOW)
            except queue.Empty:
                line = ""
            for category, count in self.throttle.summaries(ended=line is None):
                self._write(self._summary(category, count))
            if line is None:
                return
            self._write(line)

    def _write(self, line: str) -> None:
        """Write a line straight to the descriptor: a lock of the stream, held here, would hold the program's end up."""
        if not line or self._descriptor is None:
            return
        rest = f"{line}\n".encode(self._encoding, "backslashreplace")
        while rest:
            try:
                rest = rest[os.write(self._descriptor, rest) :]
            except BlockingIOError:
                time.sleep(0.05)
            except OSError:  # nobody reads any more
                self._descriptor = None
                return


def descriptor_of(stream: object) -> int | None:
    """Give the descriptor of a stream; None where it is closed, or is none of the system's."""
    try:
        return int(stream.fileno())  # type: ignore[attr-defined]
    except (AttributeError, OSError, ValueError):
        return None
