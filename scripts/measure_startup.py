"""Measures how long `mockws serve` takes: from the start of its process to the first answer of its health check."""

import socket
import statistics
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

RUNS = 11
PATIENCE = 20.0  # seconds
LOOK_EVERY = 0.002


def free_port() -> int:
    """Give a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def seconds_until_ready(program: str, document: str) -> float:
    """Start a mock, wait for its first answer, and stop it."""
    port = free_port()
    command = [program, "serve", document, "--port", str(port), "--log-format", "none"]
    began = time.perf_counter()
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)  # noqa: S603  # the caller's own program
    try:
        while not is_ready(port):
            if process.poll() is not None or time.perf_counter() - began > PATIENCE:
                raise SystemExit(f"{' '.join(command)} does not get ready")
            time.sleep(LOOK_EVERY)
        return time.perf_counter() - began
    finally:
        process.terminate()
        process.wait()


def is_ready(port: int) -> bool:
    """Ask the health check once."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/__admin/health/ready", timeout=1):
            return True
    except (urllib.error.URLError, OSError):
        return False


def main(program: str, documents: list[str]) -> None:
    """Print a line for each document; the first start, which fills caches, is left out."""
    print(f"{'document':<24} {'median':>8} {'worst':>8}   of {RUNS} starts")
    for document in documents:
        taken = [seconds_until_ready(program, document) for _ in range(RUNS + 1)][1:]
        median, worst = statistics.median(taken), max(taken)
        print(f"{Path(document).name:<24} {median * 1000:>5.0f} ms {worst * 1000:>5.0f} ms")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
