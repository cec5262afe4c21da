"""How many are there, and whether there is room for one more: in all, and of one client address.

All sessions share the room. Who comes and goes is seen in the outcomes of their engines.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from mockws.engine.actions import Outcome
from mockws.engine.events import Closed, Connected, ConnectionId
from mockws.settings import Settings


class Addresses:
    """Where the connections of one driver come from; an observer."""

    def __init__(self) -> None:
        self._of: dict[ConnectionId, str] = {}
        self.counts: Counter[str] = Counter()

    def __call__(self, outcome: Outcome) -> None:
        event = outcome.event
        if isinstance(event, Connected) and event.opening.client:
            self._of[event.connection] = event.opening.client
            self.counts[event.opening.client] += 1
        elif isinstance(event, Closed) and (address := self._of.pop(event.connection, None)) is not None:
            self.counts[address] -= 1
            if not self.counts[address]:
                del self.counts[address]


@dataclass(frozen=True)
class NoRoom:
    """Why nobody else is let in."""

    status: int
    title: str
    detail: str


class Crowd:
    """Everyone who is there, as far as there are bounds for it."""

    def __init__(self, settings: Settings, here: Callable[[], int], of_address: Callable[[str], int]) -> None:
        self._most = settings.max_connections
        self._most_of_address = settings.max_connections_per_address
        self._here = here
        self._of_address = of_address

    def refusal(self, address: str) -> NoRoom | None:
        """Say why there is no room for a client of this address; nothing, where there is."""
        here = self._here()
        if here >= self._most:
            return NoRoom(503, "too many connections", f"{here} are open already")
        if self._most_of_address and address and self._of_address(address) >= self._most_of_address:
            detail = f"{self._most_of_address} of this address are open already: --max-connections-per-address"
            return NoRoom(429, "too many connections of one address", detail)
        return None
