"""What a server listens on, and what keeps it from that."""

import asyncio
import errno
import logging
import os
import socket
from pathlib import Path

import pytest
from websockets.asyncio.client import unix_connect

from mockws.app import Mock, admin_token
from mockws.errors import BadSetting, CannotStart
from mockws.host import listeners
from mockws.host.listeners import bind, bind_for
from mockws.host.server import running
from mockws.settings import Settings
from mockws.testing import MockServer

CHAT = "specification/chat.yaml"


@pytest.mark.usefixtures("way")
def test_it_listens_on_a_unix_domain_socket_and_takes_it_away(tmp_path: Path) -> None:
    path = tmp_path / "mock.sock"

    async def scenario() -> None:
        async with asyncio.timeout(10):
            async with running(Mock.of(CHAT, Settings(uds=str(path), watch=False))) as port:
                assert port == 0
                async with unix_connect(str(path), "ws://localhost/rooms/lobby") as client:
                    await (await client.ping())
                reader, writer = await asyncio.open_unix_connection(path)
                writer.write(b"GET /__admin/connections HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                assert (await reader.read()).startswith(b"HTTP/1.1 200")
                writer.close()
        assert not path.exists()

    asyncio.run(scenario())


def test_who_may_open_the_socket_needs_no_token(tmp_path: Path) -> None:
    assert admin_token(Settings(uds=str(tmp_path / "mock.sock"), host="0.0.0.0")) is None
    assert admin_token(Settings(uds=str(tmp_path / "mock.sock"), host="0.0.0.0", admin_port=0)) is not None


def test_a_socket_that_was_left_behind_gives_way(tmp_path: Path) -> None:
    path = tmp_path / "mock.sock"
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))

    bound = bind_for(Settings(uds=str(path)))

    assert path.is_socket()
    bound.close()
    assert not path.exists()


def test_a_socket_that_somebody_listens_on_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "mock.sock"
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(str(path))
        other.listen()

        with pytest.raises(CannotStart, match="in use by another server"):
            bind_for(Settings(uds=str(path)))

    assert path.is_socket()


def test_a_file_is_never_taken_for_a_socket(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("mine")

    with pytest.raises(CannotStart, match="something else of this name"):
        bind_for(Settings(uds=str(path)))

    assert path.read_text() == "mine"


@pytest.mark.parametrize("name", ["nowhere/mock.sock", "x" * 200])
def test_a_path_that_cannot_be_one_is_named(name: str, tmp_path: Path) -> None:
    with pytest.raises(CannotStart, match=r"cannot listen on .*--uds"):
        bind_for(Settings(uds=str(tmp_path / name)))


def test_a_mock_in_a_test_has_a_port() -> None:
    with pytest.raises(BadSetting, match="reached by its port"):
        MockServer(CHAT, uds="/nowhere/mock.sock")


def test_what_was_bound_is_let_go_where_the_admin_port_is_in_use(tmp_path: Path) -> None:
    path = tmp_path / "mock.sock"
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(CannotStart, match="in use"):
        bind_for(Settings(uds=str(path), admin_port=taken.getsockname()[1]))

    assert not path.exists()


def test_another_program_on_the_other_loopback_is_told_of(caplog: pytest.LogCaptureFixture) -> None:
    with socket.socket(socket.AF_INET6) as other:
        other.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        other.bind(("::1", 0))
        other.listen()
        port = other.getsockname()[1]
        with caplog.at_level(logging.WARNING):
            bound = bind("127.0.0.1", port)
        for each in bound:
            each.close()

    assert [each.family for each in bound] == [socket.AF_INET]
    assert caplog.messages == [
        f"port {port} on ::1 is in use: clients that look for localhost there find another program"
    ]


def test_any_port_is_one_that_is_free_for_both_families(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[tuple[str, int]] = []
    real = listeners._bound

    def crowded(host: str, port: int, flag: str) -> socket.socket:
        tried.append((host, port))
        if len(tried) == 2:
            raise CannotStart("in use") from OSError(errno.EADDRINUSE, "in use")
        return real(host, port, flag)

    monkeypatch.setattr(listeners, "_bound", crowded)
    bound = bind("127.0.0.1", 0)
    for each in bound:
        each.close()

    assert [host for host, _ in tried] == ["127.0.0.1", "::1", "127.0.0.1", "::1"]
    assert len(bound) == 2


@pytest.mark.parametrize("number", [errno.EADDRNOTAVAIL, errno.EADDRINUSE], ids=["there is none", "always taken"])
def test_without_the_other_family_there_is_one(
    number: int, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    real = listeners._bound

    def lacking(host: str, port: int, flag: str) -> socket.socket:
        if host == "::1":
            raise CannotStart("no") from OSError(number, os.strerror(number))
        return real(host, port, flag)

    monkeypatch.setattr(listeners, "_bound", lacking)
    bound = bind("127.0.0.1", 0)
    for each in bound:
        each.close()

    assert (len(bound), caplog.messages) == (1, [])


def test_a_system_without_unix_domain_sockets_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(socket, "AF_UNIX")

    with pytest.raises(CannotStart, match="--uds needs"):
        bind_for(Settings(uds="mock.sock"))


def test_a_socket_of_somebody_else_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(*_: object) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    path = tmp_path / "mock.sock"
    with socket.socket(socket.AF_UNIX) as theirs:
        theirs.bind(str(path))
    monkeypatch.setattr(socket.socket, "connect", forbidden)

    with pytest.raises(CannotStart, match="permission denied"):
        bind_for(Settings(uds=str(path)))

    assert path.is_socket()


def test_a_port_that_is_not_permitted_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(*_: object) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(socket.socket, "bind", forbidden)

    with pytest.raises(
        CannotStart, match=r"port 80 on 127\.0\.0\.1 is not permitted to this user; choose one above 1023"
    ):
        bind("127.0.0.1", 80)


def test_an_admin_port_that_is_in_use_is_told_with_its_own_flag() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        settings = Settings(port=0, admin_port=taken.getsockname()[1])
        with pytest.raises(CannotStart, match="choose another with --admin-port"):
            bind_for(settings)
