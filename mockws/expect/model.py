"""The expectation as it is written: one set of models for stub file, HTTP body and Python.

What GET returns can be PUT or saved back unchanged: a key that was not given is not shown. Nothing is compiled here.
"""

from typing import Any, Literal, TypeAlias

import msgspec
from msgspec import UNSET, UnsetType

Duration: TypeAlias = str | int  # "250ms", "1.5s", or milliseconds


def wire_name(name: str) -> str:
    """Name a field as it is written: `path_parameters` is pathParameters, `not_` is not."""
    first, *rest = name.rstrip("_").split("_")
    return first + "".join(word.capitalize() for word in rest)


class Model(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True, rename=wire_name, frozen=True):
    """A mapping whose keys are all known."""


class Matching(Model, frozen=True):
    """How one value is to be; all that is given must hold. The names are WireMock's."""

    equal_to: str | int | float | bool | UnsetType = UNSET
    case_insensitive: bool = False
    contains: str | UnsetType = UNSET
    does_not_contain: str | UnsetType = UNSET
    matches: str | UnsetType = UNSET
    does_not_match: str | UnsetType = UNSET
    equal_to_json: Any = UNSET
    ignore_array_order: bool = False
    ignore_extra_elements: bool = False
    matches_json_path: "str | JsonPathMatching | UnsetType" = UNSET
    matches_json_schema: dict[str, Any] | bool | UnsetType = UNSET
    binary_equal_to: str | UnsetType = UNSET
    absent: bool | UnsetType = UNSET
    greater_than_number: int | float | UnsetType = UNSET
    less_than_number: int | float | UnsetType = UNSET
    equal_to_number: int | float | UnsetType = UNSET
    before: str | UnsetType = UNSET
    after: str | UnsetType = UNSET
    equal_to_date_time: str | UnsetType = UNSET
    and_: "list[Matching] | UnsetType" = UNSET
    or_: "list[Matching] | UnsetType" = UNSET
    not_: "Matching | UnsetType" = UNSET


class JsonPathMatching(Matching, kw_only=True, frozen=True):
    """What a JSONPath (RFC 9535) finds, and how one of the values found is to be."""

    expression: str


class ConnectionMatching(Model, frozen=True):
    """Which connections: by the handshake and by what has become of them since."""

    id: str | UnsetType = UNSET
    path_parameters: dict[str, Matching] = {}
    query_parameters: dict[str, Matching] = {}
    headers: dict[str, Matching] = {}
    cookies: dict[str, Matching] = {}
    subprotocol: str | UnsetType = UNSET
    group: str | UnsetType = UNSET


class MessageMatching(Model, frozen=True):
    """Which messages: by the document's name, by type, by validity, by body."""

    name: str | UnsetType = UNSET
    type: Literal["text", "binary"] | UnsetType = UNSET
    valid: bool | Literal["any"] | UnsetType = UNSET
    body: Matching | UnsetType = UNSET


class CloseMatching(Model, frozen=True):
    """Which ends of connections."""

    code: int | UnsetType = UNSET
    clean: bool | UnsetType = UNSET
    by: Literal["client", "server"] | UnsetType = UNSET


class HttpMatching(Model, frozen=True):
    """Which plain HTTP requests."""

    path: str  # an address with parameters: /orders/{id}/ship
    method: str | UnsetType = UNSET
    path_parameters: dict[str, Matching] = {}
    query_parameters: dict[str, Matching] = {}
    headers: dict[str, Matching] = {}
    body: Matching | UnsetType = UNSET


class Answering(Model, frozen=True):
    """What an HTTP request is answered."""

    status: int = 200
    headers: dict[str, str] = {}
    json: Any = UNSET
    text: str | UnsetType = UNSET


