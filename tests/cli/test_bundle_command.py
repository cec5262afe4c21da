"""`mockws bundle` and overlays, as a user runs them."""

import json
from pathlib import Path

import pytest

from mockws.cli.main import run
from mockws.source.read import read

DOCUMENT = """asyncapi: 3.0.0
info: {title: T, version: 1.0.0}
channels: {c: {address: c, messages: {m: {payload: {$ref: part.yaml}}}}}
operations: {o: {action: receive, channel: {$ref: '#/channels/c'}}}
"""
OVERLAY = """overlay: 1.0.0
info: {title: O, version: 1.0.0}
actions:
- {target: $.channels.c, update: {address: laid}}
"""

Said = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name, text in (("api.yaml", DOCUMENT), ("part.yaml", "{type: string}"), ("o.yaml", OVERLAY)):
        Path(name).write_text(text)


def test_a_bundle_is_printed_as_yaml(capsys: Said) -> None:
    code = run(["bundle", "api.yaml", "--overlay", "o.yaml"])

    said = capsys.readouterr()
    assert (code, said.err) == (0, "")
    assert said.out.startswith(
        "asyncapi: 3.0.0\ninfo:\n  title: T\n  version: 1.0.0\nchannels:\n  c:\n    address: laid\n"
    )
    assert said.out.endswith("x-mockws-bundled:\n  part:\n    type: string\n")


@pytest.mark.parametrize(
    ("arguments", "is_json"),
    [
        (["-o", "out.json"], True),
        (["-o", "out.yaml"], False),
        (["-o", "out.txt"], False),
        (["-o", "out.yaml", "--format", "json"], True),
        (["-o", "out.json", "--format", "yaml"], False),
    ],
)
def test_the_format_is_asked_for_or_told_by_the_name(arguments: list[str], is_json: bool, capsys: Said) -> None:
    assert run(["bundle", "api.yaml", *arguments]) == 0

    text = Path(arguments[1]).read_text("utf-8")
    assert capsys.readouterr().out == ""
    assert text.startswith("{") == is_json
    assert (json.loads(text) if is_json else read(text.encode(), "out.yaml").value)["asyncapi"] == "3.0.0"
    assert sorted(path.name for path in Path().iterdir()) == sorted(["api.yaml", "part.yaml", "o.yaml", arguments[1]])


@pytest.mark.parametrize(
    ("output", "said"), [("part.yaml", "made of"), ("./api.yaml", "made of"), ("no/o.yaml", "No such")]
)
def test_a_bundle_is_never_written_over_its_sources(output: str, said: str, capsys: Said) -> None:
    assert run(["bundle", "api.yaml", "-o", output]) == 2

    assert said in capsys.readouterr().err
    assert Path("api.yaml").read_text() == DOCUMENT


def test_a_document_with_errors_is_bundled_and_says_so(capsys: Said) -> None:
    Path("part.yaml").unlink()

    code = run(["bundle", "api.yaml"])

    assert (code, capsys.readouterr().err) == (
        0,
        "api.yaml: 1 error was mended or left as it is; see mockws check\n",
    )
    assert run(["bundle", "api.yaml", "--strict"]) == 1


@pytest.mark.parametrize("command", [["check"], ["routes"], ["serve"], ["bundle"], ["fake"]])
def test_an_overlay_that_is_none_is_refused_with_its_place(command: list[str], capsys: Said) -> None:
    Path("o.yaml").write_text(OVERLAY.replace("target: $", "target: x"))

    code = run([*command, "api.yaml", *(["m"] if command == ["fake"] else []), "--overlay", "o.yaml"])

    said = capsys.readouterr()
    assert code == (1 if command == ["check"] else 2)
    assert "o.yaml:4:12: error: " in said.out + said.err


def test_overlays_come_from_the_environment_too(monkeypatch: pytest.MonkeyPatch, capsys: Said) -> None:
    monkeypatch.setenv("MOCKWS_OVERLAY", "o.yaml, o2.yaml")
    Path("o2.yaml").write_text(OVERLAY.replace("laid", "second"))

    run(["routes", "api.yaml"])

    assert "/second" in capsys.readouterr().out
