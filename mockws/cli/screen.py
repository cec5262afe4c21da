"""What `mockws connect` shows, and where its lines come from: in colours beside a prompt, or plain lines for a pipe.

On a pipe the standard output has what was heard and nothing else, one message a line; all that is said about it is on
the standard error.
"""

import asyncio
import base64
import os
import sys
import threading
from collections.abc import AsyncIterator, Callable
from typing import Any

import click

from mockws.cli.log import escaped
from mockws.cli.phrasebook import Judged
from mockws.codec import Frame, Undecodable, decode_json, encode_json

PROMPT = "> "
CHUNK = 65536


class Screen:
    """Plain lines."""

    def heard(self, judged: Judged) -> None:
        """Show what came."""
        click.echo(one_line(judged.frame))
        if judged.wrong:
            self.note(f"what came does not fit the document: {judged.wrong}")

    def said(self, judged: Judged) -> None:
        """Show what is sent, as far as there is something to say about it."""
        if judged.wrong:
            self.note(f"what is sent does not fit the document: {judged.wrong}")

    def tell(self, text: str) -> None:
        """Show what was asked for."""
        click.echo(text, err=True)

    def begin(self) -> None:
        """Take note that lines are typed from now on."""

    def note(self, text: str) -> None:
        """Say something about the conversation."""
        click.echo(f"mockws: {escaped(text)}", err=True)


class Terminal(Screen):
    """Coloured lines, above the line that is being typed."""

    def __init__(self) -> None:
        from rich.console import Console  # late: only people's output needs it
        from rich.highlighter import JSONHighlighter

        self._console = Console(highlight=False, soft_wrap=True)
        self._json = JSONHighlighter()
        self._line = _typed_so_far()
        self._prompt = ""

    def heard(self, judged: Judged) -> None:
        """Show what came, with its name, or with what is wrong with it."""
        self._show("←", judged, "cyan")

    def said(self, judged: Judged) -> None:
        """Show what is sent, with its name, or with what is wrong with it."""
        self._show("→", judged, "green")

    def tell(self, text: str) -> None:
        """Show what was asked for."""
        self._above(lambda: self._console.print(text, markup=False))

    def begin(self) -> None:
        """Show the prompt again below whatever is shown."""
        self._prompt = PROMPT

    def note(self, text: str) -> None:
        """Say something about the conversation."""
        self._above(lambda: self._console.print(escaped(text), style="dim", markup=False))

    def _show(self, mark: str, judged: Judged, colour: str) -> None:
        from rich.text import Text  # late: only people's output needs it

        line = Text(f"{mark} ", style=colour)
        line.append(f"{judged.name} " if judged.name else "", style="bold")
        line.append(self._json(one_line(judged.frame)))
        if judged.wrong:
            line.append(f"\n  does not fit the document: {escaped(judged.wrong)}", style="yellow")
        self._above(lambda: self._console.print(line))

    def _above(self, show: Callable[[], None]) -> None:
        sys.stdout.write("\r\x1b[K")
        show()
        sys.stdout.write(self._prompt and self._prompt + self._line())
        sys.stdout.flush()


def one_line(frame: Frame) -> str:
    """Write a frame in one line: JSON and text as they came where they are one, bytes as base64."""
    if isinstance(frame, bytes):
        return base64.b64encode(frame).decode("ascii")
    if frame.isprintable():
        return frame
    value = decode_json(frame)
    return escaped(frame) if isinstance(value, Undecodable) else escaped(encode_json(value))


def _typed_so_far() -> Callable[[], str]:
    try:
        import readline
    except ImportError:  # there is none for Windows
        return lambda: ""
    return readline.get_line_buffer


def complete_with(choices: Callable[[str], list[str]]) -> None:
    """Let the tab key complete whole lines, where there is a readline."""
    try:
        import readline
    except ImportError:
        return

    def complete(_: str, number: int) -> str | None:
        found = choices(readline.get_line_buffer())
        return found[number] if number < len(found) else None

    readline.set_completer_delims("")
    readline.set_completer(complete)
    readline.parse_and_bind("tab: complete")


async def typed_lines() -> AsyncIterator[str]:
    """Give the lines of the standard input; a thread reads them, for neither files nor terminals can be awaited."""
    loop = asyncio.get_running_loop()
    lines: asyncio.Queue[str | None] = asyncio.Queue()

    def put(line: str | None) -> None:
        loop.call_soon_threadsafe(lines.put_nowait, line)

    read = _read_terminal if sys.stdin.isatty() else _read_pipe
    threading.Thread(target=_reading, args=(read, put), name="mockws-input", daemon=True).start()
    while (line := await lines.get()) is not None:
        yield line


def _reading(read: Callable[[Callable[[Any], None]], None], put: Callable[[str | None], None]) -> None:
    try:
        read(put)
        put(None)
    except RuntimeError:  # the conversation is over, and its loop closed
        return


def _read_terminal(put: Callable[[str], None]) -> None:
    while True:
        try:
            put(input(PROMPT))
        except EOFError:
            return


def _read_pipe(put: Callable[[str], None]) -> None:
    """Read past Python's own buffer: its lock, held by a thread that waits, would break the interpreter's end."""
    rest = b""
    while chunk := os.read(sys.stdin.fileno(), CHUNK):
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            put(line.decode("utf-8", "replace"))
    if rest:
        put(rest.decode("utf-8", "replace"))
