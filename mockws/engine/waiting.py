"""Answers that nobody was there for yet: kept for the first connection that comes in time, else undelivered."""

from collections.abc import Mapping

from mockws.codec import Frame
from mockws.contract import Channel, Message
from mockws.engine.actions import Action, CancelTimer, Entry, Send, SetTimer
from mockws.engine.events import TimerId
from mockws.engine.state import MAX_KEPT, Connection, Kept, World

Result = tuple[tuple[Action, ...], tuple[Entry, ...]]
NOBODY = "no one was there to get it"


class Waiting:
    """Keeps answers for `--reply-wait`."""

    def __init__(self, world: World, seconds: float) -> None:
        self._world = world
        self._seconds = seconds

    def keep(
        self,
        channel: Channel | None,
        path: str | None,
        room: Mapping[str, str],
        frame: Frame,
        message: Message,
        cause: str,
        at: float,
    ) -> Result:
        """Keep an answer; where too many are kept already, or none are to be, it is undelivered at once."""
        kept = Kept(self._world.new_timer(), channel, path, room, frame, message.name, cause)
        if self._seconds <= 0 or len(self._world.kept) >= MAX_KEPT:
            return (), (_undelivered(kept, at, NOBODY),)
        self._world.kept[kept.timer] = kept
        return (SetTimer(kept.timer, self._seconds),), ()

    def expire(self, timer: TimerId, at: float) -> Result | None:
        """Give up on an answer; None where the timer is not one of these."""
        kept = self._world.kept.pop(timer, None)
        return ((), (_undelivered(kept, at, NOBODY),)) if kept else None

    def give_up(self, reason: str, at: float) -> Result:
        """Give up on all that is kept."""
        kept = list(self._world.kept.values())
        self._world.kept.clear()
        return tuple(CancelTimer(each.timer) for each in kept), tuple(_undelivered(each, at, reason) for each in kept)

    def deliver(self, connection: Connection, at: float) -> Result:
        """Hand a new connection whatever waited for someone like it."""
        actions: list[Action] = []
        entries: list[Entry] = []
        for kept in [each for each in self._world.kept.values() if _is_for(each, connection)]:
            del self._world.kept[kept.timer]
            actions += (CancelTimer(kept.timer), Send((connection.id,), kept.frame))
            connection.sent += 1
            cause = f"{kept.cause}; it waited for a connection"
            entries.append(_entry(kept, at, "message", connection.id, connection.address, cause))
        return tuple(actions), tuple(entries)


def _is_for(kept: Kept, connection: Connection) -> bool:
    if kept.path is not None:
        return connection.is_at(kept.path)
    there = {channel.name for channel in connection.route.channels}
    return kept.channel is not None and kept.channel.name in there and connection.is_in_room(kept.parameters)


def _undelivered(kept: Kept, at: float, reason: str) -> Entry:
    return _entry(kept, at, "undelivered", None, kept.path, kept.cause, reason)


def _entry(
    kept: Kept, at: float, event: str, connection: str | None, address: str | None, cause: str, note: str = ""
) -> Entry:
    name = kept.channel.name if kept.channel else None
    return Entry(at, event, connection, name, address, "out", kept.message, kept.frame, cause=cause, note=note)
