"""Clients that come and go, in every way that there is: does anything of them stay?"""

import asyncio
import random
import signal
import sys
import time
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

from soaking.bars import Report
from soaking.clients import Client, all_of, connected, frame, said
from soaking.mock import Mock, mock

# The journal is full before anything is measured: what it holds is meant to stay.
JOURNAL = ("--journal-limit", "500")
AT_A_TIME = 50


async def _clean(client: Client) -> None:
    await client.close()


async def _reset(client: Client) -> None:
    client.reset()


async def _cycle(served: Mock, leave: Callable[[Client], Awaitable[None]], room: int) -> None:
    client = await connected(served.port, f"/rooms/{room % 97}", context=served.context)
    client.transport.write(said("hello"))
    await leave(client)


async def _rounds(served: Mock, leave: Callable[[Client], Awaitable[None]], count: int) -> None:
    await all_of((partial(_cycle, served, leave, room) for room in range(count)), AT_A_TIME)
    await served.until(served.is_empty)


async def _half_open(served: Mock, count: int) -> None:
    """Leave clients behind that never read nor say anything again, as if their cable had been cut."""
    before = served.descriptors()
    for start in range(0, count, 1000):
        clients = [await connected(served.port, f"/rooms/{room % 97}") for room in range(min(1000, count - start))]
        for each in clients:
            each.transport.pause_reading()
        await served.until(served.is_empty)
        for each in clients:
            each.transport.abort()
        await served.until(lambda: served.descriptors() <= before, 5)


async def _measured(served: Mock, report: Report, rounds: Callable[[int], Awaitable[None]], scale: float) -> None:
    await rounds(int(2000 * scale))
    memory, descriptors = served.memory(), served.descriptors()
    began = time.monotonic()
    await rounds(int(10_000 * scale))
    report.note(f"{int(10_000 * scale)} cycles took", f"{time.monotonic() - began:.0f} s")
    report.mebibytes("memory after them", served.memory() - memory, 2)
    await served.until(lambda: served.descriptors() <= descriptors, 2)
    report.at_most("descriptors more than before", served.descriptors() - descriptors, 0)
    report.exactly("connections left", served.connections(), 0)
    report.exactly("tracebacks", served.log().count("Traceback"), 0)


async def cycles_clean(report: Report, scale: float) -> None:
    """10,000 clients come, say something, and say goodbye."""
    with mock(*JOURNAL) as served:
        await _measured(served, report, lambda count: _rounds(served, _clean, count), scale)


async def cycles_reset(report: Report, scale: float) -> None:
    """10,000 clients come, say something, and go by a TCP reset."""
    with mock(*JOURNAL) as served:
        await _measured(served, report, lambda count: _rounds(served, _reset, count), scale)


async def cycles_half_open(report: Report, scale: float) -> None:
    """10,000 clients come and fall silent without an end: pings find that out."""
    with mock(*JOURNAL, "--ping-interval", "500ms", "--ping-timeout", "500ms", "--stop-timeout", "500ms") as served:
        await _measured(served, report, lambda count: _half_open(served, count), scale)


async def cycles_tls(report: Report, scale: float) -> None:
    """5,000 clients come over TLS, say something, and say goodbye or go by a reset."""
    with mock(*JOURNAL, "--ssl-self-signed") as served:

        async def either(client: Client) -> None:
            await (_clean(client) if random.random() < 0.5 else _reset(client))

        await _measured(served, report, lambda count: _rounds(served, either, count), scale / 2)


async def killed(report: Report, scale: float) -> None:
    """A process with 1,000 clients is killed by kill -9, five times."""
    with mock(*JOURNAL) as served:
        memory, descriptors, longest = 0, 0, 0.0
        for turn in range(7):
            count = int(1000 * scale)
            crowd = await asyncio.create_subprocess_exec(
                sys.executable, str(Path(__file__).parent / "crowd.py"), str(served.port), str(count),
                stdout=asyncio.subprocess.PIPE,
            )  # fmt: skip
            assert crowd.stdout is not None
            await crowd.stdout.readline()
            there = served.connections()
            crowd.send_signal(signal.SIGKILL)
            took = await served.until(served.is_empty)
            await crowd.wait()
            if turn == 1:
                memory, descriptors = served.memory(), served.descriptors()
                report.exactly("clients that were there", there, count)
            longest = max(longest, took)
        report.seconds("until all of them were gone, at most", longest, 5)
        report.mebibytes("memory after five more times", served.memory() - memory, 2)
        await served.until(lambda: served.descriptors() <= descriptors, 2)
        report.at_most("descriptors more than before them", served.descriptors() - descriptors, 0)
        report.exactly("tracebacks", served.log().count("Traceback"), 0)


async def storm(report: Report, scale: float) -> None:
    """2,000 clients are thrown out at once, and all come back within a second."""
    count = int(2000 * scale)
    with mock(*JOURNAL) as served:
        clients = await all_of((lambda: connected(served.port) for _ in range(count)), 100)
        await asyncio.to_thread(served.ask, "/connections?code=1012", "DELETE")
        await asyncio.wait_for(asyncio.gather(*(each.gone for each in clients)), 30)
        report.exactly("clients that were told 1012", sum(each.code == 1012 for each in clients), count)
        began = time.monotonic()
        waits: list[float] = []

        async def back() -> int:
            await asyncio.sleep(random.random())
            asked = time.monotonic()
            client = await connected(served.port)
            waits.append(time.monotonic() - asked)
            return client.open.result()

        answers = await all_of((back for _ in range(count)), count)
        report.seconds("until the last of them was back", time.monotonic() - began, 5)
        report.note("longest handshake", f"{max(waits):.2f} s")
        report.exactly("handshakes that were answered with 101", answers.count(101), count)
        report.exactly("connections", served.connections(), count)


async def crowd(port: int, count: int) -> None:
    """Connect so many clients, say so, and stay."""
    clients = await all_of((lambda: connected(port, f"/rooms/{random.randrange(50)}") for _ in range(count)), 100)
    print("there", flush=True)
    while clients:
        await asyncio.sleep(0.01)
        random.choice(clients).transport.write(frame(1, b'{"type":"chat","user":"a","text":"b"}'))
