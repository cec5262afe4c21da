"""`mockws serve`, as a user runs it."""

import asyncio
import json
import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import pytest
from websockets.asyncio.client import connect

ROOT = Path(__file__).parents[2]
ORDERS = str(ROOT / "specification" / "order-api.yaml")
CHAT = str(ROOT / "specification" / "chat.yaml")
ORDER = {"id": 10, "orderItems": [{"id": 1, "name": "Macbook", "quantity": 1, "price": 2000}]}
PATIENCE = 20.0


def environment(**more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MOCKWS_")}
    return {**kept, "PYTHONPATH": str(ROOT), "COLUMNS": "200", **more}


def mockws(*arguments: str, cwd: Path = ROOT, **more: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "mockws", *arguments]
    return subprocess.run(
        command, cwd=cwd, env=environment(**more), capture_output=True, text=True, timeout=PATIENCE, check=False
    )


class Served:
    """A mock in a process of its own."""

    def __init__(self, process: subprocess.Popen[str], banner: str) -> None:
        self.process = process
        self.banner = banner

    @property
    def port(self) -> int:
        return int(self.banner.partition("ws://127.0.0.1:")[2].partition("/")[0])

    def url(self, path: str = "") -> str:
        return f"ws://127.0.0.1:{self.port}{path}"

    def ended(self) -> tuple[int, str]:
        """Wait for its end; give the exit code and what else it said."""
        _, said = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, said


@contextmanager
def served(*arguments: str, cwd: Path = ROOT, **more: str) -> Iterator[Served]:
    command = [sys.executable, "-m", "mockws", "serve", *arguments]
    process = subprocess.Popen(command, cwd=cwd, env=environment(**more), stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    try:
        yield Served(process, banner_of(process.stderr))
    finally:
        process.kill()
        process.wait()
        process.stderr.close()


def banner_of(stream: IO[str]) -> str:
    """Read up to the line that says it is ready."""
    lines = []
    for line in stream:
        lines.append(line)
        if line.startswith("ready") or '"event": "ready"' in line:
            return "".join(lines)
    raise AssertionError(f"it did not start: {''.join(lines)}")


def ask(served: Served, path: str) -> Any:
    with urllib.request.urlopen(f"http://127.0.0.1:{served.port}/__admin{path}", timeout=5) as answer:
        return json.load(answer)


def test_the_banner_says_where_to_connect_and_what_waits() -> None:
    with served(ORDERS, "--port", "0") as mock:
        lines = mock.banner.splitlines()

    assert lines[0].startswith("mockws 0.1.0 serves Order API 1.0.0 (")
    assert lines[1].startswith("perspective: server (operation placeOrder receives and names a reply)")
    assert f"  ws://127.0.0.1:{mock.port}/new-orders " in mock.banner
    assert "waiting for a trigger: orderAccepted  (mockws send OrderAccepted" in mock.banner
    assert f"admin: http://127.0.0.1:{mock.port}/__admin/health" in lines
    assert "\x1b" not in mock.banner


def test_the_banner_names_the_message_where_a_channel_has_several() -> None:
    with served(str(ROOT / "specification" / "market-data.yaml"), "--port", "0") as mock:
        assert "(mockws send feed heartbeat --url" in mock.banner


def test_what_is_relayed_waits_for_no_trigger() -> None:
    with served(CHAT, "--port", "0") as mock:
        assert "waiting" not in mock.banner


def test_the_banner_counts_what_was_mended(tmp_path: Path) -> None:
    text = Path(ORDERS).read_text().replace("messages:\n      - $ref", "nonsense: 1\n    messages:\n      - $ref")
    (tmp_path / "spec.yaml").write_text(text)
    with served("spec.yaml", "--port", "0", cwd=tmp_path) as mock:
        assert "warning: spec.yaml:" in mock.banner
        assert " in all: mockws check spec.yaml" in mock.banner


def test_localhost_is_reached_by_both_families() -> None:
    with served(CHAT, "--port", "0") as mock:
        for host in ("127.0.0.1", "::1"):
            socket.create_connection((host, mock.port), timeout=5).close()


def test_another_bind_prints_the_token_it_asks_for() -> None:
    with served(CHAT, "--port", "0", "--host", "0.0.0.0") as mock:
        token = mock.banner.partition("admin token (made for this run): ")[2].split()[0]
        request = urllib.request.Request(
            f"http://127.0.0.1:{mock.port}/__admin/connections", headers={"Authorization": f"Bearer {token}"}
        )
        with urllib.request.urlopen(request, timeout=5) as answer:
            assert json.load(answer) == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_in_good_order(number: signal.Signals) -> None:
    async def stop(mock: Served) -> tuple[int | None, str | None]:
        async with asyncio.timeout(10), connect(mock.url("/rooms/lobby")) as client:
            mock.process.send_signal(number)
            await client.wait_closed()
            return client.close_code, client.close_reason

    with served(CHAT, "--port", "0") as mock:
        seen = asyncio.run(stop(mock))
        began = time.monotonic()
        code, said = mock.ended()

    assert (seen, code) == ((1012, "the mock is stopping"), 0)
    assert time.monotonic() - began < 5
    assert "Traceback" not in said


def test_a_second_signal_ends_it_at_once() -> None:
    """The client takes nothing, so a first signal alone would wait for it."""

    async def stop(mock: Served) -> float:
        async with asyncio.timeout(10), connect(mock.url("/rooms/lobby")) as client:
            client.transport.pause_reading()
            began = time.monotonic()
            # Two that come at the same time are one to the system; one that comes when Python ends is nobody's.
            while mock.process.poll() is None:
                mock.process.send_signal(signal.SIGTERM)
                await asyncio.sleep(0.3)
            client.transport.abort()
            return time.monotonic() - began

    with served(CHAT, "--port", "0", "--stop-timeout", "30s") as mock:
        took = asyncio.run(stop(mock))

    # A third signal may come when nobody takes it any more.
    assert mock.process.returncode in (0, -signal.SIGTERM)
    assert took < 10


def test_room_for_few_connections_is_told_at_the_start() -> None:
    command = f'ulimit -n 80; exec "{sys.executable}" -m mockws serve "{CHAT}" --port 0'
    process = subprocess.Popen(["bash", "-c", command], cwd=ROOT, env=environment(), stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    try:
        banner_of(process.stderr)
        assert "warning: there is room for 16 connections only: see ulimit -n" in process.stderr.readline()
    finally:
        process.kill()
        process.wait()
        process.stderr.close()


def test_a_port_in_use_is_exit_code_3() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        ended = mockws("serve", CHAT, "--port", port)

    assert (ended.returncode, ended.stdout) == (3, "")
    assert ended.stderr == f"mockws: port {port} on 127.0.0.1 is in use; choose another with --port, or 0 for any\n"


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("nowhere.yaml",), 2, "'nowhere.yaml' does not exist"),
        ((CHAT, "--prot", "1"), 2, "--port"),
        ((CHAT, "--port", "x"), 2, "--port: port: 'x' is not a whole number"),
        ((CHAT, "--port", "70000"), 2, "not between 0 and 65535"),
        ((CHAT, "--server", "moon"), 2, "local"),
        ((CHAT, "--ssl-certfile", "/nowhere.pem"), 3, "/nowhere.pem"),
        ((CHAT, "--host", "256.1.1.1", "--port", "0"), 3, "cannot listen on 256.1.1.1"),
    ],
)
def test_a_mistake_is_one_message_and_an_exit_code(arguments: tuple[str, ...], code: int, said: str) -> None:
    ended = mockws("serve", *arguments)

    assert ended.returncode == code
    assert said in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("text", ["", "{", "openapi: 3.0.0", "asyncapi: 3.0.0\ninfo: {title: a, version: '1'}"])
