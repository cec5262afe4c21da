"""A Specmatic project on the command line: it stands for its document, and is found where none is named."""

import asyncio
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest

from faulty.bakery import Bakery, open_bakery
from mockws.cli.main import run
from mockws.cli.options import PROJECTS
from mockws.specmatic.project import NAMES

ORDERS = Path(__file__).parents[1] / "specmatic" / "orders"
Said = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def _project(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copytree(ORDERS, tmp_path, dirs_exist_ok=True)


@pytest.fixture
def ports() -> Iterator[tuple[int, int]]:
    """Serve a bakery in a thread of its own."""
    loop, found = asyncio.new_event_loop(), []

    async def serving(done: asyncio.Event) -> None:
        async with open_bakery(Bakery()) as both:
            found.append(both)
            ready.set_result(None)
            await done.wait()

    done, ready = asyncio.Event(), loop.create_future()
    thread = Thread(target=loop.run_until_complete, args=(serving(done),))
    thread.start()
    asyncio.run_coroutine_threadsafe(asyncio.wait_for(ready, 5), loop).result(5)
    yield found[0]
    loop.call_soon_threadsafe(done.set)
    thread.join(5)
    loop.close()


def test_the_names_of_a_project_are_known_before_anything_is_read() -> None:
    assert PROJECTS == NAMES


def test_the_project_in_the_working_directory_is_taken(capsys: Said) -> None:
    assert run(["check"]) == 0
    assert "5 routes, 6 expectations\nspecmatic.yaml: 0 errors" in capsys.readouterr().out


def test_without_a_project_a_document_has_to_be_named(capsys: Said) -> None:
    Path("specmatic.yaml").unlink()

    assert run(["check"]) == 2
    assert "missing argument DOCUMENT" in capsys.readouterr().err


def test_check_tells_a_broken_example_with_its_place(capsys: Said) -> None:
    path = Path("specification/examples/newOrder.json")
    path.write_text(path.read_text().replace('"INITIATED"', '"LOST"'))

    assert run(["check", "specmatic.yaml", "--format", "json"]) == 1
    (found,) = [each for each in json.loads(capsys.readouterr().out)["diagnostics"] if each["severity"] == "error"]
    assert (found["file"], found["line"], found["pointer"]) == (str(path), 10, "/send/payload/status")


def test_a_project_that_names_nothing_is_wrong_usage(capsys: Said) -> None:
    Path("specmatic.yaml").write_text("version: 2\ncontracts: [{provides: [lost.yaml]}]\n")

    assert run(["routes", "specmatic.yaml"]) == 2
    assert "specmatic.yaml:2:25: error: there is no such file: lost.yaml" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["routes", "bundle"])
def test_other_commands_take_a_project_too(command: str, capsys: Said) -> None:
    assert run([command, "specmatic.yaml"]) == 0
    assert "new-orders" in capsys.readouterr().out


def test_a_bundle_is_not_written_over_the_project(capsys: Said) -> None:
    assert run(["bundle", "-o", "specmatic.yaml"]) == 2
    assert "is one of the files that the bundle is made of" in capsys.readouterr().err


def test_the_story_is_told_to_a_real_server(ports: tuple[int, int], capsys: Said) -> None:
    target, http = f"ws://127.0.0.1:{ports[0]}", f"http://127.0.0.1:{ports[1]}"
    stories = ["--filter", "example *.json", "--window", "0"]

    code = run(["test", "specmatic.yaml", "--target", target, "--http", http, *stories])

    assert code == 0
    assert "3 passed, 0 failed, 0 skipped" in capsys.readouterr().out


def test_a_broken_example_is_left_out_of_a_test_and_told(capsys: Said) -> None:
    Path("specification/examples/newOrder.json").write_text("{")

    assert run(["test", "specmatic.yaml", "--target", "ws://127.0.0.1:1", "--list"]) == 0
    said = capsys.readouterr()
    assert "newOrder.json" not in said.out
    assert "left out: specification/examples/newOrder.json:1" in said.err


def test_where_requests_go_has_to_be_a_url(capsys: Said) -> None:
    assert run(["test", "specmatic.yaml", "--target", "ws://127.0.0.1:1", "--http", "localhost"]) == 2
    assert "is no URL such as http://127.0.0.1:9000" in capsys.readouterr().err
