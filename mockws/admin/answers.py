"""What the admin API answers with: models that are sent as they are, and that openapi.json is made of.

What is not known is left out; null is said where nothing is the answer.
"""

from typing import Any, Literal

import msgspec
from msgspec import UNSET, UnsetType

from mockws.expect.model import wire_name


class Answer(msgspec.Struct, rename=wire_name, frozen=True, forbid_unknown_fields=True):
    """An object of an answer: openapi.json promises these keys, and no others."""


class ViolationView(Answer, frozen=True):
    """One way in which a value breaks its schema."""

    pointer: str
    message: str
    schema_pointer: str = ""
    schema_location: str | UnsetType = UNSET  # file:line:column


class ProblemView(msgspec.Struct, rename=wire_name, frozen=True):
    """A problem document (RFC 9457): what cannot be done, and why. Some problems say more."""

    title: str
    status: int
    detail: str | UnsetType = UNSET
    type: str = "about:blank"
    errors: list[ViolationView] | UnsetType = UNSET


class HealthView(Answer, frozen=True):
    """How the mock is; a stranger is told no more than `status`."""

    status: Literal["UP", "DOWN", "DEGRADED"]
    problem: dict[str, Any] | UnsetType = UNSET
    connections: int | UnsetType = UNSET


class VersionView(Answer, frozen=True):
    """Which mockws this is."""

    version: str


class Counters(Answer, frozen=True):
    """How many messages came and went."""

    received: int
    sent: int


class ConnectionView(Answer, frozen=True):
    """One connection; secrets of its handshake are masked."""

    id: str
    channel: str
    channels: list[str]
    address: str
    path_parameters: dict[str, str]
    query: dict[str, str]
    headers: dict[str, str]
    subprotocol: str | None
    groups: list[str]
    values: dict[str, Any]
    state: dict[str, str]
    opened_at: float
    counters: Counters


class ConnectionsView(Answer, frozen=True):
    """Connections that were waited for."""

    connections: list[ConnectionView]


class SkippedView(Answer, frozen=True):
    """A connection that was left out, and why."""

    id: str
    reason: str


class SentView(Answer, frozen=True):
    """What became of a send."""

    sent: int
    connections: list[str]
    skipped: list[SkippedView]
    violations: list[ViolationView]


class ReachedView(Answer, frozen=True):
    """The connections to which it was done."""

    connections: list[str]


class ProfileView(Answer, frozen=True):
    """A fault profile in force, as it was written."""

    channel: str
    profile: dict[str, Any]
    remaining: float | UnsetType = UNSET  # seconds until it is over


class SavedView(Answer, frozen=True):
    """What was written to which file, and what was not."""

    file: str
    saved: list[str]
    skipped: list[SkippedView]


class ListedCredential(Answer, frozen=True):
    """A credential that is good, without its secret."""

    scheme: str
    token: str | UnsetType = UNSET
    username: str | UnsetType = UNSET
    password: str | UnsetType = UNSET
    key: str | UnsetType = UNSET


class CredentialsView(Answer, frozen=True):
    """What handshakes may bring, and who says so."""

    source: Literal["file", "admin"]
    credentials: list[ListedCredential]


class RanView(Answer, frozen=True):
    """Which expectations were set off."""

    ran: list[str]


class EntryView(Answer, frozen=True):
    """One entry of the journal."""

    seq: int
    time: str
    event: str
    connection: str | UnsetType = UNSET
    channel: str | UnsetType = UNSET
    address: str | UnsetType = UNSET
    direction: Literal["in", "out"] | UnsetType = UNSET
    message: str | UnsetType = UNSET
    type: Literal["text", "binary"] | UnsetType = UNSET
    json: Any = UNSET
    text: str | UnsetType = UNSET
    base64: str | UnsetType = UNSET
    size: int | UnsetType = UNSET
    cut: bool | UnsetType = UNSET
    valid: bool | UnsetType = UNSET
    errors: list[ViolationView] | UnsetType = UNSET
    outcome: Literal["matched", "spec", "unmatched", "invalid"] | UnsetType = UNSET
    expectation: str | UnsetType = UNSET
    cause: str | UnsetType = UNSET
    note: str | UnsetType = UNSET
    code: int | UnsetType = UNSET
    details: dict[str, Any] | UnsetType = UNSET


class JournalView(Answer, frozen=True):
    """A page of the journal, oldest first."""

    entries: list[EntryView]
    next: int | None  # the `after` of the following page
    lost: bool  # entries after `after` were dropped
    last: int
    dropped: int


class SessionView(Answer, frozen=True):
    """One session, and where its clients go."""

    id: str
    base_url: str  # of its WebSockets: a channel's address comes behind it
    admin_url: str
    connections: int
    time_to_live: float  # seconds without use after which it ends; 0: never


class ClockView(Answer, frozen=True):
    """The mock's clock."""

    now: float  # seconds since the mock began
    time: str  # the same, as the journal writes it
    frozen: bool


class ScenarioView(Answer, frozen=True):
    """The states of one scenario: of all together, and of each connection."""

    name: str
    state: str
    connections: dict[str, str]
    possible_states: list[str]


class ExampleCoverageView(Answer, frozen=True):
    """How often an example went over."""

    name: str
    count: int


class MessageCoverageView(Answer, frozen=True):
    """How often a message went over."""

    name: str
    count: int
    examples: list[ExampleCoverageView]


class OperationCoverageView(Answer, frozen=True):
    """The messages of an operation, and those of its reply."""

    name: str
    action: str  # receive | send
    exercised: bool
    messages: list[MessageCoverageView]
    replies: list[MessageCoverageView]


class ChannelCoverageView(Answer, frozen=True):
    """How often somebody connected to a channel, and what went over it."""

    name: str
    address: str
    opened: int
    operations: list[OperationCoverageView]


class Share(Answer, frozen=True):
    """How many of how many."""

    exercised: int
    total: int


class CoverageView(Answer, frozen=True):
    """What of the document has been exercised."""

    channels: Share
    operations: Share
    messages: Share
    examples: Share
    details: list[ChannelCoverageView]


class MessageBriefView(Answer, frozen=True):
    """A message of the document."""

    name: str
    examples: list[str]


class OperationView(Answer, frozen=True):
    """An operation of the document, told from the mock's side."""

    name: str
    action: Literal["receive", "send"]
    messages: list[MessageBriefView]
    reply: list[MessageBriefView] | None  # null: none is declared
    reply_channel: str | None


class ChannelView(Answer, frozen=True):
    """A channel of the document, who is there, and what went over it."""

    name: str
    address: str
    parameters: list[str]
    operations: list[OperationView]
    connections: list[str]
    coverage: ChannelCoverageView
