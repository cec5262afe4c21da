"""A mock in this process, or a running one: started, stopped, and what keeps it from that."""

import asyncio
import socket
import threading
from pathlib import Path

import pytest
from talking import CHAT, PATIENCE, chat, connected, end_of, heard, say
from websockets.asyncio.client import connect

from mockws.errors import BadSetting, CannotStart, DocumentRefused, StubsRefused, Unreachable
from mockws.testing import AsyncMock, MockServer

STUBS = """version: 1
expectations:
- {id: hello, trigger: {type: open}, actions: [{reply: {json: {type: chat, user: file, text: hi}}}]}
"""


@pytest.fixture(autouse=True)
def _no_running_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MOCKWS_URL", raising=False)
    monkeypatch.delenv("MOCKWS_ADMIN_TOKEN", raising=False)


def test_a_mock_runs_while_its_block_does() -> None:
    with MockServer(CHAT) as mock:
        url = mock.url_for("room", room="lobby")
        with connected(url):
            assert mock.wait_for_connection("room").parameters == {"room": "lobby"}

    with pytest.raises(OSError, match="refused"), connected(url):
        pass


def test_starting_and_stopping_twice_is_once() -> None:
    mock = MockServer(CHAT)
    url = mock.start().url

    assert mock.start().url == url
    mock.stop()
    mock.stop()
    assert not [each for each in threading.enumerate() if each.name == "mockws"]


def test_a_mock_that_was_stopped_starts_anew() -> None:
    mock = MockServer(CHAT)
    for _ in range(2):
        with mock, connected(mock.url_for("room", room="a")) as client:
            say(client, chat())
            mock.assert_received("ChatMessage", count=1)


def test_a_mock_that_does_not_run_says_so() -> None:
    with pytest.raises(RuntimeError, match="not started: use it in a `with` block"):
        MockServer(CHAT).url_for("room", room="a")


def test_clients_are_told_goodbye() -> None:
    with MockServer(CHAT) as mock:
        client = connected(mock.url_for("room", room="a"))
        socket_ = client.__enter__()
        mock.stop()

        assert end_of(socket_)[0] == 1012
        client.__exit__(None, None, None)


def test_what_keeps_it_from_starting_is_raised_by_start(tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("asyncapi: 3.0.0\n")
    (tmp_path / "stubs.yaml").write_text("version: 2\n")
    with pytest.raises(DocumentRefused):
        MockServer(tmp_path / "bad.yaml").start()
    with pytest.raises(StubsRefused):
        MockServer(CHAT, stubs=tmp_path / "stubs.yaml").start()
    with pytest.raises(CannotStart, match="there is no document to mock"):
        MockServer().start()


def test_a_port_in_use_is_raised_by_start() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(CannotStart, match="is in use"):
            MockServer(CHAT, port=taken.getsockname()[1]).start()


def test_options_are_those_of_serve() -> None:
    with pytest.raises(TypeError, match="no option 'prot'"):
        MockServer(CHAT, prot=1)
    with pytest.raises(BadSetting, match="'shut' is none of close"):
        MockServer(CHAT, on_invalid="shut")
    with pytest.raises(BadSetting, match="admin API"):
        MockServer(CHAT, admin=False)


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0", "localhost"])
def test_it_is_reached_wherever_it_listens(host: str) -> None:
    with MockServer(CHAT, host=host) as mock, connected(mock.url_for("room", room="a")):
        assert mock.wait_for_connection().channel == "room"


def test_stub_files_are_in_force(tmp_path: Path) -> None:
    (tmp_path / "stubs.yaml").write_text(STUBS)
    with (
        MockServer(CHAT, stubs=[tmp_path / "stubs.yaml"]) as mock,
        connected(mock.url_for("room", room="a")) as client,
    ):
        assert heard(client)["user"] == "file"
        mock.assert_all_called()


def test_a_running_mock_gives_a_session_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    with MockServer(CHAT, admin_token="t") as running:
        monkeypatch.setenv("MOCKWS_URL", running.http_url)
        monkeypatch.setenv("MOCKWS_ADMIN_TOKEN", "t")
        with MockServer() as mock, MockServer() as other, connected(mock.url_for("room", room="a")) as client:
            mock.expect_message("ChatMessage").reply("ChatMessage", with_={"text": "mine"})
            say(client, chat())

            assert heard(client)["text"] == "mine"
            assert (mock.is_remote, running.is_remote) == (True, False)
            assert [len(list(each.journal)) for each in (other, running)] == [0, 0]
        assert running.admin.sessions() == []


def test_a_url_where_nobody_is_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOCKWS_URL", "http://127.0.0.1:1")
    with pytest.raises(Unreachable, match=r"no mock answers at http://127\.0\.0\.1:1/"):
        MockServer(CHAT).start()


def test_a_session_is_a_world_of_its_own() -> None:
    with MockServer(CHAT) as mock, mock.session() as one, one.session() as two:
        with connected(one.url_for("room", room="a")) as client:
            say(client, chat())
            one.assert_received("ChatMessage")

        two.assert_not_received("ChatMessage")
        mock.assert_not_received("ChatMessage")
        assert len({mock.url, one.url, two.url}) == 3


def test_the_client_under_test_may_share_the_loop() -> None:
    async def talked() -> AsyncMock:
        async with MockServer(CHAT) as mock:
            mock.on_open("room").reply(json=chat("welcome"))
            waiting = asyncio.create_task(_connection(mock))
            async with connect(mock.url_for("room", room="a")) as client:
                assert "welcome" in str(await asyncio.wait_for(client.recv(), PATIENCE))
                (await waiting).send(json=chat("news"))
                assert "news" in str(await asyncio.wait_for(client.recv(), PATIENCE))
                await client.send('{"type": "chat", "user": "ada", "text": "x"}')
                assert (await mock.wait_for_message("ChatMessage")).json["text"] == "x"
                await mock.assert_received("ChatMessage", json={"user": "ada"}, count=1)
                await mock.assert_sequence(["ChatMessage"])
                await mock.assert_not_received("TypingNotice")
            async with mock.session() as session:
                await session.assert_not_received("ChatMessage")
            return mock

    with pytest.raises(Unreachable):
        asyncio.run(talked()).admin.health()


async def _connection(mock: AsyncMock):  # type: ignore[no-untyped-def]  # noqa: ANN202
    return await mock.wait_for_connection("room")
