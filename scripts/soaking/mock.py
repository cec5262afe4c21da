"""A mock in a process of its own, and what can be seen of it from outside: memory, descriptors, log, admin API."""

import asyncio
import json
import os
import resource
import signal
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
CHAT = str(ROOT / "specification" / "chat.yaml")
PATIENCE = 30.0  # seconds


class Mock:
    """One mock that runs."""

    def __init__(self, process: "subprocess.Popen[bytes]", log: Path, ready: dict[str, Any]) -> None:
        self.process = process
        self._log = log
        self._said = log.stat().st_size
        self.admin = str(ready["admin"])
        authority = self.admin.split("/")[2]
        self.port = int(authority.rpartition(":")[2])
        self.certificate: str | None = ready.get("certificate")

    @property
    def context(self) -> ssl.SSLContext | None:
        return ssl.create_default_context(cafile=self.certificate) if self.certificate else None

    def memory(self) -> int:
        """Give the bytes of memory that it holds."""
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text("ascii").split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")

    def peak(self) -> int:
        """Give the most bytes of memory that it held, since it was asked to forget."""
        status = Path(f"/proc/{self.process.pid}/status").read_text("ascii")
        return int(status.partition("VmHWM:")[2].split()[0]) * 1024

    def forget_peak(self) -> None:
        Path(f"/proc/{self.process.pid}/clear_refs").write_text("5", "ascii")

    def descriptors(self) -> int:
        return len(list(Path(f"/proc/{self.process.pid}/fd").iterdir()))

    def log(self) -> str:
        """Give what it has said since it was ready."""
        return self._log.read_bytes()[self._said :].decode("utf-8", "replace")

    def ask(self, path: str, method: str = "GET", body: Any = None, timeout: float = 10.0) -> tuple[int, Any]:
        """Ask the admin API; give the status and what it says."""
        content = None if body is None else json.dumps(body).encode()
        headers = {} if body is None else {"content-type": "application/json"}
        request = urllib.request.Request(self.admin + path, content, headers, method=method)  # noqa: S310  # our own
        try:
            with urllib.request.urlopen(request, timeout=timeout, context=self.context) as answer:  # noqa: S310
                said = answer.read()
                return answer.status, json.loads(said) if said else None
        except urllib.error.HTTPError as problem:
            with problem:
                return problem.code, json.loads(problem.read() or b"null")

    def connections(self) -> int:
        return int(self.ask("/health")[1]["connections"])

    async def until(self, condition: Callable[[], bool], patience: float = PATIENCE) -> float:
        """Wait until something is so; give the seconds that it took, and infinity where it never was."""
        began = time.monotonic()
        while not await asyncio.to_thread(condition):
            if time.monotonic() - began > patience:
                return float("inf")
            await asyncio.sleep(0.05)
        return time.monotonic() - began

    def is_empty(self) -> bool:
        return self.connections() == 0

    def end(self, number: signal.Signals = signal.SIGTERM) -> tuple[int, float]:
        """Send a signal; give the exit code, and the seconds until it ended."""
        began = time.monotonic()
        self.process.send_signal(number)
        return self.process.wait(PATIENCE), time.monotonic() - began


@contextmanager
def mock(
    *arguments: str, document: str = CHAT, limits: tuple[tuple[int, int], ...] = (), log_format: str = "json"
) -> Iterator[Mock]:
    """Run a mock while the block runs; `limits` are those of the system for its process."""

    def limit() -> None:
        for kind, most in limits:
            resource.setrlimit(kind, (most, most))

    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        log = Path(folder) / "log"
        command = [sys.executable, "-m", "mockws", "serve", document, "--port", "0", "--log-format", log_format]
        environment = {name: value for name, value in os.environ.items() if not name.startswith("MOCKWS_")}
        environment["PYTHONPATH"] = str(ROOT)
        with log.open("wb") as stream:
            process = subprocess.Popen(  # noqa: S603  # our own
                [*command, *arguments], stderr=stream, env=environment, preexec_fn=limit if limits else None
            )
        try:
            yield Mock(process, log, _ready(process, log))
        finally:
            if process.poll() is None:
                process.kill()
            process.wait()


def _ready(process: "subprocess.Popen[bytes]", log: Path) -> dict[str, Any]:
    """Wait until it says that it is ready, and give what it says."""
    deadline = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < deadline:
        for line in log.read_text("utf-8").splitlines():
            if '"event": "ready"' in line:
                ready: dict[str, Any] = json.loads(line)
                return ready
        time.sleep(0.02)
    raise SystemExit(f"the mock does not start: {log.read_text('utf-8')}")
