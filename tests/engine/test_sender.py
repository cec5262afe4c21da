"""What somebody outside wants said: to whom it goes, what it says, and why it is refused."""

from typing import Any

import pytest
from engines import ROOM, connect, engine_of, heard, say, send, sent

from mockws.engine.engine import Engine
from mockws.engine.events import SendCommand, Target

FEED = """
defaultContentType: application/json
channels:
  feed:
    address: /feed/{kind}
    parameters: {kind: {location: $message.payload#/kind}}
    messages:
      Happened:
        payload:
          type: object
          required: [kind, text]
          properties: {kind: {type: string}, text: {type: string}, at: {type: object}}
        examples:
          - {name: one, payload: {kind: none, text: one}}
          - {name: two, payload: {kind: none, text: two}}
          - {name: bad, payload: {kind: 1}}
      Plain: {contentType: text/plain, payload: {type: string, minLength: 2}}
      Asked: {payload: {type: object, required: [ask]}}
  other:
    address: /other
    messages:
      Other: {payload: {type: object, required: [other], properties: {other: {type: string, minLength: 12}}}}
operations:
  tell:
    action: send
    channel: {$ref: '#/channels/feed'}
    messages: [{$ref: '#/channels/feed/messages/Happened'}, {$ref: '#/channels/feed/messages/Plain'}]
  hear:
    action: receive
    channel: {$ref: '#/channels/feed'}
    messages: [{$ref: '#/channels/feed/messages/Asked'}]
  else: {action: send, channel: {$ref: '#/channels/other'}}
"""
NEVER = """
channels:
  never: {address: /never, messages: {Never: {payload: {type: string, pattern: '^(?=a)(?=b)x$'}}}}
  mute: {address: /mute, messages: {Heard: {payload: {type: object}}}}
operations:
  never: {action: send, channel: {$ref: '#/channels/never'}}
  hear: {action: receive, channel: {$ref: '#/channels/mute'}}
"""
FEED_CHANNEL, OTHER = Target(channel="feed"), Target(channel="other")
EVERYONE = Target(all=True)


def feed() -> Engine:
    """`a` follows logins, `b` logouts, `c` is elsewhere."""
    engine = engine_of(FEED)
    for name, path in (("a", "/feed/login"), ("b", "/feed/logout"), ("c", "/other")):
        connect(engine, name, path)
    return engine


@pytest.mark.parametrize(
    ("to", "reached"),
    [
        (FEED_CHANNEL, ["a", "b"]),
        (Target(channel="tell"), ["a", "b"]),
        (Target(channel="/feed/{kind}"), ["a", "b"]),
        (Target(connection="b"), ["b"]),
        (Target(address="/feed/login"), ["a"]),
        (Target(address="feed/login"), ["a"]),
        (Target(address="ws://localhost/feed/login?x=1"), ["a"]),
        (EVERYONE, ["a", "b"]),
    ],
)
def test_message_goes_to_whom_the_target_names(to: Target, reached: list[str]) -> None:
    outcome = send(feed(), to, message="Happened")

    assert [name for name, _ in heard(outcome)] == reached
    assert (list(sent(outcome).connections), sent(outcome).status) == (reached, 200)


def test_operation_names_channel_and_message() -> None:
    outcome = send(feed(), Target(), operation="else")

    assert list(sent(outcome).connections) == ["c"]


def test_who_cannot_hear_a_message_is_skipped_with_a_reason() -> None:
    assert sent(send(feed(), EVERYONE, message="Happened")).skipped == (("c", "Happened is no message of other"),)


def test_location_fills_each_rooms_value_in() -> None:
    outcome = send(feed(), FEED_CHANNEL, message="Happened")

    assert heard(outcome) == [("a", {"kind": "login", "text": "one"}), ("b", {"kind": "logout", "text": "one"})]


def test_location_tells_the_room() -> None:
    outcome = send(feed(), FEED_CHANNEL, message="Happened", overrides={"kind": "logout", "text": "bye"})

    assert heard(outcome) == [("b", {"kind": "logout", "text": "bye"})]
    assert sent(outcome).skipped == (("a", "the message says kind logout, the address says login"),)


