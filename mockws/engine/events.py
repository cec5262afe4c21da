"""Everything that can happen to the mock. Each event carries `at`, in seconds on the mock's clock."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

import msgspec

from mockws.codec import Frame
from mockws.contract import Contract, Route
from mockws.engine.call import Call
from mockws.expect.expectation import Compiled
from mockws.expect.model import AcceptedCredential, RawFrames
from mockws.expect.pieces import Pieces
from mockws.expect.profile import Profile
from mockws.schema.schema import Manner

ConnectionId: TypeAlias = str
TimerId: TypeAlias = int
RequestId: TypeAlias = str


@dataclass(frozen=True, slots=True)
class Opening:
    """The request that asks for a connection: what of it a mock may look at."""

    path: str
    query: tuple[tuple[str, str], ...] = ()
    headers: tuple[tuple[str, str], ...] = ()  # names in lower case
    subprotocols: tuple[str, ...] = ()
    client: str = ""  # the address that it came from, where there is one

    def header(self, name: str) -> str | None:
        return next((value for key, value in self.headers if key == name.lower()), None)

    def cookies(self) -> dict[str, str]:
        """Read the Cookie header (RFC 6265, 5.4)."""
        pairs = (part.strip().partition("=") for part in (self.header("cookie") or "").split(";"))
        return {name: value for name, equals, value in pairs if equals}


@dataclass(frozen=True, slots=True)
class Connected:
    """Someone wants to open a connection; the route and its parameters are already found."""

    connection: ConnectionId
    route: Route
    parameters: Mapping[str, str]
    opening: Opening
    at: float = 0.0


class Received(msgspec.Struct, frozen=True, gc=False):
    """A whole message came in."""

    connection: ConnectionId
    frame: Frame
    at: float = 0.0


@dataclass(frozen=True, slots=True)
class Closed:
    """A connection is gone, whoever ended it."""

    connection: ConnectionId
    code: int
    reason: str = ""
    by_client: bool = True
    at: float = 0.0


@dataclass(frozen=True, slots=True)
class Ponged:
    """A pong came in, asked for or not."""

    connection: ConnectionId
    payload: bytes
    at: float = 0.0


@dataclass(frozen=True, slots=True)
class NotDone:
    """The server that the mock runs on has no way to do what was decided."""

    connection: ConnectionId
    deed: str
    at: float = 0.0


@dataclass(frozen=True, slots=True)
class TimerFired:
    """A timer that the engine has set is due."""

    timer: TimerId
    at: float = 0.0


@dataclass(frozen=True, slots=True)
class Target:
    """Whom a send is for: exactly one of these is given, `all` being the last."""

    channel: str | None = None
    connection: str | None = None
    address: str | None = None
    group: str | None = None
    all: bool = False


@dataclass(frozen=True, slots=True)
class SendCommand:
    """Say something, as somebody outside asks: a message of the document, or a payload given as it is."""

    to: Target
    message: str | None = None
    operation: str | None = None
    example: str | None = None
    generate: bool | Literal["invalid"] = False
    overrides: Mapping[str, Any] = field(default_factory=dict)  # merged over what is said
    json: Any = None
    has_json: bool = False
    text: str | None = None
    binary: bytes | None = None
    validate: bool = True
    pieces: Pieces | None = None  # none: it is said in one


@dataclass(frozen=True, slots=True)
class Expect:
    """Put an expectation in force; one of the same id is replaced.

    In a session, it is the session's own, unless it is shared: then it is the plain admin API's, seen by all.
    """

    compiled: Compiled
    shared: bool = False


@dataclass(frozen=True, slots=True)
class Unexpect:
    """Take one expectation out, or all that did not come from files; in a session its own, or those that are shared."""

    id: str | None = None
    shared: bool = False


@dataclass(frozen=True, slots=True)
class Reset:
    """Back to the beginning: expectations and credentials of files only, all counts anew, nothing remembered."""


@dataclass(frozen=True, slots=True)
class Fire:
    """Set off the expectations with a named trigger."""

    name: str
    payload: Any = None


@dataclass(frozen=True, slots=True)
class Enter:
    """Put a scenario into a state: for all together and for each connection, or for one connection only."""

    scenario: str
    state: str
    connection: ConnectionId | None = None


@dataclass(frozen=True, slots=True)
class Restart:
    """Put all scenarios back to where they start."""


@dataclass(frozen=True, slots=True)
class CloseCommand:
    """Close connections; those that are not there are left out."""

    connections: tuple[ConnectionId, ...]
    code: int = 1000
    reason: str = ""


@dataclass(frozen=True, slots=True)
class FaultCommand:
    """Do a fault to a connection, by its name or by its bytes."""

    connection: ConnectionId
    fault: str | RawFrames


@dataclass(frozen=True, slots=True)
class PingCommand:
    """Ask a connection for a pong."""

    connection: ConnectionId


@dataclass(frozen=True, slots=True)
class SetWeather:
    """Put a fault profile in force on a channel."""

    channel: str
    profile: Profile


@dataclass(frozen=True, slots=True)
class ClearWeather:
    """Take the fault profile of a channel away, or all."""

    channel: str | None = None


@dataclass(frozen=True, slots=True)
class SetCredentials:
    """Let handshakes bring these instead of what files list; None goes back to the files'."""

    credentials: tuple[AcceptedCredential, ...] | None


Command: TypeAlias = (
    SendCommand
    | Expect
    | Unexpect
    | Reset
    | Fire
    | Enter
    | Restart
    | CloseCommand
    | FaultCommand
    | PingCommand
    | SetWeather
    | ClearWeather
    | SetCredentials
)


@dataclass(frozen=True, slots=True)
class Commanded:
    """The admin API asks for something."""

    command: Command
    at: float = 0.0


@dataclass(frozen=True, slots=True)
class StubsReplaced:
    """The stub files were changed, and are good."""

    expectations: tuple[Compiled, ...]
    at: float = 0.0
    credentials: tuple[AcceptedCredential, ...] = ()


@dataclass(frozen=True, slots=True)
class ContractReplaced:
    """The document was changed, and is good; so are the dictionaries, which count from now on if they are given."""

    contract: Contract
    at: float = 0.0
    manner: Manner | None = None


@dataclass(frozen=True, slots=True)
class TurnedAway:
    """A handshake was refused before there was a route for it: an unknown path, a bad one, too many connections."""

    opening: Opening
    status: int
    reason: str
    at: float = 0.0


@dataclass(frozen=True, slots=True)
class HttpReceived:
    """A plain HTTP request came, for a path that the trigger of an expectation has."""

    request: RequestId
    method: str
    opening: Opening
    body: bytes = b""
    at: float = 0.0


@dataclass(frozen=True, slots=True)
class Called:
    """A call of the mock's own was answered, or was not: then `error` says why."""

    call: Call
    status: int | None
    error: str = ""
    seconds: float = 0.0  # that it took, on the wall's clock
    at: float = 0.0


@dataclass(frozen=True, slots=True)
class Stopping:
    """The server is going down, or the session is over."""

    reason: str = "the mock is stopping"
    at: float = 0.0


Event: TypeAlias = (
    Connected
    | Received
    | Ponged
    | NotDone
    | Closed
    | TimerFired
    | Commanded
    | StubsReplaced
    | ContractReplaced
    | TurnedAway
    | HttpReceived
    | Called
    | Stopping
)
