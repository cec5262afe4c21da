"""Which entries of the journal are meant, and how the others differ: what find, count, wait and verify go by.

A search looks at each entry once, in its order, however often it is asked to look. It changes nothing.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from msgspec import UNSET

from mockws.codec import Frame, Kind, Undecodable
from mockws.contract import Action, Channel, Contract, Message, Operation
from mockws.engine.actions import Entry
from mockws.engine.context import facts_of
from mockws.engine.distance import Near, distance
from mockws.engine.engine import Engine
from mockws.engine.journal import Journal, Recorded
from mockws.engine.reception import takes_binary
from mockws.errors import BadPath, UnknownName
from mockws.expect.expectation import ConnectionMatcher, Facts, MessageMatcher
from mockws.expect.likeness import shortened
from mockws.expect.matchers import Difference, Subject
from mockws.expect.model import MessageMatching
from mockws.expect.selection import BODY, NAME, VALID
from mockws.expression import MISSING
from mockws.schema.schema import Violation
from mockws.source.pointer import resolve

MESSAGE = "message"
NO_MESSAGE = "no message of the document"
SLICE = 500  # entries that are looked at in one go
COMPARED = 500  # of the newest entries that are not what was wanted
SHOWN = 5  # near misses


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries are meant."""

    event: str = MESSAGE
    direction: str | None = None
    channel: Channel | None = None
    operation: Operation | None = None
    connection: ConnectionMatcher | None = None
    message: MessageMatcher | None = None

    def __str__(self) -> str:
        """Say it in words."""
        matching = self.message.matching if self.message is not None else MessageMatching()
        done = {"in": " received", "out": " sent"}.get(self.direction or "", "")
        place = f" on {self.channel.name}" if self.channel else f" of {self.operation.name}" if self.operation else ""
        narrowed = self.connection is not None or any(
            each is not UNSET for each in (matching.body, matching.type, matching.valid)
        )
        what = f"{self.event} {matching.name}" if matching.name is not UNSET else self.event
        return f"{what}{done}{place}{' that fits' if narrowed else ''}"


def is_valid(entry: Entry) -> bool:
    """Tell whether a message that came in is one of the document's: an invalid one names what it is closest to."""
    return entry.message is not None and not entry.violations


def is_gone(journal: Journal, after: int) -> str:
    """Say why the entries after a number are not all there; empty where they are."""
    if after > journal.last:
        return f"the journal ends at {journal.last}: {after} is of another one, from before the mock was restarted"
    if journal.lost_since(after):
        there = f"ask for what comes after {journal.first - 1}"
        return f"entries before {journal.first} were dropped; {there}, or serve with a higher --journal-limit"
    return ""


