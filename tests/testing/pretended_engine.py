"""An engine for containers that has none: what would run in a container is started beside it, on loopback.

It speaks as much of Docker's API as testcontainers asks for. Paths in a container become those that are mounted there.
"""

import json
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
ID = "c0ffee"


class Engine:
    """One container, at most."""

    def __init__(self, log: Path) -> None:
        self.wanted: dict[str, Any] = {}  # as it was to be created
        self.process: subprocess.Popen[bytes] | None = None
        self.removed = False
        self._log = log
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port = int(probe.getsockname()[1])

    def start(self) -> None:
        mounted = dict(reversed(each.rsplit(":", 2)[:2]) for each in self.wanted["HostConfig"]["Binds"])
        given = dict(each.split("=", 1) for each in self.wanted["Env"])
        own = {"MOCKWS_HOST": "127.0.0.1", "MOCKWS_PORT": str(self._port), "PYTHONPATH": str(ROOT)}
        command = [self._outside(each, mounted) for each in self.wanted["Cmd"]]
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "mockws", *command], env={**given, **own}, stdout=log, stderr=log
            )

    def _outside(self, word: str, mounted: dict[str, str]) -> str:
        for inside, outside in mounted.items():
            if word == inside or word.startswith(f"{inside}/"):
                return outside + word.removeprefix(inside)
        return word

    def inspected(self) -> dict[str, Any]:
        running = self.process is not None and self.process.poll() is None
        ports = {"8080/tcp": [{"HostIp": "127.0.0.1", "HostPort": str(self._port)}]} if running else {}
        state = {"Status": "running" if running else "exited" if self.process else "created", "Running": running}
        return {"Id": ID, "State": state, "Config": {"Tty": True}, "NetworkSettings": {"Ports": ports}}

    def log(self) -> bytes:
        return self._log.read_bytes()

    def remove(self) -> None:
        self.removed = True
        if self.process is not None:
            self.process.kill()
            self.process.wait()


class Desk(BaseHTTPRequestHandler):
    """Docker's API, as far as it is needed."""

    protocol_version = "HTTP/1.1"
    engine: Engine

    def do_GET(self) -> None:
        path = re.sub(r"^/v[0-9.]+|\?.*", "", self.path)
        if path == "/version":
            self._answer({"ApiVersion": "1.44", "MinAPIVersion": "1.24", "Version": "25"})
        elif path.startswith("/images/"):
            self._answer({"Id": "sha256:1", "RepoTags": ["mockws:latest"]})
        elif path == f"/containers/{ID}/json":
            self._answer(self.engine.inspected())
        elif path == f"/containers/{ID}/logs":
            # All of it is of stderr.
            self._answer(self.engine.log() if "stdout=0" in self.path else b"")
        else:
            self._answer({"message": f"nothing at {path}"}, status=404)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if "/containers/create" in self.path:
            self.engine.wanted = json.loads(body)
            self._answer({"Id": ID, "Warnings": []}, status=201)
        else:
            self.engine.start()
            self._answer(b"", status=204)

    def do_DELETE(self) -> None:
        self.engine.remove()
        self._answer(b"", status=204)

    def _answer(self, said: dict[str, Any] | bytes, status: int = 200) -> None:
        body = said if isinstance(said, bytes) else json.dumps(said).encode()
        self.send_response(status)
        if status != 204:
            self.send_header("Content-Type", "application/json" if isinstance(said, dict) else "text/plain")
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002  # the name is the standard library's
        """Say nothing."""


@contextmanager
def pretended(folder: Path) -> Iterator[tuple[str, Engine]]:
    """Run it; give its URL."""
    engine = Engine(folder / "container.log")
    with ThreadingHTTPServer(("127.0.0.1", 0), type("Here", (Desk,), {"engine": engine})) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"tcp://127.0.0.1:{server.server_port}", engine
        finally:
            server.shutdown()
            engine.remove()
