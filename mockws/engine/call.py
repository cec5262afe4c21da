"""A call of the mock's own: as an action it is to be made, and with its result it comes back in an event."""

from dataclasses import dataclass

from mockws.callback import Destination


@dataclass(frozen=True, slots=True)
class Call:
    """Make an HTTP request, and say what came of it; nobody waits for it."""

    destination: Destination
    method: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    expectation: str
    connection: str | None  # of the script that wants it
