"""`mockws check`: what is wrong with a document, for people, programs and pull requests."""

import json
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from mockws.cli.exits import Exit
from mockws.cli.options import MEANING, config_option, document_argument, read_settings, setting_options
from mockws.contract import Contract
from mockws.diagnostic import Diagnostic, Severity
from mockws.errors import DocumentRefused, StubsRefused
from mockws.settings import Settings

SECRET = re.compile(r"\b(token|password|key)[\"']?\s*:")
GITHUB = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}
COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.INFO: "cyan"}


@click.command(
    "check",
    epilog="\b\nExamples:\n  mockws check spec.yaml --stubs stubs/\n  mockws check spec.yaml --format github",
)
@document_argument
@click.option("--format", "form", type=click.Choice(["text", "json", "github"]), default="text", help="How to print.")
@click.option(
    "--fail-severity",
    type=click.Choice([*map(str, Severity)]),
    default=str(Severity.ERROR),
    help="Exit with 1 where anything is as bad as this.",
)
@setting_options((*MEANING, "stubs", "allow_callbacks"))
@config_option
def command(document: str, form: str, fail_severity: str, config: str | None, **flags: Any) -> int:
    """Check the AsyncAPI DOCUMENT: against its official JSON Schema, and for what a schema cannot say.

    With --stubs, check stub files too, and that the document has what they name.

    Exits with 1 where there are errors, or what --fail-severity names. What `serve` mends is an error here, if the
    specification forbids it.
    """
    settings = read_settings({**flags, "strict": False}, config)
    found = judged(document, settings)
    PRINTERS[form](document, found.diagnostics, found.summary)
    failing = list(Severity)[: list(Severity).index(Severity(fail_severity)) + 1]  # from the worst on
    return Exit.FAILED if any(each.severity in failing for each in found.diagnostics) else Exit.FINE


@dataclass(frozen=True)
class Judged:
    """What is wrong with a document and its stub files, and what was made of them, as far as they can be read."""

    diagnostics: tuple[Diagnostic, ...]
    contract: Contract | None = None
    expectations: int = 0
    credentials: int = 0

    @property
    def summary(self) -> dict[str, Any]:
        if self.contract is None:
            return {}
        told = {"perspective": self.contract.perspective, "reason": self.contract.perspective_reason}
        counts = {"expectations": self.expectations, "credentials": self.credentials}
        return {**told, "routes": len(self.contract.routes), **counts}


def judged(document: str, settings: Settings) -> Judged:
    """Say what is wrong with a document and its stub files, and what was made of them."""
    from mockws.app import checked_stubs, load_document  # late: a wrong flag should not wait for it
    from mockws.links.stubs import StubFiles

    try:
        loaded = load_document(document, settings, thorough=True)
    except DocumentRefused as problem:
        return Judged(problem.diagnostics)
    stubs = StubFiles(settings.stubs, document)
    try:
        found = checked_stubs(stubs, loaded, settings)
    except StubsRefused as problem:
        return Judged((*loaded.diagnostics, *problem.diagnostics), loaded.contract)
    diagnostics = (*loaded.diagnostics, *stubs.notes)
    return Judged(diagnostics, loaded.contract, len(found.expectations), len(found.credentials))


def _print_text(document: str, diagnostics: tuple[Diagnostic, ...], summary: dict[str, Any]) -> None:
    for diagnostic in diagnostics:
        _show_text(diagnostic)
    if summary:
        counted = _number(summary["routes"], "route")
        for word in ("expectation", "credential"):
            counted += f", {_number(count, word)}" if (count := summary.get(f"{word}s")) else ""
        click.echo(f"perspective: {summary['perspective']} ({summary['reason']}); {counted}")
    click.echo(f"{document}: {_counted(diagnostics)}")


def _show_text(diagnostic: Diagnostic) -> None:
    click.echo(f"{diagnostic.place}: {_coloured(diagnostic.severity)}: {diagnostic.message} [{diagnostic.code}]")
    for line in _frame(diagnostic):
        click.echo(line)
    if diagnostic.advice:
        click.echo(f"    advice: {diagnostic.advice}")


def _coloured(severity: Severity) -> str:
    return click.style(str(severity), fg=COLOURS[severity], bold=True)


def _frame(diagnostic: Diagnostic) -> list[str]:
    """Show the line that is meant, with a mark under the place; a line with a secret stays out of logs."""
    place = diagnostic.place
    if place.line is None:
        return []
    try:
        lines = Path(place.file).read_text("utf-8", "replace").splitlines()
    except OSError:
        return []
    if not 0 < place.line <= len(lines):
        return []
    text = lines[place.line - 1].replace("\t", " ")[:160]
    if _is_secret(diagnostic, text):
        return []
    return [f"{place.line:>6} | {text}", f"       | {' ' * ((place.column or 1) - 1)}^"]


def _is_secret(diagnostic: Diagnostic, line: str) -> bool:
    """Tell whether a line may show a credential; a file that cannot be read has no pointers."""
    return diagnostic.pointer.startswith("/credentials") or (not diagnostic.pointer and bool(SECRET.search(line)))


def _counted(diagnostics: tuple[Diagnostic, ...]) -> str:
    counts = Counter(each.severity for each in diagnostics)
    return f"{_number(counts[Severity.ERROR], 'error')}, {_number(counts[Severity.WARNING], 'warning')}"


def _number(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


def _print_json(document: str, diagnostics: tuple[Diagnostic, ...], summary: dict[str, Any]) -> None:
    shown = {"document": document, **summary, "diagnostics": [each.as_dict() for each in diagnostics]}
    click.echo(json.dumps(shown, indent=2, ensure_ascii=False))


def _print_github(_: str, diagnostics: tuple[Diagnostic, ...], __: dict[str, Any]) -> None:
    for each in diagnostics:
        _show_github(each)


def _show_github(diagnostic: Diagnostic) -> None:
    place, advice = diagnostic.place, f" ({diagnostic.advice})" if diagnostic.advice else ""
    where = f"file={_property(place.file)},line={place.line or 1},col={place.column or 1}"
    kind = f"{GITHUB[diagnostic.severity]} {where},title={_property(diagnostic.code)}"
    click.echo(f"::{kind}::{_data(diagnostic.message + advice)}")


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


FORMS = ("text", "json", "github")
SHOWN = {"text": _show_text, "github": _show_github}
PRINTERS = {"text": _print_text, "json": _print_json, "github": _print_github}
