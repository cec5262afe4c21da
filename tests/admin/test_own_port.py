"""An admin API on a port of its own, and pages of other origins that may use it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import pytest
from starlette.testclient import TestClient
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from mockws.app import Mock
from mockws.host.server import running
from mockws.settings import Settings

CHAT = "specification/chat.yaml"
LIMIT = 10  # seconds
STORYBOOK = "http://localhost:6006"
PREFLIGHT = {"origin": STORYBOOK, "access-control-request-method": "PUT", "access-control-request-headers": "x"}


@asynccontextmanager
async def on_two_ports(**settings: Any) -> AsyncIterator[tuple[int, int]]:
    mock = Mock.of(CHAT, Settings(**{"watch": False, "port": 0, "admin_port": 0, **settings}))
    async with asyncio.timeout(LIMIT), running(mock) as port:
        assert mock.admin_port is not None
        yield port, mock.admin_port


async def status(port: int, path: str) -> int:
    async with httpx2.AsyncClient() as client:
        return (await client.get(f"http://127.0.0.1:{port}{path}")).status_code


def test_each_port_has_its_own() -> None:
    async def whole() -> None:
        async with on_two_ports() as (port, admin):
            assert port != admin
            assert await status(admin, "/__admin/connections") == 200
            assert await status(admin, "/rooms/a") == 404
            assert await status(port, "/__admin/connections") == 404
            async with connect(f"ws://127.0.0.1:{port}/rooms/a"):
                assert await status(port, "/rooms/a") == 426
            with pytest.raises(InvalidStatus):
                await connect(f"ws://127.0.0.1:{admin}/rooms/a")

    asyncio.run(whole())


def test_health_checks_find_what_they_look_for_at_the_root() -> None:
    async def whole() -> list[int]:
        async with on_two_ports() as (port, admin):
            paths = ("/health", "/health/ready", "/version", "/__admin/health")
            return [await status(admin, path) for path in paths] + [await status(port, "/health")]

    assert asyncio.run(whole()) == [200, 200, 200, 200, 404]


def test_sessions_are_led_to_their_own_admin_api() -> None:
    async def whole() -> None:
        async with on_two_ports() as (_, admin), httpx2.AsyncClient(base_url=f"http://127.0.0.1:{admin}") as client:
            session = (await client.post("/__admin/sessions")).json()["id"]
            assert (await client.get(f"/__s/{session}/__admin/journal")).json()["last"] == 0

    asyncio.run(whole())


def test_no_admin_is_none_on_any_port() -> None:
    async def whole() -> None:
        mock = Mock.of(CHAT, Settings(watch=False, port=0, admin_port=0, admin=False))
        async with asyncio.timeout(LIMIT), running(mock):
            assert mock.admin_port is None

    asyncio.run(whole())


@pytest.mark.parametrize(
    ("settings", "needed"),
    [
        ({"host": "0.0.0.0", "admin_port": 9, "admin_host": "127.0.0.1"}, False),
        ({"host": "127.0.0.1", "admin_port": 9, "admin_host": "0.0.0.0"}, True),
        ({"host": "0.0.0.0", "admin_host": "127.0.0.1"}, True),
    ],
)
def test_a_token_is_needed_where_the_admin_api_listens_to_more_than_loopback(settings: Any, *, needed: bool) -> None:
    assert (Mock.of(CHAT, Settings(watch=False, **settings)).token is not None) is needed


def client_of(**settings: Any) -> TestClient:
    mock = Mock.of(CHAT, Settings(watch=False, **settings))
    return TestClient(mock.app(), base_url="http://127.0.0.1:8080/__admin")


def test_a_page_that_is_named_may_ask_and_read() -> None:
    with client_of(admin_origins=(STORYBOOK,)) as client:
        asked = client.options("/expectations/x", headers=PREFLIGHT)
        answer = client.get("/connections", headers={"origin": STORYBOOK, "sec-fetch-site": "cross-site"})

    assert (asked.status_code, asked.headers["access-control-allow-origin"]) == (204, STORYBOOK)
    assert "PUT" in asked.headers["access-control-allow-methods"]
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (200, STORYBOOK)
    assert answer.headers["vary"] == "Origin"


def test_its_refusals_can_be_read_too_and_a_token_is_needed_all_the_same() -> None:
    with client_of(admin_origins=(STORYBOOK,), admin_token="secret") as client:
        answer = client.get("/connections", headers={"origin": STORYBOOK})

    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (401, STORYBOOK)


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "http://localhost:60066", "http://localhost:6006.evil.example", "null"]
)
def test_other_pages_may_not(origin: str) -> None:
    with client_of(admin_origins=(STORYBOOK,)) as client:
        asked = client.options("/expectations", headers={**PREFLIGHT, "origin": origin})
        answer = client.get("/connections", headers={"origin": origin})

    assert (asked.status_code, answer.status_code) == (403, 403)
    assert "access-control-allow-origin" not in {**asked.headers, **answer.headers}
