"""Real sockets as a stage: the mock on uvicorn at a port of its own, and clients of the `websockets` library.

Everything runs on one event loop, which turns only while a call of the player lasts. Each wait has an absolute limit.
"""

import asyncio
import contextlib
import json
import socket
from collections.abc import Coroutine, Iterator
from typing import Any, TypeVar

import httpx2
import uvicorn
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidMessage, InvalidStatus
from websockets.typing import Subprotocol

from mockws.app import Mock
from mockws.codec import Frame
from mockws.engine.actions import Outcome
from mockws.engine.events import Command, Commanded, Connected, Event, Received, StubsReplaced
from mockws.host.driver import Driver
from mockws.host.server import config_of
from mockws.links.stubs import Stubs
from playing.lines import Connect
from playing.stage import PATIENCE, Answer, CutOff, Ended, Heard, Opened, Stage, TurnedAway

T = TypeVar("T")


class SocketStage(Stage):
    """Serves a mock, and holds the clients' ends of its sockets."""

    name = "real sockets"

    def __init__(self, mock: Mock) -> None:
        self.loaded = mock.loaded
        self._mock = mock
        self.outcomes: list[Outcome] = []
        mock.observers = (*mock.observers, self._observe)
        self._clients: dict[str, ClientConnection] = {}
        self._said: dict[str, int] = {}
        self._taken: dict[str, int] = {}
        self._opened: list[str] = []
        self._news = asyncio.Event()
        self._runner = asyncio.Runner()
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._port: int = self._socket.getsockname()[1]
        self._server = _Server(config_of(mock))
        self._run(self._start())

    def connect(self, line: Connect) -> Answer:
        return self._run(self._connect(line))

    def say(self, connection: str, frame: Frame) -> None:
        self._run(self._say(connection, frame))

    def hear(self, connection: str, patience: float = PATIENCE) -> Heard:
        return self._run(self._hear(connection, patience), limit=patience + PATIENCE)

    def is_open(self, connection: str) -> bool:
        return self._run(self._is_open(connection))

    def leave(self, connection: str) -> None:
        self._run(self._clients[connection].close())

    def wait(self, seconds: float) -> None:
        self._run(asyncio.sleep(seconds), limit=seconds + PATIENCE)

    def send(self, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        status, text = self._run(self._request("POST", "/__admin/send", body))
        return status, json.loads(text)

    def get(self, path: str) -> tuple[int, str]:
        return self._run(self._request("GET", path))

    def ask(self, method: str, path: str, body: str) -> tuple[int, str]:
        return self._run(self._request(method, path, content=body))

    def expect(self, stubs: Stubs) -> Outcome:
        return self._run(self._fed(StubsReplaced(stubs.expectations, self._driver.clock.now(), stubs.credentials)))

    def command(self, command: Command) -> Outcome:
        return self._run(self._fed(Commanded(command, self._driver.clock.now())))

    def end(self) -> None:
        """Take the clients and the server down."""
        self._run(self._stop(), limit=5 * PATIENCE)
        self._runner.close()
        self._socket.close()

    @property
    def _driver(self) -> Driver:
        assert self._mock.driver is not None, "the server has not started"
        return self._mock.driver

    async def _fed(self, event: Event) -> Outcome:
        return self._driver.feed(event)

    def _run(self, work: Coroutine[Any, Any, T], *, limit: float = 2 * PATIENCE) -> T:
        return self._runner.run(_within(work, limit))

    async def _start(self) -> None:
        self._serving = asyncio.create_task(self._server.serve(sockets=[self._socket]))
        while not self._server.started:
            assert not self._serving.done(), "the server did not start"
            await asyncio.sleep(0)

    async def _stop(self) -> None:
        for client in self._clients.values():
            await client.close()
        self._server.leave()
        await self._serving

    async def _connect(self, line: Connect) -> Answer:
        before, begun = len(self._opened), asyncio.get_running_loop().time()
        hosts = [value for name, value in line.headers if name.lower() == "host"]  # takes the place of the client's own
        try:
            client = await connect(
                f"ws://{hosts[0] if hosts else f'127.0.0.1:{self._port}'}{line.path}",
                host="127.0.0.1",
                port=self._port,
                additional_headers=[(name, value) for name, value in line.headers if name.lower() != "host"],
                subprotocols=[Subprotocol(name) for name in line.subprotocols] or None,
                compression=None,
                proxy=None,
                ping_interval=None,
                open_timeout=PATIENCE,
                close_timeout=PATIENCE,
            )
        except InvalidStatus as refusal:
            body = (refusal.response.body or b"").decode("utf-8")
            name = self._opened[before] if len(self._opened) > before else None
            return TurnedAway(name, refusal.response.status_code, body, asyncio.get_running_loop().time() - begun)
        except (InvalidMessage, ConnectionError):
            return CutOff(self._opened[before])
        name = self._opened[before]
        self._clients[name] = client
        assert client.response is not None
        headers = tuple(client.response.headers.raw_items())
        return Opened(name, client.subprotocol, headers, asyncio.get_running_loop().time() - begun)

    async def _say(self, connection: str, frame: Frame) -> None:
        """Send a frame, and see it arrive: what different clients say has an order then."""
        client = self._clients[connection]
        with contextlib.suppress(ConnectionClosed):
            await client.send(frame)
        wanted = self._said[connection] = self._said.get(connection, 0) + 1
        gone = asyncio.ensure_future(client.wait_closed())
        while self._taken.get(connection, 0) < wanted and not gone.done():
            self._news.clear()
            news = asyncio.ensure_future(self._news.wait())
            await asyncio.wait({gone, news}, return_when=asyncio.FIRST_COMPLETED)
            news.cancel()
        gone.cancel()

    async def _hear(self, connection: str, patience: float) -> Heard:
        client = self._clients[connection]
        try:
            return await asyncio.wait_for(client.recv(), patience)
        except TimeoutError:
            return None
        except ConnectionClosed as closed:
            return Ended(closed.rcvd.code, closed.rcvd.reason) if closed.rcvd else Ended(1006, "")

    async def _is_open(self, connection: str) -> bool:
        """Ask by a ping, and give a close that is on its way a moment to arrive."""
        client = self._clients[connection]
        try:
            await asyncio.wait_for(await client.ping(), PATIENCE)
            await asyncio.wait_for(client.wait_closed(), 0.05)
        except TimeoutError:
            return True
        except ConnectionClosed:
            return False
        return False

    async def _request(
        self, method: str, path: str, body: dict[str, Any] | None = None, content: str | None = None
    ) -> tuple[int, str]:
        async with httpx2.AsyncClient(trust_env=False, timeout=PATIENCE) as client:
            answer = await client.request(method, f"http://127.0.0.1:{self._port}{path}", json=body, content=content)
            return answer.status_code, answer.text

    def _observe(self, outcome: Outcome) -> None:
        self.outcomes.append(outcome)
        if isinstance(outcome.event, Connected):
            self._opened.append(outcome.event.connection)
        if isinstance(outcome.event, Received):
            self._taken[outcome.event.connection] = self._taken.get(outcome.event.connection, 0) + 1
            self._news.set()


async def _within(work: Coroutine[Any, Any, T], limit: float) -> T:
    async with asyncio.timeout(limit):
        return await work


class _Server(uvicorn.Server):
    """uvicorn, ended at once by a word instead of looking ten times a second whether to end."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._ending = asyncio.Event()

    def leave(self) -> None:
        self._ending.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals are the test runner's."""
        yield

    async def main_loop(self) -> None:
        await self._ending.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:  # noqa: ARG002  # uvicorn's signature
        """End without uvicorn's tenth of a second of grace: the clients are gone already."""
        for server in self.servers:
            server.close()
        await asyncio.gather(*self.server_state.tasks, return_exceptions=True)
        await self.lifespan.shutdown()
