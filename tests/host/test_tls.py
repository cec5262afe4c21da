"""Certificates: those that are named, and those that are made."""

import asyncio
import shutil
import ssl
import time
from pathlib import Path

import pytest
from websockets.asyncio.client import connect

from mockws.app import Mock
from mockws.errors import CannotStart
from mockws.host import tls
from mockws.host.server import running
from mockws.host.tls import certificate_of, made
from mockws.settings import Settings
from mockws.testing import MockServer

CHAT = "specification/chat.yaml"
needs_openssl = pytest.mark.skipif(shutil.which("openssl") is None, reason="there is no openssl")


@needs_openssl
@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]"])
def test_a_made_certificate_is_trusted_by_whoever_is_told_to(host: str) -> None:
    mock = Mock.of(CHAT, Settings(port=0, watch=False, ssl_self_signed=True))

    async def scenario() -> Path:
        async with asyncio.timeout(15), running(mock) as port:
            assert mock.certificate is not None
            context = ssl.create_default_context(cafile=mock.certificate.certfile)
            context.verify_flags |= ssl.VERIFY_X509_STRICT  # as from Python 3.13 on
            assert not Path(mock.certificate.keyfile or "").exists()
            async with connect(f"wss://{host}:{port}/rooms/lobby", ssl=context) as client:
                await (await client.ping())
            return Path(mock.certificate.certfile)

    assert not asyncio.run(scenario()).exists()


@needs_openssl
def test_it_names_the_host_too_and_its_key_is_the_users_alone(tmp_path: Path) -> None:
    certificate = made(tmp_path, "10.1.2.3")

    shown = ssl._ssl._test_decode_cert(certificate.certfile)  # type: ignore[attr-defined]
    assert ("IP Address", "10.1.2.3") in shown["subjectAltName"]
    assert ("DNS", "localhost") in shown["subjectAltName"]
    assert Path(certificate.keyfile or "").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "localhost", "127.0.0.1", "a b", ""])
def test_what_is_no_name_of_one_host_is_not_in_it(host: str) -> None:
    assert tls._names(host) == tls.NAMES


@needs_openssl
def test_a_mock_in_a_test_speaks_tls_without_a_file() -> None:
    with MockServer(CHAT, ssl_self_signed=True) as mock:
        assert mock.url_for("room", room="lobby").startswith("wss://")


def test_without_openssl_it_is_told_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(CannotStart, match=r"needs the command openssl.*--ssl-certfile"):
        made(tmp_path)


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("echo bad >&2; echo worse >&2; exit 1", "openssl ecparam failed: worse"),
        ("exit 3", "openssl ecparam failed: 3"),
    ],
)
def test_what_openssl_says_is_told(script: str, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake = tmp_path / "openssl"
    fake.write_text(f"#!/bin/sh\n{script}\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(CannotStart, match=told):
        made(tmp_path)


def test_an_openssl_that_hangs_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake = tmp_path / "openssl"
    fake.write_text("#!/bin/sh\nexec /bin/sleep 30\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(tls, "PATIENCE", 0.1)

    with pytest.raises(CannotStart, match="took longer"):
        made(tmp_path)


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(CannotStart, match="no certificate can be made"):
        made(tmp_path / "nowhere")


def test_a_certificate_is_made_or_given() -> None:
    settings = Settings(ssl_self_signed=True, ssl_certfile="certificate.pem")

    with pytest.raises(CannotStart, match="does not go with"), certificate_of(settings):
        raise AssertionError("it must not be taken")


@needs_openssl
def test_a_key_of_another_certificate_is_told(tmp_path: Path) -> None:
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    for each in (ours, theirs):
        each.mkdir()
        made(each)
    settings = Settings(
        port=0, watch=False, ssl_certfile=str(ours / "certificate.pem"), ssl_keyfile=str(theirs / "key.pem")
    )

    async def start() -> None:
        async with running(Mock.of(CHAT, settings)):
            raise AssertionError("it must not start")

    with pytest.raises(CannotStart, match="the key is not the one of the certificate"):
        asyncio.run(start())


@needs_openssl
def test_whoever_does_not_finish_the_tls_handshake_in_time_is_gone() -> None:
    mock = Mock.of(CHAT, Settings(port=0, watch=False, ssl_self_signed=True, handshake_timeout=0.2))

    async def scenario() -> float:
        async with asyncio.timeout(15), running(mock) as port:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            began = time.monotonic()
            assert await reader.read() == b""
            writer.close()
            return time.monotonic() - began

    assert asyncio.run(scenario()) < 5
