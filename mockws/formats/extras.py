"""Libraries that only some documents need: imported when one does, and told how to be installed."""

import importlib
from dataclasses import dataclass
from types import ModuleType

from mockws.errors import MockwsError


@dataclass(eq=False)
class MissingExtra(MockwsError):
    """A document uses a format whose library is not installed."""

    extra: str  # of mockws, as pip has it
    format: str

    def __str__(self) -> str:
        return f"{self.format} is not read here: its library is not installed"

    @property
    def advice(self) -> str:
        return f'pip install "mockws[{self.extra}]"'


def library(module: str, extra: str, format_name: str) -> ModuleType:
    """Import a library, late: most documents need none of these. Raises MissingExtra."""
    try:
        return importlib.import_module(module)
    except ImportError:
        raise MissingExtra(extra, format_name) from None
