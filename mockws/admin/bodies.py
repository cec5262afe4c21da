"""Bodies of admin requests: JSON, within bounds of size and time."""

from typing import Any

from starlette.requests import ClientDisconnect, Request

from mockws.admin.problems import Problem
from mockws.errors import Unreadable
from mockws.host import requests
from mockws.source.json import read_json


async def body_of(request: Request) -> Any:
    """Read a JSON body within its bounds; raises Problem."""
    return _value_of(await _content_of(request))


async def optional_body_of(request: Request) -> Any:
    """Read a JSON body that need not be there; None where it is not. Raises Problem."""
    content = await _content_of(request)
    return _value_of(content) if content else None


async def _content_of(request: Request) -> bytes:
    try:
        return await requests.body_of(request)
    except requests.Refused as refusal:
        raise Problem(refusal.status, refusal.title, str(refusal)) from None
    except ClientDisconnect:
        raise Problem(400, "not readable", "the request ended before its body") from None


def _value_of(content: bytes) -> Any:
    try:
        return read_json(content, "body").value
    except Unreadable as problem:
        place = {"code": problem.code, "line": problem.line, "column": problem.column}
        raise Problem(400, "not readable", problem.message, **place) from None
