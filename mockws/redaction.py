"""What nobody may read in a log, a journal or an answer: credentials. The scheme stays, the secret goes."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode

import msgspec

MASK = "[redacted]"
BEARER = "bearer"
OPENINGS = ("{", "[", b"{", b"[")  # of JSON that has something in it
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
        if not self or not frame or frame[:64].lstrip()[:1] not in OPENINGS:
            return frame
        try:
            value = msgspec.json.decode(frame)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return frame
        except RecursionError:  # too deep to be looked through
            return MASK if isinstance(frame, str) else MASK.encode()
        masked = self.masked_value(value)
        written = frame if masked == value else msgspec.json.encode(masked)
        return written.decode() if isinstance(frame, str) and isinstance(written, bytes) else written

    def masked_value(self, value: Any) -> Any:
        """Mask what is named in a decoded value."""
        return self._masked(value, ()) if self else value

    def hides(self, value: Any, pointer: str) -> bool:
        """Tell whether what stands at a pointer is to be masked, or has something in it that is."""
        place = _tokens(pointer)
        if any(each.lower() in self.names for each in place):
            return True
        if any(place[: len(each)] == each for each in self.pointers):
            return True
        inner = _at(value, place)
        return bool(self._masked(inner, place) != inner)

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


def _at(value: Any, place: tuple[str, ...]) -> Any:
    """Give what stands at a place; None where nothing does."""
    for step in place:
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list) and step.isdecimal() and int(step) < len(value):
            value = value[int(step)]
        else:
            return None
    return value
