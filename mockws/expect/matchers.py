"""Matchers: compiled once, when an expectation is added; they say not only whether a value fits, but how it does not.

A body is a `Subject`: the frame, and its JSON where it has one. Everything else that is matched is a text.
"""

import base64
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec
from msgspec import UNSET

from mockws.codec import Frame, Packed, Undecodable, decode_json, encode_json
from mockws.errors import BadExpectation, BrokenSchema
from mockws.expect.likeness import Difference, Looseness, json_differences, same, shortened
from mockws.expect.model import JsonPathMatching, Matching
from mockws.expect.path import Path, TooLong
from mockws.expression import MISSING
from mockws.schema.schema import Draft, Schema
from mockws.source.pointer import join, resolve

__all__ = ["NOTHING", "Difference", "Matcher", "Subject", "compile_matching"]


@dataclass(frozen=True, slots=True)
class Subject:
    """What a matcher looks at: a frame or text, and the JSON that it is."""

    frame: Frame | None = None
    value: Any = MISSING

    @classmethod
    def of_frame(cls, frame: Frame) -> "Subject":
        if isinstance(frame, bytes):
            return cls(frame, frame.value if isinstance(frame, Packed) else MISSING)
        value = decode_json(frame)
        return cls(frame, MISSING if isinstance(value, Undecodable) else value)

    @classmethod
    def of_value(cls, value: Any) -> "Subject":
        """Make the subject of a decoded value: what a JSONPath finds."""
        return cls(value if isinstance(value, str) else encode_json(value), value)

    @classmethod
    def of_text(cls, text: str) -> "Subject":
        """Make the subject of a header, parameter or cookie: its JSON, if it is any, counts as well."""
        return cls.of_frame(text)

    @property
    def text(self) -> str | None:
        return self.frame if isinstance(self.frame, str) else None

    @property
    def shown(self) -> str:
        """Give the value as a person would want to see it."""
        if self.frame is None:
            return "nothing"
        if isinstance(self.frame, Packed):
            return shortened(encode_json(self.frame.value))
        return shortened(self.frame if isinstance(self.frame, str) else f"binary {self.frame.hex()}")


NOTHING = Subject()
Check = Callable[[Subject, str], Iterable[Difference]]


@dataclass(frozen=True, slots=True)
class Matcher:
    """All checks of one `Matching`; none means that anything fits."""

    checks: tuple[Check, ...]

    def differences(self, subject: Subject, pointer: str = "") -> list[Difference]:
        """Say in which ways a value is not as it was to be; empty where it fits."""
        return [difference for check in self.checks for difference in check(subject, pointer)]

    def fits(self, subject: Subject) -> bool:
        return not any(True for check in self.checks for _ in check(subject, ""))


def compile_matching(matching: Matching, pointer: str) -> Matcher:
    """Compile a matching; raises BadExpectation with the pointer of what cannot be compiled."""
    checks = [
        COMPILERS[name](getattr(matching, name), matching, join(pointer, wire)) for name, wire in _given(matching)
    ]
    return Matcher(tuple(checks))


def _given(matching: Matching) -> list[tuple[str, str]]:
    return [(name, wire) for name, wire in NAMES.items() if getattr(matching, name) is not UNSET]


def _one(expected: str, subject: Subject, pointer: str, *, fits: bool) -> tuple[Difference, ...]:
    return () if fits else (Difference(pointer, expected, subject.shown),)


def _equal_to(wanted: str | float | bool, matching: Matching, _: str) -> Check:
    if not isinstance(wanted, str):
        return lambda subject, pointer: _one(
            f"equal to {encode_json(wanted)}", subject, pointer, fits=same(wanted, subject.value)
        )
    blind = matching.case_insensitive
    folded = wanted.lower() if blind else wanted

    def check(subject: Subject, pointer: str) -> Iterable[Difference]:
        own = subject.text
        fits = own is not None and (own.lower() if blind else own) == folded
        return _one(f"equal to {wanted}", subject, pointer, fits=fits)

    return check