def test_overrides_are_merged_object_by_object() -> None:
    engine = feed()
    first = send(engine, Target(connection="a"), message="Happened", overrides={"at": {"x": 1}})

    assert heard(first) == [("a", {"kind": "login", "text": "one", "at": {"x": 1}})]


def test_example_is_chosen_by_name() -> None:
    assert heard(send(feed(), Target(connection="a"), message="Happened", example="two"))[0][1]["text"] == "two"


def test_fake_is_made_where_one_is_wanted() -> None:
    assert heard(send(feed(), Target(connection="a"), message="Happened", generate=True))[0][1]["text"] != "one"


def test_all_listeners_of_a_fake_hear_the_same_whoever_they_are() -> None:
    crowd, alone = engine_of(ROOM), engine_of(ROOM)
    for name in ("b", "a"):
        connect(crowd, name, "/rooms/x")
    connect(alone, "a", "/rooms/x")

    there = [send(crowd, Target(channel="room"), message="Say") for _ in range(2)]
    here = [send(alone, Target(channel="room"), message="Say") for _ in range(2)]

    assert [dict(heard(each))["a"] for each in there] == [dict(heard(each))["a"] for each in here]
    assert heard(here[0]) != heard(here[1])


@pytest.mark.parametrize(
    ("to", "command", "status", "told"),
    [
        (Target(connection="z"), {"message": "Happened"}, 404, "no connection 'z'"),
        (Target(channel="fed"), {"message": "Happened"}, 422, "did you mean 'feed'"),
        (FEED_CHANNEL, {"message": "hapened"}, 422, "did you mean 'Happened'"),
        (FEED_CHANNEL, {"message": "Happened", "example": "tow"}, 422, "did you mean 'two'"),
        (FEED_CHANNEL, {"message": "Happened", "example": "bad"}, 422, "/kind: must be a string"),
        (FEED_CHANNEL, {}, 422, "say which message: Happened, Plain"),
        (FEED_CHANNEL, {"message": "Asked"}, 422, "Asked is only received on feed"),
        (FEED_CHANNEL, {"message": "Happened", "overrides": {"text": 1}}, 422, "/text: must be a string"),
        (FEED_CHANNEL, {"json": {"kind": "login"}, "has_json": True}, 422, "/text: is required"),
        (FEED_CHANNEL, {"text": "x"}, 422, "it does not fit the document"),
        (FEED_CHANNEL, {"binary": b"x"}, 422, "a binary frame, where text is promised"),
        (Target(address="/feed/none"), {"message": "Happened"}, 409, "no one is connected to address /feed/none"),
        (Target(address="/feed/%FF"), {"message": "Happened"}, 409, "no one is connected to address"),
        (Target(address="/feed/none"), {"json": {}, "has_json": True}, 422, "is required"),
        (Target(), {"operation": "nope"}, 422, "no operation 'nope'"),
    ],
)
def test_send_is_refused_with_a_reason_and_nobody_hears_anything(
    to: Target, command: dict[str, Any], status: int, told: str
) -> None:
    engine = feed()
    outcome = send(engine, to, **command)

    assert (sent(outcome).status, outcome.actions, outcome.entries) == (status, (), ())
    assert told in sent(outcome).problem
    assert [connection.sent for connection in engine.world.connections.values()] == [0, 0, 0]


def test_whom_nobody_is_there_for_is_told_in_words() -> None:
    engine = engine_of(FEED)
    problems = [
        sent(send(engine, OTHER, message="Other")).problem,
        sent(send(engine, EVERYONE, message="Other")).problem,
        sent(send(engine, Target(), operation="else")).problem,
    ]

    assert problems == [
        "no one is connected to channel other",
        "no one is connected to the mock",
        "no one is connected to the channel of else",
    ]


def test_what_nobody_hears_is_judged_all_the_same() -> None:
    assert sent(send(engine_of(FEED), OTHER, message="Other", overrides={"other": 1})).status == 422


