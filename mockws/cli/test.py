"""`mockws test`: whether a real server is as its document says."""

import sys
from pathlib import Path
from typing import Any

import click

from mockws.cli.exits import Exit
from mockws.cli.options import MEANING, config_option, document_argument, read_settings, setting_options
from mockws.errors import BadSetting
from mockws.units import seconds_of

EXAMPLES = """\b
Examples:
  mockws test spec.yaml --target ws://127.0.0.1:8080
  mockws test spec.yaml --target wss://staging.example.com --token "$TOKEN" --report junit=report.xml
  mockws test spec.yaml --target ws://127.0.0.1:8080 --filter placeOrder --seed 7"""


FORMS = ("junit", "json", "html")


def _duration(_: click.Context, parameter: click.Parameter, value: str) -> float:
    """Read a duration such as 250ms, in seconds."""
    seconds = seconds_of(value)
    if seconds is None:
        raise click.BadParameter(f"{value!r} is not a duration such as 250ms or 3s", param=parameter)
    return seconds


DURATION: dict[str, Any] = {"callback": _duration, "metavar": "DURATION"}


def report_option(command: Any) -> Any:
    """Add --report to a command."""
    told = f"Also write a report: {', '.join(f'{form}=FILE' for form in FORMS)} (repeatable)."
    return click.option("--report", "reports", multiple=True, metavar="FORM=FILE", help=told)(command)


cacert_option = click.option(
    "--cacert",
    type=click.Path(exists=True, dir_okay=False),
    help="Trust the certificates in this file (PEM) besides those of the system.",
)


@click.command("test", epilog=EXAMPLES)
@document_argument
@click.option(
    "--target", required=True, metavar="URL", help="Where the server is; a path in it stands for the server's own."
)
@click.option("--token", "tokens", multiple=True, help="Credential to be let in with, or SCHEME=TOKEN (repeatable).")
@click.option(
    "--header", "headers", multiple=True, metavar="'NAME: VALUE'", help="Header of each handshake (repeatable)."
)
@click.option("--timeout", **DURATION, default="2s", help="How long an answer may take.  [default 2s]")
@click.option(
    "--quiet",
    callback=_duration,
    metavar="DURATION",
    default="100ms",
    help="How long silence is listened to.  [default 100ms]",
)
@click.option(
    "--window",
    callback=_duration,
    metavar="DURATION",
    default="500ms",
    help="How long what is sent unasked is listened for; 0 never.  [default 500ms]",
)
@click.option("--seed", type=int, default=0, help="Seed of all that is made up.  [default 0]")
@click.option("--fakes", type=click.IntRange(0, 1000), default=3, help="Made-up messages of each kind.  [default 3]")
@click.option(
    "--boundaries", type=click.IntRange(0, 1000), default=10, help="Most boundary values of each kind.  [default 10]"
)
@click.option(
    "--invalid", type=click.IntRange(0, 1000), default=15, help="Most invalid messages of each kind.  [default 15]"
)
@click.option(
    "--filter",
    "filters",
    multiple=True,
    metavar="TEXT",
    help="Only tests with this in their name; * is anything (repeatable).",
)
@click.option("--parallel", type=click.IntRange(1, 256), default=8, help="Most tests at a time.  [default 8]")
@click.option("--insecure", is_flag=True, help="Do not check the server's certificate.")
@cacert_option
@click.option("--list", "listing", is_flag=True, help="Only list the tests.")
@report_option
@setting_options(MEANING)
@config_option
def command(document: str, config: str | None, reports: tuple[str, ...], **flags: Any) -> int:
    """Test the server at --target against the AsyncAPI DOCUMENT: say what it receives, check what comes.

    Exits with 1 where a test failed, 3 where there is no server, 4 where it does not answer.
    """
    own = {name: flags.pop(name) for name in OWN}
    settings = read_settings(flags, config)
    files = report_files(reports)
    from mockws.app import load_document  # late: a wrong flag should not wait for it

    contract = load_document(document, settings).contract
    return _tested(contract, own, files, topics=settings.topics is True)


OWN: tuple[str, ...] = ("target", "tokens", "headers", "timeout", "quiet", "window", "seed", "fakes")
OWN += ("boundaries", "invalid", "filters", "parallel", "insecure", "cacert", "listing")


def _tested(contract: Any, own: dict[str, Any], files: list[tuple[str, Path]], *, topics: bool) -> int:
    import asyncio

    from mockws.verify.cases import Scope, suite_of  # late: a wrong flag should not wait for it
    from mockws.verify.conformance import Conformance
    from mockws.verify.peer import Target
    from mockws.verify.report import Console, written
    from mockws.verify.trial import Terms
    from mockws.verify.visits import Guest

    target = Target.parse(own["target"], verifies=not own["insecure"], authority=own["cacert"])
    token, tokens = tokens_of(own["tokens"], contract.schemes)
    guest = Guest(token, tokens, headers_of(own["headers"]), own["seed"])
    scope = Scope(own["fakes"], own["boundaries"], own["invalid"], own["seed"], own["filters"])
    suite = suite_of(contract, guest, scope, target.base, topics=topics)
    if not suite.cases:
        raise BadSetting("filter", "no test has such a name (--list shows all)", "--filter")
    if own["listing"]:
        click.echo("\n".join(case.name for case in suite.cases))
        return Exit.FINE
    console = Console(sys.stdout)
    terms = Terms(target, guest, own["timeout"], own["quiet"])
    conformance = Conformance(suite, terms, scope, own["parallel"], own["window"], console.say)
    run = asyncio.run(conformance.run())
    console.sum_up(run)
    for form, path in files:
        written(form, run, path)
    return Exit.FAILED if run.failed else Exit.FINE


def tokens_of(given: tuple[str, ...], schemes: Any) -> tuple[str | None, dict[str, str]]:
    """Read `--token TOKEN` and `--token SCHEME=TOKEN`; a token may have a `=` of its own."""
    named = {name: value for name, mark, value in (each.partition("=") for each in given) if mark and name in schemes}
    plain = [each for each in given if each.partition("=")[0] not in named]
    return (plain[-1] if plain else None), named


def headers_of(given: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Read `--header 'NAME: VALUE'`; raises BadSetting."""
    pairs = [each.partition(":") for each in given]
    for (name, mark, _), text in zip(pairs, given, strict=True):
        if not mark or not name.strip():
            raise BadSetting("header", f"{text!r} is not NAME: VALUE", "--header")
    return tuple((name.strip(), value.strip()) for name, _, value in pairs)


def report_files(given: tuple[str, ...], forms: tuple[str, ...] = FORMS) -> list[tuple[str, Path]]:
    """Read `--report junit=FILE`; raises BadSetting."""
    found: list[tuple[str, Path]] = []
    for each in given:
        form, mark, file = each.partition("=")
        if not mark or form not in forms or not file:
            raise BadSetting("report", f"{each!r} is not {', '.join(f'{form}=FILE' for form in forms)}", "--report")
        if not Path(file).absolute().parent.is_dir():
            raise BadSetting("report", f"there is no folder {Path(file).parent}", "--report")
        found.append((form, Path(file)))
    return found
