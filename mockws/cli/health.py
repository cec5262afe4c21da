"""`mockws health`: is a mock ready? For health checks of containers; needs the standard library only."""

import json
import time
import urllib.request
from typing import Any

import click

from mockws.cli.exits import Exit
from mockws.units import seconds_of

DEFAULT_URL = "http://127.0.0.1:8080"


@click.command("health", epilog="\b\nExamples:\n  mockws health\n  mockws health --wait 10s --url http://mock:8080")
@click.option(
    "--url", envvar="MOCKWS_URL", default=DEFAULT_URL, help=f"Where the mock is.  [MOCKWS_URL; default {DEFAULT_URL}]"
)
@click.option("--wait", default="0s", help="How long to wait until it is ready.  [default 0s]")
def command(url: str, wait: str) -> int:
    """Tell whether a mock is ready: exit code 0 if it is, 1 if not, 4 if it was not in time."""
    patience = seconds_of(wait)
    if patience is None or not url.startswith(("http://", "https://")):
        raise click.UsageError("--wait is a duration such as 10s, and --url begins with http:// or https://")
    deadline = time.monotonic() + patience
    ready, said = _ask(url)
    while not ready and time.monotonic() < deadline:
        time.sleep(0.1)
        ready, said = _ask(url)
    click.echo(said, err=not ready)
    return Exit.FINE if ready else Exit.TIMED_OUT if patience else Exit.FAILED


def _ask(url: str) -> tuple[bool, str]:
    try:
        with urllib.request.urlopen(url.rstrip("/") + "/__admin/health", timeout=2) as response:  # noqa: S310  # checked above
            body: Any = json.load(response)
    except (OSError, ValueError) as problem:
        return False, f"no mock answers at {url}: {problem}"
    status = body.get("status") if isinstance(body, dict) else None
    return status in ("UP", "DEGRADED"), json.dumps(body)
