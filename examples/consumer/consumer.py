"""A consumer of the order API: places an order, and waits for the news of it on another channel.

ORDERS_URL says where the API is. It knows nothing of mocks.
"""

import json
import os

from websockets.sync.client import connect

PATIENCE = 10  # seconds
ORDER = {"id": 10, "orderItems": [{"id": 1, "name": "Macbook", "quantity": 1, "price": 2000}]}


def main() -> None:
    """Place one order, and print what became of it."""
    base = os.environ.get("ORDERS_URL", "ws://127.0.0.1:8080")
    with connect(f"{base}/wip-orders") as news, connect(f"{base}/new-orders") as orders:
        orders.send(json.dumps(ORDER))
        order = json.loads(news.recv(timeout=PATIENCE))
    print(f"order {order['id']} is {order['status']}, {order['totalAmount']} in all", flush=True)


if __name__ == "__main__":
    main()
