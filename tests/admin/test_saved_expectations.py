"""`POST /expectations/save`: what was added over HTTP becomes a stub file, whole or not at all."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from mockws.app import Mock
from mockws.settings import Settings
from mockws.source.read import read

CHAT = "specification/chat.yaml"
TRADING = "specification/trading-secure.yaml"
ROOM = "ws://127.0.0.1:8080/rooms/lobby"
OTHER = "document: chat.yaml\nexpectations:\n- {id: greeting, trigger: {type: open}}\n"


@contextmanager
def served(*places: Path, document: str = CHAT, watch: bool = False) -> Iterator[TestClient]:
    mock = Mock.of(document, Settings(watch=watch, stubs=tuple(map(str, places)), perspective="server"))
    with TestClient(mock.app(), base_url="http://127.0.0.1:8080/__admin") as client:
        yield client


def saying(text: str, **keys: Any) -> dict[str, Any]:
    said = {"message": "ChatMessage", "with": {"text": text}}
    return {"trigger": {"channel": "room"}, "actions": [{"reply": said}], **keys}


def answered(client: TestClient) -> str:
    with client.websocket_connect(ROOM) as socket:
        socket.send_text(json.dumps({"type": "chat", "user": "ada", "text": "hi"}))
        return str(socket.receive_json()["text"])


def save(client: TestClient) -> dict[str, Any]:
    answer = client.post("/expectations/save")
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def in_force(client: TestClient) -> list[tuple[str, str]]:
    return [(each["id"], each["status"]["source"]) for each in client.get("/expectations").json()]


def written(folder: Path) -> Any:
    content = (folder / "saved.yaml").read_bytes()
    return read(content, "saved.yaml").value


def test_what_was_saved_is_there_after_a_restart(tmp_path: Path) -> None:
    with served(tmp_path) as client:
        client.post("/expectations", json=saying("saved", metadata={"team": "web"}))
        told = save(client)

    assert told == {"file": str(tmp_path / "saved.yaml"), "saved": ["e1"], "skipped": []}
    with served(tmp_path) as client:
        shown = client.get("/expectations/e1").json()
        assert answered(client) == "saved"
        assert (shown["metadata"], shown["status"]["source"]) == ({"team": "web"}, "file")


def test_the_file_is_for_the_document_that_is_served(tmp_path: Path) -> None:
    with served(tmp_path) as client:
        client.post("/expectations", json=saying("chat"))
        save(client)

    assert written(tmp_path)["document"] == "chat.yaml"
    with served(tmp_path, document=TRADING) as client:
        client.post("/expectations", json={"trigger": {}})
        answer = client.post("/expectations/save")

        assert in_force(client) == [("e1", "admin")]
        assert answer.status_code == 409
        assert "saved.yaml is for chat.yaml" in answer.json()["detail"]


def test_the_added_one_shadows_the_saved_one_until_a_reset(tmp_path: Path) -> None:
    with served(tmp_path) as client:
        client.post("/expectations", json=saying("saved"))
        save(client)
        before = in_force(client)
        client.put("/expectations/e1", json=saying("changed"))
        changed = answered(client)
        client.post("/expectations/reset")

        assert (before, changed) == ([("e1", "admin")], "changed")
        assert in_force(client) == [("e1", "file")]
        assert answered(client) == "saved"


def test_saving_twice_doubles_nothing_and_loses_nothing(tmp_path: Path) -> None:
    with served(tmp_path) as client:
        client.post("/expectations", json=saying("one"))
        save(client)
        client.post("/expectations/reset")
        client.post("/expectations", json=saying("two"))
        client.put("/expectations/e1", json=saying("one again"))
        save(client)
        save(client)
        client.post("/expectations/reset")

        assert in_force(client) == [("e1", "file"), ("e2", "file")]
        assert answered(client) == "one again"


def test_of_equal_ones_the_newest_wins_after_a_restart_too(tmp_path: Path) -> None:
    with served(tmp_path) as client:
        for text in ("old", "new"):
            client.post("/expectations", json=saying(text))
        before = answered(client)
        save(client)

    with served(tmp_path) as client:
        assert (before, answered(client)) == ("new", "new")


def test_what_the_file_has_already_stays_with_its_name(tmp_path: Path) -> None:
    mine = "credentials: []\nexpectations:\n- {trigger: {type: open}, metadata: {by: hand}}\n"
    (tmp_path / "saved.yaml").write_text(mine)

    with served(tmp_path) as client:
        client.post("/expectations", json=saying("new"))
        save(client)
        client.post("/expectations/reset")

        assert {each for each, _ in in_force(client)} == {"e1", "saved.yaml#0"}
    assert written(tmp_path)["expectations"][1] == {
        "id": "saved.yaml#0",
        "trigger": {"type": "open"},
        "metadata": {"by": "hand"},
    }


def test_what_another_file_has_is_not_written_twice(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(OTHER)

    with served(tmp_path) as client:
        client.put("/expectations/greeting", json={"trigger": {"type": "close"}})
        told = save(client)

        assert told["saved"] == []
        assert told["skipped"] == [
            {"id": "greeting", "reason": f"{tmp_path}/mine.yaml has an expectation of this id: change it there"}
        ]
        assert in_force(client) == [("greeting", "admin")]
    assert not (tmp_path / "saved.yaml").exists()


def test_the_first_folder_is_taken(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(OTHER)
    for name in ("b", "c"):
        (tmp_path / name).mkdir()

    with served(tmp_path / "a.yaml", tmp_path / "b", tmp_path / "c") as client:
        client.post("/expectations", json=saying("x"))

        assert save(client)["file"] == str(tmp_path / "b" / "saved.yaml")


def test_without_a_folder_there_is_nowhere_to_save(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(OTHER)

    with served(tmp_path / "a.yaml") as client:
        client.post("/expectations", json=saying("x"))
        answer = client.post("/expectations/save")

    assert answer.status_code == 409
    assert answer.json()["detail"] == "there is no folder of stub files; start the mock with --stubs FOLDER"


def test_nothing_is_saved_while_a_stub_file_is_broken(tmp_path: Path) -> None:
    with served(tmp_path) as client:
        client.post("/expectations", json=saying("x"))
        (tmp_path / "broken.yaml").write_text("expectations: 4\n")
        answer = client.post("/expectations/save")

    assert answer.status_code == 409
    assert "broken.yaml:1:1" in answer.json()["detail"]
    assert not (tmp_path / "saved.yaml").exists()


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside.yaml"
    outside.write_text("")
    (tmp_path / "stubs").mkdir()

    with served(tmp_path / "stubs") as client:
        (tmp_path / "stubs" / "saved.yaml").symlink_to(outside)
        client.post("/expectations", json=saying("x"))
        answer = client.post("/expectations/save")

    assert (answer.status_code, outside.read_text()) == (507, "")
    assert "it is a link" in answer.json()["detail"]


@pytest.mark.parametrize("failing", ["fsync", "open"])
def test_a_disk_that_fails_changes_nothing(tmp_path: Path, failing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    with served(tmp_path) as client:
        client.post("/expectations", json=saying("one"))
        save(client)
        before = (tmp_path / "saved.yaml").read_bytes()
        client.post("/expectations", json=saying("two"))
        with monkeypatch.context() as patched:
            patched.setattr(f"mockws.links.saved.os.{failing}", fail)
            answer = client.post("/expectations/save")
        client.post("/expectations/reset")

        assert in_force(client) == [("e1", "file")]
    assert answer.status_code == 507
    assert "No space left on device" in answer.json()["detail"]
    assert (tmp_path / "saved.yaml").read_bytes() == before
    assert os.listdir(tmp_path) == ["saved.yaml"]  # noqa: PTH208  # nothing is left aside


def test_what_cannot_be_read_again_is_not_written(tmp_path: Path) -> None:
    deep: Any = "deep"
    for _ in range(59):
        deep = [deep]

    with served(tmp_path) as client:
        added = client.post(
            "/expectations", json={"trigger": {}, "actions": [{"reply": {"json": deep, "validate": False}}]}
        )
        answer = client.post("/expectations/save")

    assert (added.status_code, answer.status_code) == (201, 409)
    assert "could not be read again" in answer.json()["detail"]
    assert not (tmp_path / "saved.yaml").exists()


def test_the_file_keeps_who_may_read_it(tmp_path: Path) -> None:
    (tmp_path / "saved.yaml").write_text("expectations: []\n")
    (tmp_path / "saved.yaml").chmod(0o640)

    with served(tmp_path) as client:
        client.post("/expectations", json=saying("x"))
        save(client)

    assert (tmp_path / "saved.yaml").stat().st_mode & 0o777 == 0o640


def test_what_would_be_read_otherwise_is_not_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mockws.links.saved.yaml_text", lambda _: "expectations: []\n")

    with served(tmp_path) as client:
        client.post("/expectations", json=saying("x"))
        answer = client.post("/expectations/save")

    assert answer.status_code == 409
    assert "'e1' would not be read again as it is" in answer.json()["detail"]
    assert not (tmp_path / "saved.yaml").exists()


def test_a_file_that_cannot_be_read_is_not_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: Path) -> bytes:
        raise OSError(5, "Input/output error")

    (tmp_path / "saved.yaml").write_text("expectations: []\n")
    with served(tmp_path) as client:
        client.post("/expectations", json=saying("x"))
        with monkeypatch.context() as patched:
            patched.setattr(Path, "read_bytes", fail)
            answer = client.post("/expectations/save")

    assert answer.status_code == 507
    assert (tmp_path / "saved.yaml").read_text() == "expectations: []\n"