@pytest.mark.parametrize(
    ("command", "frame"),
    [
        ({"json": {"kind": 1}, "has_json": True}, {"kind": 1}),
        ({"text": "x"}, "x"),
        ({"binary": b"\x00\xff"}, b"\x00\xff"),
        ({"message": "Asked", "overrides": {"ask": 1}}, {"ask": 1}),
    ],
)
def test_contract_is_broken_on_purpose_where_nobody_validates(command: dict[str, Any], frame: Any) -> None:
    engine = feed()
    outcome = send(engine, Target(connection="a"), **command, validate=False)

    [(name, value)] = heard(outcome)
    assert name == "a"
    assert value == frame or value.items() >= frame.items()


@pytest.mark.parametrize(
    ("command", "name", "frame"),
    [
        ({"json": {"kind": "login", "text": "x"}, "has_json": True}, "Happened", '{"kind":"login","text":"x"}'),
        ({"text": '{"kind": "login", "text": "x"}'}, "Happened", '{"kind": "login", "text": "x"}'),
        ({"text": "12"}, "Plain", "12"),
        ({"json": "words", "has_json": True}, "Plain", "words"),
    ],
)
def test_payload_goes_out_as_it_is_under_the_name_of_the_message_that_it_is(
    command: dict[str, Any], name: str, frame: str
) -> None:
    [entry] = send(feed(), Target(connection="a"), **command).entries

    assert (entry.message, entry.frame, entry.cause) == (name, frame, "admin send (admin)")


def test_bytes_go_out_where_the_document_promises_bytes() -> None:
    engine = engine_of(FEED.replace("text/plain", "image/png"))
    connect(engine, "a", "/feed/login")

    assert heard(send(engine, Target(connection="a"), binary=b"\x00")) == [("a", b"\x00")]


def test_reach_counts_who_would_hear_it() -> None:
    engine = feed()

    assert engine.reach(SendCommand(FEED_CHANNEL)) == 2
    assert engine.reach(SendCommand(Target(channel="nowhere"))) == 0


def test_send_does_not_change_a_connections_own_fakes() -> None:
    told, untold = (engine_of(ROOM.replace("{action: receive", "{reply: {}, action: receive")) for _ in range(2))
    for engine in (told, untold):
        connect(engine, "a", "/rooms/x")
    send(told, Target(connection="a"), message="Say", generate=True)

    assert heard(say(told, "a", {"text": "x"})) == heard(say(untold, "a", {"text": "x"}))


def test_what_cannot_be_made_up_is_refused() -> None:
    refusal = sent(send(engine_of(NEVER), Target(channel="never"), message="Never"))

    assert (refusal.status, refusal.problem.startswith("no value can be made")) == (422, True)


def test_anything_may_be_said_where_the_document_promises_nothing() -> None:
    engine = engine_of(NEVER)
    connect(engine, "a", "/mute")

    assert heard(send(engine, Target(connection="a"), json=[1], has_json=True)) == [("a", [1])]


def test_overrides_of_what_is_no_object_do_not_fit() -> None:
    refusal = sent(send(feed(), Target(connection="a"), message="Plain", overrides={"text": "x"}))

    assert (refusal.status, "must be a string, is an object" in refusal.problem) == (422, True)


def test_discriminator_tells_what_a_payload_was_meant_to_be() -> None:
    engine = engine_of("""
channels:
  c:
    address: /c
    messages:
      a: {payload: {type: object, required: [type], properties: {type: {const: a}}}}
      b: {payload: {type: object, required: [type, x, y], properties: {type: {const: b}}}}
operations:
  out: {action: send, channel: {$ref: '#/channels/c'}}
""")
    refusal = sent(send(engine, Target(channel="c"), json={"type": "b"}, has_json=True))

    assert [violation.pointer for violation in refusal.violations] == ["/x", "/y"]


def test_message_that_is_for_another_room_reaches_nobody_and_says_why() -> None:
    refusal = sent(send(feed(), FEED_CHANNEL, message="Happened", overrides={"kind": "purchase"}))

    assert refusal.status == 409
    assert refusal.problem == "no one was reached: the message says kind purchase, the address says login"
