"""Who exercised what of the document, read from the journal when somebody asks: a message costs nothing more for it.

What the journal has dropped before it was read is counted as missed.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from mockws.codec import Frame, Packed, Undecodable, decode_json
from mockws.contract import Action, Channel, Contract, Message
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

    def look(self) -> Ledger:
        """Read on to the end of the journal."""
        journal = self.engine.journal
        self.missed += max(0, journal.first - 1 - self._seen)
        for recorded in journal.since(self._seen):
            reader = READERS.get(recorded.entry.event)
            if reader is not None:
                reader(self, recorded.entry)
        self._seen = journal.last
        return self.ledger

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
        named = self._channel(entry)
        if named is None:
            return
        channel, message = named
        value = value_of(entry.frame)
        marks = [message_mark(channel, message), *enum_marks(channel, message, value)]
        marks += self._operations(channel, message, entry)
        marks += (example_mark(channel, message, name) for name in _examples(message, value, entry))
        if not entry.cause.startswith(UNASKED):
            marks += replies_to(self._contract, channel, message, self._asked)
        self._note(marks, entry)

    def _channel(self, entry: Entry) -> tuple[Channel, Message] | None:
        for channel in self._contract.channels:
            if channel.name == entry.channel:
                found = [each for each in self._contract.messages_of(channel) if each.name == entry.message]
                return (channel, found[0]) if found else None
        return None

    def _operations(self, channel: Channel, message: Message, entry: Entry) -> Iterator[Mark]:
        for operation in operations_with(self._contract, channel, message, DIRECTIONS[entry.direction or "in"]):
            self._asked[operation.name] = message
            yield operation_mark(operation)

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
        named = self._channel(entry)
        if named is not None:
            self._note([message_mark(*named)], entry, f"undelivered: {entry.note or 'nobody was there'}")


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


def _examples(message: Message, value: Any, entry: Entry) -> list[str]:
    """Name the examples that were said: by the mock as it knows, by a client that says all of one."""
    if entry.example is not None:
        return [entry.example]
    if entry.direction == "out":
        return []
    return [each.name for each in message.valid_examples if each.name and covers(value, each.payload)]
