"""`mockws logs`, against a mock that runs; and the stream below it, broken off and taken up again."""

import http.server
import json
import threading
from collections.abc import Iterator
from itertools import islice

import pytest
from shell import ask, running
from websockets.sync.client import connect

from mockws.cli.logs import line_of
from mockws.cli.main import run
from mockws.client.stream import Following, read_events
from mockws.errors import Refused, Unreachable

Said = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def served() -> Iterator[str]:
    with running("--on-invalid", "ignore") as url:
        yield url


@pytest.fixture
def url(served: str) -> str:
    ask(served, "/reset?connections=close")
    ask(served, "/journal", "DELETE")
    return served


def say(url: str, *texts: str) -> None:
    with connect(f"ws{url.removeprefix('http')}/rooms/lobby") as client:
        for text in texts:
            client.send(text)


TYPING = '{"type": "typing", "user": "ada", "active": true}'


def test_the_journal_is_shown_one_line_an_entry(url: str, capsys: Said) -> None:
    say(url, TYPING)
    ask(url, "/journal/wait", event="close")

    assert run(["logs", "--url", url]) == 0

    opened, message, closed = capsys.readouterr().out.splitlines()
    assert " /rooms/lobby open" in opened
    assert ' → /rooms/lobby TypingNotice spec {"type":"typing","user":"ada","active":true} ' in message
    assert " close 1000 " in closed


def test_a_filter_leaves_the_others_out(url: str, capsys: Said) -> None:
    say(url, TYPING, "nonsense")
    ask(url, "/journal/wait", event="close")

    run(["logs", "--url", url, "--filter", "outcome=invalid", "--filter", "direction=in"])

    (line,) = capsys.readouterr().out.splitlines()
    assert "invalid nonsense" in line


def test_for_programs_there_are_json_lines(url: str, capsys: Said) -> None:
    say(url, *[TYPING] * 3)
    ask(url, "/journal/wait", event="close")

    run(["logs", "--url", url, "--format", "json", "--filter", "event=message"])

    entries = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [each["message"] for each in entries] == ["TypingNotice"] * 3


def test_more_than_a_page_is_shown_whole(url: str, capsys: Said) -> None:
    say(url, *[TYPING] * 600)
    ask(url, "/journal/wait", event="close")

    run(["logs", "--url", url, "--filter", "event=message"])

    assert len(capsys.readouterr().out.splitlines()) == 600


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--filter", "chanel=room"], "did you mean 'channel'?"),
        (["--filter", "channel"], "KEY=VALUE"),
        (["--patience", "long"], "'long' is no duration"),
        (["--url", "mock"], "'mock' is no URL of a mock"),
    ],
)
def test_a_wrong_flag_is_wrong_usage(arguments: list[str], said: str, capsys: Said) -> None:
    assert run(["logs", *arguments]) == 2
    assert said in capsys.readouterr().err


def test_a_following_gives_what_was_and_what_comes(url: str) -> None:
    say(url, TYPING)
    events = Following(url, asked={"event": "message"}).events()

    assert next(events)[1]["message"] == "TypingNotice"
    say(url, '{"type": "chat", "user": "ada", "text": "hi"}')
    assert next(events)[1]["message"] == "ChatMessage"


def test_a_following_ends_when_the_mock_stays_away(capsys: Said) -> None:
    with running() as url:
        events = Following(url, patience=0.0).events()
        say(url, TYPING)
        assert next(events)[0] == "open"

    with pytest.raises(Unreachable):
        list(events)


def test_a_mock_that_never_was_there_is_not_waited_for() -> None:
    assert run(["logs", "--follow", "--url", "http://127.0.0.1:1"]) == 1


@pytest.fixture
def breaking() -> Iterator[tuple[str, list[str | None]]]:
    """Run a server whose streams break off after each event; give its URL, and what is asked to go on after."""
    asked: list[str | None] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.headers.get("last-event-id"))
            status = 503 if len(asked) > 3 else 200
            body = b'{"title": "too many streams", "detail": "32"}' if status == 503 else b""
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body or b": hello\n\nid: %d\nevent: open\ndata: {}\n\nid: 9\nda" % len(asked))

        def log_request(self, code: object = "-", size: object = "-") -> None:
            """Say nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", asked
        server.shutdown()
        thread.join()


def test_a_stream_that_breaks_off_is_taken_up_after_its_last_whole_event(
    breaking: tuple[str, list[str | None]],
) -> None:
    url, asked = breaking
    following = Following(url, sleep=lambda _: None)

    assert list(islice(following.events(), 3)) == [("open", {})] * 3
    assert asked == [None, "1", "2"]


def test_a_refusal_ends_the_following(breaking: tuple[str, list[str | None]]) -> None:
    url, _ = breaking

    with pytest.raises(Refused, match="503 too many streams: 32"):
        list(Following(url, sleep=lambda _: None).events())


def test_an_event_without_data_only_moves_the_number() -> None:
    assert list(read_events([": still here", "id: 7", "", "data: 1"])) == [("7", "message", "")]


def test_what_was_dropped_is_told() -> None:
    assert line_of("lost", {"after": 17, "first": 40}) == "\x1b[33m… entries 18 to 39 were dropped\x1b[0m"


def test_what_is_wrong_is_told_once() -> None:
    entry = {"seq": 7, "time": "2026-03-14T09:30:00.000Z", "event": "message", "note": "Hello: /id: is required"}
    entry |= {"errors": [{"pointer": "/id", "message": "is required", "schemaPointer": "/required"}]}

    assert line_of("message", entry).endswith("message (Hello: /id: is required)")


def test_no_colour_where_none_is_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")

    assert "\x1b" not in line_of("lost", {"after": 17, "first": 40})


def test_what_a_client_said_moves_no_cursor() -> None:
    entry = {"seq": 1, "time": "2026-03-14T09:30:00.000Z", "event": "message", "type": "text"}
    entry |= {"text": "\x1b[2J", "direction": "in"}

    assert line_of("message", entry) == "    1 09:30:00.000    - → message \\x1b[2J"
