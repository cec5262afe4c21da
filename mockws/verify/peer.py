"""A client: one WebSocket connection, what came in on it, and when. Only this file knows the library.

What is said and what is expected is not known here.
"""

import asyncio
import contextlib
import ssl
from collections import deque
from dataclasses import dataclass
from typing import TypeAlias
from urllib.parse import urlsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidMessage, InvalidStatus
from websockets.typing import Subprotocol

from mockws.codec import Frame
from mockws.errors import BadSetting, NoServer, ServerSilent

MOST_KEPT = 10_000  # frames that wait to be looked at; beyond, the socket is not read on
MAX_SIZE = 16 << 20
GOODBYE = 1.0  # seconds that a closing handshake may take
TRUST = "(--cacert FILE trusts who signed it, --insecure trusts everybody)"
NO_CLOSE_FRAME = 1006  # RFC 6455, 7.1.5
SCHEMES = {"ws": "ws", "wss": "wss", "http": "ws", "https": "wss"}


@dataclass(frozen=True, slots=True)
class Target:
    """The server under test: where it is, and the path that stands before all others."""

    origin: str
    base: str = ""
    verifies: bool = True  # certificates
    authority: str | None = None  # a file with certificates that are trusted besides

    @classmethod
    def parse(cls, text: str, *, verifies: bool = True, authority: str | None = None) -> "Target":
        """Read `ws://host:port/base`; raises BadSetting."""
        try:
            parts = urlsplit(text if "://" in text else f"ws://{text}")
            port = f":{parts.port}" if parts.port is not None else ""
        except ValueError as problem:
            raise BadSetting("target", f"{text!r} is no URL: {problem}", "--target") from None
        if parts.scheme not in SCHEMES or not parts.hostname:
            raise BadSetting("target", f"{text!r} is no URL such as ws://127.0.0.1:8080", "--target")
        host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
        return cls(f"{SCHEMES[parts.scheme]}://{host}{port}", parts.path.rstrip("/"), verifies, authority)

    @property
    def http(self) -> str:
        return "http" + self.origin.removeprefix("ws")

    def context(self) -> ssl.SSLContext | None:
        """Make what TLS goes by; raises BadSetting where the file with the certificates is none."""
        if not self.origin.startswith("wss"):
            return None
        context = ssl.create_default_context()
        if self.authority is not None:
            try:
                context.load_verify_locations(self.authority)
            except OSError as problem:
                told = f"{self.authority} has no certificates: {problem.strerror or problem}"
                raise BadSetting("cacert", told, "--cacert") from None
        if not self.verifies:
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        return context


@dataclass(frozen=True, slots=True)
class Visit:
    """A handshake that is to be made."""

    path: str  # with its query
    headers: tuple[tuple[str, str], ...] = ()
    subprotocols: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TurnedAway:
    """A handshake that led to no connection."""

    status: int | None  # none where no HTTP answer came, or the answer breaks the protocol
    reason: str

    def __str__(self) -> str:
        return f"HTTP {self.status}" if self.status is not None else self.reason


@dataclass(frozen=True, slots=True)
class Ended:
    """The end of a connection, as its client sees it."""

    code: int
    reason: str = ""

    def __str__(self) -> str:
        if self.code == NO_CLOSE_FRAME:
            return "the connection was cut off, without a close frame"
        return f"closed: {self.code} {self.reason}".rstrip()


@dataclass(frozen=True, slots=True)
class Arrival:
    """Something that came in, and when by the loop's clock."""

    what: Frame | Ended
    at: float


Answer: TypeAlias = "Peer | TurnedAway"


