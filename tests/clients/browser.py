"""Chromium without a screen, with a page that has the conversation and hands in what it saw."""

import contextlib
import json
import os
import queue
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))), None)
PATIENCE = 60.0  # seconds: a browser starts slowly on a busy machine
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
    "--disable-background-networking", "--no-proxy-server",
)  # fmt: skip
PAGE = """<!doctype html><meta charset="utf-8"><title>A client</title><script type="module">
import { converse } from "./conversation.mjs";
const seen = await converse(WebSocket, %s).catch((problem) => ({ problem: `${problem}` }));
await fetch("/seen", { method: "POST", body: JSON.stringify(seen) });
</script>"""


class Desk(BaseHTTPRequestHandler):
    """Hands out the page with its script, and takes what it saw."""

    page = b""
    seen: "queue.Queue[dict[str, Any]]"

    def do_GET(self) -> None:  # the name is the standard library's
        if self.path == "/":
            self._answer("text/html", self.page)
        elif self.path == "/conversation.mjs":
            self._answer("text/javascript", (HERE / "conversation.mjs").read_bytes())
        else:
            self.send_error(404)

    def do_POST(self) -> None:
        self.seen.put(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self._answer("text/plain", b"")

    def _answer(self, kind: str, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002  # as above
        """Say nothing."""


@contextmanager
def desk(told: dict[str, Any]) -> Iterator[tuple[str, "queue.Queue[dict[str, Any]]"]]:
    """Serve the page; give its URL, and where its answer comes."""
    seen: queue.Queue[dict[str, Any]] = queue.Queue()
    handler = type("Here", (Desk,), {"page": (PAGE % json.dumps(told)).encode(), "seen": seen})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/", seen
        finally:
            server.shutdown()


def converse(folder: Path, told: dict[str, Any]) -> dict[str, Any]:
    """Have the conversation in a page; skips a test where there is no browser."""
    if CHROMIUM is None:
        pytest.skip("there is no Chromium here")
    with desk(told) as (url, seen):
        command = [CHROMIUM, *FLAGS, f"--user-data-dir={folder}", url]
        browser = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )
        try:
            return _awaited(seen, browser)
        finally:
            os.killpg(browser.pid, signal.SIGKILL)  # it is many processes
            browser.wait()


def _awaited(seen: "queue.Queue[dict[str, Any]]", browser: "subprocess.Popen[bytes]") -> dict[str, Any]:
    """Wait for what the page saw; skips a test where the browser gives up by itself, as in a narrow sandbox."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        with contextlib.suppress(queue.Empty):
            return seen.get(timeout=0.5)
        if browser.poll() is not None:
            pytest.skip(f"Chromium does not run here: it ends with {browser.returncode}")
    raise AssertionError(f"the page said nothing for {PATIENCE:g} s")
