"""Stub files: which there are, what is in them, and what is wrong with them, at its place."""

from pathlib import Path

import pytest

from mockws.app import Mock, checked_stubs, load_document
from mockws.errors import StubsRefused
from mockws.links.stubs import StubFiles
from mockws.settings import Settings

CHAT = "specification/chat.yaml"
HELLO = """
version: 1
expectations:
- name: hello
  trigger: {type: open, channel: room}
  actions: [{reply: {message: ChatMessage, with: {text: hi}}}]
"""


def load(*places: Path) -> list[str]:
    files = StubFiles([str(place) for place in places], CHAT)
    return [each.id for each in checked_stubs(files, load_document(CHAT, Settings()))]


def test_files_come_from_folders_globs_and_by_name(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(HELLO)
    (tmp_path / "b.json").write_text('{"version": 1, "expectations": [{"id": "b", "trigger": {}}]}')
    (tmp_path / "notes.txt").write_text("no stubs")

    assert load(tmp_path) == ["a.yaml#hello", "b"]
    assert load(tmp_path / "*.json") == ["b"]
    assert load(tmp_path / "a.yaml", tmp_path) == ["a.yaml#hello", "b"]


@pytest.mark.parametrize(
    ("text", "line", "code"),
    [
        ("version: 1\nexpectations:\n- triger: {}\n", 3, "stub-schema"),
        ("version: 1\nexpectations:\n- trigger: {channel: nope}\n", 3, "unknown_channel"),
        ("version: 1\nexpectations:\n- trigger: {}\n  actions: [{reply: {message: Nope}}]\n", 4, "unknown_message"),
        ("version: 1\nexpectations: [\n", 3, "yaml_syntax"),
        ("version: 1\nexpectations:\n- {id: a, trigger: {}}\n- {id: a, trigger: {}}\n", 4, "duplicate_id"),
        ("version: 1\nexpectations:\n- trigger: {}\n  actions: [{reply: {file: ../x}}]\n", 4, "file_outside"),
    ],
)
def test_what_is_wrong_is_told_at_its_place(tmp_path: Path, text: str, line: int, code: str) -> None:
    (tmp_path / "stub.yaml").write_text(text)

    with pytest.raises(StubsRefused) as refused:
        load(tmp_path)

    first = refused.value.diagnostics[0]
    assert (first.code, first.place.line, Path(first.place.file).name) == (code, line, "stub.yaml")


def test_a_payload_file_is_read_from_beside_its_stub_file(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "hi.json").write_text('{"type":"chat","user":"m","text":"from a file"}')
    text = "version: 1\nexpectations:\n- {id: f, trigger: {type: open}, actions: [{reply: {file: data/hi.json}}]}\n"
    (tmp_path / "stub.yaml").write_text(text)
    files = StubFiles([str(tmp_path / "stub.yaml")], CHAT)

    (expectation,) = files.load()

    assert expectation.script[0].frame == '{"type":"chat","user":"m","text":"from a file"}'
    assert tmp_path / "data" / "hi.json" in files.watched()


def test_a_payload_file_behind_a_link_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("s")
    (tmp_path / "stubs").mkdir()
    (tmp_path / "stubs" / "link").symlink_to(tmp_path / "secret")
    text = "version: 1\nexpectations:\n- {trigger: {type: open}, actions: [{reply: {file: link}}]}\n"
    (tmp_path / "stubs" / "s.yaml").write_text(text)

    with pytest.raises(StubsRefused, match="outside"):
        load(tmp_path / "stubs")


def test_a_file_for_another_document_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("version: 1\ndocument: orders.yaml\nexpectations: [{trigger: {channel: nope}}]\n")
    files = StubFiles([str(tmp_path)], CHAT)

    assert files.load() == ()
    assert files.skipped == [str(tmp_path / "a.yaml")]


def test_a_new_file_in_a_folder_is_noticed(tmp_path: Path) -> None:
    files = StubFiles([str(tmp_path)], CHAT)
    before = files.watched()

    (tmp_path / "new.yaml").write_text(HELLO)

    assert files.watched() - before == {tmp_path / "new.yaml"}


def test_a_mock_does_not_start_with_a_broken_stub_file(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("version: 2\n")

    with pytest.raises(StubsRefused, match="version"):
        Mock.of(CHAT, Settings(stubs=(str(tmp_path),)))
