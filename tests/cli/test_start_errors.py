"""What keeps a mock from starting is told in one line, with its cause and its place, and by the exit code."""

import resource
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from mockws.cli.main import run

CHAT = str(Path(__file__).parents[2] / "specification" / "chat.yaml")
FILES = {
    "broken.yaml": "a: [1",
    "empty.yaml": "",
    "none.yaml": "asyncapi: 3.0.0\ninfo: {title: T, version: 1.0.0}\n",
    "other.yaml": "openapi: 3.1.0\n",
    "cert.pem": "no certificate",
    "stubs.yaml": "expectations: [{trigger: {chanel: x}}]",
    "prt.toml": "prt = 1",
    "bad.toml": "x = [",
}

Lines = Callable[..., tuple[int, list[str]]]


@pytest.fixture
def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Lines:
    """Run `mockws serve` in a folder with bad files; give its exit code, and the lines that it says."""
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, "utf-8")
    (tmp_path / "folder").mkdir()
    monkeypatch.chdir(tmp_path)

    def serve(*arguments: str) -> tuple[int, list[str]]:
        code = run(["serve", *arguments])
        said = capfd.readouterr()
        assert said.out == ""
        return code, said.err.splitlines()

    return serve


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("broken.yaml",), 1, "broken.yaml:1:6: error:"),
        (("empty.yaml",), 1, "empty.yaml: error: the file is empty"),
        (("none.yaml",), 1, "none.yaml has no channels"),
        (("other.yaml",), 1, "other.yaml:1:1: error:"),
        ((CHAT, "--port", "0", "--stubs", "stubs.yaml"), 1, "stubs.yaml:1:27: error: /expectations/0/trigger/chanel"),
        ((CHAT, "--port", "0", "--stubs", "nowhere"), 1, "nowhere: error: there is no such file"),
        ((CHAT, "--port", "0", "--dictionary", "nowhere.yaml"), 1, "nowhere.yaml: error: there is no such file"),
        ((CHAT, "--port", "0", "--overlay", "nowhere.yaml"), 2, "nowhere.yaml: error: there is no such file"),
        ((CHAT, "--port", "0", "--server", "nope"), 2, "no server 'nope' in the document (it has local)"),
        ((CHAT, "--port", "0", "--config", "prt.toml"), 2, "prt.toml: prt: no such option, did you mean port?"),
        ((CHAT, "--port", "0", "--config", "bad.toml"), 2, "bad.toml: "),
        ((CHAT, "--port", "99999"), 2, "--port: port: 99999 is not between 0 and 65535"),
        ((CHAT, "--port", "0", "--max-message", "lots"), 2, "--max-message: max_message: 'lots' is not a size"),
        ((CHAT, "--port", "0", "--allow-callbacks", "http://x/"), 2, "--allow-callbacks: "),
        ((CHAT, "--port", "0", "--host", "256.1.1.1"), 3, "cannot listen on 256.1.1.1: "),
        ((CHAT, "--port", "0", "--host", "192.0.2.1"), 3, "cannot listen on 192.0.2.1 port 0: "),
        ((CHAT, "--port", "0", "--ssl-certfile", "cert.pem"), 3, "TLS cannot be set up with cert.pem: "),
        ((CHAT, "--port", "0", "--ssl-certfile", "nowhere.pem"), 3, "there is no certificate file nowhere.pem"),
        ((CHAT, "--port", "0", "--ssl-certfile", "folder"), 3, "there is no certificate file folder"),
        ((CHAT, "--port", "0", "--ssl-keyfile", "cert.pem"), 3, "a key was given without its certificate"),
    ],
    ids=lambda each: "-".join(each[-2:]) if isinstance(each, tuple) else "",
)
def test_it_is_one_line_with_cause_and_place(arguments: tuple[str, ...], code: int, said: str, told: Lines) -> None:
    ended, lines = told(*arguments)

    assert (ended, len(lines)) == (code, 1), lines
    assert lines[0].startswith("mockws: ")
    assert said in lines[0]


@pytest.mark.parametrize("flag", ["--port", "--admin-port"])
def test_a_port_in_use_is_named(flag: str, told: Lines) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        number = str(taken.getsockname()[1])
        free = () if flag == "--port" else ("--port", "0")
        code, lines = told(CHAT, *free, flag, number)

    assert (code, len(lines)) == (3, 1)
    assert lines[0].startswith(f"mockws: port {number} on 127.0.0.1 is in use")


def test_too_few_descriptors_are_told_before_they_run_out(told: Lines, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _: (12, 12))

    assert told(CHAT, "--port", "0") == (
        3,
        ["mockws: only 12 files may be open at a time, and 32 are needed: raise ulimit -n"],
    )


def test_a_document_that_may_not_be_read_is_named(told: Lines, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = Path.open

    def refused(self: Path, *arguments: object, **more: object) -> object:
        if self.name == "none.yaml":
            raise PermissionError(13, "Permission denied", str(self))
        return opened(self, *arguments, **more)  # type: ignore[call-overload]

    monkeypatch.setattr(Path, "open", refused)
    code, lines = told("none.yaml")

    assert (code, len(lines)) == (1, 1), lines
    assert "none.yaml" in lines[0]
    assert "ermi" in lines[0]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["serve", "nope.yaml"], "File 'nope.yaml' does not exist (mockws serve --help says more)"),
        (["serve", "--nope"], "no such option '--nope'"),
        (["srve"], "no such command 'srve', did you mean 'serve'?"),
    ],
)
def test_wrong_usage_is_told_in_one_line(arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(arguments) == 2

    said = capsys.readouterr().err
    assert told in said
    assert said.count("\n") == 1
