"""HTTP requests as a test wants them made: what is asked, what came, why nothing did. Who makes them is elsewhere."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeAlias


class NotAllowed(Exception):
    """A request that is not made: nobody has allowed its host."""


class NotAnswered(Exception):
    """A request that came to nothing; the text says why."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One request; a URL without a host is the server's under test."""

    url: str
    method: str = "GET"
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Answered:
    """What came back."""

    status: int
    text: str = ""


Ask: TypeAlias = Callable[[Asked, float], Awaitable[Answered]]  # with the seconds that it may take
