"""Ways to break a demand: for each kind of fault the values that a person would get wrong.

Proposals only: whoever asks checks that a value is refused, and for what.
"""

from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from typing import Any

from mockws.schema.demand import Demand
from mockws.schema.formats import FORMATS, Source, word
from mockws.schema.leaves import from_pattern, is_of, kind_of

MAX_LENGTH = 100_000
MAX_COUNT = 2_000
EXTRA = "unexpectedProperty"
# Values of each type, to stand where another is wanted: what people mistake for one another comes first.
STRANGERS: Mapping[str, tuple[Any, ...]] = {
    "integer": (0.5, "many", None, True, [], {}),
    "number": ("much", None, True, [], {}),
    "string": (17, True, None, [], {}),
    "boolean": ("yes", 1, None, [], {}),
    "object": ("an object", [], None, 0, True),
    "array": ("a list", {}, None, 0, True),
    "null": ("null", 0, False, {}, []),
}
NEARLY: Mapping[str, tuple[str, ...]] = {
    "date": ("2025-02-30", "31.01.2025"),
    "date-time": ("2025-02-30T12:00:00Z", "yesterday"),
    "time": ("25:61:00", "noon"),
    "email": ("someone.example.com", "@"),
    "idn-email": ("someone.example.com", "@"),
    "uuid": ("1234-not-a-uuid",),
    "uri": ("not a uri", "://"),
    "iri": ("not an iri", "://"),
    "uri-reference": ("\\\\not a reference",),
    "iri-reference": ("\\\\not a reference",),
    "uri-template": ("/{unclosed", "{"),
    "hostname": ("-not_a_host-", "a..b"),
    "idn-hostname": ("-not a host-", "a..b"),
    "ipv4": ("256.0.0.1", "192.0.2"),
    "ipv6": ("2001:db8:::g",),
    "json-pointer": ("no-pointer", "~2"),
    "relative-json-pointer": ("no-pointer",),
    "regex": ("(unclosed", "["),
    "duration": ("1 hour", "PT"),
}

Wrong = tuple[tuple[str | int, ...], Any]
"""Where the fault will be told, from the place on, and the value to put at the place."""


def by_type(demand: Demand, value: Any, source: Source) -> Iterator[Wrong]:
    strangers = list(STRANGERS[kind_of(value)])
    written = [str(value)] if isinstance(value, (int, float)) and not isinstance(value, bool) else []
    source.random.shuffle(strangers)
    for stranger in (*written, *strangers):
        if demand.types is None or not is_of(stranger, demand.types):
            yield (), deepcopy(stranger)
    if isinstance(value, list) and isinstance(demand.items, Mapping):
        whole = [*value, *([None] * (len(demand.prefix) - len(value)))]
        yield from (((len(whole),), [*whole, deepcopy(one)]) for one in strangers)


def by_nesting(_demand: Demand, value: Any, source: Source) -> Iterator[Wrong]:
    wrapped: list[Any] = [{"value": value}, [value]]
    yield from (((), one) for one in source.random.sample(wrapped, 2))


def by_required(_demand: Demand, value: Any, source: Source) -> Iterator[Wrong]:
    if isinstance(value, dict):
        for name in source.random.sample(list(value), len(value)):
            yield (name,), {other: one for other, one in value.items() if other != name}


def by_option(demand: Demand, value: Any, source: Source) -> Iterator[Wrong]:
    if demand.options is None:
        return
    if isinstance(value, str):
        yield from (((), one) for one in (f"{value}-{word(source)}", value.swapcase(), word(source)) if one != value)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        numbers = [one for one in demand.options if isinstance(one, (int, float))]
        yield (), max(numbers, default=value) + 1
    yield (), not value


def by_bound(demand: Demand, value: Any, _source: Source) -> Iterator[Wrong]:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return
    step = max([1, *demand.multiples])
    if demand.minimum is not None:
        yield from (((), one) for one in (demand.minimum - step, demand.minimum - 0.5))
    if demand.maximum is not None:
        yield from (((), one) for one in (demand.maximum + step, demand.maximum + 0.5))
    for edge in (demand.exclusive_minimum, demand.exclusive_maximum):
        if edge is not None:
            yield (), edge
    for multiple in demand.multiples:
        yield from (((), one) for one in (value + 1, value + multiple / 2))


