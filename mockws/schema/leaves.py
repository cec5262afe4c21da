"""Numbers and texts that fit their own demands and look natural.

One leaf at a time: the walk over objects and arrays is in `walk.py`.
"""

import math
from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import cache
from typing import Any

from mockws.errors import BrokenSchema
from mockws.schema.demand import MISSING, NUMBERS, Demand
from mockws.schema.formats import ANCHORED, ENCODED, FORMATS, MEDIA, Source, words
from mockws.schema.keywords import Draft
from mockws.schema.names import Span, number_span, spoken_of, text_maker, window_of
from mockws.schema.pattern import Pattern, PatternSyntax
from mockws.schema.validate import compile_schema

MAX_TEXT = 65_536
BOUNDS_OF_FORMAT = {
    "int32": (-(2**31), 2**31 - 1),
    "int64": (-(2**63), 2**63 - 1),
    "uint32": (0, 2**32 - 1),
    "uint64": (0, 2**64 - 1),
}
PATTERN_EXTRAS = (4, 8, 2, 16, 0, 6, 12, 24)
Fits = Callable[[Any], bool]


class DeadEnd(Exception):
    """No value can be made this way; a signal between the makers of values, never seen outside."""


def fits_of(demand: Demand, draft: Draft) -> Fits:
    """Compile what a demand asks of a single value, so that hints and guesses can be tried."""
    if demand.fits is None:
        try:
            demand.fits = compile_schema(leaf_schema(demand), draft if draft is not Draft.D4 else Draft.D7).accepts
        except BrokenSchema:
            demand.fits = lambda _: False
    return demand.fits


def leaf_schema(demand: Demand) -> dict[str, Any]:
    said = {
        "minimum": demand.minimum,
        "maximum": demand.maximum,
        "exclusiveMinimum": demand.exclusive_minimum,
        "exclusiveMaximum": demand.exclusive_maximum,
        "minLength": demand.min_length,
        "maxLength": demand.max_length,
        "type": None if demand.types is None else sorted(demand.types) or ["null"],
        "enum": None if demand.options is None else list(demand.options),
        "contentEncoding": demand.encoding or None,
        "contentMediaType": demand.media_type or None,
    }
    lists = (("pattern", demand.patterns), ("format", demand.formats), ("multipleOf", demand.multiples))
    parts = [{keyword: one} for keyword, many in lists for one in many]
    return {keyword: held for keyword, held in said.items() if held is not None} | ({"allOf": parts} if parts else {})


def make_text(demand: Demand, fits: Fits, source: Source, *, name: str, within: str) -> str:
    """Make a text: the first proposal that fits."""
    if (demand.min_length or 0) > MAX_TEXT:
        raise DeadEnd(f"a text of {demand.min_length} characters is too long to make")
    source.window = window_of(name)
    for text in proposals(demand, source, name, within):
        if isinstance(text, str) and fits(text):
            return text
        if isinstance(text, str) and not demand.patterns and fits(resized := resize(text, demand, source)):
            return resized
    raise DeadEnd(f"no text was found for {asked_for(demand)}")


def asked_for(demand: Demand) -> str:
    asked = [f"pattern {one}" for one in demand.patterns] + [f"format {one}" for one in demand.formats]
    return ", ".join(asked) or f"{demand.min_length or 0} to {demand.max_length} characters"


def proposals(demand: Demand, source: Source, name: str, within: str) -> Iterator[Any]:
    """Propose texts, the most telling first."""
    if demand.faker:
        yield from from_provider(demand.faker, source)
    for format_ in demand.formats:
        if format_ in FORMATS:
            yield FORMATS[format_](source)
    if demand.encoding in ENCODED:
        text = MEDIA[demand.media_type](source) if demand.media_type in MEDIA else words(source, 3)
        yield ENCODED[demand.encoding](text)
    if demand.media_type in MEDIA:
        yield MEDIA[demand.media_type](source)
    maker = text_maker(name, within) or text_maker(demand.title, within) or spoken_of(demand.description)
    if maker is not None:
        yield maker(source)
    for pattern in demand.patterns:
        yield from from_pattern(pattern, demand, source)
    yield words(source, 1 if (demand.max_length or 99) < 16 else source.random.randint(1, 3))
    for format_ in demand.formats:
        yield from (FORMATS[format_](source) for _ in range(10) if format_ in FORMATS)
    yield from ("a", "")


def from_provider(provider: str, source: Source) -> Iterator[Any]:
    """Ask faker for what `x-faker` names; json-schema-faker's `name.firstName` is read as `first_name`."""
    name = provider.rpartition(".")[2]
    spelled = "".join(f"_{one.lower()}" if one.isupper() else one for one in name)
    if spelled in ANCHORED:
        yield ANCHORED[spelled](source)
        return
    try:
        yield source.fake(spelled)
    except (AttributeError, TypeError, ValueError):
        return


def resize(text: str, demand: Demand, source: Source) -> str:
    """Bring a text to the length that is asked for."""
    least, most = demand.min_length or 0, demand.max_length
    while len(text) < least:
        text = f"{text} {words(source, 1 + (least - len(text)) // 8)}"
    if most is not None and len(text) > most:
        whole = text[: most + 1].rpartition(" ")[0]  # cut between words if that leaves enough
        text = whole if whole and len(whole) >= least else text[:most]
    return text


@cache
def pattern_of(text: str) -> Pattern:
    return Pattern(text)


