"""Where a server listens, what it needs for that, and what it says goodbye with."""

import asyncio
import resource
import socket
import ssl
from pathlib import Path

import pytest
from websockets.asyncio.client import connect

from mockws.app import Mock
from mockws.errors import CannotStart
from mockws.host.descriptors import SPARE, room_for
from mockws.host.listeners import bind
from mockws.host.server import running
from mockws.host.tls import check_certificate
from mockws.settings import Settings

pytestmark = pytest.mark.usefixtures("way")

CHAT = "specification/chat.yaml"


def test_the_default_host_is_reached_by_both_families() -> None:
    sockets = bind("127.0.0.1", 0)
    found = [each.getsockname()[:2] for each in sockets]
    for each in sockets:
        each.close()

    assert [host for host, _ in found] == ["127.0.0.1", "::1"]
    assert len({port for _, port in found}) == 1


def test_another_host_is_bound_alone() -> None:
    sockets = bind("[::1]", 0)
    families = [each.family for each in sockets]
    for each in sockets:
        each.close()

    assert families == [socket.AF_INET6]


def test_a_port_in_use_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        with pytest.raises(CannotStart, match=f"port {port} on 127.0.0.1 is in use"):
            bind("127.0.0.1", port)


def test_a_host_that_is_none_is_named() -> None:
    with pytest.raises(CannotStart, match=r"cannot listen on 256\.1\.1\.1"):
        bind("256.1.1.1", 0)


def test_a_certificate_that_is_not_there_is_named() -> None:
    with pytest.raises(CannotStart, match=r"no certificate file /nowhere\.pem"):
        check_certificate(Settings(ssl_certfile="/nowhere.pem"))


def test_a_key_needs_its_certificate() -> None:
    with pytest.raises(CannotStart, match="--ssl-certfile"):
        check_certificate(Settings(ssl_keyfile="key.pem"))


def test_what_is_no_certificate_is_named(tmp_path: Path) -> None:
    nonsense = tmp_path / "nonsense.pem"
    nonsense.write_text("nonsense")
    mock = Mock.of(CHAT, Settings(port=0, watch=False, ssl_certfile=str(nonsense)))

    async def start() -> None:
        async with running(mock):
            raise AssertionError("it must not start")

    with pytest.raises(CannotStart, match=r"TLS cannot be set up with .*nonsense\.pem: no certificate and key in PEM"):
        asyncio.run(start())


def test_no_more_connections_are_promised_than_there_are_descriptors() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        room = room_for(10**9)

        assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] == hard
        assert room == (10**9 if hard == resource.RLIM_INFINITY else hard - SPARE)
        assert room_for(5) == 5
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_clients_are_told_1012_when_it_ends() -> None:
    async def scenario() -> None:
        async with asyncio.timeout(10):
            async with running(Mock.of(CHAT, Settings(port=0, watch=False))) as port:
                client = await connect(f"ws://127.0.0.1:{port}/rooms/lobby")
            await client.wait_closed()

        assert (client.close_code, client.close_reason) == (1012, "the mock is stopping")

    asyncio.run(scenario())


def test_a_client_that_takes_nothing_does_not_hold_the_end_up() -> None:
    async def scenario() -> None:
        async with asyncio.timeout(5):
            async with running(Mock.of(CHAT, Settings(port=0, watch=False, stop_timeout=0.2))) as port:
                client = await connect(f"ws://127.0.0.1:{port}/rooms/lobby")
                client.transport.pause_reading()
            client.transport.abort()

    asyncio.run(scenario())


def test_it_speaks_tls(certificate: tuple[Path, Path]) -> None:
    settings = Settings(port=0, watch=False, ssl_certfile=str(certificate[0]), ssl_keyfile=str(certificate[1]))

    async def scenario() -> None:
        context = ssl.create_default_context(cafile=str(certificate[0]))
        async with (
            asyncio.timeout(10),
            running(Mock.of(CHAT, settings)) as port,
            connect(f"wss://localhost:{port}/rooms/lobby", ssl=context) as client,
        ):
            await client.ping()

    asyncio.run(scenario())
