"""`mockws`: the group of commands. Each is imported when it is used, so that --version and --help are quick."""

import contextlib
import importlib
import os
import sys
from typing import Any

import click

from mockws import __version__
from mockws.cli.exits import CODES, Exit
from mockws.errors import MockwsError

COMMANDS = {
    "init": "Begin a project: a document, stubs, a Compose file and a test.",
    "serve": "Serve a mock of an AsyncAPI document.",
    "check": "Check an AsyncAPI document.",
    "routes": "List where clients can connect, and what answers what.",
    "verify-examples": "Check the examples of a document, and stub files.",
    "bundle": "Write a document in one piece.",
    "fake": "Print messages that fit the document.",
    "test": "Test a real server against its document.",
    "play": "Play a scenario with clients of a real server.",
    "send": "Let a running mock send a message.",
    "wait": "Wait for a connection or a message on a running mock.",
    "logs": "Show the journal of a running mock.",
    "coverage": "Show what clients of a running mock have exercised.",
    "connect": "Talk to a WebSocket, with the document at hand.",
    "schema": "Print the JSON Schema of stub files.",
    "health": "Tell whether a mock is ready.",
    "completion": "Print a script that completes commands in a shell.",
}


class Commands(click.Group):
    """A group whose commands are modules of this package."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"mockws.cli.{cmd_name.replace('-', '_')}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] in COMMANDS or args[0].startswith("-"):
            return super().resolve_command(ctx, args)
        from mockws.names import closest  # late: only a mistake needs it

        hint = closest(args[0], COMMANDS)
        raise click.UsageError(f"no such command {args[0]!r}{f', did you mean {hint!r}?' if hint else ''}", ctx)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="mockws")
def cli() -> None:
    """A mock WebSocket server that answers as an AsyncAPI document says.

    \b
    mockws serve spec.yaml            serve it on ws://127.0.0.1:8080
    mockws check spec.yaml            say what is wrong with it
    """


def main(arguments: list[str] | None = None) -> None:
    """Run the command line; every mistake is one message and an exit code, never a traceback."""
    code = run(arguments)
    _flush()
    sys.exit(code)


def run(arguments: list[str] | None = None) -> int:
    """Run the command line, and give its exit code."""
    try:
        result: Any = cli.main(arguments, prog_name="mockws", standalone_mode=False)
    except (click.exceptions.Abort, KeyboardInterrupt):
        return Exit.FINE
    except click.exceptions.NoArgsIsHelpError as problem:
        problem.show()
        return Exit.USAGE
    except click.ClickException as problem:
        _complain(_in_one_line(problem))
        return Exit.USAGE
    except MockwsError as problem:
        _complain(str(problem))
        return CODES.get(type(problem), Exit.FAILED)
    except BrokenPipeError:  # `mockws fake ... | head`: whoever read has read enough
        return Exit.FAILED
    return result if isinstance(result, int) else Exit.FINE


def _in_one_line(problem: click.ClickException) -> str:
    """Say what was wrong with a command line, and where help is."""
    message = problem.format_message()
    context = problem.ctx if isinstance(problem, click.UsageError) else None
    more = f" ({context.command_path} --help says more)" if context is not None else ""
    return f"{message[:1].lower()}{message[1:].rstrip('.')}{more}"


def _complain(message: str) -> None:
    with contextlib.suppress(OSError):
        click.echo(f"mockws: {message}", err=True)


def _flush() -> None:
    """Write out what is left; a reader that is gone must not become a message of the interpreter's end."""
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