class Trigger(Model, frozen=True):
    """What sets an expectation off, and on which connections."""

    type: Literal["open", "message", "close", "idle", "interval", "named", "http"] = "message"
    channel: str | UnsetType = UNSET
    operation: str | UnsetType = UNSET
    connection: ConnectionMatching | UnsetType = UNSET
    message: MessageMatching | UnsetType = UNSET
    close: CloseMatching | UnsetType = UNSET
    every: Duration | UnsetType = UNSET  # interval
    after: Duration | UnsetType = UNSET  # idle
    name: str | UnsetType = UNSET  # named
    http: HttpMatching | UnsetType = UNSET  # http
    response: Answering | UnsetType = UNSET  # http


class Scenario(Model, frozen=True):
    """A state machine with a name: where it must be, and where it goes."""

    name: str
    required_state: str | UnsetType = UNSET
    new_state: str | UnsetType = UNSET
    scope: Literal["connection", "global"] = "connection"


class Dribbling(Model, frozen=True):
    """The bytes of a message are written in parts: the first at once, the last after all that time."""

    number_of_chunks: int
    total_duration: Duration


class Saying(Model, frozen=True):
    """What is said; exactly one of text, json, base64, file, message."""

    text: str | UnsetType = UNSET
    json: Any = UNSET
    base64: str | UnsetType = UNSET
    file: str | UnsetType = UNSET
    message: str | UnsetType = UNSET
    example: str | UnsetType = UNSET
    generate: bool | Literal["invalid"] = False
    with_: dict[str, Any] = {}
    validate: bool = True
    template: bool = True
    duplicate: int = 1
    fragments: int = 1
    chunked_dribble_delay: Dribbling | UnsetType = UNSET
    reorder: bool = False


class Audience(Model, frozen=True):
    """Whom a send is for, where it is not one of the words."""

    connection: ConnectionMatching | UnsetType = UNSET
    channel: str | UnsetType = UNSET
    group: str | UnsetType = UNSET
    address: str | UnsetType = UNSET
    except_: Literal["originating"] | UnsetType = UNSET


class Sending(Saying, frozen=True):
    """What is said, and to whom."""

    to: Literal["originating", "others", "channel", "all"] | Audience = "channel"


class Distribution(Model, frozen=True):
    """A delay drawn from a distribution, by the mock's seed."""

    type: Literal["uniform", "lognormal", "fixed"]
    lower: Duration | UnsetType = UNSET
    upper: Duration | UnsetType = UNSET
    median: Duration | UnsetType = UNSET
    sigma: float | UnsetType = UNSET
    value: Duration | UnsetType = UNSET


class Stream(Saying, frozen=True):
    """The same said again and again, or a sequence of values said one by one."""

    name: str | UnsetType = UNSET
    every: Duration = 0
    count: int | UnsetType = UNSET
    sequence: list[Any] | UnsetType = UNSET
    to: Literal["originating", "others", "channel", "all"] | Audience = "originating"


class RawFrames(Model, frozen=True):
    """Bytes that are written as they stand, in hexadecimal digits."""

    frames: str


class FaultProfile(Model, frozen=True):
    """What befalls whatever is said on a channel: it comes late, twice, out of turn, not at all, or a fault comes."""

    latency: Duration | Distribution | UnsetType = UNSET
    fault: str | RawFrames | UnsetType = UNSET
    probability: float = 1.0  # of the fault, for each message to each connection, as the others are
    loss: float = 0.0
    duplicate: float = 0.0
    reorder: float = 0.0
    time_to_live: Duration | UnsetType = UNSET


class SetState(Model, frozen=True):
    scenario: str
    state: str
    scope: Literal["connection", "global"] = "connection"


class Group(Model, frozen=True):
    """Rooms of the stub's own making."""

    join: str | UnsetType = UNSET
    leave: str | UnsetType = UNSET


class Remember(Model, frozen=True):
    """A value kept with the connection: `connection.values.NAME`."""

    as_: str
    value: Any


class Closing(Model, frozen=True):
    code: int = 1000
    reason: str = ""


