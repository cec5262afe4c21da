"""The tally: how often what was exercised, from the outcomes. It decides nothing.

Coverage and metrics are read from it, so that a message costs one count and no more.
"""

from collections import Counter

from mockws.codec import Packed, decode_json
from mockws.contract import Contract, Example, Message
from mockws.engine.actions import Entry, Exchange, Outcome, Way
from mockws.engine.compose import covers
from mockws.engine.events import Connected, ContractReplaced, Event

Key = tuple[str, str]  # a channel's name, and a message's
MessageKey = tuple[str | None, str | None, str | None, str | None]  # channel, direction, message, outcome


class Tally:
    """The counts of one session."""

    def __init__(self, contract: Contract) -> None:
        self._messages: Counter[MessageKey] = Counter()
        self._ways: dict[Way, int] = {}  # exchanges that are not counted yet as what they say at length
        self.opened: Counter[str] = Counter()  # channel
        self.events: Counter[str] = Counter()  # but for messages, which are counted above
        self.closed: Counter[int | None] = Counter()  # close code
        self._examples: Counter[tuple[str, str, str]] = Counter()
        self._adopt(contract)

    def _adopt(self, contract: Contract) -> None:
        """Note which examples clients can send: only those are looked for in what they say."""
        self._wanted = {
            (channel.name, message.name): _named_examples(message)
            for channel in contract.channels
            for message, _ in contract.incoming(channel)
            if _named_examples(message)
        }

    def see(self, outcome: Outcome) -> None:
        """Count what an outcome has written down."""
        if type(outcome) is Exchange:
            way = outcome.way
            self._ways[way] = self._ways.get(way, 0) + 1
            return
        for entry in outcome.entries:
            if entry.event == "message":
                direction = entry.direction
                self._messages[entry.channel, direction, entry.message, entry.outcome] += 1
                if entry.example is not None or (self._wanted and direction == "in"):
                    self._see_example(entry)
            else:
                self._see_event(entry, outcome.event)
        if isinstance(outcome.event, ContractReplaced):
            self._adopt(outcome.event.contract)

    def _see_event(self, entry: Entry, event: Event) -> None:
        self.events[entry.event] += 1
        if entry.event == "close":
            self.closed[entry.code] += 1
        elif entry.event == "open" and isinstance(event, Connected):
            self.opened.update(channel.name for channel in event.route.channels)

    @property
    def messages(self) -> Counter[MessageKey]:
        """Give the counts of messages by channel, direction, message and outcome."""
        self._write_out()
        return self._messages

    @property
    def examples(self) -> Counter[tuple[str, str, str]]:
        """Give the counts of examples by channel, message and example."""
        self._write_out()
        return self._examples

    def _write_out(self) -> None:
        """Count exchanges as the messages that they are."""
        for way, count in self._ways.items():
            self._messages[way.channel, "in", way.asked, "spec"] += count
            self._messages[way.channel, "out", way.reply, None] += count
            if way.example is not None and way.reply is not None:
                self._examples[way.channel, way.reply, way.example] += count
        self._ways.clear()

    def all_events(self) -> Counter[str]:
        """Count what happened by its kind, messages included."""
        return self.events + Counter(message=sum(self.messages.values()))

    def _see_example(self, entry: Entry) -> None:
        if entry.channel is None or entry.message is None:
            return
        if entry.example is not None:
            self._examples[entry.channel, entry.message, entry.example] += 1
        elif (entry.channel, entry.message) in self._wanted:
            self._see_received(entry, (entry.channel, entry.message))

    def _see_received(self, entry: Entry, key: Key) -> None:
        """An example counts as sent by whoever says all of it; the ones that were seen are not looked for again."""
        frame = entry.frame
        value = decode_json(frame) if isinstance(frame, str) else frame.value if isinstance(frame, Packed) else frame
        for example in [each for each in self._wanted[key] if covers(value, each.payload)]:
            self._examples[*key, example.name] += 1
            self._wanted[key].remove(example)
        if not self._wanted[key]:
            del self._wanted[key]

    def add(self, other: "Tally") -> None:
        """Count what another one has counted, too."""
        for name in ("messages", "opened", "events", "closed", "examples"):
            getattr(self, name).update(getattr(other, name))

    def clear(self, contract: Contract) -> None:
        """Begin anew."""
        for name in ("messages", "opened", "events", "closed", "examples"):
            getattr(self, name).clear()
        self._adopt(contract)


def _named_examples(message: Message) -> list[Example]:
    return [each for each in message.valid_examples if each.name]