def test_a_document_with_nothing_to_serve_is_exit_code_1(tmp_path: Path, text: str) -> None:
    (tmp_path / "spec.yaml").write_text(text)

    ended = mockws("serve", "spec.yaml", cwd=tmp_path)

    assert ended.returncode == 1
    assert ended.stderr.startswith("mockws: spec.yaml")
    assert ended.stderr.count("\n") == 1


def test_strict_refuses_what_is_mended_otherwise(tmp_path: Path) -> None:
    text = Path(ORDERS).read_text().replace("messages:\n      - $ref", "nonsense: 1\n    messages:\n      - $ref")
    (tmp_path / "spec.yaml").write_text(text)

    assert mockws("serve", "spec.yaml", "--strict", cwd=tmp_path).returncode == 1


@pytest.mark.parametrize(
    ("file", "text", "variables", "said"),
    [
        ("mockws.toml", "port = 'x'", {}, "mockws.toml: port: 'x' is not a whole number"),
        ("mockws.toml", "prot = 1", {}, "mockws.toml: prot: no such option, did you mean port?"),
        ("mockws.toml", "port = ", {}, "mockws.toml: file:"),
        ("pyproject.toml", "[tool.mockws]\nauth = 'no'", {}, "pyproject.toml [tool.mockws]: auth: 'no' is none of"),
        ("x", "", {"MOCKWS_WATCH": "perhaps"}, "MOCKWS_WATCH: watch: 'perhaps' is neither true nor false"),
    ],
)
def test_a_bad_setting_is_named_with_its_origin(
    tmp_path: Path, file: str, text: str, variables: dict[str, str], said: str
) -> None:
    (tmp_path / file).write_text(text)

    ended = mockws("serve", CHAT, cwd=tmp_path, **variables)

    assert (ended.returncode, ended.stderr.count("\n")) == (2, 1)
    assert said in ended.stderr


