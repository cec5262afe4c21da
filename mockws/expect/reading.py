"""From JSON to expectations, wherever it came from: checked against the model's own schema first, then compiled.

All that is wrong is said at once, each with its pointer and, for a misspelt key, the one that was probably meant.
"""

import re
from functools import cache
from typing import Any

import msgspec

from mockws.errors import BadExpectation
from mockws.expect.expectation import Compiled, ReadFile, compile_expectation, no_files
from mockws.expect.model import AcceptedCredential, Expectation, Model, StubFile
from mockws.names import closest
from mockws.schema.schema import Draft, Schema, Violation

MAX_ID = 200
PATH = re.compile(r"\.([^.\[\]`]+)|\[(\d+)\]")  # a step of a path as msgspec writes it: `$.expectations[0].times`


@cache
def schema_of(model: type[Model]) -> Schema:
    """Give the JSON Schema of a model, compiled."""
    return Schema(msgspec.json.schema(model), draft=Draft.D2020)


@cache
def keys_of(model: type[Model]) -> frozenset[str]:
    """Name all keys that a model and the models in it know."""
    definitions = msgspec.json.schema(model).get("$defs", {}).values()
    return frozenset(name for each in definitions for name in each.get("properties", ()))


def problems(value: Any, model: type[Model]) -> list[Violation]:
    """Say how a value is not what the model wants."""
    return [_discreet(_with_hint(each, model)) for each in schema_of(model).violations(value)]


def _discreet(violation: Violation) -> Violation:
    """Say what a secret should be, not what it is: this is printed, logged and sent."""
    inside = violation.pointer == "/credentials" or violation.pointer.startswith("/credentials/")
    if not inside or violation.keyword != "type":
        return violation
    wanted = violation.message.partition(",")[0]
    advice = " (a number needs quotes)" if wanted.endswith("string") else ""
    message = f"{wanted}; what is there is not shown{advice}"
    return Violation(violation.pointer, message, violation.schema_pointer, violation.keyword)


def _with_hint(violation: Violation, model: type[Model]) -> Violation:
    key = violation.pointer.rpartition("/")[2]
    hint = closest(key, keys_of(model)) if violation.keyword == "additionalProperties" else ""
    if not hint:
        return violation
    message = f"{violation.message}; did you mean {hint!r}?"
    return Violation(violation.pointer, message, violation.schema_pointer, violation.keyword)


def read_expectation(value: Any, identity: str) -> Compiled:
    """Make an expectation of decoded JSON that `problems` finds nothing wrong with; raises BadExpectation."""
    model = _converted(value, Expectation)
    return compile_expectation(model, _own_id(model, "/id") or identity)


def read_stub_file(value: Any, name: str, read_file: ReadFile = no_files) -> tuple[Compiled, ...]:
    """Make the expectations of a stub file that `problems` finds nothing wrong with; raises BadExpectation."""
    found, wrong = read_expectations(value, name, read_file)
    if wrong:
        raise wrong[0]
    return found


def read_expectations(
    value: Any, name: str, read_file: ReadFile
) -> tuple[tuple[Compiled, ...], tuple[BadExpectation, ...]]:
    """Make what can be made of a stub file's expectations, and tell what is wrong with the others."""
    try:
        stubs = _converted(value, StubFile)
    except BadExpectation as problem:
        return (), (problem,)
    found: dict[str, Compiled] = {}
    wrong: list[BadExpectation] = []
    for place, each in enumerate(stubs.expectations):
        pointer = f"/expectations/{place}"
        try:
            identity = _own_id(each, f"{pointer}/id") or f"{name}#{each.name or place}"
            if identity in found:
                raise BadExpectation("duplicate_id", f"there are two expectations {identity!r}", f"{pointer}/id")
            found[identity] = compile_expectation(each, identity, pointer, read_file)
        except BadExpectation as problem:
            wrong.append(problem)
    return tuple(found.values()), tuple(wrong)


def read_credentials(value: Any) -> tuple[AcceptedCredential, ...]:
    """Give the credentials of a stub file that `problems` finds nothing wrong with."""
    return tuple(_converted(value.get("credentials", []), list[AcceptedCredential]))


def _converted(value: Any, model: Any) -> Any:
    try:
        return msgspec.convert(value, model)
    except msgspec.ValidationError as problem:  # what JSON Schema takes for a whole number, such as 1.0
        message, _, path = str(problem).partition(" - at `$")
        pointer = "".join(f"/{key or index}" for key, index in PATH.findall(path))
        raise BadExpectation("does_not_fit", message, pointer) from None


def _own_id(expectation: Expectation, pointer: str) -> str | None:
    """Give the id that an expectation brings along; it is to be used in a path."""
    if not isinstance(expectation.id, str):
        return None
    if not 0 < len(expectation.id) <= MAX_ID:
        raise BadExpectation("range", f"an id has 1 to {MAX_ID} characters", pointer)
    return expectation.id
