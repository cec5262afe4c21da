"""The handshakes that a server under test gets: with all that its document asks for, and with one thing wrong."""

import base64
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from mockws.codec import encode_json
from mockws.contract import Alternative, Carrier, Handshake, Operation, Scheme
from mockws.errors import CannotFake
from mockws.schema.schema import Schema
from mockws.schema.shape import shape_of
from mockws.verify.peer import Visit
from mockws.verify.places import Place

MADE_UP = "mockws-test"
PROTOCOL_HEADER = "sec-websocket-protocol"
BAD_TEXT = "mockws-wrong"


@dataclass(frozen=True)
class Guest:
    """What the tester was given to be let in with."""

    token: str | None = None  # for every scheme
    tokens: Mapping[str, str] = field(default_factory=dict)  # by scheme
    headers: tuple[tuple[str, str], ...] = ()
    seed: int = 0

    def token_for(self, scheme: Scheme) -> str:
        return self.tokens.get(scheme.name) or self.token or MADE_UP

    @property
    def knows_secrets(self) -> bool:
        return bool(self.token or self.tokens)


@dataclass
class Opening:
    """A handshake in the making."""

    query: dict[str, str] = field(default_factory=dict)
    headers: dict[str, tuple[str, str]] = field(default_factory=dict)  # in lower case -> as it is written, value
    cookies: dict[str, str] = field(default_factory=dict)

    def header(self, name: str, value: str) -> None:
        self.headers.setdefault(name.lower(), (name, value))

    def visit(self, path: str, subprotocols: tuple[str, ...] = ()) -> Visit:
        query = f"?{urlencode(self.query)}" if self.query else ""
        if self.cookies:
            self.header("Cookie", "; ".join(f"{name}={value}" for name, value in self.cookies.items()))
        return Visit(path + query, tuple(self.headers.values()), subprotocols)


def opening_at(place: Place, guest: Guest, operation: Operation | None = None, *, known: bool = True) -> Opening:
    """Make a handshake with all that is asked for; without `known`, with no credentials."""
    opening = Opening()
    for name, value in guest.headers if known else ():
        opening.header(name, value)
    for scheme in schemes_at(place, operation) if known else ():
        bring(scheme, guest.token_for(scheme), opening)
    for handshake in place.route.handshakes:
        _fill(handshake, opening, guest.seed, {scheme.parameter.lower() for scheme in schemes_at(place)})
    return opening


def schemes_at(place: Place, operation: Operation | None = None) -> list[Scheme]:
    """Give the schemes that let somebody in: of each list of alternatives the first."""
    lists = [operation.security] if operation is not None else []
    lists += [place.route.security, *(each.security for each in place.operations)]
    return [scheme for alternatives in lists for scheme in _first(alternatives)]


def asks_for_credentials(place: Place) -> bool:
    """Tell whether nobody is let in without credentials that can be seen in a handshake."""
    security = place.route.security
    return bool(security) and all(any(each.carrier is not Carrier.UNSEEN for each in one) for one in security)


def _first(alternatives: Iterable[Alternative]) -> Alternative:
    return next((one for one in alternatives if one), ())


def bring(scheme: Scheme, token: str, opening: Opening) -> None:
    """Put a credential where its scheme wants it."""
    match scheme.carrier:
        case Carrier.BEARER:
            opening.header("Authorization", f"Bearer {token}")
        case Carrier.BASIC:
            pair = token if ":" in token else f"{token}:{token}"
            opening.header("Authorization", f"Basic {base64.b64encode(pair.encode()).decode()}")
        case Carrier.AUTHORIZATION:
            opening.header("Authorization", f"{scheme.parameter} {token}")
        case Carrier.HEADER:
            opening.header(scheme.parameter, token)
        case Carrier.QUERY:
            opening.query.setdefault(scheme.parameter, token)
        case Carrier.COOKIE:
            opening.cookies.setdefault(scheme.parameter, token)
        case Carrier.UNSEEN:
            return


