"""What a line means that somebody types into `mockws connect`: something to say, or a command with a slash.

A line becomes a value; what is done about it is decided elsewhere.
"""

import base64
import binascii
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from mockws.cli.phrasebook import Phrasebook
from mockws.codec import Frame, encode_json
from mockws.errors import CannotFake, UnknownName
from mockws.names import closest

LARGEST_CODE = 4999
HELP = """\
/send NAME [JSON]     say a message of the document: its example, else a made-up one, with this JSON merged over it
/fake NAME [JSON]     say a made-up one
/example [NAME]       show examples
/messages             show what may be said and heard here
/binary BASE64        say bytes
/close [CODE] [WHY]   close, with 1000 unless said
/help                 this
Anything else is said as it stands; a text that begins with a slash is written with two."""


@dataclass(frozen=True, slots=True)
class Say:
    """Send a frame."""

    frame: Frame


@dataclass(frozen=True, slots=True)
class Tell:
    """Show something to whoever types."""

    text: str


@dataclass(frozen=True, slots=True)
class Close:
    """Close the connection."""

    code: int = 1000
    reason: str = ""


Meaning: TypeAlias = Say | Tell | Close | None


def meaning_of(line: str, book: Phrasebook | None) -> Meaning:
    """Tell what a line means; nothing, where it is empty."""
    text = line.strip()
    if not text.startswith("/") or text.startswith("//"):
        return Say(line.strip("\r\n").replace("//", "/", 1) if text.startswith("//") else text) if text else None
    name, _, rest = text[1:].partition(" ")
    command = COMMANDS.get(name)
    if command is None:
        hint = closest(name, COMMANDS)
        return Tell(f"no /{name}{f', did you mean /{hint}?' if hint else ''} (/help shows all)")
    try:
        return command(rest.strip(), book)
    except (UnknownName, CannotFake) as problem:
        return Tell(str(problem))


def completions(text: str, book: Phrasebook | None) -> list[str]:
    """Give what a line may go on with."""
    command, space, rest = text.partition(" ")
    if not space:
        return [f"/{name} " for name in COMMANDS if f"/{name}".startswith(command)] if text.startswith("/") else []
    if command[1:] not in NAMING or book is None or " " in rest:
        return []
    return [f"{command} {each.name} " for each in book.sayable if each.name.startswith(rest)]


def _send(rest: str, book: Phrasebook | None) -> Meaning:
    return _made(rest, book, lambda known: known.exemplary)


def _fake(rest: str, book: Phrasebook | None) -> Meaning:
    return _made(rest, book, lambda known: known.faked)


def _made(rest: str, book: Phrasebook | None, make: Callable[[Phrasebook], Callable[..., Frame]]) -> Meaning:
    if book is None:
        return Tell("there is no document; say JSON as it stands, or name one with --document")
    name, _, part = rest.partition(" ")
    if not name:
        return Tell(f"which message? ({', '.join(each.name for each in book.sayable) or 'none is taken here'})")
    merged = _object(part)
    return Say(make(book)(name, merged)) if merged is not None else Tell(f"{part!r} is no JSON object")


def _object(text: str) -> dict[str, Any] | None:
    try:
        value = json.loads(text) if text.strip() else {}
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def _example(rest: str, book: Phrasebook | None) -> Meaning:
    if book is None:
        return Tell("there is no document; name one with --document")
    messages = (book.message(rest),) if rest else book.sayable
    lines = [f"{each.name} {shown.name} {encode_json(shown.payload)}" for each in messages for shown in each.examples]
    return Tell("\n".join(lines) or "there are no examples; /fake makes one up")


def _messages(_: str, book: Phrasebook | None) -> Meaning:
    if book is None:
        return Tell("there is no document; name one with --document")
    said = ", ".join(each.name for each in book.sayable) or "nothing"
    heard = ", ".join(each.name for each in book.hearable) or "nothing"
    return Tell(f"said: {said}\nheard: {heard}")


def _binary(rest: str, _: Phrasebook | None) -> Meaning:
    try:
        return Say(base64.b64decode(rest, validate=True))
    except binascii.Error:
        return Tell(f"{rest!r} is no base64")


def _close(rest: str, _: Phrasebook | None) -> Meaning:
    code, __, reason = rest.partition(" ")
    if not code:
        return Close()
    if not (code.isdecimal() and code.isascii() and (int(code) == 1000 or 3000 <= int(code) <= LARGEST_CODE)):
        return Tell(f"a client may close with 1000, or 3000 to {LARGEST_CODE}, not with {code!r}")
    return Close(int(code), reason.strip()[:100])


def _help(_: str, __: Phrasebook | None) -> Meaning:
    return Tell(HELP)


COMMANDS: dict[str, Callable[[str, Phrasebook | None], Meaning]] = {
    "send": _send,
    "fake": _fake,
    "example": _example,
    "messages": _messages,
    "binary": _binary,
    "close": _close,
    "help": _help,
}
NAMING = ("send", "fake", "example")
