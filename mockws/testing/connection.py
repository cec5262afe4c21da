"""One connection in a test's hands: to speak to, to end, and to ask what it said."""

from collections.abc import Mapping
from typing import Any, Unpack

from mockws.client.client import Client
from mockws.client.views import ConnectionView, EntryView
from mockws.testing.told import pages
from mockws.testing.wanted import Said, said


class Connection:
    """A client that is, or was, connected to the mock."""

    def __init__(self, client: Client, view: ConnectionView) -> None:
        self._client = client
        self.view = view  # as it was when it was found

    @property
    def id(self) -> str:
        """Give its id in the journal."""
        return self.view.id

    @property
    def channel(self) -> str:
        """Name its channel."""
        return self.view.channel

    @property
    def parameters(self) -> dict[str, str]:
        """Give the parameters of its path."""
        return self.view.path_parameters

    def send(self, message: str | None = None, **words: Unpack[Said]) -> None:
        """Say a message of the document to it, or anything else."""
        self._client.send_to(self.id, **said_by_client(message, words))

    def close(self, code: int = 1000, reason: str = "") -> None:
        """Close it."""
        self._client.close_connection(self.id, code, reason)

    def fault(self, name: str | Mapping[str, Any]) -> None:
        """Do what no well-behaved server does to it, by a fault's name, or {"frames": HEX}."""
        self._client.fault(self.id, name)

    def ping(self) -> None:
        """Ask it for a pong; the journal has it."""
        self._client.ping(self.id)

    @property
    def received(self) -> list[EntryView]:
        """List what it said, oldest first."""
        return list(pages(self._client, connection=self.id, event="message", direction="in"))

    @property
    def sent(self) -> list[EntryView]:
        """List what was said to it, oldest first."""
        return list(pages(self._client, connection=self.id, event="message", direction="out"))

    @property
    def is_open(self) -> bool:
        """Tell whether it is still there."""
        return any(each.id == self.id for each in self._client.connections())

    def __repr__(self) -> str:
        return f"<Connection {self.id} at {self.view.address}>"


ARGUMENTS = {"with": "with_", "chunkedDribbleDelay": "chunked_dribble_delay"}  # a key -> the client's argument


def said_by_client(message: str | None, words: Said) -> dict[str, Any]:
    """Write what is said in the arguments of the client."""
    written = said(message, words)
    return {ARGUMENTS.get(name, name): value for name, value in written.items()}
