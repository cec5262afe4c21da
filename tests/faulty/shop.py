"""A plain server of the order story with a login, written by hand, and the ways in which it can be faulty."""
# ruff: noqa: ARG002  # a faulty server has the signatures of the good one

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.datastructures import Headers
from websockets.http11 import Request, Response
from websockets.typing import Subprotocol

DOCUMENT = """
asyncapi: 3.0.0
info: {title: Shop, version: 1.0.0}
defaultContentType: application/json
servers:
  shop: {host: 'localhost:8080', protocol: ws, security: [{$ref: '#/components/securitySchemes/login'}]}
channels:
  orders:
    address: /shops/{shop}/orders
    parameters: {shop: {examples: [north]}}
    bindings: {ws: {query: {type: object, required: [page], properties: {page: {type: integer}}}}}
    x-mockws: {subprotocols: [orders.v1]}
    messages:
      order: {$ref: '#/components/messages/order'}
      remark: {$ref: '#/components/messages/remark'}
      confirmed: {$ref: '#/components/messages/confirmed'}
      refused: {$ref: '#/components/messages/refused'}
  news:
    address: /shops/{shop}/news
    parameters: {shop: {examples: [north]}}
    messages: {shipped: {$ref: '#/components/messages/shipped'}}
operations:
  order:
    action: receive
    channel: {$ref: '#/channels/orders'}
    messages: [{$ref: '#/channels/orders/messages/order'}]
    reply:
      channel: {$ref: '#/channels/orders'}
      messages: [{$ref: '#/channels/orders/messages/confirmed'}, {$ref: '#/channels/orders/messages/refused'}]
  remark:
    action: receive
    channel: {$ref: '#/channels/orders'}
    messages: [{$ref: '#/channels/orders/messages/remark'}]
  passOn:
    action: send
    channel: {$ref: '#/channels/orders'}
    messages: [{$ref: '#/channels/orders/messages/remark'}]
  ship:
    action: send
    channel: {$ref: '#/channels/news'}
    messages: [{$ref: '#/channels/news/messages/shipped'}]
components:
  securitySchemes: {login: {type: http, scheme: bearer}}
  messages:
    order:
      correlationId: {location: $message.payload#/reference}
      payload:
        type: object
        required: [type, reference, items]
        additionalProperties: false
        properties:
          type: {const: order}
          reference: {type: string, minLength: 1}
          items: {type: array, items: {type: object, required: [sku], properties: {sku: {type: integer, minimum: 1}}}}
          note: {type: string}
      examples: [{name: lamp, payload: {type: order, reference: r-1, items: [{sku: 7}], note: quick}}]
    remark:
      payload:
        type: object
        required: [type, text]
        properties: {type: {const: remark}, text: {type: string}}
      examples: [{name: hello, payload: {type: remark, text: hello}}]
    confirmed:
      correlationId: {location: $message.payload#/reference}
      payload:
        type: object
        required: [type, reference, status, at]
        additionalProperties: false
        properties:
          type: {const: confirmed}
          reference: {type: string}
          status: {enum: [open, shipped]}
          at: {type: string, format: date-time}
    refused:
      x-mockws: {error: true}
      payload:
        type: object
        required: [type, why]
        properties: {type: {const: refused}, why: {type: string}}
    shipped:
      payload:
        type: object
        required: [type, parcel]
        properties: {type: {const: shipped}, parcel: {type: integer}}
"""

TOKEN = "open-sesame"
AT = "2026-03-14T09:30:00Z"


