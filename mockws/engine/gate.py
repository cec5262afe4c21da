"""Who is let in: the handshake against the document's bindings, security and subprotocols.

A refusal is an HTTP answer, or a close code right after the 101, where a browser could not see the former.
"""

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from mockws.codec import decode_json
from mockws.contract import Action, Alternative, Carrier, Contract, Handshake, Route, Scheme
from mockws.engine.actions import Accept, Close, Entry, Refuse
from mockws.engine.actions import Action as Deed
from mockws.engine.events import Connected, Opening
from mockws.engine.state import Connection
from mockws.schema.schema import Violation
from mockws.schema.shape import Shape, shape_of
from mockws.settings import Settings

PROTOCOL_HEADER = "sec-websocket-protocol"


class Credential(Enum):
    """What became of the credentials that a handshake brought."""

    GOOD = 0
    MISSING = 4401
    WRONG = 4403


STATUS = {Credential.MISSING: 401, Credential.WRONG: 403}
REASON = {Credential.MISSING: "no credentials", Credential.WRONG: "wrong credentials"}


@dataclass(frozen=True)
class Passage:
    """What the gate decided: the actions, the journal's entry, and the connection where one was let in."""

    actions: tuple[Deed, ...]
    entry: Entry
    connection: Connection | None = None


@dataclass(frozen=True, slots=True)
class _Demand:
    """One binding of a route, with the shapes of its schemas at hand."""

    handshake: Handshake
    query: Shape
    headers: Shape


class Gate:
    """Decides on handshakes; what a document asks for is compiled once."""

    def __init__(self, contract: Contract, settings: Settings) -> None:
        self._settings = settings
        self._demands = {id(route): tuple(_demand(each) for each in route.handshakes) for route in contract.routes}
        self._security = {id(route): _security_of(contract, route) for route in contract.routes}

    def decide(self, event: Connected) -> Passage:
        """Let a connection in, or not."""
        violations = self._violations(event)
        if violations and self._settings.handshake == "strict":
            return _refused(event, 400, "the handshake does not fit the document", violations)
        credential = self.credential(self._security[id(event.route)], event.opening)
        if credential is not Credential.GOOD and self._settings.auth == "http":
            return _refused(event, STATUS[credential], REASON[credential], ())
        return self._let_in(event, credential, violations)

    def _let_in(self, event: Connected, credential: Credential, violations: tuple[Violation, ...]) -> Passage:
        subprotocol = self._subprotocol(event.route, event.opening)
        connection = _connection(event, subprotocol)
        accept = Accept(event.connection, subprotocol)
        note = "; ".join(str(violation) for violation in violations)
        if credential is not Credential.GOOD:
            entry = _entry(event, "refused", REASON[credential], credential.value)
            return Passage((accept, Close(event.connection, credential.value, REASON[credential])), entry)
        if subprotocol is None and event.opening.subprotocols:
            offered = ", ".join(event.opening.subprotocols)
            note = f"none of the subprotocols {offered} was taken; browsers end such a connection"
        details = {"subprotocol": subprotocol} if subprotocol else {}
        entry = Entry(event.at, "open", event.connection, address=event.opening.path, note=note, details=details)
        return Passage((accept,), entry, connection)

    def credential(self, security: Sequence[Sequence[Alternative]], opening: Opening) -> Credential:
        """Judge credentials: every list of alternatives must be met, each by one of its alternatives."""
        if self._settings.auth == "off":
            return Credential.GOOD
        judged = [_of_alternatives(alternatives, opening) for alternatives in security if alternatives]
        return max(judged, key=lambda each: each.value, default=Credential.GOOD)

    def _violations(self, event: Connected) -> tuple[Violation, ...]:
        found: list[Violation] = []
        hidden = {scheme.parameter for lists in self._security[id(event.route)] for one in lists for scheme in one}
        for demand in self._demands[id(event.route)]:
            found += _query_violations(demand, event.opening, hidden)
            found += _header_violations(demand, event.opening)
        return tuple(found)

    def _subprotocol(self, route: Route, opening: Opening) -> str | None:
        """Choose as RFC 6455, 4.2.2 has it; where nobody names any, the first offered: browsers insist on one."""
        offered, configured = opening.subprotocols, self._settings.subprotocol
        if not offered or configured == ("none",):
            return None
        supported = (*configured, *route.subprotocols, *self._in_headers(route))
        if not supported:
            return offered[0]
        chosen = next((each for each in offered if each in supported), None)
        return chosen or ("bearer" if offered[0] == "bearer" else None)

    def _in_headers(self, route: Route) -> tuple[str, ...]:
        named = (demand.headers.tells for demand in self._demands[id(route)])
        return tuple(
            v for tells in named for name, values in tells.items() if name.lower() == PROTOCOL_HEADER for v in values
        )


