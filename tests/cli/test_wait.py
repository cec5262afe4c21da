"""`mockws wait`, against a mock that runs."""

import json
from collections.abc import Iterator

import pytest
from shell import ask, running
from websockets.sync.client import connect

from mockws.cli.main import run

HELLO = {"type": "chat", "user": "adda", "text": "hi"}

Said = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def served() -> Iterator[str]:
    with running() as url:
        yield url


@pytest.fixture
def url(served: str) -> str:
    ask(served, "/reset?connections=close")
    return served


def lobby(url: str) -> str:
    return f"ws{url.removeprefix('http')}/rooms/lobby"


def wait(url: str, *arguments: str) -> int:
    return run(["wait", *arguments, "--url", url])


def test_a_connection_that_is_there_is_told_by_its_id(url: str, capsys: Said) -> None:
    with connect(lobby(url)):
        code = wait(url, "connection", "--channel", "room", "--parameter", "room=lobby")

    assert (code, capsys.readouterr().out[0]) == (0, "c")


def test_what_is_waited_for_may_be_named_without_a_flag(url: str, capsys: Said) -> None:
    with connect(lobby(url)) as client:
        client.send(json.dumps(HELLO))

        assert wait(url, "connection", "room") == wait(url, "message", "ChatMessage") == 0
        assert wait(url, "message", "TypingNotice", "--timeout", "10ms") == 4
        assert wait(url, "message", "TypingNotice", "--name", "ChatMessage") == 2
    assert "say it once: TypingNotice, or --name ChatMessage" in capsys.readouterr().err


def test_a_connection_that_does_not_come_is_exit_code_4(url: str, capsys: Said) -> None:
    with connect(lobby(url)):
        code = wait(url, "connection", "--parameter", "room=kitchen", "--timeout", "10ms")

    streams = capsys.readouterr()
    assert (code, streams.out) == (4, "")
    assert "0 of 1 connections were there" in streams.err


def test_a_message_that_came_is_printed(url: str, capsys: Said) -> None:
    with connect(lobby(url)) as client:
        client.send(json.dumps(HELLO))
        code = wait(url, "message", "--name", "ChatMessage", "--json", '{"user": "adda"}')

    assert (code, json.loads(capsys.readouterr().out)) == (0, HELLO)


def test_what_the_mock_said_can_be_waited_for(url: str, capsys: Said) -> None:
    with connect(lobby(url)):
        ask(url, "/send", to={"channel": "room"}, message="ChatMessage")

        assert wait(url, "message", "--direction", "out", "--channel", "room") == 0
    assert '"user":"ada"' in capsys.readouterr().out


def test_a_message_that_does_not_come_is_told_with_what_came_nearest(url: str, capsys: Said) -> None:
    with connect(lobby(url)) as client:
        client.send(json.dumps(HELLO))
        code = wait(url, "message", "--name", "ChatMessage", "--json", '{"user": "ada"}', "--timeout", "200ms")

    assert code == 4
    assert '/message/body/user was to be "ada", and is "adda"' in capsys.readouterr().err


def test_what_happened_before_a_number_does_not_count(url: str) -> None:
    with connect(lobby(url)) as client:
        client.send(json.dumps(HELLO))
        assert wait(url, "message") == 0
        last = ask(url, "/journal", "GET")["last"]

        assert wait(url, "message", "--after", str(last), "--timeout", "10ms") == 4


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["message", "--timeout", "soon"], 2, "'soon' is no duration"),
        (["message", "--json", "{"], 2, "--json"),
        (["connection", "--parameter", "room"], 2, "NAME=VALUE"),
        (["connection", "--count", "0"], 2, "--count"),
        (["connection", "--channel", "rom"], 1, "no channel 'rom'"),
        (["message", "--after", "1000000"], 1, "journal gone"),
        (["coffee"], 2, "coffee"),
    ],
)
def test_a_mistake_is_no_matter_of_time(url: str, arguments: list[str], code: int, said: str, capsys: Said) -> None:
    assert wait(url, *arguments) == code
    assert said in capsys.readouterr().err
