"""Which expectation a moment sets off, and why the others do not: one look, told in full only when somebody asks."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from msgspec import UNSET

from mockws.engine.book import Rule
from mockws.engine.context import TEMPLATE_FAILURES, Chance, context_for, facts_of
from mockws.engine.state import Connection, World
from mockws.expect.http import Asked
from mockws.expect.matchers import Difference, Subject

STARTED = "Started"
ABNORMAL = 1006


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


@dataclass(frozen=True, slots=True)
class Miss:
    """Why an expectation did not match, and by how much."""

    rule: Rule
    reason: str
    distance: float
    differences: tuple[Difference, ...] = ()


# What keeps an expectation from running though all of it fits; the number makes near misses comparable.
WEIGHT = {
    "DISABLED": 0.1,
    "EXPIRED": 0.1,
    "TIMES_EXHAUSTED": 0.1,
    "SCENARIO_STATE": 0.2,
    "PROBABILITY": 0.05,
    "LOWER_PRIORITY": 0.01,
}


class Chooser:
    """Chooses among expectations."""

    def __init__(self, world: World, seed: str) -> None:
        self._world = world
        self._seed = seed

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
            if self.miss(rule, moment) is None:
                return rule
        return None

    def miss(self, rule: Rule, moment: Moment) -> Miss | None:
        """Say why an expectation does not match; None where it does."""
        return self._held_back(rule, moment) or self._different(rule, moment) or self._unlucky(rule, moment)

    def _held_back(self, rule: Rule, moment: Moment) -> Miss | None:
        if not rule.compiled.model.enabled:
            return Miss(rule, "DISABLED", WEIGHT["DISABLED"])
        if rule.expired(moment.at):
            return Miss(rule, "EXPIRED", WEIGHT["EXPIRED"])
        if rule.remaining == 0:
            return Miss(rule, "TIMES_EXHAUSTED", WEIGHT["TIMES_EXHAUSTED"])
        return self._in_another_state(rule, moment)

    def _in_another_state(self, rule: Rule, moment: Moment) -> Miss | None:
        scenario = rule.compiled.model.scenario
        if scenario is UNSET or scenario.required_state is UNSET:
            return None
        state = self.state(scenario.name, scenario.scope, moment.connection)
        if state == scenario.required_state:
            return None
        difference = Difference(f"/scenario/{scenario.name}", scenario.required_state, state)
        return Miss(rule, "SCENARIO_STATE", WEIGHT["SCENARIO_STATE"], (difference,))

    def _different(self, rule: Rule, moment: Moment) -> Miss | None:
        compiled = rule.compiled
        if rule.operation is not None and moment.operation not in (None, rule.operation):
            wrong = Difference("/operation", rule.operation, str(moment.operation))
            return Miss(rule, "CHANNEL", 1.0, (wrong,))
        if compiled.connection is not None and moment.connection is not None:
            found = compiled.connection.differences(facts_of(moment.connection))
            if found:
                return Miss(rule, "CONNECTION", 1.0 + len(found), tuple(found))
        if compiled.request is not None and moment.asked is not None:
            found = compiled.request.differences(moment.asked)
            if found:
                return Miss(rule, "REQUEST", _distance(found), tuple(found))
        if compiled.message is not None and moment.subject is not None:
            found = compiled.message.differences(moment.subject, moment.names, valid=moment.valid)
            if found:
                return Miss(rule, "MESSAGE", _distance(found), tuple(found))
        elif moment.subject is not None and not moment.valid:
            return Miss(rule, "SPEC_INVALID", 1.0)
        ended = _of_close(rule, moment)
        return Miss(rule, "MESSAGE", 1.0, (ended,)) if ended else self._without_condition(rule, moment)

    def _without_condition(self, rule: Rule, moment: Moment) -> Miss | None:
        condition = rule.compiled.when
        if condition is None:
            return None
        seen = {**dict(moment.more), "counter": rule.ran}
        functions = self.chance(rule, moment.connection).functions(self._world.making)
        context = context_for(self._world, moment.connection, moment.subject, moment.name, functions, moment.at, seen)
        try:
            holds = condition(context)
        except TEMPLATE_FAILURES as problem:
            return Miss(rule, "MESSAGE", 1.0, (Difference("/when", "a condition", str(problem)),))
        return (
            None
            if holds
            else Miss(rule, "MESSAGE", 0.5, (Difference("/when", str(rule.compiled.model.when), "false"),))
        )

    def _unlucky(self, rule: Rule, moment: Moment) -> Miss | None:
        probability = rule.compiled.model.probability
        if probability >= 1:
            return None
        who = moment.connection.id if moment.connection else ""
        dice = Chance(f"{self._seed}|{rule.id}|{who}|{moment.turn}").random()
        return None if dice.random() < probability else Miss(rule, "PROBABILITY", WEIGHT["PROBABILITY"])

    def state(self, name: str, scope: str, connection: Connection | None) -> str:
        """Tell the state that a scenario is in."""
        if scope == "global" or connection is None:
            return self._world.states.get(name, STARTED)
        return connection.states.get(name, STARTED)

    def enter(self, name: str, scope: str, state: str, connection: Connection | None) -> None:
        """Put a scenario into a state."""
        states = self._world.states if scope == "global" or connection is None else connection.states
        states[name] = state


def _of_close(rule: Rule, moment: Moment) -> Difference | None:
    """Say how the end of a connection is not the one that is meant."""
    wanted = rule.compiled.trigger.close
    if wanted is UNSET or moment.close is None:
        return None
    code, by_client = moment.close
    by, clean = "client" if by_client else "server", code != ABNORMAL
    for name, asked, actual in (("code", wanted.code, code), ("by", wanted.by, by), ("clean", wanted.clean, clean)):
        if asked is not UNSET and asked != actual:
            return Difference(f"/close/{name}", str(asked), str(actual))
    return None


def _distance(differences: Iterable[Difference]) -> float:
    """The more is different, the further; another message altogether is further than a field."""
    return sum(2.0 if each.pointer in ("/name", "/type", "/valid", "/method") else 1.0 for each in differences)
