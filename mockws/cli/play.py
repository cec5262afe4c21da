"""`mockws play`: clients that do and expect what a scenario says."""

import sys
from pathlib import Path
from typing import Any

import click

from mockws.cli.exits import Exit
from mockws.cli.options import MEANING, config_option, read_settings, setting_options
from mockws.cli.test import cacert_option, report_files, report_option
from mockws.errors import BadSetting
from mockws.source.read import read

EXAMPLES = """\b
Examples:
  mockws play examples/scenarios/chat.yaml --target ws://127.0.0.1:8080
  mockws play login.yaml --target wss://staging.example.com --token "$TOKEN" --report junit=report.xml"""


@click.command("play", epilog=EXAMPLES)
@click.argument("scenario", type=click.Path(exists=True, dir_okay=False))
@click.option("--target", metavar="URL", help="Where the server is.  [the scenario's target]")
@click.option(
    "--document", type=click.Path(exists=True, dir_okay=False), help="AsyncAPI document.  [the scenario's document]"
)
@click.option("--token", help="Bearer token of every client that brings none of its own.")
@click.option("--seed", type=int, default=0, help="Seed of all that is made up.  [default 0]")
@click.option("--insecure", is_flag=True, help="Do not check the server's certificate.")
@cacert_option
@report_option
@setting_options(MEANING)
@config_option
def command(scenario: str, config: str | None, reports: tuple[str, ...], **flags: Any) -> int:
    """Play SCENARIO: connect, send and expect as its steps say, against the server at --target.

    Exits with 1 where a step failed, 3 where there is no server, 4 where it does not answer.
    """
    own = {name: flags.pop(name) for name in ("target", "document", "token", "seed", "insecure", "cacert")}
    settings, files = read_settings(flags, config), report_files(reports)
    import asyncio

    from mockws.app import load_document  # late: a wrong flag should not wait for it
    from mockws.verify.peer import Target
    from mockws.verify.player import Player
    from mockws.verify.reading import check_names, read_scenario
    from mockws.verify.report import Console, written

    text = read(Path(scenario).read_bytes(), scenario)
    play = read_scenario(text)
    document = own["document"] or (Path(scenario).parent / play.document if isinstance(play.document, str) else None)
    contract = load_document(str(document), settings).contract if document else None
    check_names(play, contract, text)
    where = own["target"] or play.target
    if not isinstance(where, str):
        raise BadSetting("target", "neither the scenario nor a flag says where the server is", "--target")
    target = Target.parse(where, verifies=not own["insecure"], authority=own["cacert"])
    console = Console(sys.stdout)

    def locate(pointer: str) -> str:
        return f"line {text.locate(pointer).line}:"

    player = Player(play, contract, target, locate, own["token"], own["seed"], console.say)
    run = asyncio.run(player.play())
    console.sum_up(run)
    for form, path in files:
        written(form, run, path)
    return Exit.FAILED if run.failed else Exit.FINE
