"""`MockWSContainer`, with an engine that only pretends: what is in a container runs beside it."""

import importlib
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pretended_engine import Engine, pretended
from websockets.sync.client import connect

from mockws.client.client import Client
from mockws.errors import BadSetting, CannotStart, Refused

pytest.importorskip("testcontainers", reason="testcontainers is not installed; scripts/test does that")

from testcontainers.core.config import ConnectionMode, testcontainers_config

from mockws.testing.container import MockWSContainer

CHAT = "specification/chat.yaml"
MESSAGE = '{"type": "chat", "user": "ada", "text": "hello"}'


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Engine]:
    monkeypatch.setenv("TESTCONTAINERS_RYUK_DISABLED", "true")
    monkeypatch.setattr(testcontainers_config, "connection_mode_override", ConnectionMode.docker_host)
    with pretended(tmp_path) as (url, engine):
        monkeypatch.setenv("DOCKER_HOST", url)
        yield engine


def test_a_container_serves_a_document_and_brings_its_mock(engine: Engine) -> None:
    with MockWSContainer(CHAT, stubs="stubs/chat.yaml") as container:
        mock = container.mock
        mock.expect_message("ChatMessage", json={"user": "ada"}).reply("ChatMessage", with_={"text": "hi!"})
        with connect(mock.url_for("room", room="kitchen")) as client:
            client.send(MESSAGE)

            assert "welcome to kitchen" in client.recv(timeout=5)  # as the stub file says
            assert "hi!" in client.recv(timeout=5)
        mock.assert_received("ChatMessage", count=1)
        assert mock.url == container.url
    assert engine.removed


def test_the_engine_is_told_what_to_mount_and_to_run(engine: Engine) -> None:
    folder = Path("specification").resolve()
    with MockWSContainer(CHAT, stubs="stubs", image="registry.test/mockws:1", token="t-1", seed=7, strict=True):
        wanted = engine.wanted

    assert wanted["Image"] == "registry.test/mockws:1"
    assert wanted["Cmd"] == ["serve", "/specs/chat.yaml", "--stubs", "/stubs"]
    assert set(wanted["Env"]) == {"MOCKWS_ADMIN_TOKEN=t-1", "MOCKWS_SEED=7", "MOCKWS_STRICT=True"}
    assert wanted["HostConfig"]["Binds"] == [f"{folder}:/specs:ro", f"{Path('stubs').resolve()}:/stubs:ro"]
    assert list(wanted["ExposedPorts"]) == ["8080/tcp"]


def test_each_container_has_a_token_of_its_own(engine: Engine) -> None:
    with MockWSContainer(CHAT) as container:
        other = MockWSContainer(CHAT)
        with Client(container.http_url, other.token) as stranger, pytest.raises(Refused, match="token"):
            stranger.expectations()

        assert container.mock.admin.expectations() == []


def test_a_container_that_ends_says_why(engine: Engine, tmp_path: Path) -> None:
    broken = tmp_path / "broken.yaml"
    broken.write_text("asyncapi: 1.0.0", "utf-8")

    with pytest.raises(CannotStart, match=r"(?s)has ended:.*broken\.yaml:1.*1\.0\.0"), MockWSContainer(broken):
        pass
    assert engine.removed


@pytest.mark.parametrize(
    ("options", "error", "told"),
    [
        ({"sed": 1}, TypeError, "MockWSContainer has no option 'sed'"),
        ({"seed": "x"}, BadSetting, "'x' is not a whole number"),
        ({"port": 9000}, BadSetting, "is for the container to say"),
    ],
)
def test_options_are_checked_before_anything_is_started(
    options: dict[str, Any], error: type[Exception], told: str, engine: Engine
) -> None:
    with pytest.raises(error, match=told):
        MockWSContainer(CHAT, **options)


def test_a_document_that_is_not_there_is_told_before_anything_is_started(engine: Engine) -> None:
    with pytest.raises(CannotStart, match=r"no nowhere\.yaml to be mounted"):
        MockWSContainer("nowhere.yaml")


def test_the_example_of_the_how_to_runs(engine: Engine) -> None:
    page = Path("docs/how-to/python.md").read_text("utf-8")
    found = re.search(r"^```py\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)
    assert found is not None
    exec(found[1], {})

    assert "MOCKWS_ON_INVALID=problem" in engine.wanted["Env"]


def test_without_testcontainers_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "mockws.testing.container")
    monkeypatch.setitem(sys.modules, "testcontainers.core.container", None)

    with pytest.raises(ModuleNotFoundError, match=r"pip install \"mockws\[testcontainers\]\""):
        importlib.import_module("mockws.testing.container")
