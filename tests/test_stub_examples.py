"""The bundled stub files do what they say."""

from pathlib import Path

from starlette.testclient import TestClient

from mockws.app import Mock
from mockws.settings import Settings

STUBS = str(Path(__file__).parent.parent / "stubs")


def served(document: str) -> TestClient:
    settings = Settings(stubs=(STUBS,), watch=False, log_format="none")
    return TestClient(Mock.of(f"specification/{document}", settings).app(), base_url="http://127.0.0.1")


def test_the_order_story_greets_and_answers_late() -> None:
    with served("order-api.yaml") as client, client.websocket_connect("/accepted-orders") as accepted:
        assert accepted.receive_json()["status"] == "ACCEPTED"

        with client.websocket_connect("/wip-orders") as wip, client.websocket_connect("/new-orders") as new:
            new.send_json({"id": 12, "orderItems": []})
            assert wip.receive_json() == {"id": 12, "totalAmount": 0, "status": "PENDING"}


def test_the_chat_welcomes_by_the_room_s_name() -> None:
    with served("chat.yaml") as client, client.websocket_connect("/rooms/red") as ada:
        assert ada.receive_json()["text"] == "welcome to red"


def test_trouble_comes_late_or_ends_the_connection_the_same_way_for_the_same_seed() -> None:
    with served("chat.yaml") as client:
        ends = [trouble(client) for _ in range(6)]

    with served("chat.yaml") as client:
        assert [trouble(client) for _ in range(6)] == ends
    assert set(ends) == {"ada was lucky", "closed"}


def trouble(client: TestClient) -> str:
    with client.websocket_connect("/rooms/red") as ada:
        ada.receive_json()
        ada.send_json({"type": "chat", "user": "ada", "text": "trouble"})
        message = ada.receive()
        return "closed" if message["type"] == "websocket.close" else str(message["text"]).split('"text":"')[1][:13]
