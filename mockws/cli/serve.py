"""`mockws serve`: the mock itself."""

from typing import Any

import click

from mockws.cli.options import config_option, document_argument, read_settings, setting_options
from mockws.settings import OPTIONS


@click.command(
    "serve",
    epilog="\b\nExamples:\n  mockws serve specification/order-api.yaml\n  mockws serve chat.yaml --port 9000 --push 3s",
)
@document_argument
@setting_options(OPTIONS)
@config_option
def command(document: str, config: str | None, **flags: Any) -> int:
    """Serve a mock of the AsyncAPI DOCUMENT, until it is stopped."""
    settings = read_settings(flags, config)
    from mockws.cli.server import serve  # the server takes a while to import; a wrong flag should not

    return serve(document, settings)
