"""Alternatives judged once: what a value is to a schema is remembered for as long as one value is judged.

For jsonschema, which would judge `oneOf` within `oneOf` within `oneOf` anew each time: twice as often at each level.
Whether a value fits is all that is told here; for what is wrong with it, the library's own keywords are asked.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from jsonschema.exceptions import ValidationError

DYNAMIC = frozenset({"$dynamicRef", "$recursiveRef"})
Keyword = Callable[[Any, Any, Any, Any], Iterator[ValidationError]]


class Verdicts:
    """Which values fit which schemas, by identity; what an identity stands for is held, so that none is taken anew."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, int], tuple[Any, Any, bool]] = {}

    def clear(self) -> None:
        self._known.clear()

    def fits(self, validator: Any, schema: Any, value: Any) -> bool:
        key = (id(schema), id(value))
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = (schema, value, validator.evolve(schema=schema).is_valid(value))
        return known[2]

    def keywords(self) -> Mapping[str, Keyword]:
        """Give the keywords that remember."""
        return {"allOf": self._all_of, "anyOf": self._any_of, "oneOf": self._one_of}

    def _all_of(self, validator: Any, schemas: Any, value: Any, _: Any) -> Iterator[ValidationError]:
        if not all(self.fits(validator, one, value) for one in schemas):
            yield ValidationError("does not fit all of them")

    def _any_of(self, validator: Any, schemas: Any, value: Any, _: Any) -> Iterator[ValidationError]:
        if not any(self.fits(validator, one, value) for one in schemas):
            yield ValidationError("fits none of them")

    def _one_of(self, validator: Any, schemas: Any, value: Any, _: Any) -> Iterator[ValidationError]:
        if sum(self.fits(validator, one, value) for one in schemas) != 1:
            yield ValidationError("does not fit exactly one of them")


def depends_on_the_way(parts: Iterator[tuple[int, Any]]) -> bool:
    """Tell whether what a schema means depends on how it was come to: then nothing can be remembered of it."""
    return any(isinstance(part, Mapping) and part.keys() & DYNAMIC for _, part in parts)
