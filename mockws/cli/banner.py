"""What `serve` says when it starts: where to connect, whose side the document is on, what waits for a trigger."""

import sys
from collections.abc import Iterable

from rich.console import Console
from rich.markup import escape
from rich.text import Text

from mockws.app import ADMIN, Mock
from mockws.contract import Action, Route
from mockws.diagnostic import Diagnostic, Severity
from mockws.engine.push import unasked

MOST_ROUTES = 40


def print_banner(mock: Mock, port: int, seconds: float) -> None:
    """Print the banner to the standard error."""
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    contract = mock.loaded.contract
    scheme = "wss" if mock.settings.ssl_certfile else "ws"
    base = f"{scheme}://{_shown_host(mock.settings.host)}:{port}"
    console.print(
        f"[bold]mockws[/bold] serves {escape(contract.title)} {escape(contract.version)} (AsyncAPI {contract.asyncapi})"
    )
    other = "server" if contract.perspective == "client" else "client"
    reason = escape(contract.perspective_reason)
    console.print(f"perspective: {contract.perspective} ({reason}); turn it with --perspective {other}")
    for route in contract.routes[:MOST_ROUTES]:
        console.print(_route_line(base, route))
    if len(contract.routes) > MOST_ROUTES:
        console.print(f"  … and {len(contract.routes) - MOST_ROUTES} more: mockws routes {escape(mock.document)}")
    for line in (*_waiting(mock), *_admin(mock, port), *_warnings(mock.loaded.diagnostics)):
        console.print(line)
    console.print(f"ready in {seconds * 1000:.0f} ms; stop with Ctrl-C")
    sys.stderr.flush()


def _shown_host(host: str) -> str:
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, host)  # noqa: S104  # shown, not bound
    return f"[{shown}]" if ":" in shown and not shown.startswith("[") else shown


def _route_line(base: str, route: Route) -> Text:
    url = base + route.sample_path()
    line = Text("  ").append(url, style=f"bold cyan link {url.replace('ws', 'http', 1)}")
    names = ", ".join(channel.name for channel in route.channels[:4])
    line.append(f"  {names}{', …' if len(route.channels) > 4 else ''}")
    if any(handshake.required_headers for handshake in route.handshakes):
        line.append("  (needs headers, which no browser can send: --handshake warn)", style="yellow")
    return line


def _waiting(mock: Mock) -> Iterable[str]:
    """Name the sends that nothing but a trigger brings about."""
    contract = mock.loaded.contract
    triggered = mock.settings.push is None
    waiting = [
        each
        for each in contract.operations
        if triggered and each.action is Action.SEND and each.push is None and any(unasked(contract, each))
    ]
    if waiting:
        names = ", ".join(escape(operation.name) for operation in waiting[:6])
        more = f" and {len(waiting) - 6} more" if len(waiting) > 6 else ""
        yield f"waiting for a trigger: {names}{more}  (mockws send {escape(waiting[0].channel.name)}, or --push 3s)"


def _admin(mock: Mock, port: int) -> Iterable[str]:
    if not mock.settings.admin:
        return
    scheme = "https" if mock.settings.ssl_certfile else "http"
    yield f"admin: {scheme}://{_shown_host(mock.settings.host)}:{port}{ADMIN}/health"
    if mock.token is not None and mock.settings.admin_token is None:
        yield f"admin token (made for this run): {mock.token}"


def _warnings(diagnostics: Iterable[Diagnostic]) -> Iterable[str]:
    """Count what was mended; all of it comes with `mockws check`."""
    found = [each for each in diagnostics if each.severity is not Severity.INFO]
    for each in found[:3]:
        yield f"[yellow]warning:[/yellow] {escape(str(each.place))}: {escape(each.message)}"
    if len(found) > 3:
        yield f"[yellow]… {len(found)} warnings in all: mockws check[/yellow]"
