"""What nobody may read in a log, a journal or an answer: credentials. The scheme stays, the secret goes."""

from collections.abc import Collection, Iterable
from urllib.parse import parse_qsl, urlencode

MASK = "[redacted]"
BEARER = "bearer"
SECRET_HEADERS = frozenset(
    {"authorization", "proxy-authorization", "cookie", "set-cookie", "x-api-key", "api-key", "x-auth-token"}
)
SECRET_QUERY = frozenset({"token", "access_token", "api_key", "apikey", "key", "password", "secret"})


def redacted_headers(headers: Iterable[tuple[str, str]], more: Collection[str] = frozenset()) -> list[tuple[str, str]]:
    """Mask the values of headers that carry credentials; `Bearer abc` becomes `Bearer [redacted]`.

    `more` has the names, in lower case, that a document uses for credentials of its own.
    """
    return [(name, MASK if name.lower() in more else _masked(name.lower(), value)) for name, value in headers]


def _masked(name: str, value: str) -> str:
    if name == "sec-websocket-protocol":
        return ", ".join(redacted_subprotocols(part.strip() for part in value.split(",")))
    if name not in SECRET_HEADERS:
        return value
    scheme, space, _ = value.partition(" ")
    return f"{scheme} {MASK}" if space and name.endswith("authorization") else MASK


def redacted_subprotocols(offered: Iterable[str]) -> list[str]:
    """Mask tokens that travel as subprotocols, as a browser can do no better: `bearer, TOKEN`, `….bearer.….TOKEN`."""
    shown: list[str] = []
    for each in offered:
        secret = BEARER in shown or f"{BEARER}." in each.lower()
        shown.append(MASK if secret else BEARER if each.lower() == BEARER else each)
    return shown


def redacted_query(query: Iterable[tuple[str, str]], more: Collection[str] = frozenset()) -> list[tuple[str, str]]:
    """Mask query arguments that carry credentials; `more` is as for headers."""
    return [(name, MASK if name.lower() in SECRET_QUERY or name.lower() in more else value) for name, value in query]


def redacted_url(url: str) -> str:
    """Mask the query of a URL or path in the same way."""
    path, mark, query = url.partition("?")
    return path + mark + urlencode(redacted_query(parse_qsl(query, keep_blank_values=True)), safe="[]") if mark else url
