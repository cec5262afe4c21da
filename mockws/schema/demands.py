"""The schemas of a document, read as demands: each keyword to its field, each schema once."""

from collections.abc import Callable, Mapping
from typing import Any

from mockws.schema.demand import MISSING, Demand, joined, joined_options, less_first_choice
from mockws.schema.keywords import Draft
from mockws.schema.references import References

REFERENCES = ("$ref", "$dynamicRef", "$recursiveRef")
REF_STANDS_ALONE = frozenset({Draft.D4, Draft.D6, Draft.D7})
PREFIX_IS_ITEMS = REF_STANDS_ALONE | {Draft.D2019}


class Demands:
    """The demands of one document's schemas."""

    def __init__(self, document: Any, draft: Draft) -> None:
        self._references = References(document)
        self._draft = draft
        # By identity; what an id stands for is held beside it, so that no other object can take that id.
        self._read: dict[int, tuple[Any, Demand]] = {}
        self._chosen: dict[tuple[int, int], tuple[Demand, Any, Demand]] = {}
        self._together: dict[tuple[int, ...], tuple[Any, dict[str, Any]]] = {}

    def of(self, schema: Any) -> Demand:
        """Tell what a schema asks."""
        known = self._read.get(id(schema))
        if known is not None:
            return known[1]
        self._read[id(schema)] = (schema, Demand())  # a schema that refers to itself in place asks nothing more
        demand = self._demand(schema)
        self._read[id(schema)] = (schema, demand)
        return demand

    def both(self, *schemas: Any) -> Any:
        """Ask several schemas of one value; the same ones give the same object, so that it is read once."""
        key = tuple(map(id, schemas))
        known = self._together.get(key)
        if known is None:
            known = self._together[key] = (schemas, {"allOf": list(schemas)})
        return known[1]

    def chosen(self, demand: Demand, option: Any) -> Demand:
        """Join a demand, less its first choice, with the option that was taken."""
        key = (id(demand), id(option))
        known = self._chosen.get(key)
        if known is None:
            taken = self.of(option)
            narrowed = joined(less_first_choice(demand), taken)
            narrowed.examples = taken.examples or demand.examples
            known = self._chosen[key] = (demand, option, narrowed)
        return known[2]

    def _demand(self, schema: Any) -> Demand:
        if not isinstance(schema, Mapping):
            return Demand(never=schema is False)
        demand = read(schema, self._draft)
        if "$ref" in schema and self._draft in REF_STANDS_ALONE:
            # Up to draft-07 the neighbours of $ref are ignored; what only annotates is still a good hint.
            hints = Demand(examples=demand.examples, default=demand.default, faker=demand.faker)
            hints.title, hints.description = demand.title, demand.description
            return self._referred(hints, schema["$ref"])
        for keyword in REFERENCES:
            if isinstance(schema.get(keyword), str):
                demand = self._referred(demand, schema[keyword])
        for part in schema.get("allOf", ()):
            demand = joined(demand, self.of(part))
        return demand

    def _referred(self, demand: Demand, reference: str) -> Demand:
        """Join what is referred to; where it has no title, its name is one."""
        found = joined(demand, self.of(self._references.target(reference)))
        found.title = found.title or reference.rpartition("/")[2]
        return found


SIMPLE = {
    "minimum": "minimum",
    "maximum": "maximum",
    "exclusiveMinimum": "exclusive_minimum",
    "exclusiveMaximum": "exclusive_maximum",
    "minLength": "min_length",
    "maxLength": "max_length",
    "contentEncoding": "encoding",
    "contentMediaType": "media_type",
    "properties": "properties",
    "patternProperties": "pattern_properties",
    "additionalProperties": "additional",
    "minProperties": "min_properties",
    "maxProperties": "max_properties",
    "dependentSchemas": "dependent_schemas",
    "minItems": "min_items",
    "maxItems": "max_items",
    "uniqueItems": "unique",
    "default": "default",
    "x-faker": "faker",
    "title": "title",
    "description": "description",
}
ALL_TYPES = frozenset({"object", "array", "string", "number", "integer", "boolean", "null"})
COUNTS = frozenset({"minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"})  # 2.0 is 2
SINGLE = {
    "multipleOf": "multiples",
    "pattern": "patterns",
    "format": "formats",
    "propertyNames": "names",
    "not": "excluded",
}

SINCE: Mapping[str, int] = {  # the draft that brought a keyword
    **dict.fromkeys(("const", "contains", "propertyNames"), Draft.D6.value),
    **dict.fromkeys(("if", "then", "else", "contentEncoding", "contentMediaType"), Draft.D7.value),
    **dict.fromkeys(("dependentRequired", "dependentSchemas", "minContains", "maxContains"), Draft.D2019.value),
    **dict.fromkeys(("unevaluatedItems", "unevaluatedProperties"), Draft.D2019.value),
}


