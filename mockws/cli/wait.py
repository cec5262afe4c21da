"""`mockws wait`: until somebody connects to a running mock, or says something; for scripts that drive a client."""

import json
from collections.abc import Callable
from typing import Any

import click

from mockws.cli.exits import Exit
from mockws.cli.options import checked_duration, token_option, url_option
from mockws.client.client import Client
from mockws.client.views import EntryView
from mockws.errors import BadSetting, Refused

CONFLICT = 409
BOTH = """\b
Examples:
  mockws wait connection room
  mockws wait message ChatMessage --timeout 2s"""
CONNECTION = """\b
Examples:
  mockws wait connection
  mockws wait connection room --parameter room=lobby --count 2 --timeout 10s"""
MESSAGE = """\b
Examples:
  mockws wait message ChatMessage
  mockws wait message ChatMessage --json '{"user": "ada"}' --timeout 2s
  mockws wait message --channel room --direction out --after 17"""

timeout_option = click.option(
    "--timeout",
    metavar="DURATION",
    callback=checked_duration,
    default="5s",
    help="How long to wait, at most 60s.  [default 5s]",
)
count_option = click.option("--count", type=click.IntRange(1), default=1, help="How many.  [default 1]")


@click.group(
    "wait",
    epilog=BOTH,
)
def command() -> None:
    """Wait until something happens on a running mock; what happened already counts.

    Exits with 4 where it does not happen in time, and says what came nearest.
    """


@command.command("connection", epilog=CONNECTION)
@click.argument("place", metavar="[CHANNEL]", required=False)
@click.option("--channel", help="The same as CHANNEL.")
@click.option("--parameter", "parameters", multiple=True, metavar="NAME=VALUE", help="Value in its path (repeatable).")
@count_option
@timeout_option
@url_option
@token_option
def connection(url: str, token: str | None, **asked: Any) -> int:
    """Wait until so many connections are there, on CHANNEL if it is named, and print their ids, one a line."""
    channel = _either(asked["place"], asked["channel"], "--channel")
    values = dict(_pair(each) for each in asked["parameters"])
    wanted = {"pathParameters": {key: {"equalTo": values[key]} for key in values}}

    def found(mock: Client) -> list[str]:
        view = mock.wait_for_connections(channel, connection=wanted, count=asked["count"], timeout=asked["timeout"])
        return [each.id for each in view.connections]

    return _waited(Client(url, token), found)


@command.command("message", epilog=MESSAGE)
@click.argument("kind", metavar="[MESSAGE]", required=False)
@click.option("--name", help="The same as MESSAGE.")
@click.option("--channel", help="Only on this channel.")
@click.option("--direction", type=click.Choice(["in", "out"]), default="in", help="From a client, or from the mock.")
@click.option("--json", "part", help="JSON that is in it; more may be.")
@click.option("--after", type=click.IntRange(0), help="Only entries of the journal with a higher number.")
@count_option
@timeout_option
@url_option
@token_option
def message(url: str, token: str | None, **asked: Any) -> int:
    """Wait until so many messages have come, and print what they say, one a line; MESSAGE is one of the document."""
    name = _either(asked["kind"], asked["name"], "--name")
    matching: dict[str, Any] = {"name": name} if name else {}
    if asked["part"] is not None:
        matching["body"] = {"equalToJson": _json(asked["part"]), "ignoreExtraElements": True}
    wanted = {"message": matching, "direction": asked["direction"]}
    wanted |= {"channel": asked["channel"]} if asked["channel"] else {}

    def found(mock: Client) -> list[str]:
        view = mock.wait_for_entries(wanted, count=asked["count"], timeout=asked["timeout"], after=asked["after"])
        return [said(each) for each in view.entries]

    return _waited(Client(url, token), found)


def said(entry: EntryView) -> str:
    """Give what an entry of the journal says: JSON in one line, text, or base64."""
    other = entry.text if entry.text is not None else entry.base64
    if other is not None or entry.type is None:
        return other or ""
    return json.dumps(entry.json, ensure_ascii=False, separators=(",", ":"))


def _either(argument: str | None, option: str | None, flag: str) -> str | None:
    """Give what is said in one of two ways."""
    if argument is not None and option is not None and argument != option:
        raise click.UsageError(f"say it once: {argument}, or {flag} {option}")
    return option if argument is None else argument


def _pair(text: str) -> tuple[str, str]:
    name, mark, value = text.partition("=")
    if not mark or not name:
        raise click.BadParameter(f"{text!r} is not NAME=VALUE", param_hint="--parameter")
    return name, value


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as problem:
        raise BadSetting("JSON", str(problem), "--json") from None


def _waited(mock: Client, found: Callable[[Client], list[str]]) -> int:
    """Print what was waited for; where it did not come in time, say what there was."""
    with mock:
        try:
            lines = found(mock)
        except Refused as problem:
            if problem.status != CONFLICT or problem.title == "journal gone":
                raise
            click.echo(f"mockws: {problem}", err=True)
            return Exit.TIMED_OUT
    for line in lines:
        click.echo(line)
    return Exit.FINE