def bring_malformed(scheme: Scheme, opening: Opening) -> None:
    """Put something there that is no credential of this scheme."""
    if scheme.carrier in (Carrier.BEARER, Carrier.BASIC, Carrier.AUTHORIZATION):
        opening.header("Authorization", f"Mockws{scheme.carrier.title()} {MADE_UP}")
    else:
        bring(scheme, " ", opening)


def _fill(handshake: Handshake, opening: Opening, seed: int, credentials: set[str]) -> None:
    """Bring what a binding requires, made up where nobody gave it."""
    for name, value in _required_of(handshake.query, seed):
        if name.lower() not in credentials:
            opening.query.setdefault(name, _written(value))
    for name, value in _required_of(handshake.headers, seed):
        if name.lower() != PROTOCOL_HEADER:
            opening.header(name, _as_header(_written(value)))


def _required_of(schema: Schema | None, seed: int) -> Iterator[tuple[str, Any]]:
    if schema is None:
        return
    required = shape_of(schema).required
    try:
        made = schema.fake(seed) if required else {}
    except CannotFake:
        made = {}
    for name in sorted(required):
        yield name, made.get(name, MADE_UP) if isinstance(made, dict) else MADE_UP


def _written(value: Any) -> str:
    """Write a value as a text of a handshake; lists with commas, as bindings are read."""
    if isinstance(value, list):
        return ",".join(_written(each) for each in value)
    return value if isinstance(value, str) else encode_json(value)


def _as_header(text: str) -> str:
    return "".join(letter for letter in text if " " <= letter <= "~").strip() or MADE_UP


@dataclass(frozen=True, slots=True)
class Flaw:
    """A handshake that breaks a binding."""

    what: str
    opening: Opening


def flaws(place: Place, guest: Guest) -> Iterator[Flaw]:
    """Make handshakes that break a binding: each thing that is required left out, or of the wrong type."""
    schemes = {scheme.parameter.lower() for scheme in schemes_at(place)} | {"authorization", "access_token"}
    for handshake in place.route.handshakes:
        for where, schema in (("query", handshake.query), ("header", handshake.headers)):
            if schema is None:
                continue
            shape = shape_of(schema)
            for name in sorted(shape.required):
                if name.lower() in schemes or name.lower() == PROTOCOL_HEADER:
                    continue
                yield Flaw(f"without the {where} {name}", _without(opening_at(place, guest), where, name))
            for name, inner in shape.properties.items():
                if name.lower() not in schemes and name.lower() != PROTOCOL_HEADER and _breakable(inner):
                    yield Flaw(f"with a wrong {where} {name}", _with_bad(opening_at(place, guest), where, name))


def _breakable(schema: Any) -> bool:
    """Tell whether a text like ours surely breaks a property: a number, a boolean, one of a list."""
    if not isinstance(schema, Mapping):
        return False
    return schema.get("type") in ("integer", "number", "boolean") or ("enum" in schema and "type" in schema)


def _without(opening: Opening, where: str, name: str) -> Opening:
    (opening.query if where == "query" else opening.headers).pop(name if where == "query" else name.lower(), None)
    return opening


def _with_bad(opening: Opening, where: str, name: str) -> Opening:
    if where == "query":
        opening.query[name] = BAD_TEXT
    else:
        opening.headers[name.lower()] = (name, BAD_TEXT)
    return opening


def subprotocols_of(place: Place) -> tuple[str, ...]:
    """Give the subprotocols that the document names."""
    found = list(place.route.subprotocols)
    for handshake in place.route.handshakes:
        tells = shape_of(handshake.headers).tells if handshake.headers is not None else {}
        found += [
            str(one) for name, values in tells.items() if name.lower() == PROTOCOL_HEADER for one in sorted(values)
        ]
    return tuple(dict.fromkeys(found))
