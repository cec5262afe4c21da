"""How many ways lead through the alternatives of a schema: what it costs to work all of them out at once.

The alternatives of one place multiply (`allOf` of six `anyOf` of three each: 729 ways), and libraries that bring a
schema into canonical form walk them all, in native code that nothing interrupts: so it is foreseen here.
"""

from collections.abc import Callable, Mapping
from math import prod
from typing import Any

from mockws.schema.fault import Document
from mockws.schema.keywords import subschemas
from mockws.schema.references import References

TOO_MANY = 1 << 20  # nobody counts further
CHOICES = ("anyOf", "oneOf")


def most_ways(document: Document) -> int:
    """Count the ways at the place of a document that has most."""
    survey = _Survey(document)
    try:
        survey.at(document)
    except RecursionError:  # references to references without end
        return TOO_MANY
    return survey.most


class _Survey:
    """One visit of every schema that can be reached."""

    def __init__(self, document: Document) -> None:
        self._references = References(document)
        self._known: dict[int, int] = {}
        self.most = 1

    def at(self, schema: Any) -> int:
        """Count the ways at a schema's own place; those of what it holds count for their places."""
        if not isinstance(schema, Mapping):
            return 1
        if id(schema) not in self._known:
            self._known[id(schema)] = 1  # a schema within itself adds none
            for _, inner in subschemas(schema):
                self.at(inner)
            ways = prod(count(self, schema) for count in COUNTS)
            self._known[id(schema)] = min(ways, TOO_MANY)
            self.most = max(self.most, self._known[id(schema)])
        return self._known[id(schema)]

    def referred(self, schema: Mapping[str, Any]) -> int:
        reference = schema.get("$ref")
        return self.at(self._references.target(reference)) if isinstance(reference, str) else 1

    def joined(self, schema: Mapping[str, Any]) -> int:
        return min(prod(self.at(each) for each in _listed(schema, "allOf")), TOO_MANY)

    def chosen(self, schema: Mapping[str, Any]) -> int:
        listed = [_listed(schema, keyword) for keyword in CHOICES]
        return prod(sum(self.at(each) for each in each_list) for each_list in listed if each_list)

    def conditional(self, schema: Mapping[str, Any]) -> int:
        """Count a condition: it holds or not, and each has its own ways; schemas of dependencies are conditions too."""
        ways = 1 + self.at(schema.get("then")) * self.at(schema.get("else")) if "if" in schema else 1
        for keyword in ("dependencies", "dependentSchemas"):
            held = schema.get(keyword)
            ways *= 2 ** min(len(held), 20) if isinstance(held, Mapping) else 1
        return ways * (_breaking(schema["not"]) if "not" in schema else 1)


def _listed(schema: Mapping[str, Any], keyword: str) -> list[Any]:
    held = schema.get(keyword)
    return held if isinstance(held, list) else []


def _breaking(schema: Any) -> int:
    """Count the ways to break a schema: any of its keywords, any name that it requires."""
    if not isinstance(schema, Mapping):
        return 1
    return max(1, sum(len(held) if isinstance(held, list | Mapping) else 1 for held in schema.values()))


COUNTS: tuple[Callable[[_Survey, Mapping[str, Any]], int], ...] = (
    _Survey.referred,
    _Survey.joined,
    _Survey.chosen,
    _Survey.conditional,
)
