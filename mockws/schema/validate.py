"""The compiled validator behind a schema: jsonschema-rs, and jsonschema where that is not to be had.

The choice between them is here, and what a schema must be to be compiled. How each is driven is in its own file.
"""

import warnings
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from mockws.errors import BrokenSchema
from mockws.schema.fault import Document, Validator
from mockws.schema.keywords import MAX_DEPTH, Draft, everything_below, with_nullable

Compile = Callable[[Document, Draft], Validator]

# (schema, a value it takes, a value it must refuse): a wheel that gets one of these wrong is not used.
SELF_CHECK: tuple[tuple[dict[str, Any], Any, Any], ...] = (
    ({"type": "integer", "minimum": 1}, 1, 0),
    ({"pattern": "^(?=.*[0-9])a+[0-9]$"}, "aa1", "aa"),
    ({"properties": {"a": {"$ref": "#/definitions/a"}}, "definitions": {"a": {"const": 1}}}, {"a": 1}, {"a": 2}),
    ({"oneOf": [{"required": ["a"]}, {"required": ["b"]}]}, {"a": 1}, {"a": 1, "b": 1}),
    ({"type": "string", "format": "date"}, "2025-02-28", "2025-02-30"),
    ({"type": "object", "additionalProperties": False}, {}, {"a": 1}),
)


def compile_schema(document: Document, draft: Draft) -> Validator:
    """Compile a schema; raises BrokenSchema."""
    return backend()(document, draft)


def compile_parts(document: Document, draft: Draft) -> Callable[[str], Callable[[Any], bool] | None]:
    """Compile the schemas within a document, where the library can: what is told finds the one at a pointer."""
    if backend().__module__ != "mockws.schema.rust":
        return lambda _: None
    from mockws.schema.rust import local_validators  # late: the wheel may be missing

    return local_validators(document, draft)


@cache
def backend() -> Compile:
    """Choose the library, once: jsonschema-rs unless it is missing or fails its self-check."""
    try:
        from mockws.schema.rust import compile_rust  # late: the wheel may be missing

        if passes_self_check(compile_rust):
            return compile_rust
        reason = "jsonschema-rs failed its self-check"
    except ImportError as error:
        reason = f"jsonschema-rs cannot be imported ({error})"
    warnings.warn(f"{reason}: schemas are validated by jsonschema, which is slower", RuntimeWarning, stacklevel=3)
    from mockws.schema.plain import compile_plain  # late: slow to import

    return compile_plain


def passes_self_check(compile_with: Compile) -> bool:
    """Try a library on a few schemas whose answers are known."""
    try:
        for document, good, bad in SELF_CHECK:
            validator = compile_with(document, Draft.D7)
            if not validator.accepts(good) or validator.accepts(bad) or not next(validator.faults(bad), None):
                return False
    except (BrokenSchema, ValueError, TypeError, AttributeError):
        return False
    return True


def readied(document: Document) -> Document:
    """Make a document ready to compile: not too deep, and `nullable` said in JSON Schema's words."""
    nullable = False
    for depth, part in everything_below(document):
        if depth > MAX_DEPTH:
            raise BrokenSchema("schema_depth", f"is nested deeper than {MAX_DEPTH} levels")
        nullable = nullable or (isinstance(part, Mapping) and part.get("nullable") is True)
    return with_nullable(document) if nullable else document
