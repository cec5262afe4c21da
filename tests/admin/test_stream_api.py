"""The journal as a stream: what was, then what comes, resumable, bounded, and over when the mock is."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import pytest
from asking import CHAT, HELLO, TYPING
from websockets.asyncio.client import connect

from mockws.admin import stream
from mockws.app import Mock
from mockws.host.listeners import bind
from mockws.host.server import Server, running
from mockws.settings import Settings

LIMIT = 20  # seconds
Event = dict[str, str]


class Client:
    """The admin API and the sockets of one mock."""

    def __init__(self, mock: Mock, port: int, http: httpx2.AsyncClient) -> None:
        self.mock = mock
        self.port = port
        self.http = http

    async def say(self, *said: Any, path: str = "/rooms/lobby") -> None:
        async with connect(f"ws://127.0.0.1:{self.port}{path}") as peer:
            for each in said:
                await peer.send(json.dumps(each))

    @asynccontextmanager
    async def stream(self, query: str = "", **headers: str) -> AsyncIterator[AsyncIterator[Event]]:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        async with self.http.stream("GET", f"/journal/stream{query}", headers=named, timeout=LIMIT) as answer:
            assert answer.status_code == 200, await answer.aread()
            assert answer.headers["content-type"].startswith("text/event-stream")
            yield blocks(answer)


async def blocks(answer: httpx2.Response) -> AsyncIterator[Event]:
    """Take events apart; a comment has the name of nothing."""
    block: Event = {}
    async for line in answer.aiter_lines():
        if line:
            name, _, value = line.partition(":")
            block[name] = value.removeprefix(" ")
        else:
            yield block
            block = {}


async def events(stream: AsyncIterator[Event], count: int) -> list[Event]:
    """Read so many events, with what is said to nobody left out."""
    found: list[Event] = []
    async for block in stream:
        if "data" in block:
            found.append(block)
            if len(found) == count:
                break
    return found


def numbers(found: list[Event]) -> list[int]:
    return [int(each["id"]) for each in found]


def http_to(port: int) -> httpx2.AsyncClient:
    return httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}/__admin")


def playing(play: Callable[[Client], Awaitable[None]], **settings: Any) -> None:
    """Play against a served chat, within the limit."""
    mock = Mock.of(CHAT, Settings(**{"port": 0, "watch": False, "on_invalid": "ignore", **settings}))

    async def run() -> None:
        async with asyncio.timeout(LIMIT), running(mock) as port, http_to(port) as http:
            await play(Client(mock, port, http))

    asyncio.run(run())


def test_what_was_comes_first_and_then_what_comes() -> None:
    async def play(client: Client) -> None:
        await client.say(HELLO)
        async with client.stream() as stream:
            before = await events(stream, 3)
            await client.say(TYPING)
            after = await events(stream, 3)

        assert numbers(before + after) == [1, 2, 3, 4, 5, 6]
        assert [each["event"] for each in before] == ["open", "message", "close"]
        shown = (await client.http.get("/journal?after=1&limit=1")).json()["entries"][0]
        assert json.loads(before[1]["data"]) == shown

    playing(play)


def test_a_stream_goes_on_where_it_broke_off() -> None:
    async def play(client: Client) -> None:
        await client.say(HELLO, HELLO)
        async with client.stream("?after=1") as stream:
            assert numbers(await events(stream, 3)) == [2, 3, 4]
        async with client.stream("?after=1", last_event_id="3") as stream:
            assert numbers(await events(stream, 1)) == [4]

    playing(play)


def test_a_stream_is_narrowed() -> None:
    async def play(client: Client) -> None:
        async with client.stream("?event=message&message=TypingNotice") as stream:
            await client.say(HELLO, TYPING, HELLO, TYPING)
            assert numbers(await events(stream, 2)) == [3, 5]

    playing(play)


def test_a_stream_finds_what_it_is_for_among_very_many() -> None:
    async def play(client: Client) -> None:
        await client.say(*[HELLO] * 600, TYPING)
        async with client.stream("?message=TypingNotice") as stream:
            assert numbers(await events(stream, 1)) == [602]

    playing(play)


def test_what_was_dropped_is_told() -> None:
    async def play(client: Client) -> None:
        await client.say(*[HELLO] * 8)
        async with client.stream("?after=2") as stream:
            lost, first, *_ = await events(stream, 6)

        assert (lost["event"], json.loads(lost["data"])) == ("lost", {"after": 2, "first": 6})
        assert (lost["id"], first["id"]) == ("5", "6")

    playing(play, journal_limit=5)


def test_a_number_of_a_mock_that_ran_before_begins_anew() -> None:
    async def play(client: Client) -> None:
        await client.say(HELLO)
        async with client.stream(last_event_id="900") as stream:
            lost, *rest = await events(stream, 4)

        assert (lost["event"], numbers(rest)) == ("lost", [1, 2, 3])

    playing(play)


def test_a_cleared_journal_is_streamed_on() -> None:
    async def play(client: Client) -> None:
        await client.say(HELLO)
        await client.http.delete("/journal")
        async with client.stream() as stream:
            await client.say(HELLO)
            assert numbers(await events(stream, 3)) == [4, 5, 6]

    playing(play)


def test_a_quiet_stream_says_that_it_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "BEAT", 0.02)

    async def play(client: Client) -> None:
        await client.say(HELLO)
        async with client.stream("?event=fault") as lines:
            first, beat = [await anext(lines), await anext(lines)]

        assert (first[""], beat[""], beat["id"]) == ("the journal of mockws", "still here", "3")

    playing(play)


@pytest.mark.parametrize(
    ("query", "header"), [("?limit=5", ""), ("?after=-1", ""), ("", "x"), ("", "-1"), ("", "9" * 40)]
)
def test_a_stream_that_cannot_be_is_refused(query: str, header: str) -> None:
    async def play(client: Client) -> None:
        answer = await client.http.get(f"/journal/stream{query}", headers={"last-event-id": header})
        assert answer.status_code == 422

    playing(play)


def test_streams_are_bounded_and_their_places_free_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "MOST", 1)

    async def play(client: Client) -> None:
        async with client.stream() as lines:
            await anext(lines)
            assert (await client.http.get("/journal/stream")).status_code == 503
            assert (await client.http.head("/journal/stream")).status_code == 200
        while (await client.http.head("/journal/stream")).status_code != 200 or not await opens(client):
            await asyncio.sleep(0)

    playing(play)


async def opens(client: Client) -> bool:
    async with client.http.stream("GET", "/journal/stream") as answer:
        return answer.status_code == 200


def test_a_stream_ends_with_its_session() -> None:
    async def play(client: Client) -> None:
        name = (await client.http.post("/sessions", json={})).json()["id"]
        inside = f"http://127.0.0.1:{client.port}/__s/{name}/__admin/journal/stream"
        async with client.http.stream("GET", inside) as answer:
            lines = blocks(answer)
            await anext(lines)
            await client.http.delete(f"/sessions/{name}")
            assert [each async for each in lines if "data" in each] == []

    playing(play)


def stuck(port: int) -> socket.socket:
    """Ask for the stream, and read nothing of it."""
    asking = socket.create_connection(("127.0.0.1", port))
    asking.sendall(f"GET /__admin/journal/stream HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
    return asking


def test_the_mock_stops_with_streams_open_whoever_reads_them() -> None:
    mock = Mock.of(CHAT, Settings(port=0, watch=False, on_invalid="ignore"))

    async def run() -> float:
        ready, loop = asyncio.Event(), asyncio.get_running_loop()
        server = Server(mock, ready=ready.set)
        sockets = bind("127.0.0.1", 0)
        serving = asyncio.create_task(server.serve(sockets=sockets))
        await ready.wait()
        port = sockets[0].getsockname()[1]
        async with http_to(port) as http:
            client = Client(mock, port, http)
            await client.say(*["x" * 60_000] * 200)  # more than all buffers on the way hold
            waiting = asyncio.create_task(http.post("/journal/wait", json={"event": "fault", "timeout": "60s"}))
            with stuck(port):
                async with client.stream("?event=fault") as lines:
                    await anext(lines)
                    began = loop.time()
                    server.end()
                    assert [each async for each in lines if "data" in each] == []
                    assert (await waiting).status_code == 409
                    await serving
        return loop.time() - began

    assert asyncio.run(asyncio.wait_for(run(), LIMIT)) < 5
