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
    image: mockws # `docker build -t mockws .` in a clone of mockws makes it
    command: [serve, /specs/asyncapi.yaml, --stubs, /stubs]
    read_only: true
    environment:
      MOCKWS_ADMIN_TOKEN: for-this-project-only
    volumes:
      - ./asyncapi.yaml:/specs/asyncapi.yaml:ro
      - ./stubs:/stubs:ro
    ports:
      - "127.0.0.1:8080:8080"

  # Put your own consumer in its place. All that it needs is the URL.
  consumer:
    image: mockws
    depends_on:
      mock:
        condition: service_healthy
    entrypoint: [sh, -c, "echo /send PlaceOrder | mockws connect orders --count 1 --wait 10s"]
    environment:
      MOCKWS_URL: http://mock:8080
      MOCKWS_ADMIN_TOKEN: for-this-project-only
"""

TEST = '''\
"""A consumer of the shop against its mock. Put your own client in the place of `order`."""

import json
from pathlib import Path
from typing import Any

import pytest
from mockws.testing import Mock
from websockets.sync.client import connect

SHOP = Path(__file__).parent.parent
PATIENCE = 5  # seconds

pytestmark = pytest.mark.mockws(document=SHOP / "asyncapi.yaml", stubs=[SHOP / "stubs"], assert_all_valid=True)


def order(url: str, item: str, quantity: int) -> Any:
    """Order something, and give the answer."""
    with connect(url) as client:
        client.send(json.dumps({"type": "place", "item": item, "quantity": quantity}))
        return json.loads(client.recv(timeout=PATIENCE))


def test_an_order_is_placed(mockws: Mock) -> None:
    answer = order(mockws.url_for("orders"), "tea", 2)

    assert answer["type"] == "placed"
    mockws.assert_received("PlaceOrder", json={"item": "tea"}, count=1)


def test_an_order_for_too_much_is_refused(mockws: Mock) -> None:
    answer = order(mockws.url_for("orders"), "tea", 101)

    assert answer == {"type": "refused", "reason": "not so much tea"}
'''

FILES = {
    "asyncapi.yaml": DOCUMENT,
    "stubs/shop.yaml": STUBS,
    "docker-compose.yaml": COMPOSE,
    "tests/test_shop.py": TEST,
}
