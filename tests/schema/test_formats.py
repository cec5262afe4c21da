"""Texts by format and by name are valid, natural, and the same in every year."""

from datetime import datetime

import jsonschema_rs
import pytest

from mockws.schema.formats import FORMATS, Source
from mockws.schema.names import TEXTS, Span, number_span, singular, split, text_maker

YEARS = ("2025", "2026")


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_is_valid(name: str) -> None:
    validator = jsonschema_rs.Draft202012Validator({"format": name}, validate_formats=True)

    for seed in range(50):
        text = FORMATS[name](Source(str(seed)))
        assert validator.is_valid(text), text


@pytest.mark.parametrize("name", ["date", "date-time"])
def test_dates_are_counted_from_a_fixed_day(name: str) -> None:
    texts = [FORMATS[name](Source(str(seed))) for seed in range(100)]

    assert all(text.startswith(YEARS) for text in texts)
    assert all(datetime.fromisoformat(text) for text in texts)


def test_every_name_has_a_text() -> None:
    for name in TEXTS:
        maker = text_maker(name.replace(" ", "_"), "")
        assert maker is not None
        assert maker(Source("a")) == maker(Source("a"))


@pytest.mark.parametrize("name", ["createdAt", "created_at", "CREATED-AT", "created at"])
def test_a_name_is_taken_apart(name: str) -> None:
    assert split(name) == ("created", "at")


@pytest.mark.parametrize(
    ("many", "one"),
    [("users", "user"), ("categories", "category"), ("addresses", "address"), ("status", "status"), ("is", "is")],
)
def test_one_of_many_is_named(many: str, one: str) -> None:
    assert singular(many) == one


def test_a_name_means_a_person_within_a_person() -> None:
    assert text_maker("name", "customer") is not text_maker("name", "product")


def test_numbers_are_plausible_by_name() -> None:
    assert number_span("unitPrice")[0].decimals == 2
    assert number_span("createdAt")[0].counted_from(1_700_000_000, (-60, 0)) == Span(
        1_699_999_940_000, 1_700_000_000_000
    )
    assert number_span("nothingKnown") == ()
