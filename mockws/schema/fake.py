"""A value that fits a schema, made from a seed.

The natural walk proposes, the validator disposes: nothing leaves here that the schema does not accept. Where the schema
as it is written leads the walk astray, its canonical form is walked instead.
"""

from collections.abc import Callable, Iterator
from copy import deepcopy
from datetime import datetime
from typing import Any

from mockws.errors import CannotFake
from mockws.schema.canonical import Empty, canonical_document
from mockws.schema.demand import MISSING
from mockws.schema.demands import Demands
from mockws.schema.dictionary import PLAINLY, Manner, Step
from mockws.schema.fault import Document, Path, Validator
from mockws.schema.formats import ANCHOR, Source
from mockws.schema.keywords import Draft, pointers_of
from mockws.schema.leaves import DeadEnd
from mockws.schema.validate import compile_parts
from mockws.schema.walk import Budget, Local, TooMuch, Walk

ATTEMPTS = 6
PLAIN_AFTER = 3
CANONICAL_ATTEMPTS = 12
# For schemas that only say what a value must not be.
LAST_RESORT: tuple[Any, ...] = ({}, {"value": 1}, [], [1], "a", "", 0, 1, -1, 0.5, True, False, None)


class Fakes:
    """The maker of one schema's values."""

    def __init__(self, document: Document, draft: Draft, validator: Validator, accepts: Callable[[Any], bool]) -> None:
        self._document = document
        self._draft = draft
        self._validator = validator
        self._accepts = accepts
        self._demands = Demands(document, draft)
        self._check: Local | None = None
        self._canonical: tuple[Document | None, Demands | None] | None = None
        self._empty: Empty | None = None

    def make(self, seed: str, like: Any, *, now: datetime = ANCHOR, manner: Manner = PLAINLY, root: Step = ()) -> Any:
        """Make a value; raises CannotFake."""
        source = Source(seed, now, manner)
        reasons: list[str] = []
        for value in self._as_written(source, like, root, reasons):
            if self._accepts(value):
                return value
        for value in self._as_canonical(source, reasons):
            if self._accepts(value):
                return value
        for value in LAST_RESORT:
            if self._accepts(value):
                return deepcopy(value)
        reason = reasons[-1] if reasons else "what was made did not fit, again and again"
        raise CannotFake(reason, proven=self._empty is not None)

    def _as_written(self, source: Source, like: Any, root: Step, reasons: list[str]) -> Iterator[Any]:
        budget = Budget()
        hint = like
        for attempt in range(ATTEMPTS):
            local = self._local() if attempt else None  # most schemas need no such care
            walk = Walk(
                self._demands, self._draft, source, budget, plain=attempt >= PLAIN_AFTER, local=local, root=root
            )
            try:
                value = made(walk, self._document, hint)
            except DeadEnd as error:
                reasons.append(str(error))
                hint = MISSING if attempt else hint
                continue
            except TooMuch as error:
                reasons.append(str(error))
                return
            yield value
            if hint is not MISSING:
                paths = [fault.path for fault in self._validator.faults(value)]
                hint = without(hint, paths) if attempt < PLAIN_AFTER and () not in paths else MISSING

    def _local(self) -> Local:
        """Compile the schemas within the document, so that a part that does not fit is made anew, and not the whole."""
        if self._check is None:
            self._check = local_checks(self._document, self._draft)
        return self._check

    def _as_canonical(self, source: Source, reasons: list[str]) -> Iterator[Any]:
        if self._canonical is None:
            self._canonical = self._canonized()
        if self._empty is not None and self._empty.reason:
            reasons.append(self._empty.reason)
        document, demands = self._canonical
        if document is None or demands is None:
            return
        budget = Budget()
        for attempt in range(CANONICAL_ATTEMPTS):
            try:
                yield made(Walk(demands, self._draft, source, budget, plain=attempt % 2 == 1), document, MISSING)
            except DeadEnd as error:
                reasons.append(str(error))
            except TooMuch as error:
                reasons.append(str(error))
                return

    def _canonized(self) -> tuple[Document | None, Demands | None]:
        try:
            document = canonical_document(self._document, self._draft)
        except Empty as empty:
            self._empty = empty
            return None, None
        return document, None if document is None else Demands(document, self._draft)


def made(walk: Walk, document: Document, hint: Any) -> Any:
    """Make a value; raises DeadEnd, TooMuch. Alternatives of alternatives of themselves lead nowhere."""
    try:
        return walk.value(document, hint=hint)
    except RecursionError:
        raise DeadEnd("the schema contains itself without an end") from None


def local_checks(document: Document, draft: Draft) -> Local:
    """Tell, for the schemas written in a document, how a value is checked against each alone."""
    validator_at = compile_parts(document, draft)
    pointers = {id(part): pointer for pointer, part in pointers_of(document)}

    def check(schema: Any) -> Callable[[Any], bool] | None:
        pointer = pointers.get(id(schema))
        return None if pointer is None else validator_at(pointer)

    return check


def without(value: Any, paths: list[Path]) -> Any:
    """Leave out of a value what stands at any of the paths."""
    gone = {path[0] for path in paths if len(path) == 1}
    below = {path[0] for path in paths if len(path) > 1}
    if isinstance(value, dict):
        kept = {name: one for name, one in value.items() if name not in gone}
        return {name: inner(one, name, paths) if name in below else one for name, one in kept.items()}
    if isinstance(value, list):
        items = enumerate(value)
        return [MISSING if at in gone else inner(one, at, paths) if at in below else one for at, one in items]
    return value


def inner(value: Any, step: str | int, paths: list[Path]) -> Any:
    return without(value, [path[1:] for path in paths if path[0] == step and len(path) > 1])
