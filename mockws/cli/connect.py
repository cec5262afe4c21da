"""`mockws connect`: a client for people and scripts, which knows the document of what it talks to."""

import asyncio
import json
import sys
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click

from mockws.address import segments_of
from mockws.cli.options import checked_duration, place_option, read_settings, setting_options
from mockws.client.client import Client
from mockws.contract import Contract
from mockws.errors import MockwsError, UnknownName
from mockws.settings import Settings

SECURE = {"http": "ws", "https": "wss", "ws": "ws", "wss": "wss"}
EXAMPLES = """\b
Examples:
  mockws connect /rooms/lobby
  mockws connect wss://example.com/feed --document spec.yaml --token t-123
  echo '{"id": 10, "orderItems": []}' | mockws connect NewOrderPlaced
  mockws connect OrderInitiated --count 1 --wait 10s < /dev/null"""


@click.command("connect", epilog=EXAMPLES)
@click.argument("address")
@click.option(
    "--document", type=click.Path(exists=True, dir_okay=False), help="The AsyncAPI document; else the mock's."
)
@click.option("--header", "headers", multiple=True, metavar="NAME:VALUE", help="Header of the handshake (repeatable).")
@click.option("--subprotocol", "subprotocols", multiple=True, help="Subprotocol to offer (repeatable).")
@click.option("--token", help="Bearer token of the handshake.")
@click.option("--count", type=click.IntRange(0), default=0, help="End when so many messages have come.")
@click.option(
    "--wait",
    metavar="DURATION",
    callback=checked_duration,
    default="1s",
    help="How long it may be silent after the last line.  [default 1s]",
)
@place_option
@click.option("--admin-token", envvar="MOCKWS_ADMIN_TOKEN", help="Token of the admin API.  [MOCKWS_ADMIN_TOKEN]")
@setting_options(("perspective", "topics", "seed"))
def command(address: str, url: str, document: str | None, admin_token: str | None, **given: Any) -> int:
    """Connect to ADDRESS: a URL, or a path or channel of the mock; say what is typed, show what comes.

    Each line of the input is a message, or a command such as `/send ChatMessage`; `/help` shows them. What does not fit
    the document is sent all the same, and told. On a pipe the standard output has what came, one message a line.

    Exits with 1 where the connection is refused, or ended by the other side with another code than 1000 or 1001, and
    with 4 where less than --count messages came.
    """
    from mockws.cli.phrasebook import Phrasebook  # late: a wrong flag should not wait for it
    from mockws.cli.screen import Screen, Terminal, complete_with, typed_lines
    from mockws.cli.talk import Call, Talk
    from mockws.cli.typed import completions

    settings = read_settings({name: given[name] for name in ("perspective", "topics", "seed")})
    headers = _headers(given["headers"], given["token"])
    screen = Terminal() if sys.stdin.isatty() and sys.stdout.isatty() else Screen()
    base = _base(address, url)
    contract = _contract(document, Client(_http(base), admin_token), settings, screen.note)
    target = _target(address, base, contract)
    route = _found(target, base, contract)
    book = Phrasebook(contract, route, settings.seed or 0) if contract and route else None
    if contract and book is None:
        screen.note(f"the document has no channel at {target}: nothing is checked")
    complete_with(lambda text: completions(text, book))
    call = Call(target, headers, given["subprotocols"])
    return asyncio.run(Talk(call, book, screen, typed_lines, given["wait"], given["count"]).hold())


def _headers(given: tuple[str, ...], token: str | None) -> tuple[tuple[str, str], ...]:
    headers = [("Authorization", f"Bearer {token}")] if token else []
    for each in given:
        name, mark, value = each.partition(":")
        if not mark or not name.strip():
            raise click.BadParameter(f"{each!r} is not NAME:VALUE", param_hint="--header")
        headers.append((name.strip(), value.strip()))
    return tuple(headers)


def _base(address: str, url: str) -> str:
    """Tell where the mock, or one of its sessions, begins."""
    if "://" not in address:
        return _turned(url).rstrip("/")
    parts = urlsplit(_turned(address))
    first, _, rest = parts.path.removeprefix("/").partition("/")
    session = f"/__s/{rest.partition('/')[0]}" if first == "__s" else ""
    return f"{parts.scheme}://{parts.netloc}{session}"


def _turned(url: str) -> str:
    scheme, _, rest = url.partition("://")
    if scheme.lower() not in SECURE:
        raise click.BadParameter(
            f"{url!r} is no URL of a WebSocket; write ws://127.0.0.1:8080/...", param_hint="ADDRESS"
        )
    return f"{SECURE[scheme.lower()]}://{rest}"


def _http(base: str) -> str:
    return f"http{base.removeprefix('ws')}"


def _contract(document: str | None, mock: Client, settings: Settings, note: Any) -> Contract | None:
    """Read the document that is named, else the one that the mock serves; none, where there is none to be had."""
    from mockws.app import load_document  # late: a wrong flag should not wait for it

    if document is not None:
        return load_document(document, settings).contract
    try:
        with mock:
            served = mock.document()
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(folder) / "asyncapi.json"
            copy.write_text(json.dumps(served), "utf-8")
            return load_document(str(copy), settings).contract
    except MockwsError as problem:
        note(f"without a document nothing is checked: {problem}")
        return None


def _target(address: str, base: str, contract: Contract | None) -> str:
    """Give the whole URL: of a channel by its name, with a sample of what its address and query need."""
    if "://" in address:
        return _turned(address)
    try:
        channel = contract.channel(address) if contract and not address.startswith("/") else None
    except UnknownName:
        channel = None
    if contract and channel:
        route = next((each for each in contract.routes if channel in each.channels), None)
        if route is not None:
            return base + route.sample_target()
    return f"{base}/{address.removeprefix('/')}"


def _found(target: str, base: str, contract: Contract | None) -> Any:
    path = target.removeprefix(base).partition("?")[0] or "/"
    try:
        segments_of(path)
    except MockwsError:
        return None
    found = contract.book.find(path) if contract else None
    return found[0] if found else None
