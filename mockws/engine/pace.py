"""How long a script waits, and what a stream says next: drawn by the seed, the same for the same run."""

import math
from collections.abc import Callable, Mapping
from typing import Any

from msgspec import UNSET

from mockws.engine.context import Chance
from mockws.expect.expectation import Step
from mockws.expect.model import Distribution
from mockws.units import seconds_of

LONGEST = 3600.0
Value = Callable[[Mapping[str, Any]], Any]  # of a sequence: from what templates see


def drawn(step: Step, chance: Chance) -> float:
    """Draw a delay, in seconds, from its distribution; the same for the same seed."""
    delay = step.action
    if not isinstance(delay, Distribution):
        return step.seconds
    dice = chance.random()
    if delay.type == "uniform":
        return dice.uniform(seconds_of(delay.lower) or 0.0, seconds_of(delay.upper) or 0.0)
    if delay.type == "fixed":
        return seconds_of(delay.value) or 0.0
    median = max(seconds_of(delay.median) or 0.0, 1e-6)
    return math.exp(min(dice.gauss(math.log(median), float(delay.sigma or 0.0)), math.log(LONGEST)))


def sequence_of(step: Step, chance: Chance) -> list[Value] | None:
    """Give the values of a stream's sequence; reordered in the same way for the same seed, never in their own order."""
    given = step.action.sequence
    if given is UNSET:
        return None
    order = list(range(len(given)))
    if step.action.reorder and len(order) > 1:
        dice = chance.random()
        while order == sorted(order):
            dice.shuffle(order)
    return [_value(step, place) for place in order]


def _value(step: Step, place: int) -> Value:
    render = step.sequence[place] if step.sequence else None
    return render or (lambda _: step.action.sequence[place])
