"""A scenario as it is written: clients, and what they do and expect, step by step. Nothing is carried out here."""

from typing import Any, Literal

from msgspec import UNSET, UnsetType, field

from mockws.expect.model import Duration, Matching, MessageMatching, Model


class Connecting(Model, frozen=True):
    """A client opens a connection; with `refused`, it is to be turned away with this HTTP status."""

    client: str
    address: str
    headers: dict[str, str] = field(default_factory=dict)
    query: dict[str, str] = field(default_factory=dict)
    subprotocols: list[str] = field(default_factory=list)
    token: str | UnsetType = UNSET
    subprotocol: str | UnsetType = UNSET  # that the server is to choose
    refused: int | UnsetType = UNSET
    within: Duration = "5s"


class Saying(Model, frozen=True):
    """A client says something; exactly one of text, json, base64, message."""

    client: str
    text: str | UnsetType = UNSET
    json: Any = UNSET
    base64: str | UnsetType = UNSET
    message: str | UnsetType = UNSET
    example: str | UnsetType = UNSET
    generate: bool = False
    with_: dict[str, Any] = field(default_factory=dict)
    validate: bool = True
    times: int = 1


class Hearing(Model, frozen=True):
    """A client is to hear a message: the next one that comes, or with `order: any` one of those that come."""

    client: str
    message: MessageMatching = MessageMatching()
    within: Duration = "1s"
    order: Literal["next", "any"] = "next"
    as_: str | UnsetType = UNSET  # keep how long it took under this name, for `timing`


class HearingNothing(Model, frozen=True):
    """A client is to hear nothing for so long."""

    client: str
    for_: Duration = "200ms"


class Ending(Model, frozen=True):
    """The server is to close a client's connection."""

    client: str
    code: int | UnsetType = UNSET
    within: Duration = "1s"


class Leaving(Model, frozen=True):
    """A client closes its connection, in good order or abruptly."""

    client: str
    code: int = 1000
    reason: str = ""
    abrupt: bool = False


class Returning(Model, frozen=True):
    """A client connects again as it did before; each further attempt waits twice as long."""

    client: str
    attempts: int = 5
    backoff: Duration = "100ms"


class Pinging(Model, frozen=True):
    """A client sends a ping frame, and is to get the pong."""

    client: str
    within: Duration = "1s"
    as_: str | UnsetType = UNSET


class Reading(Model, frozen=True):
    """A client stops reading what comes, or goes on."""

    client: str


class Requesting(Model, frozen=True):
    """A plain HTTP request to the server's port, such as one to a mock's admin API."""

    path: str
    method: str = "GET"
    headers: dict[str, str] = field(default_factory=dict)
    json: Any = UNSET
    status: int | UnsetType = UNSET
    body: Matching | UnsetType = UNSET
    within: Duration = "5s"


class Repeating(Model, frozen=True):
    """The same steps by so many clients at a time; `{{ index }}` in a text is each one's number, from 1."""

    clients: int
    steps: "list[Step]"


class Timing(Model, frozen=True):
    """How long what was kept under a name may have taken."""

    of: str
    p50: Duration | UnsetType = UNSET
    p90: Duration | UnsetType = UNSET
    p95: Duration | UnsetType = UNSET
    p99: Duration | UnsetType = UNSET
    max: Duration | UnsetType = UNSET


class Step(Model, frozen=True):
    """One step; exactly one key."""

    connect: Connecting | UnsetType = UNSET
    send: Saying | UnsetType = UNSET
    expect: Hearing | UnsetType = UNSET
    expect_nothing: HearingNothing | UnsetType = UNSET
    expect_close: Ending | UnsetType = UNSET
    disconnect: Leaving | UnsetType = UNSET
    reconnect: Returning | UnsetType = UNSET
    ping: Pinging | UnsetType = UNSET
    pause: Reading | UnsetType = UNSET
    resume: Reading | UnsetType = UNSET
    http: Requesting | UnsetType = UNSET
    wait: Duration | UnsetType = UNSET
    timing: Timing | UnsetType = UNSET
    parallel: "list[list[Step]] | UnsetType" = UNSET
    repeat: Repeating | UnsetType = UNSET


class Scenario(Model, frozen=True):
    """A file of steps; `document` is found from the file's folder."""

    version: Literal[1] = 1
    name: str = ""
    document: str | UnsetType = UNSET
    target: str | UnsetType = UNSET
    stubs: list[str] = field(default_factory=list)  # what a mock needs for it; a note only
    steps: list[Step] = field(default_factory=list)
