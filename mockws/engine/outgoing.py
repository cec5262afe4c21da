"""Whether what is to be said is one of the messages that the mock may send: asked when it is said, and before.

What an expectation says the same each time is held against the document when it is put in force.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from msgspec import UNSET

from mockws.codec import Frame, Kind, Packed, Undecodable, decode_json, encode_json
from mockws.contract import Channel, Contract, Message
from mockws.engine.send import merged
from mockws.errors import BadExpectation
from mockws.expect.expectation import Step
from mockws.expect.model import Audience
from mockws.expression import MISSING
from mockws.source.pointer import join

SAYING = frozenset({"reply", "send", "stream"})
HINT = "; validate: false says it all the same"


def read_as(message: Message, frame: Frame) -> Frame | None:
    """Give a frame, where it is this message; with its value, where it is bytes that have one."""
    if isinstance(frame, bytes) and message.codec is None:
        opaque = message.kind is Kind.LOOSE and message.payload.document in (True, {})
        return frame if message.kind is Kind.BINARY or opaque else None
    value = message.decode(frame) if message.kind is not Kind.BINARY else MISSING
    if value is MISSING or isinstance(value, Undecodable) or not message.payload.accepts(value):
        return None
    return Packed.of(frame, value) if isinstance(frame, bytes) else frame


def says(message: Message, value: Any) -> bool:
    """Tell whether a value is this message, however that is written."""
    return (
        message.payload.accepts(value)
        if message.codec is not None
        else read_as(message, encode_json(value)) is not None
    )


def nearest(messages: Iterable[tuple[Message, Any]]) -> str:
    """Say what is wrong with what is none of these messages, by the one it is closest to; each with what it says."""
    read = [(each, value) for each, value in messages if value is not MISSING and not isinstance(value, Undecodable)]
    judged = [(each, each.payload.violations(value)) for each, value in read]
    told = [(each, found) for each, found in judged if found]
    closest = min(told, key=lambda pair: len(pair[1]), default=None)
    what = f"{closest[0].name}: {closest[1][0]}" if closest else "it is no message that is sent there"
    return f"it does not fit the document: {what}"


def as_read(message: Message, frame: Frame) -> Any:
    if message.codec is not None:
        return message.decode(frame)
    return decode_json(frame) if isinstance(frame, str) else MISSING


def check_constants(script: Iterable[Step], contract: Contract, there: Sequence[Channel]) -> None:
    """Hold what a script says the same each time against the document; raises BadExpectation."""
    for step in script:
        check_constants(step.otherwise, contract, there)
        if step.kind in SAYING and step.action.validate:
            messages = [each for channel in _heard_on(step, contract, there) for each in contract.outgoing(channel)]
            _check_said(step, messages)


def _heard_on(step: Step, contract: Contract, there: Sequence[Channel]) -> Sequence[Channel]:
    """Give the channels where it may be heard, as far as that is known beforehand: else all of them."""
    to = getattr(step.action, "to", "originating")
    if isinstance(to, Audience):
        return (contract.channel(to.channel),) if to.channel is not UNSET else contract.channels
    return contract.channels if to == "all" or not there else there


def _check_said(step: Step, messages: Sequence[Message]) -> None:
    action = step.action
    if not messages:
        return
    if action.json is not UNSET and step.json is None:
        _check_value(messages, action.json, join(step.pointer, "json"))
    for place, value in enumerate(getattr(action, "sequence", None) or ()):
        if not step.sequence or step.sequence[place] is None:
            _check_value(messages, value, join(step.pointer, "sequence", place))
    if action.text is not UNSET and step.text is None:
        _check_frame(messages, action.text, join(step.pointer, "text"))
    if action.message is not UNSET and action.with_ and step.overrides is None:
        _check_merged(step, messages)
    if step.frame is not None:
        _check_frame(messages, step.frame, join(step.pointer, "base64" if action.base64 is not UNSET else "file"))


def _check_merged(step: Step, messages: Sequence[Message]) -> None:
    """An example with something merged over it is still the message, or never will be."""
    message = next((each for each in messages if each.named(step.action.message)), None)
    wanted = step.action.example
    examples = message.valid_examples if message else ()
    example = next((each for each in examples if wanted is UNSET or each.name == wanted), None)
    if message is None or example is None or step.action.generate:
        return
    violations = message.payload.violations(merged(example.payload, step.action.with_), limit=1)
    if violations:
        told = f"it does not fit the document: {message.name}: {violations[0]}{HINT}"
        raise BadExpectation("breaks_the_contract", told, join(step.pointer, "with"))


def _check_value(messages: Sequence[Message], value: Any, pointer: str) -> None:
    if not any(says(each, value) for each in messages):
        raise BadExpectation("breaks_the_contract", nearest((each, value) for each in messages) + HINT, pointer)


def _check_frame(messages: Sequence[Message], frame: Frame, pointer: str) -> None:
    if all(read_as(each, frame) is None for each in messages):
        told = nearest((each, as_read(each, frame)) for each in messages)
        raise BadExpectation("breaks_the_contract", told + HINT, pointer)
