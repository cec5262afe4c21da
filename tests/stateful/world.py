"""A mock over real sockets, with clients and the admin API, in one loop that turns while something is asked for."""

import asyncio
import json
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx2
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from mockws.app import Mock
from mockws.host.server import running
from mockws.settings import Settings

LIMIT = 10.0  # seconds: the most that anything may take
HEAD = "asyncapi: 3.0.0\ninfo: {title: T, version: 1.0.0}\nchannels:\n"
CHANNEL = "  %s: {address: '/%s', messages: {ask: {payload: {type: object, required: [n]}}}}\n"
OPERATION = "  %s: {action: receive, channel: {$ref: '#/channels/%s'}}\n"
BROKEN = ("", "channels: [", HEAD, "asyncapi: 3.0.0\nchannels: {}\n", "x: &a [*a]\n", "asyncapi: 9.9.9\n")


def document(*channels: str) -> str:
    operations = "".join(OPERATION % (each, each) for each in channels)
    return HEAD + "".join(CHANNEL % (each, each) for each in channels) + "operations:\n" + operations


class World:
    """What a state machine plays with."""

    def __init__(self, *channels: str) -> None:
        self._loop = asyncio.new_event_loop()
        self._stack = AsyncExitStack()
        self._folder = tempfile.TemporaryDirectory()
        self._path = Path(self._folder.name) / "d.yaml"
        self._path.write_text(document(*channels), "utf-8")
        self._mock = Mock.of(str(self._path), Settings(watch=False, port=0, on_invalid="ignore", stop_timeout=0.5))
        self.clients: dict[int, ClientConnection] = {}
        self._loop.run_until_complete(self._begin())

    async def _begin(self) -> None:
        self.port = await self._stack.enter_async_context(running(self._mock))
        base = f"http://127.0.0.1:{self.port}/__admin"
        self._admin = await self._stack.enter_async_context(httpx2.AsyncClient(base_url=base))

    def _do(self, deed: Any) -> Any:
        return self._loop.run_until_complete(asyncio.wait_for(deed, LIMIT))

    def end(self) -> None:
        self._do(self._stack.aclose())
        self._loop.close()
        self._folder.cleanup()

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Ask the admin API; give the status and the answer."""
        answer = self._do(self._admin.request(method, path, json=body))
        return answer.status_code, json.loads(answer.content) if answer.content else None

    def reload(self, text: str) -> None:
        """Change the document, and let the mock notice."""
        self._path.write_text(text, "utf-8")
        self._do(self._mock.reload())

    def connect(self, name: int, channel: str) -> bool:
        """Open a connection; tell whether it was let in."""
        try:
            self.clients[name] = self._do(connect(f"ws://127.0.0.1:{self.port}/{channel}", close_timeout=1))
        except InvalidStatus as refused:
            assert refused.response.status_code == 404
            return False
        return True

    def say(self, name: int, value: Any) -> None:
        self._do(self.clients[name].send(json.dumps(value)))

    def heard(self, name: int) -> list[Any]:
        """Give what has come in so far: an answer to a ping comes after whatever was said before it."""
        return self._do(self._heard(self.clients[name]))  # type: ignore[no-any-return]

    async def _heard(self, client: ClientConnection) -> list[Any]:
        await (await client.ping())
        found = []
        while True:
            try:
                async with asyncio.timeout(0):
                    found.append(json.loads(await client.recv()))
            except TimeoutError:
                return found

    def close(self, name: int) -> None:
        self._do(self.clients.pop(name).close())

    def code(self, name: int) -> int | None:
        """Wait for the end of a connection that the mock closes, and give its code."""
        return self._do(self._code(self.clients.pop(name)))  # type: ignore[no-any-return]

    async def _code(self, client: ClientConnection) -> int | None:
        try:
            while True:
                await client.recv()
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else None
