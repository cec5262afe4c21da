"""Questions to the journal: found, counted, waited for, verified; what is not so says what came nearest."""

import asyncio
import json
import re
from pathlib import Path
from typing import Any, get_args

import httpx2
import pytest
from asking import CHAT, HELLO, TYPING, ask, body, room, say, served
from websockets.asyncio.client import connect

from mockws.admin.inquiries import EventName
from mockws.app import Mock
from mockws.engine import actions
from mockws.host.server import running
from mockws.settings import Settings

LIMIT = 20  # seconds
ORDERS = "specification/order-api.yaml"
MIB = 1 << 20


def found(client: Any, **asked: Any) -> list[int]:
    status, page = ask(client, "/journal/find", **asked)
    assert status == 200, page
    return [each["seq"] for each in page["entries"]]


def test_entries_are_found_by_the_matchers_of_a_trigger() -> None:
    with served() as client:
        say(client, HELLO, TYPING, "nonsense", {**HELLO, "text": "ho"})  # 2, 3, 4, 5; 1 and 6 are open and close
        say(client, HELLO, path="/rooms/kitchen", origin="http://a.test")  # 8; 7, 9

        assert found(client) == [2, 3, 5, 8]
        assert found(client, message={"name": "ChatMessage"}) == [2, 5, 8]
        assert found(client, message={"valid": False}) == [4]
        assert found(client, message={"valid": "any"}) == [2, 3, 4, 5, 8]
        assert found(client, message=body(text="ho")) == [5]
        assert found(client, connection=room("kitchen")) == [8]
        assert found(client, connection={"headers": {"Origin": {"contains": "a.test"}}}, event="close") == [9]
        assert found(client, event="open") == [1, 7]
        assert found(client, event="open", channel="room", connection=room("kitchen")) == [7]
        assert found(client, operation="say", after=5) == [8]
        assert found(client, direction="out") == []


def test_what_the_mock_said_is_found_too() -> None:
    with served(ORDERS) as client:
        say(client, {"id": 10, "orderItems": []}, path="/new-orders")

        assert found(client, operation="placeOrder", message={"name": "OrderRequest"}) == [2]
        assert found(client, operation="placeOrder", direction="out") == found(client, direction="out", after=2)


@pytest.mark.parametrize("valid", [True, False])
def test_what_was_sent_is_held_against_the_document_only_where_that_is_asked(valid: bool) -> None:
    with served() as client, client.websocket_connect("ws://127.0.0.1:8080/rooms/a") as socket:
        client.post("/send", json={"to": {"all": True}, "json": HELLO})
        client.post("/send", json={"to": {"all": True}, "json": {"type": 1}, "validate": False})
        socket.receive_text()

        assert found(client, direction="out", message={}) == [2, 3]
        assert found(client, direction="out", message={"valid": valid}) == [2 if valid else 3]
        assert found(client, direction="out", message={"name": "ChatMessage"}) == [2]


def test_what_is_found_comes_page_by_page() -> None:
    with served() as client:
        say(client, *[HELLO] * 5)

        first = client.post("/journal/find", json={"limit": 2}).json()
        assert ([each["seq"] for each in first["entries"]], first["next"]) == ([2, 3], 3)
        assert found(client, limit=3, after=3) == [4, 5, 6]
        assert client.post("/journal/find", json={"limit": 5}).json()["next"] is None


def test_entries_are_counted() -> None:
    with served() as client:
        say(client, HELLO, TYPING, HELLO)

        assert ask(client, "/journal/count", message={"name": "ChatMessage"}) == (200, {"count": 2})
        assert ask(client, "/journal/count", after=3) == (200, {"count": 1})


def test_very_many_entries_are_counted() -> None:
    with served() as client:
        say(client, *[HELLO] * 600)

        assert ask(client, "/journal/count") == (200, {"count": 600})


