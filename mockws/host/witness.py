"""Who exercised what of the document, read from the journal when somebody asks: a message costs nothing more for it.

What the journal has dropped before it was read is counted as missed.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from mockws.codec import Frame, Packed, Undecodable, decode_json
from mockws.contract import Action, Channel, Contract, Message, Operation
from mockws.engine.actions import Entry
from mockws.engine.compose import covers
from mockws.engine.context import facts_of
from mockws.engine.engine import Engine
from mockws.engine.search import is_valid
from mockws.errors import BadPath
from mockws.exercise import (
    Ledger,
    Mark,
    Occasion,
    answering,
    channel_mark,
    enum_marks,
    example_mark,
    message_mark,
    operation_mark,
    operations_with,
    parameter_marks,
    replies_to,
)

AGENT = "user-agent"
LONGEST = 40  # characters of how a client calls itself
MOST_NAMES = 10_000  # connections whose names are kept while the journal is read
SLICE = 500  # entries that are read in one go
UNASKED = "pushed by"
DIRECTIONS = {"in": Action.RECEIVE, "out": Action.SEND}


@dataclass
class Witness:
    """Reads the journal of one session, each entry once."""

    engine: Engine
    session: str = ""
    ledger: Ledger = field(default_factory=Ledger)
    missed: int = 0
    _seen: int = 0
    _asked: dict[str, Message] = field(default_factory=dict)  # operation -> its last request
    _names: dict[str, str] = field(default_factory=dict)  # connection -> what it is called
    _known: dict[tuple[str | None, str | None, str | None], "Known | None"] = field(default_factory=dict)
    _known_of: Contract | None = None

    def look(self) -> Ledger:
        """Read on to the end of the journal."""
        while not self.looked():
            continue
        return self.ledger

    def looked(self, most: int = SLICE) -> bool:
        """Read on for so many entries; tell whether that is the end of the journal."""
        journal = self.engine.journal
        lost = max(0, journal.first - 1 - self._seen)
        self.missed, self._seen = self.missed + lost, self._seen + lost
        for recorded in journal.since(self._seen, most):
            reader = READERS.get(recorded.entry.event)
            if reader is not None:
                reader(self, recorded.entry)
            self._seen = recorded.seq
        return self._seen >= journal.last

    def clear(self) -> None:
        """Begin anew, with what comes from now on."""
        self.ledger, self.missed, self._seen = Ledger(), 0, self.engine.journal.last
        self._asked.clear()

    @property
    def _contract(self) -> Contract:
        return self.engine.contract

    def _note(self, marks: Iterable[Mark], entry: Entry, failing: str = "") -> None:
        self.ledger.note(marks, Occasion(self._name(entry.connection), entry.at, failing))

    def _name(self, connection: str | None) -> str:
        """Say who it was: the connection, its session, and what it calls itself."""
        if connection is None:
            return ""
        if connection not in self._names:
            if len(self._names) >= MOST_NAMES:
                self._names.clear()
            self._names[connection] = self._named(connection)
        return self._names[connection]

    def _named(self, connection: str) -> str:
        there = self.engine.world.connections.get(connection)
        facts = facts_of(there) if there is not None else self.engine.journal.facts(connection)
        agent = facts.headers.get(AGENT, "") if facts is not None else ""
        shown = f" ({agent if len(agent) <= LONGEST else agent[: LONGEST - 1] + '…'})" if agent else ""
        return f"{self.session}/{connection}{shown}" if self.session else f"{connection}{shown}"

    def _place(self, entry: Entry) -> tuple[tuple[Channel, ...], dict[str, str]]:
        """Give the channels at an entry's address, and the values of their parameters."""
        try:
            found = self._contract.book.find((entry.address or "").partition("?")[0])
        except BadPath:
            found = None
        return (found[0].channels, found[1]) if found is not None else ((), {})

    def _opened(self, entry: Entry) -> None:
        channels, values = self._place(entry)
        marks = [mark for each in channels for mark in (channel_mark(each), *parameter_marks(each, values))]
        self._note(marks, entry)

    def _refused(self, entry: Entry) -> None:
        channels, _ = self._place(entry)
        self._note(map(channel_mark, channels), entry, f"refused: {entry.note or entry.code}")

    def _message(self, entry: Entry) -> None:
        if entry.direction == "in" and not is_valid(entry):
            self._invalid(entry)
            return
        known = self._knowledge(entry)
        if known is None:
            return
        channel, message, value = known.channel, known.message, value_of(entry.frame)
        marks = [*known.marks, *enum_marks(channel, message, value)]
        marks += (example_mark(channel, message, name) for name in known.examples_in(value, entry))
        if known.answers and not entry.cause.startswith(UNASKED):
            marks += replies_to(known.answers, channel, message, self._asked)
        for name in known.asks:
            self._asked[name] = message
        self._note(marks, entry)

    def _knowledge(self, entry: Entry) -> "Known | None":
        """Look up what a message stands for, once for each kind of message."""
        if self._contract is not self._known_of:
            self._known_of = self._contract
            self._known.clear()
        key = (entry.channel, entry.message, entry.direction)
        if key not in self._known:
            self._known[key] = known_of(self._contract, *key)
        return self._known[key]

    def _invalid(self, entry: Entry) -> None:
        """Hold an invalid message against the one that it is closest to, else against the channel."""
        channels, _ = self._place(entry)
        told = entry.note or "; ".join(str(each) for each in entry.violations[:1]) or "it fits no message"
        marks = [
            mark
            for channel in channels
            for message, operation in self._contract.incoming(channel)
            if message.name == entry.message
            for mark in (message_mark(channel, message), operation_mark(operation))
        ]
        self._note([*map(channel_mark, channels[:1]), *marks], entry, told)

    def _undelivered(self, entry: Entry) -> None:
        known = self._knowledge(entry)
        if known is not None:
            mark = message_mark(known.channel, known.message)
            self._note([mark], entry, f"undelivered: {entry.note or 'nobody was there'}")


READERS = {
    "open": Witness._opened,
    "refused": Witness._refused,
    "message": Witness._message,
    "undelivered": Witness._undelivered,
}


def value_of(frame: Frame | None) -> Any:
    """Give what a frame says: JSON, what bytes were made of, else itself."""
    if isinstance(frame, Packed):
        return frame.value
    value = decode_json(frame) if isinstance(frame, str) else frame
    return frame if isinstance(value, Undecodable) else value


@dataclass(frozen=True, eq=False)
class Known:
    """What a message that goes over on a channel stands for."""

    channel: Channel
    message: Message
    marks: tuple[Mark, ...]
    asks: tuple[str, ...]  # the operations in which it is exchanged
    answers: tuple[Operation, ...]  # those that it may be a reply of

    def examples_in(self, value: Any, entry: Entry) -> Iterator[str]:
        """Name the examples that were said: by the mock as it knows, by a client that says all of one."""
        if entry.example is not None:
            yield entry.example
        elif entry.direction == "in":
            yield from (each.name for each in self.message.valid_examples if each.name and covers(value, each.payload))


def known_of(contract: Contract, channel: str | None, message: str | None, direction: str | None) -> Known | None:
    """Look a message up; None where the document has no such thing."""
    place = next((each for each in contract.channels if each.name == channel), None)
    if place is None or direction not in DIRECTIONS:
        return None
    found = next((each for each in contract.messages_of(place) if each.name == message), None)
    if found is None:
        return None
    asked = operations_with(contract, place, found, DIRECTIONS[direction])
    marks = (message_mark(place, found), *map(operation_mark, asked))
    return Known(place, found, marks, tuple(each.name for each in asked), answering(contract, place, found))
