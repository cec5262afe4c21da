"""Schemas compiled by jsonschema, for machines without a wheel of jsonschema-rs.

The only file that imports jsonschema. Python's `re` is no ECMA-262 engine and can be made to explode, so patterns are
read by `ecma.py`, and those that can explode run on our own bounded matcher.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from functools import lru_cache
from math import isfinite
from typing import Any

from jsonschema import FormatChecker
from jsonschema.exceptions import SchemaError, ValidationError
from jsonschema.protocols import Validator as Protocol
from jsonschema.validators import (
    Draft4Validator,
    Draft6Validator,
    Draft7Validator,
    Draft201909Validator,
    Draft202012Validator,
    extend,
)
from jsonschema_specifications import REGISTRY  # type: ignore[import-untyped]  # it has no types
from referencing.exceptions import Unresolvable
from referencing.jsonschema import specification_with

from mockws.errors import BrokenSchema
from mockws.schema.fault import Document, Fault, Path
from mockws.schema.json_value import as_json
from mockws.schema.judging import Verdicts, depends_on_the_way
from mockws.schema.keywords import MAPS_OF_SCHEMAS, VALUES, Draft, everything_below, look_up, pointer_of, steps_of
from mockws.schema.pattern import Pattern, PatternSyntax

CLASSES: dict[Draft, tuple[type[Protocol], str]] = {
    Draft.D4: (Draft4Validator, "http://json-schema.org/draft-04/schema"),
    Draft.D6: (Draft6Validator, "http://json-schema.org/draft-06/schema"),
    Draft.D7: (Draft7Validator, "http://json-schema.org/draft-07/schema"),
    Draft.D2019: (Draft201909Validator, "https://json-schema.org/draft/2019-09/schema"),
    Draft.D2020: (Draft202012Validator, "https://json-schema.org/draft/2020-12/schema"),
}
NOTHING: dict[str, Any] = {"not": {}}
RENAMED = {"dependentRequired": "required", "dependencies": "required"}
NAMED = frozenset({"required", "additionalProperties", "unevaluatedProperties", "dependentRequired", "dependencies"})


class PlainValidator:
    """A schema behind jsonschema."""

    __slots__ = ("_document", "_validator", "accepts")

    def __init__(self, validator: Protocol, document: Document, judge: Callable[[Any], bool]) -> None:
        self._validator = validator
        self._document = document
        self.accepts: Callable[[Any], bool] = lambda value: judge(as_json(value))

    def faults(self, value: Any) -> Iterator[Fault]:
        return (fault for error in self._validator.iter_errors(value) for fault in self._told(error, value))

    def _told(self, error: ValidationError, value: Any) -> Iterator[Fault]:
        keyword = "falseSchema" if error.validator is None else str(error.validator)
        path = tuple(error.absolute_path)
        schema_path = located(self._document, tuple(error.absolute_schema_path))
        branches: tuple[tuple[Fault, ...], ...] = ()
        if keyword in ("oneOf", "anyOf"):
            branches = tuple(self._branch(error, index, value) for index in range(len(keyword_value(error))))
            branches = branches if error.context else self._overlap(error, path, schema_path)
        names = names_of(error) if keyword in NAMED else ()
        fault = Fault(RENAMED.get(keyword, keyword), path, schema_path, keyword_value(error), names, branches)
        if keyword == "not" and error.schema == NOTHING:
            fault = Fault("falseSchema", path, schema_path[:-1])
        if schema_path[-2:-1] == ("propertyNames",):
            fault = Fault("propertyNames", path, schema_path, names=(str(error.instance),), branches=((fault,),))
        yield fault

    def _branch(self, error: ValidationError, index: int, value: Any) -> tuple[Fault, ...]:
        told = (one for one in error.context or () if one.relative_schema_path[0] == index)
        return tuple(fault for one in told for fault in self._told(one, value))

    def _overlap(self, error: ValidationError, path: Path, schema_path: Path) -> tuple[tuple[Fault, ...], ...]:
        """Tell which alternatives fit, where several do: the library says nothing of the others then."""
        instance: Any = error.instance
        judges = (self._validator.evolve(schema=each) for each in keyword_value(error))
        return tuple(
            () if judge.is_valid(instance) else (Fault("not", path, (*schema_path, index)),)
            for index, judge in enumerate(judges)
        )


def keyword_value(error: ValidationError) -> Any:
    return error.validator_value


def names_of(error: ValidationError) -> tuple[str, ...]:
    """Tell the properties that are missing or too many; jsonschema has them in its sentence only."""
    instance: Any = error.instance
    if error.validator == "required":
        return tuple(name for name in keyword_value(error) if name not in instance)
    if error.validator in ("dependentRequired", "dependencies"):
        wanted = (one for name, one in keyword_value(error).items() if name in instance and isinstance(one, list))
        return tuple(dict.fromkeys(name for names in wanted for name in names if name not in instance))
    schema: Any = error.schema
    patterns = [compiled_pattern(pattern) for pattern in schema.get("patternProperties", ())]
    unknown = (name for name in instance if name not in schema.get("properties", ()))
    return tuple(name for name in unknown if not any(pattern.search(name) for pattern in patterns))


def located(document: Any, path: Path) -> Path:
    """Turn the way that a validation took into a place of the document: the library leaves out references."""
    place: Path = ()
    try:
        for step in path:
            schema = look_up(document, [str(one) for one in place])
            while isinstance(schema, Mapping) and step not in schema and str(schema.get("$ref")).startswith("#"):
                place = tuple(steps_of(schema["$ref"][1:]))
                schema = look_up(document, [str(one) for one in place])
            place = (*place, step)
    except (LookupError, ValueError):
        return path  # within a part that has an identity of its own
    return place


def without_false(document: Any) -> Any:
    """Say `false` in other words where it stands by a name: the library forgets the name."""
    if isinstance(document, list):
        return [without_false(one) for one in document]
    if not isinstance(document, Mapping):
        return document
    return {keyword: _held_without_false(keyword, held) for keyword, held in document.items()}


def _held_without_false(keyword: str, held: Any) -> Any:
    if keyword in VALUES:
        return held
    if keyword in MAPS_OF_SCHEMAS and isinstance(held, Mapping):
        return {name: NOTHING if one is False else without_false(one) for name, one in held.items()}
    return without_false(held)


@lru_cache(maxsize=1024)
def compiled_pattern(pattern: str) -> Pattern:
    return Pattern(pattern)


def _pattern(_validator: Any, pattern: str, instance: Any, _schema: Any) -> Iterator[ValidationError]:
    if isinstance(instance, str) and not compiled_pattern(pattern).search(instance):
        yield ValidationError("does not match the pattern")


def _pattern_properties(
    validator: Any, patterns: Mapping[str, Any], instance: Any, _: Any
) -> Iterator[ValidationError]:
    if not isinstance(instance, dict):
        return
    for pattern, schema in patterns.items():
        for name, value in instance.items():
            if compiled_pattern(pattern).search(name):
                yield from validator.descend(value, schema, path=name, schema_path=pattern)


def _additional_properties(validator: Any, additional: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
    if not isinstance(instance, dict):
        return
    patterns = [compiled_pattern(pattern) for pattern in schema.get("patternProperties", ())]
    unknown = [name for name in instance if name not in schema.get("properties", ())]
    extra = [name for name in unknown if not any(pattern.search(name) for pattern in patterns)]
    if additional is False and extra:
        yield ValidationError("has more properties than it may")
    elif isinstance(additional, Mapping):
        for name in extra:
            yield from validator.descend(instance[name], additional, path=name)


def _multiple_of(_validator: Any, divisor: Any, instance: Any, _schema: Any) -> Iterator[ValidationError]:
    if isinstance(instance, bool) or not isinstance(instance, (int, float)):
        return
    # The library's own division overflows on an integer of 400 digits (and calls 0.3 no multiple of 0.1, which it is).
    fits = Fraction(str(instance)) % Fraction(str(divisor)) == 0 if isfinite_number(instance) else False
    if not fits:
        yield ValidationError("is no multiple")


def isfinite_number(number: int | float) -> bool:
    return isinstance(number, int) or isfinite(number)


def compile_plain(document: Document, draft: Draft) -> PlainValidator:
    """Compile for jsonschema; raises BrokenSchema."""
    family, dialect = CLASSES[draft]
    check(document, family)
    specification = specification_with(dialect)
    readied = without_false(document)
    root = specification.create_resource(readied)
    registry: Any = REGISTRY.with_resource("", root)  # it knows the metaschemas, and retrieves nothing
    check_references(document, registry.resolver_with_root(root))
    bounded: Any = make_class(family, validators=OURS)
    validator = bounded(readied, registry=registry, format_checker=FORMATS)
    if depends_on_the_way(everything_below(document)):
        return PlainValidator(validator, document, validator.is_valid)
    verdicts = Verdicts()
    judging: Any = make_class(bounded, validators=verdicts.keywords())
    judge = judging(readied, registry=registry, format_checker=FORMATS)

    def fits(value: Any) -> bool:
        try:
            return bool(judge.is_valid(value))
        finally:
            verdicts.clear()

    return PlainValidator(validator, document, fits)


# The library checks some formats only with extras that cost seconds of import; these four are the usual ones.
FORMAT_PATTERNS = {
    "date-time": r"^\d{4}-(0\d|1[0-2])-([0-2]\d|3[01])[Tt]([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$",
    "time": r"^([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$",
    "uri": r"^[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]*$",
    "hostname": r"^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*$",
}


def format_checker() -> FormatChecker:
    checker = FormatChecker()
    for name, pattern in FORMAT_PATTERNS.items():
        checker.checks(name)(text_matches(pattern))
    checker.checks("regex")(is_pattern)
    return checker


def text_matches(pattern: str) -> Callable[[object], bool]:
    return lambda value: not isinstance(value, str) or compiled_pattern(pattern).search(value)


def is_pattern(value: object) -> bool:
    try:
        return not isinstance(value, str) or bool(compiled_pattern(value))
    except (PatternSyntax, RecursionError):
        return False


FORMATS = format_checker()
make_class: Any = extend  # untyped in the library


def _unique_items(_validator: Any, unique: bool, instance: Any, _schema: Any) -> Iterator[ValidationError]:
    """Compare by a spelling, once per item: the library compares each with each."""
    if unique and isinstance(instance, list) and len({spelled(one) for one in instance}) < len(instance):
        yield ValidationError("has an item twice")


def spelled(value: Any) -> str:
    """Write a value so that equal ones are written the same: 1.0 is 1, true is not."""
    return json.dumps(whole(value), sort_keys=True, default=str)


def whole(value: Any) -> Any:
    match value:
        case float() if value.is_integer():
            return int(value)
        case list():
            return [whole(one) for one in value]
        case dict():
            return {name: whole(one) for name, one in value.items()}
    return value


OURS = {
    "uniqueItems": _unique_items,
    "pattern": _pattern,
    "patternProperties": _pattern_properties,
    "additionalProperties": _additional_properties,
    "multipleOf": _multiple_of,
}


def check(document: Document, family: type[Protocol]) -> None:
    try:
        judge: Any = family
        judge.check_schema(document, format_checker=FORMATS)  # a boolean schema is fine, whatever its type says
    except SchemaError as error:
        keyword = str(error.absolute_path[-1]) if error.absolute_path else ""
        code = "regex_syntax" if keyword == "pattern" and error.validator == "format" else "schema_invalid"
        raise BrokenSchema(code, error.message[:512], pointer_of(tuple(error.absolute_path))) from error
    except RecursionError as error:
        raise BrokenSchema("schema_depth", "is nested too deep") from error


def check_references(document: Document, resolver: Any) -> None:
    """Refuse references that lead nowhere or out of the document, and patterns that are none."""
    values = {id(held) for _, part in everything_below(document) for held in values_of(part)}
    for _, part in everything_below(document):
        if not isinstance(part, Mapping) or id(part) in values:
            continue
        if isinstance(reference := part.get("$ref"), str):
            check_reference(reference, resolver)
        for pattern in patterns_of(part):
            try:
                compiled_pattern(pattern)
            except PatternSyntax as error:
                raise BrokenSchema("regex_syntax", f"{pattern!r} is not a regular expression: {error}") from error


def values_of(part: Any) -> Iterator[Any]:
    if isinstance(part, Mapping):
        yield from (part[keyword] for keyword in VALUES if keyword in part)


def patterns_of(part: Mapping[str, Any]) -> Iterator[str]:
    if isinstance(part.get("pattern"), str):
        yield part["pattern"]
    if isinstance(part.get("patternProperties"), Mapping):
        yield from part["patternProperties"]


def check_reference(reference: str, resolver: Any) -> None:
    try:
        resolver.lookup(reference)
    except (Unresolvable, LookupError, ValueError) as error:
        code = "ref_unresolved" if reference.startswith("#") else "ref_scheme"
        raise BrokenSchema(code, f"the reference {reference!r} leads nowhere") from error
