"""The conversation that each client has with the mock, and what it has to see of it.

A client is a process of its own: it is told all of this as JSON in its first argument, and prints what it saw as one
line of JSON. It knows nothing of mocks.
"""

from typing import Any

from mockws.testing import Mock

DOCUMENT = "specification/trading-secure.yaml"
CHANNEL = "/v1/trading/orders"
ORDER = '{"clientOrderId": "c-1", "symbol": "ACME", "side": "buy", "quantity": 100, "price": 12.5}'
BROKEN = '{"clientOrderId": "c-1", "symbol": "ACME", "side": "buy", "quantity": 100}'
TOKEN = ["bearer", "t-1"]  # as subprotocols: a browser can set no header

SEEN = {
    "subprotocol": "bearer",
    "answer": {"clientOrderId": "c-1", "orderId": "o-501", "status": "accepted"},
    "broken": {"code": 1008, "reason": "placeOrder: /price: is required"},
    "stranger": {"code": 4401, "reason": "no credentials"},
    "pong": True,
}
JOURNAL = [  # of the first connection, without the pings of the client, which is answered without a word
    ("open", None),
    ("ping", "out"),
    ("pong", "in"),
    ("message", "in"),
    ("message", "out"),
    ("message", "in"),
    ("close", None),
]


def told(mock: Mock) -> dict[str, Any]:
    """Give what a client is told."""
    return {"url": mock.url + CHANNEL, "protocols": TOKEN, "order": ORDER, "broken": BROKEN}
