"""A schema in canonical form: what the walk falls back to.

In it `allOf` is joined, alternatives are disjoint, `not` and conditions are worked in. Names and examples are lost, and
it can cost a second: it is wanted only where the schema as it is written leads nowhere.
"""

from collections.abc import Mapping
from typing import Any

from mockws.schema.fault import Document
from mockws.schema.keywords import Draft

MOST_COPIES = 2_000


class Empty(Exception):
    """It is proven that nothing fits a schema; a signal, never seen outside. The reason may be left to the walk."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def canonical_document(document: Document, draft: Draft) -> Document | None:
    """Tell the canonical form; None where there is no such form. Raises Empty."""
    try:
        import jsonschema_rs  # late: the wheel may be missing
    except ImportError:
        return None
    schema = document if isinstance(document, bool) else dict(document)
    options: Any = {"draft": draft.value, "validate_formats": True, "offline": True}
    try:
        form = jsonschema_rs.canonicalize(_inlined(schema, draft), **options)
        if form.satisfiability() == jsonschema_rs.canonical.Satisfiability.NO:
            raise Empty(conflict(jsonschema_rs.canonical.find_unsatisfiable(schema, **options)))
        canonical: Any = form.to_json_schema()
    except ValueError:
        return None
    except BaseException as error:
        if not is_panic(error):
            raise
        return None
    found: Document = canonical
    return found


def negated_document(document: Document, draft: Draft) -> Document:
    """Tell the schema of all that a schema refuses; one that nothing fits, where that cannot be told."""
    try:
        import jsonschema_rs  # late: the wheel may be missing

        schema = document if isinstance(document, bool) else dict(document)
        options: Any = {"draft": draft.value, "validate_formats": True, "offline": True}
        refused: Any = jsonschema_rs.canonicalize(schema, **options).negate().to_json_schema()
    except (ImportError, ValueError):
        return False
    except BaseException as error:
        if not is_panic(error):
            raise
        return False
    told: Document = refused
    return told


def _inlined(schema: Any, draft: Draft) -> Any:
    """Put what is referred to in its place, as far as that ends: alternatives are kept apart by what they say."""
    import jsonschema_rs  # late: the wheel may be missing

    if isinstance(schema, bool) or _copies(schema, schema.get("definitions", {}), {}) > MOST_COPIES:
        return schema
    return jsonschema_rs.dereference(schema, draft=draft.value, offline=True)


def _copies(part: Any, definitions: Any, known: dict[str, int]) -> int:
    """Count the copies that inlining would make: alternatives that refer to alternatives may double them each time."""
    if isinstance(part, list):
        return sum(_copies(each, definitions, known) for each in part)
    if not isinstance(part, Mapping):
        return 0
    reference = part.get("$ref")
    if not isinstance(reference, str):
        return sum(_copies(each, definitions, known) for key, each in part.items() if key != "definitions")
    name = reference.removeprefix("#/definitions/")
    if name not in known:
        known[name] = 1  # a reference back to itself stays a reference
        known[name] = 1 + _copies(definitions.get(name), definitions, known)
    return known[name]


def is_panic(error: BaseException) -> bool:
    """Tell a bug of the Rust library: it surfaces as a BaseException of a class that cannot be imported."""
    return type(error).__name__ == "PanicException"


def conflict(reasons: Mapping[str, Any]) -> str:
    """Say why nothing fits: the outermost contradiction that is known, else what is empty by itself."""
    clashes = {pointer: reason.causes for pointer, reason in reasons.items() if hasattr(reason, "causes")}
    if not clashes:
        return ""  # it is known that there is none; the walk knows better why
    pointer = min(clashes, key=len)
    told = " and ".join(dict.fromkeys(named(cause) for cause in clashes[pointer]))
    return f"nothing can satisfy {pointer or 'it'}: {told} contradict each other"


def named(cause: Any) -> str:
    return " with ".join(cause.keywords) or str(cause.pointer)