def _containing(wanted: str, matching: Matching, _: str) -> Check:
    piece = wanted.lower() if matching.case_insensitive else wanted

    def check(subject: Subject, pointer: str) -> Iterable[Difference]:
        text = subject.text
        fits = text is not None and piece in (text.lower() if matching.case_insensitive else text)
        return _one(f"containing {wanted}", subject, pointer, fits=fits)

    return check


def _not_containing(wanted: str, matching: Matching, place: str) -> Check:
    return _inverted(_containing(wanted, matching, place), f"not containing {wanted}")


def _inverted(check: Check, expected: str) -> Check:
    def inverse(subject: Subject, pointer: str) -> Iterable[Difference]:
        return _one(expected, subject, pointer, fits=any(True for _ in check(subject, pointer)))

    return inverse


def _matching(pattern: str, _: Matching, place: str) -> Check:
    """Patterns are ECMA 262's, found anywhere in the text, and cannot be made to explode: a schema runs them."""
    try:
        schema = Schema({"type": "string", "pattern": pattern})
    except BrokenSchema as problem:
        raise BadExpectation(
            "regex_syntax", f"{pattern!r} is no regular expression: {problem.message}", place
        ) from None

    def check(subject: Subject, pointer: str) -> Iterable[Difference]:
        fits = subject.text is not None and schema.accepts(subject.text)
        return _one(f"matching {pattern}", subject, pointer, fits=fits)

    return check


def _not_matching(pattern: str, matching: Matching, place: str) -> Check:
    return _inverted(_matching(pattern, matching, place), f"not matching {pattern}")


def _equal_to_json(wanted: Any, matching: Matching, place: str) -> Check:
    text = _written(wanted, place)
    loose = Looseness(matching.ignore_array_order, matching.ignore_extra_elements)

    def check(subject: Subject, pointer: str) -> Iterable[Difference]:
        if subject.value is MISSING:
            return _one(f"JSON equal to {text}", subject, pointer, fits=False)
        return json_differences(wanted, subject.value, loose, pointer)

    return check


def _written(wanted: Any, place: str) -> str:
    try:
        return shortened(encode_json(wanted))
    except (TypeError, ValueError, OverflowError, RecursionError) as problem:
        raise BadExpectation("json_value", f"it is no JSON value: {problem}", place) from None


def _json_path(wanted: "str | JsonPathMatching", _: Matching, place: str) -> Check:
    """A path alone asks whether it finds anything; with a matcher, whether one of the values found fits it."""
    if isinstance(wanted, str):
        path, inner, absent = Path(wanted, place), Matcher(()), False
    else:
        path, inner = Path(wanted.expression, join(place, "expression")), compile_matching(wanted, place)
        absent = wanted.absent is True

    def check(subject: Subject, pointer: str) -> Iterable[Difference]:
        try:
            found = path.found(subject.value) if subject.value is not MISSING else ()
        except TooLong:
            return (Difference(pointer, f"less to look through for {path.expression}", subject.shown),)
        if absent or not found:
            words = f"{'nothing' if absent else 'something'} at {path.expression}"
            actual = Subject.of_value(found[0][1]).shown if found else "nothing"
            return () if absent and not found else (Difference(pointer, words, actual),)
        return _nearest(inner.differences(Subject.of_value(value), join(pointer, *at)) for at, value in found)

    return check


def _nearest(judged: Iterable[list[Difference]]) -> list[Difference]:
    """Give the shortest list of differences; the first that is empty is taken without a look at the rest."""
    best: list[Difference] | None = None
    for each in judged:
        if not each:
            return each
        best = each if best is None or len(each) < len(best) else best
    return best or []


def _json_schema(wanted: dict[str, Any] | bool, _: Matching, place: str) -> Check:
    try:
        schema = Schema(wanted, draft=Draft.of(wanted, Draft.D7))
    except BrokenSchema as problem:
        raise BadExpectation(problem.code, problem.message, place + problem.pointer) from None

    def check(subject: Subject, pointer: str) -> Iterable[Difference]:
        if subject.value is MISSING:
            return _one("JSON that fits the schema", subject, pointer, fits=False)
        broken = schema.violations(subject.value)
        return [Difference(pointer + each.pointer, each.message, _at(subject.value, each.pointer)) for each in broken]

    return check


