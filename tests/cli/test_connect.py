"""`mockws connect`, in pipes and on a terminal, against a mock that runs."""

import base64
import os
import select
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from shell import CHAT, ROOT, ask, environment, mockws, running

HELLO = '{"type":"chat","user":"ada","text":"Hello, is anybody here?"}'
PATIENCE = 20.0


@pytest.fixture(scope="module")
def served() -> Iterator[str]:
    with running() as url:
        yield url


@pytest.fixture
def url(served: str) -> str:
    ask(served, "/reset?connections=close")
    return served


def echo(url: str, **more: object) -> None:
    """Let the mock say back what it hears."""
    action = {"reply": {"text": "{{ message.text }}", "validate": False, **more}}
    ask(url, "/expectations", trigger={"channel": "room", "message": {"valid": "any"}}, actions=[action])


def test_what_is_piped_in_is_said_and_what_comes_is_piped_out(url: str) -> None:
    echo(url)

    done = mockws("connect", "/rooms/lobby", "--count", "1", "--wait", "10s", said=f"{HELLO}\n", MOCKWS_URL=url)

    assert (done.returncode, done.stdout) == (0, f"{HELLO}\n")
    assert done.stderr.splitlines() == [
        f"mockws: connected to ws{url.removeprefix('http')}/rooms/lobby",
        "mockws: closed by us: 1000",
    ]


def test_a_channel_goes_by_its_name_and_a_message_by_its_name(url: str) -> None:
    echo(url)

    done = mockws(
        "connect", "room", "--url", url, "--count", "1", "--wait", "10s", said='/send ChatMessage {"user":"ben"}'
    )

    assert done.stdout == HELLO.replace("ada", "ben") + "\n"


def test_what_does_not_fit_is_told_both_ways(url: str) -> None:
    echo(url)

    done = mockws("connect", "/rooms/lobby", "--url", url, "--count", "1", "--wait", "10s", said='{"type": "chat"}')

    assert (done.returncode, done.stdout) == (0, '{"type": "chat"}\n')
    assert "what is sent does not fit the document: ChatMessage: /user: is required" in done.stderr
    assert "what came does not fit the document: ChatMessage: /user: is required" in done.stderr


def test_a_connection_that_the_other_side_ends_is_exit_code_1(url: str) -> None:
    done = mockws("connect", "/rooms/lobby", "--url", url, "--wait", "10s", said='{"type": "chat"}')

    assert (done.returncode, done.stdout) == (1, "")
    assert "closed by the other side: 1008 ChatMessage: /user: is required" in done.stderr


def test_we_close_with_the_code_we_like(url: str) -> None:
    done = mockws("connect", "/rooms/lobby", "--url", url, said="/close 4000 had enough\nnever said\n")

    assert done.returncode == 0
    assert ask(url, "/journal/wait", event="close")["entries"][0]["code"] == 4000


def test_too_little_in_time_is_exit_code_4(url: str) -> None:
    done = mockws("connect", "/rooms/lobby", "--url", url, "--count", "1", "--wait", "10ms")

    assert (done.returncode, done.stdout) == (4, "")


def test_the_handshake_brings_what_it_is_told(url: str) -> None:
    done = mockws(
        "connect", "/rooms/lobby", "--url", url, "--wait", "0s", "--token", "t-123", "--header", "X-Team: web",
        "--subprotocol", "chat.v2",
    )  # fmt: skip

    assert "/rooms/lobby, subprotocol chat.v2\n" in done.stderr
    assert (
        ask(url, "/journal/count", event="open", connection={"headers": {"x-team": {"equalTo": "web"}}})["count"] == 1
    )


def test_a_session_has_its_own_admin_api_and_its_own_address(url: str) -> None:
    session = ask(url, "/sessions")

    done = mockws("connect", f"{session['baseUrl']}/rooms/lobby", "--wait", "0s", said=HELLO)

    assert (done.returncode, "nothing is checked" in done.stderr) == (0, False)
    assert ask(session["adminUrl"].removesuffix("/__admin"), "/journal/count", message={})["count"] == 1


