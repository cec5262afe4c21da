"""Triggers that come with time: every so often on each connection, or when a connection has been silent for a while."""

from mockws.engine.actions import Action, CancelTimer, SetTimer
from mockws.engine.book import Book, Rule
from mockws.engine.choose import Chooser, Moment
from mockws.engine.delivery import Result
from mockws.engine.events import ConnectionId, TimerId
from mockws.engine.script import Scripts
from mockws.engine.state import Connection, World


class Rhythm:
    """Sets interval and idle expectations off."""

    def __init__(self, world: World, book: Book, chooser: Chooser, scripts: Scripts) -> None:
        self._world = world
        self._book = book
        self._chooser = chooser
        self._scripts = scripts
        self._due: dict[TimerId, tuple[ConnectionId, Rule]] = {}
        self._of: dict[ConnectionId, dict[Rule, TimerId | None]] = {}  # none: it was set off, and waits for a message

    def start(self, connection: Connection) -> list[Action]:
        """Begin to count for a connection what is not counted yet."""
        counted = self._of.get(connection.id, {})
        return [self._arm(connection.id, rule) for rule in self._meant(connection) if rule not in counted]

    def _meant(self, connection: Connection) -> list[Rule]:
        names = [channel.name for channel in connection.route.channels]
        return [rule for kind in ("interval", "idle") for rule in self._book.candidates(kind, names)]

    def counts(self, connection: ConnectionId) -> bool:
        """Tell whether anything is counted for a connection."""
        return connection in self._of

    def heard(self, connection: ConnectionId) -> list[Action]:
        """A message came: silence is counted anew."""
        if connection not in self._of:
            return []
        idle = [rule for rule in self._of.get(connection, ()) if rule.compiled.trigger.type == "idle"]
        return [action for rule in idle for action in (*self._disarm(connection, rule), self._arm(connection, rule))]

    def fire(self, timer: TimerId, at: float) -> Result | None:
        """Set off what is due; None where the timer is not one of these."""
        due = self._due.pop(timer, None)
        if due is None:
            return None
        identity, rule = due
        self._of[identity][rule] = None
        connection = self._world.connections[identity]
        connection.beats += 1
        moment = Moment(at, connection, turn=connection.beats)
        result = self._scripts.start(rule, moment) if self._chooser.miss(rule, moment) is None else ((), ())
        if rule.compiled.trigger.type == "interval" and rule.remaining != 0 and not rule.expired(at):
            return (*result[0], self._arm(identity, rule)), result[1]
        return result

    def cancel(self, connection: ConnectionId) -> list[Action]:
        """Stop counting for a connection."""
        return [action for rule in [*self._of.get(connection, ())] for action in self._disarm(connection, rule)]

    def refresh(self) -> list[Action]:
        """Other expectations are in force: stop counting for those that are gone, and begin for those that came."""
        actions: list[Action] = []
        for connection in self._world.connections.values():
            meant = set(self._meant(connection))
            gone = [rule for rule in self._of.get(connection.id, ()) if rule not in meant]
            actions += [action for rule in gone for action in self._disarm(connection.id, rule)]
            actions += self.start(connection)
        return actions

    def restart(self) -> list[Action]:
        """Count anew for everyone."""
        cancelled = [action for connection in list(self._of) for action in self.cancel(connection)]
        return cancelled + self.refresh()

    def _arm(self, connection: ConnectionId, rule: Rule) -> Action:
        timer = self._world.new_timer()
        self._due[timer] = (connection, rule)
        self._of.setdefault(connection, {})[rule] = timer
        return SetTimer(timer, rule.compiled.every)

    def _disarm(self, connection: ConnectionId, rule: Rule) -> list[Action]:
        timer = self._of[connection].pop(rule)
        if not self._of[connection]:
            del self._of[connection]
        if timer is None:
            return []
        del self._due[timer]
        return [CancelTimer(timer)]
