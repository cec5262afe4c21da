"""A plain server of the order story, over HTTP and WebSocket, written by hand; and how it can be faulty."""
# ruff: noqa: ARG002  # a faulty server has the signatures of the good one

import asyncio
import contextlib
import datetime as dt
import json
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

Answer = tuple[int, Any]
OF_ORDERS = {"id": int, "loaves": list}
OF_DELIVERIES = {"orderId": int, "street": str, "day": str}


class Bakery:
    """A faultless server; a faulty one changes one thing."""

    def __init__(self) -> None:
        self.there: dict[str, set[ServerConnection]] = {}
        self.orders: dict[int, dict[str, Any]] = {}

    # Over the socket

    async def say(self, path: str, value: Any) -> None:
        for each in tuple(self.there.get(path, ())):
            await each.send(json.dumps(value))

    async def placed(self, order: dict[str, Any]) -> None:
        """Begin with an order."""
        total = sum((3.5 if each["kind"] == "rye" else 2.5) * each["count"] for each in order["loaves"])
        self.orders[order["id"]] = {"id": order["id"], "status": "INITIATED"}
        await self.say("/wip-orders", {"id": order["id"], "total": total, "status": "INITIATED"})

    async def delivered(self, delivery: dict[str, Any]) -> None:
        """Note that an order is on its way."""
        order = self.orders.setdefault(delivery["orderId"], {"id": delivery["orderId"]})
        order["status"] = "SHIPPED"

    async def received(self, connection: ServerConnection, path: str, frame: str | bytes) -> None:
        try:
            value = json.loads(frame)
            if path == "/new-orders":
                _check(value, OF_ORDERS)
                for each in value["loaves"]:
                    _check(each, {"kind": str, "count": int})
                    if each["count"] < 1:
                        raise ValueError("no loaf")
                await self.placed(value)
            elif path == "/deliveries":
                _check(value, OF_DELIVERIES)
                _check_day(value)
                await self.delivered(value)
            else:
                raise ValueError("nothing is received here")
        except ValueError as problem:
            await connection.close(1008, str(problem)[:100])

    async def talk(self, connection: ServerConnection) -> None:
        assert connection.request is not None
        path = urlsplit(connection.request.path).path
        self.there.setdefault(path, set()).add(connection)
        try:
            with contextlib.suppress(ConnectionClosed):
                async for frame in connection:
                    await self.received(connection, path, frame)
        finally:
            self.there[path].discard(connection)

    # Over HTTP

    async def asked(self, method: str, url: str, body: Any) -> Answer:
        """Answer a request."""
        parts = urlsplit(url)
        if method == "PUT" and parts.path == "/orders":
            return await self.accepted(body)
        if method == "GET" and parts.path.startswith("/orders/"):
            wanted = parse_qs(parts.query).get("status", [None])[0]
            return self.shown(int(parts.path.rpartition("/")[2]), wanted)
        return 404, {"error": "not found"}

    async def accepted(self, body: Any) -> Answer:
        order = self.orders.setdefault(body["id"], {"id": body["id"]})
        order["status"] = body["status"]
        await self.say("/accepted-orders", {"id": body["id"], "status": body["status"], "at": body["at"]})
        return 200, order

    def shown(self, identity: int, status: str | None) -> Answer:
        order = self.orders.get(identity)
        if order is None or (status is not None and order["status"] != status):
            return 404, {"error": "no such order"}
        return 200, order

    async def serve_http(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            method, url, _ = head[0].split(" ")
            lengths = [int(line.partition(":")[2]) for line in head if line.lower().startswith("content-length:")]
            text = await reader.readexactly(lengths[0] if lengths else 0)
            status, value = await self.asked(method, url, json.loads(text) if text else None)
            content = json.dumps(value).encode()
            writer.write(f"HTTP/1.1 {status} .\r\nContent-Type: application/json\r\n".encode())
            writer.write(f"Content-Length: {len(content)}\r\nConnection: close\r\n\r\n".encode() + content)
            await writer.drain()
        writer.close()


def _check(value: Any, kinds: dict[str, type]) -> None:
    """Hold a value against what is required of it; ValueError where it does not fit."""
    if not isinstance(value, dict):
        raise ValueError("no object")
    for name, kind in kinds.items():
        own = value.get(name)
        whole = kind is int and isinstance(own, float) and own.is_integer()
        if not (isinstance(own, kind) or whole) or isinstance(own, bool):
            raise ValueError(f"no good {name}")


def _check_day(value: dict[str, Any]) -> None:
    dt.date.fromisoformat(value["day"])
    if not value["street"]:
        raise ValueError("no street")


@contextlib.asynccontextmanager
async def open_bakery(bakery: Bakery) -> AsyncIterator[tuple[int, int]]:
    """Serve a bakery while the block runs; gives the ports of its socket and of its HTTP."""
    http = await asyncio.start_server(bakery.serve_http, "127.0.0.1", 0)
    async with http, serve(bakery.talk, "127.0.0.1", 0, compression=None) as server:
        yield next(iter(server.sockets)).getsockname()[1], http.sockets[0].getsockname()[1]


# Each of these has one fault.


class TellsNobody(Bakery):
    async def accepted(self, body: Any) -> Answer:
        return 200, {"id": body["id"]}


class TellsTheWrongOrder(Bakery):
    async def accepted(self, body: Any) -> Answer:
        return await super().accepted({**body, "id": body["id"] + 1})


class TellsTheWrongStatus(Bakery):
    async def accepted(self, body: Any) -> Answer:
        return await super().accepted({**body, "status": "LOST"})


class TellsTheWrongChannel(Bakery):
    async def accepted(self, body: Any) -> Answer:
        self.orders[body["id"]] = {"id": body["id"], "status": body["status"]}
        await self.say("/wip-orders", {"id": body["id"], "status": body["status"], "at": body["at"]})
        return 200, self.orders[body["id"]]


class RefusesToAccept(Bakery):
    async def accepted(self, body: Any) -> Answer:
        await super().accepted(body)
        return 500, {"error": "out of flour"}


class ForgetsDeliveries(Bakery):
    async def delivered(self, delivery: dict[str, Any]) -> None:
        return


class NotesTheWrongStatus(Bakery):
    def shown(self, identity: int, status: str | None) -> Answer:
        found = super().shown(identity, None)
        return found if found[0] != 200 else (200, {**found[1], "status": "INITIATED"})


class NotesAnotherOrder(Bakery):
    async def delivered(self, delivery: dict[str, Any]) -> None:
        await super().delivered({**delivery, "orderId": delivery["orderId"] + 1})


class MiscountsTheTotal(Bakery):
    async def say(self, path: str, value: Any) -> None:
        await super().say(path, {**value, "total": 0.0} if path == "/wip-orders" else value)


FAULTY: tuple[type[Bakery], ...] = tuple(
    each
    for each in list(globals().values())
    if isinstance(each, type) and issubclass(each, Bakery) and each is not Bakery
)
