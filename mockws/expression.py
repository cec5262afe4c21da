"""Runtime expressions: `$message.payload#/id`, `$message.header#/correlationId` (AsyncAPI 3.0, "Runtime Expression").

An expression reads a value out of a message, or writes one into a copy of it. It never looks anywhere else.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from mockws.source.pointer import parse

FORM = re.compile(r"\$message\.(header|payload)(#(?:/.*)?)?", re.DOTALL)
INDEX = re.compile(r"0|[1-9][0-9]*")


class _Missing:
    """There is nothing at that place; unlike None, which is a JSON value."""

    def __repr__(self) -> str:
        return "MISSING"

    def __bool__(self) -> bool:
        return False


MISSING: Final = _Missing()


@dataclass(frozen=True, slots=True)
class Expression:
    """A place in a message: in its payload, or in what stands for its headers."""

    source: str
    tokens: tuple[str, ...]

    @classmethod
    def parse(cls, text: str) -> "Expression | None":
        """Read an expression; None where the text is not one."""
        found = FORM.fullmatch(text.strip())
        if found is None:
            return None
        try:
            return cls(found.group(1), parse((found.group(2) or "#")[1:]))
        except ValueError:
            return None

    def read(self, payload: Any, headers: Mapping[str, Any]) -> Any:
        """Give the value at this place, or MISSING.

        A WebSocket message has no headers: a top-level `headers` object of the payload stands for them, else the
        handshake's headers and query parameters, which the caller hands in.
        """
        if self.source == "payload":
            return _value_at(payload, self.tokens)
        own = _value_at(payload, ("headers", *self.tokens))
        return own if own is not MISSING else _header(headers, self.tokens)

    def write(self, payload: Any, value: Any) -> Any:
        """Give a copy of the payload with the value at this place; the payload itself where that is impossible."""
        tokens = self.tokens if self.source == "payload" else ("headers", *self.tokens)
        return with_value(payload, tokens, value)


def _header(headers: Mapping[str, Any], tokens: tuple[str, ...]) -> Any:
    if len(tokens) != 1:
        return MISSING
    wanted = tokens[0].lower()
    return next((value for name, value in headers.items() if name.lower() == wanted), MISSING)


def _value_at(value: Any, tokens: tuple[str, ...]) -> Any:
    for token in tokens:
        if isinstance(value, dict) and token in value:
            value = value[token]
        elif isinstance(value, list) and (index := _index(token, value)) is not None:
            value = value[index]
        else:
            return MISSING
    return value


def _index(token: str, items: list[Any]) -> int | None:
    """Read an array index (RFC 6901, 4): decimal digits without a leading zero, within the array."""
    if not INDEX.fullmatch(token) or len(token) > len(str(len(items))):
        return None
    return int(token) if int(token) < len(items) else None


def with_value(payload: Any, tokens: tuple[str, ...], value: Any) -> Any:
    """Copy the payload with one place changed; objects on the way are made, anything else stays untouched."""
    if not tokens:
        return value
    if isinstance(payload, dict):
        inner = payload.get(tokens[0], {} if len(tokens) > 1 else None)
        return {**payload, tokens[0]: with_value(inner, tokens[1:], value)}
    if isinstance(payload, list) and (index := _index(tokens[0], payload)) is not None:
        return [*payload[:index], with_value(payload[index], tokens[1:], value), *payload[index + 1 :]]
    return payload
