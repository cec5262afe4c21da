"""A JSON Schema as a value: what it accepts, how a value breaks it, and a value that fits it."""

from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from mockws.diagnostic import Place
from mockws.errors import CannotFake
from mockws.schema.alternatives import explodes, without_alternatives
from mockws.schema.canonical import is_empty, is_panic
from mockws.schema.demand import MISSING
from mockws.schema.dictionary import PLAINLY, Manner
from mockws.schema.fake import Fakes
from mockws.schema.fault import Document, Validator
from mockws.schema.formats import ANCHOR, known_locales
from mockws.schema.json_value import as_json
from mockws.schema.keywords import Draft
from mockws.schema.spoil import KINDS, Spoiled, Spoiler
from mockws.schema.validate import compile_schema, readied
from mockws.schema.violations import Violation, violations_of

__all__ = [
    "ANCHOR",
    "KINDS",
    "MISSING",
    "PLAINLY",
    "Draft",
    "Manner",
    "Schema",
    "Spoiled",
    "Violation",
    "known_locales",
]

Locate = Callable[[str], tuple[str, Place]]
NOT_JSON = Violation("", "is no JSON value", "", "type")


class Schema:
    """A JSON Schema, compiled; raises BrokenSchema. References stay within the document: nothing is ever fetched."""

    __slots__ = (
        *("_accepts", "_tried", "_explodes", "_fakes", "_plain", "_ready", "_spoiler", "_validator"),
        *("document", "draft", "locate"),
    )

    def __init__(
        self, document: bool | Mapping[str, Any], *, draft: Draft = Draft.D7, locate: Locate | None = None
    ) -> None:
        """Compile; `locate` tells where a keyword was written, for the one at a pointer."""
        self.document = document
        self.draft = draft
        self.locate = locate
        self._ready: Document = readied(document)
        self._validator: Validator = compile_schema(self._ready, draft)
        self._accepts: Callable[[Any], bool] = self._validator.accepts
        self._fakes: Fakes | None = None
        self._spoiler: Spoiler | None = None
        self._tried: tuple[CannotFake | None] | None = None
        self._explodes: Callable[[Any], bool] | None = None
        self._plain: Validator | None = None

    def __repr__(self) -> str:
        return f"Schema({self.document!r}, draft={self.draft})"

    def accepts(self, value: Any) -> bool:
        """Tell whether a value fits. Never raises: what is no JSON value is judged as JSON would write it."""
        try:
            return self._accepts(value)
        except BaseException as error:
            if not isinstance(error, (ValueError, TypeError, ArithmeticError, RecursionError)) and not is_panic(error):
                raise
        return self._accepts_as_json(value)

    def _accepts_as_json(self, value: Any) -> bool:
        try:
            return self._accepts(as_json(value))
        except BaseException as error:
            if not isinstance(error, (ValueError, TypeError, ArithmeticError, RecursionError)) and not is_panic(error):
                raise
            return False

    def violations(self, value: Any, *, limit: int = 20) -> tuple[Violation, ...]:
        """Tell how a value breaks the schema, in sentences; empty if it does not."""
        if self.accepts(value):
            return ()
        try:
            value = as_json(value)
            told = violations_of(value, self._telling(value), self._ready, limit=limit)
        except (ValueError, TypeError, ArithmeticError, RecursionError):
            return (NOT_JSON,)
        told = told or (Violation("", "must fit one of the alternatives, fits none", "", "anyOf"),)
        return told if self.locate is None else tuple(map(self._placed, told))

    def _placed(self, violation: Violation) -> Violation:
        """Tell a violation with the place where the schema was written: what is compiled is a copy."""
        assert self.locate is not None
        pointer, place = self.locate(violation.schema_pointer)
        return replace(violation, schema_pointer=pointer, place=place)

    def _telling(self, value: Any) -> Validator:
        """Choose the validator that tells: where alternatives would explode, one that leaves them out."""
        if self._explodes is None:
            self._explodes = explodes(self._ready)
        if not self._explodes(value):
            return self._validator
        if self._plain is None:
            self._plain = compile_schema(without_alternatives(self._ready), self.draft)
        return self._plain

    def fake(
        self,
        seed: Hashable,
        *,
        like: Any = MISSING,
        now: datetime = ANCHOR,
        manner: Manner = PLAINLY,
        names: tuple[str, ...] = (),
    ) -> Any:
        """Make a value that fits, the same for the same seed; what fits of `like` is kept. Raises CannotFake.

        Dates count from `now`; `names` are what the dictionary of `manner` calls the whole.
        """
        if self._fakes is None:
            self._fakes = Fakes(self._ready, self.draft, self._validator, self.accepts)
        return self._fakes.make(repr(seed), like, now=now, manner=manner, root=names)

    def spoil(
        self, seed: Hashable, kind: str | None = None, *, fits: Callable[[Any], bool] = lambda _: True
    ) -> Spoiled | None:
        """Make a value that is refused, the same for the same seed, broken in one way (of KINDS) or in any.

        None where no value is found that is refused, so for a schema that takes everything. `fits` says which values
        will do.
        """
        return self._breaking.make(repr(seed), kind, fits)

    def spoiled(self, value: Any, seed: Hashable) -> Iterator[Spoiled]:
        """Break a value that fits in every way that is found, one at a time; the same for the same seed."""
        return self._breaking.each(value, repr(seed))

    @property
    def _breaking(self) -> Spoiler:
        if self._spoiler is None:
            self._spoiler = Spoiler(self._ready, self.draft, self.fake, self.violations)
        return self._spoiler

    @property
    def can_fake(self) -> bool:
        """Tell whether a value can be made; found out once."""
        return self.why_not_faked is None

    @property
    def is_contradiction(self) -> bool:
        """Tell whether it is soon proven that nothing fits; far quicker than an attempt to make something."""
        return is_empty(self._ready, self.draft)

    @property
    def why_not_faked(self) -> CannotFake | None:
        """Tell why no value can be made, if that is so; found out once."""
        if self._tried is None:
            try:
                self.fake("can it be made?")
                self._tried = (None,)
            except CannotFake as problem:
                self._tried = (problem,)
        return self._tried[0]
