"""The members of an object in the making: which ones, in which order, with which values."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Protocol

from mockws.schema.demand import MISSING, Demand, joined
from mockws.schema.demands import Demands
from mockws.schema.leaves import DeadEnd, pattern_of
from mockws.schema.pattern import PatternSyntax


class Maker(Protocol):
    """The walk, as far as objects need it."""

    demands: Demands
    random: Any
    depth: int
    budget: Any

    def member(self, schema: Any, step: str, *, name: str, within: str, hint: Any) -> Any: ...

    def is_open(self, schema: Any) -> int: ...

    def property_name(self, demand: Demand, taken: Mapping[str, Any]) -> str: ...


def make_object(maker: Maker, demand: Demand, name: str, hint: Any) -> dict[str, Any]:
    """Make an object: the required members, most of the optional ones, and others where enough are not known."""
    hints = hint if isinstance(hint, dict) else {}
    demand, chosen = settled(maker, demand, hints)
    within = name or demand.title
    made: dict[str, Any] = {}
    for member in chosen:
        try:
            schema = schema_of(maker, demand, member)
            hint = hints.get(member, MISSING)
            made[member] = maker.member(schema, member, name=member, within=within, hint=hint)
        except DeadEnd:
            if member in demand.required:
                raise
    add_unknown(maker, demand, made, hints, within)
    return made


def settled(maker: Maker, demand: Demand, hints: Mapping[str, Any]) -> tuple[Demand, list[str]]:
    """Choose the members, and follow what their presence asks for (dependencies) until nothing is added."""
    chosen = chosen_members(maker, demand, hints)
    for _ in range(8):
        needs = [need for one in chosen for need in demand.dependent_required.get(one, ())]
        schemas = [demand.dependent_schemas[one] for one in chosen if one in demand.dependent_schemas]
        if not schemas and all(need in chosen for need in needs):
            break
        asked = Demand(required=tuple(dict.fromkeys((*demand.required, *chosen, *needs))))
        demand = joined(demand, asked)
        for schema in schemas:
            demand = joined(demand, resolved(maker, schema))
        open_needs = {name: one for name, one in demand.dependent_schemas.items() if name not in chosen}
        demand = replace(demand, dependent_schemas=open_needs)
        if demand.never:
            raise DeadEnd("what a property depends on cannot be had")
        chosen = in_order(demand, {*chosen, *needs, *demand.required})
    return demand, chosen


def resolved(maker: Maker, schema: Any) -> Demand:
    """Read a dependent schema, its first alternative taken."""
    demand = maker.demands.of(schema)
    while demand.choices:
        demand = maker.demands.chosen(demand, maker.random.choice(demand.choices[0]))
    return demand


def chosen_members(maker: Maker, demand: Demand, hints: Mapping[str, Any]) -> list[str]:
    chance = 0.85 if maker.depth < 5 else 0.85 * 0.5 ** (maker.depth - 4)
    wanted = set(demand.required)
    avoided = members_to_avoid(demand)
    for member, schema in demand.properties.items():
        if member in hints:
            wanted.add(member)
        elif member not in wanted and member not in avoided and not is_deprecated(schema):
            taken = maker.random.random() < chance * 0.5 ** maker.is_open(schema)
            wanted.update([member] if taken else [])
    chosen = in_order(demand, wanted)
    most = demand.max_properties
    if most is not None and len(chosen) > most:
        chosen = [one for one in chosen if one in demand.required] + [
            one for one in chosen if one not in demand.required
        ]
        chosen = in_order(demand, set(chosen[: max(most, len(demand.required))]))
    return filled(demand, chosen, avoided)


def filled(demand: Demand, chosen: list[str], avoided: set[str]) -> list[str]:
    """Add optional members where the schema asks for more."""
    spare = [one for one in demand.properties if one not in chosen and one not in avoided]
    missing = (demand.min_properties or 0) - len(chosen)
    return in_order(demand, {*chosen, *spare[:missing]}) if missing > 0 else chosen


def in_order(demand: Demand, members: set[str]) -> list[str]:
    known = [one for one in demand.properties if one in members]
    return known + [one for one in demand.required if one in members and one not in demand.properties]


def is_deprecated(schema: Any) -> bool:
    return isinstance(schema, Mapping) and schema.get("deprecated") is True


def members_to_avoid(demand: Demand) -> set[str]:
    """Tell the optional members that `not: {required: [...]}` speaks against."""
    avoided = {name for name, schema in demand.properties.items() if schema is False}
    for schema in demand.excluded:
        for one in (schema, *schema.get("anyOf", ())) if isinstance(schema, Mapping) else ():
            if isinstance(one, Mapping) and set(one) <= {"required", "type"} and one.get("required"):
                spare = [name for name in one["required"] if name not in demand.required]
                avoided.update(spare[-1:])
    return avoided


def schema_of(maker: Maker, demand: Demand, member: str) -> Any:
    """Tell what a member must be: its own schema, joined with every pattern that its name matches."""
    found = demand.properties.get(member, MISSING)
    for pattern, schema in demand.pattern_properties.items():
        if matches(pattern, member):
            found = schema if found is MISSING else maker.demands.both(found, schema)
    if found is MISSING:
        found = demand.additional
    return True if found is MISSING else found


def matches(pattern: str, name: str) -> bool:
    try:
        return pattern_of(pattern).search(name)
    except PatternSyntax:
        return False


def add_unknown(maker: Maker, demand: Demand, made: dict[str, Any], hints: Mapping[str, Any], within: str) -> None:
    """Add members that the schema does not name: those at hand, and as many as a map or a minimum asks for."""
    for member in hints:
        if member not in demand.properties and member not in made and demand.additional is not False:
            schema = schema_of(maker, demand, member)
            made[member] = maker.member(schema, member, name=member, within=within, hint=hints[member])
    maker.budget.take_items(max(0, wanted := unknown_wanted(maker, demand, made)))
    for _ in range(wanted):
        try:
            member = maker.property_name(demand, made)
            schema = schema_of(maker, demand, member)
            made[member] = maker.member(schema, member, name=member, within=within, hint=MISSING)
        except DeadEnd:
            if len(made) < (demand.min_properties or 0):
                raise
            return


def unknown_wanted(maker: Maker, demand: Demand, made: Mapping[str, Any]) -> int:
    least = (demand.min_properties or 0) - len(made)
    room = len(made) + 3 if demand.max_properties is None else demand.max_properties
    is_map = not demand.properties and (isinstance(demand.additional, Mapping) or bool(demand.pattern_properties))
    deep = isinstance(demand.additional, Mapping) and maker.is_open(demand.additional) > 0
    usual = maker.random.randint(1, 3) if is_map and not made and not deep and maker.depth < 6 else 0
    return max(least, min(usual, room - len(made)))
