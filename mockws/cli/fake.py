"""`mockws fake`: messages that fit the document, one a line."""

import base64
from typing import Any

import click

from mockws.cli.options import MEANING, config_option, needed_document_argument, read_settings, setting_options

SHOWN = (*MEANING, "seed", "dynamic", "locale", "dictionary")


EXAMPLES = """\b
Examples:
  mockws fake spec.yaml Order
  mockws fake spec.yaml Order --count 100 --dynamic > orders.ndjson"""


@click.command("fake", epilog=EXAMPLES)
@needed_document_argument
@click.argument("message")
@click.option("--count", type=click.IntRange(1, 1_000_000), default=1, help="How many.  [default 1]")
@click.option("--invalid", is_flag=True, help="Break the schema on purpose: one fault in each.")
@click.option("--channel", help="The channel whose message is meant, where several have one of that name.")
@setting_options(SHOWN)
@config_option
def command(
    document: str, message: str, count: int, invalid: bool, channel: str | None, config: str | None, **flags: Any
) -> int:
    """Print MESSAGE of the AsyncAPI DOCUMENT as JSON Lines: its valid examples, then fakes.

    With --dynamic there are only fakes. Without --seed their dates count from now.
    """
    settings = read_settings(flags, config)
    from mockws.app import load_document  # late: a wrong flag should not wait for it
    from mockws.codec import encode_json
    from mockws.engine.compose import Composer
    from mockws.links.dictionaries import making_of

    contract = load_document(document, settings).contract
    found = contract.message(message, (contract.channel(channel),) if channel else ())
    examples = () if settings.dynamic or invalid else found.valid_examples
    for example in examples[:count]:
        click.echo(encode_json(example.payload))
    composer = Composer(settings.chance, making=making_of(settings))
    make = composer.invalid if invalid else composer.fake
    for turn in range(count - len(examples[:count])):
        value = make(found, None, turn=turn).value
        click.echo(encode_json(base64.b64encode(value).decode() if isinstance(value, bytes) else value))
    return 0
