"""Which expectation a moment sets off, and why the others do not: one look, told in full only when somebody asks."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from msgspec import UNSET

from mockws.codec import encode_json
from mockws.engine.book import Rule
from mockws.engine.context import TEMPLATE_FAILURES, Chance, context_for, facts_of
from mockws.engine.distance import Reason, distance, reason
from mockws.engine.state import Connection, World
from mockws.expect.http import Asked
from mockws.expect.likeness import shortened
from mockws.expect.matchers import Difference, Subject
from mockws.expect.selection import VALID
from mockws.source.pointer import join

STARTED = "Started"
ABNORMAL = 1006
DISABLED = Difference("/enabled", "true", "false")
INVALID = Difference(VALID, "true", "false")
UNLUCKY = Difference("/probability", "to be drawn", "it was not")
NEVER = Difference("/probability", "more than 0", "0")


@dataclass(frozen=True, slots=True)
class Moment:
    """What happened, as expectations see it."""

    at: float
    connection: Connection | None = None
    subject: Subject | None = None
    names: frozenset[str] = frozenset()  # all that the message goes by
    name: str | None = None
    valid: bool = True
    more: tuple[tuple[str, Any], ...] = ()  # what templates see besides
    close: tuple[int, bool] | None = None  # the code, and whether the client began
    operation: str | None = None  # that the message is of
    turn: int = 0  # which of its kind this is: chance draws anew for each
    asked: Asked | None = None  # a plain HTTP request


Look: TypeAlias = Callable[[Rule, Moment], Sequence[Difference]]


@dataclass(frozen=True, slots=True)
class Miss:
    """Why an expectation does not run; the differences say how far it is from that."""

    rule: Rule
    differences: tuple[Difference, ...]

    @property
    def reason(self) -> Reason:
        return reason(self.differences)

    @property
    def distance(self) -> float:
        return distance(self.differences)


class Chooser:
    """Chooses among expectations."""

    def __init__(self, world: World, seed: str) -> None:
        self._world = world
        self._seed = seed
        self._looks: tuple[Look, ...] = (
            _held_back,
            self._another_state,
            _elsewhere,
            _another_connection,
            _another_request,
            _another_message,
            _another_end,
            self._without_condition,
        )

    def chance(self, rule: Rule, connection: Connection | None) -> Chance:
        """Give the dice for the next run of an expectation: how often it ran for others does not change them."""
        turn = connection.runs.get(rule.id, 0) if connection else rule.ran
        return Chance(f"{self._seed}|{rule.id}|{connection.id if connection else ''}|{turn}")

    def begin(self, rule: Rule, connection: Connection | None) -> None:
        """Count a run of an expectation, and put its scenario into the new state."""
        rule.ran += 1
        if connection is not None:
            connection.runs[rule.id] = connection.runs.get(rule.id, 0) + 1
        scenario = rule.compiled.model.scenario
        if scenario is not UNSET and scenario.new_state is not UNSET:
            self.enter(scenario.name, scenario.scope, scenario.new_state, connection)

    def choose(self, rules: Iterable[Rule], moment: Moment) -> Rule | None:
        """Give the first expectation, by precedence, that the moment sets off."""
        for rule in rules:
            if rule.remaining != 0 and self.miss(rule, moment) is None:  # what is used up is not worth a look
                return rule
        return None

    def miss(self, rule: Rule, moment: Moment) -> Miss | None:
        """Give the first thing that keeps an expectation from running; None where nothing does."""
        for look in self._looks:
            found = look(rule, moment)
            if found:
                return Miss(rule, tuple(found))
        return None if self.lucky(rule, moment) else Miss(rule, (UNLUCKY,))

    def misses(self, rule: Rule, moment: Moment) -> tuple[Difference, ...]:
        """Say all that keeps an expectation from running, but for chance, of which nothing is drawn."""
        found = [difference for look in self._looks for difference in look(rule, moment)]
        return (*found, NEVER) if rule.compiled.model.probability <= 0 else tuple(found)

    def _another_state(self, rule: Rule, moment: Moment) -> Sequence[Difference]:
        scenario = rule.compiled.model.scenario
        if scenario is UNSET or scenario.required_state is UNSET:
            return ()
        state = self.state(scenario.name, scenario.scope, moment.connection)
        if state == scenario.required_state:
            return ()
        return (Difference(join("/scenario", scenario.name), scenario.required_state, state),)

    def _without_condition(self, rule: Rule, moment: Moment) -> Sequence[Difference]:
        condition = rule.compiled.when
        if condition is None:
            return ()
        seen = {**dict(moment.more), "counter": rule.ran}
        functions = self.chance(rule, moment.connection).functions(self._world.making)
        context = context_for(self._world, moment.connection, moment.subject, moment.name, functions, moment.at, seen)
        written = shortened(str(rule.compiled.model.when))
        try:
            return () if condition(context) else (Difference("/when", written, "false"),)
        except TEMPLATE_FAILURES as problem:
            return (Difference("/when", written, shortened(str(problem))),)

    def lucky(self, rule: Rule, moment: Moment) -> bool:
        """Draw whether an expectation with a probability runs; the same moment draws the same."""
        probability = rule.compiled.model.probability
        if probability >= 1:
            return True
        who = moment.connection.id if moment.connection else ""
        return Chance(f"{self._seed}|{rule.id}|{who}|{moment.turn}").random().random() < probability

    def state(self, name: str, scope: str, connection: Connection | None) -> str:
        """Tell the state that a scenario is in."""
        if scope == "global" or connection is None:
            return self._world.states.get(name, STARTED)
        return connection.states.get(name, STARTED)

    def enter(self, name: str, scope: str, state: str, connection: Connection | None) -> None:
        """Put a scenario into a state."""
        states = self._world.states if scope == "global" or connection is None else connection.states
        states[name] = state


def _held_back(rule: Rule, moment: Moment) -> Sequence[Difference]:
    """Say what keeps an expectation from running whatever happens."""
    found: Sequence[Difference] = ()
    if not rule.compiled.model.enabled:
        found = (DISABLED,)
    if rule.expired(moment.at):
        found = (*found, Difference("/timeToLive", str(rule.compiled.model.time_to_live), "it is over"))
    if rule.remaining == 0:
        found = (*found, Difference("/times", f"at most {rule.compiled.model.times}", f"it ran {rule.ran} times"))
    return found


def _elsewhere(rule: Rule, moment: Moment) -> Sequence[Difference]:
    if rule.operation is None or moment.operation in (None, rule.operation):
        return ()
    return (Difference("/operation", rule.operation, str(moment.operation)),)


def _another_connection(rule: Rule, moment: Moment) -> Sequence[Difference]:
    matcher = rule.compiled.connection
    if matcher is None or moment.connection is None:
        return ()
    return matcher.differences(facts_of(moment.connection))


def _another_request(rule: Rule, moment: Moment) -> Sequence[Difference]:
    matcher = rule.compiled.request
    return () if matcher is None or moment.asked is None else matcher.differences(moment.asked)


def _another_message(rule: Rule, moment: Moment) -> Sequence[Difference]:
    if moment.subject is None:
        return ()
    matcher = rule.compiled.message
    if matcher is None:
        return () if moment.valid else (INVALID,)
    return matcher.differences(moment.subject, moment.names, valid=moment.valid)


def _another_end(rule: Rule, moment: Moment) -> Sequence[Difference]:
    """Say how the end of a connection is not the one that is meant."""
    wanted = rule.compiled.trigger.close
    if wanted is UNSET or moment.close is None:
        return ()
    code, by_client = moment.close
    by, clean = "client" if by_client else "server", code != ABNORMAL
    asked = (("code", wanted.code, code), ("by", wanted.by, by), ("clean", wanted.clean, clean))
    return [
        Difference(f"/close/{name}", encode_json(value), encode_json(actual))
        for name, value, actual in asked
        if value is not UNSET and value != actual
    ]
