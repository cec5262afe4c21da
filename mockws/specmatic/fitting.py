"""What an example shows, held against the messages of its channel: which one it is, and what is wrong with it.

Value strings become values that fit the message's schema, so that the whole can be judged, sent and compared.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mockws.codec import Kind
from mockws.contract import Message
from mockws.diagnostic import Diagnostic, Severity
from mockws.errors import BrokenSchema, CannotFake
from mockws.schema.schema import Schema, Violation
from mockws.source.pointer import parse, resolve
from mockws.specmatic.data import BadReference, substituted
from mockws.specmatic.example import Example, Said
from mockws.specmatic.values import REFERENCE, Wanted, leaves, wanted_of

ADVICE = "an example shows a message that the document has"


@dataclass(frozen=True, slots=True)
class Fitted:
    """An example's payload with values in the place of its value strings."""

    message: Message
    value: Any
    holes: Mapping[str, Wanted]  # pointer in the payload -> what stands there


def holes_of(payload: Any) -> dict[str, Wanted]:
    """Find the value strings of a payload."""
    read = ((pointer, wanted_of(leaf)) for pointer, leaf in leaves(payload) if isinstance(leaf, str))
    return {pointer: wanted for pointer, wanted in read if wanted is not None}


def fit(
    example: Example, said: Said, messages: Sequence[Message], known: Mapping[str, Any]
) -> tuple[Fitted | None, list[Diagnostic]]:
    """Find the message that an example shows; `known` are the values that its references stand for."""
    place = f"{said.pointer}/payload"
    try:
        payload = substituted(said.payload, known, place)
    except BadReference as problem:
        advice = "a name is given as (NAME:string) in what comes before"
        return None, [example.told(Severity.ERROR, "specmatic-value", str(problem), problem.pointer, advice)]
    holes = holes_of(said.payload) | _references(said.payload, known)
    judged = [(each, *_judged(each, payload, holes)) for each in messages]
    message, fitted, wrong = min(judged, key=lambda each: len(each[2]))
    if not wrong:
        return fitted, []
    return None, [_wrong(example, message, each, place) for each in wrong]


def _wrong(example: Example, message: Message, violation: Violation, place: str) -> Diagnostic:
    words = f"{message.title}: {violation.message}"
    return example.told(Severity.ERROR, "specmatic-example", words, place + violation.pointer, ADVICE)


def _references(payload: Any, known: Mapping[str, Any]) -> dict[str, Wanted]:
    """Find what stands for something that came before: its value is not known, so that any that fits will do."""
    texts = ((pointer, REFERENCE.fullmatch(leaf)) for pointer, leaf in leaves(payload) if isinstance(leaf, str))
    return {pointer: Wanted({}, (known[found["path"]],)) for pointer, found in texts if found is not None}


def _judged(message: Message, payload: Any, holes: Mapping[str, Wanted]) -> tuple[Fitted, Sequence[Violation]]:
    value = filled_in(payload, {pointer: _first(wanted) for pointer, wanted in holes.items()})
    for pointer, wanted in holes.items():
        value = _mended(message, value, pointer, wanted)
    checked = message.kind is not Kind.BINARY or message.codec is not None
    return Fitted(message, value, holes), message.payload.violations(value) if checked else ()


def _first(wanted: Wanted) -> Any:
    return wanted.samples[0] if wanted.samples else ""


def _mended(message: Message, value: Any, pointer: str, wanted: Wanted) -> Any:
    """Put something in a hole that fits there; where nothing is found, what is wrong is told."""
    for candidate in (*wanted.samples, *_made(message, value, pointer, wanted)):
        tried = filled_in(value, {pointer: candidate})
        if not any(_within(each.pointer, pointer) for each in message.payload.violations(tried)):
            return tried
    return value


def _made(message: Message, value: Any, pointer: str, wanted: Wanted) -> Iterable[Any]:
    """Make a value for a hole: by its pattern, or by the message's own schema where that has something there."""
    if not wanted.is_exact:
        try:
            found = resolve(message.payload.fake(pointer, like=value), pointer)
            schema = Schema(wanted.schema)
            if schema.accepts(found):
                yield found
            yield schema.fake(pointer)
        except (CannotFake, LookupError, BrokenSchema):
            return


def _within(violation: str, pointer: str) -> bool:
    return violation == pointer or violation.startswith(f"{pointer}/")


def filled_in(value: Any, pieces: Mapping[str, Any]) -> Any:
    """Put pieces in their places; what is around them is copied."""
    for pointer, piece in pieces.items():
        value = _with(value, parse(pointer), piece)
    return value


def _with(value: Any, tokens: Sequence[str], piece: Any) -> Any:
    if not tokens:
        return piece
    first, rest = tokens[0], tokens[1:]
    if isinstance(value, list):
        place = int(first)
        return [_with(each, rest, piece) if index == place else each for index, each in enumerate(value)]
    return {key: _with(each, rest, piece) if key == first else each for key, each in value.items()}
