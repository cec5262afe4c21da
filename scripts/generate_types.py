"""TypeScript types of the admin API, made of its OpenAPI document: one type a schema, and the routes with what goes in
and out.

Only what msgspec writes into a schema is known here; anything else is an error, so that nothing is quietly `unknown`.
"""

import json
from collections.abc import Mapping
from typing import Any

HEAD = "// The types of mockws' admin API, made from its openapi.json by scripts/docs. Not written by hand.\n"
ROUTES = '/** What a request to a route says, and what it is answered: AdminApi["POST /verify"]. */'
PLAIN = {"string": "string", "integer": "number", "number": "number", "boolean": "boolean", "null": "null"}
SAID = {"title", "description", "default", "minimum", "maximum", "minLength", "minItems", "maxItems"}  # not in a type


def types_of(document: Mapping[str, Any]) -> str:
    """Write all types of an OpenAPI document."""
    schemas = document["components"]["schemas"]
    parts = [_declared(name, schema) for name, schema in sorted(schemas.items())]
    return "\n".join([HEAD, *parts, _routes(document["paths"])])


def _declared(name: str, schema: Mapping[str, Any]) -> str:
    about = f"/** {' '.join(str(schema['description']).split())} */\n" if "description" in schema else ""
    if "properties" not in schema:
        return f"{about}export type {name} = {_type(schema)};\n"
    return f"{about}export interface {name} {_object(schema, '')}\n"


def _object(schema: Mapping[str, Any], indent: str) -> str:
    needed = set(schema.get("required", []))
    lines = [
        f"{indent}  {_name(name)}{'' if name in needed else '?'}: {_type(each, indent + '  ')};"
        for name, each in schema["properties"].items()
    ]
    return "\n".join(["{", *lines, indent + "}"])


def _name(name: str) -> str:
    return name if name.isidentifier() else json.dumps(name)


def _type(schema: Mapping[str, Any], indent: str = "") -> str:
    said = {key: value for key, value in schema.items() if key not in SAID}
    if not said:
        return "unknown"
    if "$ref" in said:
        return str(said["$ref"]).rpartition("/")[2]
    if "anyOf" in said:
        return " | ".join(dict.fromkeys(_type(each, indent) for each in said["anyOf"]))
    if "enum" in said:
        return " | ".join(json.dumps(each) for each in said["enum"])
    if "properties" in said:
        return _object(said, indent)
    kind = said["type"]
    if isinstance(kind, list):
        return " | ".join(PLAIN[each] for each in kind)
    if kind == "array":
        inner = _type(said.get("items", {}), indent)
        return f"({inner})[]" if " | " in inner else f"{inner}[]"
    if kind == "object":
        values = said.get("additionalProperties", {})
        return f"Record<string, {_type(values if isinstance(values, Mapping) else {}, indent)}>"
    return PLAIN[kind]


def _routes(paths: Mapping[str, Any]) -> str:
    lines = [
        f"  {json.dumps(f'{method.upper()} {path}')}: {{ {_traffic(operation)} }};"
        for path, methods in paths.items()
        for method, operation in methods.items()
    ]
    return "\n".join([ROUTES, "export interface AdminApi {", *lines, "}", ""])


def _traffic(operation: Mapping[str, Any]) -> str:
    body = operation.get("requestBody")
    optional = "" if body is None or body["required"] else "?"
    given = "body?: undefined" if body is None else f"body{optional}: {_content(body)}"
    good = next(each for status, each in operation["responses"].items() if status.startswith("2"))
    return f"{given}; answer: {_content(good)}"


def _content(holder: Mapping[str, Any]) -> str:
    content = list(holder.get("content", {}).values())
    return _type(content[0]["schema"]) if content else "undefined"