class Expecting(Model, frozen=True):
    """A step of a conversation: wait for a message, and consume it."""

    message: MessageMatching = MessageMatching()
    within: Duration = "5s"
    else_: "Action | list[Action] | UnsetType" = UNSET


class GroupNamed(Model, frozen=True):
    """A room of the stub's own making."""

    group: str


class Replaying(Model, frozen=True):
    """What was said in a room while the client was away, said again to it."""

    since: Any = UNSET
    of: str | GroupNamed | UnsetType = UNSET
    by: str | UnsetType = UNSET


class Rejecting(Model, frozen=True):
    """Refuse the handshake."""

    status: int = 403
    headers: dict[str, str] = {}
    json: Any = UNSET
    text: str | UnsetType = UNSET


class Accepting(Model, frozen=True):
    """Answer the handshake with a 101 that names this subprotocol (none, where it is empty) and has these headers."""

    subprotocol: str | UnsetType = UNSET
    headers: dict[str, str] = {}


class Pinging(Model, frozen=True):
    """Ask for a pong: once, or every so often until the connection ends."""

    every: Duration | UnsetType = UNSET


class Calling(Model, frozen=True):
    """An HTTP request of the mock's own."""

    url: str
    method: str = "POST"
    headers: dict[str, str] = {}
    json: Any = UNSET
    text: str | UnsetType = UNSET


class Action(Model, frozen=True):
    """One step of the script; exactly one key."""

    reply: Saying | UnsetType = UNSET
    send: Sending | UnsetType = UNSET
    delay: Duration | Distribution | UnsetType = UNSET
    stream: Stream | UnsetType = UNSET
    stop: str | UnsetType = UNSET
    set_state: SetState | UnsetType = UNSET
    group: Group | UnsetType = UNSET
    remember: Remember | UnsetType = UNSET
    replay: Replaying | UnsetType = UNSET
    expect: Expecting | UnsetType = UNSET
    close: Closing | UnsetType = UNSET
    ping: Pinging | UnsetType = UNSET
    fault: str | RawFrames | UnsetType = UNSET
    reject: Rejecting | UnsetType = UNSET
    accept: Accepting | UnsetType = UNSET
    subprotocol: str | UnsetType = UNSET
    http: Calling | UnsetType = UNSET


class Expectation(Model, kw_only=True, frozen=True):
    """Trigger and actions, with what limits them."""

    id: str | UnsetType = UNSET
    name: str = ""
    priority: int = 5
    enabled: bool = True
    metadata: dict[str, Any] = {}
    trigger: Trigger
    scenario: Scenario | UnsetType = UNSET
    times: int | UnsetType = UNSET
    time_to_live: Duration | UnsetType = UNSET
    probability: float = 1.0
    when: str | UnsetType = UNSET
    status: dict[str, Any] | UnsetType = UNSET  # what has become of it, as GET shows it; of no account when written
    actions: list[Action] = []


class AcceptedCredential(Model, frozen=True):
    """What a handshake may bring for one security scheme of the document.

    A `token` is for bearer, oauth2 and openIdConnect; `username` and `password` for basic and userPassword; a `key` for
    an API key.
    """

    scheme: str
    token: str | UnsetType = UNSET
    username: str | UnsetType = UNSET
    password: str | UnsetType = UNSET
    key: str | UnsetType = UNSET

    def __repr__(self) -> str:
        """Show no secret, wherever this is written."""
        return f"AcceptedCredential(scheme={self.scheme!r})"


class CredentialList(Model, frozen=True):
    """`PUT /credentials`: all credentials that handshakes may bring."""

    credentials: list[AcceptedCredential]


class StubFile(Model, frozen=True):
    """A file of expectations, and of the credentials that handshakes may bring."""

    version: Literal[1] = 1
    document: str | UnsetType = UNSET
    credentials: list[AcceptedCredential] = []
    expectations: list[Expectation] = []
