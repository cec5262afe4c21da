"""The conversation with `websocket-client`."""

import json
import sys
from typing import Any

from websocket import ABNF, WebSocket, create_connection

PATIENCE = 20  # seconds


def heard(socket: WebSocket, kind: int) -> Any:
    """Give the next frame of a kind; it answers pings by itself."""
    while (said := socket.recv_data(control_frame=True))[0] != kind:
        assert said[0] == ABNF.OPCODE_PING, said
    return said[1]


def closed(socket: WebSocket) -> dict[str, Any]:
    end = heard(socket, ABNF.OPCODE_CLOSE)
    return {"code": int.from_bytes(end[:2], "big"), "reason": end[2:].decode()}


def converse(url: str, protocols: list[str], order: str, broken: str) -> dict[str, Any]:
    socket = create_connection(url, subprotocols=protocols, timeout=PATIENCE)
    socket.send(order)
    answer = json.loads(heard(socket, ABNF.OPCODE_TEXT))
    socket.ping("here?")
    pong = heard(socket, ABNF.OPCODE_PONG) == b"here?"
    socket.send(broken)
    seen = {"subprotocol": socket.getsubprotocol(), "answer": answer, "broken": closed(socket), "pong": pong}
    return {**seen, "stranger": closed(create_connection(url, timeout=PATIENCE))}


print(json.dumps(converse(**json.loads(sys.argv[1]))))
