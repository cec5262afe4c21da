"""What a test says to a mock, and what it is told: expectations, connections, assertions, time."""

from collections.abc import Iterator
from typing import Any

import pytest
from talking import CHAT, ORDERS, chat, connected, end_of, heard, say

from mockws.errors import Refused
from mockws.testing import MockServer, Script, received, sent

TYPING = {"type": "typing", "user": "ada", "active": True}


@pytest.fixture(scope="module")
def server() -> Iterator[MockServer]:
    with MockServer(CHAT, on_invalid="ignore", allow_callbacks=["127.0.0.1"]) as mock:
        yield mock


@pytest.fixture
def mock(server: MockServer) -> MockServer:
    server.reset()
    return server


def told(failure: pytest.ExceptionInfo[AssertionError]) -> list[str]:
    return str(failure.value).splitlines()


# What is to happen.


def test_a_message_is_answered_as_expected(mock: MockServer) -> None:
    mock.expect_message("ChatMessage", json={"user": "ada"}).reply("TypingNotice", with_={"user": "bot"}).times(1)
    with connected(mock.url_for("room", room="lobby")) as client:
        say(client, chat(user="ben"))
        say(client, chat())

        assert heard(client)["user"] == "bot"
    mock.assert_all_called()


@pytest.mark.parametrize(
    ("matched", "fits"),
    [
        ({"json": {"text": "hi"}}, True),
        ({"exactly": {"text": "hi"}}, False),
        ({"exactly": chat()}, True),
        ({"body": {"matchesJsonPath": "$.nothing"}}, False),
        ({"parameters": {"room": "lobby"}}, True),
        ({"parameters": {"room": "kitchen"}}, False),
        ({"connection": {"headers": {"X-Team": {"absent": True}}}}, True),
        ({"type": "binary"}, False),
        ({"channel": "room"}, True),
        ({"operation": "say"}, True),
    ],
)
def test_json_is_a_part_and_exactly_is_all(mock: MockServer, matched: Any, fits: bool) -> None:
    expectation = mock.expect_message("ChatMessage", **matched)
    with connected(mock.url_for("room", room="lobby")) as client:
        say(client, chat())
        mock.wait_for_message("ChatMessage")

        assert expectation.ran == int(fits)


def test_a_text_is_matched_as_it_stands(mock: MockServer) -> None:
    mock.expect_message(text="ping", valid="any").reply(text="pong", validate=False)
    with connected(mock.url_for("room", room="lobby")) as client:
        client.send("ping")

        assert client.recv(timeout=5) == "pong"


def test_two_ways_to_match_one_body_are_one_too_many(mock: MockServer) -> None:
    with pytest.raises(TypeError, match="at most one of json, exactly, text, body; here: json, text"):
        mock.expect_message(json=1, text="1")


def test_an_argument_that_is_not_known_is_not_passed_over(mock: MockServer) -> None:
    misspelt: dict[str, Any] = {"jsn": 1}
    elsewhere: dict[str, Any] = {"parameters": {}}
    with pytest.raises(TypeError, match="nothing is matched by 'jsn' here; did you mean json"):
        mock.expect_message("ChatMessage", **misspelt)
    with pytest.raises(TypeError, match="nothing is matched by 'parameters' here; there are json, exactly"):
        received("ChatMessage", **elsewhere)
    with pytest.raises(TypeError, match="nothing is matched by 'parameters' here"):
        Script().expect("ChatMessage", **elsewhere)


def test_a_script_runs_in_its_order(mock: MockServer) -> None:
    script = mock.on_open("room").reply(json=chat("one")).delay(0.01).then.reply(json=chat("two")).then.close(4401, "x")
    with connected(mock.url_for("room", room="a")) as client:
        assert [heard(client)["text"], heard(client)["text"], end_of(client)] == ["one", "two", (4401, "x")]
    assert script.status == {"source": "admin", "ran": 1, "remaining": None}


