"""The other commands, as a user runs them."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from mockws.app import load_document
from mockws.cli.main import run
from mockws.settings import Settings

ROOT = Path(__file__).parents[2]
ORDERS = "specification/order-api.yaml"
CHAT = "specification/chat.yaml"
EVENTS = "specification/user-events.yaml"
HEAVY = {"starlette", "uvicorn", "rich", "jsonschema_rs", "yaml", "httpx2", "faker", "watchfiles", "asyncio"}
BROKEN = """asyncapi: 3.0.0
info: {title: Broken, version: 1.0.0}
channels:
  a: {address: /a, messages: {m: {payload: {type: nonsense}}}}
operations:
  take: {action: receive, channel: {$ref: '#/channels/b'}}
"""

Said = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


@pytest.fixture
def broken(tmp_path: Path) -> str:
    document = tmp_path / "broken.yaml"
    document.write_text(BROKEN)
    return str(document)


@pytest.mark.parametrize("arguments", [["check", CHAT], ["routes", CHAT], ["fake", CHAT, "ChatMessage"], ["--help"]])
def test_what_works_is_exit_code_0(arguments: list[str], capsys: Said) -> None:
    assert (run(arguments), capsys.readouterr().err) == (0, "")


def test_a_document_without_a_flaw_is_told_so(capsys: Said) -> None:
    run(["check", ORDERS])

    assert capsys.readouterr().out.endswith("order-api.yaml: 0 errors, 0 warnings\n")


def test_check_shows_the_line_and_marks_the_place(broken: str, capsys: Said) -> None:
    code = run(["check", broken])

    said = capsys.readouterr().out
    assert code == 1
    assert f"{broken}:6:" in said
    assert "     6 |   take: {action: receive, channel: {$ref: '#/channels/b'}}\n" in said
    assert "^\n" in said


@pytest.mark.parametrize(("severity", "code"), [("error", 0), ("warning", 1), ("info", 1)])
def test_check_fails_for_what_is_as_bad_as_was_said(tmp_path: Path, severity: str, code: int) -> None:
    path = tmp_path / "warned.yaml"
    path.write_text(BROKEN.replace("nonsense", "string").partition("operations:")[0])  # its messages go both ways

    assert run(["check", str(path), "--fail-severity", severity]) == code


def test_check_for_programs_is_one_json_document(broken: str, capsys: Said) -> None:
    code = run(["check", broken, "--format", "json"])

    shown = json.loads(capsys.readouterr().out)
    assert code == 1
    assert shown["document"] == broken
    assert {"severity", "code", "message", "file", "line", "column", "pointer", "advice"} <= shown["diagnostics"][
        0
    ].keys()


def test_check_for_pull_requests_is_one_command_a_line(broken: str, capsys: Said) -> None:
    run(["check", broken, "--format", "github"])

    lines = capsys.readouterr().out.splitlines()
    assert lines
    assert all(line.startswith(("::error file=", "::warning file=", "::notice file=")) for line in lines)


def test_check_of_what_is_no_document(tmp_path: Path, capsys: Said) -> None:
    (tmp_path / "x.yaml").write_text("a: [")

    assert run(["check", str(tmp_path / "x.yaml"), "--format", "json"]) == 1
    assert len(json.loads(capsys.readouterr().out)["diagnostics"]) == 1


def test_routes_for_people(capsys: Said) -> None:
    run(["routes", ORDERS])

    said = capsys.readouterr().out
    assert "/new-orders" in said
    assert "Order on wip-orders" in said.replace("/wip-orders", "wip-orders")
    assert "perspective: server" in said


def test_routes_for_programs(capsys: Said) -> None:
    run(["routes", EVENTS, "--format", "json"])

    (route,) = json.loads(capsys.readouterr().out)
    assert route["path"] == "/user/events/{userId}/{eventType}"
    assert [each["name"] for each in route["parameters"]] == ["userId", "eventType"]


def test_fake_gives_the_examples_first(capsys: Said) -> None:
    run(["fake", CHAT, "TypingNotice", "--count", "3"])

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["active"] for line in lines[:2]] == [True, False]
    assert len(lines) == 3


def faked(capsys: Said, *more: str) -> str:
    run(["fake", ORDERS, "Order", "--count", "5", "--dynamic", *more])
    return capsys.readouterr().out


def test_the_same_seed_gives_the_same_fakes(capsys: Said) -> None:
    first, again, other = (faked(capsys, "--seed", seed) for seed in ("1", "1", "2"))

    assert first == again
    assert first != other


def test_fakes_are_broken_where_that_is_asked_for(capsys: Said) -> None:
    run(["fake", ORDERS, "OrderRequest", "--count", "8", "--invalid"])
    payload = load_document(ORDERS, Settings()).contract.message("OrderRequest").payload

    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 8
    assert not any(payload.accepts(json.loads(line)) for line in lines)


def test_fakes_take_words_of_ones_own(capsys: Said, tmp_path: Path) -> None:
    (tmp_path / "words.yaml").write_text("ChatMessage.user: [zora]\n")
    run(["fake", CHAT, "ChatMessage", "--dynamic", "--dictionary", str(tmp_path / "words.yaml")])

    assert json.loads(capsys.readouterr().out)["user"] == "zora"


def test_a_broken_dictionary_is_told_with_its_place(capsys: Said, tmp_path: Path) -> None:
    (tmp_path / "words.yaml").write_text("user: zora\n")
    code = run(["fake", CHAT, "ChatMessage", "--dictionary", str(tmp_path / "words.yaml")])

    assert (code, "words.yaml:1:1" in capsys.readouterr().err) == (1, True)


@pytest.mark.parametrize(
    ("schema", "code"),
    [
        ("{allOf: [{type: string}, {type: integer}]}", "unsatisfiable-schema"),
        ("{type: array, minItems: 100000, items: {type: integer}}", "cannot-fake"),
    ],
)
def test_check_warns_of_what_cannot_be_made_up(capsys: Said, tmp_path: Path, schema: str, code: str) -> None:
    path = tmp_path / "never.yaml"
    path.write_text(
        "asyncapi: 3.0.0\ninfo: {title: T, version: '1'}\nchannels:\n  c:\n    address: /c\n    messages:\n"
        f"      Never:\n        payload: {schema}\n"
    )
    exit_code = run(["check", str(path)])

    said = capsys.readouterr().out
    assert (exit_code, f"[{code}]" in said, f"{path}:8:" in said) == (0, True, True)


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["fake", CHAT, "ChatMesage"], 2, "did you mean 'ChatMessage'"),
        (["fake", CHAT, "ChatMessage", "--count", "0"], 2, "--count"),
        (["routes", CHAT, "--server", "moon"], 2, "no server 'moon'"),
        (["serve"], 2, "DOCUMENT"),
        (["srve"], 2, "serve"),
        (["send", "x", "--json", "{"], 2, "--json"),
        (["send", "x", "--url", "http://127.0.0.1:1"], 1, "no mock answers at http://127.0.0.1:1"),
        (["health", "--url", "http://127.0.0.1:1"], 1, "no mock answers at http://127.0.0.1:1"),
        (["health", "--url", "http://127.0.0.1:1", "--wait", "10ms"], 4, "no mock answers"),
        (["health", "--url", "nonsense"], 2, "--url"),
        (["health", "--wait", "soon"], 2, "--wait"),
    ],
)
def test_a_mistake_is_told_on_the_standard_error(arguments: list[str], code: int, said: str, capsys: Said) -> None:
    found = run(arguments)

    streams = capsys.readouterr()
    assert (found, streams.out) == (code, "")
    assert said in streams.err


def imported(*arguments: str) -> set[str]:
    """Tell which libraries a command imports."""
    command = [sys.executable, "-X", "importtime", "-m", "mockws", *arguments]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=20, check=False)
    lines = (line.rpartition("|")[2].strip() for line in ended.stderr.splitlines() if line.startswith("import time:"))
    return {name.partition(".")[0] for name in lines}


@pytest.mark.parametrize(
    "arguments", [("--version",), ("--help",), ("health", "--url", "http://127.0.0.1:1")], ids=lambda each: each[0]
)
def test_what_must_be_quick_imports_nothing_heavy(arguments: tuple[str, ...]) -> None:
    assert not imported(*arguments) & HEAVY


def test_a_reader_that_has_enough_is_no_mistake() -> None:
    command = f'"{sys.executable}" -m mockws fake {ORDERS} Order --count 20000 | head -1; echo "${{PIPESTATUS[0]}}"'
    ended = subprocess.run(["bash", "-c", command], cwd=ROOT, capture_output=True, text=True, timeout=30, check=False)

    assert (ended.stdout.splitlines()[-1], ended.stderr) == ("1", "")
