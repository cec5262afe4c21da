"""`mockws health`, and other commands, where a mock is not behind plain HTTP at port 8080."""

import asyncio
import shutil
from pathlib import Path

import pytest

from mockws.app import Mock
from mockws.cli.main import run
from mockws.cli.options import admin_url, default_url
from mockws.host.server import running
from mockws.host.tls import made
from mockws.settings import Settings

CHAT = "specification/chat.yaml"
NEEDS_OPENSSL = pytest.mark.skipif(shutil.which("openssl") is None, reason="there is no openssl")


def asked(settings: Settings, *commands: list[str]) -> list[int]:
    """Run commands beside a mock; `PORT` in one stands for the mock's, and so does it in the environment."""

    async def whole() -> list[int]:
        async with asyncio.timeout(15), running(Mock.of(CHAT, settings, [])) as port:
            return [await asyncio.to_thread(run, [each.replace("PORT", str(port)) for each in one]) for one in commands]

    return asyncio.run(whole())


@NEEDS_OPENSSL
def test_a_certificate_that_was_made_is_good_enough_to_ask_whether_it_is_ready() -> None:
    codes = asked(
        Settings(port=0, watch=False, ssl_self_signed=True),
        ["health", "--url", "https://127.0.0.1:PORT"],
        ["health", "--url", "http://127.0.0.1:PORT"],
    )

    assert codes == [0, 1]


@NEEDS_OPENSSL
def test_a_mock_nearby_may_speak_tls_without_the_environment_saying_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MOCKWS_URL", raising=False)

    async def whole() -> int:
        mock = Mock.of(CHAT, Settings(port=0, watch=False, ssl_self_signed=True), [])
        async with asyncio.timeout(15), running(mock) as port:
            monkeypatch.setenv("MOCKWS_PORT", str(port))
            return await asyncio.to_thread(run, ["health"])

    assert asyncio.run(whole()) == 0


@NEEDS_OPENSSL
def test_a_certificate_is_trusted_that_the_environment_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    certificate = made(tmp_path)
    settings = Settings(port=0, watch=False, ssl_certfile=certificate.certfile, ssl_keyfile=certificate.keyfile)
    look = ["logs", "--url", "https://127.0.0.1:PORT"]

    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    codes = asked(settings, look)
    monkeypatch.setenv("SSL_CERT_FILE", certificate.certfile)

    assert (codes, asked(settings, look)) == ([1], [0])


def test_a_mock_at_a_unix_domain_socket_is_asked_and_told_to_send(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    url = f"unix:{tmp_path / 'mock.sock'}"

    codes = asked(
        Settings(uds=str(tmp_path / "mock.sock"), watch=False),
        ["health", "--url", url],
        ["send", "room", "ChatMessage", "--url", url],
        ["logs", "--url", url],
        ["wait", "connection", "--timeout", "1ms", "--url", url],
    )

    assert codes == [0, 1, 0, 4]
    assert "409 no one was reached" in capsys.readouterr().err


@pytest.mark.parametrize("url", ["unix:/nowhere/mock.sock", "http://127.0.0.1:1", "https://127.0.0.1:1"])
def test_where_nobody_is_it_is_told(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["health", "--url", url]) == 1
    assert f"no mock answers at {url}" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("named", "url", "clients"),
    [
        ({}, "http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ({"UDS": "/run/m.sock"}, "unix:/run/m.sock", "http://127.0.0.1:8080"),
        ({"PORT": "1", "ADMIN_PORT": "2"}, "http://127.0.0.1:2", "http://127.0.0.1:1"),
        ({"UDS": "/run/m.sock", "ADMIN_PORT": "2"}, "http://127.0.0.1:2", "http://127.0.0.1:8080"),
        ({"SSL_SELF_SIGNED": "true"}, "https://127.0.0.1:8080", "https://127.0.0.1:8080"),
        ({"SSL_SELF_SIGNED": "no"}, "http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ({"SSL_CERTFILE": "c.pem", "PORT": "9"}, "https://127.0.0.1:9", "https://127.0.0.1:9"),
    ],
)
def test_the_settings_of_the_environment_say_where_a_mock_of_this_machine_is(
    named: dict[str, str], url: str, clients: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in named.items():
        monkeypatch.setenv(f"MOCKWS_{name}", value)

    assert (admin_url(), default_url()) == (url, clients)
