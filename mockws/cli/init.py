"""`mockws init`: a project to begin with. What is there already is never written over."""

import shlex
from pathlib import Path

import click

from mockws.cli.exits import Exit
from mockws.cli.project import FILES
from mockws.errors import CannotWrite


@click.command("init", epilog="\b\nExamples:\n  mockws init\n  mockws init shop")
@click.argument("folder", metavar="[DIR]", default=".", type=click.Path(file_okay=False))
def command(folder: str) -> int:
    """Begin a project in DIR (here, unless said): a document, a stub file, a Compose file, and a test in Python.

    Where one of the files is there already, nothing is written.
    """
    root = Path(folder)
    paths = {root / name: text for name, text in FILES.items()}
    for path in paths:
        if path.exists() or path.is_symlink():
            raise CannotWrite(str(path), "it is there already; name a folder without it")
    for path, text in paths.items():
        _write(path, text)
        click.echo(f"wrote {path}")
    document, stubs = shlex.quote(str(root / "asyncapi.yaml")), shlex.quote(str(root / "stubs"))
    click.echo(f"\nserve it:  mockws serve {document} --stubs {stubs}")
    click.echo(f"test it:   python -m pytest {shlex.quote(str(root))}   (needs pytest)")
    return Exit.FINE


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except OSError as problem:
        raise CannotWrite(str(path), problem.strerror or str(problem)) from None