def test_every_action_has_a_method(mock: MockServer) -> None:
    otherwise = Script().close(4408).do({"delay": 1})
    expectation = (
        mock.expect_message("ChatMessage")
        .group(join="friends").remember("name", "{{ message.json.user }}").set_state("talk", "Begun")
        .send("TypingNotice", to={"group": "friends", "except": "originating"})
        .stream("TypingNotice", every=1, count=2, name="ticks").stop("ticks")
        .replay(since=0, of="room").ping(every=5).delay({"type": "uniform", "lower": 1, "upper": 2})
        .http("http://127.0.0.1:9/hook", json={"a": None})
        .expect("TypingNotice", within=2, json={"active": True}, otherwise=otherwise)
        .reply(binary=b"\x00", validate=False).fault("ABNORMAL_CLOSE")
        .named("all").priority(1).time_to_live(60).probability(1).when("{{ true }}").metadata(team="web")
        .scenario("talk", required="Started", new="In")
    )  # fmt: skip

    written = mock.admin.expectation(expectation.id)
    assert [key for action in written["actions"] for key in action] == [
        "group", "remember", "setState", "send", "stream", "stop", "replay", "ping", "delay", "http", "expect", "reply",
        "fault",
    ]  # fmt: skip
    assert written["actions"][10]["expect"]["else"] == [{"close": {"code": 4408}}, {"delay": 1}]
    assert written["actions"] == expectation.actions or len(written["actions"]) == len(expectation.actions)
    assert (written["name"], written["priority"], written["metadata"]) == ("all", 1, {"team": "web"})


def test_handshakes_are_answered_otherwise(mock: MockServer) -> None:
    mock.on_open("room", parameters={"room": "secret"}).reject(451, json={"why": "no"})
    mock.on_open("room", parameters={"room": "fine"}).accept(headers={"X-Mock": "yes"})
    with (
        pytest.raises(Exception, match="HTTP 451"),
        connected(mock.url_for("room", room="secret")),
    ):
        pass
    with connected(mock.url_for("room", room="fine")) as client:
        assert client.response is not None
        assert client.response.headers["X-Mock"] == "yes"


def test_all_triggers_have_a_method(mock: MockServer) -> None:
    mock.on_close("room", code=1000).send(json=chat("gone"), to="all")
    mock.on_idle("room", after=30).reply(json=chat("idle"))
    mock.on_interval("room", every=60).reply(json=chat("tick"))
    mock.on_trigger("news", channel="room").send(json=chat("{{ payload }}"))
    mock.on_http("POST", "/say/{what}", channel="room").respond(202, json={}).send(json=chat("http"))
    mock.clock.freeze()
    with connected(mock.url_for("room", room="a")) as client:
        mock.wait_for_connection("room")
        assert mock.trigger("news", "extra")
        mock.clock.advance(30)
        with connected(mock.url_for("room", room="a")):
            mock.wait_for_connection("room", count=2)

        assert [heard(client)["text"] for _ in range(3)] == ["extra", "idle", "gone"]


def test_an_expectation_that_cannot_be_is_an_error_where_it_is_said(mock: MockServer) -> None:
    begun = mock.expect_message("ChatMessage").reply("ChatMessage")

    with pytest.raises(Refused, match="no message 'Chat' in the document"):
        mock.expect_message("Chat")
    with pytest.raises(Refused, match="/actions/1/close/code"):
        begun.close(1006)
    assert [list(each) for each in mock.admin.expectation(begun.id)["actions"]] == [["reply"]]


def test_an_expectation_can_be_taken_out(mock: MockServer) -> None:
    mock.expect_message("ChatMessage").remove()

    assert mock.admin.expectations() == []


# Who is there.


def test_a_connection_is_spoken_to_and_ended(mock: MockServer) -> None:
    with connected(mock.url_for("room", room="a")) as client:
        connection = mock.wait_for_connection("room", parameters={"room": "a"})
        connection.ping()
        connection.send("TypingNotice", with_={"user": "bot"})
        say(client, chat())
        mock.wait_for_message("ChatMessage", connection=connection)

        assert (heard(client)["user"], connection.is_open) == ("bot", True)
        assert [[each.message for each in said] for said in (connection.received, connection.sent)] == [
            ["ChatMessage"], ["TypingNotice"],
        ]  # fmt: skip
        connection.close(4401)
        assert end_of(client)[0] == 4401
        assert [each.id for each in mock.connections()] == []
        assert not connection.is_open


