"""Floods: too much of something, by one client, while another one wants an answer."""

import asyncio
import json
import resource
import time
import urllib.error
import zlib

from soaking.bars import Report, percentile
from soaking.clients import CLOSE, PING, Client, Neighbour, all_of, connected, frame
from soaking.mock import Mock, mock

PIECE = 6000 * 42  # bytes, of whole frames of 6 or 7: a pong goes in between
LONGEST = 300  # seconds for all that one client has said
SLACK = ("--on-invalid", "ignore", "--journal-limit", "100")


async def _pour(client: Client, content: bytes) -> None:
    """Say all of it, as fast as it is taken, unless the mock has enough."""
    for at in range(0, len(content), PIECE):
        client.transport.write(content[at : at + PIECE])
        while client.transport.get_write_buffer_size() > PIECE and not client.gone.done():
            await asyncio.sleep(0.001)
        if client.gone.done():
            return
    while client.transport.get_write_buffer_size() and not client.gone.done():
        await asyncio.sleep(0.001)


async def _flooded(report: Report, served: Mock, what: str, content: bytes) -> Client:
    async with await Neighbour.at(served.port) as neighbour:
        await asyncio.sleep(0.5)
        neighbour.waits.clear()
        client = await connected(served.port, "/rooms/flood")
        began = time.monotonic()
        await _pour(client, content)
        client.transport.write(frame(CLOSE, b"\x03\xe8"))
        await asyncio.wait_for(client.gone, LONGEST)
        took = time.monotonic() - began
        await asyncio.sleep(0.3)
    report.note(what, f"{took:.1f} s, closed with {client.code}")
    report.seconds("  the neighbour's p99", percentile(neighbour.waits, 99), 0.25)
    report.seconds("  the neighbour's worst", max(neighbour.waits), 1.0)
    return client


async def tiny_frames(report: Report, scale: float) -> None:
    """6 MB of tiny frames of one client, of several kinds."""
    count = int(857_000 * scale)
    with mock(*SLACK) as served:
        memory = served.memory()
        served.forget_peak()
        await _flooded(report, served, "messages of one byte", frame(1, b"1") * count)
        await _flooded(report, served, "empty messages", frame(1) * count)
        client = await _flooded(report, served, "empty fragments", frame(1, first=0) + frame(0, first=0) * count)
        report.exactly("  fragments are closed with", client.code, 1008)
        client = await _flooded(report, served, "pings", frame(PING) * count)
        report.exactly("  pings are closed with", client.code, 1008)
        report.mebibytes("most memory meanwhile", served.peak() - memory, 16)


