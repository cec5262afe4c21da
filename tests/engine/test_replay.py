"""What a client has missed: by a value, by a number of the journal, by time."""

import pytest

from mockws.engine.actions import Entry
from mockws.engine.journal import Recorded
from mockws.engine.replay import after
from mockws.errors import TemplateFailed
from mockws.expect.path import Path


def said(*texts: str) -> list[Recorded]:
    """Entries a second apart, numbered from 1."""
    return [
        Recorded(number, Entry(float(number), "message", "a", "news", "/news", "out", frame=text))
        for number, text in enumerate(texts, 1)
    ]


ITEMS = said('{"id":"x"}', '{"id":"y"}', '{"id":"z"}', "no json")


def left(since: object, by: str | None = None) -> list[int]:
    return [each.seq for each in after(ITEMS, since, Path(by, "") if by else None)]


@pytest.mark.parametrize(
    ("since", "by", "expected"),
    [
        (None, None, [1, 2, 3, 4]),
        ("", None, [1, 2, 3, 4]),
        (2, None, [3, 4]),
        (99, None, []),
        ("2026-01-01T00:00:02.000Z", None, [3, 4]),
        ("2026-01-01T01:00:02+01:00", None, [3, 4]),
        ("y", "$.id", [3, 4]),
        ("z", "$.id", [4]),
        ("gone long ago", "$.id", [1, 2, 3, 4]),
    ],
)
def test_what_comes_after_is_left(since: object, by: str | None, expected: list[int]) -> None:
    assert left(since, by) == expected


@pytest.mark.parametrize("since", ["yesterday", True, {}, 1.5])
def test_a_since_that_makes_no_sense_is_told(since: object) -> None:
    with pytest.raises(TemplateFailed, match="neither a number of the journal nor a date-time"):
        left(since)
