"""`mockws completion`: scripts for shells, and what they ask."""

import pytest
from shell import mockws

from mockws.cli.main import COMMANDS, run

Said = pytest.CaptureFixture[str]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_there_is_a_script_for_each_shell(shell: str, capsys: Said) -> None:
    assert run(["completion", shell]) == 0
    assert f"_MOCKWS_COMPLETE={shell}_complete" in capsys.readouterr().out


def test_another_shell_is_wrong_usage(capsys: Said) -> None:
    assert run(["completion", "csh"]) == 2
    assert "'bash', 'zsh', 'fish'" in capsys.readouterr().err


def test_a_shell_that_asks_is_told_the_commands() -> None:
    done = mockws(_MOCKWS_COMPLETE="bash_complete", COMP_WORDS="mockws ", COMP_CWORD="1")

    assert {line.partition(",")[2] for line in done.stdout.splitlines()} == set(COMMANDS)


def test_a_shell_that_asks_is_told_the_flags() -> None:
    done = mockws(_MOCKWS_COMPLETE="bash_complete", COMP_WORDS="mockws logs --f", COMP_CWORD="2")

    assert [line.partition(",")[2] for line in done.stdout.splitlines()] == ["--follow", "--filter", "--format"]
