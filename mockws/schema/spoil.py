"""A value that breaks a schema on purpose, and what it breaks: for clients that are to be seen coping with it.

A fake is made and one place of it is got wrong. What comes out is refused by the validator, and the violation that is
promised is among those that are told of it.
"""

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from mockws.errors import CannotFake
from mockws.schema.canonical import negated_document
from mockws.schema.demand import MISSING, Demand
from mockws.schema.demands import Demands
from mockws.schema.fake import LAST_RESORT, Fakes, local_checks
from mockws.schema.fault import Document, Path
from mockws.schema.formats import Source
from mockws.schema.keywords import Draft, pointer_of
from mockws.schema.objects import matches
from mockws.schema.parts import replaced
from mockws.schema.validate import compile_schema
from mockws.schema.violations import Violation
from mockws.schema.wrongs import KINDS

__all__ = ["KINDS", "Spoiled", "Spoiler"]

MAX_PLACES = 200
MAX_TRIES = 400
BASES = 3  # so many fakes are tried: an optional part may be what can be broken


@dataclass(frozen=True, slots=True)
class Spoiled:
    """A value that breaks its schema, and the violation that is told of it."""

    value: Any
    kind: str
    violation: Violation


@dataclass(frozen=True, slots=True)
class Place:
    """A part of a value, with what is asked of it."""

    path: Path
    value: Any
    demand: Demand


class Spoiler:
    """The maker of one schema's broken values."""

    def __init__(
        self,
        document: Document,
        draft: Draft,
        fake: Callable[[str], Any],
        violations: Callable[[Any], tuple[Violation, ...]],
    ) -> None:
        self._document = document
        self._draft = draft
        self._fake = fake
        self._violations = violations
        self._demands = Demands(document, draft)
        self._checks = local_checks(document, draft)
        self._negated: Fakes | None = None

    def make(self, seed: str, kind: str | None, fits: Callable[[Any], bool]) -> Spoiled | None:
        """Make a value that is broken in one way, or in any; None where it cannot be. `fits` limits what is taken."""
        source = Source(f"{seed}|spoiled")
        kinds = [kind] if kind is not None else source.random.sample(list(KINDS), len(KINDS))
        for attempt in range(BASES):
            for found in self._from_base(f"{seed}|{attempt}", kinds, source):
                if fits(found.value):
                    return found
        others = (self._judged(value, None) for value in self._others(seed))
        usable = (one for one in others if one is not None and fits(one.value) and kind in (None, one.kind))
        return next(usable, None)

    def each(self, value: Any, seed: str) -> Iterator[Spoiled]:
        """Break a value that fits in every way there is, one at a time: of each kind one, then of each another one."""
        source = Source(f"{seed}|spoiled")
        places = list(self._places(value, (), self._demands.of(self._document), MAX_PLACES))
        waiting = deque(self._of_kind(kind, value, places, source) for kind in KINDS)
        told: set[tuple[str, str]] = set()
        while waiting:
            ways = waiting.popleft()
            found = next((one for one in ways if (one.violation.keyword, one.violation.pointer) not in told), None)
            if found is not None:
                told.add((found.violation.keyword, found.violation.pointer))
                yield found
                waiting.append(ways)

    def _from_base(self, seed: str, kinds: list[str], source: Source) -> Iterator[Spoiled]:
        try:
            base = self._fake(seed)
        except CannotFake:
            return
        places = list(self._places(base, (), self._demands.of(self._document), MAX_PLACES))
        source.random.shuffle(places)
        for kind in kinds:
            yield from self._of_kind(kind, base, places, source)

    def _of_kind(self, kind: str, base: Any, places: list[Place], source: Source) -> Iterator[Spoiled]:
        propose, keywords = KINDS[kind]
        tries = 0
        for place in places:
            for below, wrong in propose(place.demand, place.value, source):
                tries += 1
                if tries > MAX_TRIES:
                    return
                found = self._judged(replaced(base, place.path, wrong), (kind, (*place.path, *below), keywords))
                if found is not None:
                    yield found

    def _judged(self, value: Any, promise: tuple[str, Path, frozenset[str]] | None) -> Spoiled | None:
        """Hold a value against the schema: it must be refused, and for what is promised."""
        told = self._violations(value)
        if promise is None:
            return Spoiled(value, kind_of_keyword(told[0].keyword), told[0]) if told else None
        kind, path, keywords = promise
        pointer = pointer_of(path)
        meant = (one for one in told if one.pointer == pointer and one.keyword in keywords)
        violation = next(meant, None)
        return Spoiled(value, kind, violation) if violation is not None else None

    def _others(self, seed: str) -> Iterator[Any]:
        """Propose values where no place could be broken: some of everything, and fakes of what the schema is not."""
        yield from (deepcopy(one) for one in LAST_RESORT)
        if self._negated is None:
            document = negated_document(self._document, self._draft)
            validator = compile_schema(document, self._draft)
            self._negated = Fakes(document, self._draft, validator, validator.accepts)
        try:
            yield self._negated.make(seed, MISSING)
        except CannotFake:
            return

    def _places(self, value: Any, path: Path, demand: Demand, left: int) -> Iterator[Place]:
        """Walk a value together with what is asked of each part."""
        waiting = [(value, path, demand)]
        while waiting and left > 0:
            value, path, demand = waiting.pop(0)
            demand = self._settled(demand, value)
            yield Place(path, value, demand)
            left -= 1
            for step, one, schema in self._parts(value, demand):
                waiting.append((one, (*path, step), self._demands.of(schema)))

    def _settled(self, demand: Demand, value: Any) -> Demand:
        """Take of each choice the first alternative that the value fits."""
        for _ in range(20):
            if not demand.choices:
                break
            options = demand.choices[0]
            taken = next((one for one in options if self._takes(one, value)), options[0])
            demand = self._demands.chosen(demand, taken)
        return demand

    def _takes(self, schema: Any, value: Any) -> bool:
        if not isinstance(schema, Mapping):
            return schema is not False
        check = self._checks(schema)
        if check is not None:
            return check(value)
        parts = schema.get("allOf", ())  # how a condition is told as an alternative
        return all(self._takes(one, value) for one in parts) and not (
            "not" in schema and self._takes(schema["not"], value)
        )

    def _parts(self, value: Any, demand: Demand) -> Iterator[tuple[str | int, Any, Any]]:
        if isinstance(value, dict):
            for name, one in value.items():
                yield name, one, self._member(demand, name)
        elif isinstance(value, list):
            for index, one in enumerate(value):
                yield index, one, demand.prefix[index] if index < len(demand.prefix) else known(demand.items)

    def _member(self, demand: Demand, name: str) -> Any:
        found = [demand.properties[name]] if name in demand.properties else []
        found += [schema for pattern, schema in demand.pattern_properties.items() if matches(pattern, name)]
        if not found:
            return known(demand.additional)
        return found[0] if len(found) == 1 else self._demands.both(*found)


def known(schema: Any) -> Any:
    return True if schema is MISSING else schema


def kind_of_keyword(keyword: str) -> str:
    """Tell which kind of fault a keyword is; its own name, where it is none of the kinds."""
    return next((kind for kind, (_, keywords) in KINDS.items() if keyword in keywords), keyword)
