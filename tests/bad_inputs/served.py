"""Mocks in processes of their own, each with a spy in it, and what can be learnt of them from outside."""

import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
PATIENCE = 60.0  # seconds that anything may take that has no limit of its own
EXCHANGES = frozenset(
    {
        "open",
        "refused",
        "message",
        "ping",
        "pong",
        "close",
        "fault",
        "undelivered",
        "timeout",
        "http",
        "callback",
        "reload",
    }
)


class NotYet(AssertionError):
    """What was waited for has not come."""


def until(condition: Callable[[], Any], within: float = PATIENCE, what: str = "it") -> Any:
    """Wait for something to be so; gives what the condition gave."""
    deadline = time.monotonic() + within
    while True:
        found = condition()
        if found:
            return found
        if time.monotonic() > deadline:
            raise NotYet(f"{what} did not come within {within:g} s")
        select.select((), (), (), 0.005)


class Mould:
    """The process that mocks are forked from."""

    def __init__(self) -> None:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("MOCKWS_")}
        environment |= {"PYTHONPATH": str(ROOT), "NO_PROXY": "*", "PYTHONDONTWRITEBYTECODE": "1", "COLUMNS": "200"}
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("spied.py"))],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment, cwd=ROOT,
        )  # fmt: skip
        assert self._told() == "ready\n"

    def _told(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline()

    def ask(self, **request: Any) -> Any:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        return json.loads(self._told())

    def close(self) -> None:
        self._process.kill()
        self._process.communicate()


@dataclass
class Served:
    """One command of mockws in a process, mostly `serve`."""

    mould: Mould
    folder: Path
    arguments: list[str]
    more: Mapping[str, Any] = field(default_factory=dict)  # of the process: environment, limits, streams
    pid: int = 0
    code: int | None = None
    port: int = 0

    def start(self) -> "Served":
        for name in ("ask", "told"):
            os.mkfifo(self.folder / name)
        streams = {"stdout": str(self.folder / "out.txt"), "stderr": str(self.folder / "err.txt")}
        request = {"folder": str(self.folder), "arguments": self.arguments, **streams, **self.more}
        self.pid = self.mould.ask(**request)
        return self

    def ready(self, within: float = PATIENCE) -> "Served":
        """Wait until it serves."""
        until(lambda: self._is_ready() or self.ended() is not None, within, "a mock that is ready")
        assert self.code is None, f"it ended with {self.code}: {self.said()[-2000:]}"
        return self

    def _is_ready(self) -> bool:
        first = next((each for each in self.lines() if each.get("event") == "ready"), None)
        if first is not None:
            self.port = int(first["admin"].removesuffix("/__admin").rpartition(":")[2])
        return first is not None

    def ended(self) -> int | None:
        """Give its exit code, once it has ended."""
        if self.code is None:
            self.code = self.mould.ask(reap=self.pid)
        return self.code

    def exit_code(self, within: float = PATIENCE) -> int:
        """Wait for its end."""
        until(lambda: self.ended() is not None, within, "the end of the process")
        assert self.code is not None
        return self.code

    def signal(self, number: int) -> None:
        if self.ended() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.signal(signal.SIGKILL)
        self.exit_code()

    def said(self) -> str:
        """Give all that it has said, on both of its streams."""
        names = ("out.txt", "err.txt")
        return "".join(self._text(name) for name in names)

    def _text(self, name: str) -> str:
        path = self.folder / name
        return path.read_text("utf-8", "replace") if path.exists() else ""

    def lines(self) -> list[dict[str, Any]]:
        """Give the lines of its log; a line that is no JSON is one of its own kind."""
        return [_line(each) for each in self._text("err.txt").splitlines() if each]

    def spied(self) -> dict[str, Any]:
        """Ask the spy what it has seen since it was last asked."""
        ask, told = os.open(self.folder / "ask", os.O_RDWR), os.open(self.folder / "told", os.O_RDWR)
        try:
            os.write(ask, b"?")
            assert select.select([told], [], [], PATIENCE)[0], "the spy is silent"
            seen: dict[str, Any] = json.loads(os.read(told, 1 << 16))
        finally:
            os.close(ask)
            os.close(told)
        return seen

    def spied_at_last(self) -> dict[str, Any]:
        """Give what the spy of a command that has ended has seen."""
        seen: dict[str, Any] = json.loads((self.folder / "spied.json").read_text())
        return seen

    def memory(self) -> float:
        """Tell how much memory is its own, in MiB."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        return int(next(line for line in status.splitlines() if line.startswith("RssAnon")).split()[1]) / 1024

    def descriptors(self) -> int:
        return len(list(Path(f"/proc/{self.pid}/fd").iterdir()))

    def waited(self) -> float:
        """Tell how long it has stood in line for a processor, in seconds: that is the machine's doing, not its own."""
        return waited_by(self.pid)


def waited_by(pid: int | str) -> float:
    try:
        return int(Path(f"/proc/{pid}/schedstat").read_text().split()[1]) / 1e9
    except (OSError, IndexError):  # a kernel that does not count it
        return 0.0


def _line(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    return found if isinstance(found, dict) else {"event": "text", "text": text}
