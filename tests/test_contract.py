"""What a contract promises, and how its parts are found by name."""

from typing import Any

import pytest

from mockws.address import Address
from mockws.contract import (
    Action,
    Channel,
    Contract,
    Example,
    Handshake,
    Message,
    Operation,
    Parameter,
    Reply,
    Route,
    Server,
)
from mockws.errors import UnknownName
from mockws.schema.schema import Schema


def message(name: str, **more: Any) -> Message:
    return Message(name, Schema(True), **more)


ORDER, DONE, NEWS = message("order.placed", aliases=("Order",), label="Order"), message("done"), message("news")
NEW = Channel("new", "/new-orders", messages=(ORDER,), title="New orders")
WIP = Channel("wip", "/wip-orders", messages=(DONE,))
PLACE = Operation("place", Action.RECEIVE, NEW, (ORDER,), Reply(WIP, None, (DONE,)), title="Place it")
ASK = Operation("ask", Action.SEND, WIP, (NEWS,), Reply(None, None, (ORDER,)))
CONTRACT = Contract("t", "1", (NEW, WIP), (PLACE, ASK), (Route(Address("/new-orders"), (NEW,)),))


@pytest.mark.parametrize("name", ["new", "/new-orders", "new-orders", "New orders", "place", "Place it"])
def test_channel_is_found_by_key_address_title_or_operation(name: str) -> None:
    assert CONTRACT.channel(name) is NEW


@pytest.mark.parametrize("name", ["neww", ""])
def test_unknown_channel_is_told_with_those_that_are_there(name: str) -> None:
    with pytest.raises(UnknownName) as problem:
        CONTRACT.channel(name)

    assert list(problem.value.known) == ["new", "wip"]


@pytest.mark.parametrize("name", ["place", "Place it"])
def test_operation_is_found_by_key_or_title(name: str) -> None:
    assert CONTRACT.operation(name) is PLACE


def test_operation_without_a_title_is_not_found_by_none() -> None:
    with pytest.raises(UnknownName):
        CONTRACT.operation("")


@pytest.mark.parametrize("name", ["order.placed", "Order"])
def test_message_is_found_by_key_or_name(name: str) -> None:
    assert CONTRACT.message(name) is ORDER


def test_unknown_message_suggests_the_closest() -> None:
    with pytest.raises(UnknownName, match=r"did you mean 'order\.placed'"):
        CONTRACT.message("orderPlaced")


def test_message_is_looked_for_at_the_channels_that_are_named() -> None:
    with pytest.raises(UnknownName):
        CONTRACT.message("news", (NEW,))


def test_clients_may_send_what_is_received_and_what_answers_the_mocks_questions() -> None:
    told = [[message.name for message, _ in CONTRACT.incoming(channel)] for channel in (NEW, WIP)]

    assert told == [["order.placed"], ["order.placed"]]


def test_mock_may_send_what_is_sent_and_what_answers_requests() -> None:
    assert [[each.name for each in CONTRACT.outgoing(channel)] for channel in (NEW, WIP)] == [[], ["news", "done"]]


def test_messages_of_a_channel_are_all_that_are_exchanged_there() -> None:
    assert [each.name for each in CONTRACT.messages_of(WIP)] == ["done", "order.placed", "news"]


def test_operations_are_told_apart_by_what_the_mock_does() -> None:
    assert CONTRACT.operations_at(NEW, Action.RECEIVE) == (PLACE,)
    assert CONTRACT.operations_at(NEW, Action.SEND) == ()


def test_actions_are_turned_round() -> None:
    assert [action.turned for action in Action] == [Action.SEND, Action.RECEIVE]


def test_only_valid_examples_are_said() -> None:
    both = message("m", examples=(Example("bad", 1, valid=False), Example("good", 2)))

    assert [example.name for example in both.valid_examples] == ["good"]


def test_title_of_a_message_is_what_people_call_it() -> None:
    assert [ORDER.title, DONE.title] == ["Order", "done"]


@pytest.mark.parametrize(
    ("parameter", "sample"),
    [
        (Parameter("id", default="7", examples=("8",)), "7"),
        (Parameter("id", examples=("8",), enum=("9",)), "8"),
        (Parameter("id", enum=("9",)), "9"),
        (Parameter("id"), "id"),
    ],
)
def test_sample_path_is_what_a_person_would_try_first(parameter: Parameter, sample: str) -> None:
    route = Route(Address("/users/{id}"), (Channel("c", "/users/{id}", (parameter,)),))

    assert route.sample_path() == f"/users/{sample}"


def test_handshake_names_what_it_requires() -> None:
    handshake = Handshake(query=Schema({"required": ["token"]}), headers=Schema(True))

    assert (handshake.required_query, handshake.required_headers) == (("token",), ())
    assert Handshake().required_query == ()


@pytest.mark.parametrize(("protocol", "speaks"), [("ws", True), ("WSS", True), ("kafka", False), ("https", False)])
def test_server_speaks_websocket_or_not(protocol: str, speaks: bool) -> None:
    assert Server("s", protocol).speaks_websocket is speaks


def test_what_a_person_can_paste_has_the_query_that_is_needed() -> None:
    schema = {"required": ["token", "rate"], "properties": {"rate": {"type": "integer", "minimum": 8}, "more": {}}}
    route = Route(Address("/ws"), (), (Handshake(query=Schema(schema)),))

    assert route.sample_target() == "/ws?token=token&rate=8"
