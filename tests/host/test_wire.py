"""The handshake on the wire, byte for byte, and the bounds that nobody can talk the mock out of."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from mockws.app import Mock
from mockws.engine.actions import Entry
from mockws.host.driver import Observer
from mockws.host.server import running
from mockws.settings import Settings

pytestmark = pytest.mark.usefixtures("way")

CHAT = "specification/chat.yaml"
UPGRADE = (
    "GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: {upgrade}\r\nConnection: {connection}\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: {version}\r\n{more}\r\n"
)


def handshake(
    path: str = "/rooms/lobby",
    *,
    upgrade: str = "websocket",
    connection: str = "Upgrade",
    version: int = 13,
    more: str = "",
) -> bytes:
    return UPGRADE.format(path=path, upgrade=upgrade, connection=connection, version=version, more=more).encode()


class Answer:
    """An HTTP response, taken apart."""

    def __init__(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.status = status
        self.headers = headers
        self.body = body

    def problem(self) -> Any:
        assert self.headers["content-type"] == "application/problem+json"
        return json.loads(self.body)


async def answer_of(reader: asyncio.StreamReader, *, bodiless: bool = False) -> Answer:
    head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)}
    length = 0 if bodiless else int(headers.get("content-length", "0"))
    return Answer(int(head[0].split()[1]), headers, await reader.readexactly(length))


def serve(
    scenario: Callable[[int], Awaitable[None]],
    document: str = CHAT,
    observers: tuple[Observer, ...] = (),
    **settings: Any,
) -> None:
    """Run a scenario against the port of a mock; 15 s at most."""
    chosen = Settings(**{"port": 0, "watch": False, **settings})
    mock = Mock.of(document, chosen, observers)

    async def whole() -> None:
        async with asyncio.timeout(15), running(mock) as port:
            await scenario(port)

    asyncio.run(whole())


def asked(request: bytes, document: str = CHAT, *, bodiless: bool = False, **settings: Any) -> Answer:
    """Send bytes to a mock, and give its first answer."""
    answers: list[Answer] = []

    async def scenario(port: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(request)
        answers.append(await answer_of(reader, bodiless=bodiless))
        writer.transport.abort()

    serve(scenario, document, **settings)
    return answers[0]


@pytest.mark.parametrize(
    ("upgrade", "connection"),
    [("websocket", "Upgrade"), ("WebSocket", "keep-alive, Upgrade"), ("websocket", "upgrade")],
)
def test_the_handshake_of_rfc_6455_gets_its_own_accept_key(upgrade: str, connection: str) -> None:
    answer = asked(handshake(upgrade=upgrade, connection=connection))

    assert answer.status == 101
    assert answer.headers["sec-websocket-accept"] == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
    assert (answer.headers["upgrade"], answer.headers["connection"]) == ("websocket", "Upgrade")


def test_another_version_of_the_protocol_is_answered_by_ours() -> None:
    answer = asked(handshake(version=12))

    assert (answer.status, answer.headers["sec-websocket-version"]) == (426, "13")


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_a_plain_request_of_a_channel_gets_a_page_that_asks_for_an_upgrade(method: str) -> None:
    answer = asked(f"{method} /rooms/lobby HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{{}}".encode())

    assert (answer.status, answer.headers["upgrade"].lower()) == (426, "websocket")
    assert answer.headers["connection"].lower() == "upgrade"
    assert b"/rooms/lobby is a WebSocket" in answer.body


def test_head_gets_the_headers_of_that_page_alone() -> None:
    answer = asked(b"HEAD /rooms/lobby HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", bodiless=True)

    assert answer.status == 426
    assert int(answer.headers["content-length"]) > 0


def test_the_page_of_a_channel_shows_no_markup_of_whoever_asks() -> None:
    answer = asked(b"GET /<script> HTTP/1.1\r\nHost: a\r\n\r\n")

    assert answer.status == 404
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("path", "status", "title"),
    [
        ("/nowhere", 404, "unknown path"),
        ("/rooms/a%FFb", 400, "bad path"),
        ("/rooms/a%00b", 404, "unknown path"),
        ("/rooms/", 404, "unknown path"),
        ("/rooms/lobby?" + "a&" * 1001, 400, "bad query"),
    ],
)
def test_a_handshake_that_leads_nowhere_gets_a_problem_document(path: str, status: int, title: str) -> None:
    answer = asked(handshake(path))

    assert answer.status == status
    assert answer.problem() | {"status": status, "title": title} == answer.problem()


def test_an_unknown_path_is_told_the_nearest_ones() -> None:
    assert asked(handshake("/room/lobby")).problem()["nearest"] == ["/rooms/{room}"]


def test_a_refused_handshake_is_shown_to_the_observers() -> None:
    entries: list[Entry] = []

    asked(handshake("/nowhere?token=geheim"), observers=(lambda outcome: entries.extend(outcome.entries),))

    assert [(entry.event, entry.code, entry.address) for entry in entries] == [("refused", 404, "/nowhere")]


@pytest.mark.parametrize(("headers", "status"), [("", 401), ("Authorization: Bearer\r\n", 403)])
def test_credentials_can_be_asked_for_by_http(headers: str, status: int) -> None:
    document = "specification/trading-secure.yaml"
    answer = asked(handshake("/v1/trading/orders", more=headers), document, auth="http")

    assert (answer.status, answer.problem()["status"]) == (status, status)
    assert ("www-authenticate" in answer.headers) == (status == 401)


def test_over_the_most_connections_there_is_503_and_a_time_to_come_back() -> None:
    async def scenario(port: int) -> None:
        _, first = await asyncio.open_connection("127.0.0.1", port)
        first.write(handshake())
        reader, second = await asyncio.open_connection("127.0.0.1", port)
        while True:
            second.write(handshake())
            answer = await answer_of(reader)
            if answer.status == 503:
                break
            second.transport.abort()
            reader, second = await asyncio.open_connection("127.0.0.1", port)
        assert answer.headers["retry-after"] == "1"
        assert answer.problem()["title"] == "too many connections"
        first.transport.abort()
        second.transport.abort()

    serve(scenario, max_connections=1)


@pytest.mark.parametrize(("origin", "status"), [("http://localhost:5173", 101), ("http://localhost:5173.evil", 403)])
def test_origins_can_be_restricted(origin: str, status: int) -> None:
    answer = asked(handshake(more=f"Origin: {origin}\r\n"), ws_origins=("http://localhost:5173",))

    assert answer.status == status


def test_every_origin_may_connect_unless_that_is_restricted() -> None:
    assert asked(handshake(more="Origin: https://evil.example\r\n")).status == 101


def test_a_cookie_of_30_kilobytes_is_no_obstacle() -> None:
    assert asked(handshake(more=f"Cookie: a={'b' * 30_000}\r\n")).status == 101


def test_90_headers_are_no_obstacle() -> None:
    assert asked(handshake(more="".join(f"X-{n}: y\r\n" for n in range(90)))).status == 101


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (handshake(more=f"X: {'a' * 60_000}\r\n"), 431),
        (handshake(more="".join(f"X-{n}: y\r\n" for n in range(101))), 431),
        (handshake(f"/rooms/lobby?{'a' * 60_000}"), 414),
        (b"GET /rooms/lobby HTTP/1.1\r\nX: " + b"a" * 300_000, 431),
        (b"GET /" + b"a" * 300_000, 414),
    ],
    ids=["long header", "many headers", "long target", "endless header", "endless target"],
)
def test_a_head_over_its_bounds_is_refused(request_: bytes, status: int) -> None:
    assert asked(request_).problem()["status"] == status


@pytest.mark.parametrize(
    ("more", "status"),
    [(f"X: {'a' * 1900}\r\n", 101), (f"X: {'a' * 2100}\r\n", 431), ("X: y\r\n" * 20, 431)],
    ids=["a long header", "too long a header", "too many headers"],
)
def test_the_bounds_of_a_head_can_be_set(more: str, status: int) -> None:
    assert asked(handshake(more=more), max_head=2 << 10, max_headers=20).status == status


def test_more_headers_than_usual_can_be_allowed() -> None:
    assert asked(handshake(more="".join(f"X-{n}: y\r\n" for n in range(180))), max_headers=200).status == 101


@pytest.mark.parametrize(
    "request_",
    [
        b"nonsense\r\n\r\n",
        handshake(more="Content-Length: 5\r\n"),
        handshake(more="Sec-WebSocket-Protocol: a b;c\r\n"),
        handshake(more="Host: evil.example\r\n"),
        handshake().replace(b"HTTP/1.1", b"HTTP/1.0"),
        handshake().replace(b"dGhlIHNhbXBsZSBub25jZQ==", b"short"),
        b"GET /rooms/lobby HTTP/1.1\nHost: a\n\n",
    ],
    ids=["no http", "with a body", "bad subprotocol", "two hosts", "an old http", "bad key", "bare line feeds"],
)
def test_what_is_no_handshake_is_answered_with_400(request_: bytes) -> None:
    assert asked(request_).status == 400


@pytest.mark.parametrize("first", [b"", b"GET /rooms/lobby HTTP/1.1\r\nHost: a\r\nX: y"], ids=["silent", "half a head"])
def test_whoever_does_not_finish_a_head_in_time_is_gone(first: bytes) -> None:
    async def scenario(port: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(first)

        assert await reader.read() == b""
        writer.close()

    serve(scenario, handshake_timeout=0.1)


def test_a_second_head_on_the_same_connection_has_its_own_deadline() -> None:
    async def scenario(port: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in range(2):
            writer.write(b"GET /rooms/lobby HTTP/1.1\r\nHost: a\r\n\r\n")
            assert (await answer_of(reader)).status == 426
        writer.write(b"GET ")

        assert await reader.read() == b""
        writer.close()

    serve(scenario, handshake_timeout=0.2)


def test_an_open_websocket_has_no_such_deadline() -> None:
    async def scenario(port: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(handshake())
        await answer_of(reader)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(reader.read(1), 0.2)
        writer.transport.abort()

    serve(scenario, handshake_timeout=0.05)


def test_a_frame_with_broken_utf8_closes_with_1007() -> None:
    async def scenario(port: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(handshake())
        await answer_of(reader)
        writer.write(b"\x81\x82\x00\x00\x00\x00\xff\xfe")

        assert (await reader.readexactly(4))[2:] == (1007).to_bytes(2, "big")
        writer.transport.abort()

    serve(scenario)
