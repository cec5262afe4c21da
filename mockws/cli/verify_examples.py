"""`mockws verify-examples`: whether the examples of a document, and what stub files say, fit their schemas."""

import json
from dataclasses import dataclass
from typing import Any

import click

from mockws.cli.check import FORMS, SHOWN, judged
from mockws.cli.exits import Exit
from mockws.cli.options import MEANING, config_option, document_argument, read_settings, setting_options
from mockws.contract import Contract
from mockws.diagnostic import Diagnostic, Severity

ABOUT = ("message-examples", "message-examples-custom-format", "schema-examples")  # the ends of codes of rules
EXAMPLES = """\b
Examples:
  mockws verify-examples spec.yaml
  mockws verify-examples spec.yaml --stubs stubs/ --format github"""


@dataclass(frozen=True, slots=True)
class Count:
    """The examples of one message."""

    name: str
    fit: int
    total: int


@click.command("verify-examples", epilog=EXAMPLES)
@document_argument
@click.option("--format", "form", type=click.Choice(FORMS), default="text", help="How to print.")
@setting_options((*MEANING, "stubs", "allow_callbacks"))
@config_option
def command(document: str, form: str, config: str | None, **flags: Any) -> int:
    """Check the examples of the AsyncAPI DOCUMENT against their schemas: of messages, and of the schemas themselves.

    With --stubs, also what stub files say.

    Exits with 1 where one does not fit, or where there is an error in the document that keeps it from being read.
    """
    settings = read_settings({**flags, "strict": False}, config)
    result = judged(document, settings)
    wrong = tuple(each for each in result.diagnostics if _is_meant(each, whole=result.contract is None))
    counts = _counts(result.contract)
    if form == "json":
        click.echo(json.dumps(_shown(document, wrong, counts, result.expectations), indent=2, ensure_ascii=False))
    else:
        for each in wrong:
            SHOWN[form](each)
            if form == "text" and each.pointer and each.pointer not in each.message:
                click.echo(f"    pointer: {each.pointer}")
    if form == "text":
        _sum_up(document, wrong, counts, result.expectations)
    return Exit.FAILED if wrong else Exit.FINE


def _is_meant(diagnostic: Diagnostic, *, whole: bool) -> bool:
    """Tell what is said of examples and stub files from what is said of the rest of the document."""
    of_example = diagnostic.code.partition("-")[2] in ABOUT
    of_document = diagnostic.code.startswith("asyncapi")
    return of_example or (diagnostic.severity is Severity.ERROR and (whole or not of_document))


def _counts(contract: Contract | None) -> list[Count]:
    channels = contract.channels if contract is not None else ()
    return [
        Count(f"{channel.name}/{each.name}", len(each.valid_examples), len(each.examples))
        for channel in channels
        for each in channel.messages
    ]


def _shown(document: str, wrong: tuple[Diagnostic, ...], counts: list[Count], expectations: int) -> dict[str, Any]:
    messages = [{"message": each.name, "fit": each.fit, "examples": each.total} for each in counts]
    told = [each.as_dict() for each in wrong]
    return {"document": document, "messages": messages, "expectations": expectations, "diagnostics": told}


def _sum_up(document: str, wrong: tuple[Diagnostic, ...], counts: list[Count], expectations: int) -> None:
    for each in counts:
        click.echo(f"{each.name}: {f'{each.fit} of {each.total} examples fit' if each.total else 'no example'}")
    if expectations:
        click.echo(f"expectations of stub files that fit: {expectations}")
    click.echo(f"{document}: {len(wrong)} {'error' if len(wrong) == 1 else 'errors'}")