class Shop:
    """A faultless server; a faulty one changes one thing."""

    subprotocols: tuple[str, ...] = ("orders.v1",)

    def __init__(self) -> None:
        self.rooms: dict[str, set[ServerConnection]] = {}

    # Who is let in

    def refuses(self, request: Request) -> int | None:
        """Give the HTTP status that turns a handshake away."""
        token = request.headers.get("Authorization")
        if token is None:
            return 401
        if token != f"Bearer {TOKEN}":
            return 403
        url = urlsplit(request.path)
        if not url.path.endswith("/orders"):
            return None if url.path.endswith("/news") else 404
        page = parse_qs(url.query).get("page", [""])[0]
        return None if page.removeprefix("-").isdecimal() else 400

    def subprotocol(self, _: ServerConnection, offered: Any) -> Subprotocol | None:
        return next((each for each in offered if each in self.subprotocols), None)

    # What is answered

    async def opened(self, connection: ServerConnection, path: str) -> None:
        """Say what is said unasked."""
        if path.endswith("/news"):
            await connection.send(json.dumps({"type": "shipped", "parcel": 1}))

    def parsed(self, text: str | bytes) -> Any:
        """Read a message; ValueError where it is not valid."""
        value = json.loads(text)
        if not isinstance(value, dict):
            raise ValueError("no object")
        if value.get("type") == "remark" and isinstance(value.get("text"), str):
            return value
        items, reference, note = value.get("items"), value.get("reference"), value.get("note", "")
        if value.get("type") != "order" or value.keys() - {"type", "reference", "items", "note"}:
            raise ValueError("no order")
        if not isinstance(reference, str) or not reference or not isinstance(items, list) or not isinstance(note, str):
            raise ValueError("no good order")
        if not all(isinstance(each, dict) and type(each.get("sku")) is int and each["sku"] > 0 for each in items):
            raise ValueError("no good items")
        return value

    def confirmation(self, order: dict[str, Any]) -> Any:
        return {"type": "confirmed", "reference": order["reference"], "status": "open", "at": AT}

    async def say(self, connection: ServerConnection, value: Any) -> None:
        await connection.send(json.dumps(value))

    async def invalid(self, connection: ServerConnection, problem: ValueError) -> None:
        await connection.send(json.dumps({"type": "refused", "why": str(problem)}))

    async def ordered(self, connection: ServerConnection, order: dict[str, Any]) -> None:
        await self.say(connection, self.confirmation(order))

    def hearers(self, connection: ServerConnection, path: str) -> set[ServerConnection]:
        return self.rooms[path] - {connection}

    async def remarked(self, connection: ServerConnection, path: str, remark: Any) -> None:
        for each in self.hearers(connection, path):
            await self.say(each, remark)

    # The wire

    async def received(self, connection: ServerConnection, path: str, frame: str | bytes) -> None:
        try:
            value = self.parsed(frame)
        except ValueError as problem:
            await self.invalid(connection, problem)
            return
        if value["type"] == "remark":
            await self.remarked(connection, path, value)
        else:
            await self.ordered(connection, value)

    async def talk(self, connection: ServerConnection) -> None:
        assert connection.request is not None
        path = urlsplit(connection.request.path).path
        self.rooms.setdefault(path, set()).add(connection)
        try:
            await self.opened(connection, path)
            async for frame in connection:
                await self.received(connection, path, frame)
        finally:
            self.rooms[path].discard(connection)

    async def gate(self, _: ServerConnection, request: Request) -> Response | None:
        status = self.refuses(request)
        return None if status is None else Response(status, "no", Headers([("Content-Length", "0")]))

    def serving(self) -> contextlib.AbstractAsyncContextManager[Server]:
        return serve(
            self.talk, "127.0.0.1", 0, process_request=self.gate, select_subprotocol=self.subprotocol, compression=None
        )


@contextlib.asynccontextmanager
async def port_of(shop: Shop) -> AsyncIterator[int]:
    """Serve a shop while the block runs."""
    async with shop.serving() as server:
        yield next(iter(server.sockets)).getsockname()[1]


# Each of these has one fault.


class WrongType(Shop):
    def confirmation(self, order: dict[str, Any]) -> Any:
        return {**super().confirmation(order), "status": 1}


class MissingField(Shop):
    def confirmation(self, order: dict[str, Any]) -> Any:
        return {key: value for key, value in super().confirmation(order).items() if key != "at"}


class WrongEnum(Shop):
    def confirmation(self, order: dict[str, Any]) -> Any:
        return {**super().confirmation(order), "status": "lost"}


class WrongFormat(Shop):
    def confirmation(self, order: dict[str, Any]) -> Any:
        return {**super().confirmation(order), "at": "yesterday"}


class ExtraField(Shop):
    def confirmation(self, order: dict[str, Any]) -> Any:
        return {**super().confirmation(order), "extra": 1}


class WrongCorrelation(Shop):
    def confirmation(self, order: dict[str, Any]) -> Any:
        return {**super().confirmation(order), "reference": "r-0"}


class WrongChannel(Shop):
    async def ordered(self, connection: ServerConnection, order: dict[str, Any]) -> None:
        for each in (one for path, there in self.rooms.items() if path.endswith("/news") for one in there):
            await self.say(each, self.confirmation(order))


