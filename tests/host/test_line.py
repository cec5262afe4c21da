"""What is left of a connection that is gone: nothing that a collector would have to look for."""

import asyncio
import gc
import socket
import struct
from collections import Counter

from websockets.asyncio.client import ClientConnection, connect

from mockws.app import Mock
from mockws.host.attention import Attention
from mockws.host.direct import Direct
from mockws.host.framing import Reader
from mockws.host.keepalive import Keepalive
from mockws.host.server import running
from mockws.host.wayward import Wayward
from mockws.host.wire import DirectWebSocket, Http
from mockws.settings import Settings

CHAT = "specification/chat.yaml"
OURS = (Direct, Wayward, DirectWebSocket, Http, Reader, Attention, Keepalive)


def there() -> Counter[str]:
    return Counter(type(each).__name__ for each in gc.get_objects() if type(each) in OURS)


def reset(client: ClientConnection) -> None:
    raw: socket.socket = client.transport.get_extra_info("socket")
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.transport.abort()


def test_a_connection_that_is_gone_leaves_nothing_to_the_collector() -> None:
    async def scenario() -> None:
        mock = Mock.of(CHAT, Settings(port=0, watch=False, idle_timeout=60.0))
        async with asyncio.timeout(15), running(mock) as port:
            before = there()
            for turn in range(10):
                client = await connect(f"ws://127.0.0.1:{port}/rooms/lobby")
                await client.send('{"type":"chat","user":"ada","text":"hi"}')
                if turn % 2:
                    reset(client)
                else:
                    await client.close()
            while there() != before:
                await asyncio.sleep(0.01)

    gc.collect()
    gc.disable()
    try:
        asyncio.run(scenario())
    finally:
        gc.enable()