def _at(value: Any, pointer: str) -> str:
    try:
        return Subject.of_value(resolve(value, pointer)).shown
    except LookupError:
        return "nothing"


def _binary(wanted: str, _: Matching, place: str) -> Check:
    try:
        data = base64.b64decode(wanted, validate=True)
    except ValueError:  # binascii.Error is one, and what is not ASCII another
        raise BadExpectation("base64_syntax", "it is not base64", place) from None
    return lambda subject, pointer: _one(f"binary {data.hex()}", subject, pointer, fits=subject.frame == data)


def _absence(wanted: bool, _: Matching, __: str) -> Check:
    expected = "nothing" if wanted else "something"
    return lambda subject, pointer: _one(expected, subject, pointer, fits=(subject.frame is None) is wanted)


def _number(compare: Callable[[float, float], bool], words: str) -> Callable[[float, Matching, str], Check]:
    def compiled(wanted: float, _: Matching, __: str) -> Check:
        def check(subject: Subject, pointer: str) -> Iterable[Difference]:
            own = _as_number(subject)
            fits = own is not None and compare(own, wanted)
            return _one(f"a number {words} {encode_json(wanted)}", subject, pointer, fits=fits)

        return check

    return compiled


def _as_number(subject: Subject) -> float | None:
    value = subject.value if isinstance(subject.value, int | float) else decode_json(subject.text or "")
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _moment(compare: Callable[[datetime, datetime], bool], words: str) -> Callable[[str, Matching, str], Check]:
    def compiled(wanted: str, _: Matching, place: str) -> Check:
        bound = _as_moment(wanted)
        if bound is None:
            raise BadExpectation("date_syntax", f"{wanted!r} is no date-time (RFC 3339)", place)

        def check(subject: Subject, pointer: str) -> Iterable[Difference]:
            own = _as_moment(subject.value if isinstance(subject.value, str) else subject.text or "")
            return _one(f"a date-time {words} {wanted}", subject, pointer, fits=own is not None and compare(own, bound))

        return check

    return compiled


def _as_moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _all_of(wanted: Sequence[Matching], _: Matching, place: str) -> Check:
    matchers = _several(wanted, place)
    return lambda subject, pointer: [found for each in matchers for found in each.differences(subject, pointer)]


def _any_of(wanted: Sequence[Matching], _: Matching, place: str) -> Check:
    matchers = _several(wanted, place)
    return lambda subject, pointer: _nearest(each.differences(subject, pointer) for each in matchers)


def _several(wanted: Sequence[Matching], place: str) -> list[Matcher]:
    if not wanted:
        raise BadExpectation("empty", "there is no matcher in it", place)
    return [compile_matching(each, join(place, index)) for index, each in enumerate(wanted)]


def _negated(wanted: Matching, _: Matching, place: str) -> Check:
    matcher = compile_matching(wanted, place)
    return lambda subject, pointer: _one("something else", subject, pointer, fits=not matcher.fits(subject))


# field of Matching -> what makes a check of it
COMPILERS: Mapping[str, Callable[[Any, Matching, str], Check]] = {
    "equal_to": _equal_to,
    "contains": _containing,
    "does_not_contain": _not_containing,
    "matches": _matching,
    "does_not_match": _not_matching,
    "equal_to_json": _equal_to_json,
    "matches_json_path": _json_path,
    "matches_json_schema": _json_schema,
    "binary_equal_to": _binary,
    "absent": _absence,
    "greater_than_number": _number(lambda own, bound: own > bound, "greater than"),
    "less_than_number": _number(lambda own, bound: own < bound, "less than"),
    "equal_to_number": _number(lambda own, bound: own == bound, "equal to"),
    "before": _moment(lambda own, bound: own < bound, "before"),
    "after": _moment(lambda own, bound: own > bound, "after"),
    "equal_to_date_time": _moment(lambda own, bound: own == bound, "equal to"),
    "and_": _all_of,
    "or_": _any_of,
    "not_": _negated,
}
NAMES = {field.name: field.encode_name for field in msgspec.structs.fields(Matching) if field.name in COMPILERS}
