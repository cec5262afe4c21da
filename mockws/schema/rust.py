"""Schemas compiled by jsonschema-rs.

The only file that imports jsonschema-rs, but for the canonical form. It must never fetch: each call is `offline=True`.
"""

from collections.abc import Callable, Iterator
from typing import Any

import jsonschema_rs

from mockws.errors import BrokenSchema
from mockws.schema.fault import Document, Fault
from mockws.schema.keywords import Draft, pointer_of

# Look-around and back-references need a backtracking engine; with this bound the worst pattern ends in milliseconds.
PATTERNS = jsonschema_rs.FancyRegexOptions(backtrack_limit=100_000)

LARGE = 5_000  # keys and values

CLASSES: dict[Draft, type[jsonschema_rs.Validator]] = {
    Draft.D4: jsonschema_rs.Draft4Validator,
    Draft.D6: jsonschema_rs.Draft6Validator,
    Draft.D7: jsonschema_rs.Draft7Validator,
    Draft.D2019: jsonschema_rs.Draft201909Validator,
    Draft.D2020: jsonschema_rs.Draft202012Validator,
}

DIALECTS = {
    Draft.D4: "http://json-schema.org/draft-04/schema#",
    Draft.D6: "http://json-schema.org/draft-06/schema#",
    Draft.D7: "http://json-schema.org/draft-07/schema#",
    Draft.D2019: "https://json-schema.org/draft/2019-09/schema",
    Draft.D2020: "https://json-schema.org/draft/2020-12/schema",
}
NAMES_OF: dict[str, Callable[[Any], tuple[str, ...]]] = {
    "required": lambda kind: (kind.property,),
    "additionalProperties": lambda kind: tuple(kind.unexpected),
    "unevaluatedProperties": lambda kind: tuple(kind.unexpected),
    "unevaluatedItems": lambda kind: tuple(str(index) for index in kind.unexpected),
}
BRANCHING = frozenset({"oneOf", "anyOf"})
WITHOUT_EXPECTED = BRANCHING | {"not", "propertyNames", "falseSchema"} | frozenset(NAMES_OF)


class RustValidator:
    """A schema compiled to native code; `accepts` is the library's own function, so that nothing lies between."""

    __slots__ = ("_validator", "accepts")

    def __init__(self, validator: jsonschema_rs.Validator) -> None:
        self._validator = validator
        self.accepts = validator.is_valid

    def faults(self, value: Any) -> Iterator[Fault]:
        """Tell what is wrong with a value; of a large one the first thing only.

        The library makes all errors before it gives the first, and 90,000 of them take over a second.
        """
        if not holds_more_than(value, LARGE):
            yield from map(fault_of, self._validator.iter_errors(value))
            return
        try:
            self._validator.validate(value)
        except jsonschema_rs.ValidationError as error:
            yield fault_of(error)


def holds_more_than(value: Any, most: int) -> bool:
    """Tell whether there are more than so many keys and values in a value."""
    waiting, count = [value], 0
    while waiting and count <= most:
        part = waiting.pop()
        if isinstance(part, dict):
            count += len(part)
            waiting.extend(part.values())
        elif isinstance(part, list):
            count += len(part)
            waiting.extend(part[:most])
    return count > most


def compile_rust(document: Document, draft: Draft) -> RustValidator:
    schema = document if isinstance(document, (bool, dict)) else dict(document)
    try:
        validator = CLASSES[draft](schema, validate_formats=True, offline=True, pattern_options=PATTERNS)
    except jsonschema_rs.ValidationError as error:
        raise broken(error) from error
    except ValueError as error:  # no JSON value, or deeper than the library goes
        code = "schema_depth" if "Recursion" in str(error) else "schema_invalid"
        raise BrokenSchema(code, str(error)[:512]) from error
    return RustValidator(validator)


def broken(error: jsonschema_rs.ValidationError) -> BrokenSchema:
    """Tell why a document is no schema that we take."""
    pointer = pointer_of(tuple(error.instance_path))
    message = error.message[:512]
    match error.kind.name:
        case "$ref" if "does not exist" in message or "not found" in message:
            return BrokenSchema("ref_unresolved", message, pointer)
        case "$ref":
            return BrokenSchema("ref_scheme", f"a reference that is not within the document: {message}", pointer)
        case "format" | "pattern" if "pattern" in pointer.rpartition("/")[2]:
            return BrokenSchema("regex_syntax", message.replace('a "regex"', "a regular expression"), pointer)
    return BrokenSchema("schema_invalid", message, pointer)


def fault_of(error: jsonschema_rs.ValidationError) -> Fault:
    kind: Any = error.kind  # one class per keyword, each with its own fields
    keyword = kind.name
    expected: Any = None
    names: tuple[str, ...] = ()
    branches: tuple[tuple[Fault, ...], ...] = ()
    if keyword in NAMES_OF:
        names = NAMES_OF[keyword](kind)
    elif keyword in BRANCHING:
        branches = tuple(tuple(fault_of(one) for one in branch) for branch in kind.context)
    elif keyword == "propertyNames":
        names, branches = (kind.error.instance,), ((fault_of(kind.error),),)
    elif keyword not in WITHOUT_EXPECTED:
        expected = kind.value
    return Fault(keyword, tuple(error.instance_path), tuple(error.schema_path), expected, names, branches)


def local_validators(document: Document, draft: Draft) -> Callable[[str], Callable[[Any], bool] | None]:
    """Compile every schema within a document; what is told finds the one at a pointer."""
    if isinstance(document, bool):
        return lambda _: None
    schema = {**document, "$schema": DIALECTS[draft]}
    try:
        places = jsonschema_rs.validator_map_for(schema, validate_formats=True, offline=True, pattern_options=PATTERNS)
    except ValueError:
        return lambda _: None

    def at(pointer: str) -> Callable[[Any], bool] | None:
        found = places.get("#" + pointer)
        return None if found is None else found.is_valid

    return at
