"""`mockws health`: is a mock ready? For health checks of containers; needs the standard library only."""

import http.client
import json
import time
import urllib.error
import urllib.request
from typing import Any

import click

from mockws.cli.exits import Exit
from mockws.cli.options import checked_duration, url_option

# A mock is near: a proxy from the environment would only be in the way.
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@click.command("health", epilog="\b\nExamples:\n  mockws health\n  mockws health --wait 10s --url http://mock:8080")
@url_option
@click.option(
    "--wait",
    "patience",
    metavar="DURATION",
    callback=checked_duration,
    default="0s",
    help="How long to wait until it is ready.  [default 0s]",
)
def command(url: str, patience: float) -> int:
    """Tell whether a mock is ready: exit code 0 if it is, 1 if not, 4 if it was not in time."""
    deadline = time.monotonic() + patience
    ready, said = _ask(url)
    while not ready and time.monotonic() < deadline:
        time.sleep(0.1)
        ready, said = _ask(url)
    click.echo(said, err=not ready)
    return Exit.FINE if ready else Exit.TIMED_OUT if patience else Exit.FAILED


def _ask(url: str) -> tuple[bool, str]:
    try:
        with DIRECT.open(url.rstrip("/") + "/__admin/health", timeout=2) as response:
            body: Any = json.load(response)
    except urllib.error.HTTPError as problem:
        problem.close()
        return False, f"what answers at {url} says {problem.code} {problem.reason}"
    except (OSError, ValueError, http.client.HTTPException) as problem:
        return False, f"no mock answers at {url}: {getattr(problem, 'reason', problem)}"
    status = body.get("status") if isinstance(body, dict) else None
    return status in ("UP", "DEGRADED"), json.dumps(body)
