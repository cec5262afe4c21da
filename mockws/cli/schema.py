"""`mockws schema`: the JSON Schema of stub files and expectations, for editors and other tools."""

import json

import click

from mockws.cli.exits import Exit


@click.command(
    "schema",
    epilog="\b\nExamples:\n  mockws schema stubs > stub-file.schema.json\n  mockws schema expectation",
)
@click.argument("what", type=click.Choice(["stubs", "expectation"]))
def command(what: str) -> int:
    """Print the JSON Schema (2020-12) of a stub file, or of one expectation.

    An editor completes and checks a stub file by it; docs/reference/stubs.md says how.
    """
    from mockws.expect.published import published  # late: --help should not wait for it

    click.echo(json.dumps(published(what), indent=2, ensure_ascii=False))
    return Exit.FINE
