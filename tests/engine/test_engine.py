"""Comings and goings: who hears whom, what a new document and a stop lead to, and what is journalled."""

from engines import HEAD, ORDERS, ROOM, closed, connect, contract_of, engine_of, heard, opening_of, say, status

from mockws.engine.actions import Accept
from mockws.engine.events import Closed, Connected, ContractReplaced, Received, Stopping, TurnedAway

KRAKEN = """
channels:
  public:
    address: /
    messages: {subscribe: {payload: {type: object, required: [subscribe]}}}
  status:
    address: /
    messages: {status: {payload: {type: object}, examples: [{payload: {status: ok}}]}}
operations:
  subscribe: {action: receive, channel: {$ref: '#/channels/public'}, reply: {channel: {$ref: '#/channels/status'}}}
"""
TOPICS = KRAKEN.replace("address: /\n", "address: public\n", 1).replace("address: /\n", "address: status\n")


def test_what_one_says_the_others_in_the_room_hear() -> None:
    engine = engine_of(ROOM)
    for name, path in (("a", "/rooms/x"), ("b", "/rooms/x"), ("c", "/rooms/y")):
        connect(engine, name, path)

    assert heard(say(engine, "a", {"text": "hi"})) == [("b", {"text": "hi"})]


def test_room_is_one_even_where_its_parameters_are_not_described() -> None:
    engine = engine_of(ROOM.replace("parameters: {room: {}}", "description: none"))
    connect(engine, "a", "/rooms/x")
    connect(engine, "c", "/rooms/y")

    assert heard(say(engine, "a", {"text": "hi"})) == []


def test_silence_in_an_empty_room_is_explained() -> None:
    engine = engine_of(ROOM)
    connect(engine, "a", "/rooms/x")

    [entry] = say(engine, "a", {"text": "hi"}).entries

    assert entry.note == "inferred: relayed to the others in the room; no one else is here"


def test_message_that_names_another_room_is_noted() -> None:
    engine = engine_of(ROOM.replace("parameters: {room: {}}", "parameters: {room: {location: $message.payload#/room}}"))
    connect(engine, "a", "/rooms/x")

    assert (
        say(engine, "a", {"text": "hi", "room": "y"})
        .entries[0]
        .note.endswith("the message says room y, the address says x")
    )


def test_reply_on_another_channel_at_the_same_path_goes_to_whoever_asked() -> None:
    engine = engine_of(KRAKEN)
    connect(engine, "a", "/")
    connect(engine, "b", "/")

    assert heard(say(engine, "a", {"subscribe": 1})) == [("a", {"status": "ok"})]


def test_reply_on_another_topic_of_one_socket_goes_to_whoever_asked() -> None:
    engine = engine_of(TOPICS)
    connect(engine, "a", "/")
    connect(engine, "b", "/status")

    assert heard(say(engine, "a", {"subscribe": 1})) == [("a", {"status": "ok"})]


def test_socket_of_topics_counts_as_being_at_each_of_them() -> None:
    engine = engine_of(TOPICS)
    connect(engine, "a", "/public")
    connect(engine, "b", "/")

    assert heard(say(engine, "a", {"subscribe": 1})) == [("b", {"status": "ok"})]


def test_last_words_of_a_connection_that_was_closed_are_not_heard() -> None:
    engine = engine_of(ORDERS)
    connect(engine, "a", "/new")
    say(engine, "a", {"id": "x"})

    assert engine.step(Received("a", '{"id":1}')).entries == ()


def test_close_is_journalled_with_its_address_whoever_began() -> None:
    engine = engine_of(ORDERS)
    for name in ("a", "b"):
        connect(engine, name, "/new")
    say(engine, "b", {"id": "x"})

    entries = [
        *engine.step(Closed("a", 1001, "bye")).entries,
        *engine.step(Closed("b", 1008, by_client=False)).entries,
        *engine.step(Closed("b", 1006)).entries,
        *engine.step(Closed("z", 1006)).entries,
    ]

    assert [(entry.connection, entry.address, entry.code, entry.note) for entry in entries] == [
        ("a", "/new", 1001, "by the client: bye"),
        ("b", "/new", 1008, "by the server"),
    ]


