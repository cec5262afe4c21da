"""The bundled stub files do what they say; what `tests/exchanges/bundled_*.yaml` plays is not told again here."""

import json
from collections import Counter
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from mockws.app import Mock
from mockws.cli.main import run
from mockws.settings import Settings
from mockws.source.read import read
from playing.bare import BareStage
from playing.lines import Connect, read_line
from playing.stage import Ended, TurnedAway

ROOT = Path(__file__).parent.parent
STUBS = ROOT / "stubs"
BUNDLED = sorted(STUBS.glob("*.yaml"))


def mock_of(document: str, stub: str) -> Mock:
    settings = Settings(stubs=(str(STUBS / stub),), watch=False, log_format="none")
    return Mock.of(f"specification/{document}", settings)


def served(document: str, stub: str) -> TestClient:
    return TestClient(mock_of(document, stub).app(), base_url="http://127.0.0.1")


@pytest.mark.parametrize("path", BUNDLED, ids=lambda path: path.name)
def test_each_file_fits_its_document(path: Path) -> None:
    document = read(path.read_bytes(), path.name).value["document"]

    assert run(["check", str(ROOT / "specification" / document), "--stubs", str(path)]) == 0


@pytest.mark.parametrize("path", BUNDLED, ids=lambda path: path.name)
def test_each_file_is_listed_in_the_readme(path: Path) -> None:
    assert f"({path.name})" in (STUBS / "README.md").read_text("utf-8")


def test_the_order_story_greets_and_answers_late() -> None:
    with (
        served("order-api.yaml", "order-story.yaml") as client,
        client.websocket_connect("/accepted-orders") as accepted,
    ):
        assert accepted.receive_json()["status"] == "ACCEPTED"

        with client.websocket_connect("/wip-orders") as wip, client.websocket_connect("/new-orders") as new:
            new.send_json({"id": 12, "orderItems": []})
            assert wip.receive_json() == {"id": 12, "totalAmount": 0, "status": "PENDING"}


def test_the_chat_welcomes_by_the_room_s_name() -> None:
    with served("chat.yaml", "chat.yaml") as client, client.websocket_connect("/rooms/red") as ada:
        assert ada.receive_json()["text"] == "welcome to red"


def test_trouble_comes_late_or_ends_the_connection_the_same_way_for_the_same_seed() -> None:
    with served("chat.yaml", "chat.yaml") as client:
        ends = [trouble(client) for _ in range(6)]

    with served("chat.yaml", "chat.yaml") as client:
        assert [trouble(client) for _ in range(6)] == ends
    assert set(ends) == {"ada was lucky", "closed"}


def trouble(client: TestClient) -> str:
    with client.websocket_connect("/rooms/red") as ada:
        ada.receive_json()
        ada.send_json({"type": "chat", "user": "ada", "text": "trouble"})
        message = ada.receive()
        return "closed" if message["type"] == "websocket.close" else str(message["text"]).split('"text":"')[1][:13]


def test_a_bad_day_has_everything_and_is_the_same_for_the_same_seed() -> None:
    day, again = bad_day(), bad_day()

    assert day == again
    assert set(day) == {"refused 503", "closed 1013", "closed 1011", "lost", "answered"}
    assert Counter(day)["answered"] > 20


def bad_day() -> list[str]:
    """Place fifty orders, each on a connection of its own, and tell what became of them."""
    mock = mock_of("order-api.yaml", "slow-and-flaky.yaml")
    stage = BareStage(mock)
    stage.expect(mock.stubs)
    listener = stage.connect(connecting("/wip-orders"))
    assert not isinstance(listener, TurnedAway)
    assert listener.connection is not None
    return [order(stage, listener.connection, number) for number in range(50)]


def connecting(path: str) -> Connect:
    line = read_line(f"a connect {path}")
    assert isinstance(line, Connect)
    return line


def order(stage: BareStage, listener: str, number: int) -> str:
    opened = stage.connect(connecting("/new-orders"))
    if isinstance(opened, TurnedAway):
        return f"refused {opened.status}"
    assert opened.connection is not None, "cut off"
    if stage.is_open(opened.connection):
        stage.say(opened.connection, json.dumps({"id": number, "orderItems": []}))
        heard = stage.hear(listener)
        if heard is not None:
            assert isinstance(heard, str)
            return "answered" if json.loads(heard)["id"] == number else heard
    end = stage.hear(opened.connection)
    return f"closed {end.code}" if isinstance(end, Ended) else "lost"
