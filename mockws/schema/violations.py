"""What a person is told about a value that breaks its schema.

From a validator's faults to sentences with pointers: of several alternatives the one that was meant is told. Nothing
here checks anything.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from mockws.diagnostic import Place
from mockws.schema.fault import Document, Fault, Path, Validator
from mockws.schema.keywords import look_up, pointer_of
from mockws.schema.overlap import overlap

MAX_MESSAGE = 512
MAX_SHOWN = 80
MAX_FAULTS = 500
MIN_OVERLAP = 2


@dataclass(frozen=True, slots=True)
class Violation:
    """One way in which a value breaks its schema."""

    pointer: str  # JSON Pointer into the value; of a missing property, where it is missing
    message: str
    schema_pointer: str
    keyword: str = ""
    place: Place | None = None  # where in its file the keyword stands, if that is known

    def __str__(self) -> str:
        return f"{self.pointer or '/'}: {self.message}"


def violations_of(value: Any, validator: Validator, document: Document, *, limit: int) -> tuple[Violation, ...]:
    """Tell how a value breaks its schema, in the order of the value."""
    found = {
        (violation.pointer, violation.message): (order_of(value, path), violation)
        for fault in islice(validator.faults(value), MAX_FAULTS)
        for path, violation in told(fault, value, document)
    }
    return tuple(violation for _, violation in sorted(found.values(), key=lambda pair: pair[0])[:limit])


def told(fault: Fault, value: Any, document: Document) -> Iterator[tuple[Path, Violation]]:
    """Tell one fault, or those of the alternative that was meant."""
    if fault.branches and fault.keyword in ("oneOf", "anyOf") and all(fault.branches):
        meant = merged_alternatives(fault) or meant_alternative(fault, value)
        if meant:
            for one in meant:
                yield from told(one, value, document)
            return
    here = value_at(value, fault.path)
    schema_pointer = pointer_of(fault.schema_path)
    for name in names_of(fault, here) or (None,):
        path = fault.path if name is None else (*fault.path, name)
        message = overlapping(fault, here, document) or sentence(fault, here)
        message = message if len(message) <= MAX_MESSAGE else message[: MAX_MESSAGE - 1] + "…"
        yield path, Violation(pointer_of(path), message, schema_pointer, fault.keyword)


def overlapping(fault: Fault, here: Any, document: Document) -> str:
    """Say which alternatives fit at once; nothing where it is not that."""
    fitting = [index for index, branch in enumerate(fault.branches) if not branch]
    if fault.keyword != "oneOf" or len(fitting) < MIN_OVERLAP:
        return ""
    try:
        listed = look_up(document, [str(step) for step in fault.schema_path])
    except LookupError:  # within a part that has an identity of its own
        return ""
    return overlap(listed, fitting, here, document) if isinstance(listed, list) else ""


def names_of(fault: Fault, here: Any) -> tuple[str, ...]:
    """Tell the properties that a fault is about; where an object must be empty, jsonschema-rs does not name them."""
    if (
        fault.keyword == "falseSchema"
        and fault.schema_path[-1:] == ("additionalProperties",)
        and isinstance(here, dict)
    ):
        return tuple(here)
    return fault.names


def merged_alternatives(fault: Fault) -> tuple[Fault, ...]:
    """Join alternatives that all fail at one place for its type, or for its constant: together they say what fits."""
    firsts = [discriminating(branch) for branch in fault.branches]
    known = [one for one in firsts if one is not None]
    if len(known) != len(firsts) or len({one.path for one in known}) != 1:
        return ()
    if all(one.keyword == "type" for one in known):
        kinds = tuple(dict.fromkeys(kind for one in known for kind in listed(one.expected)))
        return (Fault("type", known[0].path, fault.schema_path, kinds),)
    if all(one.keyword in ("const", "enum") for one in known):
        allowed = [option for one in known for option in (one.expected if one.keyword == "enum" else [one.expected])]
        return (Fault("enum", known[0].path, fault.schema_path, allowed),)
    return ()


def discriminating(branch: tuple[Fault, ...]) -> Fault | None:
    """Find the fault that shows that an alternative was not meant: a wrong constant, or the wrong kind of value."""
    constants = [fault for fault in branch if fault.keyword in ("const", "enum")]
    if constants:
        return min(constants, key=lambda fault: len(fault.path))
    return next((fault for fault in branch if fault.keyword == "type"), None) if len(branch) == 1 else None


def meant_alternative(fault: Fault, value: Any) -> tuple[Fault, ...]:
    """Choose the alternative that the value comes nearest to.

    A wrong type of the value itself, then a wrong constant (that is how alternatives are told apart), counts most
    against an alternative; then the number of faults; a fault deep in the value speaks for it.
    """
    here = value_at(value, fault.path)
    ranked = sorted((distance(branch, fault.path), index) for index, branch in enumerate(fault.branches))
    if isinstance(here, (dict, list)) or len(ranked) == 1 or ranked[0][0] < ranked[1][0]:
        return fault.branches[ranked[0][1]]
    return ()


def distance(branch: tuple[Fault, ...], path: Path) -> tuple[int, int, int, int]:
    flat = list(flattened(branch))
    wrong_kind = sum(fault.keyword == "type" and fault.path == path for fault in flat)
    constants = sum(fault.keyword in ("const", "enum") and len(fault.path) <= len(path) + 2 for fault in flat)
    return wrong_kind, constants, len(flat), -max(len(fault.path) for fault in flat)


def flattened(branch: Iterable[Fault]) -> Iterator[Fault]:
    """Tell the faults of an alternative, nested alternatives by their nearest one."""
    for fault in branch:
        if fault.branches and all(fault.branches) and fault.keyword in ("oneOf", "anyOf"):
            yield from min((tuple(flattened(one)) for one in fault.branches), key=len)
        else:
            yield fault


def value_at(value: Any, path: Path) -> Any:
    for step in path:
        try:
            value = value[step]
        except (LookupError, TypeError):
            return None
    return value


def order_of(value: Any, path: Path) -> tuple[float, ...]:
    """Tell where a path stands when the value is read from the top; what is missing stands last."""
    order: list[float] = []
    for step in path:
        if isinstance(value, Mapping) and step in value:
            order.append(list(value).index(step))
            value = value[step]
        elif isinstance(value, (list, tuple)) and isinstance(step, int) and step < len(value):
            order.append(step)
            value = value[step]
        else:
            return (*order, float("inf"))
    return tuple(order)


def shown(value: Any) -> str:
    """Write a value as JSON, cut to what a line can bear; a large one is never written in full."""
    if isinstance(value, (dict, list, tuple)):
        size = len(value)
        if size > 20 or any(isinstance(one, (dict, list, str)) and len(one) > MAX_SHOWN for one in parts(value)):
            return f"{named_kind(value)} of {size}"
    if isinstance(value, (str, bytes)) and len(value) > MAX_SHOWN:
        return shown(value[: MAX_SHOWN - 1])[:-1] + '…"'
    if isinstance(value, int) and abs(value) >= 10**MAX_SHOWN:
        return "a very large integer"
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= MAX_SHOWN else text[: MAX_SHOWN - 1] + "…"


def parts(value: Any) -> Iterable[Any]:
    return value.values() if isinstance(value, Mapping) else value


KINDS: tuple[tuple[type | tuple[type, ...], str], ...] = (
    (bool, "a boolean"),
    (str, "a string"),
    (int, "an integer"),
    (float, "a number"),
    (dict, "an object"),
    ((list, tuple), "an array"),
    (type(None), "null"),
)
ARTICLES = {
    "string": "a string",
    "integer": "an integer",
    "number": "a number",
    "boolean": "a boolean",
    "object": "an object",
    "array": "an array",
}


def named_kind(value: Any) -> str:
    return next((name for kind, name in KINDS if isinstance(value, kind)), f"a {type(value).__name__}")


def listed(expected: Any) -> tuple[Any, ...]:
    return (expected,) if isinstance(expected, str) else tuple(expected or ())


def counted(number: Any, noun: str) -> str:
    plural = noun.removesuffix("y") + "ies" if noun.endswith("y") else noun + "s"
    return f"{number} {noun if number == 1 else plural}"


def _type(fault: Fault, value: Any) -> str:
    wanted = sorted(listed(fault.expected), key=lambda kind: kind == "null")
    kinds = " or ".join(ARTICLES.get(kind, kind) for kind in wanted)
    if value is None:
        return f"must be {kinds}, is null"
    return f"must be {kinds}, is {named_kind(value)}" + (
        "" if isinstance(value, (dict, list)) else f" ({shown(value)})"
    )


def _enum(fault: Fault, value: Any) -> str:
    options = ", ".join(shown(option) for option in list(fault.expected)[:20])
    return f"must be one of {options}{', …' if len(fault.expected) > 20 else ''}; is {shown(value)}"


def _format(fault: Fault, value: Any) -> str:
    return f"must be {FORMATS.get(fault.expected, f'a valid {fault.expected}')}, is {shown(value)}"


def _one_of(fault: Fault, _: Any) -> str:
    if not all(fault.branches):
        return "must fit exactly one of the alternatives, fits several"
    return "must fit one of the alternatives, fits none"


def _property_names(fault: Fault, _: Any) -> str:
    reasons = "; ".join(
        sentence(inner, name) for name, branch in zip(fault.names, fault.branches, strict=True) for inner in branch
    )
    return f"is no allowed property name ({reasons})"


FORMATS = {
    "email": "an e-mail address",
    "uuid": "a UUID",
    "uri": "a URI",
    "date": "a date (2025-01-31)",
    "time": "a time with offset (12:30:00Z)",
    "date-time": "a date and time with offset (2025-01-31T12:30:00Z)",
    "ipv4": "an IPv4 address",
    "ipv6": "an IPv6 address",
    "hostname": "a host name",
    "duration": "an ISO 8601 duration",
    "regex": "a regular expression",
}

Tell = Callable[[Fault, Any], str]
SENTENCES: dict[str, Tell] = {
    "type": _type,
    "enum": _enum,
    "format": _format,
    "oneOf": _one_of,
    "anyOf": lambda _fault, _value: "must fit at least one of the alternatives, fits none",
    "propertyNames": _property_names,
    "const": lambda fault, value: f"must be {shown(fault.expected)}, is {shown(value)}",
    "required": lambda _fault, _value: "is required",
    "additionalProperties": lambda _fault, _value: "is not a property of this object",
    "unevaluatedProperties": lambda _fault, _value: "is not a property of this object",
    "additionalItems": lambda fault, value: f"must have at most {counted(fault.expected, 'item')}, has {len(value)}",
    "unevaluatedItems": lambda _fault, _value: "is one item too many",
    "falseSchema": lambda _fault, _value: "is not allowed here",
    "minimum": lambda fault, value: f"must be at least {shown(fault.expected)}, is {shown(value)}",
    "maximum": lambda fault, value: f"must be at most {shown(fault.expected)}, is {shown(value)}",
    "exclusiveMinimum": lambda fault, value: f"must be more than {shown(fault.expected)}, is {shown(value)}",
    "exclusiveMaximum": lambda fault, value: f"must be less than {shown(fault.expected)}, is {shown(value)}",
    "multipleOf": lambda fault, value: f"must be a multiple of {shown(fault.expected)}, is {shown(value)}",
    "minLength": lambda f, value: f"must have at least {counted(f.expected, 'character')}, has {len(value)}",
    "maxLength": lambda f, value: f"must have at most {counted(f.expected, 'character')}, has {len(value)}",
    "pattern": lambda fault, value: f"must match the pattern {fault.expected}, is {shown(value)}",
    "minItems": lambda f, value: f"must have at least {counted(f.expected, 'item')}, has {len(value)}",
    "maxItems": lambda f, value: f"must have at most {counted(f.expected, 'item')}, has {len(value)}",
    "uniqueItems": lambda _fault, _value: "must not have the same item twice",
    "contains": lambda _fault, _value: "does not have the items that it must contain",
    "minProperties": lambda f, value: f"must have at least {counted(f.expected, 'property')}, has {len(value)}",
    "maxProperties": lambda f, value: f"must have at most {counted(f.expected, 'property')}, has {len(value)}",
    "not": lambda _fault, value: f"must not be what the schema excludes, is {shown(value)}",
    "contentEncoding": lambda fault, _: f"must be encoded as {fault.expected}",
    "contentMediaType": lambda fault, _: f"must be {fault.expected}",
}


def sentence(fault: Fault, value: Any) -> str:
    """Say a fault in words."""
    tell = SENTENCES.get(fault.keyword)
    return tell(fault, value) if tell else f"breaks the rule {fault.keyword!r}"
