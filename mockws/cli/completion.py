"""`mockws completion`: what a shell needs to complete commands and flags."""

import click
from click.shell_completion import get_completion_class

from mockws.cli.exits import Exit

EXAMPLES = """\b
Examples:
  source <(mockws completion bash)       # in ~/.bashrc
  source <(mockws completion zsh)        # in ~/.zshrc, after compinit
  mockws completion fish > ~/.config/fish/completions/mockws.fish"""


@click.command("completion", epilog=EXAMPLES)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def command(context: click.Context, shell: str) -> int:
    """Print a script for SHELL that completes commands and flags."""
    make = get_completion_class(shell)
    assert make is not None, "click has all three"
    click.echo(make(context.find_root().command, {}, "mockws", "_MOCKWS_COMPLETE").source())
    return Exit.FINE
