"""What the admin API answers with: models that are sent as they are, and that openapi.json is made of.

What is not known is left out; null is said where nothing is the answer. What a client reads in the very same form
stands in `client/views`.
"""

from typing import Any, Literal

import msgspec
from msgspec import UNSET, UnsetType

from mockws.client.views import ChannelCoverageView, MessageBriefView, SkippedView, View
from mockws.expect.model import wire_name


class ViolationView(View, frozen=True):
    """One way in which a value breaks its schema."""

    pointer: str
    message: str
    schema_pointer: str = ""
    schema_location: str | UnsetType = UNSET  # file:line:column
    code: str | UnsetType = UNSET  # of what cannot be read at all, such as json_syntax


class ProblemView(msgspec.Struct, rename=wire_name, frozen=True):
    """A problem document (RFC 9457): what cannot be done, and why. Some problems say more."""

    title: str
    status: int
    detail: str | UnsetType = UNSET
    type: str = "about:blank"
    errors: list[ViolationView] | UnsetType = UNSET


class HealthView(View, frozen=True):
    """How the mock is; a stranger is told no more than `status`."""

    status: Literal["UP", "DOWN", "DEGRADED"]
    problem: dict[str, Any] | UnsetType = UNSET
    connections: int | UnsetType = UNSET


class SentView(View, frozen=True):
    """What became of a send."""

    sent: int
    connections: list[str]
    skipped: list[SkippedView]
    violations: list[ViolationView]


class ProfileView(View, frozen=True):
    """A fault profile in force, as it was written."""

    channel: str
    profile: dict[str, Any]
    remaining: float | UnsetType = UNSET  # seconds until it is over


class ListedCredential(View, frozen=True):
    """A credential that is good, without its secret."""

    scheme: str
    token: str | UnsetType = UNSET
    username: str | UnsetType = UNSET
    password: str | UnsetType = UNSET
    key: str | UnsetType = UNSET


class CredentialsView(View, frozen=True):
    """What handshakes may bring, and who says so."""

    source: Literal["file", "admin"]
    credentials: list[ListedCredential]


class EntryView(View, frozen=True):
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


class JournalView(View, frozen=True):
    """A page of the journal, oldest first."""

    entries: list[EntryView]
    next: int | None  # the `after` of the following page
    lost: bool  # entries after `after` were dropped
    last: int
    dropped: int


class OperationView(View, frozen=True):
    """An operation of the document, told from the mock's side."""

    name: str
    action: Literal["receive", "send"]
    messages: list[MessageBriefView]
    reply: list[MessageBriefView] | None  # null: none is declared
    reply_channel: str | None


class ChannelView(View, frozen=True):
    """A channel of the document, who is there, and what went over it."""

    name: str
    address: str
    paths: list[str]  # where it is served; the first is that of its first server
    parameters: list[str]
    operations: list[OperationView]
    connections: list[str]
    coverage: ChannelCoverageView
