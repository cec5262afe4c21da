"""What `serve` says when it starts: where to connect, whose side the document is on, what waits for a trigger."""

from collections.abc import Iterable, Iterator
from typing import Any

import click

from mockws import __version__
from mockws.app import Mock, admin_host
from mockws.cli.log import escaped
from mockws.cli.options import DEFAULT_PORT
from mockws.contract import Action, Operation, Route
from mockws.diagnostic import Diagnostic, Severity
from mockws.engine.push import unasked
from mockws.host.entrance import ADMIN

MOST_ROUTES = 40
MOST_NAMES = 6
WIDEST = 60  # columns of a URL that others are lined up with


def banner(mock: Mock, port: int, seconds: float, *, colours: bool) -> Iterator[str]:
    """Give the lines of the banner."""
    for line in _lines(mock, port, seconds):
        yield line if colours else click.unstyle(line)


def _lines(mock: Mock, port: int, seconds: float) -> Iterator[str]:
    contract = mock.loaded.contract
    title = escaped(f"{contract.title} {contract.version}".strip())
    origin = f"{escaped(mock.document)}, AsyncAPI {contract.asyncapi}"
    yield f"{_bold('mockws')} {__version__} serves {_bold(title)} ({origin})"
    yield f"perspective: {contract.perspective} ({escaped(contract.perspective_reason)}){_turn(mock)}"
    yield ""
    if mock.settings.uds:
        yield f"at the Unix domain socket {escaped(mock.settings.uds)}:"
    yield from _route_lines(mock, port)
    yield ""
    yield from _waiting_lines(mock, port)
    yield from _admin_lines(mock, port)
    if mock.certificate is not None and mock.certificate.made:
        yield f"certificate (made for this run, for clients to trust): {escaped(mock.certificate.certfile)}"
    yield from _stub_lines(mock)
    yield from _diagnostic_lines(mock)
    yield f"ready (document read in {seconds * 1000:.0f} ms); stop with Ctrl-C"


def ready_view(mock: Mock, port: int) -> dict[str, Any]:
    """Tell the same to a program."""
    contract = mock.loaded.contract
    shown = {
        "event": "ready",
        "document": mock.document,
        "title": contract.title,
        "perspective": contract.perspective,
        "reason": contract.perspective_reason,
        "urls": [_base(mock, port) + route.sample_target() for route in contract.routes],
        "waiting": [operation.name for operation in waiting(mock)],
        "admin": _admin_base(mock, port) if mock.settings.admin else None,
        "socket": mock.settings.uds,
        "certificate": mock.certificate.certfile if mock.certificate and mock.certificate.made else None,
        "adminToken": mock.token if _is_made(mock) else None,
        "problems": len(_problems(mock)),
    }
    return {key: value for key, value in shown.items() if value is not None}


def _bold(text: str) -> str:
    return click.style(text, bold=True)


def _turn(mock: Mock) -> str:
    if mock.settings.perspective != "auto":
        return ""
    other = "server" if mock.loaded.contract.perspective == "client" else "client"
    return f"; turn it with --perspective {other}"


def _base(mock: Mock, port: int, scheme: str = "ws") -> str:
    secure = "s" if mock.settings.speaks_tls else ""
    host = "localhost" if mock.settings.uds else f"{_shown_host(mock.settings.host)}:{port}"
    return f"{scheme}{secure}://{host}"


def _admin_base(mock: Mock, port: int) -> str:
    """Tell where the admin API is: with the channels, or on its own port."""
    if mock.admin_port is None:
        return _base(mock, port, "http") + ADMIN
    scheme = "https" if mock.settings.speaks_tls else "http"
    return f"{scheme}://{_shown_host(admin_host(mock.settings))}:{mock.admin_port}{ADMIN}"


def _shown_host(host: str) -> str:
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, host)  # noqa: S104  # shown, not bound
    return f"[{shown}]" if ":" in shown and not shown.startswith("[") else shown


