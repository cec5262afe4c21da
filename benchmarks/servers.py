"""The servers that are measured: how each is started, on a core of its own, and how one knows that it is there."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

PATIENCE = 60.0  # seconds
PEERS = Path(__file__).parent / "peers"
SERVER_CORE, CLIENT_CORE = "0", "1"


@dataclass(frozen=True)
class Server:
    """A server that runs."""

    name: str
    port: int
    process: "subprocess.Popen[bytes]"
    seconds: float  # from its start until it took connections

    def memory(self) -> int:
        """Give the bytes of memory that it holds."""
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text("ascii").split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait()


def pinned(core: str, command: Sequence[str]) -> list[str]:
    """Keep a command on one core."""
    return ["taskset", "-c", core, *command]


def free_port() -> int:
    """Give a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start(name: str, command: Sequence[str], port: int, folder: Path | None = None) -> Server:
    """Start a server, and wait until it takes connections."""
    began = time.perf_counter()
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(pinned(SERVER_CORE, command), stdout=quiet, stderr=quiet, cwd=folder)
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return Server(name, port, process, time.perf_counter() - began)
        except OSError:
            if process.poll() is not None or time.perf_counter() - began > PATIENCE:
                raise SystemExit(f"{' '.join(command)} does not start") from None
            time.sleep(0.005)


def mockws(name: str, document: Path, *options: str) -> Server:
    """Start a mock, as anybody would: with its engine, validation, journal and log."""
    port = free_port()
    command = [sys.executable, "-m", "mockws", "serve", str(document), "--port", str(port), "--no-watch", *options]
    return start(name, command, port)


def by_hand(schemas: Path, modules: Path) -> Server:
    """Start the server that a team writes by hand with Node, `ws` and `ajv`."""
    port = free_port()
    script = modules / "ws_ajv.mjs"
    script.write_bytes((PEERS / "ws_ajv.mjs").read_bytes())  # Node looks for modules beside the script
    return start("Node, ws + ajv", ["node", str(script), str(port), str(schemas)], port)


def mockoon(environment: Path, modules: Path) -> Server:
    """Start Mockoon, which answers by a template and validates nothing."""
    port = free_port()
    command = ["node", str(modules / "node_modules/@mockoon/cli/bin/run.js"), "start", "--data", str(environment)]
    quiet = ["--disable-log-to-file", "--disable-admin-api"]
    return start("Mockoon", [*command, "--hostname", "127.0.0.1", "--port", str(port), *quiet], port, modules)


def plain(schemas: Path) -> Server:
    """Start the plain way in Python."""
    port = free_port()
    return start("Starlette + jsonschema", [sys.executable, str(PEERS / "plain.py"), str(port), str(schemas)], port)
