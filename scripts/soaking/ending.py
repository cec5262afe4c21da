"""The end under load: everyone is told, and nobody holds it up."""

import asyncio
import contextlib
import signal
import time
from collections.abc import AsyncIterator

from soaking.bars import Report
from soaking.clients import Client, all_of, connected, said
from soaking.mock import Mock, mock

SLOW_STUB = {
    "trigger": {"type": "message"},
    "actions": [{"delay": "60s"}, {"reply": {"text": "late", "validate": False}}],
}


@contextlib.asynccontextmanager
async def _loaded(served: Mock, count: int) -> AsyncIterator[tuple[list[Client], list[Client]]]:
    """Give clients that read and those that do not, while some talk, scripts wait, and the admin API is asked."""
    served.ask("/expectations", "POST", SLOW_STUB)
    clients = await all_of((lambda: connected(served.port) for _ in range(count)), 100)
    asleep = [await connected(served.port, receive_buffer=4096) for _ in range(count // 10)]
    for each in asleep:
        each.transport.pause_reading()
    half = [await asyncio.open_connection("127.0.0.1", served.port) for _ in range(50)]
    for each in clients:
        each.transport.write(said("hello"))
    waiting = asyncio.create_task(
        asyncio.to_thread(_quietly, served, "/connections/wait", {"count": 10**6, "timeout": "60s"})
    )
    stream_reader, stream = await asyncio.open_connection("127.0.0.1", served.port)
    stream.write(b"GET /__admin/journal/stream HTTP/1.1\r\nHost: localhost\r\n\r\n")
    await stream_reader.readline()
    talking = asyncio.create_task(_talk(clients[: count // 10]))
    await asyncio.sleep(0.5)
    yield clients, asleep
    talking.cancel()
    await asyncio.gather(talking, return_exceptions=True)
    for each in (*clients, *asleep):
        each.transport.abort()
    for _, writer in (*half, (stream_reader, stream)):
        writer.transport.abort()
    await waiting


def _quietly(served: Mock, path: str, body: object) -> None:
    with contextlib.suppress(OSError, ValueError):
        served.ask(path, "POST", body, timeout=30)


async def _talk(clients: list[Client]) -> None:
    while True:
        for each in clients:
            if not each.transport.is_closing():
                each.transport.write(said("x" * 1000))
        await asyncio.sleep(0.05)


async def stop(report: Report, scale: float) -> None:
    """SIGTERM with 1,000 clients that talk or wait for a script, 100 who sleep, silent ones, and a long question."""
    count = int(1000 * scale)
    with mock("--journal-limit", "1000") as served:
        async with _loaded(served, count) as (clients, _):
            code, took = await asyncio.to_thread(served.end)
            await asyncio.wait_for(asyncio.gather(*(each.gone for each in clients)), 10)
            report.exactly("exit code", code, 0)
            report.seconds("until the end", took, 5)
            report.exactly("clients that were told 1012", sum(each.code == 1012 for each in clients), count)
            report.exactly("tracebacks", served.log().count("Traceback"), 0)


async def stop_twice(report: Report, scale: float) -> None:
    """A second SIGTERM while the first one waits for those who sleep."""
    with mock("--stop-timeout", "60s") as served:
        async with _loaded(served, int(200 * scale)):
            served.process.send_signal(signal.SIGTERM)
            await asyncio.sleep(0.5)
            began = time.monotonic()
            code, _ = await asyncio.to_thread(served.end)
            report.seconds("until the end", time.monotonic() - began, 1)
            report.exactly("exit code", code, 0)
            report.exactly("tracebacks", served.log().count("Traceback"), 0)
