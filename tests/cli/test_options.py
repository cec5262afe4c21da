"""Flags, environment and files: where a setting comes from."""

from pathlib import Path

import pytest

from mockws.cli.options import default_url, read_settings
from mockws.errors import BadSetting


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("PORT", "URL", "SEED"):
        monkeypatch.delenv(f"MOCKWS_{name}", raising=False)


def test_the_file_of_the_working_directory_is_read(tmp_path: Path) -> None:
    (tmp_path / "mockws.toml").write_text("port = 9000\nmax-message = '64KiB'")

    settings = read_settings({})
    assert (settings.port, settings.max_message) == (9000, 65536)


def test_the_projects_file_is_read_where_there_is_no_other(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.mockws]\nport = 9000")

    assert read_settings({}).port == 9000


@pytest.mark.parametrize("text", ["tool = 1", "[tool]\nmockws = 1", "[project]\nname = 'x'"])
def test_a_project_that_says_nothing_to_us_is_none_of_our_business(tmp_path: Path, text: str) -> None:
    (tmp_path / "pyproject.toml").write_text(text)

    assert read_settings({}).port == 8080


def test_the_environment_wins_over_the_file_and_a_flag_over_both(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mockws.toml").write_text("port = 1\nseed = 1")
    monkeypatch.setenv("MOCKWS_PORT", "2")
    monkeypatch.setenv("MOCKWS_SEED", "2")

    settings = read_settings({"port": "3"})
    assert (settings.port, settings.seed) == (3, 2)


def test_a_file_that_is_named_is_read(tmp_path: Path) -> None:
    (tmp_path / "other.toml").write_text("port = 4")

    assert read_settings({}, "other.toml").port == 4


def test_a_file_that_is_no_toml_is_named(tmp_path: Path) -> None:
    (tmp_path / "mockws.toml").write_bytes(b"\xff")

    with pytest.raises(BadSetting, match=r"mockws\.toml: file:"):
        read_settings({})


@pytest.mark.parametrize(
    ("port", "url"),
    [("9000", "http://127.0.0.1:9000"), ("0", "http://127.0.0.1:8080"), ("tcp://10.0.0.1:80", "http://127.0.0.1:8080")],
)
def test_a_mock_of_this_machine_is_found_by_its_port(port: str, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOCKWS_PORT", port)

    assert default_url() == url
