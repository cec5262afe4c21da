"""Patterns are read, matched and made as ECMA-262 has them."""

from random import Random

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockws.schema.pattern import Pattern, PatternSyntax

PATTERNS = [
    r"^[A-Z]{3}-\d{4}$",
    r"^\p{Lu}\p{L}*$",
    r"(foo|ba[rz])+x?",
    r"^#([0-9a-fA-F]{6}|[0-9a-f]{3})$",
    r"^(\w)\1$",
    r"^[^\s@]+@[^\s@]+\.[a-z]{2,}$",
    r"^\u00e9\x41[\u0400-\u04ff]+$",
    r"^[\w.-]+$",
    r"^\d{3,5}(?:-\d+)?$",
    r"^[0-9A-HJKMNP-TV-Z]{26}$",
    r"\bword\b",
    r"^[^\]x]$",
    r"^.{3,}?\S\D\W$",
]


@pytest.mark.parametrize("pattern", PATTERNS)
def test_what_is_made_matches_by_every_engine(pattern: str) -> None:
    ours, theirs = Pattern(pattern), jsonschema_rs.Draft7Validator({"pattern": pattern})
    random = Random(1)

    for extra in (0, 3, 9):
        for mixed in (False, True):
            text = ours.sample(random, extra=extra, mixed=mixed)
            assert ours.search(text)
            assert theirs.is_valid(text), text


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from([*PATTERNS[:10], r"^(?!b)\w+$", r"(?<=a)b", r"^(a+)+$", r"\B-"]),
    st.text("abAB01-#@. ", max_size=8),
)
def test_a_search_agrees_with_the_native_engine(pattern: str, text: str) -> None:
    assert Pattern(pattern).search(text) is jsonschema_rs.Draft7Validator({"pattern": pattern}).is_valid(text)


@pytest.mark.parametrize("pattern", ["(", "a)", "[a", "*a", "a**", "(?i)a", "[z-a]", "\\u{zz}", "(?<a", "^*", "\\"])
def test_what_is_no_pattern_is_refused(pattern: str) -> None:
    with pytest.raises(PatternSyntax):
        Pattern(pattern)


def test_a_greedy_sample_has_the_length_that_is_asked_for() -> None:
    assert len(Pattern("^[a-z]+$").sample(Random(1), extra=49, greedy=True)) == 50


def test_groups_have_names_and_braces_may_stand_for_themselves() -> None:
    assert Pattern(r"^(?<year>\d{2})-\k<year>$").search("20-20")
    assert not Pattern(r"^(?<year>\d{2})-\k<year>$").search("20-21")
    assert Pattern("^a{,2}$").search("a{,2}")
