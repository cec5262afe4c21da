"""`mockws bundle`: a document in one piece, as it is served."""

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from mockws.cli.options import config_option, document_argument, read_settings, setting_options

SHOWN = ("overlay", "strict", "allow_ref_root", "allow_remote_refs")

EXAMPLES = """\b
Examples:
  mockws bundle spec.yaml -o bundled.yaml
  mockws bundle spec.yaml --overlay errors.yaml --format json"""


@click.command("bundle", epilog=EXAMPLES)
@document_argument
@click.option("-o", "--output", type=click.Path(dir_okay=False), help="The file to write.  [default standard output]")
@click.option(
    "--format", "form", type=click.Choice(["yaml", "json"]), help="How to write.  [default by the file's name; yaml]"
)
@setting_options(SHOWN)
@config_option
def command(document: str, output: str | None, form: str | None, config: str | None, **flags: Any) -> int:
    """Write the AsyncAPI DOCUMENT in one piece, as it is served: what it has from other files is in it, overlays are
    laid over it, and what can be mended is mended."""
    settings = read_settings(flags, config)
    from mockws.app import load_document  # late: a wrong flag should not wait for it
    from mockws.asyncapi.bundle import bundled
    from mockws.diagnostic import Severity
    from mockws.source.write import document_text

    loaded = load_document(document, settings)
    bundle = bundled(loaded.document)
    as_json = (form or ("json" if (output or "").lower().endswith(".json") else "yaml")) == "json"
    text = json.dumps(bundle, indent=2, ensure_ascii=False) + "\n" if as_json else document_text(bundle)
    if output is None:
        click.echo(text, nl=False)
    else:
        _write(output, text, (document, *loaded.files))
    errors = len(loaded.of(Severity.ERROR))
    if errors:
        told = "1 error was" if errors == 1 else f"{errors} errors were"
        click.echo(f"{document}: {told} mended or left as it is; see mockws check", err=True)
    return 0


def _write(output: str, text: str, sources: Iterable[str]) -> None:
    """Write a file whole or not at all, and never over what it was made of."""
    path = Path(output)
    if path.resolve() in {Path(each).resolve() for each in sources}:
        raise click.UsageError(f"{output} is one of the files that the bundle is made of; name another")
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        beside.write_text(text, "utf-8")
        beside.replace(path)
    except OSError as problem:
        beside.unlink(missing_ok=True)
        raise click.FileError(output, problem.strerror or str(problem)) from None