def _route_lines(mock: Mock, port: int) -> Iterator[str]:
    routes = mock.loaded.contract.routes
    urls = [escaped(_base(mock, port) + route.sample_target()) for route in routes[:MOST_ROUTES]]
    width = min(max(map(len, urls), default=0), WIDEST)
    for url, route in zip(urls, routes, strict=False):
        yield f"  {click.style(url, fg='cyan', bold=True)}{' ' * (width - len(url))}  {_there(mock, route)}"
    if len(routes) > MOST_ROUTES:
        yield f"  … and {len(routes) - MOST_ROUTES} more: mockws routes {escaped(mock.document)}"


def _there(mock: Mock, route: Route) -> str:
    names = (
        "all channels, told apart by their messages" if route.topics else _listed(each.name for each in route.channels)
    )
    if any(handshake.required_headers for handshake in route.handshakes) and mock.settings.handshake == "strict":
        names += click.style("  (needs headers, which no browser can send: --handshake warn)", fg="yellow")
    return names


def _listed(names: Iterable[str]) -> str:
    known = [escaped(name) for name in names]
    more = f" and {len(known) - MOST_NAMES} more" if len(known) > MOST_NAMES else ""
    return ", ".join(known[:MOST_NAMES]) + more


def _waiting_lines(mock: Mock, port: int) -> Iterator[str]:
    triggered = [each for each in mock.loaded.contract.operations if each.action is Action.SEND and each.trigger]
    if triggered:
        shown = (f"{each.name} ({each.trigger.method} {each.trigger.target})" for each in triggered if each.trigger)
        yield f"set off over HTTP: {_listed(shown)}"
    found = waiting(mock)
    if not found:
        return
    first = found[0]
    alone = len(mock.loaded.contract.outgoing(first.channel)) == 1
    named = "" if alone else f" {escaped(first.messages[0].name)}"
    url = "" if port == DEFAULT_PORT else f" --url {_base(mock, port, 'http')}"
    send = f"mockws send {escaped(first.channel.name)}{named}{url}, or " if mock.settings.admin else ""
    yield f"waiting for a trigger: {_listed(each.name for each in found)}  ({send}--push 3s)"


def waiting(mock: Mock) -> list[Operation]:
    """Give the sends that nothing brings about, neither a message of a client nor a clock."""
    contract = mock.loaded.contract
    if mock.settings.push is not None:
        return []
    answers = set(_answers(mock))
    sends = (
        each for each in contract.operations if each.action is Action.SEND and each.push is None and not each.trigger
    )
    return [each for each in sends if any(id(message) not in answers for message in unasked(contract, each))]


def _answers(mock: Mock) -> Iterator[int]:
    """Identify the messages that answer something."""
    receptions = (mock.engine.reception(route) for route in mock.loaded.contract.routes)
    plans = (candidate.plan for reception in receptions for candidate in reception.all)
    return (id(message) for plan in plans for message in plan.replies)


def _admin_lines(mock: Mock, port: int) -> Iterator[str]:
    if mock.settings.admin:
        yield f"admin: {_admin_base(mock, port)}/health"
    if mock.settings.admin and _is_made(mock):
        yield f"admin token (made for this run): {mock.token}"


def _stub_lines(mock: Mock) -> Iterator[str]:
    places = [*mock.settings.stubs, *(str(each) for each in mock.entry.examples if each.is_dir())]
    if places:
        yield f"expectations: {len(mock.stubs.expectations)} from {_listed(places)}"
    if mock.stubs.credentials:
        yield f"credentials are checked for: {_listed(dict.fromkeys(each.scheme for each in mock.stubs.credentials))}"
    for each in mock.stub_files.notes[:3]:
        yield f"{escaped(str(each.place))}: {escaped(each.message)}"


def _is_made(mock: Mock) -> bool:
    return mock.token is not None and mock.settings.admin_token is None


def _problems(mock: Mock) -> list[Diagnostic]:
    found = (*mock.loaded.diagnostics, *mock.example_files.notes)
    return [each for each in found if each.severity is not Severity.INFO]


def _diagnostic_lines(mock: Mock) -> Iterator[str]:
    """Count what was mended, and name the first; all of it comes with `mockws check`."""
    found = _problems(mock)
    for each in found[:3]:
        yield f"{click.style('warning:', fg='yellow')} {escaped(str(each.place))}: {escaped(each.message)}"
    if found:
        counted = "1 warning" if len(found) == 1 else f"{len(found)} warnings"
        yield f"{counted} in all: mockws check {escaped(mock.document)}"
