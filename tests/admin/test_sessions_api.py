"""Sessions: worlds that do not see each other, reached by path, query or cookie."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from starlette.testclient import TestClient, WebSocketDenialResponse

from mockws.app import Mock
from mockws.settings import Settings

CHAT = "specification/chat.yaml"
WS = "ws://127.0.0.1:8080"
HELLO = {"type": "chat", "user": "ada", "text": "hi"}


@contextmanager
def served(**settings: Any) -> Iterator[TestClient]:
    mock = Mock.of(CHAT, Settings(**{"watch": False, **settings}))
    with TestClient(mock.app(), base_url="http://127.0.0.1:8080") as client:
        yield client


def begun(client: TestClient, **body: Any) -> str:
    answer = client.post("/__admin/sessions", json=body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def greeting(text: str) -> dict[str, Any]:
    return {"id": "hello", "trigger": {"type": "open"}, "actions": [{"reply": {"text": text, "validate": False}}]}


def put_greeting(client: TestClient, text: str, session: str = "") -> None:
    prefix = f"/__s/{session}" if session else ""
    answer = client.put(f"{prefix}/__admin/expectations/hello", json=greeting(text))
    assert answer.status_code == 200, answer.text


def heard_at(client: TestClient, target: str, **headers: str) -> str:
    with client.websocket_connect(f"{WS}{target}", headers=headers) as socket:
        return socket.receive_text()


def test_a_session_is_told_where_its_clients_go() -> None:
    with served() as client:
        session = client.post("/__admin/sessions", json={"id": "t1", "timeToLive": "5m"}).json()

    assert session == {
        "id": "t1",
        "baseUrl": f"{WS}/__s/t1",
        "adminUrl": "http://127.0.0.1:8080/__s/t1/__admin",
        "connections": 0,
        "timeToLive": 300.0,
    }


@pytest.mark.parametrize("way", ["path", "query", "cookie"])
def test_a_session_is_reached_by_path_query_or_cookie(way: str) -> None:
    with served() as client:
        name = begun(client)
        put_greeting(client, "main")
        put_greeting(client, "mine", name)

        targets = {"path": f"/__s/{name}/rooms/a", "query": f"/rooms/a?__session={name}", "cookie": "/rooms/a"}
        headers = {"cookie": f"x=1; mockws_session={name}"} if way == "cookie" else {}

        assert heard_at(client, targets[way], **headers) == "mine"
        assert heard_at(client, "/rooms/a") == "main"


def test_what_a_session_adds_nobody_else_sees() -> None:
    with served() as client:
        one, other = begun(client), begun(client)

        put_greeting(client, "one", one)

        assert [each["id"] for each in client.get(f"/__s/{one}/__admin/expectations").json()] == ["hello"]
        assert client.get(f"/__s/{other}/__admin/expectations").json() == []
        assert client.get("/__admin/expectations").json() == []


def test_what_is_global_all_see_and_count_for_themselves() -> None:
    with served() as client:
        early = begun(client)
        put_greeting(client, "for all")
        late = begun(client)

        assert heard_at(client, f"/__s/{early}/rooms/a") == heard_at(client, f"/__s/{late}/rooms/a") == "for all"
        ran = [
            client.get(f"{place}/__admin/expectations/hello").json()["status"]["ran"] for place in ("", f"/__s/{early}")
        ]
        assert ran == [0, 1]


def test_a_sessions_own_goes_before_what_is_global_until_it_is_taken_out() -> None:
    with served() as client:
        put_greeting(client, "global")
        name = begun(client)
        put_greeting(client, "own", name)

        assert heard_at(client, f"/__s/{name}/rooms/a") == "own"
        client.delete(f"/__s/{name}/__admin/expectations/hello")
        assert heard_at(client, f"/__s/{name}/rooms/a") == "global"
        client.delete("/__admin/expectations/hello")
        assert client.get(f"/__s/{name}/__admin/expectations").json() == []


def test_what_a_session_takes_out_is_back_after_its_reset() -> None:
    with served() as client:
        put_greeting(client, "global")
        name = begun(client)

        client.delete(f"/__s/{name}/__admin/expectations/hello")
        assert client.get(f"/__s/{name}/__admin/expectations").json() == []
        assert len(client.get("/__admin/expectations").json()) == 1
        client.post(f"/__s/{name}/__admin/reset")

        assert [each["id"] for each in client.get(f"/__s/{name}/__admin/expectations").json()] == ["hello"]


def test_a_plain_reset_leaves_sessions_alone() -> None:
    with served() as client:
        name = begun(client)
        put_greeting(client, "own", name)
        heard_at(client, f"/__s/{name}/rooms/a")

        client.post("/__admin/reset")

        assert len(client.get(f"/__s/{name}/__admin/expectations").json()) == 1
        assert client.get(f"/__s/{name}/__admin/journal").json()["last"] > 0


def test_each_session_has_its_own_journal_connections_and_clock() -> None:
    with served() as client:
        name = begun(client)
        client.put(f"/__s/{name}/__admin/clock", json={"action": "freeze"})

        with client.websocket_connect(f"{WS}/__s/{name}/rooms/a") as socket:
            socket.send_text(json.dumps(HELLO))
            assert len(client.get(f"/__s/{name}/__admin/connections").json()) == 1
            assert client.get("/__admin/connections").json() == []

        assert client.get("/__admin/journal").json()["entries"] == []
        assert client.get("/__admin/clock").json()["frozen"] is False
        assert client.get(f"/__s/{name}/__admin/clock").json()["frozen"] is True


def test_the_sessions_argument_is_none_of_the_documents() -> None:
    with served() as client:
        name = begun(client)

        with client.websocket_connect(f"{WS}/rooms/a?x=1&__session={name}"):
            (connection,) = client.get(f"/__s/{name}/__admin/connections").json()

    assert (connection["query"], connection["address"]) == ({"x": "1"}, "/rooms/a")


@pytest.mark.parametrize("target", ["/__s/nobody/rooms/a", "/rooms/a?__session=nobody", "/__s//rooms/a"])
def test_a_session_that_is_not_there_is_refused(target: str) -> None:
    with served() as client, pytest.raises(WebSocketDenialResponse) as refused, client.websocket_connect(WS + target):
        pass

    assert refused.value.status_code == 404


def test_the_refusal_is_written_down() -> None:
    with served() as client:
        with pytest.raises(WebSocketDenialResponse), client.websocket_connect(f"{WS}/__s/nobody/rooms/a"):
            pass

        (entry,) = client.get("/__admin/journal").json()["entries"]
        assert (entry["event"], entry["code"]) == ("refused", 404)
        assert "no session 'nobody'" in entry["note"]


def test_the_admin_api_of_a_session_that_is_not_there_is_none() -> None:
    with served() as client:
        answer = client.get("/__s/nobody/__admin/journal")

    assert (answer.status_code, answer.json()["title"]) == (404, "no such session")


def test_a_cookie_does_not_turn_the_admin_api() -> None:
    with served() as client:
        name = begun(client)
        put_greeting(client, "own", name)

        answer = client.get("/__admin/expectations", headers={"cookie": f"mockws_session={name}"})

    assert answer.json() == []


def test_an_ended_session_says_goodbye_and_is_gone() -> None:
    with served() as client:
        name = begun(client)
        with client.websocket_connect(f"{WS}/__s/{name}/rooms/a") as socket:
            assert client.delete(f"/__admin/sessions/{name}").status_code == 204
            assert socket.receive() == {"type": "websocket.close", "code": 1012, "reason": "the session has ended"}

        assert client.get("/__admin/sessions").json() == []
        assert client.delete(f"/__admin/sessions/{name}").status_code == 404


@pytest.mark.parametrize(
    ("body", "status", "pointer"),
    [
        ({"id": "with space"}, 422, "/id"),
        ({"id": "x" * 65}, 422, "/id"),
        ({"id": ""}, 422, "/id"),
        ({"timeToLive": "soon"}, 422, "/timeToLive"),
        ({"name": "x"}, 422, "/name"),
        ({"id": "taken"}, 409, None),
    ],
)
def test_a_session_that_cannot_be_begun_says_why(body: Any, status: int, pointer: str | None) -> None:
    with served() as client:
        begun(client, id="taken")

        answer = client.post("/__admin/sessions", json=body)

    assert answer.status_code == status
    assert pointer is None or answer.json()["errors"][0]["pointer"] == pointer


def test_sessions_are_bounded() -> None:
    with served(max_sessions=2) as client:
        begun(client), begun(client)

        answer = client.post("/__admin/sessions")

    assert (answer.status_code, "--max-sessions" in answer.json()["detail"]) == (409, True)


def test_a_limit_on_connections_is_for_all_sessions() -> None:
    with served(max_connections=1) as client:
        name = begun(client)
        with (
            client.websocket_connect(f"{WS}/rooms/a"),
            pytest.raises(WebSocketDenialResponse) as refused,
            client.websocket_connect(f"{WS}/__s/{name}/rooms/a"),
        ):
            pass

    assert refused.value.status_code == 503


def test_named_sessions_repeat_themselves() -> None:
    """What is random in a session that a test names is the same in every run."""
    said = []
    for _ in range(2):
        with served() as client:
            name = begun(client, id="same")
            body = {"to": {"all": True}, "message": "ChatMessage", "generate": True}
            with client.websocket_connect(f"{WS}/__s/{name}/rooms/a") as socket:
                client.post(f"/__s/{name}/__admin/send", json=body)
                said.append(socket.receive_text())

    assert said[0] == said[1]


def test_two_hundred_sessions_do_not_see_each_other() -> None:
    with served() as client:
        names = [begun(client) for _ in range(200)]
        for name in names:
            put_greeting(client, f"for {name}", name)

        assert [heard_at(client, f"/__s/{name}/rooms/a") for name in names] == [f"for {name}" for name in names]
        counts = [client.get(f"/__s/{name}/__admin/journal").json()["last"] for name in names]
        assert set(counts) == {3}
