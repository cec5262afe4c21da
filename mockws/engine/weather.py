"""Weather: what befalls whatever the mock says on a channel, for as long as somebody wants it: latency, and faults.

It comes last, over all that was decided. What one connection hears keeps its order: what comes after something that is
held back waits behind it, a close too.
"""

from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field

from mockws.engine.actions import (
    ENDINGS,
    Action,
    CancelTimer,
    Close,
    Decision,
    Entry,
    HangUp,
    Outcome,
    Ping,
    Send,
    SetTimer,
)
from mockws.engine.context import Chance
from mockws.engine.events import ConnectionId, SetWeather, TimerId
from mockws.engine.pace import drawn
from mockws.engine.state import Connection, World
from mockws.expect.profile import Profile

CLOSE_TOGETHER = 1e-9  # seconds: two times that arithmetic has parted


@dataclass(frozen=True, slots=True)
class Front:
    """A profile in force."""

    channel: str
    profile: Profile
    until: float | None


@dataclass(eq=False, slots=True)
class _Held:
    """What one connection is still to hear, in its order, each with the time when it does."""

    timer: TimerId
    waiting: deque[tuple[float, Action]] = field(default_factory=deque)


class Weather:
    """The fault profiles of one session, and what they hold back."""

    def __init__(self, world: World, seed: str, part: Callable[[tuple[Action, ...]], list[Action]]) -> None:
        self._world = world
        self._seed = seed
        self._part = part  # makes the engine forget connections that actions end
        self._fronts: dict[str, Front] = {}
        self._held: dict[ConnectionId, _Held] = {}
        self._by_timer: dict[TimerId, ConnectionId] = {}
        self._turns: Counter[ConnectionId] = Counter()

    def __bool__(self) -> bool:
        return bool(self._fronts or self._held)

    def fronts(self, at: float) -> list[Front]:
        """Give the profiles that are in force."""
        return [each for each in self._fronts.values() if each.until is None or at < each.until]

    def begin(self, command: SetWeather, at: float) -> Front:
        """Put a profile in force on a channel; it takes the place of another."""
        lifetime = command.profile.time_to_live
        front = Front(command.channel, command.profile, None if lifetime is None else at + lifetime)
        self._fronts[command.channel] = front
        return front

    def clear(self, channel: str | None) -> bool:
        """Take a channel's profile away, or all; tell whether there was one. What is held back still comes."""
        if channel is not None:
            return self._fronts.pop(channel, None) is not None
        there = bool(self._fronts)
        self._fronts.clear()
        return there

    def calm(self) -> list[Action]:
        """Take all profiles away, and let go at once what they held back."""
        self._fronts.clear()
        held = [(identity, action) for identity, each in self._held.items() for _, action in each.waiting]
        cancelled = [action for identity in list(self._held) for action in self.forget(identity)]
        return cancelled + [action for _, action in held]

    def forget(self, connection: ConnectionId) -> list[Action]:
        """A socket is gone: nothing is held back for it any more."""
        self._turns.pop(connection, None)
        held = self._held.pop(connection, None)
        if held is None:
            return []
        del self._by_timer[held.timer]
        return [CancelTimer(held.timer)]

    def over(self, outcome: Outcome) -> Outcome:
        """Let the weather befall what was decided."""
        at, done, told = outcome.event.at, list[Action](), list(outcome.entries)
        gone: set[ConnectionId] = set()
        for action in outcome.actions:
            if isinstance(action, Send):
                done += self._sent(action, at, gone, told)
            elif isinstance(action, Close | HangUp | Ping) and action.connection in self._held:
                self._held[action.connection].waiting.append((self._last(action.connection), action))
            elif not (isinstance(action, Close | HangUp | Ping) and action.connection in gone):
                done.append(action)
        return Decision(outcome.event, tuple(done), tuple(told), outcome.answer)

    def _sent(self, send: Send, at: float, gone: set[ConnectionId], told: list[Entry]) -> list[Action]:
        """Hold back or break what is for connections under a profile; the others hear it at once."""
        calm: list[ConnectionId] = []
        done: list[Action] = []
        for identity in send.to:
            front = self._front(identity, at)
            if identity in gone:
                continue
            if front is None and identity not in self._held:
                calm.append(identity)
            elif front is not None and self._strikes(front, identity):
                gone.add(identity)
                done += self._struck(front, identity, at, told)
            else:
                done += self._hold(identity, Send((identity,), send.frame), at + self._latency(front, identity), at)
        return [*done, Send(tuple(calm), send.frame)] if calm else done

    def _front(self, identity: ConnectionId, at: float) -> Front | None:
        connection = self._connection(identity)
        names = [channel.name for channel in connection.route.channels] if connection is not None else []
        found = (self._fronts.get(name) for name in names)
        return next((each for each in found if each is not None and (each.until is None or at < each.until)), None)

    def _connection(self, identity: ConnectionId) -> Connection | None:
        leaving = self._world.leaving.get(identity)
        return self._world.connections.get(identity) or (leaving.connection if leaving else None)

    def _strikes(self, front: Front, identity: ConnectionId) -> bool:
        self._turns[identity] += 1
        if front.profile.fault is None:
            return False
        chance = Chance(f"{self._seed}|weather|{front.channel}|{identity}|{self._turns[identity]}")
        return chance.random().random() < front.profile.model.probability

    def _struck(self, front: Front, identity: ConnectionId, at: float, told: list[Entry]) -> list[Action]:
        """End a connection in place of what it should have heard."""
        assert front.profile.fault is not None
        connection = self._connection(identity)
        address = connection.address if connection is not None else None
        cause = f"fault profile of {front.channel}"
        told.append(Entry(at, "fault", identity, front.channel, address, note=front.profile.fault.name, cause=cause))
        end = HangUp(identity, front.profile.fault.reset)
        parted = self._part((end,)) if identity in self._world.connections else []
        if identity in self._held:
            self._held[identity].waiting.append((self._last(identity), end))
            return parted
        return [end, *parted]

    def _latency(self, front: Front | None, identity: ConnectionId) -> float:
        if front is None or front.profile.latency is None:
            return 0.0
        return drawn(front.profile.latency, Chance(f"{self._seed}|latency|{identity}|{self._turns[identity]}"))

    def _last(self, identity: ConnectionId) -> float:
        waiting = self._held[identity].waiting
        return waiting[-1][0] if waiting else 0.0

    def _hold(self, identity: ConnectionId, action: Action, due: float, at: float) -> list[Action]:
        held = self._held.get(identity)
        if held is not None:
            held.waiting.append((max(due, self._last(identity)), action))
            return []
        if due <= at:
            return [action]
        held = self._held[identity] = _Held(self._world.new_timer())
        self._by_timer[held.timer] = identity
        held.waiting.append((due, action))
        return [SetTimer(held.timer, due - at)]

    def fire(self, timer: TimerId, at: float) -> list[Action] | None:
        """Let go what is due; None where the timer is not one of these."""
        identity = self._by_timer.pop(timer, None)
        if identity is None:
            return None
        held = self._held[identity]
        done: list[Action] = []
        while held.waiting and held.waiting[0][0] <= at + CLOSE_TOGETHER:
            done.append(held.waiting.popleft()[1])
        if not held.waiting or any(isinstance(each, ENDINGS) for each in done):
            del self._held[identity]
            return done
        held.timer = self._world.new_timer()
        self._by_timer[held.timer] = identity
        return [*done, SetTimer(held.timer, held.waiting[0][0] - at)]
