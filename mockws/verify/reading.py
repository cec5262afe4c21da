"""A scenario file, read and checked: all that is wrong is said at once, each with its line and column."""

from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import UNSET

from mockws.contract import Contract
from mockws.diagnostic import Diagnostic, Severity
from mockws.errors import BadExpectation, ScenarioRefused, UnknownName
from mockws.expect.matchers import compile_matching
from mockws.expect.reading import problems
from mockws.expect.selection import compile_message
from mockws.source.text import Text
from mockws.units import seconds_of
from mockws.verify.scenario import Connecting, Hearing, Repeating, Requesting, Saying, Scenario, Step

DURATIONS = ("within", "for_", "backoff", "p50", "p90", "p95", "p99", "max")
PAYLOADS = ("text", "json", "base64", "message")
MOST_CLIENTS = 1000
MOST_TIMES = 100_000
ADVICE = "docs/reference/scenarios.md has all keys"
Wrong = tuple[str, str]  # pointer, message


def read_scenario(text: Text) -> Scenario:
    """Read a scenario; raises ScenarioRefused."""
    wrong = [(each.pointer, each.message) for each in problems(text.value, Scenario)]
    if not wrong:
        scenario: Scenario = msgspec.convert(text.value, Scenario)
        wrong = list(_of_steps(scenario.steps, "/steps", set()))
        if not wrong:
            return scenario
    raise refusal(text, wrong)


def check_names(scenario: Scenario, contract: Contract | None, text: Text) -> None:
    """Look up the messages that a scenario names; raises ScenarioRefused."""
    wrong = list(_unknown(scenario.steps, "/steps", contract))
    if wrong:
        raise refusal(text, wrong)


def refusal(text: Text, wrong: list[Wrong]) -> ScenarioRefused:
    """Say what is wrong with a scenario, each at its place in the file."""
    return ScenarioRefused(
        tuple(
            Diagnostic(Severity.ERROR, "scenario", f"{at or '/'}: {message}", text.locate(at, key=True), at, ADVICE)
            for at, message in wrong
        )
    )


def kind_of(step: Step) -> str:
    """Name the one key of a step, as the model has it."""
    return next(name for name in step.__struct_fields__ if getattr(step, name) is not UNSET)


def wire(name: str) -> str:
    return {"expect_nothing": "expectNothing", "expect_close": "expectClose"}.get(name, name)


def blocks_of(step: Step) -> Iterator[tuple[str, list[Step]]]:
    """Give the steps within a step, with their pointers from it."""
    if isinstance(step.parallel, list):
        yield from ((f"/parallel/{place}", steps) for place, steps in enumerate(step.parallel))
    if isinstance(step.repeat, Repeating):
        yield "/repeat/steps", step.repeat.steps


def _of_steps(steps: list[Step], pointer: str, clients: set[str]) -> Iterator[Wrong]:
    """Check steps in their order; who has connected is known to those that follow."""
    for place, step in enumerate(steps):
        at = f"{pointer}/{place}"
        given = [name for name in step.__struct_fields__ if getattr(step, name) is not UNSET]
        if len(given) != 1:
            yield at, f"a step has exactly one key; here: {', '.join(map(wire, given)) or 'none'}"
            continue
        key = f"{at}/{wire(given[0])}"
        yield from _of_deed(getattr(step, given[0]), key, clients)
        for inner, block in blocks_of(step):
            known = set(clients)
            yield from _of_steps(block, at + inner, known)
            clients |= known if step.repeat is UNSET else set()


def _of_deed(deed: Any, at: str, clients: set[str]) -> Iterator[Wrong]:
    if isinstance(deed, str | int):
        yield from _of_duration(deed, at)
        return
    if isinstance(deed, list):
        return
    for name in DURATIONS:
        value = getattr(deed, name, UNSET)
        if value is not UNSET:
            yield from _of_duration(value, f"{at}/{name.rstrip('_')}")
    if isinstance(deed, Connecting):
        clients.add(deed.client)
    elif getattr(deed, "client", None) not in (None, *clients):
        known = ", ".join(sorted(clients)) or "nobody yet"
        yield f"{at}/client", f"{deed.client!r} has not connected before (so far: {known})"
    yield from _of_words(deed, at)


def _of_words(deed: Any, at: str) -> Iterator[Wrong]:
    if isinstance(deed, Saying):
        said = [name for name in PAYLOADS if getattr(deed, name) is not UNSET]
        if len(said) != 1:
            yield at, f"say exactly one of {', '.join(PAYLOADS)}; here: {', '.join(said) or 'none'}"
    if isinstance(deed, Saying) and not 1 <= deed.times <= MOST_TIMES:
        yield f"{at}/times", f"must be between 1 and {MOST_TIMES}"
    if isinstance(deed, Repeating) and not 1 <= deed.clients <= MOST_CLIENTS:
        yield f"{at}/clients", f"must be between 1 and {MOST_CLIENTS}"
    try:
        if isinstance(deed, Hearing):
            compile_message(deed.message, f"{at}/message")
        if isinstance(deed, Requesting) and deed.body is not UNSET:
            compile_matching(deed.body, f"{at}/body")
    except BadExpectation as problem:
        yield problem.pointer, problem.message


def _of_duration(value: object, at: str) -> Iterator[Wrong]:
    if seconds_of(value) is None:
        yield at, f"{value!r} is not a duration such as 250ms or 3s"


def _unknown(steps: list[Step], pointer: str, contract: Contract | None) -> Iterator[Wrong]:
    for place, step in enumerate(steps):
        at = f"{pointer}/{place}"
        for inner, block in blocks_of(step):
            yield from _unknown(block, at + inner, contract)
        for name, key in _named(step):
            if contract is None:
                yield at + key, f"the message {name!r} needs a `document`"
                continue
            try:
                contract.message(name)
            except UnknownName as problem:
                yield at + key, str(problem)


def _named(step: Step) -> Iterator[tuple[str, str]]:
    if isinstance(step.send, Saying) and isinstance(step.send.message, str):
        yield step.send.message, "/send/message"
    if isinstance(step.expect, Hearing) and isinstance(step.expect.message.name, str):
        yield step.expect.message.name, "/expect/message/name"
