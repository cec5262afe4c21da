"""Who is let in: the handshake against the document's bindings, security and subprotocols, and the allowed origins.

A refusal is an HTTP answer, or a close code right after the 101, where a browser could not see the former.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mockws.contract import Action, Alternative, Carrier, Contract, Route
from mockws.engine.actions import Accept, Close, Entry, Refuse
from mockws.engine.actions import Action as Deed
from mockws.engine.bindings import demand_of
from mockws.engine.credentials import REASON, STATUS, Credential, Listed, challenge, judged
from mockws.engine.events import Connected, Opening
from mockws.engine.state import Connection
from mockws.redaction import BEARER, redacted_subprotocols
from mockws.schema.schema import Violation
from mockws.settings import Settings

TRUE = frozenset({"true", "1", "yes", ""})


@dataclass(frozen=True)
class Passage:
    """What was decided: the actions, the journal's entries, and the connection where one was let in."""

    actions: tuple[Deed, ...]
    entries: tuple[Entry, ...]
    connection: Connection | None = None


class Gate:
    """Decides on handshakes; what a document asks for is compiled once."""

    def __init__(self, contract: Contract, settings: Settings, listed: Listed) -> None:
        self._settings = settings
        self._listed = listed
        self._demands = {route: tuple(demand_of(each) for each in route.handshakes) for route in contract.routes}
        self._security = {route: _security_of(contract, route) for route in contract.routes}
        self._in_query = {route: _query_credentials(security) for route, security in self._security.items()}

    def decide(self, event: Connected) -> Passage:
        """Let a connection in, or not."""
        origin = self._foreign_origin(event.opening)
        if origin is not None:
            return refused(event, 403, "foreign origin", f"connections from {origin[:200]} are not allowed here")
        violations = self._violations(event)
        if violations and self._settings.handshake == "strict":
            return refused(event, 400, "the handshake does not fit the document", violations=violations)
        security = self._security[event.route]
        credential = self.credential(security, event.opening)
        if credential is not Credential.GOOD and self._settings.auth == "http":
            headers = (("www-authenticate", challenge(security)),) if credential is Credential.MISSING else ()
            return refused(event, STATUS[credential], REASON[credential], headers=headers)
        return self._let_in(event, credential, violations)

    def _let_in(self, event: Connected, credential: Credential, violations: tuple[Violation, ...]) -> Passage:
        subprotocol = self._subprotocol(event.route, event.opening)
        if credential is not Credential.GOOD:
            entry = _entry(event, "refused", REASON[credential], credential.value)
            close = Close(event.connection, credential.value, REASON[credential])
            return Passage((Accept(event.connection, subprotocol), close), (entry,))
        return opened(event, _connection(event, subprotocol), violations)

    def credential(self, security: Sequence[Sequence[Alternative]], opening: Opening) -> Credential:
        """Judge the credentials that a handshake brought, unless nobody asks for any."""
        return Credential.GOOD if self._settings.auth == "off" else judged(security, opening, self._listed)

    def _foreign_origin(self, opening: Opening) -> str | None:
        """Give an Origin that is not allowed; a client that sends none is no web page (RFC 6455, 10.2)."""
        allowed = self._settings.ws_origins
        sent = (value for name, value in opening.headers if name == "origin") if allowed else ()
        return next((origin for origin in sent if origin not in allowed), None)

    def _violations(self, event: Connected) -> tuple[Violation, ...]:
        credentials = self._in_query[event.route]
        demands = self._demands[event.route]
        return tuple(each for demand in demands for each in demand.violations(event.opening, credentials))

    def _subprotocol(self, route: Route, opening: Opening) -> str | None:
        """Choose as RFC 6455, 4.2.2 has it; where nobody names any, the first offered: browsers insist on one."""
        offered, configured = opening.subprotocols, self._settings.subprotocol
        if not offered or configured == ("none",):
            return None
        in_headers = (each for demand in self._demands[route] for each in demand.subprotocols)
        supported = (*configured, *route.subprotocols, *in_headers)
        if not supported:
            return offered[0]
        chosen = next((each for each in offered if each in supported), None)
        return chosen or (BEARER if offered[0] == BEARER else None)


def _security_of(contract: Contract, route: Route) -> tuple[tuple[Alternative, ...], ...]:
    """Give what the handshake must meet: the server's, and the operation's where the route has but one."""
    operations = [
        each for channel in route.channels for action in Action for each in contract.operations_at(channel, action)
    ]
    own = operations[0].security if len(operations) == 1 else ()
    return (route.security, own)


def _query_credentials(security: Sequence[Sequence[Alternative]]) -> frozenset[str]:
    schemes = (scheme for alternatives in security for one in alternatives for scheme in one)
    return frozenset(scheme.parameter for scheme in schemes if scheme.carrier is Carrier.QUERY)


def _connection(event: Connected, subprotocol: str | None) -> Connection:
    query = dict(event.opening.query)
    wish = query.get("__dynamic")
    return Connection(
        id=event.connection,
        route=event.route,
        parameters=event.parameters,
        opening=event.opening,
        opened_at=event.at,
        headers={**{name.lower(): value for name, value in query.items()}, **dict(event.opening.headers)},
        example=query.get("__example"),
        dynamic=None if wish is None else wish.lower() in TRUE,
        subprotocol=subprotocol,
    )


def opened(
    event: Connected,
    connection: Connection,
    violations: tuple[Violation, ...],
    *,
    headers: tuple[tuple[str, str], ...] = (),
    expectation: str | None = None,
) -> Passage:
    """Let a connection in, and journal what is to be said about it."""
    notes = [str(violation) for violation in violations]
    offered, subprotocol = event.opening.subprotocols, connection.subprotocol
    if subprotocol is None and offered:
        named = ", ".join(redacted_subprotocols(offered))
        notes.append(f"none of the subprotocols {named} was taken; browsers end such a connection")
    if subprotocol is not None and subprotocol not in offered:
        notes.append(f"the subprotocol {subprotocol} was not offered; clients end such a connection")
    known = {"subprotocol": subprotocol, "origin": event.opening.header("origin")}
    details = {key: value for key, value in known.items() if value}
    entry = _entry(event, "open", "; ".join(notes), violations=violations, details=details, expectation=expectation)
    return Passage((Accept(event.connection, subprotocol, headers),), (entry,), connection)


def refused(
    event: Connected,
    status: int,
    title: str,
    detail: str = "",
    *,
    violations: tuple[Violation, ...] = (),
    headers: tuple[tuple[str, str], ...] = (),
) -> Passage:
    """Answer a handshake with an HTTP status, and journal it: a browser shows its page only 1006."""
    problem: dict[str, Any] = {"type": "about:blank", "title": title, "status": status}
    detail = detail or "; ".join(str(violation) for violation in violations)
    if detail:
        problem["detail"] = detail
    if violations:
        problem["errors"] = [{"pointer": each.pointer, "message": each.message} for each in violations]
    entry = _entry(event, "refused", detail or title, status, violations=violations)
    return Passage((Refuse(event.connection, status, problem, headers),), (entry,))


def _entry(
    event: Connected,
    name: str,
    note: str,
    code: int | None = None,
    *,
    violations: tuple[Violation, ...] = (),
    details: dict[str, Any] | None = None,
    expectation: str | None = None,
) -> Entry:
    return Entry(
        event.at,
        name,
        event.connection,
        address=event.opening.path,
        note=note,
        code=code,
        violations=violations,
        details=details or {},
        cause=f"expectation {expectation}" if expectation else "",
        expectation=expectation,
    )
