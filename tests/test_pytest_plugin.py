"""The pytest plugin, as a project uses it: fixtures, marker, configuration; and what it costs one that does not."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import httpx2  # noqa: F401  # pytester forgets what is imported within its runs, and some of it loads only once
import pytest

import mockws.app  # noqa: F401  # as above
from mockws.testing import MockServer

pytest_plugins = ["pytester"]

ROOT = Path(__file__).parent.parent
CHAT = (ROOT / "specification" / "chat.yaml").as_posix()
ORDERS = (ROOT / "specification" / "order-api.yaml").as_posix()
OURS = ("-p", "no:mockws", "-p", "mockws.pytest_plugin", "-p", "no:cacheprovider")  # whether or not it is installed
BEGIN = """
import json
import pytest
from websockets.sync.client import connect

def said(mock, room="a", user="ada", hears=False):
    with connect(mock.url_for("room", room=room)) as client:
        client.send(json.dumps({"type": "chat", "user": user, "text": "hi"}))
        if hears:
            return json.loads(client.recv(timeout=5))
        mock.wait_for_message(valid="any")
"""
STUBS = """version: 1
expectations:
- {id: hello, trigger: {type: message}, actions: [{reply: {json: {type: chat, user: file, text: hi}}}]}
"""


@pytest.fixture(autouse=True)
def _no_running_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MOCKWS_URL", raising=False)


def run(pytester: pytest.Pytester, tests: str, *arguments: str, ini: str = f"mockws_document = {CHAT}") -> list[str]:
    """Run tests in a project of their own; give what pytest says."""
    pytester.makeini(f"[pytest]\nfilterwarnings = error\n{ini}\n")
    pytester.makepyfile(BEGIN + tests)
    return pytester.runpytest(*OURS, *arguments).outlines


def test_each_test_has_a_mock_as_new(pytester: pytest.Pytester) -> None:
    lines = run(
        pytester,
        """
@pytest.mark.parametrize("turn", [1, 2])
def test_it(mockws, mockws_server, turn):
    assert list(mockws.journal) == mockws.admin.expectations() == mockws.connections() == []
    mockws.expect_message("ChatMessage").reply("ChatMessage", with_={"text": "yes"}).times(1)
    assert said(mockws, hears=True)["text"] == "yes"
    assert mockws is mockws_server
""",
    )

    assert lines[-1].startswith("=") and "2 passed" in lines[-1]


def test_the_marker_names_another_document_and_stub_files(pytester: pytest.Pytester) -> None:
    pytester.makefile(".yaml", stubs=STUBS)
    lines = run(
        pytester,
        f"""
pytestmark = pytest.mark.mockws(document={ORDERS!r})

def test_orders(mockws):
    assert mockws.url_for("NewOrderPlaced").endswith("/new-orders")

@pytest.mark.mockws(document={CHAT!r}, stubs="stubs.yaml")
def test_chat(mockws):
    assert said(mockws, hears=True)["user"] == "file"
""",
        ini="",
    )

    assert "2 passed" in lines[-1]


def test_the_configuration_names_stub_files(pytester: pytest.Pytester) -> None:
    pytester.makefile(".yaml", stubs=STUBS)
    ini = f"mockws_document = {CHAT}\nmockws_stubs = stubs.yaml"
    lines = run(pytester, "def test_it(mockws):\n    assert said(mockws, hears=True)['user'] == 'file'", ini=ini)

    assert "1 passed" in lines[-1]


def test_what_the_marker_asks_for_is_a_part_of_the_test(pytester: pytest.Pytester) -> None:
    lines = run(
        pytester,
        """
@pytest.mark.mockws(assert_all_called=True)
def test_uncalled(mockws):
    mockws.expect_message("ChatMessage").named("greets")

@pytest.mark.mockws(assert_all_valid=True)
def test_invalid(mockws):
    said(mockws, user=7)

@pytest.mark.mockws(assert_all_called=True, assert_all_valid=True)
def test_fine(mockws):
    mockws.expect_message("ChatMessage")
    said(mockws)
