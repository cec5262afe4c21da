"""The conversation with `websockets`."""

import asyncio
import json
import sys
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed


async def closed(socket: ClientConnection) -> dict[str, Any]:
    try:
        await socket.recv()
    except ConnectionClosed as end:
        return {"code": end.rcvd and end.rcvd.code, "reason": end.rcvd and end.rcvd.reason}
    raise AssertionError("a message came, and no end")


async def converse(url: str, protocols: list[Any], order: str, broken: str) -> dict[str, Any]:
    async with connect(url, subprotocols=protocols) as socket:
        await socket.send(order)
        answer = json.loads(await socket.recv())
        await (await socket.ping())
        await socket.send(broken)
        end = await closed(socket)
    async with connect(url) as stranger:
        sent_away = await closed(stranger)
    seen = {"subprotocol": socket.subprotocol, "answer": answer, "broken": end, "stranger": sent_away}
    return {**seen, "pong": True}


print(json.dumps(asyncio.run(converse(**json.loads(sys.argv[1])))))
