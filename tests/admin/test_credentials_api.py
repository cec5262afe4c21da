"""The admin API's credentials: set, shown without secrets, given back to the files."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from mockws.app import Mock
from mockws.settings import Settings

TRADING = "specification/trading-secure.yaml"
STUB = "credentials:\n- {scheme: bearer, token: from-file}\n"
ORDERS = "ws://127.0.0.1:8080/v1/trading/orders"
SANDBOX = "ws://127.0.0.1:8080/sandbox/orders"


@contextmanager
def served(folder: Path, document: str = TRADING, text: str = STUB) -> Iterator[TestClient]:
    (folder / "stub.yaml").write_text(text)
    mock = Mock.of(document, Settings(watch=False, stubs=(str(folder),)))
    with TestClient(mock.app(), base_url="http://127.0.0.1:8080/__admin") as client:
        yield client


def put(client: TestClient, *listed: dict[str, Any]) -> tuple[int, Any]:
    answer = client.put("/credentials", json={"credentials": list(listed)})
    return answer.status_code, answer.json()


def code(client: TestClient, url: str) -> int:
    """Connect, and leave again; tells the code with which it ended."""
    with client.websocket_connect(url) as socket:
        socket.send_text("?")
        message = socket.receive()
        return int(message["code"])


def test_only_what_files_list_is_let_in(tmp_path: Path) -> None:
    with served(tmp_path) as client:
        assert code(client, f"{ORDERS}?access_token=from-file") == 1007  # it got as far as its message
        assert code(client, f"{ORDERS}?access_token=other") == 4403
        assert code(client, ORDERS) == 4401


def test_what_is_put_goes_before_the_files_until_it_is_deleted(tmp_path: Path) -> None:
    with served(tmp_path) as client:
        status, view = put(client, {"scheme": "bearer", "token": "for-a-test"})

        assert (status, view["source"]) == (200, "admin")
        assert code(client, f"{ORDERS}?access_token=from-file") == 4403
        assert client.delete("/credentials").status_code == 204
        assert code(client, f"{ORDERS}?access_token=from-file") == 1007


def test_a_reset_gives_back_to_the_files(tmp_path: Path) -> None:
    with served(tmp_path) as client:
        put(client)
        client.post("/expectations/reset")

        assert client.get("/credentials").json()["source"] == "file"


def test_secrets_are_never_shown(tmp_path: Path) -> None:
    with served(tmp_path) as client:
        shown = client.get("/credentials")
        put(client, {"scheme": "apiKey", "key": "hush"})

        assert shown.json() == {
            "source": "file",
            "credentials": [{"scheme": "bearer", "token": "[redacted]"}],
        }
        assert "hush" not in client.get("/credentials").text


def test_what_was_shown_cannot_be_put_back(tmp_path: Path) -> None:
    with served(tmp_path) as client:
        status, problem = put(client, *client.get("/credentials").json()["credentials"])

        assert (status, problem["code"]) == (422, "credential_masked")
        assert problem["errors"][0]["pointer"] == "/credentials/0/token"


@pytest.mark.parametrize(
    ("listed", "pointer", "words"),
    [
        ([{"scheme": "bearr", "token": "hush"}], "/credentials/0/scheme", "did you mean 'bearer'?"),
        ([{"scheme": "apiKey", "token": "hush"}], "/credentials/0/token", "apiKey (httpApiKey) wants key"),
        ([{"scheme": "bearer", "tokn": "hush"}], "/credentials/0/tokn", "did you mean 'token'?"),
        ([{"scheme": "bearer", "token": 4711}], "/credentials/0/token", "must be a string; what is there is not shown"),
        (["hush"], "/credentials/0", "must be an object; what is there is not shown"),
        ("hush", "/credentials", "must be an array; what is there is not shown"),
    ],
)
def test_what_cannot_be_is_told_without_the_secret(tmp_path: Path, listed: Any, pointer: str, words: str) -> None:
    with served(tmp_path) as client:
        answer = client.put("/credentials", json={"credentials": listed})

        assert answer.status_code == 422
        assert answer.json()["errors"][0]["pointer"] == pointer
        assert words in answer.json()["errors"][0]["message"]
        assert "hush" not in answer.text
        assert "4711" not in answer.text
        assert client.get("/credentials").json()["source"] == "file"


def test_neither_journal_nor_connections_show_what_was_brought(tmp_path: Path) -> None:
    document = (Path(TRADING).read_text()).replace("name: api_key", "name: Session")
    (tmp_path / "trading.yaml").write_text(document)
    stub = "credentials:\n- {scheme: apiKey, key: hush}\ndocument: trading.yaml\n"
    (tmp_path / "stubs").mkdir()

    with served(tmp_path / "stubs", str(tmp_path / "trading.yaml"), stub) as client:
        with client.websocket_connect(f"{SANDBOX}?Session=hush"):
            connections = client.get("/connections").text
        with pytest.raises(WebSocketDisconnect), client.websocket_connect(f"{SANDBOX}?Session=hush2") as socket:
            socket.receive_text()
        journal = client.get("/journal").text

    assert '"Session":"[redacted]"' in connections
    assert "hush" not in connections + journal