def test_a_connection_can_be_cut_off(mock: MockServer) -> None:
    with connected(mock.url_for("room", room="a")) as client:
        mock.wait_for_connection().fault("ABNORMAL_CLOSE")

        assert end_of(client) == (None, "")


def test_all_on_a_channel_are_spoken_to(mock: MockServer) -> None:
    with connected(mock.url_for("room", room="a")) as client:
        mock.send("ChatMessage", channel="room", wait_for=1)
        mock.send(json=chat("all"))

        assert [heard(client)["type"], heard(client)["text"]] == ["chat", "all"]


def test_nobody_to_speak_to_is_a_failure(mock: MockServer) -> None:
    with pytest.raises(AssertionError, match="no one") as failed:
        mock.send("ChatMessage", channel="room")

    assert told(failed)[-2:] == ["what came and went:", "  nothing"]


def test_a_url_has_all_parameters(mock: MockServer) -> None:
    assert mock.url_for("room", room="a b/ä", query={"x": 1}) == f"{mock.url}/rooms/a%20b%2F%C3%A4?x=1"
    with pytest.raises(TypeError, match=r"the path /rooms/\{room\} of room lacks room: url_for\('room', name=value"):
        mock.url_for("room")
    with pytest.raises(TypeError, match="has no parameter rom"):
        mock.url_for("room", room="a", rom="b")


def test_the_url_of_a_channel_is_where_its_first_server_has_it() -> None:
    with MockServer("specification/trading-secure.yaml") as mock:
        assert mock.url_for("orders") == f"{mock.url}/v1/trading/orders"
        assert mock.url_for("fills", query={"access_token": "t-1"}).endswith("/v1/trading/fills?access_token=t-1")


def test_the_url_of_a_channel_is_one_that_its_parameters_fill() -> None:
    with MockServer("specification/chat.yaml", topics=True) as mock:
        assert mock.url_for("room", room="lobby") == f"{mock.url}/rooms/lobby"
        assert mock.url_for("room") == f"{mock.url}/"


def test_a_channel_of_a_server_that_is_left_out_has_no_url() -> None:
    with (
        MockServer("specification/trading-secure.yaml", server="sandbox") as mock,
        pytest.raises(TypeError, match="fills is at no path of this mock: its option `server`"),
    ):
        mock.url_for("fills")


def test_an_address_without_a_slash_has_one_in_a_url() -> None:
    with MockServer(ORDERS) as mock:
        assert mock.url_for("NewOrderPlaced") == f"{mock.url}/new-orders"


# What must have been.


@pytest.fixture
def spoken(mock: MockServer) -> MockServer:
    with connected(mock.url_for("room", room="lobby")) as client:
        say(client, chat())
        say(client, TYPING)
        mock.wait_for_message("TypingNotice")
    mock.wait_for_message("TypingNotice")
    return mock


def test_what_is_so_passes(spoken: MockServer) -> None:
    spoken.assert_received("ChatMessage", count=1, json={"user": "ada"})
    spoken.assert_received(at_least=2)
    spoken.assert_received("ChatMessage", at_most=1)
    spoken.assert_received("ChatMessage", count=0, json={"user": "ben"})
    spoken.assert_not_received("ChatMessage", exactly={"user": "ada"})
    spoken.assert_sequence(["ChatMessage", received("TypingNotice", json=TYPING)], close=1000, strict=True)
    spoken.assert_all_valid()
    spoken.assert_all_called()


def test_a_failure_says_what_was_expected_what_came_nearest_and_all_that_came(spoken: MockServer) -> None:
    with pytest.raises(AssertionError) as failed:
        spoken.assert_received("ChatMessage", json={"user": "adda"}, timeout=0)

    lines = told(failed)
    assert lines[:4] == [
        "expected at least 1 message ChatMessage received that fits, there were 0",
        "what came nearest:",
        f"  entry {spoken.journal.last - 2} is 0.3529 away:",
        '    /message/body/user was to be "adda", and is "ada"',
    ]
    assert "what came and went:" in lines
    assert any(each.endswith(' message ChatMessage {"type":"chat","user":"ada","text":"hi"} spec') for each in lines)


