"""What of a document can be exercised, and by whom, when and how it was: tests of a server, or consumers of a mock.

This file does not know who tells it.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

from mockws.codec import encode_json
from mockws.contract import Action, Channel, Contract, Message, Operation
from mockws.schema.parts import Path, values_at

NAMED = 5  # of those who exercised a thing, and of the ways in which it failed
MOST_KNOWN = 1000  # of those who exercised a thing: who is told apart from the others
MOST_EXAMINED = 200  # items of one message's arrays


class Kind(StrEnum):
    """What kind of thing is exercised."""

    CHANNEL = "channel"
    OPERATION = "operation"
    MESSAGE = "message"
    EXAMPLE = "example"
    ENUM_VALUE = "enumValue"
    PARAMETER = "parameter"
    REPLY = "reply"


WORDS: Mapping[str, str] = {
    **{kind: kind.value for kind in Kind},
    Kind.ENUM_VALUE: "enum value",
    Kind.REPLY: "reply pair",
}
PLURALS: Mapping[str, str] = {kind: f"{word}s" for kind, word in WORDS.items()}


class Mark(NamedTuple):
    """One thing of a document."""

    kind: Kind
    name: str


@dataclass(frozen=True, slots=True)
class Line:
    """One thing of a document, and how it was exercised."""

    kind: str
    name: str
    passed: int = 0
    failed: int = 0
    failing: tuple[str, ...] = ()  # how
    by: tuple[str, ...] = ()  # the first of those who did
    others: int = 0  # how many more there were
    first: float | None = None  # when, on the clock of whoever told
    last: float | None = None

    @property
    def exercised(self) -> bool:
        return bool(self.passed or self.failed)


@dataclass(frozen=True, slots=True)
class Occasion:
    """When something was exercised, by whom, and what was wrong with it."""

    by: str
    at: float
    failing: str = ""


@dataclass
class Record:
    """What is known of one thing."""

    passed: int = 0
    failed: int = 0
    failing: dict[str, None] = field(default_factory=dict)
    by: dict[str, None] = field(default_factory=dict)
    first: float | None = None
    last: float | None = None

    def note(self, occasion: Occasion) -> None:
        if occasion.failing:
            self.failed += 1
            if len(self.failing) < NAMED:
                self.failing[occasion.failing] = None
        else:
            self.passed += 1
        if occasion.by and len(self.by) < MOST_KNOWN:
            self.by[occasion.by] = None
        self._spread(occasion.at)

    def add(self, other: "Record") -> None:
        self.passed += other.passed
        self.failed += other.failed
        self.failing = dict.fromkeys([*self.failing, *other.failing][:NAMED])
        self.by = dict.fromkeys([*self.by, *other.by][:MOST_KNOWN])
        for at in (other.first, other.last):
            if at is not None:
                self._spread(at)

    def _spread(self, at: float) -> None:
        if self.first is None or at < self.first:
            self.first = at
        if self.last is None or at > self.last:
            self.last = at


@dataclass
class Ledger:
    """Who exercised what, for as long as somebody tells."""

    records: dict[Mark, Record] = field(default_factory=dict)

    def note(self, marks: Iterable[Mark], occasion: Occasion) -> None:
        """Write down that these were exercised; each once, however often it is named."""
        for mark in dict.fromkeys(marks):
            self.records.setdefault(mark, Record()).note(occasion)

    def add(self, other: "Ledger") -> None:
        """Take over what another one knows."""
        for mark, record in other.records.items():
            self.records.setdefault(mark, Record()).add(record)

    def lines(self, contract: Contract, counts: Mapping[Mark, int] | None = None) -> tuple[Line, ...]:
        """Tell of each thing of a document how it was exercised; who counted better may say how often."""
        counted = counts or {}
        return tuple(_line(mark, self.records.get(mark, Record()), counted.get(mark, 0)) for mark in marks_of(contract))


def _line(mark: Mark, record: Record, counted: int) -> Line:
    names = tuple(record.by)
    return Line(
        mark.kind.value,
        mark.name,
        max(record.passed, counted),
        record.failed,
        tuple(record.failing),
        names[:NAMED],
        len(names[NAMED:]),
        record.first,
        record.last,
    )


def marks_of(contract: Contract) -> tuple[Mark, ...]:
    """List all that can be exercised of a document, in its order."""
    there = [(channel, message) for channel in contract.channels for message in contract.messages_of(channel)]
    found = [channel_mark(channel) for channel in contract.channels]
    found += [operation_mark(operation) for operation in contract.operations]
    found += [message_mark(channel, message) for channel, message in there]
    found += [
        example_mark(channel, message, each.name)
        for channel, message in there
        for each in message.examples
        if each.name
    ]
    found += [mark for channel, message in there for mark in _all_enum_marks(channel, message)]
    found += [mark for channel in contract.channels for mark in _all_parameter_marks(channel)]
    found += [mark for operation in contract.operations for mark in _all_reply_marks(operation)]
    return tuple(dict.fromkeys(found))


def channel_mark(channel: Channel) -> Mark:
    return Mark(Kind.CHANNEL, channel.name)


def operation_mark(operation: Operation) -> Mark:
    return Mark(Kind.OPERATION, operation.name)


def message_mark(channel: Channel, message: Message) -> Mark:
    return Mark(Kind.MESSAGE, f"{channel.name}/{message.name}")


def example_mark(channel: Channel, message: Message, example: str) -> Mark:
    return Mark(Kind.EXAMPLE, f"{channel.name}/{message.name}#{example}")


def reply_mark(operation: Operation, request: Message, reply: Message) -> Mark:
    return Mark(Kind.REPLY, f"{operation.name}: {request.name} → {reply.name}")


def _all_reply_marks(operation: Operation) -> Iterator[Mark]:
    for request in operation.messages:
        answers = operation.reply.messages if operation.reply else ()
        own = (request.response,) if request.response is not None and not answers else ()
        yield from (reply_mark(operation, request, each) for each in (*answers, *own))


def parameter_marks(channel: Channel, values: Mapping[str, str]) -> Iterator[Mark]:
    """Give what of a channel's parameters an address exercises: a value of an enum, else the parameter."""
    for each in channel.parameters:
        value = values.get(each.name)
        if value is not None and (not each.enum or value in each.enum):
            yield _parameter_mark(channel, each.name, value if each.enum else "")


