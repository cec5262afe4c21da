"""What happened, and what time it is: the journal, the clock and the weather of a mock under test."""

from collections.abc import Iterator
from types import TracebackType
from typing import Self, Unpack

from mockws.client.client import Client
from mockws.client.views import ClockView, EntryView
from mockws.testing.told import pages
from mockws.testing.wanted import Matched, wanted
from mockws.units import Span


class Journal:
    """What happened, oldest first."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def __iter__(self) -> Iterator[EntryView]:
        return pages(self._client)

    def messages(self, message: str | None = None, **matched: Unpack[Matched]) -> list[EntryView]:
        """List what clients said, or of that what is meant; at most 1000."""
        return self._client.find(wanted(message, matched), limit=1000).entries

    def sent(self, message: str | None = None, **matched: Unpack[Matched]) -> list[EntryView]:
        """List what the mock said, or of that what is meant; at most 1000."""
        return self._client.find({**wanted(message, matched), "direction": "out"}, limit=1000).entries

    @property
    def last(self) -> int:
        """Give the number of the last entry: `after=` it, only what is new counts."""
        return self._client.journal(limit=1).last

    def clear(self) -> None:
        """Forget all entries; their numbers go on."""
        self._client.clear_journal()


class Clock:
    """The time of the mock: delays, streams, intervals and times to live go by it."""

    def __init__(self, client: Client) -> None:
        self._client = client

    @property
    def now(self) -> float:
        """Tell the seconds since the mock began."""
        return self._client.clock().now

    def freeze(self) -> ClockView:
        """Let time stand still."""
        return self._client.set_clock("freeze")

    def advance(self, by: Span) -> ClockView:
        """Move time on; what becomes due on the way has happened when this is over."""
        return self._client.set_clock("advance", by)

    def resume(self) -> ClockView:
        """Let time run again, from where it stands."""
        return self._client.set_clock("resume")

    def reset(self) -> ClockView:
        """Let time be the real one again."""
        return self._client.set_clock("reset")


class Faults:
    """A fault profile in force; at the end of a `with` block it is taken away."""

    def __init__(self, client: Client, channel: str) -> None:
        self._client = client
        self.channel = channel

    def remove(self) -> None:
        """Take it away."""
        self._client.remove_faults(self.channel)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.remove()
