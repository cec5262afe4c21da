"""Durations, sizes and moments as people write them: `250ms`, `1.5s`, `2m`; `64KiB`, `1MB`; RFC 3339.

A bare number is milliseconds for a duration and bytes for a size. Seconds and bytes come out.
"""

import math
import re
from datetime import UTC, datetime
from typing import TypeAlias

Span: TypeAlias = float | str  # seconds, or a duration with its unit

DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|m|h)?", re.IGNORECASE)
SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*(b|kb|kib|mb|mib|gb|gib)?", re.IGNORECASE)
SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
BYTES = {"b": 1, "kb": 1000, "kib": 1024, "mb": 1000**2, "mib": 1024**2, "gb": 1000**3, "gib": 1024**3}


def seconds_of(text: object) -> float | None:
    """Read a duration; None where it is none."""
    if isinstance(text, bool) or text is None:
        return None
    found = DURATION.fullmatch(str(text).strip())
    seconds = float(found[1]) * SECONDS[(found[2] or "ms").lower()] if found else math.inf
    return seconds if math.isfinite(seconds) else None


def bytes_of(text: object) -> int | None:
    """Read a size; None where it is none."""
    if isinstance(text, bool) or text is None:
        return None
    found = SIZE.fullmatch(str(text).strip())
    size = float(found[1]) * BYTES[(found[2] or "b").lower()] if found else math.inf
    return int(size) if math.isfinite(size) else None


def duration(span: Span) -> str:
    """Write a duration for the admin API: a number is of seconds, a text is a duration already."""
    if isinstance(span, str):
        return span
    return f"{span * 1000:.3f}".rstrip("0").rstrip(".") + "ms"


def stamp(seconds: float) -> str:
    """Write a time, in seconds since 1970, as RFC 3339 has it."""
    moment = datetime.fromtimestamp(int(seconds), UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{int(seconds % 1 * 1000):03d}Z"