@pytest.mark.parametrize(
    ("path", "asked", "pointer"),
    [
        ("/journal/find", {"message": {"name": "ChatMesage"}}, "/message/name"),
        ("/journal/count", {"channel": "rom"}, "/channel"),
        ("/journal/count", {"operation": "sing"}, "/operation"),
        ("/journal/count", {"operation": "say", "channel": "room"}, "/operation"),
        ("/journal/count", {"event": "open", "message": {}}, "/message"),
        ("/journal/count", {"event": "opend"}, "/event"),
        ("/journal/find", {"message": {"body": {"matches": "("}}}, "/message/body/matches"),
        ("/journal/find", {"connection": {"headers": {"a": {"matches": "("}}}}, "/connection/headers/a/matches"),
        ("/journal/find", {"limit": 0}, "/limit"),
        ("/journal/wait", {"count": 0}, "/count"),
        ("/journal/wait", {"timeout": "2h"}, "/timeout"),
        ("/verify", {}, "/match"),
        ("/verify", {"match": {"chanel": "room"}}, "/match/chanel"),
        ("/verify", {"match": {"channel": "rom"}}, "/match/channel"),
        ("/verify", {"match": {}, "within": "soon"}, "/within"),
        ("/verify", {"match": {}, "times": {"exactly": 1, "atMost": 2}}, "/times/exactly"),
        ("/verify", {"match": {}, "times": {"atLeast": 3, "atMost": 2}}, "/times/atMost"),
        ("/verify", {"match": {}, "spacing": {"between": {"atLeast": "x"}}}, "/spacing/between/atLeast"),
        ("/verify", {"match": {}, "spacing": {"between": {"atLeast": 2, "atMost": 1}}}, "/spacing/between/atMost"),
        ("/verify", {"match": {}, "spacing": {"between": {"atMost": "x"}}}, "/spacing/between/atMost"),
        ("/verify/sequence", {"steps": []}, "/steps"),
        ("/verify/sequence", {"steps": [{}]}, "/steps/0"),
        ("/verify/sequence", {"steps": [{"match": {}, "sent": {}}]}, "/steps/0"),
        ("/verify/sequence", {"steps": [{"sent": {"message": {"name": "x"}}}]}, "/steps/0/sent/message/name"),
        ("/verify/sequence", {"steps": [{"match": {}}], "connection": {"id": 1}}, "/connection/id"),
    ],
)
def test_a_question_that_cannot_be_asked_is_told_where(path: str, asked: Any, pointer: str) -> None:
    with served() as client:
        status, problem = ask(client, path, **asked)

        assert (status, problem["errors"][0]["pointer"]) == (422, pointer)


def test_what_happened_before_need_not_be_waited_for() -> None:
    with served() as client:
        say(client, HELLO, TYPING)

        status, page = ask(client, "/journal/wait", message={"name": "TypingNotice"}, timeout="60s")
        assert (status, [each["json"] for each in page["entries"]]) == (200, [TYPING])


def test_what_does_not_come_is_told_with_what_came_nearest() -> None:
    with served() as client:
        say(client, TYPING, {**HELLO, "user": "adda"})

        status, problem = ask(client, "/journal/wait", message={"name": "ChatMessage", **body(user="ada")}, timeout=1)
        assert (status, problem["title"], problem["actual"]) == (409, "it did not happen", 0)
        assert [each["seq"] for each in problem["nearMisses"]] == [3, 2]
        assert problem["nearMisses"][0]["differences"] == [
            {"pointer": "/message/body/user", "expected": '"ada"', "actual": '"adda"'}
        ]
        assert "entry 3 came nearest: /message/body/user" in problem["detail"]


async def asked_while(asked: dict[str, Any], path: str, *said: Any) -> httpx2.Response:
    """Ask, and let a client say something while the answer is waited for."""
    mock = Mock.of(CHAT, Settings(port=0, watch=False))
    async with running(mock) as port, httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}/__admin") as client:
        answer = asyncio.create_task(client.post(path, json=asked, timeout=LIMIT))
        async with connect(f"ws://127.0.0.1:{port}/rooms/lobby") as socket:
            for each in said:
                await socket.send(json.dumps(each))
            return await asyncio.wait_for(answer, LIMIT)


def test_a_wait_ends_when_it_happens() -> None:
    answer = asyncio.run(asked_while({"count": 2, "timeout": "60s"}, "/journal/wait", HELLO, HELLO))

    assert (answer.status_code, len(answer.json()["entries"])) == (200, 2)