class Peer:
    """An open connection; what comes in is kept until it is asked for."""

    def __init__(self, connection: ClientConnection, seconds: float) -> None:
        self._connection = connection
        self.seconds = seconds  # that the handshake took
        self.ended: Ended | None = None
        self._arrivals: deque[Arrival] = deque()
        self._news = asyncio.Event()
        self._reading = asyncio.create_task(self._read())

    @property
    def subprotocol(self) -> str | None:
        return self._connection.subprotocol

    async def say(self, frame: Frame) -> None:
        """Send a frame; on a connection that has ended, nothing is sent."""
        with contextlib.suppress(ConnectionClosed):
            await self._connection.send(frame)

    async def hear(self, patience: float) -> Arrival | None:
        """Give the next frame, or the end; None where nothing comes in time."""
        if not self._arrivals and patience > 0:
            self._news.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), patience)
        return self._arrivals.popleft() if self._arrivals else None

    async def stirred(self) -> None:
        """Wait until there is something to be heard."""
        while not self._arrivals:
            self._news.clear()
            await self._news.wait()

    def put_back(self, arrivals: list[Arrival]) -> None:
        """Keep what somebody looked at, and did not want, for whoever asks next."""
        self._arrivals.extendleft(reversed(arrivals))

    async def ping(self, patience: float) -> float | None:
        """Ask for a pong; give the seconds that it took, None where it does not come."""
        loop = asyncio.get_running_loop()
        begun = loop.time()
        try:
            await asyncio.wait_for(await self._connection.ping(), patience)
        except (TimeoutError, ConnectionClosed):
            return None
        return loop.time() - begun

    def pause(self) -> None:
        """Read no more: what comes stays in buffers, and then with the server."""
        self._connection.transport.pause_reading()

    def resume(self) -> None:
        """Read on."""
        self._connection.transport.resume_reading()

    async def leave(self, code: int = 1000, reason: str = "") -> None:
        """Say goodbye, and wait for the server to do so, within bounds."""
        await self._connection.close(code, reason)
        await asyncio.wait({self._reading}, timeout=GOODBYE)
        self._reading.cancel()

    async def cut(self) -> None:
        """End the connection without a word."""
        self._connection.transport.abort()
        await asyncio.wait({self._reading}, timeout=GOODBYE)
        self._reading.cancel()

    async def _read(self) -> None:
        clock = asyncio.get_running_loop().time
        try:
            while len(self._arrivals) < MOST_KEPT:
                self._arrived(Arrival(await self._connection.recv(), clock()))
        except ConnectionClosed as closed:
            told = closed.rcvd
            if told is None and closed.sent is not None and closed.sent.code not in (1000, 1001):
                self.ended = Ended(NO_CLOSE_FRAME, f"it broke the protocol: {closed.sent.reason or closed.sent.code}")
            else:
                self.ended = Ended(told.code, told.reason) if told else Ended(NO_CLOSE_FRAME)
            self._arrived(Arrival(self.ended, clock()))

    def _arrived(self, arrival: Arrival) -> None:
        self._arrivals.append(arrival)
        self._news.set()


async def meet(target: Target, visit: Visit, patience: float) -> Answer:
    """Make a handshake; raises NoServer where nobody listens, ServerSilent where nobody answers."""
    loop = asyncio.get_running_loop()
    begun = loop.time()
    try:
        connection = await connect(
            target.origin + visit.path,
            additional_headers=list(visit.headers),
            subprotocols=[Subprotocol(name) for name in visit.subprotocols] or None,
            ssl=target.context(),
            compression=None,
            proxy=None,
            ping_interval=None,
            open_timeout=patience,
            close_timeout=GOODBYE,
            max_size=MAX_SIZE,
        )
    except InvalidStatus as refusal:
        return TurnedAway(refusal.response.status_code, (refusal.response.body or b"")[:500].decode("utf-8", "replace"))
    except InvalidMessage as problem:
        return TurnedAway(None, f"the handshake was not answered: {problem}")
    except InvalidHandshake as problem:
        return TurnedAway(None, f"the answer to the handshake is wrong: {problem}")
    except TimeoutError:
        raise ServerSilent(target.origin, patience) from None
    except ssl.SSLCertVerificationError as problem:
        raise NoServer(target.origin, f"its certificate: {problem.verify_message} {TRUST}") from None
    except OSError as problem:
        raise NoServer(target.origin, problem.strerror or str(problem)) from None
    return Peer(connection, loop.time() - begun)
