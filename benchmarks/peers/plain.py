"""The plain way in Python: Starlette on uvicorn, `json` and `jsonschema`. Arguments: a port, and a file of schemas."""

import json
import sys
from pathlib import Path

import uvicorn
from jsonschema import Draft7Validator
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

PORT, SCHEMAS = int(sys.argv[1]), json.loads(Path(sys.argv[2]).read_text("utf-8"))
VALIDATORS = {kind: Draft7Validator(schema) for kind, schema in SCHEMAS.items()}


async def orders(socket: WebSocket) -> None:
    """Answer each order with its identifiers."""
    await socket.accept()
    try:
        while True:
            order = json.loads(await socket.receive_text())
            validator = VALIDATORS.get(order.get("type"))
            if validator is None or next(validator.iter_errors(order), None) is not None:
                await socket.close(1008, "invalid")
                return
            known = {"requestId": order["requestId"], "orderId": order["orderId"]}
            said = {"type": "order.accepted", **known, "status": "ACCEPTED", "total": 19.99}
            await socket.send_text(json.dumps(said))
    except WebSocketDisconnect:
        return


if __name__ == "__main__":
    app = Starlette(routes=[WebSocketRoute("/orders", orders)])
    uvicorn.run(app, host="127.0.0.1", port=PORT, log_level="warning", ws_per_message_deflate=False)