class BothChannels(WrongChannel):
    async def ordered(self, connection: ServerConnection, order: dict[str, Any]) -> None:
        await super().ordered(connection, order)
        await self.say(connection, self.confirmation(order))


class LateReply(Shop):
    async def ordered(self, connection: ServerConnection, order: dict[str, Any]) -> None:
        await asyncio.sleep(0.5)
        await super().ordered(connection, order)


class DropsSilently(Shop):
    async def ordered(self, connection: ServerConnection, order: dict[str, Any]) -> None:
        return


class DropsLongNotes(Shop):
    async def ordered(self, connection: ServerConnection, order: dict[str, Any]) -> None:
        if not order.get("note", "quick").isascii() or len(order.get("note", "")) > 5:
            return
        await super().ordered(connection, order)


class ClosesOnOrders(Shop):
    async def ordered(self, connection: ServerConnection, order: dict[str, Any]) -> None:
        await connection.close(1008, "no orders today")


class ClosesOnRemarks(Shop):
    async def remarked(self, connection: ServerConnection, path: str, remark: Any) -> None:
        await connection.close(1003, "no remarks")


class InvalidJson(Shop):
    async def say(self, connection: ServerConnection, value: Any) -> None:
        await connection.send(str(value))


class BinaryReply(Shop):
    async def say(self, connection: ServerConnection, value: Any) -> None:
        await connection.send(json.dumps(value).encode())


class AnswersInvalid(Shop):
    async def invalid(self, connection: ServerConnection, problem: ValueError) -> None:
        await self.say(connection, self.confirmation({"reference": "none"}))


class MissesUnknownFields(Shop):
    def parsed(self, text: str | bytes) -> Any:
        value = json.loads(text)
        known = {"type", "reference", "items", "note"}
        return super().parsed(
            json.dumps({k: v for k, v in value.items() if k in known} if isinstance(value, dict) else value)
        )


class DiesOfInvalid(Shop):
    async def invalid(self, connection: ServerConnection, problem: ValueError) -> None:
        connection.transport.abort()


class CrashesOnInvalid(Shop):
    async def invalid(self, connection: ServerConnection, problem: ValueError) -> None:
        await connection.close(1011, "KeyError")


class PassesInvalidOn(Shop):
    async def received(self, connection: ServerConnection, path: str, frame: str | bytes) -> None:
        await super().received(connection, path, frame)
        await connection.send(frame)


class LeaksAcrossRooms(Shop):
    def hearers(self, connection: ServerConnection, path: str) -> set[ServerConnection]:
        alike = [there for name, there in self.rooms.items() if name.endswith("/orders")]
        return {each for there in alike for each in there} - {connection}


class LetsStrangersIn(Shop):
    def refuses(self, request: Request) -> int | None:
        status = super().refuses(request)
        return None if status == 401 else status


class TakesAnyToken(Shop):
    def refuses(self, request: Request) -> int | None:
        status = super().refuses(request)
        return None if status == 403 else status


class TurnsEverybodyAway(Shop):
    def refuses(self, request: Request) -> int | None:
        return super().refuses(request) or 403


class IgnoresTheBinding(Shop):
    def refuses(self, request: Request) -> int | None:
        status = super().refuses(request)
        return None if status == 400 else status


class FailsOnTheBinding(Shop):
    def refuses(self, request: Request) -> int | None:
        status = super().refuses(request)
        return 500 if status == 400 else status


class NoSubprotocol(Shop):
    subprotocols = ()


class WrongSubprotocol(Shop):
    def subprotocol(self, _: ServerConnection, offered: Any) -> Subprotocol | None:
        return offered[0] if offered else None


class InventedSubprotocol(Shop):
    def subprotocol(self, _: ServerConnection, offered: Any) -> Subprotocol | None:
        return Subprotocol("orders.v0")


class ChattersOnOpen(Shop):
    async def opened(self, connection: ServerConnection, path: str) -> None:
        await connection.send(json.dumps({"type": "welcome"}))


class BadNews(Shop):
    async def opened(self, connection: ServerConnection, path: str) -> None:
        if path.endswith("/news"):
            await connection.send(json.dumps({"type": "shipped", "parcel": "one"}))


class GoesAwayOnOpen(Shop):
    async def opened(self, connection: ServerConnection, path: str) -> None:
        await connection.close(1011, "out of memory")


FAULTY: tuple[type[Shop], ...] = tuple(
    each for each in list(globals().values()) if isinstance(each, type) and issubclass(each, Shop) and each is not Shop
)