""",
    )

    text = "\n".join(lines)
    assert "2 failed, 1 passed" in lines[-1]
    assert "greets: message ChatMessage ran 0 times" in text
    assert "messages came that are not valid:" in text


def test_a_failed_test_shows_what_the_mock_has_seen(pytester: pytest.Pytester) -> None:
    lines = run(pytester, "def test_it(mockws):\n    said(mockws)\n    assert not mockws.connections\n")

    text = "\n".join(lines)
    assert "Captured mockws call" in text
    assert '<- c1 message ChatMessage {"type":"chat","user":"ada","text":"hi"} spec' in text


def test_an_assertion_that_fails_shows_it_once(pytester: pytest.Pytester) -> None:
    lines = run(pytester, "def test_it(mockws):\n    mockws.assert_received('ChatMessage', timeout=0)\n")

    assert "E       AssertionError: expected at least 1 message ChatMessage received, there were 0" in lines
    assert not [line for line in lines if "Captured mockws call" in line]


def test_a_mock_that_is_gone_is_told_of(pytester: pytest.Pytester) -> None:
    lines = run(pytester, "def test_it(mockws):\n    mockws.stop()\n    assert 0\n")

    assert "the mock is not started: use it in a `with` block, or call start()" in lines


@pytest.mark.parametrize(
    ("ini", "told"),
    [
        ("", "there is no document to mock"),
        ("", "mockws_document in the configuration of pytest, or the marker, names one"),
        ("mockws_document = nowhere.yaml", "mockws cannot start: "),
    ],
)
def test_a_mock_that_cannot_start_says_why(pytester: pytest.Pytester, ini: str, told: str) -> None:
    lines = run(pytester, "def test_it(mockws):\n    pass\n", ini=ini)

    assert told in "\n".join(lines)
    assert "1 error" in lines[-1]


def test_a_marker_with_an_unknown_key_is_an_error(pytester: pytest.Pytester) -> None:
    lines = run(pytester, "@pytest.mark.mockws(documnt='x')\ndef test_it(mockws):\n    pass\n")

    assert "the marker mockws has document, stubs, assert_all_called, assert_all_valid, and not documnt" in str(lines)


def test_a_running_mock_is_used_with_a_session_for_each_test(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    with MockServer(CHAT) as running:
        monkeypatch.setenv("MOCKWS_URL", running.http_url)
        lines = run(
            pytester,
            """
@pytest.mark.parametrize("turn", [1, 2])
def test_it(mockws, mockws_server, turn):
    said(mockws)
    assert [mockws.journal.last > 0, mockws_server.journal.last] == [True, 0]
    assert "/__s/" in mockws.url and mockws.url != mockws_server.url
""",
            ini="",
        )

        assert running.admin.sessions() == []
        assert list(running.journal) == []
    assert "2 passed" in lines[-1]


def test_the_example_of_a_consumer_passes() -> None:
    command = [sys.executable, "-m", "pytest", *OURS, "examples/consumer"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])}

    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60)

    assert "1 passed" in done.stdout, done.stdout


@pytest.mark.skipif(importlib.util.find_spec("xdist") is None, reason="pytest-xdist is not installed")
def test_tests_may_run_in_parallel(pytester: pytest.Pytester) -> None:
    pytester.makeini(f"[pytest]\nmockws_document = {CHAT}\n")
    pytester.makepyfile(
        BEGIN
        + """
@pytest.mark.parametrize("turn", range(6))
def test_it(mockws, turn):
    said(mockws)
    mockws.assert_received("ChatMessage", count=1)
"""
    )
    done = pytester.runpytest_subprocess(*OURS, "-n", "2", timeout=60)

    done.assert_outcomes(passed=6)


def test_a_project_that_does_not_use_it_imports_next_to_nothing() -> None:
    """Two modules: the package's face, and the plugin."""
    code = (
        "import sys, pytest\nbefore = set(sys.modules)\nimport mockws.pytest_plugin\n"
        "print(sorted(set(sys.modules) - before))"
    )

    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60)

    assert done.stdout == "['mockws', 'mockws.pytest_plugin']\n", done.stderr
