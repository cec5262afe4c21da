"""`mockws verify-examples`: examples and stub files against their schemas."""

import json
from pathlib import Path

import pytest

from mockws.cli.main import run

DOCUMENT = """\
asyncapi: 3.0.0
info: {title: T, version: 1.0.0}
channels:
  a:
    address: /a
    messages:
      m:
        payload: {type: object, required: [id], properties: {id: {type: integer}}}
        examples:
        - {name: good, payload: {id: 1}}
        - {name: bad, payload: {id: one}}
      n: {payload: {type: string}}
operations:
  say: {action: send, channel: {$ref: '#/channels/a'}}
"""
STUB = """\
version: 1
expectations:
- trigger: {type: open}
  actions:
  - reply: {json: {id: %s}}
"""
ROOT = Path(__file__).parents[2]

Said = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def _files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "d.yaml").write_text(DOCUMENT)
    (tmp_path / "good.yaml").write_text(DOCUMENT.replace("id: one", "id: 2"))
    (tmp_path / "s.yaml").write_text(STUB % "two")
    (tmp_path / "fine.yaml").write_text(STUB % 2)


def test_an_example_that_does_not_fit_is_told_with_its_place(capsys: Said) -> None:
    assert run(["verify-examples", "d.yaml"]) == 1

    said = capsys.readouterr().out
    assert said.startswith("d.yaml:11:23: error: the example of m does not fit its schema: /id: must be an integer")
    assert "    pointer: /channels/a/messages/m/examples/1/payload\n" in said
    assert "a/m: 1 of 2 examples fit\na/n: no example\n" in said


def test_examples_and_stub_files_that_fit_are_counted(capsys: Said) -> None:
    assert run(["verify-examples", "good.yaml", "--stubs", "fine.yaml"]) == 0

    said = capsys.readouterr().out
    assert "a/m: 2 of 2 examples fit\n" in said
    assert "expectations of stub files that fit: 1\ngood.yaml: 0 errors\n" in said


def test_a_stub_file_that_does_not_fit_is_told_with_its_place(capsys: Said) -> None:
    assert run(["verify-examples", "good.yaml", "--stubs", "s.yaml", "--format", "github"]) == 1

    said = capsys.readouterr().out
    assert said.startswith("::error file=s.yaml,line=5,col=13,title=breaks_the_contract::")
    assert "/id: must be an integer" in said


def test_programs_get_everything(capsys: Said) -> None:
    assert run(["verify-examples", "d.yaml", "--stubs", "s.yaml", "--format", "json"]) == 1

    told = json.loads(capsys.readouterr().out)
    assert told["messages"] == [
        {"message": "a/m", "fit": 1, "examples": 2},
        {"message": "a/n", "fit": 0, "examples": 0},
    ]
    assert [(each["file"], each["line"], each["column"], each["pointer"]) for each in told["diagnostics"]] == [
        ("d.yaml", 11, 23, "/channels/a/messages/m/examples/1/payload"),
        ("s.yaml", 5, 13, "/expectations/0/actions/0/reply/json"),
    ]


def test_what_is_wrong_with_the_rest_of_a_document_is_left_to_check(capsys: Said, tmp_path: Path) -> None:
    (tmp_path / "other.yaml").write_text(DOCUMENT.replace("id: one", "id: 2").replace("version: 1.0.0", "version: 1"))

    assert run(["check", "other.yaml"]) == 1
    assert run(["verify-examples", "other.yaml"]) == 0
    assert "0 errors" in capsys.readouterr().out


def test_a_document_that_cannot_be_read_is_told(capsys: Said, tmp_path: Path) -> None:
    (tmp_path / "broken.yaml").write_text("asyncapi: 3.0.0\nchannels: [")

    assert run(["verify-examples", "broken.yaml"]) == 1
    assert "broken.yaml:" in capsys.readouterr().out


@pytest.mark.parametrize("document", sorted((ROOT / "specification").glob("*.yaml")), ids=lambda each: str(each.name))
def test_the_bundled_documents_fit(document: Path) -> None:
    assert run(["verify-examples", str(document), "--stubs", str(ROOT / "stubs")]) == 0
