"""Clients that do not read: whoever does loses nothing by it, and memory does not grow."""

import asyncio
import json
import random
import time

from soaking.bars import MIB, Report
from soaking.clients import Client, connected, frame
from soaking.mock import Mock, mock

QUIET = ("--journal-limit", "100", "--journal-size", "4MiB", "--max-message", "2MiB")
LONG = random.Random(1).randbytes(32 << 10).hex()  # 64 KiB


def _message(number: int) -> bytes:
    return frame(1, json.dumps({"type": "chat", "user": "ada", "text": f"{number} {LONG}"}).encode())


def _number(payload: bytes) -> int:
    return int(payload[payload.index(b'"text"') :].split(b'"')[3].split(b" ")[0])


class Reader:
    """Remembers which messages came."""

    def __init__(self) -> None:
        self.seen: list[int] = []

    def __call__(self, payload: bytes) -> None:
        self.seen.append(_number(payload))


async def _sleepers(served: Mock, count: int) -> list[Client]:
    clients = [await connected(served.port, receive_buffer=4096) for _ in range(count)]
    for each in clients:
        each.transport.pause_reading()
    return clients


async def _broadcast(served: Mock, readers: int, messages: int) -> list[Reader]:
    """Say numbered messages to all; give what those who read have seen."""
    seen = [Reader() for _ in range(readers)]
    there = [await connected(served.port, hear=each) for each in seen]
    ada = await connected(served.port)
    for number in range(messages):
        ada.transport.write(_message(number))
        await asyncio.wait_for(asyncio.gather(*(each.until(number + 1) for each in there)), 60)
    for each in (*there, ada):
        each.transport.abort()
    return seen


async def _one_stuck(report: Report, messages: int, *arguments: str, stays: bool = False) -> None:
    with mock(*QUIET, *arguments) as served:
        await _broadcast(served, 5, 50)
        await served.until(served.is_empty)
        memory = served.memory()
        served.forget_peak()
        (stuck,) = await _sleepers(served, 1)
        began = time.monotonic()
        seen = await _broadcast(served, 5, messages)
        report.note(f"{messages} x 64 KiB to five readers and one who sleeps took", f"{time.monotonic() - began:.1f} s")
        wanted = list(range(messages))
        report.exactly("messages that came to the five, in order", sum(each.seen == wanted for each in seen), 5)
        report.mebibytes("most memory meanwhile", served.peak() - memory, 4)
        gone = await served.until(served.is_empty, 0.0 if stays else 10.0)
        if stays:
            report.exactly("the one who sleeps is still there", served.connections(), 1)
        else:
            report.seconds("until the one who sleeps was gone", gone, 10)
        stuck.transport.abort()


async def slow_reader(report: Report, scale: float) -> None:
    """One of six clients does not read 600 messages of 64 KiB; it is closed."""
    await _one_stuck(report, int(600 * scale))


async def slow_reader_tls(report: Report, scale: float) -> None:
    """The same over TLS, with one who reads."""
    with mock(*QUIET, "--ssl-self-signed") as served:
        reader = Reader()
        there = await connected(served.port, context=served.context, hear=reader)
        ada = await connected(served.port, context=served.context)
        stuck = await connected(served.port, context=served.context, receive_buffer=4096)
        memory = served.memory()
        served.forget_peak()
        stuck.transport.pause_reading()
        for number in range(int(300 * scale)):
            ada.transport.write(_message(number))
            await there.until(number + 1)
        whole = reader.seen == list(range(int(300 * scale)))
        report.exactly("all messages came to the one who reads, in order", whole, True)
        report.mebibytes("most memory meanwhile", served.peak() - memory, 6)
        for each in (there, ada):
            each.transport.abort()
        report.seconds("until the one who sleeps was gone", await served.until(served.is_empty, 10.0), 10)
        stuck.transport.abort()


async def drop_oldest(report: Report, scale: float) -> None:
    """The same with --outbox-policy drop-oldest: it stays."""
    await _one_stuck(report, int(600 * scale), "--outbox-policy", "drop-oldest", stays=True)


async def asleep(report: Report, scale: float) -> None:
    """100 messages of 64 KiB to 300 clients, a tenth of whom are asleep."""
    count, messages = int(300 * scale), 100
    with mock(*QUIET) as served:
        await _broadcast(served, count, 5)
        await served.until(served.is_empty)
        memory, descriptors = served.memory(), served.descriptors()
        served.forget_peak()
        sleeping = await _sleepers(served, count // 10)
        began = time.monotonic()
        seen = await _broadcast(served, count - count // 10, messages)
        report.note("took", f"{time.monotonic() - began:.1f} s")
        wanted = list(range(messages))
        whole = sum(each.seen == wanted for each in seen)
        report.exactly("readers who got all messages in order", whole, count - count // 10)
        most = len(sleeping) * 1.25 + 8  # an outbox for each, and what the system takes beside it
        report.mebibytes("most memory meanwhile", served.peak() - memory, most)
        report.seconds("until those asleep were gone", await served.until(served.is_empty, 10.0), 10)
        report.at_most("descriptors more than before", served.descriptors() - descriptors, 0)
        report.note("memory afterwards", f"{(served.memory() - memory) / MIB:+.1f} MiB")
        for each in sleeping:
            each.transport.abort()


async def paused(report: Report, scale: float) -> None:
    """With --outbox-policy pause a client that asks 20,000 times before it reads gets all its answers."""
    count = int(20_000 * scale)
    long = "x" * 4096
    with mock(*QUIET, "--outbox-policy", "pause", "--max-outbox", "256KiB") as served:
        stub = {"trigger": {"type": "message"}, "actions": [{"reply": {"text": long, "validate": False}}]}
        report.exactly("the expectation was taken", served.ask("/expectations", "POST", stub)[0], 201)
        memory = served.memory()
        served.forget_peak()
        client = await connected(served.port, receive_buffer=4096)
        client.transport.pause_reading()
        question = frame(1, b'{"type":"chat","user":"ada","text":"hello"}')
        for _ in range(count // 100):
            client.transport.write(question * 100)
        await asyncio.sleep(3)
        client.transport.resume_reading()
        await asyncio.wait_for(client.until(count), 120)
        report.exactly("answers that came", client.count, count)
        report.mebibytes("most memory meanwhile", served.peak() - memory, 4)
        client.transport.abort()
