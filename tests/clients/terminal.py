"""`wscat`, as somebody at a terminal uses it: in a pipe it says nothing of closes."""

import json
import os
import pty
import re
import select
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

PATIENCE = 20.0  # seconds
CLOSED = re.compile(r'Disconnected \(code: (\d+), reason: "(.*?)"\)')
COLOURS = re.compile(r"\x1b\[[0-9]*[A-Za-z]")


class Terminal:
    """What somebody types and reads."""

    def __init__(self, handle: int) -> None:
        self._handle = handle
        self._read = ""

    def type(self, line: str) -> None:
        os.write(self._handle, line.encode() + b"\n")

    def until(self, pattern: str) -> re.Match[str]:
        """Read until this is there; gives what was found, and forgets all before it."""
        until = time.monotonic() + PATIENCE
        while not (found := re.search(pattern, self._read)):
            assert select.select([self._handle], [], [], until - time.monotonic())[0], f"not there: {self._read}"
            self._read += COLOURS.sub("", os.read(self._handle, 4096).decode())
        self._read = self._read[found.end() :]
        return found


@contextmanager
def wscat(command: list[str], url: str, *protocols: str) -> Iterator[Terminal]:
    """Run it on a terminal of its own."""
    ours, its = pty.openpty()
    named = [each for protocol in protocols for each in ("--subprotocol", protocol)]
    line = [*command, "--slash", "--show-ping-pong", "--no-color", "--connect", url, *named]
    with subprocess.Popen(line, stdin=its, stdout=its, stderr=its) as process:
        os.close(its)
        try:
            yield Terminal(ours)
        finally:
            process.kill()
            os.close(ours)


def closed(terminal: Terminal) -> dict[str, Any]:
    code, reason = terminal.until(CLOSED.pattern).groups()
    return {"code": int(code), "reason": reason}


def converse(packages: Path, node: list[str], told: dict[str, Any]) -> dict[str, Any]:
    """Have the conversation; it does not tell which subprotocol was chosen."""
    command = [*node, str(packages / "node_modules" / "wscat" / "bin" / "wscat")]
    with wscat(command, told["url"], *told["protocols"]) as terminal:
        terminal.until("Connected")
        terminal.type(told["order"])
        answer = json.loads(terminal.until(r"< (\{.*\})")[1])
        terminal.type("/ping")
        terminal.until("Received pong")
        terminal.type(told["broken"])
        broken = closed(terminal)
    with wscat(command, told["url"]) as terminal:
        return {"answer": answer, "pong": True, "broken": broken, "stranger": closed(terminal)}
