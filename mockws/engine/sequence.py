"""Whether messages came and went in an order. Each connection is looked at on its own; one that fulfils it is enough.

An entry is looked at once: what a connection has come to so far is kept, and goes on with the next.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from mockws.engine.actions import Entry
from mockws.engine.distance import Near
from mockws.engine.engine import Engine
from mockws.engine.journal import Recorded
from mockws.engine.search import COMPARED, MESSAGE, SLICE, Judge, Wanted, facts_in, is_gone, nearest
from mockws.expect.expectation import ConnectionMatcher

CLOSE = "close"
MOST_CONNECTIONS = 1000  # whose way is kept; beyond, the least far of the oldest goes


@dataclass(frozen=True, slots=True)
class Course:
    """What is to come, step by step, on one connection."""

    steps: tuple[Wanted, ...]
    connection: ConnectionMatcher | None = None
    strict: bool = False  # nothing else in between, in the directions that the steps name
    closes: bool = False  # the connection ends after the last step
    code: int | None = None  # with this code


@dataclass(slots=True)
class Way:
    """How far one connection has come."""

    connection: str
    reached: tuple[int, ...] = ()  # the numbers of the entries that were steps, of the furthest attempt
    attempts: list[tuple[int, ...]] = field(default_factory=list)  # strict: several may be under way
    closed_with: int | None = None
    done: bool = False
    passed: deque[int] = field(default_factory=lambda: deque(maxlen=COMPARED))  # numbers of entries since the last step


class Follower:
    """Follows all connections along a course."""

    def __init__(self, engine: Engine, course: Course, after: int = 0) -> None:
        self._engine = engine
        self._journal = engine.journal
        self._course = course
        self._judges = [Judge(engine, each) for each in course.steps]
        self._directions = {each.direction for each in course.steps}
        self._ways: dict[str, Way] = {}
        self.seen = after
        self.gone = is_gone(engine.journal, after)

    def look(self) -> bool:
        """Look at the next slice of entries; tell whether there are more."""
        gone = is_gone(self._journal, self.seen)
        if gone and self._course.strict:
            self._ways.clear()  # what was in between is not known
        self.gone = self.gone or gone
        self.seen = max(self.seen, self._journal.first - 1)
        for recorded in self._journal.since(self.seen, SLICE):
            self.seen = recorded.seq
            self._take(recorded)
        return self.seen < self._journal.last

    @property
    def fulfilled(self) -> Way | None:
        """Give the first connection that went all the way."""
        return next((way for way in self._ways.values() if way.done), None)

    @property
    def furthest(self) -> Way | None:
        """Give the connection that came furthest, the newest among equals."""
        return max(reversed(self._ways.values()), key=lambda way: len(way.reached), default=None)

    def near(self, way: Way | None) -> list[Near]:
        """Give what came nearest to the step that a connection did not get to."""
        if way is None or len(way.reached) == len(self._judges):
            return []
        judge = self._judges[len(way.reached)]
        there = [(seq, entry) for seq in way.passed if (entry := self._journal.entry(seq)) and judge.concerns(entry)]
        return nearest([Near(seq, tuple(judge.differences(entry))) for seq, entry in there])

    def _take(self, recorded: Recorded) -> None:
        entry = recorded.entry
        counts = entry.event == MESSAGE and entry.direction in self._directions
        if entry.connection is None or not (counts or entry.event == CLOSE) or not self._is_meant(entry.connection):
            return
        way = self._ways.get(entry.connection)
        if way is None:
            way = self._begun(entry.connection)
        if way.done:
            return
        if entry.event == CLOSE:
            self._end(way, entry)
        elif self._course.strict:
            self._step_strictly(way, recorded)
        else:
            self._step(way, recorded)
        way.done = way.done or (not self._course.closes and self._is_complete(way.reached))

    def _is_meant(self, connection: str) -> bool:
        matcher = self._course.connection
        if matcher is None:
            return True
        facts = facts_in(self._engine, connection)
        return facts is not None and not matcher.differences(facts)

    def _begun(self, connection: str) -> Way:
        if len(self._ways) >= MOST_CONNECTIONS:
            del self._ways[min(self._ways, key=lambda name: len(self._ways[name].reached))]
        return self._ways.setdefault(connection, Way(connection))

    def _is_complete(self, reached: Sequence[int]) -> bool:
        return len(reached) == len(self._judges)

    def _fits(self, step: int, entry: Entry) -> bool:
        judge = self._judges[step]
        return judge.concerns(entry) and not judge.differences(entry)

    def _step(self, way: Way, recorded: Recorded) -> None:
        """Take the first entry that is the next step; a later one could not do better."""
        if self._is_complete(way.reached):
            return
        if self._fits(len(way.reached), recorded.entry):
            way.reached = (*way.reached, recorded.seq)
            way.passed.clear()
        else:
            way.passed.append(recorded.seq)

    def _step_strictly(self, way: Way, recorded: Recorded) -> None:
        """Take up every attempt that this may go on with, or begin; those that it breaks off are over."""
        begun = [each for each in (*way.attempts, ()) if not self._is_complete(each)]
        way.attempts = [(*each, recorded.seq) for each in begun if self._fits(len(each), recorded.entry)]
        best = max(way.attempts, key=len, default=())
        if len(best) > len(way.reached):
            way.reached = best
            way.passed.clear()
        elif not (way.reached and way.passed):  # what came instead of the next step is what broke it off
            way.passed.append(recorded.seq)

    def _end(self, way: Way, entry: Entry) -> None:
        """A connection ends once: where it is to, all steps are done by then."""
        way.closed_with = entry.code
        complete = way.attempts if self._course.strict else [way.reached]
        code = self._course.code
        if self._course.closes and any(map(self._is_complete, complete)) and code in (None, entry.code):
            way.done = True
