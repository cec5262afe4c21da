"""The admin API's expectations: what can be added, shown, put back, taken out and set off, and what is refused how."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from mockws.app import Mock
from mockws.settings import Settings

CHAT = "specification/chat.yaml"
ROOM = "/rooms/lobby"
HELLO = {"type": "chat", "user": "ada", "text": "hi"}
BOMB = b"[" * 100_000
STUB = """
expectations:
- id: greeting
  trigger: {type: open, channel: room}
  actions: [{reply: {message: ChatMessage, example: GREETING}}]
"""


@contextmanager
def served(stubs: Path | None = None, **settings: Any) -> Iterator[TestClient]:
    places = (str(stubs),) if stubs else ()
    mock = Mock.of(CHAT, Settings(**{"watch": False, "stubs": places, **settings}))
    with TestClient(mock.app(), base_url="http://127.0.0.1:8080/__admin") as client:
        yield client


def of_file(folder: Path, text: str = STUB) -> Path:
    (folder / "chat.yaml").write_text(text)
    return folder


def replying(text: str, **keys: Any) -> dict[str, Any]:
    """Write an expectation that answers any message with a text."""
    return {"trigger": {"channel": "room"}, "actions": [{"reply": {"text": text, "validate": False}}], **keys}


def answered(client: TestClient, said: Any = HELLO) -> str:
    with client.websocket_connect(f"ws://127.0.0.1:8080{ROOM}") as socket:
        socket.send_text(json.dumps(said))
        return socket.receive_text()


def ids(client: TestClient, query: str = "") -> list[str]:
    return [each["id"] for each in client.get(f"/expectations{query}").json()]


def test_what_is_added_answers_the_next_message() -> None:
    with served() as client:
        added = client.post("/expectations", json=replying("hello"))

        assert (added.status_code, added.json()["id"]) == (201, "e1")
        assert added.json()["status"] == {"source": "admin", "ran": 0, "remaining": None}
        assert answered(client) == "hello"
        assert client.get("/expectations/e1").json()["status"]["ran"] == 1


def test_what_get_returns_can_be_put_back_unchanged() -> None:
    written = replying("hi", id="a/b#c", times=2, metadata={"team": "web"}, when="message.json.user == 'ada'")
    with served() as client:
        client.post("/expectations", json=written)
        shown = client.get("/expectations/a/b%23c").json()

        put = client.put("/expectations/a/b%23c", json=shown)

        assert (put.status_code, put.json()) == (200, shown)
        assert {key: shown[key] for key in written} == written


def test_a_new_expectation_never_takes_an_id_that_is_there() -> None:
    with served() as client:
        client.post("/expectations", json=replying("mine", id="e1"))

        assert client.post("/expectations", json=replying("another")).json()["id"] == "e2"
        assert ids(client) == ["e2", "e1"]


def test_expectations_are_listed_by_precedence_and_narrowed() -> None:
    with served() as client:
        client.post("/expectations", json=replying("a", id="a", priority=9, metadata={"team": "web", "late": True}))
        client.post("/expectations", json=replying("b", id="b", metadata={"team": "app"}))
        client.post("/expectations", json=replying("c", id="c"))
        answered(client)

        assert ids(client) == ["c", "b", "a"]
        assert ids(client, "?unmatched=true") == ["b", "a"]
        assert ids(client, "?metadata.team=web") == ["a"]
        assert ids(client, "?metadata.late=true") == ["a"]
        assert client.get("/expectations?team=web").status_code == 422
        assert client.get("/expectations?unmatched=yes").status_code == 422


def test_one_is_taken_out_and_the_others_stay() -> None:
    with served() as client:
        client.put("/expectations/a", json=replying("a"))
        client.put("/expectations/b", json=replying("b"))

        assert client.delete("/expectations/a").status_code == 204
        assert ids(client) == ["b"]
        assert client.delete("/expectations/a").status_code == 404
        assert client.get("/expectations/a").json()["title"] == "no such expectation"


def test_all_that_was_added_is_taken_out_and_files_stay(tmp_path: Path) -> None:
    with served(of_file(tmp_path)) as client:
        client.post("/expectations", json=replying("a"))

        assert client.delete("/expectations").status_code == 204
        assert ids(client) == ["greeting"]


def test_one_of_a_file_is_shadowed_until_a_reset(tmp_path: Path) -> None:
    with served(of_file(tmp_path)) as client:
        before = client.get("/expectations/greeting").json()
        put = client.put("/expectations/greeting", json={"trigger": {"type": "close"}}).json()
        reset = client.post("/expectations/reset")

        assert (before["status"]["source"], put["status"]["source"]) == ("file", "admin")
        assert reset.status_code == 204
        assert client.get("/expectations/greeting").json() == before


def test_a_reset_counts_anew(tmp_path: Path) -> None:
    with served(of_file(tmp_path)) as client:
        answered(client)
        ran = client.get("/expectations/greeting").json()["status"]["ran"]

        client.post("/expectations/reset")

        assert (ran, client.get("/expectations/greeting").json()["status"]["ran"]) == (1, 0)


def test_an_exhausted_one_stays_listed() -> None:
    with served() as client:
        client.post("/expectations", json=replying("once", times=1))
        answered(client)

        assert client.get("/expectations/e1").json()["status"]["remaining"] == 0


def test_a_named_trigger_is_fired_with_a_payload() -> None:
    action = {"send": {"to": "all", "text": "{{ payload.text }}!", "validate": False}}
    with served() as client:
        client.put("/expectations/news", json={"trigger": {"type": "named", "name": "news"}, "actions": [action]})
        with client.websocket_connect(f"ws://127.0.0.1:8080{ROOM}") as socket:
            fired = client.post("/triggers/news", json={"text": "hear"})

            assert (fired.json(), socket.receive_text()) == ({"ran": ["news"]}, "hear!")


def test_a_payload_is_read_however_it_comes() -> None:
    action = {"send": {"to": "all", "text": "{{ payload }}", "validate": False}}
    with served() as client:
        client.put("/expectations/news", json={"trigger": {"type": "named", "name": "news"}, "actions": [action]})
        with client.websocket_connect(f"ws://127.0.0.1:8080{ROOM}") as socket:
            client.post(
                "/triggers/news", content=iter([b'"in ', b'parts"']), headers={"content-type": "application/json"}
            )

            assert socket.receive_text() == "in parts"


def test_a_trigger_that_nobody_waits_for_is_404() -> None:
    with served() as client:
        assert client.post("/triggers/nothing").status_code == 404


@pytest.mark.parametrize(
    ("body", "pointer", "said"),
    [
        ({"trigger": {"chanel": "room"}}, "/trigger/chanel", "did you mean 'channel'?"),
        ({"trigger": {}, "times": "often"}, "/times", ""),
        ([], "", ""),
        ({"trigger": {}, "id": ""}, "/id", "1 to 200"),
        ({"trigger": {"channel": "rom"}}, "/trigger/channel", "did you mean 'room'?"),
        ({"trigger": {"operation": "sey"}}, "/trigger/operation", "did you mean 'say'?"),
        ({"trigger": {"message": {"name": "ChatMesage"}}}, "/trigger/message/name", "did you mean 'ChatMessage'?"),
        ({"trigger": {"message": {"body": {"matches": "("}}}}, "/trigger/message/body/matches", ""),
        ({"trigger": {"message": {"body": {"matchesJsonPath": "$["}}}}, "/trigger/message/body/matchesJsonPath", ""),
        ({"trigger": {}, "actions": [{"reply": {"text": "{{"}}]}, "/actions/0/reply/text", "template"),
        ({"trigger": {}, "actions": [{"reply": {"message": "Chat"}}]}, "/actions/0/reply/message", "ChatMessage"),
        (
            {"trigger": {}, "actions": [{"reply": {"message": "ChatMessage", "example": "GREETNG"}}]},
            "/actions/0/reply/example",
            "GREETING",
        ),
        ({"trigger": {}, "actions": [{"reply": {"file": "a.json"}}]}, "/actions/0/reply/file", "stub files only"),
        ({"trigger": {"type": "named", "name": "x"}, "actions": [{"reply": {"text": "a"}}]}, "/actions/0/reply", ""),
    ],
)
@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_what_does_not_fit_is_told_where_and_changes_nothing(method: str, body: Any, pointer: str, said: str) -> None:
    path = "/expectations" if method == "POST" else "/expectations/kept"
    body = body if method == "POST" or "id" not in body else {**body, "id": "other"}
    with served() as client:
        client.put("/expectations/kept", json=replying("kept"))
        before = client.get("/expectations").json()

        refused = client.request(method, path, json=body)

        problem = refused.json()
        assert (refused.status_code, refused.headers["content-type"]) == (422, "application/problem+json")
        assert problem["errors"][0]["pointer"] == pointer
        assert said in problem["errors"][0]["message"] or method == "PUT"
        assert client.get("/expectations").json() == before


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"", "application/json", 400),
        (b"{", "application/json", 400),
        (BOMB, "application/json", 400),
        (b'{"trigger": {}, "trigger": {}}', "application/json", 400),
        (b"\xff", "application/json", 400),
        (b"{}", "text/plain", 415),
        (b" " * (3 << 20), "application/json", 413),
    ],
    ids=["empty", "broken", "too deep", "twins", "no utf-8", "wrong type", "too large"],
)
def test_what_cannot_be_read_is_refused(body: bytes, kind: str, status: int) -> None:
    with served() as client:
        refused = client.post("/expectations", content=body, headers={"content-type": kind})

        assert (refused.status_code, refused.json()["status"]) == (status, status)
        assert ids(client) == []


def test_an_id_is_the_same_in_path_and_body() -> None:
    with served() as client:
        refused = client.put("/expectations/a", json=replying("x", id="b"))

        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/id")
        assert client.put(f"/expectations/{'x' * 201}", json=replying("x")).status_code == 422


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/expectations"),
        ("POST", "/expectations"),
        ("PUT", "/expectations/a"),
        ("DELETE", "/expectations"),
        ("POST", "/expectations/reset"),
        ("POST", "/triggers/a"),
        ("GET", "/journal"),
        ("GET", "/journal.jsonl"),
        ("DELETE", "/journal"),
    ],
)
def test_strangers_are_not_let_in(method: str, path: str) -> None:
    with served(admin_token="right") as client:
        answers = [
            client.request(method, path),
            client.request(method, path, headers={"authorization": "Bearer wrong"}),
            client.request(method, path, headers={"authorization": "Bearer right", "origin": "http://evil.test"}),
        ]

        assert [each.status_code for each in answers] == [401, 401, 403]


def test_ten_thousand_are_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mockws.engine.book.MOST", 1)
    with served() as client:
        client.post("/expectations", json=replying("one"))

        assert client.post("/expectations", json=replying("two")).status_code == 422
        assert client.put("/expectations/e1", json=replying("one")).status_code == 200
