"""A plain chat with rooms, and a desk behind a login, written by hand; and the faults that such servers often have."""
# ruff: noqa: ARG002  # a faulty server has the signatures of the good one

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator, Iterable
from typing import Any

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

SMALL = 4096  # bytes that the system keeps for a client that does not read
PATIENCE = 0.2


class Rooms:
    """A faultless server of `specification/chat.yaml`; a faulty one changes one thing."""

    token = "trader"

    def __init__(self) -> None:
        self.rooms: dict[str, set[ServerConnection]] = {}
        self.said = 0

    def room_of(self, path: str) -> str:
        return path

    def members(self, room: str) -> Iterable[ServerConnection]:
        return list(self.rooms.setdefault(room, set()))

    async def tell(self, member: ServerConnection, frame: str) -> None:
        """Say something to one member; who does not read is sent away, and holds nobody up."""
        with contextlib.suppress(ConnectionClosed):
            try:
                async with asyncio.timeout(PATIENCE):
                    await member.send(frame)
            except TimeoutError:
                member.transport.abort()

    async def said_in(self, room: str, speaker: ServerConnection, frame: str) -> None:
        others = [each for each in self.members(room) if each is not speaker]
        await asyncio.gather(*(self.tell(each, frame) for each in others))

    def part(self, room: str, connection: ServerConnection) -> None:
        self.rooms[room].discard(connection)

    def lets_in(self, path: str, token: str) -> int | None:
        """Give the code with which somebody is sent away."""
        if not path.startswith("/v1/"):
            return None
        return None if token == f"Bearer {self.token}" else 4403 if token else 4401

    def full(self) -> bool:
        return False

    async def talk(self, connection: ServerConnection) -> None:
        assert connection.request is not None
        path = connection.request.path.partition("?")[0]
        code = self.lets_in(path, connection.request.headers.get("Authorization", ""))
        if code is not None:
            await connection.close(code)
            return
        connection.transport.set_write_buffer_limits(SMALL)
        room = self.room_of(path)
        self.rooms.setdefault(room, set()).add(connection)
        try:
            await self.listen(room, connection, path)
        finally:
            self.part(room, connection)

    async def listen(self, room: str, connection: ServerConnection, path: str) -> None:
        with contextlib.suppress(ConnectionClosed):
            async for frame in connection:
                await (
                    self.trade(connection, frame)
                    if path.startswith("/v1/")
                    else self.said_in(room, connection, str(frame))
                )

    async def trade(self, connection: ServerConnection, frame: Any) -> None:
        order = json.loads(frame)
        answer = {"clientOrderId": order["clientOrderId"], "orderId": "o-1", "status": "accepted"}
        await connection.send(json.dumps(answer))

    async def gate(self, connection: ServerConnection, request: Request) -> Response | None:
        return connection.respond(503, "full") if self.full() else None


@contextlib.asynccontextmanager
async def served(rooms: Rooms) -> AsyncIterator[int]:
    """Serve while the block runs; give the port."""
    listening = socket.create_server(("127.0.0.1", 0))
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SMALL)
    async with serve(rooms.talk, sock=listening, process_request=rooms.gate, compression=None, close_timeout=0.1):
        yield listening.getsockname()[1]


class WrongRoom(Rooms):
    """All rooms are one."""

    def room_of(self, path: str) -> str:
        return "/rooms/"


class UnauthorizedSubscription(Rooms):
    """Who places orders has to log in; who only listens does not."""

    def lets_in(self, path: str, token: str) -> int | None:
        return None if path.endswith("/fills") else super().lets_in(path, token)


class LeaksOnDisconnect(Rooms):
    """Who has left is still spoken to, and what that leads to ends the round."""

    def __init__(self) -> None:
        super().__init__()
        self.order: list[ServerConnection] = []

    def part(self, room: str, connection: ServerConnection) -> None:
        return

    def members(self, room: str) -> Iterable[ServerConnection]:
        self.order += [each for each in self.rooms.setdefault(room, set()) if each not in self.order]
        return [each for each in self.order if each in self.rooms[room]]

    async def said_in(self, room: str, speaker: ServerConnection, frame: str) -> None:
        with contextlib.suppress(ConnectionClosed):
            for each in self.members(room):
                if each is not speaker:
                    await each.send(frame)


class DropsSilently(Rooms):
    """Every second message is lost."""

    async def said_in(self, room: str, speaker: ServerConnection, frame: str) -> None:
        self.said += 1
        if self.said % 2:
            await super().said_in(room, speaker, frame)


class ReconnectStorm(Rooms):
    """Those who come back are too many at a time: everybody is sent away, and comes back again."""

    async def talk(self, connection: ServerConnection) -> None:
        present = [each for members in self.rooms.values() for each in members]
        if len(present) >= 10:
            await asyncio.gather(*(each.close(1013) for each in present))
        await super().talk(connection)


class HoldsEverybodyUp(Rooms):
    """Members are told one after the other, however long one of them takes."""

    async def said_in(self, room: str, speaker: ServerConnection, frame: str) -> None:
        for each in self.members(room):
            if each is not speaker:
                with contextlib.suppress(ConnectionClosed):
                    await each.send(frame)
