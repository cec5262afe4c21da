"""How much a file may hold before it is refused.

The numbers are here; the readers count. Nothing else is known to this file.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """The most that is read of one file: bytes, levels of nesting, keys and values, digits of a number."""

    size: int = 5 * 1024 * 1024
    depth: int = 64
    nodes: int = 500_000
    digits: int = 1_000


DEFAULT = Limits()
