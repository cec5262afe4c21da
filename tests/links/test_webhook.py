"""Calls over HTTP: to the address that was checked, within bounds, and never further than what was asked for."""

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest

from mockws.callback import destination_of
from mockws.engine.call import Call
from mockws.links import webhook
from mockws.links.outbound import TOO_LARGE, addresses_of
from mockws.links.webhook import Callbacks

Answer = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
CANCELLED = asyncio.CancelledError
OK = b"HTTP/1.1 204 No Content\r\nset-cookie: a=b\r\n\r\n"


class Hook:
    """A server at a port of its own, with the heads and bodies that it got."""

    def __init__(self, answer: bytes = OK) -> None:
        self.got: list[bytes] = []
        self.answer = answer
        self.port = 0
        self.open = 0
        self.most = 0
        self.hold = asyncio.Event()
        self.hold.set()

    @asynccontextmanager
    async def serving(self, host: str = "127.0.0.1") -> AsyncIterator["Hook"]:
        server = await asyncio.start_server(self._serve, host, 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.open += 1
        self.most = max(self.most, self.open)
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            length = next(
                (int(each[15:]) for each in head.lower().split(b"\r\n") if each[:15] == b"content-length:"), 0
            )
            self.got.append(head + await reader.readexactly(length))
            await self.hold.wait()
            writer.write(self.answer)
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            self.open -= 1
            writer.close()


class Caller:
    """Calls that are made, with what came of each."""

    def __init__(self, *allowed: str, resolve: Any = None) -> None:
        self.told: list[tuple[int | None, str]] = []
        self.news = asyncio.Event()
        self.callbacks = Callbacks(allowed, resolve)

    def _report(self, _: Call, status: int | None, error: str, seconds: float) -> None:
        assert 0 <= seconds < 15
        self.told.append((status, error))
        self.news.set()

    def make(self, url: str, headers: Sequence[tuple[str, str]] = (), body: bytes = b"") -> None:
        self.callbacks.make(Call(destination_of(url), "POST", tuple(headers), body, "e", None), self._report)

    async def until(self, count: int) -> None:
        while len(self.told) < count:
            self.news.clear()
            await self.news.wait()


def play(scenario: Callable[[], Awaitable[None]]) -> None:
    async def whole() -> None:
        async with asyncio.timeout(15):
            await scenario()

    asyncio.run(whole())


def test_a_call_is_made_as_it_was_written() -> None:
    async def scenario() -> None:
        caller = Caller("localhost")
        async with Hook().serving() as hook:
            caller.make(f"http://localhost:{hook.port}/a?b=1", [("x-a", "b"), ("User-Agent", "own")], b'{"n":1}')
            await caller.until(1)
            await caller.callbacks.close()

        head, _, body = hook.got[0].partition(b"\r\n\r\n")
        lines = head.decode().lower().split("\r\n")
        assert caller.told == [(204, "")]
        assert (lines[0], body) == ("post /a?b=1 http/1.1", b'{"n":1}')
        assert {f"host: localhost:{hook.port}", "x-a: b", "user-agent: own", "content-length: 7"} <= set(lines)

    play(scenario)


def test_a_redirect_is_not_followed_and_a_cookie_not_kept() -> None:
    async def scenario() -> None:
        caller = Caller("127.0.0.1")
        moved = b"HTTP/1.1 302 Found\r\nlocation: /other\r\nset-cookie: a=b\r\ncontent-length: 0\r\n\r\n"
        async with Hook(moved).serving() as hook:
            for count in (1, 2):
                caller.make(f"http://127.0.0.1:{hook.port}/")
                await caller.until(count)
            await caller.callbacks.close()

        assert caller.told == [(302, ""), (302, "")]
        assert b"cookie" not in hook.got[1].lower()

    play(scenario)


def test_no_proxy_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)

    async def scenario() -> None:
        caller = Caller("127.0.0.1")
        async with Hook().serving() as hook:
            caller.make(f"http://127.0.0.1:{hook.port}/")
            await caller.until(1)
            await caller.callbacks.close()

        assert caller.told == [(204, "")]

    play(scenario)


@pytest.mark.parametrize("found", [["169.254.169.254"], ["127.0.0.1", "fe80::1%lo"], ["::ffff:169.254.169.254"]])
def test_a_name_that_leads_to_a_refused_address_is_not_called(found: list[str]) -> None:
    async def resolve(_: str, __: int) -> list[str]:
        return found

    async def scenario() -> None:
        caller = Caller("hooks", resolve=resolve)
        async with Hook().serving() as hook:
            caller.make(f"http://hooks:{hook.port}/")
            await caller.until(1)

        assert hook.got == []
        assert caller.told[0][0] is None
        assert "never called" in caller.told[0][1]

    play(scenario)


