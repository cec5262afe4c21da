"""Writes the parts of the reference that the code knows best: the tables of settings and of the admin API's
routes, the help of each command, the JSON Schema of stub files.

Parts of pages stand between markers, `<!-- NAME: begin -->` and `<!-- NAME: end -->`; all else is written by hand. The
schema is a file of its own.
"""

import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import Field
from pathlib import Path
from typing import Any

import click

from generate_python import python_names
from generate_types import types_of
from mockws.admin.api import ENDPOINTS
from mockws.admin.endpoint import Endpoint
from mockws.admin.openapi import openapi_of, status_of
from mockws.cli.main import COMMANDS, cli
from mockws.expect.published import published
from mockws.host.entrance import ADMIN
from mockws.settings import OPTIONS, PREFIX, kind_of

REFERENCE = Path(__file__).parent.parent / "docs" / "reference"
WIDTH = 100


def settings_tables() -> str:
    """Give one table for each group of settings."""
    groups: dict[str, list[Field[Any]]] = {}
    for option in OPTIONS.values():
        groups.setdefault(option.metadata["group"], []).append(option)
    return "\n\n".join(f"### {group}\n\n{_table(options)}" for group, options in groups.items())


def _table(options: list[Field[Any]]) -> str:
    head = ["| Flag | Environment | Value | Default | Meaning |", "|---|---|---|---|---|"]
    return "\n".join([*head, *(_row(option) for option in options)])


def _row(option: Field[Any]) -> str:
    dashed = option.name.replace("_", "-")
    flag = f"`--{dashed}`, `--no-{dashed}`" if kind_of(option) is bool else f"`--{dashed}`"
    cells = (flag, f"`{PREFIX}{option.name.upper()}`", _value(option), _default(option), option.metadata["help"])
    return f"| {' | '.join(cells)} |"


def _value(option: Field[Any]) -> str:
    if option.metadata["choices"]:
        return ", ".join(f"`{each}`" for each in option.metadata["choices"])
    kinds = {bool: "`true`, `false`", int: "number", tuple: "list"}
    units = {"push": "`open` or duration"}
    unit = option.metadata["unit"]
    return units.get(unit, unit) or kinds.get(kind_of(option), "text")


def _default(option: Field[Any]) -> str:
    if option.default in (None, ()):
        return ""
    if isinstance(option.default, bool):
        return f"`{str(option.default).lower()}`"
    unit = option.metadata["unit"]
    return f"`{option.default:g}s`" if unit == "duration" else f"`{option.default}`"


def command_help() -> str:
    """Give the help of every command as it is printed."""
    parts = [("mockws", cli), *((f"mockws {name}", command) for name, command in all_commands())]
    return "\n\n".join(f"### {name}\n\n```text\n{_help(name, command)}\n```" for name, command in parts)


def all_commands() -> Iterator[tuple[str, click.Command]]:
    """Give every command with its name, those of a group behind it."""
    for name in COMMANDS:
        command = cli.get_command(click.Context(cli), name)
        assert command is not None
        yield name, command
        if isinstance(command, click.Group):
            yield from ((f"{name} {each}", command.commands[each]) for each in command.commands)


def _help(name: str, command: click.Command) -> str:
    context = click.Context(
        command, info_name=name, terminal_width=WIDTH, max_content_width=WIDTH, help_option_names=["-h", "--help"]
    )
    return "\n".join(line.rstrip() for line in command.get_help(context).splitlines())


def admin_routes() -> str:
    """Give the table of all endpoints of the admin API."""
    head = ["| Route | What it does | Body | Answer |", "|---|---|---|---|"]
    return "\n".join([*head, *(_endpoint_row(each) for each in ENDPOINTS)])


def _endpoint_row(endpoint: Endpoint) -> str:
    route = f"`{endpoint.method} {ADMIN}{endpoint.path.replace(':path', '')}`"
    body = "" if endpoint.body is None else "optional" if endpoint.optional else "JSON"
    statuses = ", ".join(str(each) for each in (status_of(endpoint), *endpoint.also, *endpoint.problems))
    return f"| {route} | {endpoint.summary.replace('|', '&#124;')} | {body} | {statuses} |"


PARTS: dict[str, tuple[str, Callable[[], str]]] = {
    "settings": ("settings.md", settings_tables),
    "commands": ("cli.md", command_help),
    "routes": ("admin.md", admin_routes),
    "python": ("python.md", python_names),
}


def stub_file_schema() -> str:
    """Give what `mockws schema stubs` prints."""
    return json.dumps(published("stubs"), indent=2, ensure_ascii=False) + "\n"


def admin_types() -> str:
    """Give the types of the admin API, for TypeScript."""
    return types_of(openapi_of(ENDPOINTS))


FILES: dict[str, Callable[[], str]] = {"stub-file.schema.json": stub_file_schema, "admin.d.ts": admin_types}


def renewed(name: str) -> tuple[Path, str]:
    """Give a page and its text with the part of this name made anew."""
    file, make = PARTS[name]
    page = REFERENCE / file
    begin, end = f"<!-- {name}: begin -->\n", f"\n<!-- {name}: end -->"
    before, _, rest = page.read_text("utf-8").partition(begin)
    _, _, after = rest.partition(end)
    return page, f"{before}{begin}\n{make()}\n{end}{after}"


def made() -> list[tuple[Path, str]]:
    """Give all that is generated, with its text made anew."""
    return [*map(renewed, PARTS), *((REFERENCE / name, make()) for name, make in FILES.items())]


def stale() -> list[Path]:
    """Name the pages whose generated parts are not what the code says."""
    return [page for page, text in made() if not page.exists() or page.read_text("utf-8") != text]


def main() -> int:
    """Write the pages anew; with --check, only tell which would change."""
    if "--check" in sys.argv[1:]:
        pages = stale()
        print("\n".join(f"{page.name} is not current: run scripts/docs" for page in pages) or "current")
        return 1 if pages else 0
    for page, text in made():
        page.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