def test_flags_win_over_the_environment_and_that_over_the_file(tmp_path: Path) -> None:
    (tmp_path / "mockws.toml").write_text("perspective = 'client'\nlog-format = 'json'\nport = 1")
    with served(CHAT, "--port", "0", cwd=tmp_path, MOCKWS_PORT="2", MOCKWS_PERSPECTIVE="server") as mock:
        ready = json.loads(mock.banner)

    assert ready["perspective"] == "server"
    assert not ready["urls"][0].endswith((":1/", ":2/"))


def test_a_port_that_kubernetes_injects_is_no_port() -> None:
    with served(CHAT, "--port", "0", MOCKWS_PORT="tcp://10.0.0.1:8080") as mock:
        assert mock.port


def lines_after(mock: Served, client_says: list[str], path: str) -> list[str]:
    async def talk() -> None:
        async with asyncio.timeout(10), connect(mock.url(path)) as client:
            for said in client_says:
                await client.send(said)

    asyncio.run(talk())
    mock.process.send_signal(signal.SIGTERM)
    return mock.ended()[1].splitlines()


def test_the_log_for_people_shows_what_came_and_went() -> None:
    said = '{"type":"chat","user":"\\u001b[31m","text":"' + "x" * 1000 + '"}'
    with served(CHAT, "--port", "0") as mock:
        lines = lines_after(mock, [said], "/rooms/lobby?token=geheim")

    log = "\n".join(lines)
    assert "c1 → /rooms/lobby ChatMessage" in log
    assert "geheim" not in log
    assert "\x1b" not in log
    assert max(map(len, lines)) < 800


def test_the_log_for_programs_is_json_line_by_line() -> None:
    with served(CHAT, "--port", "0", "--log-format", "json") as mock:
        lines = lines_after(mock, ['{"type":"chat","user":"\x9b31m","text":"\u2028"}'], "/rooms/lobby")

    entries = [json.loads(line) for line in lines]
    assert [entry["event"] for entry in entries] == ["open", "message", "close"]
    assert all(line.isprintable() for line in lines)


def test_a_flood_is_cut_and_says_so() -> None:
    hello = '{"type":"chat","user":"a","text":"b"}'
    with served(CHAT, "--port", "0", "--log-format", "json") as mock:
        entries = [json.loads(line) for line in lines_after(mock, [hello] * 3000, "/rooms/lobby")]

    assert len(entries) < 1500
    assert sum(entry["count"] for entry in entries if entry["event"] == "suppressed") + len(entries) > 3000


