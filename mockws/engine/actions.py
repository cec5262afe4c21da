"""Everything the mock can do, and what is written down about it. Somebody outside carries the actions out.

What is made for each message is a msgspec struct: as frozen as a dataclass, and made in a tenth of the time. Those of
them that nothing leads back to are not tracked by the garbage collector, which would look at the whole journal else.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Protocol, TypeAlias

import msgspec

from mockws.codec import Frame
from mockws.engine.call import Call
from mockws.engine.events import ConnectionId, Event, Received, RequestId, TimerId
from mockws.schema.schema import Violation

PROBLEM = "application/problem+json"
NONE: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Accept:
    """Let the connection in."""

    connection: ConnectionId
    subprotocol: str | None = None
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Refuse:
    """Answer the handshake with an HTTP status; the body is JSON, a problem document (RFC 9457) unless said."""

    connection: ConnectionId
    status: int
    body: Any
    headers: tuple[tuple[str, str], ...] = ()
    media_type: str = PROBLEM


class Send(msgspec.Struct, frozen=True, gc=False):
    """Write one frame to these connections."""

    to: tuple[ConnectionId, ...]
    frame: Frame


@dataclass(frozen=True, slots=True)
class Close:
    """End a connection with a close frame."""

    connection: ConnectionId
    code: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class HangUp:
    """End a connection, or its handshake, without a close frame, when what was said before is written."""

    connection: ConnectionId
    reset: bool  # by a TCP RST; else by a FIN


@dataclass(frozen=True, slots=True)
class Ping:
    """Ask a client for a pong."""

    connection: ConnectionId
    payload: bytes


@dataclass(frozen=True, slots=True)
class SetTimer:
    """Wake the engine with TimerFired after so many seconds on the mock's clock."""

    timer: TimerId
    seconds: float


@dataclass(frozen=True, slots=True)
class CancelTimer:
    """Forget a timer."""

    timer: TimerId


@dataclass(frozen=True, slots=True)
class Respond:
    """Answer a plain HTTP request."""

    request: RequestId
    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


Action: TypeAlias = Accept | Refuse | Send | Ping | Close | HangUp | SetTimer | CancelTimer | Respond | Call
ENDINGS = (Close, HangUp)  # after these, nothing is done to the connection any more
ENDS = frozenset(ENDINGS)


class Entry(msgspec.Struct, frozen=True, gc=False):
    """One line of the journal: something that came in, went out, opened or ended, and why."""

    at: float
    # open | refused | message | ping | pong | close | undelivered | fault | timeout | reload | http | callback
    event: str
    connection: ConnectionId | None = None
    channel: str | None = None
    address: str | None = None
    direction: str | None = None  # in | out
    message: str | None = None
    frame: Frame | None = None
    outcome: str | None = None  # matched | spec | unmatched | invalid
    violations: tuple[Violation, ...] = ()
    cause: str = ""
    note: str = ""
    code: int | None = None
    details: Mapping[str, Any] = NONE
    expectation: str | None = None  # the id of what was set off
    example: str | None = None  # of the document, that is said


class Outcome(Protocol):
    """What one event led to."""

    @property
    def event(self) -> Event: ...

    @property
    def actions(self) -> tuple[Action, ...]: ...

    @property
    def entries(self) -> tuple[Entry, ...]: ...

    @property
    def answer(self) -> Any:
        """Give what the admin API replies to a command."""


class Decision(msgspec.Struct, frozen=True, gc=False):
    """An outcome at length."""

    event: Event
    actions: tuple[Action, ...] = ()
    entries: tuple[Entry, ...] = ()
    answer: Any = None


class Way(msgspec.Struct, frozen=True, eq=False, gc=False):
    """What all messages of one kind that are answered the short way have in common."""

    channel: str
    asked: str  # the message that came in
    why: str
    reply: str | None  # the message that answers it
    cause: str
    example: str | None


class Exchange(msgspec.Struct, frozen=True, gc=False):
    """An outcome in short, a message and its answer: it is written out where somebody reads it."""

    event: Received
    way: Way
    address: str
    said: bytes  # a text
    weight: int  # bytes that each of its entries costs

    @property
    def answer(self) -> None:
        """Nobody commanded it."""

    @property
    def actions(self) -> tuple[Action, ...]:
        return (Send((self.event.connection,), self.said.decode()),)

    @property
    def entries(self) -> tuple[Entry, ...]:
        return (self.heard, self.told)

    @property
    def heard(self) -> Entry:
        """Give the entry of the message that came in."""
        event, way = self.event, self.way
        return Entry(
            event.at, "message", event.connection, way.channel, self.address, "in", way.asked, event.frame,
            "spec", note=way.why,
        )  # fmt: skip

    @property
    def told(self) -> Entry:
        """Give the entry of its answer."""
        event, way = self.event, self.way
        return Entry(
            event.at, "message", event.connection, way.channel, self.address, "out", way.reply, self.said.decode(),
            cause=way.cause, example=way.example,
        )  # fmt: skip
