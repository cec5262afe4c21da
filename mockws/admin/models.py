"""What the bodies of admin requests look like: one set of models checks requests and writes their JSON Schema."""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, UnsetType

from mockws.expect.model import ConnectionMatching, Dribbling, Duration, Model, RawFrames

Count = Annotated[int, msgspec.Meta(ge=0)]


class To(Model, frozen=True):
    """Whom a send is for; exactly one of these."""

    channel: str | UnsetType = UNSET
    connection: str | UnsetType = UNSET
    address: str | UnsetType = UNSET
    group: str | UnsetType = UNSET
    all: bool | UnsetType = UNSET


class SayBody(Model, frozen=True):
    """What is said: exactly one of message, json, text, base64."""

    message: str | UnsetType = UNSET
    example: str | UnsetType = UNSET
    generate: bool | Literal["invalid"] = False
    with_: dict[str, Any] = msgspec.field(default_factory=dict)
    json: Any = UNSET
    text: str | UnsetType = UNSET
    base64: str | UnsetType = UNSET
    validate: bool = True
    fragments: int = 1
    chunked_dribble_delay: Dribbling | UnsetType = UNSET


class SendBody(SayBody, frozen=True):
    """`POST /send`: what is said, and to whom."""

    to: To | UnsetType = UNSET
    operation: str | UnsetType = UNSET
    wait_for_connections: Count = 0
    timeout: Duration = "5s"
    allow_none: bool = False


class ConnectionsQuery(Model, frozen=True):
    """Which connections are listed."""

    channel: str | UnsetType = UNSET


class WaitBody(Model, frozen=True):
    """Which connections are waited for, how many, and how long."""

    channel: str | UnsetType = UNSET
    connection: ConnectionMatching = ConnectionMatching()
    count: Count = 1
    timeout: Duration = "5s"


class CloseBody(Model, frozen=True):
    """How a connection is closed."""

    code: int = 1000
    reason: str = ""


class ClockBody(Model, frozen=True):
    """`PUT /clock`: what becomes of the time."""

    action: Literal["freeze", "advance", "resume", "reset"]
    by: Duration | None = None  # advance


class SessionBody(Model, frozen=True):
    """`POST /sessions`: a name of one's own, and how long it lives without use."""

    id: str | None = None
    time_to_live: Duration | None = None


class ScenarioBody(Model, frozen=True):
    """`PUT /scenarios/{name}`: its state, everywhere or for one connection."""

    state: str
    connection: str | None = None


class ResetQuery(Model, frozen=True):
    """`POST /reset`: what becomes of the connections."""

    connections: Literal["keep", "close"] = "keep"


class CoverageQuery(Model, frozen=True):
    """`GET /coverage`: of this session since it began or was reset, or of all sessions since the mock began."""

    of: Literal["session", "all"] = "session"


class CloseQuery(Model, frozen=True):
    """`DELETE /connections`: which ones, and how."""

    channel: str | UnsetType = UNSET
    code: int = 1000
    reason: str = ""


class FaultBody(Model, frozen=True):
    """`POST /connections/{id}/fault`: which fault befalls it."""

    fault: str | RawFrames


class JournalFilter(Model, frozen=True):
    """Which entries of the journal."""

    after: Annotated[int, msgspec.Meta(ge=0, le=1 << 53)] = 0
    direction: str | UnsetType = UNSET
    event: str | UnsetType = UNSET
    channel: str | UnsetType = UNSET
    connection: str | UnsetType = UNSET
    outcome: str | UnsetType = UNSET
    message: str | UnsetType = UNSET
    expectation: str | UnsetType = UNSET


class JournalQuery(JournalFilter, frozen=True):
    """Which entries of the journal, and how many."""

    limit: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 100