def test_the_address_that_was_checked_is_called_under_the_name_that_was_asked_for() -> None:
    asked: list[str] = []

    async def resolve(host: str, _: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["169.254.169.254"]

    async def scenario() -> None:
        caller = Caller("hooks.example", resolve=resolve)
        async with Hook().serving() as hook:
            caller.make(f"http://hooks.example:{hook.port}/")
            await caller.until(1)
            await caller.callbacks.close()

        assert (caller.told, asked) == ([(204, "")], ["hooks.example"])
        assert f"host: hooks.example:{hook.port}".encode() in hook.got[0].lower()

    play(scenario)


def test_another_address_of_a_host_is_tried() -> None:
    async def resolve(_: str, __: int) -> list[str]:
        return ["127.0.0.2", "127.0.0.1"]

    async def scenario() -> None:
        caller = Caller("hooks", resolve=resolve)
        async with Hook().serving() as hook:
            caller.make(f"http://hooks:{hook.port}/")
            await caller.until(1)
            await caller.callbacks.close()

        assert caller.told == [(204, "")]

    play(scenario)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://other/", "may not be called"),
        ("http://localhost:1/", "attempts failed|refused"),
        ("http://no.such.host.invalid/", "cannot be found"),
    ],
)
def test_a_call_that_comes_to_nothing_says_why(url: str, words: str) -> None:
    import re

    async def unknown(host: str, port: int) -> Sequence[str]:
        if host.endswith(".invalid"):
            raise OSError(-2, "Name or service not known")
        return await addresses_of(host, port)

    async def scenario() -> None:
        caller = Caller("localhost", "no.such.host.invalid", resolve=unknown)
        caller.make(url)
        await caller.until(1)
        await caller.callbacks.close()

        assert caller.told[0][0] is None
        assert re.search(words, caller.told[0][1]), caller.told

    play(scenario)


def test_an_answer_has_its_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhook, "MAX_ANSWER", 1000)

    async def scenario() -> None:
        caller = Caller("127.0.0.1")
        async with Hook(b"HTTP/1.1 200 OK\r\ncontent-length: 1001\r\n\r\n" + b"x" * 1001).serving() as hook:
            caller.make(f"http://127.0.0.1:{hook.port}/")
            await caller.until(1)
            await caller.callbacks.close()

        assert caller.told == [(200, TOO_LARGE)]

    play(scenario)


@pytest.mark.parametrize(
    ("answer", "told"),
    [(b"nonsense\r\n\r\n", None), (b"", None), (b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nx", 200)],
)
def test_an_answer_that_is_none_is_told(answer: bytes, told: int | None) -> None:
    async def scenario() -> None:
        caller = Caller("127.0.0.1")
        async with Hook(answer).serving() as hook:
            caller.make(f"http://127.0.0.1:{hook.port}/")
            await caller.until(1)
            await caller.callbacks.close()

        assert caller.told[0][0] == told
        assert caller.told[0][1]

    play(scenario)


def test_a_host_that_does_not_answer_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhook, "DEADLINE", 0.3)

    async def scenario() -> None:
        caller = Caller("127.0.0.1")
        async with Hook().serving() as hook:
            hook.hold.clear()
            caller.make(f"http://127.0.0.1:{hook.port}/")
            await caller.until(1)
            await caller.callbacks.close()
            hook.hold.set()

        assert caller.told == [(None, "there was no answer within 0.3 s")]

    play(scenario)


def test_calls_are_bounded_in_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhook, "MOST_AT_ONCE", 2)
    monkeypatch.setattr(webhook, "MOST_WAITING", 3)

    async def scenario() -> None:
        caller = Caller("127.0.0.1")
        async with Hook().serving() as hook:
            hook.hold.clear()
            for _ in range(6):
                caller.make(f"http://127.0.0.1:{hook.port}/")
            await caller.until(1)
            assert caller.told == [(None, "3 calls wait already")]
            hook.hold.set()
            await caller.until(6)
            await caller.callbacks.close()

        assert [status for status, _ in caller.told[1:]] == [204] * 5
        assert hook.most <= 2

    play(scenario)


def test_what_is_under_way_is_called_off_at_the_end() -> None:
    async def scenario() -> None:
        caller = Caller("127.0.0.1")
        async with Hook().serving() as hook:
            hook.hold.clear()
            caller.make(f"http://127.0.0.1:{hook.port}/")
            while not hook.got:
                await asyncio.sleep(0.005)

            await asyncio.wait_for(caller.callbacks.close(), 2)

            hook.hold.set()
        assert caller.told == []
        await Caller().callbacks.close()  # where nothing was called, nothing is to be ended

    play(scenario)


def test_a_defect_is_logged_and_told(caplog: pytest.LogCaptureFixture) -> None:
    async def defective(_: str, __: int) -> Sequence[str]:
        raise ZeroDivisionError

    async def scenario() -> None:
        caller = Caller("hooks", resolve=defective)
        caller.make("http://hooks/")
        await caller.until(1)

        assert caller.told == [(None, "the mock failed; its log says more")]

    play(scenario)
    assert "ZeroDivisionError" in caplog.text


def test_a_name_is_resolved_beside_the_loop() -> None:
    async def scenario() -> None:
        assert await addresses_of("127.0.0.1", 80) == ["127.0.0.1"]
        with pytest.raises(OSError, match=r".+"):
            await addresses_of("a" * 70 + ".invalid", 80)

    play(scenario)


def test_a_name_that_nobody_waits_for_any_more_is_let_go() -> None:
    async def scenario() -> None:
        resolving = asyncio.create_task(addresses_of("127.0.0.1", 80))
        await asyncio.sleep(0)
        resolving.cancel()
        for each in threading.enumerate():
            if each.name == "mockws-resolve":
                each.join(5)

        assert [type(each) for each in await asyncio.gather(resolving, return_exceptions=True)] == [CANCELLED]

    play(scenario)


def test_where_no_call_can_be_made_at_all_the_mock_ends_in_peace(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise ImportError

    monkeypatch.setattr(webhook, "_new_transport", fail)

    async def scenario() -> None:
        caller = Caller("127.0.0.1")
        caller.make("http://127.0.0.1:9/")
        await caller.until(1)
        await caller.callbacks.close()

        assert caller.told == [(None, "the mock failed; its log says more")]

    play(scenario)
