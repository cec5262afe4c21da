"""`mockws send`: lets a running mock send a message."""

import json
from typing import Any

import click
from msgspec import UNSET

from mockws.cli.exits import Exit
from mockws.cli.options import checked_duration, token_option, url_option
from mockws.client.client import Client
from mockws.errors import BadSetting

EXAMPLES = """\b
Examples:
  mockws send OrderAccepted
  mockws send chat --json '{"text": "hi"}'
  mockws send feed Ticker --generate --with '{"symbol": "BTC"}'"""


@click.command("send", epilog=EXAMPLES)
@click.argument("channel")
@click.argument("message", required=False)
@click.option("--json", "payload", help="Send exactly this JSON.")
@click.option("--with", "overrides", help="JSON object that is merged over the message.")
@click.option("--example", help="Name of the example to send.")
@click.option("--generate", is_flag=True, help="Make the message up.")
@click.option("--invalid", is_flag=True, help="Make a message up that breaks the document in one way.")
@click.option("--no-validate", is_flag=True, help="Send it even where it breaks the document.")
@click.option("--wait", type=click.IntRange(0), default=0, help="Wait until so many connections are there.")
@click.option(
    "--timeout", metavar="DURATION", callback=checked_duration, default="5s", help="How long to wait.  [default 5s]"
)
@url_option
@token_option
def command(channel: str, message: str | None, url: str, token: str | None, **said: Any) -> int:
    """Let the mock send to everyone on CHANNEL: MESSAGE of the document (the only one, if none is named), or --json."""
    with Client(url, token) as mock:
        sent = mock.send(
            message,
            to={"channel": channel},
            json=UNSET if said["payload"] is None else _json(said["payload"], "--json"),
            with_=_json(said["overrides"], "--with") if said["overrides"] else None,
            example=said["example"],
            generate="invalid" if said["invalid"] else said["generate"] or None,
            validate=False if said["no_validate"] else None,
            wait_for_connections=said["wait"],
            timeout=said["timeout"],
        )
    click.echo(f"sent to {sent.sent}: {', '.join(sent.connections)}")
    for each in sent.skipped:
        click.echo(f"skipped {each.id}: {each.reason}")
    return Exit.FINE


def _json(text: str, flag: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as problem:
        raise BadSetting("JSON", str(problem), flag) from None