async def bomb(report: Report, scale: float) -> None:
    """A message of 1 MB that unpacks to 1 GiB."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    zeros = bytes(1 << 20)
    packed = b"".join(packer.compress(zeros) for _ in range(int(1024 * scale))) + packer.flush(zlib.Z_SYNC_FLUSH)
    with mock("--compression", "--max-message", "1MiB") as served:
        warm = await connected(served.port)
        memory = served.memory()
        served.forget_peak()
        client = await connected(served.port, more="Sec-WebSocket-Extensions: permessage-deflate\r\n")
        report.exactly("compression was agreed on", b"permessage-deflate" in client.head, True)
        content = packed[:-4][: (1 << 20) - 64]
        client.transport.write(frame(1, content, first=0xC0))
        await asyncio.wait_for(client.gone, 30)
        report.exactly(f"{len(content)} bytes of it are closed with", client.code, 1009)
        report.mebibytes("most memory meanwhile", served.peak() - memory, 16)
        warm.transport.abort()


async def slowloris(report: Report, scale: float) -> None:
    """500 clients that say nothing, or half a head, over TCP; 200 that begin no TLS handshake."""
    count = int(500 * scale)
    with mock() as served:
        await _silent(report, served, count, b"GET /rooms/lobby HTTP/1.1\r\nHost: a\r\nX: y")
    with mock("--ssl-self-signed") as served:
        await _silent(report, served, int(200 * scale), b"\x16\x03\x01\x02\x00")


async def _silent(report: Report, served: Mock, count: int, half: bytes) -> None:
    before = served.descriptors()
    held = [await asyncio.open_connection("127.0.0.1", served.port) for _ in range(count)]
    began = time.monotonic()
    for _, writer in held[::2]:
        writer.write(half)
    await asyncio.wait_for(asyncio.gather(*(_end_of(reader) for reader, _ in held)), 30)
    report.seconds(f"until {count} silent clients were gone", time.monotonic() - began, 6)
    for _, writer in held:
        writer.close()
    await served.until(lambda: served.descriptors() <= before)
    report.at_most("descriptors more than before", served.descriptors() - before, 0)


async def _end_of(reader: asyncio.StreamReader) -> None:
    try:
        while await reader.read(4096):
            pass
    except OSError:
        pass


async def heads(report: Report, scale: float) -> None:  # noqa: ARG001  # it is short
    """Heads that are too long, and one that is just not."""
    with mock() as served:
        for name, content, status in (
            ("a cookie of 30 KB", f"GET / HTTP/1.1\r\nHost: localhost\r\nCookie: a={'b' * 30_000}\r\n\r\n", 404),
            ("a header of 60 KB", f"GET / HTTP/1.1\r\nHost: localhost\r\nX: {'b' * 60_000}\r\n\r\n", 431),
            ("101 headers", "GET / HTTP/1.1\r\n" + "X: y\r\n" * 101 + "\r\n", 431),
            ("a target of 60 KB", f"GET /{'a' * 60_000} HTTP/1.1\r\nHost: localhost\r\n\r\n", 414),
        ):
            took = []
            for _ in range(20):
                reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
                began = time.monotonic()
                writer.write(content.encode())
                answer = await reader.readline()
                took.append(time.monotonic() - began)
                writer.transport.abort()
            report.exactly(f"{name} is answered with", int(answer.split()[1]), status)
            report.seconds("  median of 20", percentile(took, 50), 0.1)


async def descriptors(report: Report, scale: float) -> None:
    """A mock that may have 256 descriptors, and 1,000 clients."""
    count = int(1000 * scale)
    with mock("--max-connections", "10000", limits=((resource.RLIMIT_NOFILE, 256),)) as served:
        await _crowded(report, served, count)
    with mock(limits=((resource.RLIMIT_NOFILE, 256),)) as served:
        silent = [await asyncio.open_connection("127.0.0.1", served.port) for _ in range(count)]
        await asyncio.sleep(2)
        began = time.monotonic()
        for _, writer in silent:
            writer.transport.abort()
        await _until_back(served)
        report.seconds(f"back after {count} silent sockets", time.monotonic() - began, 1)
        report.at_most("bytes of log", len(served.log()), 10_000)


async def _crowded(report: Report, served: Mock, count: int) -> None:
    clients = await all_of((lambda: _asked(served.port) for _ in range(count)), 50)
    answers = [each.open.result() for each in clients]
    report.note("let in", answers.count(101))
    refused = [each for each in clients if each.open.result() == 503]
    report.exactly("told 503, of the others", len(refused), count - answers.count(101))
    report.exactly("with Retry-After", all(b"retry-after: 1" in each.head.lower() for each in refused), True)
    report.exactly("the admin API still answers", served.ask("/connections")[0], 200)
    report.note("descriptors in use", served.descriptors())
    report.at_most("bytes of log, without those of exchanges", len(_complaints(served)), 10_000)
    for each in clients:
        each.transport.abort()
    began = time.monotonic()
    await _until_back(served)
    report.seconds("back after they are gone", time.monotonic() - began, 1)


async def _asked(port: int) -> Client:
    return await connected(port)


def _complaints(served: Mock) -> str:
    lines = served.log().splitlines()
    return "\n".join(each for each in lines if json.loads(each)["event"] in ("log", "suppressed"))


async def _until_back(served: Mock) -> None:
    """Ask until the admin API answers, and a client is let in."""
    while True:
        try:
            if (await asyncio.to_thread(served.ask, "/health", timeout=1.0))[0] == 200:
                client = await connected(served.port)
                client.transport.abort()
                if client.open.result() == 101:
                    return
        except (OSError, urllib.error.URLError, TimeoutError):
            pass
        await asyncio.sleep(0.02)
