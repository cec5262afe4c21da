"""The official JSON Schemas of AsyncAPI, and what a document breaks of them, told so that a person can act on it.

The published schemas say "one of these" of nearly everything (a reference, or the thing itself): a validator then
tells what is wrong with each of them. Here each such choice is decided by what a reader would look at: is there a
`$ref`, which JSON type is it, what does its `type` say. Nothing here knows what a document means.
"""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources
from typing import Any

from mockws.asyncapi.document import Node
from mockws.diagnostic import Diagnostic, Severity
from mockws.names import closest
from mockws.schema.schema import Schema
from mockws.schema.violations import Violation
from mockws.source.pointer import join, parse, resolve

PAYLOAD = re.compile(r"(/message(/oneOf/[0-9]+)?|^/components/messages/[^/]+)/payload(/|$)")  # of version 2
MAX_TOLD = 100
UNRESOLVED = "asyncapi-document-unresolved"
AVRO = "avroSchema_v1"  # is told by whoever reads Avro; a recursive choice of a dozen, it would make all telling vague
UNKNOWN = ("additionalProperties", "falseSchema")
AT_THE_KEY = (*UNKNOWN, "required")  # what is told of a key, not of its value
VALUES = frozenset({"enum", "const", "default", "example", "examples"})
HAS_REFERENCE = {"type": "object", "required": ["$ref"]}
Alternative = Mapping[str, Any]


def check_schema(root: Node, version: str) -> None:
    """Report where a document breaks the official schema of its version."""
    for violation, code in broken(root.value, version, limit=MAX_TOLD):
        tell(root, violation, code, advice_for(version, violation, root.value))


def broken(value: Any, version: str, *, limit: int) -> Iterator[tuple[Violation, str]]:
    """Tell what a document breaks, each with its code; references stand where people write them."""
    for violation in sharpened(version).violations(value, limit=limit):
        code = "asyncapi-document-resolved"
        if violation.pointer.endswith("/$ref") and violation.keyword in UNKNOWN:
            code = UNRESOLVED
        elif _is_reference(value, violation.pointer):
            continue
        elif version.startswith("2") and PAYLOAD.search(violation.pointer):
            code = "asyncapi2-schemas"
        yield violation, code


def tell(root: Node, violation: Violation, code: str, advice: str) -> None:
    """Report what is broken in a file, by its pointer there."""
    pointer, message = violation.pointer, str(violation)
    if code == UNRESOLVED:
        message = f"a reference is not allowed in {pointer.rpartition('/')[0]}; it is followed all the same"
    place = root.document.files[root.file].locate(pointer, key=violation.keyword in AT_THE_KEY)
    root.document.report.add(Diagnostic(Severity.ERROR, code, message, place, pointer, advice))


def _is_reference(document: Any, pointer: str) -> bool:
    """Tell whether a reference stands there: people write them in many more places than the schema has them."""
    tokens = parse(pointer)
    for path in (tokens, tokens[:-1]):
        try:
            found = resolve(document, join("", *path))
        except LookupError:
            continue
        if isinstance(found, Mapping) and isinstance(found.get("$ref"), str):
            return True
    return False


def advice_for(version: str, violation: Violation, value: Any) -> str:
    """Name what was likely meant, and where the specification can be read."""
    meant = _meant(sharpened(version).document, violation, value)
    see = f"see https://www.asyncapi.com/docs/reference/specification/v{version}"
    return f"did you mean {meant}? {see}" if meant else see


def _meant(schema: Any, violation: Violation, value: Any) -> str:
    """Find the key or the value that is most like what is not known there; an empty string where none is."""
    *steps, keyword = parse(violation.schema_pointer)
    try:
        around = resolve(schema, join("", *steps))
        if keyword == "enum":
            written, known = resolve(value, violation.pointer), around["enum"]
        elif keyword in UNKNOWN:
            written, known = parse(violation.pointer)[-1], around["properties"]
        else:
            return ""
    except (LookupError, TypeError):  # within what has no keys, or is decided otherwise
        return ""
    return closest(written, [each for each in known if isinstance(each, str)]) if isinstance(written, str) else ""


def official_schema(version: str) -> Any:
    """Give the official JSON Schema of a version of AsyncAPI, as it was published."""
    text = resources.files("mockws.asyncapi").joinpath(f"official/{version}.json").read_text("utf-8")
    return json.loads(text)