def by_length(demand: Demand, value: Any, source: Source) -> Iterator[Wrong]:
    if not isinstance(value, str):
        return
    if demand.min_length:
        yield (), value[: demand.min_length - 1]
    if demand.max_length is not None and demand.max_length < MAX_LENGTH:
        longer = value
        while len(longer) <= demand.max_length:
            longer += (value or word(source))[: demand.max_length + 1]
        yield (), longer[: demand.max_length + 1]


def by_count(demand: Demand, value: Any, source: Source) -> Iterator[Wrong]:
    if isinstance(value, list):
        if demand.min_items or demand.contains:
            yield (), value[: max((demand.min_items or 0) - 1, 0)]
        if demand.max_items is not None and demand.max_items < MAX_COUNT:
            fillers = value or [None]
            yield (), [*value, *(fillers[-1] for _ in range(demand.max_items + 1 - len(value)))]
    if isinstance(value, dict):
        if demand.min_properties:
            yield (), dict(list(value.items())[: demand.min_properties - 1])
        if demand.max_properties is not None and demand.max_properties < MAX_COUNT:
            filler = next(iter(value.values()), None)
            more = {f"{word(source)}{index}": filler for index in range(demand.max_properties + 1)}
            yield (), {**value, **more}


def by_contents(demand: Demand, value: Any, source: Source) -> Iterator[Wrong]:
    """Break what is asked of an array's items together: that they differ, or contain something."""
    if not isinstance(value, list):
        return
    if demand.unique and value:
        yield (), [*value[:-1], value[0], value[0]][: max(len(value), 2)]
        yield (), [*value, value[-1]]
    if demand.contains:
        yield from (((), [one] * max(1, len(value))) for one in (None, 0, "none", word(source)))
    for schema, _, most in demand.contains:
        if most is not None and isinstance(schema, Mapping) and "const" in schema:
            yield (), [schema["const"]] * (int(most) + 1)


def by_format(demand: Demand, value: Any, source: Source) -> Iterator[Wrong]:
    if isinstance(value, str):
        for name in demand.formats:
            listed = NEARLY.get(name, ("not of this format",) if name in FORMATS else ())
            yield from (((), one) for one in (*source.random.sample(listed, len(listed)), "?", ""))


def by_pattern(demand: Demand, value: Any, source: Source) -> Iterator[Wrong]:
    if isinstance(value, str) and demand.patterns:
        length = len(value)
        yield (), ("?" * max(1, length))
        yield from (((), one) for one in (f"{value}?", f"?{value}", value.swapcase(), value[::-1], value[:-1]))
        yield from (((), one) for one in (word(source), "0", "", " ", "\u00a7"))


def by_extra(demand: Demand, value: Any, source: Source) -> Iterator[Wrong]:
    if not isinstance(value, dict):
        return
    patterned = (next(from_pattern(one, Demand(), source), "") for one in demand.pattern_properties)
    for name in (EXTRA, word(source), *patterned, "?", "", "\u00a7"):
        if name not in value and name not in demand.properties:
            yield (name,), {**value, name: word(source)}
    for name, schema in demand.properties.items():
        if schema is False:
            yield (name,), {**value, name: word(source)}


Proposals = Callable[[Demand, Any, Source], Iterator[Wrong]]
KINDS: Mapping[str, tuple[Proposals, frozenset[str]]] = {
    "type": (by_type, frozenset({"type"})),
    "nesting": (by_nesting, frozenset({"type"})),
    "required": (by_required, frozenset({"required", "dependentRequired"})),
    "enum": (by_option, frozenset({"enum"})),
    "const": (by_option, frozenset({"const"})),
    "bound": (
        by_bound,
        frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"}),
    ),
    "length": (by_length, frozenset({"minLength", "maxLength"})),
    "count": (by_count, frozenset({"minItems", "maxItems", "minProperties", "maxProperties"})),
    "contents": (by_contents, frozenset({"uniqueItems", "contains", "minContains", "maxContains"})),
    "format": (by_format, frozenset({"format"})),
    "pattern": (by_pattern, frozenset({"pattern"})),
    "extra": (
        by_extra,
        frozenset(
            {"additionalProperties", "unevaluatedProperties", "propertyNames", "falseSchema"}
            | {"additionalItems", "unevaluatedItems"}
        ),
    ),
}
