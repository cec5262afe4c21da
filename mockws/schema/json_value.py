"""Any decoded value as JSON would carry it.

MessagePack and CBOR bring bytes, dates and numbers as keys; here they are said in JSON's words.
"""

import base64
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

MAX_DEPTH = 200
MAX_BITS = 14_000  # Python writes no integer of more than 4,300 digits


def as_json(value: Any, depth: int = 0) -> Any:
    """Write a value in JSON's types; raises ValueError where that cannot be."""
    if depth > MAX_DEPTH:
        raise ValueError("is nested too deep")
    match value:
        case None | bool() | float():
            return value
        case str():
            value.encode()  # a lone surrogate is no text, and cannot be sent
            return value
        case int():
            if value.bit_length() > MAX_BITS:
                raise ValueError("an integer of too many digits")
            return value
        case dict():
            return {key_of(key): as_json(one, depth + 1) for key, one in value.items()}
        case list() | tuple() | set() | frozenset():
            return [as_json(one, depth + 1) for one in value]
    return scalar(value)


def key_of(key: Any) -> str:
    return str(as_json(key))


def scalar(value: Any) -> Any:
    match value:
        case bytes() | bytearray() | memoryview():
            return text_of(bytes(value))
        case datetime() | date() | time():
            return value.isoformat()
        case Decimal():
            return float(value)
    return str(value)


def text_of(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return base64.b64encode(raw).decode()