@cache
def sharpened(version: str) -> Schema:
    """Give the official schema with its choices decided; what it accepts, the published one accepts too."""
    document = official_schema(version)
    if AVRO in document["definitions"]:
        document["definitions"][AVRO] = {}
    return Schema(_decided(document, document))


def _decided(schema: Any, root: Any) -> Any:
    if isinstance(schema, list):
        return [_decided(each, root) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if str(schema.get("$ref", "")).startswith(f"#/definitions/{AVRO}"):
        return {}
    choices = [schema[key] for key in ("oneOf", "anyOf") if isinstance(schema.get(key), list)]
    rest = {key: _kept(key, child, root) for key, child in schema.items() if child not in choices}
    if not choices:
        return rest
    decided = [_choice(alternatives, root) for alternatives in choices]
    return {**rest, "allOf": [*rest.get("allOf", []), *decided]}


def _kept(key: str, child: Any, root: Any) -> Any:
    """Leave lists of values alone; a property that is called `examples` is a schema, though."""
    return child if key in VALUES and isinstance(child, list) else _decided(child, root)


def _choice(alternatives: list[Any], root: Any) -> Any:
    """Write a choice as: if this is told, then that, else if, then, ..., else."""
    tested = [(_test(each, root), _decided(each, root)) for each in alternatives]
    known = sorted(((test, then) for test, then in tested if test is not None), key=lambda pair: _rank(pair[0]))
    open_ended = [then for test, then in tested if test is None]
    otherwise = _otherwise([test for test, _ in known], open_ended)
    for test, then in reversed(known):
        otherwise = {"if": test, "then": then, "else": otherwise}
    return otherwise


def _otherwise(tests: list[Alternative], open_ended: list[Any]) -> Any:
    """What holds where no test does: the one alternative left, any of several; else one of the tests must hold."""
    if {} in open_ended:
        return {}
    if open_ended:
        return open_ended[0] if len(open_ended) == 1 else {"anyOf": open_ended}
    if all(isinstance(test.get("type"), str) and len(test) == 1 for test in tests):
        return {"type": list(dict.fromkeys(test["type"] for test in tests))}
    kinds = [test["properties"]["type"]["enum"] for test in tests if "properties" in test]
    if kinds and len(kinds) == len([test for test in tests if test is not HAS_REFERENCE]):
        values = [value for listed in kinds for value in listed]
        return {"type": "object", "required": ["type"], "properties": {"type": {"enum": values}}}
    if all("required" in test for test in tests):
        return tests[0]
    return {"anyOf": list(tests)}


def _rank(test: Alternative) -> tuple[bool, int]:
    """References are told first, then what names more of itself (`type: http` and `scheme: bearer`)."""
    return test is not HAS_REFERENCE, -len(test.get("required", ()))


def _test(alternative: Any, root: Any) -> Alternative | None:
    """Find what tells that this alternative is meant; None where nothing simple does."""
    schema = _followed(alternative, root)
    required = schema.get("required", [])
    if "$ref" in required:
        return HAS_REFERENCE
    if (kinds := _kinds(schema, root)) is not None:
        told = {"type": {"enum": kinds}}
        scheme = schema.get("properties", {}).get("scheme", {})
        told |= {"scheme": {"enum": scheme["enum"]}} if "enum" in scheme else {}
        return {"type": "object", "required": list(told), "properties": told}
    if isinstance(schema.get("type"), str) and schema["type"] != "object":
        return {"type": schema["type"]}
    if isinstance(schema.get("enum"), list) and all(isinstance(value, str) for value in schema["enum"]):
        return {"type": "string"}
    return {"type": "object", "required": required} if len(required) == 1 and len(schema) <= 4 else None


def _kinds(schema: Alternative, root: Any) -> list[Any] | None:
    """Give what `type` must be in an alternative (of alternatives) that its `type` tells apart."""
    inner = [_kinds(_followed(each, root), root) for each in schema.get("oneOf", ())]
    if inner and all(each is not None for each in inner):
        return list(dict.fromkeys(value for each in inner for value in each or ()))
    kind = schema.get("properties", {}).get("type", {})
    listed = kind.get("enum") if isinstance(kind, Mapping) and "type" in schema.get("required", ()) else None
    return listed if isinstance(listed, list) else None


def _followed(schema: Any, root: Any) -> Alternative:
    while isinstance(schema, Mapping) and isinstance(schema.get("$ref"), str):
        schema = resolve(root, join("", *parse(schema["$ref"])))
    return schema if isinstance(schema, Mapping) else {}
