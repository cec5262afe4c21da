"""What the bodies of questions look like: which entries of the journal, how often, in which order; what would be."""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, UnsetType

from mockws.admin.models import Count
from mockws.expect.model import ConnectionMatching, Duration, MessageMatching, Model

Seq = Annotated[int, msgspec.Meta(ge=0, le=1 << 53)]
Page = Annotated[int, msgspec.Meta(ge=1, le=1000)]
Several = Annotated[int, msgspec.Meta(ge=1, le=10_000)]
EventName = Literal[
    "open", "refused", "message", "ping", "pong", "close", "undelivered", "fault", "timeout", "reload", "http",
    "callback",
]  # fmt: skip


class MessageEntries(Model, frozen=True):
    """Which messages; the matchers are those of a trigger."""

    channel: str | UnsetType = UNSET
    operation: str | UnsetType = UNSET
    message: MessageMatching | UnsetType = UNSET


class Entries(MessageEntries, frozen=True):
    """Which entries of the journal."""

    connection: ConnectionMatching | UnsetType = UNSET
    direction: Literal["in", "out"] | UnsetType = UNSET  # of a message: in
    event: EventName = "message"


class FindBody(Entries, frozen=True):
    """`POST /journal/find`: which entries, page by page."""

    after: Seq = 0
    limit: Page = 100


class CountBody(Entries, frozen=True):
    """`POST /journal/count`: which entries."""

    after: Seq = 0


class AwaitBody(Entries, frozen=True):
    """`POST /journal/wait`: which entries, how many, and how long."""

    after: Seq = 0
    count: Several = 1
    timeout: Duration = "5s"


class TimesBody(Model, frozen=True):
    """How often; `exactly`, or bounds."""

    at_least: Count | UnsetType = UNSET
    at_most: Count | UnsetType = UNSET
    exactly: Count | UnsetType = UNSET


class Gaps(Model, frozen=True):
    """How far one is from the next."""

    at_least: Duration = 0
    at_most: Duration | UnsetType = UNSET
    jitter: bool = False


class SpacingBody(Model, frozen=True):
    """How far apart."""

    between: Gaps


class VerifyBody(Model, frozen=True):
    """`POST /verify`: what is to have happened, how often, how far apart."""

    match: Entries
    times: TimesBody = TimesBody()
    within: Duration = 0
    after: Seq = 0
    spacing: SpacingBody | UnsetType = UNSET


class StepBody(Model, frozen=True):
    """One step of a sequence: `match` came from the client, `sent` was said by the mock."""

    match: MessageEntries | UnsetType = UNSET
    sent: MessageEntries | UnsetType = UNSET


class EndBody(Model, frozen=True):
    """How the connection is to end after the last step."""

    code: int | UnsetType = UNSET


class SequenceBody(Model, frozen=True):
    """`POST /verify/sequence`: what is to have come and gone on one connection, in this order."""

    steps: Annotated[list[StepBody], msgspec.Meta(min_length=1, max_length=1000)]
    connection: ConnectionMatching | UnsetType = UNSET
    strict: bool = False
    close: EndBody | UnsetType = UNSET
    within: Duration = 0
    after: Seq = 0


class MadeUp(Model, frozen=True):
    """A connection that there is not: how its handshake would be, and what would have become of it since."""

    path_parameters: dict[str, str] = msgspec.field(default_factory=dict)
    query_parameters: dict[str, str] = msgspec.field(default_factory=dict)
    headers: dict[str, str] = msgspec.field(default_factory=dict)
    cookies: dict[str, str] = msgspec.field(default_factory=dict)
    subprotocol: str | UnsetType = UNSET
    groups: list[str] = msgspec.field(default_factory=list)
    state: dict[str, str] = msgspec.field(default_factory=dict)
    values: dict[str, Any] = msgspec.field(default_factory=dict)


class Said(Model, frozen=True):
    """What it would say: exactly one of these."""

    json: Any = UNSET
    text: str | UnsetType = UNSET
    base64: str | UnsetType = UNSET


class ExplainBody(Model, frozen=True):
    """`POST /explain`: a made-up message, or the number of an entry of the journal."""

    channel: str | UnsetType = UNSET
    connection: MadeUp = MadeUp()
    message: Said | UnsetType = UNSET
    seq: Seq | UnsetType = UNSET
