"""What is measured with: documents, schemas, messages and expectations, all made from one order."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

JSON = dict[str, Any]
ORDERS = Path(__file__).parent / "orders.ndjson"
KIND = "order.create"
LARGE = 2 << 20  # bytes

ITEM: JSON = {
    "type": "object",
    "additionalProperties": False,
    "required": ["sku", "quantity", "price"],
    "properties": {
        "sku": {"type": "string", "pattern": "^SKU-[0-9]{4}$"},
        "quantity": {"type": "integer", "minimum": 1, "maximum": 999},
        "price": {"type": "number", "minimum": 0},
    },
}
ACCEPTED: JSON = {
    "type": "object",
    "required": ["type", "requestId", "orderId", "status"],
    "properties": {
        "type": {"const": "order.accepted"},
        "requestId": {"type": "string"},
        "orderId": {"type": "string"},
        "status": {"enum": ["PENDING", "ACCEPTED"]},
        "total": {"type": "number"},
    },
}
EXAMPLE: JSON = {
    "type": "order.accepted", "requestId": "req-1", "orderId": "o-1", "status": "ACCEPTED", "total": 19.99
}  # fmt: skip


def kinds(count: int) -> list[str]:
    """Name so many kinds of order."""
    return [KIND] if count == 1 else [f"{KIND}.{number}" for number in range(count)]


def schema(kind: str) -> JSON:
    """Give the JSON Schema of one kind of order."""
    properties = {
        "type": {"const": kind},
        "requestId": {"type": "string", "minLength": 1},
        "orderId": {"type": "string", "pattern": "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"},
        "customerId": {"type": "string", "pattern": "^cust-[0-9]+$"},
        "createdAt": {"type": "string", "minLength": 10},
        "currency": {"enum": ["EUR", "USD", "GBP"]},
        "items": {"type": "array", "minItems": 1, "maxItems": 50, "items": ITEM},
    }
    return {"type": "object", "additionalProperties": False, "required": [*properties], "properties": properties}


def schemas(count: int) -> JSON:
    """Give the schemas of so many kinds, by kind: what the servers that are written by hand go by."""
    return {kind: schema(kind) for kind in kinds(count)}


def document(count: int, *, channels: int = 1) -> JSON:
    """Write an AsyncAPI document of so many kinds of order, at so many channels."""
    names = ["orders", *(f"orders{number}" for number in range(1, channels))]
    asked = {f"Order{number}": {"payload": schema(kind)} for number, kind in enumerate(kinds(count))}
    said = {"payload": ACCEPTED, "examples": [{"name": "accepted", "payload": EXAMPLE}]}
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Orders, as they are measured", "version": "1.0.0"},
        "channels": {name: {"address": f"/{name}", "messages": {**asked, "Accepted": said}} for name in names},
        "operations": {f"place{name}": _operation(name, asked) for name in names},
    }


def _operation(channel: str, asked: Mapping[str, Any]) -> JSON:
    place = f"#/channels/{channel}"
    return {
        "action": "receive",
        "channel": {"$ref": place},
        "messages": [{"$ref": f"{place}/messages/{name}"} for name in asked],
        "reply": {"channel": {"$ref": place}, "messages": [{"$ref": f"{place}/messages/Accepted"}]},
    }


def messages(count: int) -> str:
    """Give the orders, one a line, each of the next kind."""
    lines = ORDERS.read_text("utf-8").splitlines()
    named = kinds(count)
    return "\n".join(line.replace(KIND, named[place % count], 1) for place, line in enumerate(lines)) + "\n"


def expectations(count: int, channel: str) -> JSON:
    """Expect so many things on a channel."""
    return {"expectations": [_expectation(number, channel) for number in range(count)]}


def _expectation(number: int, channel: str) -> JSON:
    matcher = {"matchesJsonPath": {"expression": "$.requestId", "equalTo": f"req-{number}"}}
    trigger = {"channel": channel, "message": {"body": matcher}}
    return {"id": f"e{number}", "trigger": trigger, "actions": [{"reply": {"message": "Accepted"}}]}


def environment() -> JSON:
    """Write a data file of Mockoon: a WebSocket that answers with the identifiers of an order."""
    names = ("requestId", "orderId")
    body = EXAMPLE | {name: f"{{{{lookup (jsonParse (body)) '{name}'}}}}" for name in names}
    answer = {"uuid": "a", "body": json.dumps(body), "bodyType": "INLINE", "default": True, "statusCode": 200}
    answer |= {"label": "", "headers": [], "latency": 0, "filePath": "", "databucketID": "", "sendFileAsBody": False}
    answer |= {"rules": [], "rulesOperator": "OR", "disableTemplating": False, "fallbackTo404": False, "callbacks": []}
    route = {"uuid": "r", "type": "ws", "endpoint": "orders", "responses": [answer], "method": "", "documentation": ""}
    return {
        "uuid": "e", "name": "orders", "lastMigration": 33, "port": 0, "hostname": "127.0.0.1", "endpointPrefix": "",
        "latency": 0, "folders": [], "rootChildren": [{"type": "route", "uuid": "r"}], "routes": [route],
        "proxyMode": False, "tlsOptions": {"enabled": False}, "cors": False, "headers": [], "data": [], "callbacks": [],
    }  # fmt: skip


def to_everybody() -> JSON:
    """Expect that an order is told to everybody."""
    return {"expectations": [{"id": "all", "trigger": {}, "actions": [{"send": {"to": "all", "message": "Accepted"}}]}]}


def large() -> str:
    """Write a document of about two megabytes."""
    size = len(json.dumps(document(8, channels=2))) - len(json.dumps(document(8)))
    return json.dumps(document(8, channels=LARGE // size))
