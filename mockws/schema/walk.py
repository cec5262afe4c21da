"""The walk over a schema as it is written, which makes a natural value.

Names, titles and examples stand in the schema as it is written, so the walk goes there, chooses an alternative where
there are several, and turns back where it comes to a dead end. It may err: whoever asks checks the whole value.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from mockws.schema.demand import MISSING, NUMBERS, Demand, same
from mockws.schema.demands import Demands
from mockws.schema.dictionary import ITEM, Dictionary, Step
from mockws.schema.formats import Source, latin_word, word
from mockws.schema.keywords import Draft
from mockws.schema.leaves import DeadEnd, fits_of, from_pattern, is_of, kind_of, make_number, make_text, usable
from mockws.schema.names import singular, slug
from mockws.schema.objects import is_deprecated, make_object, matches

MAX_RECURSION = 6
LOCAL_RETRIES = 5
Local = Callable[[Any], Callable[[Any], bool] | None]  # a schema -> the check of a value against it alone
MAX_ITEMS = 1_000
MAX_STEPS = 10_000
MAX_CHARACTERS = 65_536
INFERRED = (
    ("object", ("properties", "required", "additional", "pattern_properties", "min_properties", "names")),
    ("array", ("items", "prefix", "min_items", "contains", "unique")),
    ("string", ("patterns", "formats", "min_length", "max_length", "encoding", "media_type", "faker")),
    ("number", ("minimum", "maximum", "exclusive_minimum", "exclusive_maximum", "multiples")),
)
TEXT = {"type": "string"}
NUMBER_FORMATS = frozenset({"int32", "int64", "float", "double"})


class TooMuch(Exception):
    """The bound of one fake is reached; a signal between the makers of values, never seen outside."""


class Budget:
    """What one fake may cost, over all its attempts."""

    def __init__(self) -> None:
        self.steps = 0
        self.items = 0
        self.characters = 0

    def step(self) -> None:
        self.steps += 1
        if self.steps > MAX_STEPS:
            raise TooMuch(f"more than {MAX_STEPS:,} steps are needed")

    def take_text(self, text: str) -> str:
        self.characters += len(text)
        if self.characters > MAX_CHARACTERS:
            raise TooMuch("more than 64 KiB of text are needed")
        return text

    def take_items(self, count: int) -> None:
        if count > MAX_ITEMS:
            raise DeadEnd(f"{count:,} items are wanted, more than {MAX_ITEMS:,}")
        self.items += count
        if self.items > MAX_ITEMS:
            raise TooMuch(f"more than {MAX_ITEMS:,} items are needed")


class Walk:
    """One value in the making."""

    def __init__(
        self,
        demands: Demands,
        draft: Draft,
        source: Source,
        budget: Budget,
        *,
        plain: bool = False,
        local: Local | None = None,
        root: Step = (),
    ) -> None:
        self.demands = demands
        self.draft = draft
        self.source = source
        self.random = source.random
        self.budget = budget
        self.plain = plain
        self.local = local
        self.open: dict[int, int] = {}  # demands that are being made further up, and how often: recursion
        self.depth = 0
        self.dictionary = None if plain else source.manner.dictionary or None
        self.path: list[Step] = [root]  # kept only where a dictionary asks for it

    def member(self, schema: Any, step: str, *, name: str, within: str, hint: Any) -> Any:
        """Make a part of a value, one step down; raises DeadEnd."""
        if self.dictionary is None:
            return self.value(schema, name=name, within=within, hint=hint)
        self.path.append((step,))
        try:
            return self.value(schema, name=name, within=within, hint=hint)
        finally:
            self.path.pop()

    def worded(self, demand: Demand, dictionary: Dictionary) -> Any:
        """Take a word of the user's own that fits, for the place where the walk is."""
        if demand.title:
            self.path[-1] = (*self.path[-1], demand.title)
        values = dictionary.values(self.path)
        fits = fits_of(demand, self.draft) if values else None
        fitting = [one for one in values if fits is not None and (isinstance(one, (dict, list)) or fits(one))]
        return self.random.choice(fitting) if fitting else MISSING

    def value(self, schema: Any, *, name: str = "", within: str = "", hint: Any = MISSING) -> Any:
        """Make a value of a schema; raises DeadEnd."""
        demand = self.demands.of(schema)
        if self.dictionary is not None and hint is MISSING:
            hint = self.worded(demand, self.dictionary)
        made = self.of_demand(demand, name, within, hint)
        fits = self.local(schema) if self.local is not None else None
        if fits is None or fits(made):
            return made
        for _ in range(LOCAL_RETRIES):
            if fits(made := self.of_demand(demand, name, within, MISSING)):
                return made
        raise DeadEnd("what was made did not fit, again and again")

    def of_demand(self, demand: Demand, name: str, within: str, hint: Any) -> Any:
        self.budget.step()
        if demand.never:
            raise DeadEnd("nothing is allowed here")
        if demand.choices:
            return self.choice(demand, name, within, hint)
        if demand.options is not None:
            return self.option(demand, hint)
        if hint is MISSING and demand.examples and not self.plain:
            hint = self.random.choice(demand.examples)
        if usable(hint, demand, self.draft):
            return hint
        if demand.default is not MISSING and hint is MISSING and not self.plain and self.random.random() < 0.5:
            hint = demand.default
            if usable(hint, demand, self.draft):
                return hint
        return self.of_kind(self.kind(demand, hint), demand, name, within, hint)

    def of_kind(self, kind: str, demand: Demand, name: str, within: str, hint: Any) -> Any:
        match kind:
            case "object":
                return self.opened(demand, lambda: make_object(self, demand, name, hint))
            case "array":
                return self.opened(demand, lambda: self.array(demand, name, within, hint))
            case "string":
                fits = fits_of(demand, self.draft)
                return self.budget.take_text(make_text(demand, fits, self.source, name=name, within=within))
            case "integer" | "number":
                fits = fits_of(demand, self.draft)
                return make_number(demand, fits, self.source, name=name, integer=kind == "integer")
            case "boolean":
                return self.random.random() < 0.5
        return None

    def opened(self, demand: Demand, make: Any) -> Any:
        """Go one level down; raises DeadEnd where a schema contains itself too often."""
        count = self.open.get(id(demand), 0)
        if count >= MAX_RECURSION or self.depth > 60:
            raise DeadEnd("the schema contains itself without an end")
        self.open[id(demand)] = count + 1
        self.depth += 1
        try:
            return make()
        finally:
            self.depth -= 1
            self.open[id(demand)] = count

    def is_open(self, schema: Any) -> int:
        """Tell how often a schema is being made further up, or what it is an array of."""
        demand = self.demands.of(schema)
        inner = 0 if demand.items is MISSING else self.open.get(id(self.demands.of(demand.items)), 0)
        return max(self.open.get(id(demand), 0), inner)

    def kind(self, demand: Demand, hint: Any) -> str:
        """Choose the type of value: that of the hint, else one of those allowed, seldom null."""
        if hint is not MISSING and is_of(hint, demand.types):
            return kind_of(hint)
        types = demand.types if demand.types is not None else inferred(demand)
        others = sorted(types - {"null"})
        if not others or ("null" in types and self.random.random() < 0.125):
            return "null"
        if "number" in others and "integer" in others:
            others.remove("integer")
        return others[0] if len(others) == 1 else self.random.choice(others)

    def option(self, demand: Demand, hint: Any) -> Any:
        """Choose one of the values that are listed."""
        assert demand.options is not None
        if hint is not MISSING and any(same(hint, option) for option in demand.options):
            return hint
        preferred = [one for one in demand.examples if one in demand.options] or list(demand.options)
        order = self.random.sample(preferred, len(preferred)) + list(demand.options)
        fits = fits_of(demand, self.draft)
        for option in order:
            if fits(option):
                return option
        raise DeadEnd("none of the listed values is of the type that is wanted")

    def choice(self, demand: Demand, name: str, within: str, hint: Any) -> Any:
        """Take one alternative; where it is a dead end, the next."""
        reason: DeadEnd | None = None
        for option in self.ordered(demand, hint):
            try:
                return self.of_demand(self.demands.chosen(demand, option), name, within, hint)
            except DeadEnd as error:
                reason = reason or error
        raise reason or DeadEnd("there is no alternative")

    def ordered(self, demand: Demand, hint: Any) -> Sequence[Any]:
        options = demand.choices[0]
        order = self.random.sample(options, len(options))
        if len(order) > 1 and self.depth > 8:  # far down, what ends comes first
            order.sort(key=self.is_open)
        nulls = [one for one in order if isinstance(one, Mapping) and one.get("type") == "null"]
        if nulls and len(nulls) < len(order) and self.random.random() < 0.75:
            order = [one for one in order if one not in nulls] + nulls
        order.sort(key=is_deprecated)
        if hint is not MISSING:
            order.sort(key=lambda option: self.strangeness(self.demands.of(option), hint))
        return order

    def strangeness(self, demand: Demand, hint: Any) -> int:
        """Count in how many ways a value at hand is not of a demand, roughly."""
        if demand.never or (demand.options is not None and not any(same(hint, option) for option in demand.options)):
            return 10
        if not is_of(hint, demand.types):
            return 10
        if not isinstance(hint, Mapping):
            return 0 if isinstance(hint, list) or fits_of(demand, self.draft)(hint) else 5
        missing = sum(name not in hint for name in demand.required)
        inner = ((self.demands.of(one), hint[name]) for name, one in demand.properties.items() if name in hint)
        wrong = sum(part.options is not None and not any(same(value, o) for o in part.options) for part, value in inner)
        return missing + 3 * wrong

    def array(self, demand: Demand, name: str, within: str, hint: Any) -> list[Any]:
        """Make the items: those with a place of their own, those that must be contained, then others."""
        hints = hint if isinstance(hint, list) else []
        made: list[Any] = []
        wanted = self.wanted_items(demand, hints)
        self.budget.take_items(wanted)
        demands = list(self.contained(demand))
        for index in range(wanted):
            schema = demand.prefix[index] if index < len(demand.prefix) else demand.items
            if demands and index >= len(demand.prefix):
                schema = demands.pop()
            item_hint = hints[index] if index < len(hints) else MISSING
            try:
                made.append(self.item(demand, schema, made, singular(name), within, item_hint))
            except DeadEnd:
                if len(made) < (demand.min_items or 0) or demands:
                    raise
                break
        return made

    def wanted_items(self, demand: Demand, hints: list[Any]) -> int:
        least = max(
            demand.min_items or 0,
            sum(count for _, count, _ in demand.contains) + len(demand.prefix) * bool(demand.contains),
        )
        most = demand.max_items if demand.max_items is not None else max(least, len(demand.prefix), len(hints)) + 3
        if demand.items is False:
            most = min(most, len(demand.prefix))
        if hints:
            return int(min(max(len(hints), least), most))
        usual = len(demand.prefix) if demand.prefix else max(0, self.random.randint(1, 3) - max(0, self.depth - 4))
        if demand.items is not MISSING and self.is_open(demand.items) > 1:
            usual = 0
        return int(min(max(usual, least), most))

    def contained(self, demand: Demand) -> Iterator[Any]:
        for schema, count, _ in demand.contains:
            one = schema if demand.items is MISSING else self.demands.both(schema, demand.items)
            yield from [one] * min(count, MAX_ITEMS)

    def item(self, demand: Demand, schema: Any, made: list[Any], name: str, within: str, hint: Any) -> Any:
        """Make one item, unlike the others where all must differ."""
        schema = True if schema is MISSING else schema
        for attempt in range(20 if demand.unique else 1):
            value = self.member(schema, ITEM, name=name, within=within, hint=hint if attempt == 0 else MISSING)
            if not demand.unique or all(spelled(value) != spelled(other) for other in made):
                return value
        raise DeadEnd("not enough different items can be made")

    def property_name(self, demand: Demand, taken: Mapping[str, Any]) -> str:
        """Make the name of a property that the schema does not know."""
        for attempt in range(20):
            name = self.proposed_name(demand, attempt)
            if name not in taken and name not in demand.properties:
                return name
        raise DeadEnd("not enough property names can be made")

    def proposed_name(self, demand: Demand, attempt: int) -> str:
        if demand.names:
            return str(self.value(self.demands.both(TEXT, *demand.names), name="key"))
        if demand.pattern_properties and (demand.additional is False or self.random.random() < 0.7):
            pattern = self.random.choice(list(demand.pattern_properties))
            made = next(from_pattern(pattern, Demand(), self.source))
            longer = made + word(self.source)
            return longer if matches(pattern, longer) else made  # `^x-` is open at its end
        return latin_word(self.source) if attempt < 5 else slug(self.source)


def spelled(value: Any) -> str:
    """Write a value so that equal values are written the same."""
    return json.dumps(value, sort_keys=True)


def inferred(demand: Demand) -> frozenset[str]:
    """Guess the type from the keywords where none is told."""
    if demand.formats and demand.formats[0] in NUMBER_FORMATS:
        return NUMBERS
    for kind, hints in INFERRED:
        for hint in hints:
            if getattr(demand, hint) not in (None, (), {}, MISSING, "", False):
                return frozenset({kind})
    return frozenset({"string"})