def test_a_message_that_came_too_often_is_a_failure(spoken: MockServer) -> None:
    with pytest.raises(AssertionError, match="expected no message ChatMessage received, there was 1"):
        spoken.assert_not_received("ChatMessage")
    with pytest.raises(AssertionError, match="at most 1"):
        spoken.assert_received(at_most=1)


def test_a_message_that_does_not_come_is_a_failure(spoken: MockServer) -> None:
    with pytest.raises(AssertionError, match=r"expected at least 2 message ChatMessage received within 0\.01 s"):
        spoken.wait_for_message("ChatMessage", count=2, timeout=0.01)
    with pytest.raises(AssertionError, match=r"0 of 1 connections were there within 0\.01 s"):
        spoken.wait_for_connection("room", timeout=0.01, connection={"subprotocol": "x"})


def test_another_order_is_a_failure(spoken: MockServer) -> None:
    with pytest.raises(AssertionError, match=r"1 of 2 steps.*then message ChatMessage sent was to come"):
        spoken.assert_sequence(["ChatMessage", sent("ChatMessage")], timeout=0)


def test_only_what_is_new_counts_after_a_number(spoken: MockServer) -> None:
    last = spoken.journal.last

    spoken.assert_not_received("ChatMessage", after=last)


def test_what_cannot_be_asked_is_no_assertion(mock: MockServer) -> None:
    with pytest.raises(Refused, match="no message 'Chat'"):
        mock.assert_received("Chat")


def test_an_expectation_that_did_not_run_is_named(mock: MockServer) -> None:
    greets = mock.expect_message("ChatMessage", channel="room").named("greets").reply("ChatMessage").times(2)
    mock.on_open("room").reply("ChatMessage")
    with connected(mock.url_for("room", room="a")) as client:
        say(client, chat())
        mock.wait_for_message("ChatMessage")

    with pytest.raises(AssertionError) as failed:
        mock.assert_all_called()

    assert told(failed)[:3] == [
        "not all expectations were called:",
        f"  {greets.id}: greets: message ChatMessage on room ran 1 of 2 times",
        "what came and went:",
    ]


def test_a_message_that_breaks_the_document_is_named(mock: MockServer) -> None:
    with connected(mock.url_for("room", room="a")) as client:
        say(client, {"type": "chat", "user": 7, "text": "x" * 200})
        mock.wait_for_message(valid=False)

    with pytest.raises(AssertionError) as failed:
        mock.assert_all_valid()

    assert told(failed)[0] == "messages came that are not valid:"
    assert "... invalid; /user: must be a string" in told(failed)[1]


# Time and weather.


def test_time_is_the_tests_own(mock: MockServer) -> None:
    mock.clock.freeze()
    mock.expect_message("ChatMessage").delay(30).reply(json=chat("late"))
    with connected(mock.url_for("room", room="a")) as client:
        say(client, chat())
        mock.wait_for_message("ChatMessage")
        before = mock.clock.now
        mock.clock.advance("30s")

        assert heard(client)["text"] == "late"
        assert mock.clock.now == pytest.approx(before + 30)
    assert [mock.clock.resume().frozen, mock.clock.reset().frozen] == [False, False]


def test_faults_last_as_long_as_their_block(mock: MockServer) -> None:
    with mock.faults("room", fault="ABNORMAL_CLOSE", latency=0, probability=1, time_to_live=60):
        assert [each.channel for each in mock.admin.faults()] == ["room"]
        with connected(mock.url_for("room", room="a")) as client:
            mock.send("ChatMessage", wait_for=1)
            assert end_of(client) == (None, "")
    assert mock.admin.faults() == []


def test_a_reset_leaves_nothing(spoken: MockServer) -> None:
    spoken.on_open("room").reply("ChatMessage")
    spoken.faults("room", latency=1)
    spoken.reset()

    assert (list(spoken.journal), spoken.admin.expectations(), spoken.admin.faults()) == ([], [], [])


def test_the_journal_is_asked_and_forgotten(spoken: MockServer) -> None:
    assert [each.event for each in spoken.journal] == ["open", "message", "message", "close"]
    assert [each.json for each in spoken.journal.messages("TypingNotice")] == [TYPING]
    assert spoken.journal.sent() == []
    spoken.journal.clear()
    assert list(spoken.journal) == []
