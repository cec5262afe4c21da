"""`mockws coverage`, against a mock that runs."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from shell import ask, running
from websockets.sync.client import connect

from mockws.cli.main import run

SAID = {"type": "chat", "user": "</script><img src=x onerror=alert(1)>", "text": "hi"}
Said = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """Serve a chat in which somebody spoke, well and badly, before it was reset."""
    with running() as url:
        room = f"ws{url.removeprefix('http')}/rooms/lobby"
        with connect(room, user_agent_header="<b>web</b>") as client, connect(room) as other:
            client.send(json.dumps(SAID))
            other.recv(timeout=5)
            client.send('{"type": "chat"}')
        ask(url, "/reset?connections=close")
        yield url


def test_what_nobody_exercised_is_listed(url: str, capsys: Said) -> None:
    assert run(["coverage", "--url", url]) == 0

    said = capsys.readouterr().out
    assert "missing   message room/TypingNotice\n" in said
    assert "failing   message room/ChatMessage: ChatMessage: /user: is required\n" in said
    assert "channels: 1 of 1 exercised\n" in said


def test_a_session_begins_anew_with_its_reset(url: str, capsys: Said) -> None:
    assert run(["coverage", "--url", url, "--of", "session"]) == 0
    assert ": 0 of " in capsys.readouterr().out


def test_the_url_of_a_session_means_that_session(url: str, capsys: Said) -> None:
    session = ask(url, "/sessions")["id"]

    assert run(["coverage", "--url", f"{url}/__s/{session}"]) == 0
    assert ": 0 of " in capsys.readouterr().out


@pytest.mark.parametrize(
    ("limit", "code", "told"),
    [
        ("10", 0, ""),
        ("channel=100", 0, ""),
        ("reply=100", 0, ""),  # the document has none: nothing is missing
        ("100", 1, "of everything exercised, less than 100 %"),
        ("message=51%", 1, "50.0 % of messages exercised, less than 51 %"),
        ("mesage=50", 2, "did you mean 'message'?"),
        ("101", 2, "is neither a percentage"),
    ],
)
def test_a_build_fails_where_too_little_was_exercised(url: str, limit: str, code: int, told: str, capsys: Said) -> None:
    assert run(["coverage", "--url", url, "--fail-under", limit]) == code
    assert told in capsys.readouterr().err


def test_the_page_and_the_json_tell_the_same(url: str, tmp_path: Path) -> None:
    page, report = tmp_path / "c.html", tmp_path / "c.json"

    assert run(["coverage", "--url", url, "--report", f"html={page}", "--report", f"json={report}"]) == 0

    told = json.loads(report.read_text("utf-8"))
    (message,) = [each for each in told["coverage"] if each["name"] == "room/ChatMessage"]
    assert (message["failed"], message["by"][0]) == (1, "c1 (<b>web</b>)")
    html = page.read_text("utf-8")
    assert "Messages: 1 of 2 exercised" in html
    assert "c1 (&lt;b&gt;web&lt;/b&gt;)" in html
    assert "default-src 'none'" in html
    assert not {"<script", "<b>web", "<img", "src="} & set(html.split())


def test_a_mock_that_is_not_there_is_told(capsys: Said) -> None:
    assert run(["coverage", "--url", "http://127.0.0.1:1"]) == 1
    assert "no mock answers at http://127.0.0.1:1" in capsys.readouterr().err


def test_a_form_that_there_is_not_is_wrong_usage(capsys: Said) -> None:
    assert run(["coverage", "--url", "http://127.0.0.1:1", "--report", "junit=x.xml"]) == 2
    assert "is not json=FILE, html=FILE" in capsys.readouterr().err
