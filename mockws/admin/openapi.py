"""The admin API describes itself: OpenAPI 3.1, made of the endpoints and of the models that check their bodies."""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from mockws import __version__
from mockws.admin.answers import ProblemView
from mockws.admin.endpoint import JSON, Endpoint
from mockws.admin.problems import PROBLEM
from mockws.host.entrance import ADMIN

REF = "#/components/schemas/{name}"
USUAL = {  # what any request may be answered with, before its endpoint is asked
    400: "It cannot be read.",
    401: "A token is needed.",
    403: "A page of another origin may not ask.",
    413: "The body is too large.",
    415: "The body is not JSON.",
    421: "The Host is none of the mock's.",
    422: "It does not fit: `errors` says what, and where.",
}
MORE = {404: "It is not there.", 408: "The body was too slow.", 409: "It is not so.", 503: "Not now.", 507: "No room."}
ABOUT = (
    "Sets expectations, triggers sends, keeps a journal and verifies. A session has all of it under `/__s/ID/__admin`."
)


def openapi_of(endpoints: Iterable[Endpoint]) -> dict[str, Any]:
    """Describe endpoints; the same ones always give the same document."""
    listed = list(endpoints)
    types = _types_of(listed)
    schemas, components = msgspec.json.schema_components([*types.values()], ref_template=REF)
    for name, schema in components.items():
        if "properties" in schema and name != ProblemView.__name__:  # these keys are promised, and no others
            schema["additionalProperties"] = False
    known = dict(zip(types, schemas, strict=True))
    paths: dict[str, dict[str, Any]] = {}
    for each in listed:
        paths.setdefault(each.path.replace(":path}", "}"), {})[each.method.lower()] = _operation(each, known)
    return {
        "openapi": "3.1.0",
        "info": {"title": "mockws admin API", "version": __version__, "description": ABOUT},
        "servers": [{"url": ADMIN}],
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{}, {"token": []}],
    }


def _types_of(endpoints: Iterable[Endpoint]) -> dict[str, Any]:
    """Name all types that occur; a type is its own name, as it stands in the code."""
    found = {repr(ProblemView): ProblemView}
    for each in endpoints:
        for one in (each.answer, each.body):
            if one not in (None, str, Any):
                found[repr(one)] = one
    return found


def _operation(endpoint: Endpoint, known: Mapping[str, Any]) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": f"{endpoint.handler.__module__.rpartition('.')[2]}.{endpoint.handler.__name__}",
        "summary": endpoint.summary,
        "parameters": [*_path_parameters(endpoint.path), *_query_parameters(endpoint.query)],
        "responses": _responses(endpoint, known),
    }
    if endpoint.body is not None:
        schema = {} if endpoint.body is Any else known[repr(endpoint.body)]
        content = {JSON: {"schema": schema}}
        described["requestBody"] = {"required": not endpoint.optional, "content": content}
    return described


def _path_parameters(path: str) -> list[dict[str, Any]]:
    names = [part.partition("}")[0].partition(":")[0] for part in path.split("{")[1:]]
    schema = {"type": "string", "minLength": 1}
    return [{"name": name, "in": "path", "required": True, "schema": schema} for name in names]


def _query_parameters(model: Any) -> list[dict[str, Any]]:
    if model is None:
        return []
    described = msgspec.json.schema(model)
    (properties,) = (each["properties"] for each in described["$defs"].values())
    return [{"name": name, "in": "query", "required": False, "schema": schema} for name, schema in properties.items()]


def _responses(endpoint: Endpoint, known: Mapping[str, Any]) -> dict[str, Any]:
    problem = {PROBLEM: {"schema": known[repr(ProblemView)]}}
    refusals = {status: (USUAL | MORE)[status] for status in sorted({*USUAL, *endpoint.problems})}
    answered = {str(status): _answer(endpoint, known) for status in (status_of(endpoint), *endpoint.also)}
    return answered | {str(status): {"description": text, "content": problem} for status, text in refusals.items()}


def status_of(endpoint: Endpoint) -> int:
    """Give the status of a good answer: 204 where there is nothing to say."""
    return 204 if endpoint.answer is None else endpoint.status


def _answer(endpoint: Endpoint, known: Mapping[str, Any]) -> dict[str, Any]:
    if endpoint.answer is None:
        return {"description": "Done."}
    schema = (
        {"type": "string"} if endpoint.answer is str else {} if endpoint.answer is Any else known[repr(endpoint.answer)]
    )
    return {"description": endpoint.summary, "content": {endpoint.kind.partition(";")[0]: {"schema": schema}}}
