"""`mockws health`: is a mock ready? For health checks of containers; needs the standard library only."""

import http.client
import json
import socket
import ssl
import time
from typing import Any
from urllib.parse import urlsplit

import click
from click.core import ParameterSource

from mockws.cli.exits import Exit
from mockws.cli.options import UNIX, checked_duration, url_option

PATIENCE = 2.0  # seconds for one answer


EXAMPLES = """\b
Examples:
  mockws health
  mockws health --wait 10s --url http://mock:8080
  mockws health --url unix:/run/mockws.sock"""


@click.command("health", epilog=EXAMPLES)
@url_option
@click.option(
    "--wait",
    "patience",
    metavar="DURATION",
    callback=checked_duration,
    default="0s",
    help="How long to wait until it is ready.  [default 0s]",
)
@click.pass_context
def command(context: click.Context, url: str, patience: float) -> int:
    """Tell whether a mock is ready: exit code 0 if it is, 1 if not, 4 if it was not in time.

    Over TLS any certificate will do: nothing is said that anybody could want to know.
    """
    urls = [url]
    if context.get_parameter_source("url") is ParameterSource.DEFAULT and url.startswith("http:"):
        urls.append(url.replace("http:", "https:", 1))  # whether a mock nearby speaks TLS may stand in its flags only
    deadline = time.monotonic() + patience
    ready, said = _ask_each(urls)
    while not ready and time.monotonic() < deadline:
        time.sleep(0.1)
        ready, said = _ask_each(urls)
    click.echo(said, err=not ready)
    return Exit.FINE if ready else Exit.TIMED_OUT if patience else Exit.FAILED


def _ask_each(urls: list[str]) -> tuple[bool, str]:
    """Ask at the first URL, and at others only where something is there that answers no HTTP."""
    for url in urls[:-1]:
        try:
            return _ask(url)
        except (http.client.HTTPException, ConnectionResetError):
            continue
    try:
        return _ask(urls[-1])
    except (http.client.HTTPException, ConnectionResetError) as problem:
        return False, f"no mock answers at {urls[0]}: {problem}"


def _ask(url: str) -> tuple[bool, str]:
    """Tell whether a mock is ready, and what it says; raises HTTPException where something else answers."""
    line, path = _line_to(url)
    try:
        line.request("GET", path + "/__admin/health")
        response = line.getresponse()
        if response.status >= 400:
            return False, f"what answers at {url} says {response.status} {response.reason}"
        body: Any = json.load(response)
    except ConnectionResetError:
        raise
    except (OSError, ValueError) as problem:
        return False, f"no mock answers at {url}: {problem}"
    finally:
        line.close()
    status = body.get("status") if isinstance(body, dict) else None
    return status in ("UP", "DEGRADED"), json.dumps(body)


def _line_to(url: str) -> tuple[http.client.HTTPConnection, str]:
    """Give a line to whoever is at a URL, not through a proxy, and the path there."""
    if url.startswith(UNIX):
        return Local(url.removeprefix(UNIX)), ""
    parts = urlsplit(url)
    path = parts.path.rstrip("/")
    if parts.scheme == "http":
        return http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=PATIENCE), path
    trusting = ssl.create_default_context()
    trusting.check_hostname = False
    trusting.verify_mode = ssl.CERT_NONE
    return http.client.HTTPSConnection(parts.hostname or "", parts.port, timeout=PATIENCE, context=trusting), path


class Local(http.client.HTTPConnection):
    """HTTP over a Unix domain socket."""

    def __init__(self, path: str) -> None:
        super().__init__("localhost", timeout=PATIENCE)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(PATIENCE)
        self.sock.connect(self._path)
