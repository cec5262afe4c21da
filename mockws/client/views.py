"""What the admin API answers, as values; their names are those of openapi.json.

What a newer mock says besides is left out, so that an older client still understands it. What is not there is None.
"""

from typing import Any

import msgspec

from mockws.expect.model import wire_name


class View(msgspec.Struct, rename=wire_name, frozen=True):
    """An object of an answer."""


class HealthView(View, frozen=True):
    """How the mock is: UP, DOWN or DEGRADED."""

    status: str
    problem: dict[str, Any] | None = None
    connections: int | None = None


class VersionView(View, frozen=True):
    """Which mockws this is."""

    version: str


class Counters(View, frozen=True):
    """How many messages came and went."""

    received: int
    sent: int


class ConnectionView(View, frozen=True):
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


class ConnectionsView(View, frozen=True):
    """Connections that were waited for."""

    connections: list[ConnectionView]


class SkippedView(View, frozen=True):
    """What was left out, and why."""

    id: str
    reason: str


class ViolationView(View, frozen=True):
    """One way in which a value breaks its schema."""

    pointer: str
    message: str
    schema_pointer: str = ""
    schema_location: str | None = None  # file, line and column


class SentView(View, frozen=True):
    """What became of a send."""

    sent: int
    connections: list[str]
    skipped: list[SkippedView]
    violations: list[ViolationView]


class ReachedView(View, frozen=True):
    """The connections to which it was done."""

    connections: list[str]


class ProfileView(View, frozen=True):
    """A fault profile in force; `remaining` is in seconds."""

    channel: str
    profile: dict[str, Any]
    remaining: float | None = None


class SavedView(View, frozen=True):
    """What was written to which file, and what was not."""

    file: str
    saved: list[str]
    skipped: list[SkippedView]


class ListedCredential(View, frozen=True):
    """A credential that is good, without its secret."""

    scheme: str
    token: str | None = None
    username: str | None = None
    password: str | None = None
    key: str | None = None


class CredentialsView(View, frozen=True):
    """What handshakes may bring, and who says so: a file, or the admin API."""

    source: str
    credentials: list[ListedCredential]


class RanView(View, frozen=True):
    """Which expectations were set off."""

    ran: list[str]


class EntryView(View, frozen=True):
    """One entry of the journal: what happened, to whom, and why."""

    seq: int
    time: str
    event: str
    connection: str | None = None
    channel: str | None = None
    address: str | None = None
    direction: str | None = None
    message: str | None = None
    type: str | None = None
    json: Any = None
    text: str | None = None
    base64: str | None = None
    size: int | None = None
    cut: bool | None = None
    valid: bool | None = None
    errors: list[ViolationView] = []
    outcome: str | None = None
    expectation: str | None = None
    cause: str | None = None
    note: str | None = None
    code: int | None = None
    details: dict[str, Any] = {}


class JournalView(View, frozen=True):
    """A page of the journal, oldest first; `next` is the `after` of the following one."""

    entries: list[EntryView]
    next: int | None
    lost: bool
    last: int
    dropped: int


class SessionView(View, frozen=True):
    """One session, and where its clients go; how long it lives without use is told in seconds."""

    id: str
    base_url: str
    admin_url: str
    connections: int
    time_to_live: float


class ClockView(View, frozen=True):
    """The mock's clock; `now` is in seconds since it began."""

    now: float
    time: str
    frozen: bool


class ScenarioView(View, frozen=True):
    """The states of one scenario: of all together, and of each connection."""

    name: str
    state: str
    connections: dict[str, str]
    possible_states: list[str]


class ExampleCoverageView(View, frozen=True):
    """How often an example went over."""

    name: str
    count: int


class MessageCoverageView(View, frozen=True):
    """How often a message went over."""

    name: str
    count: int
    examples: list[ExampleCoverageView]


class OperationCoverageView(View, frozen=True):
    """The messages of an operation, and those of its reply."""

    name: str
    action: str
    exercised: bool
    messages: list[MessageCoverageView]
    replies: list[MessageCoverageView]


class ChannelCoverageView(View, frozen=True):
    """How often somebody connected to a channel, and what went over it."""

    name: str
    address: str
    opened: int
    operations: list[OperationCoverageView]


class Share(View, frozen=True):
    """How many of how many."""

    exercised: int
    total: int


class CoverageLineView(View, frozen=True):
    """One thing of the document: how often it was exercised, by whom, when, and how it fails."""

    kind: str  # channel, operation, message, example, enumValue, parameter, reply
    name: str
    exercised: bool
    passed: int
    failed: int
    failing: list[str]
    by: list[str]  # the first of them
    others: int  # how many more there were
    first: str | None
    last: str | None


class CoverageView(View, frozen=True):
    """What of the document has been exercised."""

    title: str
    channels: Share
    operations: Share
    messages: Share
    examples: Share
    enum_values: Share
    parameters: Share
    replies: Share
    details: list[ChannelCoverageView]
    lines: list[CoverageLineView]
    missed: int  # entries that the journal had dropped before anybody asked


class MessageBriefView(View, frozen=True):
    """A message of the document."""

    name: str
    examples: list[str]


class OperationView(View, frozen=True):
    """An operation of the document, told from the mock's side."""

    name: str
    action: str
    messages: list[MessageBriefView]
    reply: list[MessageBriefView] | None
    reply_channel: str | None


class ChannelView(View, frozen=True):
    """A channel of the document, who is there, and what went over it."""

    name: str
    address: str
    parameters: list[str]
    operations: list[OperationView]
    connections: list[str]
    coverage: ChannelCoverageView


class DifferenceView(View, frozen=True):
    """One way in which something is not as it was to be."""

    pointer: str
    expected: str
    actual: str


class CountView(View, frozen=True):
    """How many entries there are."""

    count: int


class VerifiedView(View, frozen=True):
    """It is so."""

    expected: str
    actual: int
    matched: list[int]


class SequenceView(View, frozen=True):
    """It happened in this order, on this connection."""

    connection: str
    matched: list[int]


class JudgedView(View, frozen=True):
    """Whether an expectation would answer; if not, why."""

    expectation: str
    answers: bool
    distance: float
    differences: list[DifferenceView]
    reason: str | None = None
    name: str | None = None
    probability: float | None = None


class ReadingView(View, frozen=True):
    """Which message of the document it is; if none, the nearest one and what is wrong with it."""

    valid: bool
    name: str | None = None
    also: list[str] = []
    closest: str | None = None
    reason: str | None = None
    errors: list[ViolationView] = []


class PromiseView(View, frozen=True):
    """What the document would do, where no expectation answers."""

    does: str
    how: str
    replies: list[str]
    channel: str | None = None
    operation: str | None = None
    code: int | None = None


class ExplanationView(View, frozen=True):
    """What a message leads to, and why."""

    by: str
    message: ReadingView
    document: PromiseView
    expectations: list[JudgedView]
    expectation: str | None = None
    note: str | None = None
    omitted: int = 0
