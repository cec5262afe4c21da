"""What nobody may read in a log, a journal or an answer: credentials. The scheme stays, the secret goes."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode

import msgspec

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


def redacted_url(url: str, more: Collection[str] = frozenset()) -> str:
    """Mask the query of a URL or path in the same way."""
    path, mark, query = url.partition("?")
    pairs = redacted_query(parse_qsl(query, keep_blank_values=True), more) if mark else []
    return path + mark + urlencode(pairs, safe="[]")


@dataclass(frozen=True)
class Redaction:
    """What a user wants masked besides: headers, arguments and fields by name, fields of messages by JSON Pointer."""

    names: frozenset[str] = frozenset()  # in lower case
    pointers: tuple[tuple[str, ...], ...] = ()  # each in its tokens

    @classmethod
    def of(cls, words: Iterable[str]) -> "Redaction":
        """Read what `--redact` was given: a word that begins with / is a JSON Pointer (RFC 6901), others are names."""
        listed = list(words)
        pointers = tuple(_tokens(each) for each in listed if each.startswith("/"))
        return cls(frozenset(each.lower() for each in listed if not each.startswith("/")), pointers)

    def __bool__(self) -> bool:
        return bool(self.names or self.pointers)

    def masked(self, frame: str | bytes | None) -> str | bytes | None:
        """Mask what is named in a message, if it is JSON; what is not is left as it is."""
        if not self or not isinstance(frame, str) or frame[:1] not in "{[":
            return frame
        try:
            value = msgspec.json.decode(frame)
        except (msgspec.DecodeError, RecursionError):
            return frame
        return msgspec.json.encode(self._masked(value, ())).decode()

    def _masked(self, value: Any, place: tuple[str, ...]) -> Any:
        if place in self.pointers or (place and place[-1].lower() in self.names):
            return MASK
        if isinstance(value, dict):
            return {key: self._masked(inner, (*place, key)) for key, inner in value.items()}
        if isinstance(value, list):
            return [self._masked(inner, (*place, str(index))) for index, inner in enumerate(value)]
        return value


def _tokens(pointer: str) -> tuple[str, ...]:
    return tuple(each.replace("~1", "/").replace("~0", "~") for each in pointer.split("/")[1:])
