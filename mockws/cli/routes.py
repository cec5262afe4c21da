"""`mockws routes`: where clients can connect, what is received there, and what answers it."""

import json
from typing import Any

import click

from mockws.cli.options import MEANING, config_option, document_argument, read_settings, setting_options

WIDE = 200
SHOWN = (*MEANING, "infer", "push")


@click.command("routes", epilog="\b\nExamples:\n  mockws routes spec.yaml\n  mockws routes spec.yaml --format json")
@document_argument
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="How to print.")
@setting_options(SHOWN)
@config_option
def command(document: str, form: str, config: str | None, **flags: Any) -> int:
    """List the routes of the AsyncAPI DOCUMENT: what each receives, answers and sends."""
    settings = read_settings(flags, config)
    from mockws.app import load_document  # late: a wrong flag should not wait for it
    from mockws.engine.engine import Engine
    from mockws.engine.survey import survey

    contract = load_document(document, settings).contract
    rows = survey(Engine(contract, settings))
    if form == "json":
        click.echo(json.dumps(rows, indent=2, ensure_ascii=False))
        return 0
    _print(rows, f"perspective: {contract.perspective} ({contract.perspective_reason})")
    return 0


def _print(rows: list[dict[str, Any]], perspective: str) -> None:
    from rich.console import Console  # late: only people's output needs it
    from rich.table import Table

    table = Table("route", "receives", "answers with", "how", box=None, pad_edge=False, header_style="bold")
    for row in rows:
        lines = [(each["message"], each["answer"], each["how"]) for each in row["receives"]] or [("-", "", "")]
        for number, (message, answer, how) in enumerate(lines):
            table.add_row(row["path"] if number == 0 else "", message, answer, how)
        for parameter in row["parameters"]:
            table.add_row("", f"{{{parameter['name']}}}: {_told(parameter)}", "", "parameter")
        for sent in row["sends"]:
            table.add_row("", "", sent["message"], f"sent by {sent['operation']}: {sent['when']}")
    console = Console(highlight=False)
    # A file or a pipe has no width that lines would have to be broken for.
    console.width = console.width if console.is_terminal else WIDE
    console.print(table)
    console.print(perspective)


def _told(parameter: dict[str, Any]) -> str:
    enum = f"one of {', '.join(parameter['enum'])}" if parameter["enum"] else "any"
    default = f", default {parameter['default']}" if parameter["default"] else ""
    return f"{enum}{default}{', ' + parameter['description'] if parameter['description'] else ''}"
