"""The HTTP requests of an example, as a mock sees them: host and port are of the service's, the rest is asked for."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote

from mockws.specmatic.example import Example, Fixture
from mockws.specmatic.templates import concrete, constants, escaped
from mockws.specmatic.values import REFERENCE, TYPE, BadValue, is_plain, schema_of, wanted_of

IDENTIFIER = re.compile(r"id|[A-Za-z0-9_-]*(?:Id|_id|-id)", re.ASCII)
TESTS = ((bool, ""), (int, "is integer"), (float, "is number"), (str, "is string"))  # what a template can ask


def request_of(fixture: Fixture, body: Any) -> dict[str, Any]:
    """Give the part of a trigger that says which requests are meant; without a body, any will do."""
    path, _, query = fixture.path.partition("?")
    asked: dict[str, Any] = {"method": fixture.method, "path": _path(path)}
    arguments = {name: _argument(text) for name, text in parse_qsl(query, keep_blank_values=True)}
    if arguments:
        asked["queryParameters"] = arguments
    if body is not None:
        asked["body"] = _body(body)
    return {"http": asked}


def _path(path: str) -> str:
    """Write a path with parameters where the example has a type, or a name that stands for something."""
    return "/".join(_segment(unquote(each), place) for place, each in enumerate(path.split("/"))) or "/"


def _segment(text: str, place: int) -> str:
    typed = TYPE.fullmatch(text)
    if typed is not None:
        return f"{{{typed['name'] or f'part{place}'}}}"
    return f"{{part{place}}}" if REFERENCE.search(text) else re.sub(r"[{}%?#]", "-", text)


def _argument(text: str) -> Mapping[str, Any]:
    if REFERENCE.search(text):
        return {"matches": ""}
    try:
        wanted = wanted_of(text)
    except BadValue:
        wanted = None
    if wanted is None:
        return {"equalTo": text}
    kind = wanted.schema.get("type") if isinstance(wanted.schema, dict) else None
    return {"matches": "^-?[0-9.]+$"} if kind in ("integer", "number") else {"matches": ""}


def _body(body: Any) -> Mapping[str, Any]:
    if isinstance(body, str) and is_plain(body):
        return {"equalTo": body}
    return {"equalToJson": body} if is_plain(body) else {"matchesJsonSchema": schema_of(body)}


def response_of(fixture: Fixture, example: Example) -> dict[str, Any]:
    """Give what a request is answered."""
    response: dict[str, Any] = {"status": fixture.status}
    if fixture.answer is not None and fixture.status not in (204, 205, 304):
        answer = _escaped(concrete(fixture.answer, constants(example)))
        response["text" if isinstance(answer, str) else "json"] = answer
    return response


def _escaped(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _escaped(inner) for key, inner in value.items()}
    return [_escaped(inner) for inner in value] if isinstance(value, list) else escaped(value)


def carried(fixture: Fixture, payload: Any) -> dict[str, str]:
    """Carry the request's own identifiers into what is said, where the example has the same in both."""
    body = fixture.body
    if not isinstance(body, dict) or not isinstance(payload, dict):
        return {}
    found = {}
    for name, value in payload.items():
        test = next((words for kind, words in TESTS if isinstance(value, kind)), "")
        if test and IDENTIFIER.fullmatch(name) and body.get(name) == value:
            there = f"request.json[{_quoted(name)}]"
            found[name] = f"{{{{ {there} if {there} {test} else {_quoted(value)} }}}}"
    return found


def _quoted(value: Any) -> str:
    return repr(value) if isinstance(value, str) else str(value)
