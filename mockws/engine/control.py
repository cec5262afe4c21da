"""What somebody outside does to connections: close them, break them, ask for a pong. It needs no expectation."""

from collections.abc import Callable

from mockws.engine.actions import ENDINGS, Action, Close, Entry
from mockws.engine.breaking import deed_of
from mockws.engine.context import Chance
from mockws.engine.delivery import Result, cut, ping
from mockws.engine.events import CloseCommand, ConnectionId, FaultCommand, PingCommand
from mockws.engine.state import Connection, World
from mockws.errors import BadExpectation
from mockws.expect.faults import fault_of
from mockws.expect.steps import check_close

ADMIN = "admin"
Done = tuple[Result, tuple[ConnectionId, ...] | BadExpectation]


class Control:
    """Does as it is told."""

    def __init__(self, world: World, seed: str, under_way: Callable[[ConnectionId], list[str]]) -> None:
        self._world = world
        self._seed = seed
        self._under_way = under_way  # names the expectations whose scripts wait

    def close(self, command: CloseCommand, at: float) -> Done:
        """Close connections with a close frame."""
        reason = cut(command.reason)
        try:
            check_close(command.code, reason)
        except BadExpectation as problem:
            return ((), ()), problem
        there = self._there(command.connections)
        actions = tuple(Close(each.id, command.code, reason) for each in there)
        return (actions, self._dropped(there, "close", at)), tuple(each.id for each in there)

    def fault(self, command: FaultCommand, at: float) -> Done:
        """Do to a connection what no well-behaved server does."""
        try:
            fault = fault_of(command.fault, "/fault")
            fault.check(self._world.power, "/fault")
        except BadExpectation as problem:
            return ((), ()), problem
        there = self._there((command.connection,))
        told = [Entry(at, "fault", each.id, address=each.address, note=fault.name, cause=ADMIN) for each in there]
        actions: tuple[Action, ...] = tuple(
            deed_of(fault, each.id, Chance(f"{self._seed}|fault|{each.id}")) for each in there
        )
        ended = [each for each, deed in zip(there, actions, strict=True) if isinstance(deed, ENDINGS)]
        return (actions, (*told, *self._dropped(ended, "fault", at))), tuple(each.id for each in there)

    def ping(self, command: PingCommand, at: float) -> Done:
        """Ask a client for a pong."""
        there = self._there((command.connection,))
        asked = [ping(each, at, cause=ADMIN) for each in there]
        actions = tuple(action for done, _ in asked for action in done)
        return (actions, tuple(entry for _, told in asked for entry in told)), tuple(each.id for each in there)

    def _there(self, connections: tuple[ConnectionId, ...]) -> list[Connection]:
        found = (self._world.connections.get(each) for each in dict.fromkeys(connections))
        return [each for each in found if each is not None]

    def _dropped(self, there: list[Connection], end: str, at: float) -> tuple[Entry, ...]:
        """A close or a fault cancels what is pending, and the journal says so."""
        pending = ((each, self._under_way(each.id)) for each in there)
        return tuple(
            Entry(at, "undelivered", each.id, address=each.address, note=dropped(end, rules), cause=ADMIN)
            for each, rules in pending
            if rules
        )


def dropped(end: str, rules: list[str]) -> str:
    """Say what is never said, as its connection has come to an end."""
    return f"dropped by the {end}: what was still to come of {', '.join(rules)}"