class Judge:
    """Holds entries against what is wanted."""

    def __init__(self, engine: Engine, wanted: Wanted) -> None:
        self._engine = engine
        self._wanted = wanted
        self._places: dict[str, frozenset[str]] = {}

    def concerns(self, entry: Entry) -> bool:
        """Tell whether an entry is of the kind that is wanted at all."""
        wanted = self._wanted
        return entry.event == wanted.event and wanted.direction in (None, entry.direction)

    def differences(self, entry: Entry) -> list[Difference]:
        """Say how an entry that is of the right kind is not what was wanted."""
        found = [*self._elsewhere(entry), *self._another_connection(entry)]
        return found + self._another_message(entry) if entry.event == MESSAGE else found

    def _elsewhere(self, entry: Entry) -> Iterator[Difference]:
        channel, operation = self._wanted.channel, self._wanted.operation
        if channel is not None and channel.name not in self._channels(entry):
            actual = ", ".join(sorted(self._channels(entry))) or entry.address or "nowhere"
            yield Difference("/channel", channel.name, actual)
        if operation is not None and not _belongs(entry, operation):
            yield Difference("/operation", operation.name, entry.message or NO_MESSAGE)

    def _channels(self, entry: Entry) -> frozenset[str]:
        """Name the channels of an entry; what does not know its own is at all those of its address."""
        if entry.channel is not None:
            return frozenset((entry.channel,))
        address = entry.address or ""
        if address not in self._places:
            self._places[address] = _channels_at(self._engine.contract, address)
        return self._places[address]

    def _another_connection(self, entry: Entry) -> list[Difference]:
        matcher = self._wanted.connection
        if matcher is None:
            return []
        facts = facts_in(self._engine, entry.connection)
        if facts is None:
            return [Difference("/connection", "one that is known", "nothing is known of it")]
        return matcher.differences(facts)

    def _another_message(self, entry: Entry) -> list[Difference]:
        matcher = self._wanted.message
        valid = is_valid(entry)
        if matcher is None:
            if valid or entry.direction != "in":
                return []
            return self._explained([Difference(VALID, "true", "false")], None, entry)
        subject = Subject.of_frame(entry.frame if entry.frame is not None else "")
        if entry.direction == "out":
            valid = self._may_be_said(entry, subject) if matcher.matching.valid is not UNSET else True
        names = self._names(entry, subject, matcher)
        return self._explained(matcher.differences(subject, names, valid=valid), matcher, entry)

    def _explained(
        self, differences: list[Difference], matcher: MessageMatcher | None, entry: Entry
    ) -> list[Difference]:
        if not entry.violations:
            return differences
        meant = (each for each in self._messages(entry) if each.name == entry.message)
        names = frozenset(name for each in meant for name in (each.name, *each.aliases))
        return with_violations(differences, matcher, names, entry.violations, entry.frame)

    def _names(self, entry: Entry, subject: Subject, matcher: MessageMatcher) -> frozenset[str]:
        """Give what a message goes by: its own names, and the one asked for, where it is accepted as that one too."""
        wanted = matcher.matching.name
        if wanted is UNSET:
            return frozenset()
        of_its_own = entry.message if entry.direction == "out" or is_valid(entry) else None
        names: set[str] = set()
        for message in self._messages(entry):
            if message.name == of_its_own:
                names.update((message.name, *message.aliases))
            elif message.named(wanted) and takes(message, subject):
                names.add(wanted)
        return frozenset(names or ({of_its_own} if of_its_own else ()))

    def _messages(self, entry: Entry) -> Iterator[Message]:
        contract, there = self._engine.contract, self._channels(entry)
        for channel in contract.channels:
            if channel.name in there:
                yield from contract.messages_of(channel)

    def _may_be_said(self, entry: Entry, subject: Subject) -> bool:
        return any(takes(message, subject) for message in self._messages(entry))


def facts_in(engine: Engine, connection: str | None) -> Facts | None:
    """Give what is known of a connection, whether it is still there or not."""
    live = engine.world.connections.get(connection or "")
    return facts_of(live) if live is not None else engine.journal.facts(connection or "")


def takes(message: Message, subject: Subject) -> bool:
    """Tell whether a frame is accepted as a message."""
    if message.codec is not None and subject.frame is not None:
        value = message.decode(subject.frame)
        return not isinstance(value, Undecodable) and message.payload.accepts(value)
    if isinstance(subject.frame, bytes):
        return takes_binary(message)
    if (
        message.kind in (Kind.JSON, Kind.LOOSE)
        and subject.value is not MISSING
        and message.payload.accepts(subject.value)
    ):
        return True
    return message.kind in (Kind.TEXT, Kind.LOOSE) and message.payload.accepts(subject.frame)


def _belongs(entry: Entry, operation: Operation) -> bool:
    """Tell whether a message is one of an operation: what it names comes one way, what answers that the other."""
    replies = operation.reply.messages if operation.reply is not None else ()
    with_it = (operation.action is Action.RECEIVE) is (entry.direction == "in")
    place = operation.channel
    if not with_it and operation.reply is not None and operation.reply.channel is not None:
        place = operation.reply.channel
    names = {message.name for message in (operation.messages if with_it else replies)}
    return entry.channel == place.name and entry.message in names


