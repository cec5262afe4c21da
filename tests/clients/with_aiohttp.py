"""The conversation with `aiohttp`."""

import asyncio
import json
import sys
from typing import Any

from aiohttp import ClientSession, ClientWebSocketResponse, WSMsgType


async def closed(socket: ClientWebSocketResponse) -> dict[str, Any]:
    end = await socket.receive()
    assert end.type is WSMsgType.CLOSE, end
    return {"code": end.data, "reason": end.extra}


async def heard(socket: ClientWebSocketResponse, kind: WSMsgType) -> Any:
    """Give the next message of a kind; as it is told of pings too, it has to answer them itself."""
    while (said := await socket.receive()).type is not kind:
        assert said.type is WSMsgType.PING, said
        await socket.pong(said.data)
    return said.data


async def converse(url: str, protocols: list[str], order: str, broken: str) -> dict[str, Any]:
    async with ClientSession() as session:
        async with session.ws_connect(url, protocols=protocols, autoping=False, autoclose=False) as socket:
            await socket.send_str(order)
            answer = json.loads(await heard(socket, WSMsgType.TEXT))
            await socket.ping(b"here?")
            pong = await heard(socket, WSMsgType.PONG) == b"here?"
            await socket.send_str(broken)
            end = await closed(socket)
        async with session.ws_connect(url, autoclose=False) as stranger:
            sent_away = await closed(stranger)
    seen = {"subprotocol": socket.protocol, "answer": answer, "broken": end, "stranger": sent_away}
    return {**seen, "pong": pong}


print(json.dumps(asyncio.run(converse(**json.loads(sys.argv[1])))))
