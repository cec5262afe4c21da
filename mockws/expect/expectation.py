"""An expectation, compiled: its matchers, conditions and templates ready, and everything wrong with it already said.

Which channels and messages there are is not known here; whoever adopts an expectation looks its names up.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from msgspec import UNSET

from mockws.errors import BadExpectation
from mockws.expect.faults import Effect
from mockws.expect.http import RequestMatcher, Writing, compile_answer, compile_request
from mockws.expect.model import Expectation, Trigger
from mockws.expect.selection import (
    ConnectionMatcher,
    Facts,
    MessageMatcher,
    compile_connection,
    compile_message,
)
from mockws.expect.steps import HANDSHAKE, ReadFile, Step, compile_script, no_files, seconds
from mockws.expect.template import compile_condition
from mockws.source.pointer import join

__all__ = [
    "Compiled",
    "ConnectionMatcher",
    "Facts",
    "MessageMatcher",
    "ReadFile",
    "Step",
    "compile_connection",
    "compile_expectation",
    "compile_message",
    "no_files",
    "seconds",
    "states_named",
]

SHORTEST = 0.01  # seconds between two beats of an interval
# key of a trigger -> the type that it belongs to
BELONGS = {
    "every": "interval",
    "after": "idle",
    "name": "named",
    "message": "message",
    "close": "close",
    "http": "http",
    "response": "http",
}
NEEDED = {"interval": "every", "idle": "after", "named": "name", "http": "http"}  # trigger type -> the key it lives by
WITHOUT_CONNECTION = frozenset({"named", "http"})


@dataclass(frozen=True, slots=True)
class Compiled:
    """An expectation that can run."""

    id: str
    model: Expectation
    connection: ConnectionMatcher | None
    message: MessageMatcher | None
    when: Callable[[Mapping[str, Any]], bool] | None
    script: tuple[Step, ...]
    handshake: int = 0  # how many of its steps come before the 101
    every: float = 0.0
    time_to_live: float | None = None
    request: RequestMatcher | None = None  # of a trigger of type http
    answer: Writing | None = None  # what such a request is answered

    @property
    def trigger(self) -> Trigger:
        return self.model.trigger


def compile_expectation(
    model: Expectation, identity: str, pointer: str = "", read_file: ReadFile = no_files
) -> Compiled:
    """Compile an expectation; raises BadExpectation, which has the pointer of what is wrong."""
    trigger, place = model.trigger, join(pointer, "trigger")
    _check_trigger(trigger, place)
    _check_limits(model, pointer)
    lifetime = model.time_to_live
    script = compile_script(model.actions, trigger, join(pointer, "actions"), read_file)
    return Compiled(
        id=identity,
        model=model,
        connection=compile_connection(trigger.connection, join(place, "connection")),
        message=compile_message(trigger.message, join(place, "message")),
        when=compile_condition(model.when, join(pointer, "when")) if model.when is not UNSET else None,
        script=script,
        handshake=_handshake(script, trigger),
        every=_interval(trigger, place),
        time_to_live=seconds(lifetime, join(pointer, "timeToLive")) if lifetime is not UNSET else None,
        request=compile_request(trigger.http, join(place, "http")),
        answer=compile_answer(trigger.response, identity, join(place, "response")) if trigger.type == "http" else None,
    )


def states_named(compiled: Compiled) -> Iterator[tuple[str, set[str]]]:
    """Give the scenarios that an expectation names, each with the states that it names of them."""
    scenario = compiled.model.scenario
    if scenario is not UNSET:
        yield scenario.name, {each for each in (scenario.required_state, scenario.new_state) if each is not UNSET}
    for step in compiled.script:
        if step.kind == "set_state":
            yield step.action.scenario, {step.action.state}


def _handshake(script: Sequence[Step], trigger: Trigger) -> int:
    """Count the steps that come before the 101: leading delays, where what they lead to answers the handshake.

    A step that is too late for that is refused.
    """
    delays = next((place for place, step in enumerate(script) if step.kind != "delay"), len(script))
    answer = script[delays : delays + 1]
    answers = not answer or _answers(answer[0])
    _check_late(script[delays + 1 :] if answers else script)
    return delays + len(answer) if trigger.type == "open" and answers else 0


def _answers(step: Step) -> bool:
    """Tell whether a step can stand in the place of a 101; most faults need a socket that is open."""
    return step.kind in HANDSHAKE or (step.kind == "fault" and step.action.effect is Effect.CUT)


def _check_late(steps: Sequence[Step]) -> None:
    for step in steps:
        if step.kind in HANDSHAKE:
            words = "it answers the handshake: only delays go before it, and nothing else answers it"
            raise BadExpectation("misplaced", words, step.pointer)
        _check_late(step.otherwise)


def _check_limits(model: Expectation, pointer: str) -> None:
    if model.times is not UNSET and model.times < 1:
        raise BadExpectation("range", "times is at least 1", join(pointer, "times"))
    if not 0 <= model.probability <= 1:
        raise BadExpectation("range", "probability is between 0 and 1", join(pointer, "probability"))


def _check_trigger(trigger: Trigger, pointer: str) -> None:
    for key, kind in BELONGS.items():
        given = getattr(trigger, key) is not UNSET
        if given and trigger.type != kind:
            raise BadExpectation("misplaced", f"{key} belongs to a trigger of type {kind}", join(pointer, key))
        if not given and NEEDED.get(trigger.type) == key:
            raise BadExpectation("missing", f"a trigger of type {kind} needs {key}", join(pointer, key))
    if trigger.channel is not UNSET and trigger.operation is not UNSET:
        raise BadExpectation("one_key", "a trigger has at most one of channel, operation", join(pointer, "operation"))
    if trigger.type in WITHOUT_CONNECTION and trigger.connection is not UNSET:
        raise BadExpectation(
            "misplaced", f"a trigger of type {trigger.type} has no connection", join(pointer, "connection")
        )


def _interval(trigger: Trigger, pointer: str) -> float:
    key = NEEDED.get(trigger.type)
    if key not in ("every", "after"):
        return 0.0
    found = seconds(getattr(trigger, key), join(pointer, key))
    if found < SHORTEST:
        raise BadExpectation("range", f"an interval is at least {SHORTEST * 1000:g}ms", join(pointer, key))
    return found
