"""State -> answers: what the admin API shows. Secrets are masked here, before anything leaves."""

import base64
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from msgspec import UNSET

from mockws.admin.answers import EntryView, SentView, ViolationView
from mockws.client.views import ConnectionView, Counters, SkippedView
from mockws.codec import Frame, Packed, Undecodable, decode_json
from mockws.engine.actions import Entry
from mockws.engine.journal import LONGEST, Recorded, size_of
from mockws.engine.search import is_valid
from mockws.engine.send import Sent
from mockws.engine.state import Connection
from mockws.redaction import Redaction, redacted_headers, redacted_query, redacted_url
from mockws.schema.schema import Violation
from mockws.units import stamp

NOTHING_MORE = Redaction()


def connection_view(
    connection: Connection, names: frozenset[str] = frozenset(), redaction: Redaction = NOTHING_MORE
) -> ConnectionView:
    """Show one connection; headers and query redacted, those included whose names are the document's secrets."""
    secrets = names | redaction.names
    return ConnectionView(
        id=connection.id,
        channel=connection.route.channels[0].name,
        channels=[channel.name for channel in connection.route.channels],
        address=connection.address,
        path_parameters=dict(connection.parameters),
        query=_multi(redacted_query(connection.opening.query, secrets)),
        headers=_multi(redacted_headers(connection.opening.headers, secrets)),
        subprotocol=connection.subprotocol,
        groups=sorted(connection.groups),
        values=redaction.masked_value(dict(connection.values)),
        state=dict(connection.states),
        opened_at=round(connection.opened_at, 3),
        counters=Counters(connection.received, connection.sent),
    )


def _multi(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    joined: dict[str, str] = {}
    for name, value in pairs:
        joined[name] = f"{joined[name]}, {value}" if name in joined else value
    return joined


def sent_view(sent: Sent) -> SentView:
    """Show what became of a send."""
    return SentView(
        sent=len(sent.connections),
        connections=list(sent.connections),
        skipped=[SkippedView(identity, reason) for identity, reason in sent.skipped],
        violations=[violation_view(each) for each in sent.violations],
    )


def violation_view(violation: Violation) -> ViolationView:
    location = str(violation.place) if violation.place is not None else UNSET
    code = UNSET if violation.schema_pointer else violation.keyword or UNSET
    return ViolationView(violation.pointer, violation.message, violation.schema_pointer, location, code)


@dataclass(frozen=True)
class Showing:
    """How entries are shown."""

    began: float  # the wall's time when the mock's clock stood at 0, in seconds since 1970
    redaction: Redaction


def entry_view(recorded: Recorded, showing: Showing) -> EntryView:
    """Show an entry; what is empty is left out, secrets are masked, long payloads cut."""
    entry = recorded.entry
    shown = {
        "connection": entry.connection,
        "channel": entry.channel,
        "address": redacted_url(entry.address, showing.redaction.names) if entry.address else None,
        "direction": entry.direction,
        "message": entry.message,
        "valid": validity(entry),
        "outcome": entry.outcome,
        "errors": [violation_view(each) for each in entry.violations],
        "expectation": entry.expectation,
        "cause": entry.cause,
        "note": entry.note,
        "code": entry.code,
        "details": dict(entry.details),
    }
    known: dict[str, Any] = {key: value for key, value in shown.items() if value not in (None, "", [], {})}
    return EntryView(
        recorded.seq, stamp(showing.began + entry.at), entry.event, **known, **_payload(entry.frame, showing)
    )


def validity(entry: Entry) -> bool | None:
    """Tell whether a message is one of the document's; None for what is no message."""
    return is_valid(entry) if entry.event == "message" and entry.direction == "in" else None


def _payload(written: Frame | None, showing: Showing) -> dict[str, Any]:
    """Show what was said; of what is longer than `LONGEST` bytes only the beginning, and that it was cut."""
    if written is None:
        return {}
    size, frame = size_of(written), veiled(written, showing.redaction)
    cut = True if size > LONGEST else UNSET
    if isinstance(frame, bytes):
        said = {"json": frame.value} if isinstance(frame, Packed) and cut is UNSET else {}
        start = {"base64": base64.b64encode(frame[:LONGEST]).decode()} if frame or not size else {}
        return {"type": "binary", "size": size, "cut": cut, **said, **start}
    return {"type": "text", "size": size, "cut": cut, **(_whole(frame) if cut is UNSET else _beginning(frame))}


def veiled(frame: Frame, redaction: Redaction) -> Frame:
    """Mask what is named in a frame; of what is not written as JSON nothing is left but the value, masked."""
    if not isinstance(frame, Packed):
        return redaction.masked(frame) or frame
    masked = redaction.masked_value(frame.value)
    return frame if masked == frame.value else Packed.of(b"", masked)


def _beginning(text: str) -> dict[str, Any]:
    return {"text": text.encode("utf-8")[:LONGEST].decode("utf-8", "ignore")}


def _whole(text: str) -> dict[str, Any]:
    value = decode_json(text)
    return {"text": text} if isinstance(value, Undecodable) else {"json": value}
