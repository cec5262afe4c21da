"""What all the schemas that apply at one place ask together.

References are followed and `allOf` is joined; alternatives stay open as choices. This is the view for making values: it
may be more generous than the schema (what is made is checked), never the judge of a value.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, fields, replace
from enum import Enum
from typing import Any, Final


class Missing(Enum):
    """The absence of a value, where None is one."""

    MISSING = "missing"


MISSING: Final = Missing.MISSING
NUMBERS = frozenset({"integer", "number"})


@dataclass(eq=False, slots=True)
class Demand:
    """The demands on one value; a mapping or tuple that is empty demands nothing. Not changed once it is read."""

    never: bool = False
    types: frozenset[str] | None = None
    options: tuple[Any, ...] | None = None
    minimum: Any = None
    maximum: Any = None
    exclusive_minimum: Any = None
    exclusive_maximum: Any = None
    multiples: tuple[Any, ...] = ()
    min_length: int | None = None
    max_length: int | None = None
    patterns: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()
    encoding: str = ""
    media_type: str = ""
    properties: dict[str, Any] = field(default_factory=dict)
    required: tuple[str, ...] = ()
    pattern_properties: dict[str, Any] = field(default_factory=dict)
    additional: Any = MISSING
    names: tuple[Any, ...] = ()
    min_properties: int | None = None
    max_properties: int | None = None
    dependent_required: dict[str, tuple[str, ...]] = field(default_factory=dict)
    dependent_schemas: dict[str, Any] = field(default_factory=dict)
    prefix: tuple[Any, ...] = ()
    items: Any = MISSING
    min_items: int | None = None
    max_items: int | None = None
    unique: bool = False
    contains: tuple[tuple[Any, int, int | None], ...] = ()
    choices: tuple[tuple[Any, ...], ...] = ()
    excluded: tuple[Any, ...] = ()
    examples: tuple[Any, ...] = ()
    default: Any = MISSING
    faker: str = ""
    title: str = ""
    description: str = ""
    fits: Callable[[Any], bool] | None = None  # compiled when it is first wanted


def largest(left: Any, right: Any) -> Any:
    return right if left is None else left if right is None else max(left, right)


def smallest(left: Any, right: Any) -> Any:
    return right if left is None else left if right is None else min(left, right)


def both(left: Any, right: Any) -> Any:
    """Ask two schemas of one value."""
    if left is MISSING or left is True or left is right:
        return right
    return left if right is MISSING or right is True else {"allOf": [left, right]}


def joined_types(left: frozenset[str] | None, right: frozenset[str] | None) -> frozenset[str] | None:
    if left is None or right is None:
        return right if left is None else left
    narrowed_to_integer = "integer" in left | right and left & NUMBERS and right & NUMBERS
    return left & right | ({"integer"} if narrowed_to_integer else set())


def same(left: Any, right: Any) -> bool:
    """Compare as JSON does: true is not 1."""
    return left == right and isinstance(left, bool) is isinstance(right, bool)


def joined_options(left: tuple[Any, ...] | None, right: tuple[Any, ...] | None) -> tuple[Any, ...] | None:
    if left is None or right is None:
        return right if left is None else left
    return tuple(one for one in left if any(same(one, other) for other in right))


def appended(left: tuple[Any, ...], right: tuple[Any, ...]) -> tuple[Any, ...]:
    return (*left, *(one for one in right if one not in left)) if left else right


def joined_maps(left: dict[str, Any], right: dict[str, Any]) -> dict[str, Any]:
    return left | {name: both(left.get(name, MISSING), schema) for name, schema in right.items()} if left else right


def joined_needs(left: dict[str, tuple[str, ...]], right: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    return left | {name: appended(left.get(name, ()), needs) for name, needs in right.items()}


def first_said(left: Any, right: Any) -> Any:
    return left if left is not MISSING and left not in ("", ()) else right


def either(left: Any, right: Any) -> Any:
    return left or right


def added(left: Any, right: Any) -> Any:
    return left + right


JOIN: dict[str, Callable[[Any, Any], Any]] = {
    "types": joined_types,
    "options": joined_options,
    "dependent_required": joined_needs,
    **dict.fromkeys(("never", "unique"), either),
    **dict.fromkeys(("additional", "items"), both),
    **dict.fromkeys(("choices", "excluded", "contains", "names"), added),
    **dict.fromkeys(("minimum", "exclusive_minimum", "min_length", "min_items", "min_properties"), largest),
    **dict.fromkeys(("maximum", "exclusive_maximum", "max_length", "max_items", "max_properties"), smallest),
    **dict.fromkeys(("multiples", "patterns", "formats", "required"), appended),
    **dict.fromkeys(("pattern_properties", "dependent_schemas"), joined_maps),
    **dict.fromkeys(("encoding", "media_type", "examples", "default", "faker", "title", "description"), first_said),
}
ALIKE = tuple(one.name for one in fields(Demand) if one.name in JOIN)


def joined(left: Demand, right: Demand) -> Demand:
    """Join two demands; of what only annotates, the first one's counts."""
    demand = Demand(**{name: JOIN[name](getattr(left, name), getattr(right, name)) for name in ALIKE})
    demand.properties = joined_properties(left, right)
    demand.prefix = joined_prefix(left, right)
    demand.never = demand.never or (demand.types is not None and not demand.types) or demand.options == ()
    return demand


def less_first_choice(demand: Demand) -> Demand:
    return replace(demand, choices=demand.choices[1:], fits=None)


def joined_properties(left: Demand, right: Demand) -> dict[str, Any]:
    """Join property by property: what one side does not know, falls under its additionalProperties."""
    result: dict[str, Any] = {}
    for name in (*left.properties, *(name for name in right.properties if name not in left.properties)):
        mine = left.properties[name] if name in left.properties else beyond(left)
        other = right.properties[name] if name in right.properties else beyond(right)
        result[name] = both(mine, other)
    return result


def beyond(side: Demand) -> Any:
    """Tell what a schema asks of a property that it does not name (unless a pattern may name it)."""
    return MISSING if side.pattern_properties else side.additional


def joined_prefix(left: Demand, right: Demand) -> tuple[Any, ...]:
    length = max(len(left.prefix), len(right.prefix))

    def at(side: Demand, index: int) -> Any:
        return side.prefix[index] if index < len(side.prefix) else side.items

    return tuple(both(at(left, index), at(right, index)) for index in range(length))