def read(schema: Mapping[str, Any], draft: Draft) -> Demand:
    """Read the keywords of one schema, alone."""
    schema = known_to(draft, schema)
    demand = Demand()
    for keyword, held in schema.items():
        if keyword in SIMPLE:
            setattr(demand, SIMPLE[keyword], int(held) if keyword in COUNTS else held)
        elif keyword in SINGLE:
            setattr(demand, SINGLE[keyword], (held,))
        elif keyword in READERS:
            READERS[keyword](demand, held)
    _excluded_types(demand, schema.get("not"))
    if "if" in schema:
        demand.choices += (conditional(schema),)
    if "contains" in schema:
        demand.contains = ((schema["contains"], int(schema.get("minContains", 1)), schema.get("maxContains")),)
    read_items(demand, schema, draft)
    read_exclusive(demand)
    return demand


def known_to(draft: Draft, schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """Leave out the keywords of later drafts: they ask nothing, and nobody has checked what they hold."""
    if not any(SINCE.get(keyword, 0) > draft.value for keyword in schema):
        return schema
    return {keyword: held for keyword, held in schema.items() if SINCE.get(keyword, 0) <= draft.value}


def read_items(demand: Demand, schema: Mapping[str, Any], draft: Draft) -> None:
    held = schema.get("items", MISSING)
    if isinstance(held, list):
        demand.prefix, demand.items = tuple(held), schema.get("additionalItems", MISSING)
    else:
        demand.prefix = () if draft in PREFIX_IS_ITEMS else tuple(schema.get("prefixItems", ()))
        demand.items = held
    if demand.items is MISSING and "unevaluatedItems" in schema:
        demand.items = schema["unevaluatedItems"]


def read_exclusive(demand: Demand) -> None:
    """Draft-04 says by a boolean that a bound is exclusive."""
    if isinstance(demand.exclusive_minimum, bool):
        demand.exclusive_minimum = demand.minimum if demand.exclusive_minimum else None
    if isinstance(demand.exclusive_maximum, bool):
        demand.exclusive_maximum = demand.maximum if demand.exclusive_maximum else None


def conditional(schema: Mapping[str, Any]) -> tuple[Any, ...]:
    """Tell if/then/else as two alternatives."""
    condition = schema["if"]
    holds = {"allOf": [condition, schema.get("then", True)]}
    fails = {"allOf": [{"not": condition}, schema.get("else", True)]}
    return holds, fails


def _types(demand: Demand, held: Any) -> None:
    demand.types = frozenset([held] if isinstance(held, str) else held)


def _excluded_types(demand: Demand, held: Any) -> None:
    """`not: {type: string}` and no more leaves the other types; whole numbers are numbers, and stay."""
    if isinstance(held, Mapping) and held.keys() == {"type"}:
        names = [held["type"]] if isinstance(held["type"], str) else held["type"]
        left = (ALL_TYPES if demand.types is None else demand.types) - set(names)
        demand.types = left - {"integer"} if "number" in names else left


def _enum(demand: Demand, held: Any) -> None:
    demand.options = joined_options(demand.options, tuple(held))


def _const(demand: Demand, held: Any) -> None:
    demand.options = joined_options(demand.options, (held,))


def _examples(demand: Demand, held: Any) -> None:
    demand.examples += tuple(held if isinstance(held, list) else [held])


def _example(demand: Demand, held: Any) -> None:
    demand.examples += (held,)


def _choice(demand: Demand, held: Any) -> None:
    demand.choices += (tuple(held),)


def _required(demand: Demand, held: Any) -> None:
    demand.required = tuple(held) if isinstance(held, list) else ()


def _dependent_required(demand: Demand, held: Any) -> None:
    demand.dependent_required = {name: tuple(needs) for name, needs in held.items()}


def _dependencies(demand: Demand, held: Any) -> None:
    demand.dependent_required = {name: tuple(needs) for name, needs in held.items() if isinstance(needs, list)}
    demand.dependent_schemas = {name: one for name, one in held.items() if not isinstance(one, list)}


READERS: dict[str, Callable[[Demand, Any], None]] = {
    "type": _types,
    "enum": _enum,
    "const": _const,
    "examples": _examples,
    "example": _example,
    "oneOf": _choice,
    "anyOf": _choice,
    "required": _required,
    "dependentRequired": _dependent_required,
    "dependencies": _dependencies,
}
