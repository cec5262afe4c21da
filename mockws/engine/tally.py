"""The tally: how often what was exercised, from the outcomes. It decides nothing.

Coverage and metrics are read from it, so that a message costs one count and no more.
"""

from collections import Counter

from mockws.codec import Packed, decode_json
from mockws.contract import Contract, Example, Message
from mockws.engine.actions import Entry, Outcome
from mockws.engine.compose import covers
from mockws.engine.events import Connected, ContractReplaced, Event

Key = tuple[str, str]  # a channel's name, and a message's


class Tally:
    """The counts of one session."""

    def __init__(self, contract: Contract) -> None:
        self.messages: Counter[tuple[str | None, str | None, str | None, str | None]] = Counter()
        self.opened: Counter[str] = Counter()  # channel
        self.events: Counter[str] = Counter()  # but for messages, which are counted above
        self.closed: Counter[int | None] = Counter()  # close code
        self.examples: Counter[tuple[str, str, str]] = Counter()  # channel, message, example
        self._adopt(contract)

    def _adopt(self, contract: Contract) -> None:
        """Note which examples clients can send: only those are looked for in what they say."""
        self._examples = {
            (channel.name, message.name): _named_examples(message)
            for channel in contract.channels
            for message, _ in contract.incoming(channel)
            if _named_examples(message)
        }

    def see(self, outcome: Outcome) -> None:
        """Count what an outcome has written down."""
        for entry in outcome.entries:
            if entry.event == "message":
                direction = entry.direction
                self.messages[entry.channel, direction, entry.message, entry.outcome] += 1
                if entry.example is not None or (self._examples and direction == "in"):
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

    def all_events(self) -> Counter[str]:
        """Count what happened by its kind, messages included."""
        return self.events + Counter(message=sum(self.messages.values()))

    def _see_example(self, entry: Entry) -> None:
        if entry.channel is None or entry.message is None:
            return
        if entry.example is not None:
            self.examples[entry.channel, entry.message, entry.example] += 1
        elif (entry.channel, entry.message) in self._examples:
            self._see_received(entry, (entry.channel, entry.message))

    def _see_received(self, entry: Entry, key: Key) -> None:
        """An example counts as sent by whoever says all of it; the ones that were seen are not looked for again."""
        frame = entry.frame
        value = decode_json(frame) if isinstance(frame, str) else frame.value if isinstance(frame, Packed) else frame
        for example in [each for each in self._examples[key] if covers(value, each.payload)]:
            self.examples[*key, example.name] += 1
            self._examples[key].remove(example)
        if not self._examples[key]:
            del self._examples[key]

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
