"""What a plain scalar means: the core schema of YAML 1.2 (section 10.3.2), less what JSON cannot say.

`on`, `no`, `12:30:45`, `2024-01-01` and `1_000` are text here, as they are for every reader of YAML 1.2. This file does
not know where a scalar stands.
"""

import math
import re
from collections.abc import Callable
from typing import Any

_WORDS = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_NUMBER = re.compile(
    r"(?P<decimal>[-+]?[0-9]+)"
    r"|(?P<octal>0o[0-7]+)"
    r"|(?P<hexadecimal>0x[0-9a-fA-F]+)"
    r"|(?P<real>[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?)"
    r"|(?P<special>[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))"
)
_NUMBERS_BEGIN_WITH = frozenset("+-.0123456789")


def plain(text: str, *, digits: int) -> Any:
    """Read a plain scalar; raise ValueError, with a sentence, for a number that JSON cannot say."""
    value = _WORDS.get(text, text)
    if value is text and text[0] in _NUMBERS_BEGIN_WITH:
        return _number(text, digits)
    return value


def real(text: str) -> float:
    """Read a number with a point or an exponent; raise ValueError when no float is as large."""
    value = float(text)
    if math.isinf(value):
        raise ValueError("the number is too large for a float")
    return value


def _number(text: str, digits: int) -> Any:
    match = _NUMBER.fullmatch(text)
    if match is None or match.lastgroup is None:
        return text
    if len(text.lstrip("+-")) > digits:
        raise ValueError(f"the number has more than {digits:,} digits")
    return _READERS[match.lastgroup](text)


def _octal(text: str) -> int:
    return int(text[2:], 8)


def _hexadecimal(text: str) -> int:
    return int(text[2:], 16)


def _special(text: str) -> float:
    raise ValueError(f"{text} is no number that JSON can say")


_READERS: dict[str, Callable[[str], int | float]] = {
    "decimal": int,
    "octal": _octal,
    "hexadecimal": _hexadecimal,
    "real": real,
    "special": _special,
}