def test_a_verification_ends_when_it_holds() -> None:
    asked = {"match": {"message": {"name": "TypingNotice"}}, "times": {"exactly": 1}, "within": "60s"}
    answer = asyncio.run(asked_while(asked, "/verify", HELLO, TYPING))

    assert (answer.status_code, answer.json()["actual"]) == (200, 1)


def test_what_must_never_be_ends_when_it_is() -> None:
    asked = {"match": {}, "times": {"exactly": 0}, "within": "60s"}
    answer = asyncio.run(asked_while(asked, "/verify", HELLO))

    assert (answer.status_code, answer.json()["actual"]) == (409, 1)
    assert answer.json()["expected"] == "no message received"


@pytest.mark.parametrize(
    ("times", "status", "expected"),
    [
        ({}, 200, "at least 1 message ChatMessage received on room"),
        ({"exactly": 2}, 200, "exactly 2 message ChatMessage received on room"),
        ({"exactly": 1}, 409, "exactly 1 message ChatMessage received on room"),
        ({"exactly": 0}, 409, "no message ChatMessage received on room"),
        ({"atLeast": 3}, 409, "at least 3 message ChatMessage received on room"),
        ({"atMost": 2}, 200, "at most 2 message ChatMessage received on room"),
        ({"atMost": 1}, 409, "at most 1 message ChatMessage received on room"),
        ({"atLeast": 1, "atMost": 2}, 200, "1 to 2 message ChatMessage received on room"),
    ],
)
def test_how_often_is_verified(times: Any, status: int, expected: str) -> None:
    with served() as client:
        say(client, HELLO, TYPING, HELLO)
        match = {"channel": "room", "message": {"name": "ChatMessage"}}

        answered, answer = ask(client, "/verify", match=match, times=times)

        assert (answered, answer["expected"], answer["actual"], answer["matched"]) == (status, expected, 2, [2, 4])


def test_what_was_too_often_has_no_near_miss() -> None:
    with served() as client:
        say(client, HELLO, TYPING, HELLO)

        assert ask(client, "/verify", match={"message": {"name": "ChatMessage"}}, times={"atMost": 1})[1][
            "nearMisses"
        ] == []  # fmt: skip


def test_never_holds_all_the_time_that_it_is_watched() -> None:
    with served() as client:
        status, answer = ask(client, "/verify", match={"event": "open"}, times={"exactly": 0}, within="50ms")

        assert (status, answer["actual"], answer["matched"]) == (200, 0, [])


def paced(*gaps: float) -> dict[str, Any]:
    """Verify nothing but how far apart connections were opened, on a clock that stands still in between."""
    with served() as client:
        client.put("/clock", json={"action": "freeze"})
        say(client)
        for gap in gaps:
            client.put("/clock", json={"action": "advance", "by": int(gap * 1000)})
            say(client)
        return {
            name: ask(client, "/verify", match={"event": "open"}, spacing={"between": between})
            for name, between in (("far", {"atLeast": "1s"}), ("near", {"atMost": "4s"}), ("uneven", {"jitter": True}))
        }


@pytest.mark.parametrize(
    ("gaps", "holds"),
    [
        ((), set()),
        ((2,), {"far", "near"}),
        ((1, 2, 4), {"far", "near", "uneven"}),
        ((2, 2, 2), {"far", "near"}),
        ((2, 2.05), {"far", "near"}),
        ((0.5, 5), {"uneven"}),
    ],
)
def test_how_far_apart_is_verified(gaps: tuple[float, ...], holds: set[str]) -> None:
    answers = paced(*gaps)

    assert {name for name, (status, _) in answers.items() if status == 200} == holds


def test_spacing_that_is_not_so_tells_the_gaps() -> None:
    status, problem = paced(0.5, 2)["far"]

    assert (status, problem["gaps"], problem["matched"]) == (409, [0.5, 2], [1, 3, 5])
    assert problem["expected"] == "at least 2 open, at least 1 s apart"
    assert "there were 3, 0.5, 2 s apart" in problem["detail"]


