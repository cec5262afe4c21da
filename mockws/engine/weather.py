"""Weather: what befalls whatever the mock says on a channel, for as long as somebody wants it.

It comes last, over all that was decided: latency, loss, duplicates, faults. What one connection hears keeps its order,
but for what is to be overtaken: what comes after something that is held back waits behind it, a close too.
"""

from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field

import msgspec

from mockws.codec import Frame
from mockws.engine.actions import (
    ENDINGS,
    Action,
    Break,
    CancelTimer,
    Close,
    Decision,
    Ending,
    Entry,
    HangUp,
    Neglect,
    Outcome,
    Ping,
    Send,
    SendInPieces,
    SetTimer,
    Write,
)
from mockws.engine.breaking import deed_of
from mockws.engine.context import Chance
from mockws.engine.events import ConnectionId, SetWeather, TimerId
from mockws.engine.pace import drawn
from mockws.engine.state import Connection, World
from mockws.errors import BadExpectation
from mockws.expect.faults import Fault
from mockws.expect.profile import Profile

CLOSE_TOGETHER = 1e-9  # seconds: two times that arithmetic has parted
PATIENCE = 1.0  # seconds that something waits to be overtaken
DEEDS = (Close, HangUp, Break, Ping, Write, Neglect)  # what is done to one connection, besides saying something
Said = Send | SendInPieces


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


@dataclass(frozen=True, slots=True)
class _Late:
    """What waits to be overtaken by the next message to its connection."""

    timer: TimerId
    action: Action


