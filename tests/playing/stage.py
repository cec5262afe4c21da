"""What a play is played on: clients, a mock, and time. There are two: the bare engine, and real sockets.

A stage answers a player's calls; it judges nothing.
"""

from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

from mockws.asyncapi.load import Loaded
from mockws.codec import Frame
from mockws.engine.actions import Outcome
from mockws.engine.events import Command
from mockws.links.stubs import Stubs
from playing.lines import Connect

PATIENCE = 2.0  # seconds: the most that anything expected may take
SILENCE = 0.2  # seconds without a word: nothing is said


@dataclass(frozen=True, slots=True)
class Opened:
    """A handshake that was accepted."""

    connection: str  # the name it goes by in the engine
    subprotocol: str | None
    headers: tuple[tuple[str, str], ...] = ()  # of the 101
    seconds: float = 0.0  # that it took


@dataclass(frozen=True, slots=True)
class TurnedAway:
    """A handshake that was answered with an HTTP status."""

    connection: str | None  # none where the engine was never asked
    status: int
    body: str
    seconds: float = 0.0  # that it took


@dataclass(frozen=True, slots=True)
class CutOff:
    """A handshake that was not answered: the socket ended."""

    connection: str | None


@dataclass(frozen=True, slots=True)
class Ended:
    """A connection was closed by the mock."""

    code: int
    reason: str


Answer: TypeAlias = Opened | TurnedAway | CutOff
"""What became of a handshake."""

Heard: TypeAlias = Frame | Ended | None
"""What came in at a client: a frame, the end, or nothing in time."""


class Stage(Protocol):
    """Where a play is played; connections are named as the engine names them."""

    name: str
    loaded: Loaded
    outcomes: list[Outcome]  # all that the engine decided, in order

    def connect(self, line: Connect) -> Answer: ...

    def say(self, connection: str, frame: Frame) -> None: ...

    def hear(self, connection: str, patience: float = PATIENCE) -> Heard: ...

    def is_open(self, connection: str) -> bool: ...

    def leave(self, connection: str) -> None: ...

    def wait(self, seconds: float) -> None: ...

    def send(self, body: dict[str, Any]) -> tuple[int, dict[str, Any]]: ...

    def get(self, path: str) -> tuple[int, str]: ...

    def ask(self, method: str, path: str, body: str) -> tuple[int, str]: ...

    def expect(self, stubs: Stubs) -> Outcome: ...

    def command(self, command: Command) -> Outcome: ...

    def end(self) -> None: ...
