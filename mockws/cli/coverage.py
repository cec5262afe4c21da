"""`mockws coverage`: what of its document the clients of a running mock have exercised."""

import re
import sys
from datetime import datetime
from typing import Any

import click

from mockws.cli.exits import Exit
from mockws.cli.options import token_option, url_option
from mockws.cli.test import report_files
from mockws.client.client import Client
from mockws.client.views import CoverageLineView, CoverageView
from mockws.exercise import PLURALS, Kind, Line, overall
from mockws.names import closest

FORMS = ("json", "html")
SESSION = "/__s/"  # in the URL of one
LIMIT = re.compile(r"(?:([A-Za-z]+)=)?(\d+(?:\.\d+)?)%?")
EXAMPLES = """\b
Examples:
  mockws coverage
  mockws coverage --report html=coverage.html --fail-under 80
  mockws coverage --of session --fail-under message=100 --fail-under reply=100"""
Limit = tuple[str | None, float]  # a kind of thing, or all of them, and the least percentage


def _limits(_: click.Context, __: click.Parameter, values: tuple[str, ...]) -> list[Limit]:
    """Read `80`, or `message=80`."""
    return [_limit(each) for each in values]


def _limit(text: str) -> Limit:
    found = LIMIT.fullmatch(text.strip())
    if found is None or float(found[2]) > 100:
        raise click.BadParameter(f"{text!r} is neither a percentage such as 80, nor one of a kind such as message=80")
    kind = found[1]
    if kind is not None and kind not in list(Kind):
        hint = closest(kind, [each.value for each in Kind])
        meant = f", did you mean {hint!r}?" if hint else ""
        raise click.BadParameter(f"{text!r}{meant} (KIND=PERCENT, with one of {', '.join(Kind)})")
    return kind, float(found[2])


@click.command("coverage", epilog=EXAMPLES)
@click.option(
    "--of",
    type=click.Choice(["all", "session"]),
    help="Of all sessions since the mock began, resets included; or of one since it was reset.  [default all, and "
    "session where --url is that of one]",
)
@click.option(
    "--fail-under",
    "limits",
    multiple=True,
    callback=_limits,
    metavar="[KIND=]PERCENT",
    help=f"Exit with 1 where less was exercised: of everything, or of one of {', '.join(Kind)} (repeatable).",
)
@click.option(
    "--report",
    "reports",
    multiple=True,
    metavar="FORM=FILE",
    help=f"Also write a report: {', '.join(f'{form}=FILE' for form in FORMS)} (repeatable).",
)
@url_option
@token_option
def command(url: str, token: str | None, of: str | None, limits: list[Limit], reports: tuple[str, ...]) -> int:
    """Show what of its document the clients of a running mock have exercised: by whom, when, and what failed.

    Exits with 1 where --fail-under is not reached, or no mock answers.
    """
    files = report_files(reports, FORMS)
    with Client(url, token) as mock:
        view = mock.coverage(of=of or ("session" if SESSION in url else "all"))
    from mockws.verify.report import Console, written  # late: a mock that is not there needs no page

    run = run_of(view, url)
    console = Console(sys.stdout)
    console.uncovered(run)
    console.sum_up_coverage(run)
    for form, path in files:
        written(form, run, path)
    wrong = [told for told in (_shortfall(run.coverage, *limit) for limit in limits) if told]
    for each in wrong:
        click.echo(f"mockws: {each}", err=True)
    return Exit.FAILED if wrong else Exit.FINE


def run_of(view: CoverageView, url: str) -> Any:
    """Make of a mock's answer what reports are made of."""
    from mockws.verify.results import Run  # late, as above

    lines = tuple(map(_line, view.lines))
    missed = f"{view.missed} entries of the journal were dropped before anybody asked"
    advice = "enum values, parameters and reply pairs may be incomplete (--journal-limit keeps more)"
    return Run(view.title, url, 0, (), lines, notes=(f"{missed}: {advice}",) if view.missed else ())


def _line(view: CoverageLineView) -> Line:
    first, last = (
        None if each is None else datetime.fromisoformat(each).timestamp() for each in (view.first, view.last)
    )
    failing, by = tuple(view.failing), tuple(view.by)
    return Line(view.kind, view.name, view.passed, view.failed, failing, by, view.others, first, last)


def _shortfall(lines: tuple[Line, ...], kind: str | None, least: float) -> str:
    """Say how much less was exercised than was asked for; of what the document has none, nothing is missing."""
    done, total = overall(lines, kind)
    share = 100 * done / total if total else 100.0
    what = PLURALS[kind] if kind else "everything"
    return f"{share:.1f} % of {what} exercised, less than {least:g} %" if share < least else ""
