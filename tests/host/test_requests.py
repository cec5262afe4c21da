"""Plain HTTP requests over a real socket: answered by expectations, shared with pages of other origins, bounded."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import httpx2
import pytest
from websockets.asyncio.client import connect

from mockws.app import Mock
from mockws.engine.actions import Entry, Outcome
from mockws.engine.events import Commanded, Expect, Opening
from mockws.expect.reading import read_expectation
from mockws.host import requests
from mockws.host.clock import LoopClock
from mockws.host.driver import Driver
from mockws.host.server import running
from mockws.settings import Settings

CHAT = "specification/chat.yaml"
SHIP = {"method": "POST", "path": "/orders/{id}/ship"}
PAGE = "http://app.example"
PREFLIGHT = {"origin": PAGE, "access-control-request-method": "POST", "access-control-request-headers": "content-type"}


class World:
    """A mock that runs, a client of it, and what it wrote down."""

    def __init__(self, *expectations: dict[str, Any], **settings: Any) -> None:
        self.entries: list[Entry] = []
        self._written = expectations
        self.mock = Mock.of(CHAT, Settings(**{"port": 0, "watch": False, **settings}), [self._observe])
        self.port = 0

    def _observe(self, outcome: Outcome) -> None:
        self.entries.extend(outcome.entries)

    def play(self, scenario: Callable[["World", httpx2.AsyncClient], Awaitable[None]]) -> None:
        """Run a scenario against the mock; 15 s at most."""

        async def whole() -> None:
            async with asyncio.timeout(15), running(self.mock) as self.port:
                base = f"http://127.0.0.1:{self.port}"
                async with httpx2.AsyncClient(base_url=base, trust_env=False, timeout=10) as client:
                    for each in self._written:
                        added = await client.post("/__admin/expectations", json=each)
                        assert added.status_code == 201, added.text
                    await scenario(self, client)

        asyncio.run(whole())


def ship(*actions: Any, http: Any = None, **trigger: Any) -> dict[str, Any]:
    return {"id": "ship", "trigger": {"type": "http", "http": http or SHIP, **trigger}, "actions": list(actions)}


def test_a_request_is_answered_and_a_socket_hears_of_it() -> None:
    said = {"type": "chat", "user": "shop", "text": "order {{ request.pathParameters.id }} of {{ request.json.by }}"}
    response = {"status": 202, "headers": {"X-Order": "{{ request.pathParameters.id }}"}, "json": {"ok": True}}

    async def scenario(world: World, client: httpx2.AsyncClient) -> None:
        async with connect(f"ws://127.0.0.1:{world.port}/rooms/lobby") as ada:
            answer = await client.post("/orders/7/ship", json={"by": "ada"})

            assert (answer.status_code, answer.json(), answer.headers["x-order"]) == (202, {"ok": True}, "7")
            assert json.loads(await asyncio.wait_for(ada.recv(), 2))["text"] == "order 7 of ada"
        assert "access-control-allow-origin" not in answer.headers

    World(ship({"send": {"to": "all", "json": said}}, response=response)).play(scenario)


def test_a_page_of_another_origin_may_fire_it_and_read_the_answer() -> None:
    async def scenario(world: World, client: httpx2.AsyncClient) -> None:
        asked = await client.options("/orders/7/ship", headers=PREFLIGHT)
        answers = [await client.post("/orders/7/ship", headers={"origin": PAGE}, json=1) for _ in range(2)]

        assert (asked.status_code, asked.content, asked.headers["access-control-allow-origin"]) == (204, b"", PAGE)
        assert asked.headers["access-control-allow-methods"] == "POST"
        assert asked.headers["access-control-allow-headers"] == "content-type"
        assert asked.headers["access-control-max-age"] == "600"
        assert [each.status_code for each in answers] == [200, 404]
        assert {each.headers["access-control-allow-origin"] for each in answers} == {PAGE}
        assert all("access-control-allow-credentials" not in each.headers for each in (asked, *answers))
        assert [each.event for each in world.entries] == ["http", "http"]

    World({**ship(), "times": 1}).play(scenario)


def test_an_answer_with_its_own_cors_header_keeps_it() -> None:
    async def scenario(_: World, client: httpx2.AsyncClient) -> None:
        answer = await client.post("/orders/7/ship", headers={"origin": PAGE})

        assert answer.headers.get_list("access-control-allow-origin") == ["http://only.example"]

    World(ship(response={"headers": {"Access-Control-Allow-Origin": "http://only.example"}})).play(scenario)


def test_pages_that_may_not_connect_may_not_fire_either() -> None:
    async def scenario(world: World, client: httpx2.AsyncClient) -> None:
        statuses = [
            (await client.post("/orders/7/ship", headers=headers)).status_code
            for headers in ({"origin": PAGE}, {"origin": "http://ours.example"}, {})
        ]

        assert statuses == [403, 200, 200]
        assert len(world.entries) == 2

    World(ship(), ws_origins=("http://ours.example",)).play(scenario)


def test_paths_without_a_trigger_are_as_they_were() -> None:
    async def scenario(world: World, client: httpx2.AsyncClient) -> None:
        told = [
            (await client.get("/rooms/lobby")).status_code,
            (await client.post("/rooms/lobby")).status_code,
            (await client.get("/nowhere")).status_code,
            (await client.options("/nowhere", headers=PREFLIGHT)).status_code,
            (await client.get("/__admin/health")).status_code,
        ]

        assert told == [426, 426, 404, 404, 200]
        assert world.entries == []

    World(ship(http={"path": "/{a}/{b}/{c}"})).play(scenario)


def test_a_head_is_told_how_long_the_answer_is() -> None:
    async def scenario(_: World, client: httpx2.AsyncClient) -> None:
        answer = await client.head("/hello")

        assert (answer.status_code, answer.headers["content-length"], answer.content) == (200, "5", b"")

    World(ship(http={"path": "/hello"}, response={"text": "hello"})).play(scenario)


@pytest.mark.parametrize("size", [requests.MAX_BODY, requests.MAX_BODY + 1])
def test_a_body_has_its_bound(size: int) -> None:
    async def scenario(world: World, client: httpx2.AsyncClient) -> None:
        answer = await client.post("/orders/7/ship", content=b"x" * size, headers={"origin": PAGE})

        fits = size <= requests.MAX_BODY
        assert answer.status_code == (200 if fits else 413)
        assert answer.headers["access-control-allow-origin"] == PAGE
        assert len(world.entries) == fits

    World(ship()).play(scenario)


def test_a_body_that_does_not_come_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requests, "BODY_DEADLINE", 0.05)

    async def scenario(world: World, _: httpx2.AsyncClient) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", world.port)
        writer.write(b"POST /orders/7/ship HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n\r\nab")

        assert (await reader.readline()).startswith(b"HTTP/1.1 408 ")
        assert world.entries == []
        writer.close()

    World(ship()).play(scenario)


def test_a_client_that_goes_before_its_body_sets_nothing_off() -> None:
    async def scenario(world: World, client: httpx2.AsyncClient) -> None:
        _, writer = await asyncio.open_connection("127.0.0.1", world.port)
        writer.write(b"POST /orders/7/ship HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n\r\nab")
        await writer.drain()
        writer.close()
        await writer.wait_closed()

        assert (await client.post("/orders/7/ship")).status_code == 200
        assert [each.event for each in world.entries] == ["http"]

    World(ship()).play(scenario)


def test_a_query_without_end_is_refused() -> None:
    async def scenario(_: World, client: httpx2.AsyncClient) -> None:
        assert (await client.post(f"/orders/7/ship?{'a&' * 2000}")).status_code == 400

    World(ship()).play(scenario)


def test_a_defect_is_told_to_whoever_asked(caplog: pytest.LogCaptureFixture) -> None:
    async def scenario(world: World, client: httpx2.AsyncClient) -> None:
        assert world.mock.driver is not None

        def fail(*_: object) -> None:
            raise ZeroDivisionError

        world.mock.driver.request = fail  # type: ignore[method-assign,assignment]
        assert (await client.post("/orders/7/ship")).status_code == 500

    World(ship()).play(scenario)
    assert "could not be handled" in caplog.text


def test_scripts_call_the_hosts_that_are_named() -> None:
    async def scenario(world: World, client: httpx2.AsyncClient) -> None:
        hook = {"url": f"http://127.0.0.1:{world.port}/hook", "json": "{{ request.json }}"}
        written = {**ship({"http": hook}), "id": "call"}
        assert (await client.post("/__admin/expectations", json=written)).status_code == 201

        await client.post("/orders/7/ship", json={"n": 1})

        while not any(each.event == "callback" for each in world.entries):
            await asyncio.sleep(0.005)
        shown = (await client.get("/__admin/journal?event=callback")).json()["entries"][0]
        assert (shown["details"]["status"], shown["expectation"], shown["json"]) == (201, "call", {"n": 1})
        assert world.entries[-2].details["path"] == "/hook"

    hooked = {**ship(http={"path": "/hook"}, response={"status": 201}), "id": "hook"}
    World(hooked, allow_callbacks=("127.0.0.1",)).play(scenario)


def test_a_host_that_is_not_named_is_refused_over_http() -> None:
    async def scenario(_: World, client: httpx2.AsyncClient) -> None:
        written = ship({"http": {"url": "http://127.0.0.1:9/hook"}})
        answer = await client.post("/__admin/expectations", json=written)

        told = answer.json()
        assert (answer.status_code, told["code"]) == (422, "callback_forbidden")
        assert told["errors"][0]["pointer"] == "/actions/0/http/url"

    World().play(scenario)


def test_where_nobody_makes_calls_the_journal_says_so() -> None:
    async def scenario() -> list[Entry]:
        entries: list[Entry] = []
        mock = Mock.of(CHAT, Settings(allow_callbacks=("hooks",)))
        driver = Driver(mock.engine, LoopClock(), [lambda outcome: entries.extend(outcome.entries)])
        driver.feed(Commanded(Expect(read_expectation(ship({"http": {"url": "http://hooks/"}}), "ship"))))
        driver.request("POST", Opening("/orders/7/ship"), b"")
        while len(entries) < 2:
            await asyncio.sleep(0)
        return entries

    entries = asyncio.run(asyncio.wait_for(scenario(), 5))

    assert [each.event for each in entries] == ["http", "callback"]
    assert "makes no calls" in entries[1].note