def _channels_at(contract: Contract, address: str) -> frozenset[str]:
    try:
        found = contract.book.find(address)
    except BadPath:
        return frozenset()
    return frozenset(channel.name for channel in found[0].channels) if found is not None else frozenset()


def with_violations(
    differences: list[Difference],
    matcher: MessageMatcher | None,
    closest: frozenset[str],
    violations: tuple[Violation, ...],
    frame: Frame | None,
) -> list[Difference]:
    """Say of a message that breaks the document how it does; one that was meant to be what is wanted is no other."""
    if not violations or not any(each.pointer == VALID for each in differences):
        return differences
    wanted = matcher.matching.name if matcher is not None else UNSET
    kept = [each for each in differences if not (each.pointer == NAME and wanted in closest)]
    known = {each.pointer for each in kept}
    value = Subject.of_frame(frame or "").value
    told = [
        Difference(BODY + each.pointer, shortened(each.message), _shown(value, each.pointer)) for each in violations
    ]
    return kept + [each for each in told if each.pointer not in known]


def _shown(value: Any, pointer: str) -> str:
    try:
        return Subject.of_value(resolve(value, pointer)).shown if value is not MISSING else "no JSON"
    except LookupError:
        return "nothing"


@dataclass(frozen=True, slots=True)
class Found:
    """An entry that was wanted."""

    seq: int
    at: float


class Looking(Protocol):
    """What goes through the journal in slices."""

    def look(self) -> bool: ...


def look_through(looking: Looking) -> None:
    """Let it look at all that is there."""
    while looking.look():
        pass


class Search:
    """Goes through the journal from a number on, and on as it grows."""

    def __init__(self, engine: Engine, wanted: Wanted, after: int = 0, most: int | None = None) -> None:
        self._journal = engine.journal
        self._judge = Judge(engine, wanted)
        self._most = most  # found entries, after which there is nothing more to look for
        self._missed: deque[Near] = deque(maxlen=COMPARED)
        self.wanted = wanted
        self.found: list[Found] = []
        self.seen = after  # the number of the last entry that was looked at
        self.gone = is_gone(engine.journal, after)  # why some were not seen

    def look(self) -> bool:
        """Look at the next slice of entries; tell whether there are more."""
        self.gone = self.gone or is_gone(self._journal, self.seen)
        self.seen = max(self.seen, self._journal.first - 1)
        for recorded in self._journal.since(self.seen, SLICE):
            if self.full:
                return False
            self.seen = recorded.seq
            self._take(recorded)
        return self.seen < self._journal.last and not self.full

    @property
    def full(self) -> bool:
        return self._most is not None and len(self.found) >= self._most

    def _take(self, recorded: Recorded) -> None:
        if not self._judge.concerns(recorded.entry):
            return
        differences = self._judge.differences(recorded.entry)
        if differences:
            self._missed.append(Near(recorded.seq, tuple(differences)))
        else:
            self.found.append(Found(recorded.seq, recorded.entry.at))

    def near(self, most: int = SHOWN) -> list[Near]:
        """Give the entries that come nearest to what is wanted, the newest first among equals."""
        return nearest(self._missed, most)


def nearest(missed: "deque[Near] | list[Near]", most: int = SHOWN) -> list[Near]:
    return sorted(missed, key=lambda near: (distance(near.differences), -near.seq))[:most]


def place_of(contract: Contract, channel: str | None, operation: str | None) -> tuple[Channel | None, Operation | None]:
    """Look up where entries are wanted; raises UnknownName."""
    return (
        contract.channel(channel) if channel is not None else None,
        contract.operation(operation) if operation is not None else None,
    )


def check_message(contract: Contract, wanted: Wanted) -> None:
    """A message that the document does not have will never be found; raises UnknownName."""
    name = wanted.message.matching.name if wanted.message is not None else UNSET
    if name is UNSET:
        return
    place = wanted.channel or (wanted.operation.channel if wanted.operation is not None else None)
    try:
        contract.message(name, (place,) if place is not None else ())
    except UnknownName:
        if wanted.operation is None:
            raise
        contract.message(name)  # it may be its reply, on another channel
