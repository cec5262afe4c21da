"""Answers that nobody was there for yet: kept for the first connection that comes in time, else undelivered."""

from collections.abc import Mapping

from mockws.codec import Frame
from mockws.contract import Channel, Message
from mockws.engine.actions import Action, CancelTimer, Entry, Send, SetTimer
from mockws.engine.events import TimerId
from mockws.engine.state import MAX_KEPT, Connection, Kept, World

Result = tuple[tuple[Action, ...], tuple[Entry, ...]]


class Waiting:
    """Keeps answers for `--reply-wait`."""

    def __init__(self, world: World, seconds: float) -> None:
        self._world = world
        self._seconds = seconds

    def keep(
        self,
        channel: Channel | None,
        address: str | None,
        room: Mapping[str, str],
        frame: Frame,
        message: Message,
        cause: str,
        at: float,
    ) -> Result:
        """Keep an answer; where too many are kept already, or none are to be, it is undelivered at once."""
        kept = Kept(self._world.new_timer(), channel, address, room, frame, message.name, cause)
        if self._seconds <= 0 or len(self._world.kept) >= MAX_KEPT:
            return (), (_undelivered(kept, at),)
        self._world.kept[kept.timer] = kept
        return (SetTimer(kept.timer, self._seconds),), ()

    def expire(self, timer: TimerId, at: float) -> Result | None:
        """Give up on an answer; None where the timer is not one of these."""
        kept = self._world.kept.pop(timer, None)
        return ((), (_undelivered(kept, at),)) if kept else None

    def deliver(self, connection: Connection, at: float) -> Result:
        """Hand a new connection whatever waited for someone like it."""
        actions: list[Action] = []
        entries: list[Entry] = []
        for kept in [each for each in self._world.kept.values() if _is_for(each, connection)]:
            del self._world.kept[kept.timer]
            actions += (CancelTimer(kept.timer), Send((connection.id,), kept.frame))
            connection.sent += 1
            name = kept.channel.name if kept.channel else None
            cause = f"{kept.cause}; it waited for a connection"
            entries.append(
                Entry(
                    at, "message", connection.id, name, connection.address, "out", kept.message, kept.frame, cause=cause
                )
            )
        return tuple(actions), tuple(entries)


def _is_for(kept: Kept, connection: Connection) -> bool:
    if kept.address is not None:
        return connection.address == kept.address
    there = {channel.name for channel in connection.route.channels}
    return kept.channel is not None and kept.channel.name in there and connection.is_in_room(kept.parameters)


def _undelivered(kept: Kept, at: float) -> Entry:
    name = kept.channel.name if kept.channel else None
    note = "no one was there to get it"
    return Entry(
        at, "undelivered", None, name, kept.address, "out", kept.message, kept.frame, cause=kept.cause, note=note
    )
