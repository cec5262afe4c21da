"""The journal over HTTP: page by page, narrowed, without secrets, and honest about what it leaves out."""

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from starlette.testclient import TestClient, WebSocketDenialResponse

from mockws.app import Mock
from mockws.engine.journal import LONGEST
from mockws.settings import Settings

CHAT = "specification/chat.yaml"
MIB = 1 << 20
HELLO = {"type": "chat", "user": "ada", "text": "hi"}


@contextmanager
def served(**settings: Any) -> Iterator[TestClient]:
    mock = Mock.of(CHAT, Settings(**{"watch": False, "on_invalid": "ignore", **settings}))
    with TestClient(mock.app(), base_url="http://127.0.0.1:8080/__admin") as client:
        yield client


def say(client: TestClient, *said: str | bytes, path: str = "/rooms/lobby") -> None:
    """Connect, say something, and go."""
    with client.websocket_connect(f"ws://127.0.0.1:8080{path}") as socket:
        for each in said:
            socket.send_bytes(each) if isinstance(each, bytes) else socket.send_text(each)


def page(client: TestClient, query: str = "") -> dict[str, Any]:
    shown: dict[str, Any] = client.get(f"/journal{query}").json()
    return shown


def entries(client: TestClient, query: str = "") -> list[dict[str, Any]]:
    return list(page(client, query)["entries"])


def test_a_conversation_is_written_down() -> None:
    with served() as client:
        say(client, json.dumps(HELLO))

        opened, message, closed = entries(client)
        assert [each["event"] for each in (opened, message, closed)] == ["open", "message", "close"]
        assert (message["seq"], message["direction"], message["message"]) == (2, "in", "ChatMessage")
        assert (message["json"], message["type"], message["channel"]) == (HELLO, "text", "room")
        assert message["connection"] == opened["connection"] == "c1"
        assert opened["time"][:2] == "20"
        assert opened["time"].endswith("Z")


@pytest.mark.parametrize("said", ["[]", "null", '""', "0"])
def test_a_payload_that_is_nothing_is_shown_all_the_same(said: str) -> None:
    with served() as client:
        say(client, said)

        assert entries(client, "?event=message")[0]["json"] == json.loads(said)


def test_what_is_no_json_is_text_and_bytes_are_base64() -> None:
    with served() as client:
        say(client, "{oops")
        say(client, b"\xff\x00")

        text, binary = entries(client, "?event=message")
        assert (text["text"], binary["base64"], binary["type"]) == ("{oops", "/wA=", "binary")


def test_long_payloads_are_cut() -> None:
    with served() as client:
        say(client, "ä" * LONGEST, b"x" * (LONGEST + 1), json.dumps("x" * LONGEST), "ä" * (LONGEST // 2))

        text, binary, value, whole = entries(client, "?event=message")
        assert (text["size"], text["text"], text["cut"]) == (2 * LONGEST, "ä" * (LONGEST // 2), True)
        assert (binary["size"], len(base64.b64decode(binary["base64"]))) == (LONGEST + 1, LONGEST)
        assert (value["size"], len(value["text"])) == (LONGEST + 2, LONGEST)
        assert (whole["size"], whole["text"], "cut" in whole) == (LONGEST, "ä" * (LONGEST // 2), False)


def test_no_entry_is_lost_between_pages() -> None:
    with served() as client:
        say(client, *["1"] * 5)
        seen, query = [], "?limit=2"

        while True:
            shown = page(client, query)
            seen += [each["seq"] for each in shown["entries"]]
            if shown["next"] is None:
                break
            query = f"?limit=2&after={shown['next']}"

        assert (seen, shown["last"]) == ([1, 2, 3, 4, 5, 6, 7], 7)


@pytest.mark.parametrize("limit", [6, 7])
def test_a_page_says_whether_there_is_more(limit: int) -> None:
    with served() as client:
        say(client, *["1"] * 5)

        shown = page(client, f"?limit={limit}")

        assert (len(shown["entries"]), shown["next"]) == (limit, 6 if limit == 6 else None)


def test_the_journal_is_narrowed() -> None:
    with served() as client:
        action = {"reply": {"message": "ChatMessage", "example": "GREETING"}}
        client.put("/expectations/hi", json={"trigger": {"message": {"name": "ChatMessage"}}, "actions": [action]})
        say(client, json.dumps(HELLO), "7")
        say(client)

        def found(query: str) -> list[int]:
            return [each["seq"] for each in entries(client, query)]

        assert found("?connection=c2") == [6, 7]
        assert found("?event=open") == [1, 6]
        assert found("?direction=out") == [3]
        assert found("?direction=in&outcome=invalid") == [4]
        assert found("?message=ChatMessage&channel=room") == [2, 3]
        assert found("?expectation=hi&outcome=matched") == [2]
        assert found("?connection=c2&after=6") == [7]
        assert found("?channel=kitchen") == []


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=1001", "limit=x", "limit=", "limit=-1", f"after={'9' * 5000}", "after=-1", "chanel=a"]
)
@pytest.mark.parametrize("path", ["/journal", "/journal.jsonl"])
def test_a_query_that_cannot_be_is_refused(path: str, query: str) -> None:
    with served() as client:
        refused = client.get(f"{path}?{query}")

        assert (refused.status_code, refused.headers["content-type"]) == (422, "application/problem+json")


def test_lines_are_one_entry_each() -> None:
    with served() as client:
        say(client, "1")

        lines = client.get("/journal.jsonl?limit=1000")

        assert lines.headers["content-type"] == "application/jsonl"
        assert [json.loads(line) for line in lines.text.splitlines()] == entries(client)


def test_a_cleared_journal_numbers_on() -> None:
    with served() as client:
        say(client)

        assert client.delete("/journal").status_code == 204
        assert page(client) == {"entries": [], "next": None, "lost": False, "last": 2, "dropped": 0}
        say(client)
        assert [each["seq"] for each in entries(client)] == [3, 4]


def test_what_was_dropped_is_counted() -> None:
    with served() as client:
        say(client, *[b"x" * MIB] * 65)  # in 64 MiB

        shown = page(client, "?limit=1")
        assert (shown["dropped"], shown["entries"][0]["seq"]) == (3, 4)  # the opening, and two messages
        assert (shown["lost"], page(client, "?limit=1&after=3")["lost"]) == (True, False)


def test_no_secret_is_ever_shown() -> None:
    with served() as client:
        say(client, path="/rooms/lobby?token=hush&access_token=hush")
        with pytest.raises(WebSocketDenialResponse):
            say(client, path="/nowhere?token=hush")

        assert "hush" not in client.get("/journal.jsonl").text
        assert [each["event"] for each in entries(client)][-1] == "refused"