class Weather:
    """The fault profiles of one session, and what they hold back."""

    def __init__(self, world: World, seed: str, part: Callable[[tuple[Action, ...]], list[Action]]) -> None:
        self._world = world
        self._seed = seed
        self._part = part  # makes the engine forget connections that actions end
        self._fronts: dict[str, Front] = {}
        self._held: dict[ConnectionId, _Held] = {}
        self._by_timer: dict[TimerId, ConnectionId] = {}
        self._late: dict[ConnectionId, _Late] = {}
        self._turns: Counter[ConnectionId] = Counter()
        self._neglected: dict[ConnectionId, set[str]] = {}

    def __bool__(self) -> bool:
        return bool(self._fronts or self._by_timer)  # what is held back, or late, has a timer

    def fronts(self, at: float) -> list[Front]:
        """Give the profiles that are in force."""
        return [each for each in self._fronts.values() if each.until is None or at < each.until]

    def begin(self, command: SetWeather, at: float) -> Front | BadExpectation:
        """Put a profile in force on a channel, in the place of another; or say why it cannot be."""
        try:
            if command.profile.fault is not None:
                command.profile.fault.check(self._world.power, "/fault")
        except BadExpectation as problem:
            return problem
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
        waiting = [action for each in self._held.values() for _, action in each.waiting]
        waiting += [each.action for each in self._late.values()]
        return [action for identity in [*self._held, *self._late] for action in self.forget(identity)] + waiting

    def forget(self, connection: ConnectionId) -> list[Action]:
        """A socket is gone: nothing is held back for it any more."""
        self._turns.pop(connection, None)
        self._neglected.pop(connection, None)
        waiting = (self._held.pop(connection, None), self._late.pop(connection, None))
        timers = [each.timer for each in waiting if each is not None]
        for timer in timers:
            del self._by_timer[timer]
        return [CancelTimer(timer) for timer in timers]

    def over(self, outcome: Outcome) -> Outcome:
        """Let the weather befall what was decided."""
        at, done, told = outcome.event.at, list[Action](), list(outcome.entries)
        gone: set[ConnectionId] = set()
        for action in outcome.actions:
            if isinstance(action, Said):
                done += self._sent(action, at, gone, told)
            elif not isinstance(action, DEEDS):
                done.append(action)
            elif action.connection not in gone:
                done += self._done(action, at)
        return Decision(outcome.event, tuple(done), tuple(told), outcome.answer)

    def _done(self, deed: Ending | Ping | Write | Neglect, at: float) -> list[Action]:
        """What is done to a connection waits behind what it is still to hear."""
        overtaken = self._overtake(deed.connection, at) if isinstance(deed, ENDINGS) else []
        return [*overtaken, *self._hold(deed.connection, deed, at, at)]

    def _sent(self, send: Said, at: float, gone: set[ConnectionId], told: list[Entry]) -> list[Action]:
        """Hold back, lose or break what is for connections under a profile; the others hear it at once."""
        calm: list[ConnectionId] = []
        done: list[Action] = []
        for identity in send.to:
            front = self._front(identity, at)
            if identity in gone:
                continue
            if front is not None:
                done += self._befall(front, msgspec.structs.replace(send, to=(identity,)), at, gone, told)
            elif identity in self._held or identity in self._late:
                own = msgspec.structs.replace(send, to=(identity,))
                done += [*self._hold(identity, own, at, at), *self._overtake(identity, at)]
            else:
                calm.append(identity)
        return [*done, msgspec.structs.replace(send, to=tuple(calm))] if calm else done

    def _front(self, identity: ConnectionId, at: float) -> Front | None:
        connection = self._connection(identity)
        names = [channel.name for channel in connection.route.channels] if connection is not None else []
        found = (self._fronts.get(name) for name in names)
        return next((each for each in found if each is not None and (each.until is None or at < each.until)), None)

    def _connection(self, identity: ConnectionId) -> Connection | None:
        leaving = self._world.leaving.get(identity)
        return self._world.connections.get(identity) or (leaving.connection if leaving else None)

    def _befall(self, front: Front, send: Said, at: float, gone: set[ConnectionId], told: list[Entry]) -> list[Action]:
        """Decide what becomes of one message to one connection."""
        (identity,) = send.to
        self._turns[identity] += 1
        fault, model = front.profile.fault, front.profile.model
        done: list[Action] = []
        if fault is not None and self._chance("weather", front, identity) < model.probability:
            deed = self._struck(front, fault, identity, at, told)
            if isinstance(deed, ENDINGS):
                gone.add(identity)
                return self._end(deed, at)
            done = self._hold(identity, deed, at, at) if deed is not None else []
            if isinstance(deed, Write):  # it is said in the message's place
                return done
        if self._happens("loss", front, identity):
            told.append(self._entry(front, "undelivered", identity, at, "lost", send.frame))
            return done
        return done + self._passed(front, send, at, told)

    def _passed(self, front: Front, send: Said, at: float, told: list[Entry]) -> list[Action]:
        """Say a message as late, as often and in the turn that the weather wants."""
        (identity,) = send.to
        if identity not in self._late and self._happens("reorder", front, identity):
            told.append(self._entry(front, "fault", identity, at, "to be overtaken by the next message"))
            late = self._late[identity] = _Late(self._world.new_timer(), send)
            self._by_timer[late.timer] = identity
            return [SetTimer(late.timer, PATIENCE)]
        due = at + self._latency(front, identity)
        done = self._hold(identity, send, due, at)
        if self._happens("duplicate", front, identity):
            told.append(self._entry(front, "fault", identity, at, "said twice"))
            done += self._hold(identity, send, due, at)
        return done + self._overtake(identity, at)

    def _chance(self, kind: str, front: Front, identity: ConnectionId) -> float:
        return Chance(f"{self._seed}|{kind}|{front.channel}|{identity}|{self._turns[identity]}").random().random()

    def _happens(self, kind: str, front: Front, identity: ConnectionId) -> bool:
        likely: float = getattr(front.profile.model, kind)
        return likely > 0 and self._chance(kind, front, identity) < likely

    def _entry(
        self, front: Front, event: str, identity: ConnectionId, at: float, note: str, frame: Frame | None = None
    ) -> Entry:
        connection = self._connection(identity)
        address, direction = (
            connection.address if connection is not None else None,
            "out" if frame is not None else None,
        )
        cause = f"fault profile of {front.channel}"
        return Entry(at, event, identity, front.channel, address, direction, frame=frame, note=note, cause=cause)

    def _struck(
        self, front: Front, fault: Fault, identity: ConnectionId, at: float, told: list[Entry]
    ) -> Action | None:
        """Write a fault down, and give what it does; none where a habit is broken already."""
        deed = deed_of(fault, identity, Chance(f"{self._seed}|noise|{identity}|{self._turns[identity]}"))
        if isinstance(deed, Neglect):
            neglected = self._neglected.setdefault(identity, set())
            if fault.name in neglected:
                return None
            neglected.add(fault.name)
        told.append(self._entry(front, "fault", identity, at, fault.name))
        return deed

    def _end(self, end: Ending, at: float) -> list[Action]:
        """End a connection in place of what it should have heard."""
        identity = end.connection
        late = self._late.pop(identity, None)
        cancelled = self._cancelled(late) if late is not None else []
        parted = self._part((end,)) if identity in self._world.connections else []
        return [*cancelled, *self._hold(identity, end, at, at), *parted]

    def _latency(self, front: Front, identity: ConnectionId) -> float:
        if front.profile.latency is None:
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

    def _overtake(self, identity: ConnectionId, at: float) -> list[Action]:
        """Say what was overtaken just now."""
        late = self._late.pop(identity, None)
        return [*self._cancelled(late), *self._hold(identity, late.action, at, at)] if late is not None else []

    def _cancelled(self, late: _Late) -> list[Action]:
        del self._by_timer[late.timer]
        return [CancelTimer(late.timer)]

    def fire(self, timer: TimerId, at: float) -> list[Action] | None:
        """Let go what is due; None where the timer is not one of these."""
        identity = self._by_timer.pop(timer, None)
        if identity is None:
            return None
        late = self._late.get(identity)
        if late is not None and late.timer == timer:  # nothing came to overtake it
            del self._late[identity]
            return self._hold(identity, late.action, at, at)
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
