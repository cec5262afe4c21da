"""What is said about a run: on the console while it goes on, and as a file for machines and for people."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TextIO

from rich.console import Console as Terminal
from rich.text import Text

from mockws.errors import CannotWrite
from mockws.verify.formats import html, json, junit
from mockws.verify.results import Result, Run, Status

FORMS: Mapping[str, Callable[[Run], str]] = {"junit": junit, "json": json, "html": html}
MARKS = {
    Status.PASSED: ("passed ", "green"),
    Status.FAILED: ("FAILED ", "bold red"),
    Status.SKIPPED: ("skipped", "yellow"),
}
WIDE = 100_000  # a file or a pipe has no width that lines would have to be broken for
KINDS = {"channel": "channels", "operation": "operations", "message": "messages", "example": "examples"}


class Console:
    """Tells people how a run goes."""

    def __init__(self, stream: TextIO) -> None:
        self._terminal = Terminal(file=stream, highlight=False, soft_wrap=True)

    def say(self, result: Result) -> None:
        mark, style = MARKS[result.status]
        line = Text.assemble((mark, style), f"  {result.name}")
        if result.status is Status.SKIPPED and result.detail:
            line.append(f"  ({result.detail})", style="dim")
        self._terminal.print(line)
        if result.status is Status.FAILED:
            for text in told(result):
                self._terminal.print(Text(f"           {text}"))

    def sum_up(self, run: Run) -> None:
        for kind, plural in KINDS.items():
            lines = [line for line in run.coverage if line.kind == kind]
            done = sum(1 for line in lines if line.exercised)
            if lines:
                self._terminal.print(Text(f"{plural}: {done} of {len(lines)} exercised", style="dim"))
        counts = ", ".join(f"{run.count(status)} {status}" for status in Status)
        style = "bold red" if run.failed else "bold green"
        self._terminal.print(
            Text(f"{run.title} at {run.target}: {counts} in {run.seconds:.1f} s, seed {run.seed}", style=style)
        )


def told(result: Result) -> list[str]:
    """Say how a test failed."""
    lines = [result.detail]
    if result.sent:
        lines.append(f"said:  {result.sent}")
    lines += [f"heard: {each}" for each in result.heard[-3:]]
    if result.smallest:
        lines.append(f"smallest that fails: {result.smallest}")
    return lines


def written(form: str, run: Run, path: Path) -> None:
    """Write a report; raises CannotWrite."""
    try:
        path.write_text(FORMS[form](run), "utf-8")
    except OSError as problem:
        raise CannotWrite(str(path), problem.strerror or str(problem)) from None
