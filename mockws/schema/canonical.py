"""A schema in canonical form: what the walk falls back to.

In it `allOf` is joined, alternatives are disjoint, `not` and conditions are worked in. Names and examples are lost, and
it can cost a second: it is wanted only where the schema as it is written leads nowhere.
"""

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any

from mockws.schema.fault import Document
from mockws.schema.keywords import Draft, escaped, everything_below, look_up, steps_of
from mockws.schema.violations import shown
from mockws.schema.ways import most_ways

MOST_COPIES = 2_000
MOST_WAYS = 1_000  # through alternatives at one place; with more, it takes seconds
ORDINARY = (200, 32)  # objects and lists in a schema, ways; of more it may take long to prove anything

HOLDING = frozenset({"properties", "patternProperties", "additionalProperties", "items", "prefixItems", "contains"})


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
    if most_ways(document) > MOST_WAYS:
        return None
    schema = document if isinstance(document, bool) else dict(document)
    options: Any = {"draft": draft.value, "validate_formats": True, "offline": True}
    try:
        form = jsonschema_rs.canonicalize(_inlined(schema, draft), **options)
        if form.satisfiability() == jsonschema_rs.canonical.Satisfiability.NO:
            raise Empty(conflict(jsonschema_rs.canonical.find_unsatisfiable(schema, **options), schema))
        canonical: Any = form.to_json_schema()
    except ValueError:
        return None
    except BaseException as error:
        if not is_panic(error):
            raise
        return None
    found: Document = canonical
    return found


def is_empty(document: Document, draft: Draft) -> bool:
    """Tell whether it is soon proven that nothing fits: of large schemas nothing is told."""
    if isinstance(document, bool):
        return not document
    size, ways = ORDINARY
    if any(islice(everything_below(document), size, None)) or most_ways(document) > ways:
        return False
    try:
        import jsonschema_rs  # late: the wheel may be missing

        options: Any = {"draft": draft.value, "validate_formats": True, "offline": True}
        form = jsonschema_rs.canonicalize(_inlined(dict(document), draft), **options)
        return bool(form.satisfiability() == jsonschema_rs.canonical.Satisfiability.NO)
    except (ImportError, ValueError):
        return False
    except BaseException as error:
        if not is_panic(error):
            raise
        return False


def negated_document(document: Document, draft: Draft) -> Document:
    """Tell the schema of all that a schema refuses; one that nothing fits, where that cannot be told."""
    if most_ways(document) > MOST_WAYS:
        return False
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
    try:
        return jsonschema_rs.dereference(schema, draft=draft.value, offline=True)
    except jsonschema_rs.ReferencingError:  # a value that looks like a reference: an example, say
        return schema


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


def conflict(reasons: Mapping[str, Any], document: Document) -> str:
    """Say why nothing fits: the outermost contradiction that is known, or the one within that it comes from."""
    clashes = {pointer: reason.causes for pointer, reason in reasons.items() if hasattr(reason, "causes")}
    if not clashes:
        return ""  # it is known that there is none; the walk knows better why
    pointer = min(clashes, key=len)
    while any(HOLDING.intersection(cause.keywords) for cause in clashes[pointer]):
        below = [each for each in clashes if each.startswith(f"{pointer}/")]
        if not below:
            break
        pointer = min(below, key=len)
    told = list(dict.fromkeys(one for cause in _telling(clashes[pointer]) for one in named(cause, document)))
    if len(told) == 1:
        return f"nothing can satisfy {pointer or 'it'}: {told[0]} cannot be"
    return f"nothing can satisfy {pointer or 'it'}: {', '.join(told[:-1])} and {told[-1]} contradict each other"


def _telling(causes: Sequence[Any]) -> Sequence[Any]:
    """Leave out that a type is named, too, where other keywords contradict each other."""
    others = [cause for cause in causes if cause.keywords != ["type"]]
    return others if any(len(cause.keywords) > 1 for cause in others) else causes


def named(cause: Any, document: Document) -> list[str]:
    """Name the keywords of a cause by their places, with what they say where that is short."""
    return [_keyword(f"{cause.pointer}/{escaped(keyword)}", document) for keyword in cause.keywords] or [cause.pointer]


def _keyword(pointer: str, document: Document) -> str:
    try:
        said = look_up(document, steps_of(pointer))
    except LookupError:  # of the other draft's spelling
        return pointer
    return pointer if isinstance(said, Mapping | bool) else f"{pointer}: {shown(said)}"