def test_handshake_without_a_route_is_journalled_as_refused() -> None:
    [entry] = engine_of(ORDERS).step(TurnedAway(opening_of("/nowhere?x=1"), 404, "nothing is there")).entries

    assert (entry.event, entry.address, entry.code, entry.note) == ("refused", "/nowhere", 404, "nothing is there")


def test_name_that_comes_again_is_somebody_new() -> None:
    engine = engine_of(ROOM, push="1s")
    connect(engine, "a", "/rooms/x")
    connect(engine, "a", "/rooms/y")

    assert [each.address for each in engine.world.connections.values()] == ["/rooms/y"]
    assert len(engine._pusher._running) == 1


def test_new_document_answers_the_next_message() -> None:
    engine = engine_of(ORDERS)
    for name, path in (("a", "/new"), ("b", "/done")):
        connect(engine, name, path)
    outcome = engine.step(ContractReplaced(contract_of(ORDERS.replace("state: ten", "state: TEN"))))

    assert (outcome.actions, [entry.event for entry in outcome.entries]) == ((), ["reload"])
    assert heard(say(engine, "a", {"id": 10})) == [("b", {"id": 10, "state": "TEN"})]


def test_new_document_names_the_parameters_anew() -> None:
    engine = engine_of(ROOM)
    for name, path in (("a", "/rooms/x"), ("b", "/rooms/y")):
        connect(engine, name, path)
    engine.step(ContractReplaced(contract_of(ROOM.replace("{room}", "{id}").replace("{room: {}}", "{id: {}}"))))

    assert [each.parameters for each in engine.world.connections.values()] == [{"id": "x"}, {"id": "y"}]
    assert heard(say(engine, "a", {"text": "hi"})) == []


def test_connection_whose_channel_is_gone_is_closed() -> None:
    engine = engine_of(ORDERS)
    for name, path in (("a", "/new"), ("b", "/done")):
        connect(engine, name, path)
    outcome = engine.step(ContractReplaced(contract_of(ORDERS.replace("/new", "/newer"))))

    assert closed(outcome) == [("a", 1012)]
    assert list(engine.world.connections) == ["b"]


def test_document_that_is_replaced_during_a_handshake_decides_on_it() -> None:
    engine = engine_of(ORDERS)
    opening = opening_of("/new")
    old = engine.contract.book.find("/new")
    assert old is not None
    engine.step(ContractReplaced(contract_of(ORDERS)))

    assert engine.step(Connected("a", *old, opening)).actions == (Accept("a"),)
    engine.step(ContractReplaced(contract_of(ROOM)))
    assert status(engine.step(Connected("b", *old, opening))) == 404


def test_path_that_cannot_be_read_is_found_nowhere() -> None:
    engine = engine_of(ROOM)
    found = contract_of(ROOM).routes[0]

    assert status(engine.step(Connected("a", found, {}, opening_of("/rooms/%FF")))) == 404


def test_stop_says_goodbye_to_everyone() -> None:
    engine = engine_of(ROOM, push="1s")
    for name in ("a", "b"):
        connect(engine, name, "/rooms/x")

    assert closed(engine.step(Stopping())) == [("a", 1012), ("b", 1012)]
    assert closed(engine.step(Stopping())) == []


def test_reply_that_cannot_be_made_is_explained() -> None:
    engine = engine_of(
        HEAD
        + """
channels:
  c:
    address: /c
    messages: {Ask: {payload: {type: object}}, Never: {payload: {type: string, pattern: '^(?=a)(?=b)x$'}}}
operations:
  in:
    action: receive
    channel: {$ref: '#/channels/c'}
    messages: [{$ref: '#/channels/c/messages/Ask'}]
    reply: {messages: [{$ref: '#/channels/c/messages/Never'}]}
"""
    )
    connect(engine, "a", "/c")
    [entry] = say(engine, "a", {}).entries

    assert (entry.outcome, entry.note.startswith("Never is not sent: ")) == ("spec", True)
