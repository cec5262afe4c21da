"""Durations and sizes as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockws.units import bytes_of, seconds_of


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("250ms", 0.25),
        ("1.5s", 1.5),
        ("2m", 120.0),
        ("1h", 3600.0),
        (" 3 S ", 3.0),
        (500, 0.5),
        ("0", 0.0),
        ("-1s", None),
        ("1d", None),
        ("", None),
        (None, None),
        (True, None),
        (float("nan"), None),
        ("9" * 400, None),
        ("1_000", None),
    ],
)
def test_duration_is_read_in_seconds(text: object, seconds: float | None) -> None:
    assert seconds_of(text) == (None if seconds is None else pytest.approx(seconds))


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("64KiB", 65536),
        ("1.5kb", 1500),
        ("1MB", 1_000_000),
        ("1 mib", 1 << 20),
        ("1GiB", 1 << 30),
        (12, 12),
        ("-1", None),
        ("1TB", None),
        (None, None),
        (False, None),
        ("9" * 400, None),
    ],
)
def test_size_is_read_in_bytes(text: object, size: int | None) -> None:
    assert bytes_of(text) == size


@given(st.text(max_size=8))
def test_any_text_is_a_quantity_or_none(text: str) -> None:
    assert (seconds_of(text) or 0) >= 0
    assert (bytes_of(text) or 0) >= 0
