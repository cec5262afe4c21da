"""JSONPath (RFC 9535), bounded: no pattern and no path can be made to explode by what a client sends."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import jsonpath_rfc9535 as jsonpath
from jsonpath_rfc9535.function_extensions import ExpressionType, FilterFunction

from mockws.errors import BadExpectation, BrokenSchema, MockwsError
from mockws.schema.schema import Schema

MOST_STEPS = 20_000  # objects and arrays that `..` may walk through, in all, unless somebody says otherwise


class TooLong(MockwsError):
    """A path that goes through more of a value than it may."""


class _Pattern(FilterFunction):
    """`match` and `search`: the library's own backtrack without a bound."""

    arg_types = [ExpressionType.VALUE, ExpressionType.VALUE]  # noqa: RUF012  # the library's way to say it
    return_type = ExpressionType.LOGICAL

    def __init__(self, form: str) -> None:
        self._form = form

    def __call__(self, text: object, pattern: object) -> bool:
        if not (isinstance(text, str) and isinstance(pattern, str)):
            return False
        schema = _compiled(self._form % pattern)
        return schema is not None and schema.accepts(text)


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> Schema | None:
    """A pattern may come from a message; one that is none fits nothing (RFC 9535, 2.4.6)."""
    try:
        return Schema({"pattern": pattern})
    except BrokenSchema:
        return None


class _Environment(jsonpath.JSONPathEnvironment):
    """The rules of one path; the library asks for the depth at each step of `..`, and so the steps are counted."""

    def __init__(self, most_steps: int) -> None:
        super().__init__()
        self.steps = 0
        self._most_steps = most_steps
        self.function_extensions["match"] = _Pattern("^(?:%s)$")
        self.function_extensions["search"] = _Pattern("%s")

    @property
    def max_recursion_depth(self) -> int:  # type: ignore[override]  # a constant there
        self.steps += 1
        if self.steps > self._most_steps:
            raise TooLong
        return 100


class Path:
    """A JSONPath, compiled."""

    __slots__ = ("_environment", "_query", "expression")

    def __init__(self, expression: str, pointer: str, most_steps: int = MOST_STEPS) -> None:
        self.expression = expression
        self._environment = _Environment(most_steps)
        try:
            self._query = self._environment.compile(expression)
        except (jsonpath.JSONPathError, RecursionError) as problem:
            raise BadExpectation("jsonpath_syntax", f"{expression!r} is no JSONPath: {problem}", pointer) from None

    def found(self, value: Any) -> Sequence[tuple[tuple[str | int, ...], Any]]:
        """Give each place that it finds, with its value. Raises TooLong."""
        self._environment.steps = 0
        return [(node.location, node.value) for node in self._query.finditer(value)]
