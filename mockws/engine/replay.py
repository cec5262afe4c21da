"""What a client has missed: what was said in its room while it was away, read from the journal.

The journal is bounded, and so is a replay: what was dropped there cannot be said again.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any

from mockws.engine.actions import Entry
from mockws.engine.journal import Recorded
from mockws.engine.state import Connection
from mockws.errors import TemplateFailed
from mockws.expect.matchers import Subject
from mockws.expect.path import Path, TooLong
from mockws.expression import MISSING
from mockws.schema.schema import ANCHOR

MOST = 1_000  # messages of one replay
SAID = frozenset({"message", "undelivered"})  # what was for nobody counts: nobody was there to hear it
GROUP = "group"  # key of an entry's details


def missed(
    journal: Iterable[Recorded], connection: Connection, channel: str | None, group: str | None
) -> Iterator[Recorded]:
    """Give what was said in a connection's room, or in a group; each thing once, however many heard it."""
    before: Entry | None = None
    for recorded in journal:
        entry = recorded.entry
        if not _was_said(entry, connection, channel, group):
            continue
        same = before is not None and (before.at, before.cause) == (entry.at, entry.cause)
        if same and before is not None and before.frame is entry.frame and before.connection != entry.connection:
            continue
        before = entry
        yield recorded


def _was_said(entry: Entry, connection: Connection, channel: str | None, group: str | None) -> bool:
    if (
        entry.direction != "out"
        or entry.event not in SAID
        or (entry.connection == connection.id and entry.event == "message")
    ):
        return False
    if group is not None:
        return entry.details.get(GROUP) == group
    return entry.channel == channel and (entry.address is None or entry.address == connection.address)


def after(found: Iterable[Recorded], since: Any, by: Path | None, epoch: datetime = ANCHOR) -> tuple[Recorded, ...]:
    """Leave out what the client knows already; raises TemplateFailed where `since` makes no sense.

    `since` is the last value that the client saw at `by`; without `by`, a number of the journal or a date-time.
    Nothing, and a value that is not found, mean that it has seen none of it. The mock's clock stood at 0 at `epoch`.
    """
    listed = list(found)
    if since in (None, ""):
        return tuple(listed[-MOST:])
    if by is not None:
        last = max((place for place, each in enumerate(listed) if _holds(each.entry, by, since)), default=-1)
        return tuple(listed[last + 1 :][-MOST:])
    is_later = _later_than(since, epoch)
    return tuple([each for each in listed if is_later(each)][-MOST:])


def _holds(entry: Entry, path: Path, wanted: Any) -> bool:
    value = MISSING if entry.frame is None else Subject.of_frame(entry.frame).value
    if value is MISSING:
        return False
    try:
        return any(
            found == wanted and isinstance(found, bool) is isinstance(wanted, bool) for _, found in path.found(value)
        )
    except TooLong:
        return False


def _later_than(since: Any, epoch: datetime) -> Callable[[Recorded], bool]:
    if isinstance(since, int) and not isinstance(since, bool):
        return lambda recorded: recorded.seq > since
    try:
        moment = datetime.fromisoformat(since)
        seconds = (moment - epoch).total_seconds()
    except (TypeError, ValueError):
        raise TemplateFailed("since", f"{since!r} is neither a number of the journal nor a date-time") from None
    # Times are written with milliseconds: what was said within that one was seen.
    return lambda recorded: recorded.entry.at >= seconds + 0.001
