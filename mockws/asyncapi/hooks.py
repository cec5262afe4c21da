"""The HTTP requests that a document names for an operation: `x-specmatic-trigger` and `x-specmatic-side-effect`."""

import json
from typing import Any
from urllib.parse import urlsplit

from mockws.asyncapi.document import Node
from mockws.hook import TIMEOUT, Hook
from mockws.names import closest

TRIGGER, SIDE_EFFECT = "x-specmatic-trigger", "x-specmatic-side-effect"
KEYS = ("type", "method", "url", "expectedStatus", "expectedBody", "timeoutInSeconds", "headers", "requestBody")
LONGEST = 3600.0  # seconds


def hook_of(operation: Node, key: str) -> Hook | None:
    """Read one of the requests; one that cannot be made is left out, with a warning."""
    node = operation.get(key)
    if node is None:
        return None
    if not isinstance(node.value, dict) or node.value.get("type", "http") != "http":
        node.warn("specmatic-hook", f"{key} is left out: it is no HTTP request", "write type: http, method and url")
        return None
    for name in node.value:
        if name not in KEYS:
            hint = closest(name, KEYS)
            advice = f"did you mean {hint}?" if hint else f"known are {', '.join(KEYS)}"
            (node.raw(name) or node).warn("specmatic-hook", f"{name!r} is no key of {key}, and is left out", advice)
    url = node.text("url")
    if not _is_url(url):
        node.warn("specmatic-hook", f"{key} is left out: it has no url such as http://localhost:9000/orders")
        return None
    return _hook(node, url)


def _is_url(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc)


def _hook(node: Node, url: str) -> Hook:
    value = node.value
    headers = value.get("headers") if isinstance(value.get("headers"), dict) else {}
    return Hook(
        url=url,
        method=node.text("method", "GET").upper(),
        headers={str(name): str(text) for name, text in headers.items()},
        body=_body(value.get("requestBody")),
        status=int(_number(node, "expectedStatus", 200, 100, 599)),
        expected=_body(value.get("expectedBody")),
        timeout=_number(node, "timeoutInSeconds", TIMEOUT, 0, LONGEST),
    )


def _body(value: Any) -> Any:
    """Read a body: Specmatic has JSON in a text."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


def _number(node: Node, key: str, default: float, least: float, most: float) -> float:
    value = node.value.get(key, default)
    if isinstance(value, int | float) and not isinstance(value, bool) and least <= value <= most:
        return value
    (node.raw(key) or node).warn("specmatic-hook", f"{key} should be a number from {least:g} to {most:g}")
    return default
