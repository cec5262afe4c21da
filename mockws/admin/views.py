"""State -> JSON: what the admin API shows. Secrets are masked here, before anything leaves."""

from collections.abc import Collection, Iterable
from typing import Any

from mockws.engine.send import Sent
from mockws.engine.state import Connection
from mockws.redaction import redacted_headers, redacted_query
from mockws.schema.schema import Violation


def connection_view(connection: Connection, secrets: Collection[str] = frozenset()) -> dict[str, Any]:
    """Show one connection; headers and query redacted, those included whose names are the document's secrets."""
    return {
        "id": connection.id,
        "channel": connection.route.channels[0].name,
        "channels": [channel.name for channel in connection.route.channels],
        "address": connection.address,
        "pathParameters": dict(connection.parameters),
        "query": _multi(redacted_query(connection.opening.query, secrets)),
        "headers": _multi(redacted_headers(connection.opening.headers, secrets)),
        "subprotocol": connection.subprotocol,
        "openedAt": round(connection.opened_at, 3),
        "counters": {"received": connection.received, "sent": connection.sent},
    }


def _multi(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    joined: dict[str, str] = {}
    for name, value in pairs:
        joined[name] = f"{joined[name]}, {value}" if name in joined else value
    return joined


def sent_view(sent: Sent) -> dict[str, Any]:
    """Show what became of a send."""
    return {
        "sent": len(sent.connections),
        "connections": list(sent.connections),
        "skipped": [{"id": identity, "reason": reason} for identity, reason in sent.skipped],
        "violations": [violation_view(each) for each in sent.violations],
    }


def violation_view(violation: Violation) -> dict[str, str]:
    return {"pointer": violation.pointer, "message": violation.message, "schemaPointer": violation.schema_pointer}
