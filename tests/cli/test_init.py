"""`mockws init`: what it writes works, and what is there is left alone."""

import subprocess
import sys
from pathlib import Path

import pytest
from shell import environment

from mockws.cli.main import run
from mockws.cli.project import FILES
from mockws.source.read import read

Said = pytest.CaptureFixture[str]


def test_what_it_writes_has_no_flaw(tmp_path: Path, capsys: Said) -> None:
    folder = tmp_path / "new" / "shop"

    assert run(["init", str(folder)]) == 0
    assert sorted(each.relative_to(folder).as_posix() for each in folder.rglob("*.*")) == sorted(FILES)
    assert run(["check", str(folder / "asyncapi.yaml"), "--stubs", str(folder / "stubs")]) == 0
    assert capsys.readouterr().out.endswith("asyncapi.yaml: 0 errors, 0 warnings\n")


def test_its_test_passes(tmp_path: Path) -> None:
    run(["init", str(tmp_path)])
    command = [sys.executable, "-W", "error", "-m", "pytest", "-p", "no:cacheprovider", "tests"]
    done = subprocess.run(
        command, cwd=tmp_path, env=environment(), capture_output=True, text=True, timeout=60, check=False
    )

    assert (done.returncode, "2 passed" in done.stdout) == (0, True), done.stdout


def test_its_consumer_waits_until_the_mock_is_healthy() -> None:
    services = read(FILES["docker-compose.yaml"].encode(), "docker-compose.yaml").value["services"]

    assert services["consumer"]["depends_on"] == {"mock": {"condition": "service_healthy"}}


@pytest.mark.parametrize("name", FILES)
def test_nothing_is_written_over(name: str, tmp_path: Path, capsys: Said) -> None:
    mine = tmp_path / name
    mine.parent.mkdir(exist_ok=True)
    mine.write_text("mine")

    assert run(["init", str(tmp_path)]) == 1

    assert [each for each in tmp_path.rglob("*.*") if each.is_file()] == [mine]
    assert mine.read_text() == "mine"
    assert f"{mine} cannot be written: it is there already" in capsys.readouterr().err


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path, capsys: Said) -> None:
    (tmp_path / "tests").write_text("a file")

    assert run(["init", str(tmp_path)]) == 1
    assert "tests/test_shop.py cannot be written" in capsys.readouterr().err


def test_it_begins_here_unless_a_folder_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    assert run(["init"]) == 0
    assert (tmp_path / "asyncapi.yaml").is_file()
