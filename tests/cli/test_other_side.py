"""`mockws test` and `mockws play`, as a user runs them against a mock; the reports that they write."""

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from mockws.app import Mock
from mockws.cli.main import run
from mockws.host.server import running
from mockws.settings import Settings

ROOT = Path(__file__).parents[2]
ORDERS = str(ROOT / "specification" / "order-api.yaml")
CHAT = str(ROOT / "specification" / "chat.yaml")
SCENARIO = str(ROOT / "examples" / "scenarios" / "chat.yaml")
QUICK = ["--fakes", "1", "--boundaries", "1", "--invalid", "2", "--quiet", "20ms", "--window", "50ms"]
LIMIT = 20.0

Said = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


def serving(document: str) -> Iterator[str]:
    """Serve a document in a thread of its own: the commands have loops of their own."""
    import asyncio

    ports: list[int] = []
    ready, over = threading.Event(), threading.Event()

    async def serve() -> None:
        async with running(Mock.of(document, Settings(port=0, watch=False, stop_timeout=0.0))) as port:
            ports.append(port)
            ready.set()
            await asyncio.to_thread(over.wait, LIMIT)

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    assert ready.wait(LIMIT)
    yield f"ws://127.0.0.1:{ports[0]}"
    over.set()
    thread.join(LIMIT)


@pytest.fixture(scope="module")
def orders() -> Iterator[str]:
    yield from serving(ORDERS)


@pytest.fixture(scope="module")
def chat() -> Iterator[str]:
    yield from serving(CHAT)


def test_the_mock_is_found_to_be_as_its_document_says(orders: str, capsys: Said) -> None:
    code = run(["test", ORDERS, "--target", orders, *QUICK])

    said = capsys.readouterr().out
    assert code == 0
    assert "passed   placeOrder: OrderRequest example NEW_ORDER\n" in said
    assert "operations: 2 of 3 exercised\n" in said
    assert ", 0 failed, " in said


def test_a_server_of_another_document_fails(orders: str, capsys: Said) -> None:
    code = run(["test", CHAT, "--target", orders, *QUICK])

    assert code == 1
    assert "expected to be let in, got HTTP 404" in capsys.readouterr().out


def test_reports_are_written(orders: str, tmp_path: Path) -> None:
    files = ["--report", "junit=r.xml", "--report", "json=r.json", "--report", "html=r.html"]

    assert run(["test", CHAT, "--target", orders, *QUICK, *files]) == 1

    suite = ET.parse(tmp_path / "r.xml").getroot().find("testsuite")
    assert suite is not None
    assert int(suite.attrib["failures"]) == len(suite.findall("testcase/failure")) > 0
    assert {"name", "tests", "failures", "errors", "skipped", "time"} == set(suite.attrib)
    names = [(each.attrib["classname"], each.attrib["name"]) for each in suite.findall("testcase")]
    assert len(set(names)) == len(names)  # CI servers take equal names for one test
    report = json.loads((tmp_path / "r.json").read_text("utf-8"))
    assert report["counts"]["failed"] == sum(each["status"] == "failed" for each in report["results"])
    assert {each["kind"] for each in report["coverage"]} >= {"channel", "operation", "message", "example"}
    page = (tmp_path / "r.html").read_text("utf-8")
    assert "<summary>Channels: 1 of 1 exercised</summary>" in page
    assert "http://" not in page.replace(orders, "")
    assert "src=" not in page


def test_tests_are_listed_and_filtered(capsys: Said) -> None:
    assert run(["test", ORDERS, "--target", "ws://127.0.0.1:1", "--list", "--filter", "*NEW_ORDER"]) == 0
    assert capsys.readouterr().out == "placeOrder: OrderRequest example NEW_ORDER\n"


def test_a_scenario_is_played(chat: str, capsys: Said, tmp_path: Path) -> None:
    code = run(["play", SCENARIO, "--target", chat, "--report", "junit=r.xml"])

    assert (code, capsys.readouterr().out.count("FAILED")) == (0, 0)
    assert "line 10: expect ben ChatMessage" in (tmp_path / "r.xml").read_text("utf-8")


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["test", ORDERS, "--target", "ws://127.0.0.1:1"], 3, "no server at ws://127.0.0.1:1"),
        (["play", SCENARIO, "--target", "ws://127.0.0.1:1"], 3, "no server at ws://127.0.0.1:1"),
        (["play", SCENARIO], 2, "neither the scenario nor a flag says where the server is"),
        (["test", ORDERS], 2, "--target"),
        (["test", ORDERS, "--target", "ftp://x"], 2, "is no URL such as"),
        (["test", ORDERS, "--target", "ws://x", "--timeout", "soon"], 2, "is not a duration"),
        (["test", ORDERS, "--target", "ws://x", "--report", "pdf=x"], 2, "is not junit=FILE, json=FILE, html=FILE"),
        (["test", ORDERS, "--target", "ws://x", "--report", "json=no/where"], 2, "there is no folder"),
        (["test", ORDERS, "--target", "ws://x", "--header", "no"], 2, "is not NAME: VALUE"),
        (["test", ORDERS, "--target", "ws://x", "--filter", "nothing like it"], 2, "no test has such a name"),
    ],
)
def test_what_is_wrong_has_a_message_and_an_exit_code(arguments: list[str], code: int, told: str, capsys: Said) -> None:
    assert run(arguments) == code
    assert told in capsys.readouterr().err


def test_a_wrong_scenario_is_told_with_its_line(tmp_path: Path, capsys: Said) -> None:
    (tmp_path / "s.yaml").write_text("version: 1\nsteps:\n- wait: soon\n")

    assert run(["play", "s.yaml", "--target", "ws://127.0.0.1:1"]) == 1
    assert "s.yaml:3:3: error: /steps/0/wait: 'soon' is not a duration" in capsys.readouterr().err
