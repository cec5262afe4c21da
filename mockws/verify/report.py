"""What is said about a run: on the console while it goes on, and as a file for machines and for people."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TextIO

from rich.console import Console as Terminal
from rich.text import Text

from mockws.errors import CannotWrite
from mockws.exercise import PLURALS, WORDS, overall
from mockws.verify.formats import json, junit
from mockws.verify.page import page_of
from mockws.verify.results import Result, Run, Status

FORMS: Mapping[str, Callable[[Run], str]] = {"junit": junit, "json": json, "html": page_of}
MARKS = {
    Status.PASSED: ("passed ", "green"),
    Status.FAILED: ("FAILED ", "bold red"),
    Status.SKIPPED: ("skipped", "yellow"),
}
WIDE = 100_000  # a file or a pipe has no width that lines would have to be broken for


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
        self._shares(run)
        counts = ", ".join(f"{run.count(status)} {status}" for status in Status)
        style = "bold red" if run.failed else "bold green"
        self._terminal.print(
            Text(f"{run.title} at {run.target}: {counts} in {run.seconds:.1f} s, seed {run.seed}", style=style)
        )

    def _shares(self, run: Run) -> None:
        for kind, plural in PLURALS.items():
            done, total = overall(run.coverage, kind)
            if total:
                self._terminal.print(Text(f"{plural}: {done} of {total} exercised", style="dim"))

    def sum_up_coverage(self, run: Run) -> None:
        self._shares(run)
        for each in run.notes:
            self._terminal.print(Text(each, style="yellow"))
        done, total = overall(run.coverage)
        share = 100 * done / total if total else 100.0
        self._terminal.print(Text(f"{run.title} at {run.target}: {done} of {total} exercised, {share:.1f} %", "bold"))

    def uncovered(self, run: Run, most: int = 20) -> None:
        """List what nobody has exercised, and what fails."""
        for kind, plural in PLURALS.items():
            lines = [line for line in run.coverage if line.kind == kind]
            missing = [line.name for line in lines if not line.exercised]
            for line in (each for each in lines if each.failed):
                told = f"  {WORDS[kind]} {line.name}: {'; '.join(line.failing)}"
                self._terminal.print(Text.assemble(("failing ", "bold red"), told))
            for name in missing[:most]:
                self._terminal.print(Text.assemble(("missing ", "yellow"), f"  {WORDS[kind]} {name}"))
            if missing[most:]:
                self._terminal.print(Text(f"          and {len(missing[most:])} more {plural}", style="dim"))


def told(result: Result) -> list[str]:
    """Say how a test failed."""
    lines = [result.detail]
    if result.sent:
        lines.append(f"said:  {result.sent}")
    lines += [f"heard: {each}" for each in list(dict.fromkeys(result.heard))[-3:]]
    if result.smallest:
        lines.append(f"smallest that fails: {result.smallest}")
    return lines


def written(form: str, run: Run, path: Path) -> None:
    """Write a report; raises CannotWrite."""
    try:
        path.write_text(FORMS[form](run), "utf-8")
    except OSError as problem:
        raise CannotWrite(str(path), problem.strerror or str(problem)) from None
