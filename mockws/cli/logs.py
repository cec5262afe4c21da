"""`mockws logs`: the journal of a running mock, for people and for programs."""

import json
import os
import sys
from collections.abc import Iterator
from typing import Any

import click
import msgspec

from mockws.cli.exits import Exit
from mockws.cli.options import checked_duration, token_option, url_option
from mockws.cli.wait import said
from mockws.client.client import Client
from mockws.client.stream import Following, pages
from mockws.client.views import EntryView
from mockws.names import closest

FILTERS = ("direction", "event", "outcome", "channel", "connection", "message", "expectation")
MARKS = {"in": "→", "out": "←"}
COLOURS = {"invalid": "red", "refused": "red", "fault": "red", "undelivered": "yellow", "unmatched": "yellow"}
COLOURS |= {"open": "cyan", "close": "cyan", "reload": "magenta", "lost": "yellow"}
LONGEST = 500  # characters of a payload in a line for people
EXAMPLES = """\b
Examples:
  mockws logs --filter outcome=unmatched
  mockws logs --follow --filter channel=room --filter direction=in
  mockws logs --format json | jq .json"""


@click.command("logs", epilog=EXAMPLES)
@click.option("--follow", "-f", is_flag=True, help="Go on with what comes, until Ctrl-C.")
@click.option(
    "--filter", "filters", multiple=True, metavar="KEY=VALUE", help=f"Only where it is so: {', '.join(FILTERS)}."
)
@click.option("--after", type=click.IntRange(0), default=0, help="Only entries with a higher number.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="How to print.")
@click.option(
    "--patience",
    metavar="DURATION",
    callback=checked_duration,
    default="10s",
    help="How long a mock may be gone.  [default 10s]",
)
@url_option
@token_option
def command(url: str, token: str | None, filters: tuple[str, ...], follow: bool, **given: Any) -> int:
    """Show what came in and went out, oldest first.

    With --follow, a mock that is restarted is taken up again where it was left, within --patience.
    """
    asked = {"after": str(given["after"]), **dict(_filter(each) for each in filters)}
    events = Following(url, token, asked, given["patience"]).events() if follow else _there(Client(url, token), asked)
    for name, entry in events:
        click.echo(json.dumps(entry, ensure_ascii=False) if given["form"] == "json" else line_of(name, entry))
        sys.stdout.flush()
    return Exit.FINE


def _filter(text: str) -> tuple[str, str]:
    name, mark, value = text.partition("=")
    if name not in FILTERS or not mark:
        hint = closest(name, FILTERS)
        meant = f", did you mean {hint!r}?" if hint and mark else ""
        raise click.BadParameter(
            f"{text!r}{meant} (KEY=VALUE, with one of {', '.join(FILTERS)})", param_hint="--filter"
        )
    return name, value


def _there(mock: Client, asked: dict[str, str]) -> Iterator[tuple[str, dict[str, Any]]]:
    with mock:
        yield from ((entry["event"], entry) for entry in pages(mock, asked))


def line_of(name: str, entry: dict[str, Any]) -> str:
    """Write one line for people; control characters come out as escapes."""
    from mockws.cli.log import escaped  # late: it knows the engine

    if name == "lost":
        kind, line = name, f"… entries {entry['after'] + 1} to {entry['first'] - 1} were dropped"
    else:
        view = msgspec.convert(entry, EntryView)
        kind, line = view.outcome or name, f"{view.seq:>5} {view.time[11:23]} {_told(view)}"
    colour = COLOURS.get(kind, COLOURS.get(name))
    plain = escaped(line)
    return click.style(plain, fg=colour) if colour and not os.environ.get("NO_COLOR") else plain


def _told(entry: EntryView) -> str:
    what = " ".join(each for each in (entry.message, entry.outcome) if each) or entry.event
    code = "" if entry.code is None else str(entry.code)
    wrong = [f"{each.pointer or '/'}: {each.message}" for each in entry.errors[:1]]
    told = [each for each in wrong if each not in (entry.note or "")]
    why = "; ".join(each for each in (*told, entry.expectation, entry.cause, entry.note) if each)
    place = entry.address or entry.channel
    mark = MARKS.get(entry.direction or "", "·")
    parts = (f"{entry.connection or '-':>4}", mark, place, what, code, _short(said(entry)), why and f"({why})")
    return " ".join(part for part in parts if part)


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
