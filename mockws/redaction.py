"""What nobody may read in a log, a journal or an answer: credentials. The scheme stays, the secret goes."""

from collections.abc import Iterable
from urllib.parse import parse_qsl, urlencode

MASK = "[redacted]"
SECRET_HEADERS = frozenset(
    {"authorization", "proxy-authorization", "cookie", "set-cookie", "x-api-key", "api-key", "x-auth-token"}
)
SECRET_QUERY = frozenset({"token", "access_token", "api_key", "apikey", "key", "password", "secret"})


def redacted_headers(headers: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Mask the values of headers that carry credentials; `Bearer abc` becomes `Bearer [redacted]`."""
    return [(name, _masked(name, value)) for name, value in headers]


def _masked(name: str, value: str) -> str:
    if name == "sec-websocket-protocol":
        first, comma, _ = value.partition(",")
        return f"{first}, {MASK}" if comma and first.strip().lower() == "bearer" else value
    if name not in SECRET_HEADERS:
        return value
    scheme, space, _ = value.partition(" ")
    return f"{scheme} {MASK}" if space and name.endswith("authorization") else MASK


def redacted_query(query: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Mask query arguments that carry credentials."""
    return [(name, MASK if name.lower() in SECRET_QUERY else value) for name, value in query]


def redacted_url(url: str) -> str:
    """Mask the query of a URL or path in the same way."""
    path, mark, query = url.partition("?")
    return path + mark + urlencode(redacted_query(parse_qsl(query, keep_blank_values=True)), safe="[]") if mark else url
