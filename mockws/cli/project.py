"""What a new project begins with: a document, a stub file, a Compose file, and a test of a consumer."""

DOCUMENT = """\
asyncapi: 3.0.0

info:
  title: Shop
  version: 1.0.0
  description: Orders are placed over one WebSocket, and answered there.

defaultContentType: application/json

servers:
  local:
    host: localhost:8080
    protocol: ws

channels:
  orders:
    address: /orders
    messages:
      PlaceOrder:
        payload:
          type: object
          required: [type, item, quantity]
          properties:
            type: {type: string, const: place}
            item: {type: string, minLength: 1}
            quantity: {type: integer, minimum: 1}
        examples:
          - name: TEA
            payload: {type: place, item: tea, quantity: 2}
      OrderPlaced:
        payload:
          type: object
          required: [type, item, orderId]
          properties:
            type: {type: string, const: placed}
            item: {type: string}
            orderId: {type: integer, minimum: 1}
        examples:
          - name: TEA
            payload: {type: placed, item: tea, orderId: 1}
      OrderRefused:
        payload:
          type: object
          required: [type, reason]
          properties:
            type: {type: string, const: refused}
            reason: {type: string}
        examples:
          - name: SOLD_OUT
            payload: {type: refused, reason: sold out}
      OrderShipped:
        payload:
          type: object
          required: [type, orderId]
          properties:
            type: {type: string, const: shipped}
            orderId: {type: integer, minimum: 1}
        examples:
          - name: FIRST
            payload: {type: shipped, orderId: 1}

# Told from the server's side: it receives what clients send.
operations:
  placeOrder:
    action: receive
    channel: {$ref: '#/channels/orders'}
    messages: [{$ref: '#/channels/orders/messages/PlaceOrder'}]
    reply:
      messages: [{$ref: '#/channels/orders/messages/OrderPlaced'}]
  refuseOrder:
    action: send
    channel: {$ref: '#/channels/orders'}
    messages: [{$ref: '#/channels/orders/messages/OrderRefused'}]
  shipOrder:
    action: send
    channel: {$ref: '#/channels/orders'}
    messages: [{$ref: '#/channels/orders/messages/OrderShipped'}]
"""

STUBS = """\
version: 1
document: asyncapi.yaml
expectations:
# An order is answered as the document says. One for more than a hundred is refused, after a while.
- id: sold-out
  trigger:
    channel: orders
    message: {name: PlaceOrder, body: {matchesJsonPath: {expression: $.quantity, greaterThanNumber: 100}}}
  actions:
  - delay: 100ms
  - reply: {message: OrderRefused, with: {reason: "not so much {{ message.json.item }}"}}
"""

COMPOSE = """\
# The mock beside a consumer that waits until it is healthy: docker compose up --exit-code-from consumer
services:
  mock:
    image: mockws  # `docker build -t mockws .` in a clone of mockws makes it
    command: [serve, /specs/asyncapi.yaml, --stubs, /stubs]
    read_only: true
    volumes:
      - ./:/specs:ro
      - ./stubs:/stubs:ro
    ports:
      - "127.0.0.1:8080:8080"

  consumer:
    image: python:3.13-slim
    depends_on:
      mock:
        condition: service_healthy
    working_dir: /project
    command: sh -c "pip install --quiet pytest websockets && pytest -p no:cacheprovider tests"
    environment:
      SHOP_URL: ws://mock:8080
    volumes:
      - ./:/project:ro
"""

TEST = '''\
"""A consumer of the shop against its mock. Put your own client in the place of `order`."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from websockets.sync.client import connect

PROJECT = Path(__file__).parent.parent
PATIENCE = 5  # seconds
SERVE = ["serve", "asyncapi.yaml", "--stubs", "stubs", "--port", "0", "--log-format", "json"]


@pytest.fixture(scope="session")
def shop() -> Iterator[str]:
    """Give the URL of the shop: SHOP_URL, else that of a mock of our own, on a free port."""
    if "SHOP_URL" in os.environ:
        yield os.environ["SHOP_URL"]
        return
    command = [sys.executable, "-m", "mockws", *SERVE]
    with subprocess.Popen(command, cwd=PROJECT, stderr=subprocess.PIPE, text=True) as mock:
        assert mock.stderr is not None
        said = (json.loads(line) for line in mock.stderr if line.startswith("{"))
        ready = next((line for line in said if line["event"] == "ready"), None)
        assert ready is not None, "the mock did not start: mockws check asyncapi.yaml --stubs stubs"
        yield ready["urls"][0].removesuffix("/orders")
        mock.terminate()


def order(shop: str, item: str, quantity: int) -> Any:
    """Order something, and give the answer."""
    with connect(f"{shop}/orders") as client:
        client.send(json.dumps({"type": "place", "item": item, "quantity": quantity}))
        return json.loads(client.recv(timeout=PATIENCE))


def test_an_order_is_placed(shop: str) -> None:
    answer = order(shop, "tea", 2)

    assert answer["type"] == "placed"


def test_an_order_for_too_much_is_refused(shop: str) -> None:
    answer = order(shop, "tea", 101)

    assert answer == {"type": "refused", "reason": "not so much tea"}
'''

FILES = {
    "asyncapi.yaml": DOCUMENT,
    "stubs/shop.yaml": STUBS,
    "docker-compose.yaml": COMPOSE,
    "tests/test_shop.py": TEST,
}