def _all_parameter_marks(channel: Channel) -> Iterator[Mark]:
    for each in channel.parameters:
        yield from (_parameter_mark(channel, each.name, value) for value in each.enum or ("",))


def _parameter_mark(channel: Channel, name: str, value: str) -> Mark:
    return Mark(Kind.PARAMETER, f"{channel.name} {{{name}}}{f' = {value}' if value else ''}")


def enum_marks(channel: Channel, message: Message, value: Any) -> Iterator[Mark]:
    """Give the enum values that a message has."""
    for path, listed in message.enums:
        for count, own in enumerate(values_at(value, path)):
            if count >= MOST_EXAMINED:
                break
            if any(own == each and isinstance(own, bool) == isinstance(each, bool) for each in listed):
                yield _enum_mark(channel, message, path, own)


def _all_enum_marks(channel: Channel, message: Message) -> Iterator[Mark]:
    for path, listed in message.enums:
        yield from (_enum_mark(channel, message, path, value) for value in listed)


def _enum_mark(channel: Channel, message: Message, path: Path, value: Any) -> Mark:
    place = "".join(f"/{step}" for step in path) or "/"
    return Mark(Kind.ENUM_VALUE, f"{channel.name}/{message.name} {place} = {encode_json(value)}")


def operations_with(contract: Contract, channel: Channel, message: Message, action: Action) -> list[Operation]:
    """Find the operations in which a message is exchanged; not those that it answers."""
    return [each for each in contract.operations_at(channel, action) if _is_among(message, each.messages)]


def answering(contract: Contract, channel: Channel, message: Message) -> tuple[Operation, ...]:
    """Find the operations that a message may be a reply of, whatever was asked."""
    return tuple(
        operation
        for operation in contract.operations
        if any(_is_among(message, _answers_of(operation, request, channel)) for request in operation.messages)
    )


def replies_to(
    operations: Iterable[Operation], channel: Channel, message: Message, asked: Mapping[str, Message]
) -> Iterator[Mark]:
    """Give the pairs that a message completes, where `asked` has the last request of each operation."""
    for operation in operations:
        request = asked.get(operation.name)
        if request is not None and _is_among(message, _answers_of(operation, request, channel)):
            yield reply_mark(operation, request, message)


def _is_among(message: Message, messages: Iterable[Message]) -> bool:
    return any(each.name == message.name for each in messages)


def _answers_of(operation: Operation, request: Message, channel: Channel) -> tuple[Message, ...]:
    """Give what may answer a request on a channel."""
    if operation.reply is not None and operation.reply.messages:
        place = operation.reply.channel or operation.channel
        return operation.reply.messages if place.name == channel.name else ()
    return (request.response,) if request.response is not None and operation.channel.name == channel.name else ()


def overall(lines: Iterable[Line], kind: str | None = None) -> tuple[int, int]:
    """Tell how many of how many were exercised, of one kind or of all."""
    meant = [line for line in lines if kind is None or line.kind == kind]
    return sum(1 for line in meant if line.exercised), len(meant)
