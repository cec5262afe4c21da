"""Bodies of admin requests: JSON, within bounds of size and time."""

import asyncio
from typing import Any

from starlette.requests import ClientDisconnect, Request

from mockws.admin.guard import MAX_BODY
from mockws.admin.problems import Problem
from mockws.errors import Unreadable
from mockws.source.json import read_json

BODY_DEADLINE = 10.0  # seconds for a whole body


async def body_of(request: Request) -> Any:
    """Read a JSON body within its bounds; raises Problem."""
    return _value_of(await _content_of(request))


async def optional_body_of(request: Request) -> Any:
    """Read a JSON body that need not be there; None where it is not. Raises Problem."""
    content = await _content_of(request)
    return _value_of(content) if content else None


async def _content_of(request: Request) -> bytes:
    content = bytearray()
    try:
        async with asyncio.timeout(BODY_DEADLINE):
            async for chunk in request.stream():
                content += chunk
                if len(content) > MAX_BODY:
                    raise Problem(413, "body too large", f"a body has at most {MAX_BODY} bytes")
    except TimeoutError:
        raise Problem(408, "body too slow", f"the body was not there within {BODY_DEADLINE:g} s") from None
    except ClientDisconnect:
        raise Problem(400, "not readable", "the request ended before its body") from None
    return bytes(content)


def _value_of(content: bytes) -> Any:
    try:
        return read_json(content, "body").value
    except Unreadable as problem:
        place = {"code": problem.code, "line": problem.line, "column": problem.column}
        raise Problem(400, "not readable", problem.message, **place) from None
