"""Stub files: found in files, folders and globs; what is wrong with them is told with file, line and column."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from mockws.diagnostic import Diagnostic
from mockws.errors import StubsRefused
from mockws.expect.expectation import Compiled
from mockws.links.stubs import StubFiles, names_of

ONE = "version: 1\nexpectations:\n- {trigger: {}}\n"
CHAT = "specification/chat.yaml"


def written(folder: Path, **files: str) -> Path:
    """Write files; a double underscore is a folder, what comes is YAML."""
    for name, text in files.items():
        path = folder / f"{name.replace('__', '/')}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def loaded(*places: object, document: str = CHAT) -> tuple[Compiled, ...]:
    return StubFiles([str(each) for each in places], document).load().expectations


def ids(*places: object) -> list[str]:
    return [each.id for each in loaded(*places)]


def refusal(*places: object) -> tuple[Diagnostic, ...]:
    with pytest.raises(StubsRefused) as problem:
        loaded(*places)
    return problem.value.diagnostics


def replying(folder: Path, file: Any) -> Path:
    """Write a stub file that replies with a payload file."""
    stub = {"expectations": [{"trigger": {}, "actions": [{"reply": {"file": file}}]}]}
    (folder / "stub.json").write_text(json.dumps(stub))
    return folder / "stub.json"


def test_a_folder_is_searched_with_all_below(tmp_path: Path) -> None:
    written(tmp_path, b=ONE, a=ONE, c__d=ONE)
    (tmp_path / "notes.txt").write_text("no stub")

    assert ids(tmp_path) == ["a.yaml#0", "b.yaml#0", "d.yaml#0"]


def test_a_glob_finds_what_it_matches(tmp_path: Path) -> None:
    written(tmp_path, a=ONE, ab=ONE, c__ac=ONE)

    assert ids(tmp_path / "a*.yaml") == ["a.yaml#0", "ab.yaml#0"]
    assert ids(tmp_path / "**" / "a*.yaml") == ["a.yaml#0", "ab.yaml#0", "ac.yaml#0"]


def test_a_file_that_is_named_twice_is_read_once(tmp_path: Path) -> None:
    written(tmp_path, a=ONE)

    assert ids(tmp_path, tmp_path / "a.yaml") == ["a.yaml#0"]


def test_files_of_one_name_are_told_apart_by_their_folders(tmp_path: Path) -> None:
    written(tmp_path, web__a=ONE, app__a=ONE, b=ONE)

    assert ids(tmp_path) == ["app/a.yaml#0", "b.yaml#0", "web/a.yaml#0"]


def test_names_are_as_short_as_tells_files_apart() -> None:
    paths = [Path("/x/y/a.yaml"), Path("/z/y/a.yaml"), Path("/z/b.yaml")]

    assert names_of(paths) == ["x/y/a.yaml", "z/y/a.yaml", "b.yaml"]


def test_a_name_with_brackets_in_it_is_a_name(tmp_path: Path) -> None:
    (tmp_path / "a[1].yaml").write_text(ONE)

    assert ids(tmp_path / "a[1].yaml") == ["a[1].yaml#0"]


def test_a_place_where_nothing_is_is_told(tmp_path: Path) -> None:
    (wrong,) = refusal(tmp_path / "gone.yaml")

    assert (wrong.code, wrong.place.file) == ("missing", str(tmp_path / "gone.yaml"))


@pytest.mark.parametrize(
    ("text", "code", "place", "said"),
    [
        ("version: 1\nexpectations: [\n", "yaml_syntax", (3, 1), ""),
        ("", "empty", (None, None), ""),
        ("version: 1\nexpectation: []\n", "stub-schema", (2, 1), "did you mean 'expectations'?"),
        ("expectations:\n- trigger: {}\n  times: often\n", "stub-schema", (3, 3), "/expectations/0/times"),
        ("expectations:\n- trigger:\n    type: interval\n", "missing", (2, 3), "needs every"),
        ("expectations:\n- trigger: {}\n  when: '{{ oops }}'\n", "template_unknown_name", (3, 3), "'oops'"),
        ("expectations:\n- {id: a, trigger: {}}\n- {id: a, trigger: {}}\n", "duplicate_id", (3, 4), "'a'"),
    ],
)
def test_what_is_wrong_is_told_with_line_and_column(
    tmp_path: Path, text: str, code: str, place: tuple[int | None, int | None], said: str
) -> None:
    (wrong,) = refusal(written(tmp_path, a=text))

    assert (wrong.code, (wrong.place.line, wrong.place.column)) == (code, place)
    assert said in wrong.message


def test_every_broken_file_is_told(tmp_path: Path) -> None:
    found = refusal(written(tmp_path, a="version: 2\n", b=ONE, c="expectations: 4\n"))

    assert [Path(each.place.file).name for each in found] == ["a.yaml", "c.yaml"]


def test_an_id_of_two_files_is_told_where_both_are(tmp_path: Path) -> None:
    twin = "expectations:\n- trigger: {}\n  id: a\n"

    (wrong,) = refusal(written(tmp_path, one=twin, two=twin))

    assert (wrong.code, wrong.place) == ("duplicate_id", wrong.place)
    assert (Path(wrong.place.file).name, wrong.place.line) == ("two.yaml", 3)
    assert f"{tmp_path / 'one.yaml'}:2:" in wrong.message
    assert wrong.advice == "give one of them another id"


@pytest.mark.parametrize(
    ("named", "served"),
    [
        ("chat.yaml", True),
        ("specification/chat.yaml", True),
        ("./chat.yaml", True),
        ("order-api.yaml", False),
        ("other/chat.yaml", False),
    ],
)
def test_a_file_for_another_document_is_left_out_with_a_note(tmp_path: Path, named: str, served: bool) -> None:
    stubs = StubFiles([str(written(tmp_path, a=f"document: {named}\n{ONE}"))], CHAT)

    assert len(stubs.load().expectations) == served
    assert [each.place.line for each in stubs.notes] == ([] if served else [1])


def test_json_in_a_folder_that_is_no_stub_file_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "payload.json").write_text("[1]")
    (tmp_path / "schema.json").write_text('{"$defs": {}}')
    (tmp_path / "stub.json").write_text('{"expectations": [{"trigger": {}}]}')
    stubs = StubFiles([str(tmp_path)], CHAT)

    assert [each.id for each in stubs.load().expectations] == ["stub.json#0"]
    assert [each.code for each in stubs.notes] == ["stub-left-out"] * 2
    assert [each.code for each in refusal(tmp_path / "payload.json")] == ["stub-schema"]


def test_a_document_may_be_named_as_seen_from_the_stub_file(tmp_path: Path) -> None:
    written(tmp_path, stubs__a=f"document: ../chat.yaml\n{ONE}", chat="")

    assert len(loaded(tmp_path / "stubs", document=str(tmp_path / "chat.yaml"))) == 1


def test_a_payload_file_is_read_from_the_folder_of_its_stub_file(tmp_path: Path) -> None:
    (tmp_path / "hello.bin").write_bytes(b"\xff\x00")
    (tmp_path / "hello.txt").write_text("hello")

    frames = [loaded(replying(tmp_path, name))[0].script[0].frame for name in ("hello.txt", "hello.bin")]

    assert frames == ["hello", b"\xff\x00"]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("../secret", "file_outside"),
        ("/etc/passwd", "file_outside"),
        ("link", "file_outside"),
        ("folder/secret", "file_outside"),
        ("a\0b", "file_outside"),
        ("gone", "file_missing"),
        (".", "file_unreadable"),
        ("{{ message.text }}", "path_template_forbidden"),
    ],
)
def test_a_payload_file_never_comes_from_elsewhere(tmp_path: Path, name: str, code: str) -> None:
    own = tmp_path / "stubs"
    own.mkdir()
    (tmp_path / "secret").write_text("secret")
    (own / "link").symlink_to(tmp_path / "secret")
    (own / "folder").symlink_to(tmp_path)

    (wrong,) = refusal(replying(own, name))

    assert (wrong.code, wrong.pointer) == (code, "/expectations/0/actions/0/reply/file")


def test_a_payload_file_is_as_large_as_a_file_may_be(tmp_path: Path) -> None:
    (tmp_path / "large").write_bytes(b"x" * ((5 << 20) + 1))

    (wrong,) = refusal(replying(tmp_path, "large"))

    assert wrong.code == "file_too_large"


def test_files_payloads_and_folders_are_watched(tmp_path: Path) -> None:
    written(tmp_path, a=ONE, b__c=ONE)
    (tmp_path / "said.txt").write_text("hello")
    replying(tmp_path, "said.txt")
    stubs = StubFiles([str(tmp_path)], CHAT)
    stubs.load()

    shown = {each.relative_to(tmp_path).as_posix() for each in stubs.watched()}

    assert shown == {".", "b", "a.yaml", "b/c.yaml", "stub.json", "said.txt"}


def test_a_glob_is_watched_where_files_may_come(tmp_path: Path) -> None:
    written(tmp_path, web__stubs__a=ONE, app__other__b=ONE)
    stubs = StubFiles([str(tmp_path / "*" / "stubs" / "*.yaml")], CHAT)

    shown = {each.relative_to(tmp_path).as_posix() for each in stubs.watched()}

    assert shown == {".", "web", "app", "web/stubs", "web/stubs/a.yaml"}


def test_a_broken_file_is_watched_all_the_same(tmp_path: Path) -> None:
    stubs = StubFiles([str(written(tmp_path, a="version: 2\n") / "a.yaml"), str(tmp_path / "gone.yaml")], CHAT)
    with pytest.raises(StubsRefused):
        stubs.load()

    assert {each.name for each in stubs.watched()} == {"a.yaml", "gone.yaml"}


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_told(tmp_path: Path) -> None:
    written(tmp_path, a=ONE)
    (tmp_path / "a.yaml").chmod(0)

    (wrong,) = refusal(tmp_path)

    assert wrong.code == "unreadable"


def test_too_many_files_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mockws.links.stubs.MAX_FILES", 1)

    (wrong,) = refusal(written(tmp_path, a=ONE, b=ONE))

    assert (wrong.code, Path(wrong.place.file).name) == ("too_many", "b.yaml")


def test_all_that_is_wrong_in_a_file_is_told_at_once(tmp_path: Path) -> None:
    text = "expectations:\n- trigger: {type: interval}\n- trigger: {}\n- trigger: {}\n  when: '{{ nobody }}'\n"
    text += "- {id: a, trigger: {}}\n- {id: a, trigger: {}}\n"

    told = refusal(written(tmp_path, a=text))

    assert [(each.code, each.place.line) for each in told] == [
        ("missing", 2),
        ("template_unknown_name", 5),
        ("duplicate_id", 7),
    ]


def test_a_file_that_is_no_mapping_is_told_what_one_has(tmp_path: Path) -> None:
    [told] = refusal(written(tmp_path, a="- trigger: {}\n"))

    assert (told.place.line, told.place.column) == (1, 1)
    assert told.advice == "a stub file has the keys version, document, credentials and expectations"


def test_credentials_are_read_from_all_files(tmp_path: Path) -> None:
    written(tmp_path, a="credentials: [{scheme: x, token: t}]\n", b="credentials: [{scheme: y, key: k}]\n")
    (tmp_path / "c.json").write_text('{"credentials": [{"scheme": "z", "key": "k"}]}')

    stubs = StubFiles([str(tmp_path)], CHAT).load()

    assert [each.scheme for each in stubs.credentials] == ["x", "y", "z"]