def _demand(handshake: Handshake) -> _Demand:
    empty = Shape()
    query, headers = handshake.query, handshake.headers
    return _Demand(handshake, shape_of(query) if query else empty, shape_of(headers) if headers else empty)


def _security_of(contract: Contract, route: Route) -> tuple[tuple[Alternative, ...], ...]:
    """Give what the handshake must meet: the server's, and the operation's where the route has but one."""
    operations = [
        each for channel in route.channels for action in Action for each in contract.operations_at(channel, action)
    ]
    own = operations[0].security if len(operations) == 1 else ()
    return (route.security, own)


def _connection(event: Connected, subprotocol: str | None) -> Connection:
    query = dict(event.opening.query)
    wish = query.get("__dynamic")
    return Connection(
        id=event.connection,
        route=event.route,
        parameters=event.parameters,
        opening=event.opening,
        opened_at=event.at,
        headers={**query, **dict(event.opening.headers)},
        example=query.get("__example"),
        dynamic=None if wish is None else wish.lower() in ("true", "1", "yes", ""),
        subprotocol=subprotocol,
    )


def _refused(event: Connected, status: int, title: str, violations: tuple[Violation, ...]) -> Passage:
    problem: dict[str, Any] = {"type": "about:blank", "title": title, "status": status}
    if violations:
        problem["detail"] = "; ".join(str(violation) for violation in violations)
        problem["errors"] = [{"pointer": each.pointer, "message": each.message} for each in violations]
    headers = (("www-authenticate", "Bearer"),) if status == 401 else ()
    entry = _entry(event, "refused", problem.get("detail", title), status, violations)
    return Passage((Refuse(event.connection, status, problem, headers),), entry)


def _entry(event: Connected, name: str, note: str, code: int, violations: tuple[Violation, ...] = ()) -> Entry:
    return Entry(
        event.at, name, event.connection, address=event.opening.path, note=note, code=code, violations=violations
    )


def _query_violations(demand: _Demand, opening: Opening, hidden: set[str]) -> list[Violation]:
    """Check the query; names that begin with `__` are ours, and credentials are not the document's business here."""
    schema = demand.handshake.query
    if schema is None:
        return []
    values: dict[str, list[str]] = {}
    for name, value in opening.query:
        if not name.startswith("__") and (name in demand.query.properties or name not in {*hidden, "access_token"}):
            values.setdefault(name, []).append(value)
    coerced = {name: _coerced(texts, demand.query.properties.get(name)) for name, texts in values.items()}
    return [_placed(violation, "query") for violation in schema.violations(coerced)]


def _header_violations(demand: _Demand, opening: Opening) -> list[Violation]:
    """Check the headers that the document describes; those that every client sends besides never count."""
    schema = demand.handshake.headers
    if schema is None:
        return []
    described = {*demand.headers.properties, *demand.headers.required}
    found = {name: opening.header(name) for name in described if name.lower() != PROTOCOL_HEADER}
    coerced = {
        name: _coerced([text], demand.headers.properties.get(name)) for name, text in found.items() if text is not None
    }
    violations = (_placed(violation, "headers") for violation in schema.violations(coerced))
    return [each for each in violations if each.pointer.lower() != f"/headers/{PROTOCOL_HEADER}"]