@pytest.mark.parametrize("closed", ["2>&-", ">&-", ">&- 2>&-", "2>/dev/full"])
def test_closed_streams_do_not_stop_it(closed: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    command = f'exec "{sys.executable}" -m mockws serve "{CHAT}" --port {port} {closed}'
    process = subprocess.Popen(["bash", "-c", command], cwd=ROOT, env=environment(), stdin=subprocess.DEVNULL)
    try:
        health = mockws("health", "--url", f"http://127.0.0.1:{port}", "--wait", "10s")
        process.send_signal(signal.SIGTERM)
        assert (health.returncode, process.wait(PATIENCE)) == (0, 0)
    finally:
        process.kill()
        process.wait()


def test_a_pipe_that_nobody_reads_does_not_stop_it() -> None:
    """Its log is far longer than the pipe, and it still answers, and ends."""
    said = json.dumps({"id": 1, "orderItems": [], "x": "y" * 400})

    async def talk(mock: Served) -> None:
        async with asyncio.timeout(15), connect(mock.url("/new-orders")) as client:
            for _ in range(1500):
                await client.send(said)
            await (await client.ping())

    with served(ORDERS, "--port", "0") as mock:
        asyncio.run(talk(mock))
        mock.process.send_signal(signal.SIGTERM)

        assert mock.process.wait(5) == 0


def test_tls_is_shown_and_spoken(tmp_path: Path) -> None:
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost"]
    try:
        subprocess.run([*command, "-out", "c.pem", "-keyout", "k.pem"], cwd=tmp_path, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("there is no openssl")
    with served(CHAT, "--port", "0", "--ssl-certfile", "c.pem", "--ssl-keyfile", "k.pem", cwd=tmp_path) as mock:
        assert "  wss://127.0.0.1:" in mock.banner
        assert "admin: https://127.0.0.1:" in mock.banner


def test_a_certificate_that_is_made_is_shown_and_trusted() -> None:
    if shutil.which("openssl") is None:
        pytest.skip("there is no openssl")

    async def talk(mock: Served, certificate: str) -> None:
        context = ssl.create_default_context(cafile=certificate)
        url = f"wss://localhost:{mock.banner.partition('wss://127.0.0.1:')[2].partition('/')[0]}/rooms/lobby"
        async with asyncio.timeout(10), connect(url, ssl=context) as client:
            await (await client.ping())

    with served(CHAT, "--port", "0", "--ssl-self-signed") as mock:
        certificate = mock.banner.partition("(made for this run, for clients to trust): ")[2].splitlines()[0]
        asyncio.run(talk(mock, certificate))
        mock.process.send_signal(signal.SIGTERM)
        assert mock.ended()[0] == 0

    assert not Path(certificate).exists()


def test_a_unix_domain_socket_is_shown_and_one_that_is_in_use_is_exit_code_3(tmp_path: Path) -> None:
    path = tmp_path / "mock.sock"
    with served(CHAT, "--uds", str(path), "--log-format", "json") as mock:
        ready = json.loads(mock.banner)
        assert (ready["socket"], ready["urls"]) == (str(path), ["ws://localhost/rooms/lobby"])
        second = mockws("serve", CHAT, "--uds", str(path))
        mock.process.send_signal(signal.SIGTERM)
        assert mock.ended()[0] == 0

    assert (second.returncode, second.stderr.count("\n")) == (3, 1)
    assert f"{path} is in use by another server" in second.stderr
    assert not path.exists()


def test_a_mock_that_serves_can_be_told_to_send() -> None:
    async def play(mock: Served) -> Any:
        async with asyncio.timeout(15), connect(mock.url("/accepted-orders")) as client:
            url = f"http://127.0.0.1:{mock.port}"
            sent = await asyncio.to_thread(mockws, "send", "OrderAccepted", "--url", url)
            assert (sent.returncode, sent.stdout) == (0, "sent to 1: c1\n")
            return json.loads(await client.recv())

    with served(ORDERS, "--port", "0") as mock:
        assert asyncio.run(play(mock))["status"] == "ACCEPTED"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("OrderAccepted",), "409 no one was reached"),
        (("OrderAccepted", "OrderAcepted"), "did you mean 'OrderAccepted'"),
        (("Order",), "no channel 'Order'"),
        (("OrderAccepted", "--wait", "1", "--timeout", "10ms"), "0 of 1 connections"),
    ],
)
def test_a_send_that_fails_says_why(arguments: tuple[str, ...], said: str) -> None:
    with served(ORDERS, "--port", "0") as mock:
        ended = mockws("send", *arguments, "--url", f"http://127.0.0.1:{mock.port}")

    assert (ended.returncode, ended.stdout) == (1, "")
    assert said in ended.stderr


def test_health_of_a_mock_that_serves() -> None:
    with served(CHAT, "--port", "0") as mock:
        ended = mockws("health", MOCKWS_PORT=str(mock.port))

    assert (ended.returncode, json.loads(ended.stdout)) == (0, {"status": "UP", "connections": 0})