def test_bytes_go_in_and_out_as_base64(url: str) -> None:
    said = base64.b64encode(b"\x00\xff").decode()
    action = {"reply": {"base64": said, "validate": False}}
    ask(
        url,
        "/expectations",
        trigger={"channel": "room", "message": {"type": "binary", "valid": "any"}},
        actions=[action],
    )

    done = mockws("connect", "/rooms/a", "--url", url, "--count", "1", "--wait", "10s", said=f"/binary {said}")

    assert done.stdout == f"{said}\n"


def test_lines_that_are_no_commands_of_ours_are_told_and_not_sent(url: str) -> None:
    done = mockws("connect", "/rooms/a", "--url", url, "--wait", "0s", said="/snd\n/messages\n")

    assert "no /snd, did you mean /send?" in done.stderr
    assert "said: ChatMessage, TypingNotice" in done.stderr
    assert ask(url, "/journal/count", message={"valid": "any"})["count"] == 0


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["/nowhere"], 1, "HTTP 404"),
        (["/nowhere"], 1, "the document has no channel at"),
        (["ws://127.0.0.1:1/x"], 1, "no connection to ws://127.0.0.1:1/x"),
        (["ws://127.0.0.1:1/x"], 1, "without a document nothing is checked"),
        (["ftp://127.0.0.1/x"], 2, "is no URL of a WebSocket"),
        (["/rooms/a", "--header", "X-Team"], 2, "is not NAME:VALUE"),
        (["/rooms/a", "--document", "gone.yaml"], 2, "gone.yaml"),
        (["/rooms/a", "--wait", "long"], 2, "'long' is no duration"),
    ],
)
def test_what_cannot_be_is_told(url: str, arguments: list[str], code: int, said: str) -> None:
    done = mockws("connect", *arguments, MOCKWS_URL=url)

    assert (done.returncode, done.stdout) == (code, "")
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_document_of_ones_own_is_enough_where_there_is_no_admin_api() -> None:
    with running("--on-invalid", "ignore") as url:
        done = mockws("connect", f"{url}/rooms/a", "--document", CHAT, "--wait", "0s", said="/send TypingNotice\n{}\n")

    assert "what is sent does not fit the document" in done.stderr
    assert "TypingNotice" not in done.stderr


class Terminal:
    """A command on a terminal of its own."""

    def __init__(self, *arguments: str) -> None:
        import pty

        self.shown = ""
        self.pid, self._file = pty.fork()
        if self.pid == 0:
            os.chdir(ROOT)
            os.execve(sys.executable, [sys.executable, "-m", "mockws", *arguments], environment(TERM="xterm"))

    def type(self, text: str) -> None:
        os.write(self._file, text.encode())

    def until(self, text: str) -> str:
        """Read until this is shown."""
        end = time.monotonic() + PATIENCE
        while text not in self.shown:
            assert time.monotonic() < end, self.shown
            if select.select([self._file], [], [], 0.1)[0]:
                self.shown += os.read(self._file, 65536).decode("utf-8", "replace")
        return self.shown

    def ended(self) -> int:
        code = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        os.close(self._file)
        return code


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such terminals")
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")  # pty.fork of newer versions, with threads about
def test_on_a_terminal_there_are_names_colours_and_completion(url: str, tmp_path: Path) -> None:
    echo(url)
    terminal = Terminal("connect", "/rooms/lobby", "--url", url, "--wait", "0s")
    terminal.until("> ")

    terminal.type("/send Ch\t\n")

    shown = terminal.until("← ")
    assert "/send ChatMessage" in shown
    assert "\x1b[1;32mChatMessage" in shown
    terminal.type("/close\n")
    assert "closed by us: 1000" in terminal.until("closed by us")
    assert terminal.ended() == 0