def _placed(violation: Violation, where: str) -> Violation:
    return Violation(f"/{where}{violation.pointer}", violation.message, violation.schema_pointer, violation.keyword)


def _coerced(texts: list[str], schema: Any) -> Any:
    """Read the texts of a query or header as what the schema says they are."""
    kinds = schema.get("type") if isinstance(schema, Mapping) else None
    kinds = kinds if isinstance(kinds, list) else [kinds]
    if "array" in kinds and isinstance(schema, Mapping):
        parts = [part for text in texts for part in text.split(",")] if len(texts) == 1 else texts
        return [_coerced([part], schema.get("items")) for part in parts]
    for kind in kinds:
        value = _as(kind, texts[-1])
        if value is not None:
            return value
    const = schema.get("const") if isinstance(schema, Mapping) else None
    return const if const is not None and str(const) == texts[-1] else texts[-1]


def _as(kind: Any, text: str) -> Any:
    if kind == "boolean":
        return {"true": True, "false": False}.get(text.lower())
    if kind in ("integer", "number"):
        value = decode_json(text)
        return value if isinstance(value, int | float) and not isinstance(value, bool) else None
    if kind in ("object",):
        value = decode_json(text)
        return value if isinstance(value, dict) else None
    return None


def _of_alternatives(alternatives: Sequence[Alternative], opening: Opening) -> Credential:
    """One alternative that is met is enough; a wrong credential outweighs a missing one."""
    judged = [
        max((_of_scheme(scheme, opening) for scheme in one), key=_weight, default=Credential.GOOD)
        for one in alternatives
    ]
    if Credential.GOOD in judged:
        return Credential.GOOD
    return max(judged, key=_weight)


def _weight(credential: Credential) -> int:
    return credential.value


def _of_scheme(scheme: Scheme, opening: Opening) -> Credential:
    reader = READERS.get(scheme.carrier)  # none for what is not in a handshake
    return reader(scheme, opening) if reader else Credential.GOOD


def _bearer(_: Scheme, opening: Opening) -> Credential:
    """A bearer token may come where a browser can put one: in the query (RFC 6750, 2.3), or as a subprotocol."""
    if opening.header("authorization") is not None:
        return _authorization(opening, "bearer")
    if opening.subprotocols[:1] == ("bearer",):
        return Credential.GOOD if len(opening.subprotocols) > 1 else Credential.WRONG
    return _text(dict(opening.query).get("access_token"))


def _authorization(opening: Opening, wanted: str) -> Credential:
    header = opening.header("authorization")
    if header is None:
        return Credential.MISSING
    scheme, _, token = header.partition(" ")
    return Credential.GOOD if scheme.lower() == wanted and token.strip() else Credential.WRONG


def _basic(_: Scheme, opening: Opening) -> Credential:
    judged = _authorization(opening, "basic")
    if judged is not Credential.GOOD:
        return judged
    token = (opening.header("authorization") or "").partition(" ")[2].strip()
    try:
        return Credential.GOOD if b":" in base64.b64decode(token, validate=True) else Credential.WRONG
    except binascii.Error:
        return Credential.WRONG


def _text(value: str | None) -> Credential:
    if value is None:
        return Credential.MISSING
    return Credential.GOOD if value.strip() else Credential.WRONG


READERS: Mapping[Carrier, Callable[[Scheme, Opening], Credential]] = {
    Carrier.BEARER: _bearer,
    Carrier.BASIC: _basic,
    Carrier.AUTHORIZATION: lambda scheme, opening: _authorization(opening, scheme.parameter),
    Carrier.HEADER: lambda scheme, opening: _text(opening.header(scheme.parameter)),
    Carrier.QUERY: lambda scheme, opening: _text(dict(opening.query).get(scheme.parameter)),
    Carrier.COOKIE: lambda scheme, opening: _text(opening.cookies().get(scheme.parameter)),
}
