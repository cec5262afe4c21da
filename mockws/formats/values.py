"""What a binary format says, in JSON's words, and within JSON's limits.

Bytes are base64, times are RFC 3339, keys are texts. What JSON cannot say at all (NaN) is no value.
"""

import base64
import math
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from fractions import Fraction
from typing import Any

import msgspec

from mockws.codec import MAX_DEPTH, MAX_DIGITS, MAX_NODES, Undecodable
from mockws.errors import MockwsError

MOST_BITS = int(MAX_DIGITS * math.log2(10))


class NotJson(MockwsError):
    """A value that JSON cannot say, or not within its limits."""

    def __init__(self, problem: Undecodable) -> None:
        super().__init__(problem.message)
        self.problem = problem


class Counted:
    """How much of one message has been seen."""

    def __init__(self) -> None:
        self.nodes = 0

    def enter(self, depth: int, nodes: int = 1) -> None:
        """Count values at a depth; raises NotJson beyond a limit."""
        self.nodes += nodes
        if depth > MAX_DEPTH:
            raise NotJson(Undecodable("too_deep", f"nested more than {MAX_DEPTH} levels deep"))
        if self.nodes > MAX_NODES:
            raise NotJson(Undecodable("too_many_nodes", f"over {MAX_NODES:,} values in one message"))


def in_json(value: Any, unknown: Callable[[Any], Any] = str) -> Any:
    """Say a decoded value in JSON's types; Undecodable where that cannot be.

    `unknown` says what only a library knows.
    """
    try:
        return _said(value, 0, Counted(), unknown)
    except NotJson as refusal:
        return refusal.problem


def bounded(value: Any) -> Any:
    """Give a value of the mock's own in JSON's types; raises ValueError where that cannot be."""
    said = in_json(value)
    if isinstance(said, Undecodable):
        raise ValueError(said.message)
    return said


def _said(value: Any, depth: int, counted: Counted, unknown: Callable[[Any], Any] = str) -> Any:
    counted.enter(depth)
    match value:
        case str() | None | bool():
            return value
        case int():
            return _number(value)
        case float():
            return finite(value)
        case Mapping():  # a dict, or one that a library has frozen
            return {_key(key): _said(inner, depth + 1, counted, unknown) for key, inner in value.items()}
        case list() | tuple() | set() | frozenset():
            return [_said(inner, depth + 1, counted, unknown) for inner in value]
    return _scalar(value, unknown)


def _number(value: int) -> int:
    if value.bit_length() > MOST_BITS:
        raise NotJson(Undecodable("number_too_large", "a number is too large"))
    return value


def finite(value: float) -> float:
    """Give a number that JSON can write; raises NotJson."""
    if not math.isfinite(value):
        raise NotJson(Undecodable("not_a_number", f"{value} is no number that JSON has"))
    return value


def _key(key: Any) -> str:
    """Write a key as text; one that is a list or an object is none that JSON has."""
    match key:
        case str():
            return key
        case bool() | None:
            return {True: "true", False: "false", None: "null"}[key]
        case int() | float() | bytes() | date() | Decimal():
            return str(_said(key, 0, Counted()))
    raise NotJson(Undecodable("key", "a key is neither text nor number"))


def _scalar(value: Any, unknown: Callable[[Any], Any]) -> Any:
    match value:
        case bytes() | bytearray() | memoryview():
            return base64.b64encode(value).decode()
        case datetime() | date() | time():
            return written_time(value)
        case Decimal() | Fraction():
            return _of_ratio(value)
        case msgspec.msgpack.Ext():
            return base64.b64encode(value.data).decode()
    return unknown(value)


def _of_ratio(value: Decimal | Fraction) -> float | int:
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    finite(number)
    return int(number) if number.is_integer() and abs(number) < 1 << 53 else number


def written_time(value: date | time) -> str:
    """Write a time as RFC 3339 has it."""
    text = value.isoformat()
    utc = isinstance(value, datetime) and value.tzinfo is UTC
    return text.replace("+00:00", "Z") if utc else text
