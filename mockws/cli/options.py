"""Flags from the table of settings, and settings from flags, environment and file."""

import os
import tomllib
from collections.abc import Callable, Iterable
from dataclasses import Field
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import click

from mockws.errors import BadSetting
from mockws.settings import OPTIONS, PREFIX, Settings, kind_of, settings_from
from mockws.units import seconds_of

Command = TypeVar("Command", bound=Callable[..., Any])
DEFAULT_PORT = 8080
UNIX = "unix:"  # and the path of a Unix domain socket
TRUE = ("true", "1", "yes", "on")
PROJECTS = ("specmatic.yaml", "specmatic.yml", "specmatic.json")
MEANING = (
    "overlay",
    "server",
    "perspective",
    "topics",
    "strict",
    "allow_ref_root",
    "allow_remote_refs",
)  # options of every command that reads a document


DOCUMENT = click.Path(exists=True, dir_okay=False)


def document_argument(command: Command) -> Command:
    """Add the DOCUMENT argument: without it, the Specmatic project in the working directory, if there is one.

    A file that is not there is wrong usage.
    """
    return click.argument("document", type=DOCUMENT, required=False, callback=_document)(command)


def needed_document_argument(command: Command) -> Command:
    """Add the DOCUMENT argument where others come after it."""
    return click.argument("document", type=DOCUMENT)(command)


def _document(context: click.Context, parameter: click.Parameter, value: str | None) -> str:
    found = value or next((name for name in PROJECTS if Path(name).is_file()), None)
    if found is None:
        raise click.MissingParameter(ctx=context, param=parameter, param_hint="DOCUMENT")
    return found


def setting_options(names: Iterable[str]) -> Callable[[Command], Command]:
    """Add flags for these settings to a command; a flag that is not given leaves the setting to others."""

    def add(command: Command) -> Command:
        for name in reversed(list(names)):
            command = _flag(OPTIONS[name])(command)
        return command

    return add


def _flag(option: Field[Any]) -> Callable[[Command], Command]:
    dashed = option.name.replace("_", "-")
    kind = kind_of(option)
    help_text = f"{option.metadata['help']}  [{PREFIX}{option.name.upper()}{_default(option)}]"
    if kind is bool:
        return click.option(f"--{dashed}/--no-{dashed}", option.name, default=None, help=help_text)
    choices = option.metadata["choices"]
    return click.option(
        f"--{dashed}",
        option.name,
        default=None,
        multiple=kind is tuple,
        type=click.Choice(choices) if choices else str,
        metavar=None if choices else _metavar(option, kind),
        help=help_text,
    )


def _metavar(option: Field[Any], kind: type) -> str:
    unit = option.metadata["unit"]
    return {"duration": "DURATION", "size": "SIZE"}.get(unit, "N" if kind is int else "TEXT")


def _default(option: Field[Any]) -> str:
    if option.default in (None, (), "") or isinstance(option.default, bool):
        return ""
    unit = option.metadata["unit"]
    shown = f"{option.default:g}s" if unit == "duration" else option.default
    return f"; default {shown}"


def read_settings(flags: dict[str, Any], config: str | None = None) -> Settings:
    """Put settings together from flags, environment and file; raises BadSetting."""
    given = {name: value for name, value in flags.items() if value not in (None, ())}
    name, table = _file(config)
    return settings_from(given, os.environ, table, name)


def _file(config: str | None) -> tuple[str, dict[str, Any]]:
    """Read mockws.toml, else [tool.mockws] of pyproject.toml, in the working directory."""
    path = Path(config or "mockws.toml")
    if config or path.is_file():
        return str(path), _table(path)
    project = Path("pyproject.toml")
    if project.is_file():
        return f"{project} [tool.mockws]", _part(_part(_table(project), "tool"), "mockws")
    return str(path), {}


def _part(table: dict[str, Any], name: str) -> dict[str, Any]:
    found = table.get(name, {})
    return found if isinstance(found, dict) else {}


def _table(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as problem:
        raise BadSetting("file", str(problem), str(path)) from None


def admin_url() -> str:
    """Tell where the admin API of this machine's mock is: in a container its settings often come from the environment.

    It may have a port of its own, or be reached over a Unix domain socket.
    """
    port = os.environ.get(f"{PREFIX}ADMIN_PORT", "")
    path = os.environ.get(f"{PREFIX}UDS", "")
    if path and not _is_port(port):
        return UNIX + path
    return _near(port) if _is_port(port) else default_url()


def default_url() -> str:
    """Tell where clients find the mock of this machine."""
    port = os.environ.get(f"{PREFIX}PORT", "")
    return _near(port if _is_port(port) else str(DEFAULT_PORT))


def _near(port: str) -> str:
    made = os.environ.get(f"{PREFIX}SSL_SELF_SIGNED", "").strip().lower() in TRUE
    secure = made or bool(os.environ.get(f"{PREFIX}SSL_CERTFILE"))
    return f"http{'s' * secure}://127.0.0.1:{port}"


def _is_port(text: str) -> bool:
    return text.isdecimal() and text != "0"


def checked_duration(_: click.Context, __: click.Parameter, value: str) -> float:
    """Give a duration such as `250ms`, `5s`, `2m` in seconds; what is none is wrong usage."""
    seconds = seconds_of(value)
    if seconds is None:
        raise click.BadParameter(f"{value!r} is no duration; write 250ms, 5s or 2m")
    return seconds


def checked_url(_: click.Context, __: click.Parameter, value: str) -> str:
    """Give the URL of a mock; what cannot be one is wrong usage."""
    try:
        parts = urlsplit(value)
        known = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
        known = known or (value.startswith(UNIX) and value != UNIX)
    except ValueError:
        known = False
    if not known:
        raise click.BadParameter(f"{value!r} is no URL of a mock; write http://127.0.0.1:{DEFAULT_PORT}, or unix:PATH")
    return value


def _url_option(default: Callable[[], str], told: str) -> Callable[[Command], Command]:
    help_text = f"Where the mock is.  [MOCKWS_URL; default http://127.0.0.1:{DEFAULT_PORT}, or {told}]"
    return click.option("--url", envvar="MOCKWS_URL", default=default, callback=checked_url, help=help_text)


url_option = _url_option(admin_url, "where the environment's settings put it")
place_option = _url_option(default_url, "the port in MOCKWS_PORT")  # for clients of the mock itself
token_option = click.option(
    "--token", envvar="MOCKWS_ADMIN_TOKEN", help="Token of the admin API.  [MOCKWS_ADMIN_TOKEN]"
)
config_option = click.option(
    "--config", type=click.Path(exists=True, dir_okay=False), help="Settings file.  [mockws.toml]"
)
