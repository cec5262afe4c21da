"""Schemas whose alternatives explode: telling all faults of `oneOf` within `oneOf` within `oneOf` takes for ever.

Accepting a value stops at the first fault and is always fast; only the telling must be bounded, and nothing interrupts
native code: so it is foreseen here.
"""

from collections.abc import Callable, Mapping
from typing import Any

from mockws.schema.fault import Document
from mockws.schema.keywords import IN_PLACE, subschemas
from mockws.schema.references import References

MAX_PATHS = 512
MAX_DEPTH_OF_VALUE = 8


def explodes(document: Document) -> Callable[[Any], bool]:
    """Tell, of a schema, for which values its faults are too many to be told."""
    survey = Survey(document)
    survey.visit(document)
    if survey.most_paths > MAX_PATHS:
        return lambda _: True
    if survey.recursive and survey.alternatives:
        return lambda value: deeper_than(value, MAX_DEPTH_OF_VALUE)
    return lambda _: False


def deeper_than(value: Any, depth: int) -> bool:
    if not isinstance(value, (dict, list)):
        return False
    if depth == 0:
        return True
    return any(deeper_than(one, depth - 1) for one in (value.values() if isinstance(value, dict) else value))


class Survey:
    """What is found on one visit of every schema that can be reached."""

    def __init__(self, document: Document) -> None:
        self.references = References(document)
        self.most_paths = 0
        self.recursive = False
        self.alternatives = False
        self._paths: dict[int, int] = {}
        self._open: set[int] = set()

    def visit(self, schema: Any) -> int:
        """Count the ways through the alternatives at one place of the value."""
        if not isinstance(schema, Mapping):
            return 1
        if id(schema) in self._open:
            self.recursive = True
            return 1
        if id(schema) not in self._paths:
            self._open.add(id(schema))
            self._paths[id(schema)] = self._counted(schema)
            self._open.discard(id(schema))
        return self._paths[id(schema)]

    def _counted(self, schema: Mapping[str, Any]) -> int:
        paths = 1
        for keyword, one in subschemas(schema):
            self.alternatives = self.alternatives or keyword in ("oneOf", "anyOf")
            found = self.visit(one)
            paths += found if keyword in IN_PLACE else 0
        if isinstance(schema.get("$ref"), str):
            paths += self.visit(self.references.target(schema["$ref"])) - 1
        self.most_paths = max(self.most_paths, paths)
        return paths


def without_alternatives(schema: Any) -> Any:
    """Leave out every `oneOf` and `anyOf`."""
    if isinstance(schema, list):
        return [without_alternatives(one) for one in schema]
    if not isinstance(schema, Mapping):
        return schema
    kept = {k: one for k, one in schema.items() if k not in ("oneOf", "anyOf") or not isinstance(one, list)}
    return {keyword: without_alternatives(one) for keyword, one in kept.items()}