QUESTIONS: list[tuple[str, dict[str, Any]]] = [
    ("/journal/find", {}),
    ("/journal/count", {}),
    ("/journal/wait", {"count": 100, "timeout": 1}),
    ("/verify", {"match": {}, "times": {"atLeast": 100}}),
    ("/verify", {"match": {}, "times": {"atMost": 100}}),
    ("/verify", {"match": {"event": "refused"}, "times": {"exactly": 0}}),
    ("/verify", {"match": {}, "spacing": {"between": {"atLeast": 0}}}),
    ("/verify/sequence", {"steps": [{"match": {"message": {"name": "TypingNotice"}}}]}),
]


@pytest.mark.parametrize(("path", "asked"), QUESTIONS)
def test_nothing_is_answered_that_dropped_entries_could_change(path: str, asked: dict[str, Any]) -> None:
    with served(journal_limit=5) as client:
        say(client, *[HELLO] * 8)  # ten entries, of which the first five are gone

        status, problem = ask(client, path, **asked)
        assert (status, problem["title"], problem["first"], problem["last"]) == (409, "journal gone", 6, 10)
        assert "--journal-limit" in problem["detail"]
        assert ask(client, path, **asked, after=5)[1].get("title") != "journal gone"


def test_what_dropped_entries_cannot_change_is_answered() -> None:
    with served(journal_limit=5) as client:
        say(client, *[HELLO] * 8)

        assert ask(client, "/verify", match={}, times={"atLeast": 4})[0] == 200
        assert ask(client, "/verify", match={}, times={"atMost": 3})[1]["title"] == "it is not so"
        assert ask(client, "/journal/wait", count=4)[0] == 200


def test_a_number_of_another_journal_is_noticed() -> None:
    with served() as client:
        status, problem = ask(client, "/verify", match={}, times={"exactly": 0}, after=1000)

        assert (status, problem["title"]) == (409, "journal gone")
        assert "before the mock was restarted" in problem["detail"]


def test_a_cleared_journal_lost_nothing() -> None:
    with served() as client:
        say(client, HELLO)
        client.delete("/journal")

        assert ask(client, "/verify", match={}, times={"exactly": 0})[0] == 200


def test_secrets_are_not_told_by_near_misses() -> None:
    with served() as client:
        say(client, HELLO, path="/rooms/lobby?token=hush1", authorization="Bearer hush2", cookie="sid=hush3")
        wanted = {"equalTo": "x"}
        connection = {
            "headers": {"Authorization": wanted, "Origin": wanted},
            "queryParameters": {"token": wanted},
            "cookies": {"sid": wanted, "other": wanted},
        }

        problem = ask(client, "/verify", match={"connection": connection})[1]

        assert "hush" not in json.dumps(problem)
        assert {each["pointer"]: each["actual"] for each in problem["nearMisses"][0]["differences"]} == {
            "/connection/headers/Authorization": "Bearer [redacted]",
            "/connection/headers/Origin": "nothing",
            "/connection/queryParameters/token": "[redacted]",
            "/connection/cookies/sid": "[redacted]",
            "/connection/cookies/other": "nothing",
        }


def test_an_invalid_message_is_shown_as_one() -> None:
    with served() as client:
        say(client, {**HELLO, "text": 5})

        (entry,) = client.get("/journal?event=message").json()["entries"]
        assert (entry["valid"], entry["message"], entry["errors"][0]["pointer"]) == (False, "ChatMessage", "/text")


def test_sessions_are_asked_by_themselves() -> None:
    with served() as client:
        name = client.post("/sessions", json={}).json()["id"]
        say(client, HELLO, path=f"/__s/{name}/rooms/lobby")

        inside = client.post(f"http://127.0.0.1:8080/__s/{name}/__admin/journal/count", json={}).json()
        assert (inside, ask(client, "/journal/count")[1]) == ({"count": 1}, {"count": 0})


def test_every_event_of_the_journal_can_be_asked_for() -> None:
    written = re.search(r"# (.*)\n +event: str", Path(actions.__file__).read_text("utf-8"))
    assert written is not None

    assert set(get_args(EventName)) == set(written[1].split(" | "))
