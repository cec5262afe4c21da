"""`--stubs` on the command line, in the environment and in the file; what is broken ends the start with its place."""

import json
from pathlib import Path

import pytest

from mockws.cli.main import run

ROOT = Path(__file__).parents[2]
CHAT = str(ROOT / "specification" / "chat.yaml")
TRADING = str(ROOT / "specification" / "trading-secure.yaml")
GOOD = "expectations:\n- trigger: {channel: room}\n"
LOST = "expectations:\n- trigger: {channel: rom}\n- trigger: {message: {name: ChatMesage}}\n"

Said = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def _own_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MOCKWS_STUBS", raising=False)
    Path("good.yaml").write_text(GOOD)
    Path("broken.yaml").write_text("expectations:\n- {triger: {}}\n")
    Path("lost.yaml").write_text(LOST)


def test_check_counts_the_expectations(capsys: Said) -> None:
    assert run(["check", CHAT, "--stubs", "good.yaml"]) == 0

    assert "1 route, 1 expectation\n" in capsys.readouterr().out


def test_check_shows_what_is_wrong_with_a_stub_file(capsys: Said) -> None:
    assert run(["check", CHAT, "--stubs", "broken.yaml"]) == 1

    said = capsys.readouterr().out
    assert "broken.yaml:2:4: error: /expectations/0/triger: " in said
    assert "     2 | - {triger: {}}\n       |    ^\n" in said
    assert "did you mean 'trigger'?" in said
    assert "advice: docs/reference/stubs.md has all keys" in said


def test_check_tells_every_name_that_the_document_lacks(capsys: Said) -> None:
    assert run(["check", CHAT, "--stubs", "lost.yaml", "--format", "json"]) == 1

    found = json.loads(capsys.readouterr().out)["diagnostics"]
    assert [(each["code"], each["line"]) for each in found] == [("unknown_channel", 2), ("unknown_message", 3)]


def test_check_notes_files_that_are_for_another_document(capsys: Said) -> None:
    Path("other.yaml").write_text(f"document: other-api.yaml\n{LOST}")

    assert run(["check", CHAT, "--stubs", "other.yaml", "--format", "github"]) == 0
    assert capsys.readouterr().out.startswith("::notice file=other.yaml,line=1")


@pytest.mark.parametrize("name", ["broken.yaml", "lost.yaml", "gone.yaml"])
def test_serve_does_not_start_with_a_broken_stub_file(name: str, capsys: Said) -> None:
    assert run(["serve", CHAT, "--port", "0", "--stubs", name]) == 1

    said = capsys.readouterr().err
    assert said.startswith(f"mockws: {name}")
    assert said.count("\n") == 1
    assert name == "gone.yaml" or f"{name}:2:" in said


def test_stubs_are_named_in_the_environment(monkeypatch: pytest.MonkeyPatch, capsys: Said) -> None:
    monkeypatch.setenv("MOCKWS_STUBS", "good.yaml, lost.yaml")

    assert run(["check", CHAT]) == 1
    assert "lost.yaml:2:" in capsys.readouterr().out


def test_stubs_are_named_in_the_settings_file(capsys: Said) -> None:
    Path("mockws.toml").write_text('stubs = ["g*.yaml"]\n')

    assert run(["check", CHAT]) == 0
    assert "1 expectation\n" in capsys.readouterr().out


def test_the_flag_wins_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOCKWS_STUBS", "broken.yaml")

    assert run(["check", CHAT, "--stubs", "good.yaml"]) == 0


def test_check_counts_the_credentials(capsys: Said) -> None:
    Path("listed.yaml").write_text("credentials: [{scheme: bearer, token: hush}]\n")

    assert run(["check", TRADING, "--stubs", "listed.yaml"]) == 0
    assert "7 routes, 1 credential\n" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("- {scheme: baerer, token: hush}", "2:4", "did you mean 'bearer'?"),
        ("- {scheme: apiKey, token: hush}", "2:20", "apiKey (httpApiKey) wants key; here: token"),
        ("- {scheme: bearer, tokn: hush}", "2:20", "did you mean 'token'?"),
        ("- hush", "2:3", "must be an object; what is there is not shown"),
        ("- {scheme: bearer, token: 4711}", "2:20", "not shown (a number needs quotes)"),
        ('- {scheme: bearer, token: "hush}', "2:27", "the quote that opens on line 2 is never closed"),
    ],
)
def test_check_says_what_is_wrong_with_credentials_and_shows_none(
    text: str, place: str, words: str, capsys: Said
) -> None:
    Path("listed.yaml").write_text(f"credentials:\n{text}\n")

    assert run(["check", TRADING, "--stubs", "listed.yaml"]) == 1

    said = capsys.readouterr().out
    assert f"listed.yaml:{place}: error: " in said
    assert words in said
    assert "hush" not in said
    assert "4711" not in said


def test_serve_shows_no_credential_when_it_does_not_start(capsys: Said) -> None:
    Path("listed.yaml").write_text("credentials:\n- {scheme: apiKey, token: hush}\n")

    assert run(["serve", TRADING, "--port", "0", "--stubs", "listed.yaml"]) == 1

    said = capsys.readouterr().err
    assert "listed.yaml:2:20: " in said
    assert "hush" not in said
