"""What of the document has been exercised, as JSON and as metrics."""

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from starlette.testclient import TestClient, WebSocketDenialResponse

from mockws.admin.metrics import SUMMARIES
from mockws.app import Mock
from mockws.settings import Settings

WS = "ws://127.0.0.1:8080"
ORDER = {"id": 10, "orderItems": [{"id": 10, "name": "Macbook", "quantity": 1, "price": 2000}]}


@contextmanager
def served(document: str = "specification/order-api.yaml", **settings: Any) -> Iterator[TestClient]:
    mock = Mock.of(document, Settings(**{"watch": False, **settings}))
    with TestClient(mock.app(), base_url="http://127.0.0.1:8080/__admin") as client:
        yield client


def order(client: TestClient) -> None:
    """Order on one channel, and hear the answer on another."""
    with client.websocket_connect(f"{WS}/wip-orders") as heard, client.websocket_connect(f"{WS}/new-orders") as said:
        said.send_text(json.dumps(ORDER))
        heard.receive_text()


def test_nothing_is_covered_in_the_beginning() -> None:
    with served() as client:
        covered = client.get("/coverage").json()

    assert all(
        covered[each]["exercised"] == 0 < covered[each]["total"] for each in ("channels", "operations", "messages")
    )


def test_a_request_and_its_reply_are_covered() -> None:
    with served() as client:
        order(client)
        covered = client.get("/coverage").json()

    opened = {each["name"]: each["opened"] for each in covered["details"]}
    operations = {each["name"]: each for channel in covered["details"] for each in channel["operations"]}
    place = operations["placeOrder"]
    assert opened["NewOrderPlaced"] == opened["OrderInitiated"] == 1
    assert (place["exercised"], place["messages"][0]["count"], place["replies"][0]["count"]) == (True, 1, 1)
    assert covered["channels"]["exercised"] == 2
    assert covered["operations"]["exercised"] == 1


def test_examples_are_covered_in_both_directions() -> None:
    with served() as client:
        order(client)
        covered = client.get("/coverage").json()

    counted = {
        (message["name"], example["name"]): example["count"]
        for channel in covered["details"]
        for operation in channel["operations"]
        for message in (*operation["messages"], *operation["replies"])
        for example in message["examples"]
    }
    assert sum(counted.values()) == covered["examples"]["exercised"] > 0


def test_an_example_that_an_expectation_says_is_covered() -> None:
    with served("specification/chat.yaml") as client:
        greeting = {
            "trigger": {"type": "open"},
            "actions": [{"reply": {"message": "ChatMessage", "example": "GREETING"}}],
        }
        assert client.post("/expectations", json=greeting).status_code == 201
        with client.websocket_connect(f"{WS}/rooms/a") as socket:
            socket.receive_text()
        covered = client.get("/coverage").json()

    (channel,) = covered["details"]
    told = {
        example["name"]: example["count"]
        for each in channel["operations"]
        for message in each["messages"]
        for example in message["examples"]
    }
    assert told["GREETING"] == 1
    assert covered["examples"]["exercised"] == 1


def test_a_channel_is_shown_with_who_is_there() -> None:
    with served() as client, client.websocket_connect(f"{WS}/new-orders"):
        shown = client.get("/channels/NewOrderPlaced").json()
        by_address = client.get("/channels/new-orders").json()

    assert shown == by_address
    assert (shown["address"], shown["connections"], shown["coverage"]["opened"]) == ("new-orders", ["c1"], 1)
    (operation,) = shown["operations"]
    assert (operation["name"], operation["action"], operation["replyChannel"]) == (
        "placeOrder",
        "receive",
        "OrderInitiated",
    )


def test_an_unknown_channel_is_404_with_the_one_that_was_meant() -> None:
    with served() as client:
        answer = client.get("/channels/NewOrderPlace")

    assert (answer.status_code, "did you mean 'NewOrderPlaced'" in answer.json()["detail"]) == (404, True)


def test_metrics_are_counted_over_all_sessions_and_never_fall() -> None:
    with served() as client:
        name = client.post("/sessions").json()["id"]
        with client.websocket_connect(f"{WS}/__s/{name}/wip-orders"):
            during = client.get("/metrics").text
        order(client)
        client.delete(f"/sessions/{name}")
        client.post("/reset")
        after = client.get("/metrics").text

    assert "mockws_connections 1.0\n" in during
    assert "mockws_sessions 1.0\n" in during
    assert 'mockws_events_total{event="open"} 3.0\n' in after
    assert 'outcome="spec"} 1.0\n' in after
    assert all(f"# HELP {each}" in after for each in SUMMARIES)


def lines(client: TestClient, of: str = "session") -> dict[str, dict[str, Any]]:
    return {each["name"]: each for each in client.get(f"/coverage?of={of}").json()["lines"]}


def test_coverage_tells_by_whom_and_when_and_how_it_fails() -> None:
    with served() as client:
        order(client)
        with client.websocket_connect(f"{WS}/new-orders", headers={"User-Agent": "shop/2.1"}) as said:
            said.send_text("{}")
            said.receive()
        told = lines(client)

    line = told["NewOrderPlaced/OrderRequest"]
    assert (line["passed"], line["failed"], line["failing"]) == (1, 1, ["OrderRequest: /id: is required"])
    assert line["by"][-1] == "c3 (shop/2.1)"
    assert line["first"] <= line["last"]


def test_enum_values_parameters_and_reply_pairs_are_covered() -> None:
    with served() as client:
        order(client)
        covered, told = client.get("/coverage").json(), lines(client)

    assert told["placeOrder: OrderRequest → Order"]["exercised"]
    assert told['OrderInitiated/Order /status = "INITIATED"']["exercised"]
    assert not told['OrderInitiated/Order /status = "SHIPPED"']["exercised"]
    assert covered["replies"] == {"exercised": 1, "total": 1}
    assert covered["enumValues"]["exercised"] == 1


def test_a_refused_handshake_is_held_against_its_channel() -> None:
    with served("specification/trading-secure.yaml", auth="http") as client:
        with suppress(WebSocketDenialResponse), client.websocket_connect(f"{WS}/v1/trading/orders"):
            pass
        failing = [each for each in lines(client).values() if each["kind"] == "channel" and each["failed"]]

    assert failing
    assert all(each["failing"][0].startswith("refused: ") for each in failing)


def test_what_all_sessions_exercised_outlives_resets_and_their_end() -> None:
    with served() as client:
        name = client.post("/sessions").json()["id"]
        with client.websocket_connect(f"{WS}/__s/{name}/out-for-delivery-orders"):
            pass
        order(client)
        client.delete(f"/sessions/{name}")
        client.post("/reset")
        session, everything = lines(client), lines(client, "all")

    assert not session["NewOrderPlaced"]["exercised"]
    assert everything["NewOrderPlaced"]["passed"] == everything["OutForDelivery"]["passed"] == 1
    assert everything["OutForDelivery"]["by"] == [f"{name}/c1 (testclient)"]


def test_a_cleared_journal_does_not_take_the_coverage_with_it() -> None:
    with served() as client:
        order(client)
        client.delete("/journal")
        told = lines(client)

    assert told["placeOrder: OrderRequest → Order"]["exercised"]


def test_what_the_journal_dropped_before_anybody_asked_is_told() -> None:
    with served(journal_limit=3) as client:
        order(client)
        order(client)
        covered = client.get("/coverage").json()

    assert covered["missed"] > 0
    assert {each["name"]: each["passed"] for each in covered["lines"]}["NewOrderPlaced/OrderRequest"] == 2