def from_pattern(text: str, demand: Demand, source: Source) -> Iterator[str]:
    """Propose texts that a pattern matches, of the length that is asked for, plain ones first."""
    try:
        pattern = pattern_of(text)
        least = max(0, (demand.min_length or 0) - pattern.least)
        most = (demand.max_length if demand.max_length is not None else pattern.least + least + 24) - pattern.least
        for attempt in range(64):
            extra = min(max(PATTERN_EXTRAS[attempt % 8], least), max(most, 0))
            greedy = least > 0 and attempt % 2 == 0
            made = pattern.sample(source.random, extra=extra, greedy=greedy, mixed=attempt >= 16)
            yield made
            if len(made) < (demand.min_length or 0):
                yield resize(made, demand, source)  # the pattern may be open at its end
                yield resize("", demand, source) + made
    except PatternSyntax:
        return


def make_number(demand: Demand, fits: Fits, source: Source, *, name: str, integer: bool) -> int | float:
    """Make a number: plausible for the name if the bounds allow it."""
    integer = integer or bool(demand.formats and demand.formats[0] in BOUNDS_OF_FORMAT)
    if demand.faker:
        for number in from_provider(demand.faker, source):
            if not isinstance(number, (str, bool)) and isinstance(number, (int, float)) and fits(number):
                return number
    now, window = source.now.timestamp(), window_of(name)
    for span in (*(one.counted_from(now, window) for one in number_span(name)), None):
        low, high = bounds(demand, span, name)
        if low > high:
            continue
        for number in numbers_between(low, high, demand, source, integer=integer, span=span):
            if fits(number):
                return number
    raise DeadEnd("no number was found between its bounds")


def bounds(demand: Demand, span: Span | None, name: str) -> tuple[Any, Any]:
    """Tell the range to draw from: the schema's, narrowed to what is plausible, and small where nothing is said."""
    lows = [one for one in (demand.minimum, demand.exclusive_minimum) if one is not None]
    highs = [one for one in (demand.maximum, demand.exclusive_maximum) if one is not None]
    for format_ in demand.formats:
        if format_ in BOUNDS_OF_FORMAT:
            lows.append(BOUNDS_OF_FORMAT[format_][0])
            highs.append(BOUNDS_OF_FORMAT[format_][1])
    if span is not None:
        return max([*lows, span.low]), min([*highs, span.high])
    scale = max([1000, *(abs(one) * 20 for one in demand.multiples)])
    if lows and highs and max(lows) < 0 < scale < min(highs):
        return 0, scale
    low = max(lows) if lows else min(0, min(highs) - scale if highs else 0)
    high = min(highs) if highs else max(low, 0) + scale
    return low, min(high, low + 10 * scale) if lows and not name.startswith("-") else high


def numbers_between(
    low: Any, high: Any, demand: Demand, source: Source, *, integer: bool, span: Span | None
) -> Iterator[int | float]:
    if demand.multiples:
        yield from multiples_between(low, high, demand.multiples, source, integer=integer)
    elif integer:
        yield from integers_between(low, high, source)
    else:
        yield from decimals_between(low, high, source, span.decimals if span else 2)
        yield from integers_between(low, high, source)


def integers_between(low: Any, high: Any, source: Source) -> Iterator[int]:
    first, last = math.ceil(low), math.floor(high)
    if first <= last:
        yield from (source.random.randint(first, last) for _ in range(4))
        yield from (first, last, min(first + 1, last), max(last - 1, first))


def decimals_between(low: Any, high: Any, source: Source, decimals: int) -> Iterator[int | float]:
    low, high = float(low), float(high)
    for digits in (decimals, decimals + 2, 12):
        for _ in range(3):
            number = round(source.random.uniform(low, high), digits)
            yield int(number) if decimals == 0 and number.is_integer() else number
    yield from ((low + high) / 2, low, high, math.nextafter(low, high), math.nextafter(high, low))


def multiples_between(
    low: Any, high: Any, multiples: tuple[Any, ...], source: Source, *, integer: bool
) -> Iterator[int | float]:
    """Draw a common multiple; in fractions, since 0.1 is none in binary."""
    step = Fraction(1) if integer else Fraction(str(multiples[0]))
    for one in multiples:
        step = common_multiple(step, Fraction(str(one)))
    first, last = math.ceil(Fraction(str(low)) / step), math.floor(Fraction(str(high)) / step)
    if first > last:
        return
    for factor in (*(source.random.randint(first, last) for _ in range(6)), first, last, min(max(0, first), last)):
        number = step * factor
        yield int(number) if number.denominator == 1 else float(number)


def common_multiple(left: Fraction, right: Fraction) -> Fraction:
    return Fraction(math.lcm(left.numerator, right.numerator), math.gcd(left.denominator, right.denominator))


def kind_of(value: Any) -> str:
    """Tell the JSON type of a value."""
    return KINDS.get(type(value), "null")


KINDS = {bool: "boolean", int: "integer", float: "number", str: "string", dict: "object", list: "array"}


def is_of(value: Any, types: frozenset[str] | None) -> bool:
    kind = kind_of(value)
    return types is None or kind in types or (kind in NUMBERS and "number" in types)


def usable(hint: Any, demand: Demand, draft: Draft) -> bool:
    """Tell whether a leaf that is at hand may stay."""
    return hint is not MISSING and not isinstance(hint, (dict, list)) and fits_of(demand, draft)(hint)
