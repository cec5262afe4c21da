"""Expectations over HTTP: added, shown, replaced, taken out, set off; and every way in which that is refused."""

from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from mockws.app import Mock
from mockws.settings import Settings

ORDER = {"id": 7, "orderItems": []}
GREETING = {
    "id": "hello",
    "trigger": {"type": "open", "channel": "NewOrderPlaced"},
    "actions": [{"reply": {"text": "hi", "validate": False}}],
}
PINNED: dict[str, Any] = {
    "trigger": {"channel": "NewOrderPlaced", "message": {"name": "OrderRequest"}},
    "times": 1,
    "metadata": {"team": "web"},
    "actions": [{"reply": {"json": {"n": "{{ message.json.id }}"}, "validate": False}}],
}


@pytest.fixture
def client() -> Iterator[TestClient]:
    mock = Mock.of("specification/order-api.yaml", Settings(watch=False, log_format="none"))
    with TestClient(mock.app(), base_url="http://127.0.0.1") as made:
        yield made


def test_an_added_expectation_answers_and_is_used_up(client: TestClient) -> None:
    added = client.post("/__admin/expectations", json=PINNED)
    with client.websocket_connect("/new-orders") as socket:
        socket.send_json(ORDER)
        answer = socket.receive_json()

    assert (added.status_code, added.json()["id"], answer) == (201, "e1", {"n": 7})
    status = client.get("/__admin/expectations/e1").json()["status"]
    assert status == {"source": "admin", "ran": 1, "remaining": 0}


def test_what_is_shown_can_be_put_back_unchanged(client: TestClient) -> None:
    client.post("/__admin/expectations", json=PINNED)
    shown = client.get("/__admin/expectations/e1").json()

    again = client.put("/__admin/expectations/e1", json=shown)

    assert (again.status_code, again.json()) == (200, shown)


def test_expectations_are_listed_by_precedence_and_chosen_by_metadata(client: TestClient) -> None:
    client.post("/__admin/expectations", json=PINNED)
    client.post("/__admin/expectations", json={**PINNED, "id": "first", "priority": 1, "metadata": {}})

    everyone = [each["id"] for each in client.get("/__admin/expectations").json()]
    web = [each["id"] for each in client.get("/__admin/expectations?metadata.team=web").json()]
    assert (everyone, web) == (["first", "e1"], ["e1"])


def test_expectations_are_taken_out(client: TestClient) -> None:
    client.post("/__admin/expectations", json=GREETING)

    assert client.delete("/__admin/expectations/hello").status_code == 204
    assert client.delete("/__admin/expectations/hello").status_code == 404
    client.post("/__admin/expectations", json=GREETING)
    assert client.delete("/__admin/expectations").status_code == 204
    assert client.get("/__admin/expectations").json() == []


def test_a_named_trigger_is_fired_with_a_payload(client: TestClient) -> None:
    said = {"to": {"channel": "NewOrderPlaced"}, "json": {"n": "{{ payload.n }}"}, "validate": False}
    client.post("/__admin/expectations", json={"trigger": {"type": "named", "name": "go"}, "actions": [{"send": said}]})

    with client.websocket_connect("/new-orders") as socket:
        fired = client.post("/__admin/triggers/go", json={"n": 5})
        assert (fired.json(), socket.receive_json()) == ({"ran": ["e1"]}, {"n": 5})

    assert client.post("/__admin/triggers/nobody").status_code == 404


REFUSED: list[tuple[dict[str, Any], str, str]] = [
    ({"triger": {}}, "/triger", "did you mean 'trigger'?"),
    ({"trigger": {"type": "mesage"}}, "/trigger/type", "must be one of"),
    ({"trigger": {"channel": "nope"}}, "/trigger/channel", "no channel 'nope'"),
    ({"trigger": {"message": {"name": "Ordr"}}}, "/trigger/message/name", "no message 'Ordr'"),
    ({"trigger": {"message": {"body": {"matches": "("}}}}, "/trigger/message/body/matches", "no regular expression"),
    (
        {"trigger": {"message": {"body": {"matchesJsonPath": "$["}}}},
        "/trigger/message/body/matchesJsonPath",
        "JSONPath",
    ),
    ({"trigger": {}, "actions": [{"reply": {"text": "{{ nope }}"}}]}, "/actions/0/reply/text", "knows no 'nope'"),
    ({"trigger": {}, "actions": [{"reply": {"message": "Nope"}}]}, "/actions/0/reply/message", "no message 'Nope'"),
    ({"trigger": {}, "actions": [{"reply": {}}]}, "/actions/0/reply", "exactly one of"),
    ({"trigger": {}, "actions": [{"close": {"code": 1005}}]}, "/actions/0/close/code", "cannot be sent"),
    ({"trigger": {}, "actions": [{"delay": "soon"}]}, "/actions/0/delay", "not a duration"),
    ({"trigger": {}, "actions": [{"delay": "2h"}]}, "/actions/0/delay", "longer than"),
    ({"trigger": {"type": "interval"}}, "/trigger/every", "needs every"),
    ({"trigger": {}, "times": 0}, "/times", "at least 1"),
    ({"trigger": {}, "probability": 2}, "/probability", "between 0 and 1"),
    ({"trigger": {}, "actions": [{"reply": {"file": "x.json"}}]}, "/actions/0/reply/file", "stub files only"),
]


@pytest.mark.parametrize(("body", "pointer", "words"), REFUSED)
def test_what_cannot_be_is_a_problem_with_its_place(
    client: TestClient, body: dict[str, Any], pointer: str, words: str
) -> None:
    answer = client.post("/__admin/expectations", json=body)

    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    errors = {each["pointer"]: each["message"] for each in answer.json()["errors"]}
    assert words in errors[pointer]
    assert client.get("/__admin/expectations").json() == []


def test_the_guard_stands_before_expectations_too(client: TestClient) -> None:
    foreign = {"origin": "https://evil.example", "sec-fetch-site": "cross-site"}

    assert client.post("/__admin/expectations", json=PINNED, headers=foreign).status_code == 403
    assert client.get("/__admin/journal", headers={"host": "evil.example"}).status_code == 421
    assert client.post("/__admin/expectations", content="{}").status_code == 415


def test_the_journal_is_read_page_by_page_and_filtered(client: TestClient) -> None:
    client.post("/__admin/expectations", json=PINNED)
    with client.websocket_connect("/new-orders?token=geheim") as socket:
        socket.send_json(ORDER)
        socket.receive_json()

        page = client.get("/__admin/journal?limit=1").json()
        rest = client.get(f"/__admin/journal?after={page['next']}&direction=in").json()

    assert [each["event"] for each in page["entries"]] == ["open"]
    assert [(each["outcome"], each["expectation"], each["json"]) for each in rest["entries"]] == [
        ("matched", "e1", ORDER)
    ]
    assert "geheim" not in client.get("/__admin/journal.jsonl").text
    assert client.delete("/__admin/journal").status_code == 204
    assert client.get("/__admin/journal").json()["entries"] == []


@pytest.mark.parametrize("query", ["limit=1000000000", "limit=0", "after=x", "colour=red"])
def test_a_page_of_the_journal_has_bounds(client: TestClient, query: str) -> None:
    assert client.get(f"/__admin/journal?{query}").status_code == 422
