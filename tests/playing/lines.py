"""The lines of a play: what each may say, and how it is read.

A line that is not understood is an error, never skipped. Nothing here knows on what stage a play is played.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from mockws.codec import Frame, Undecodable, decode_json
from mockws.units import seconds_of


class NotUnderstood(Exception):
    """A line, or a file, that is not written as exchanges are."""


@dataclass(frozen=True, slots=True)
class Document:
    """What is said about the document: it is refused, or warned about, in these words."""

    refused: bool
    words: str


@dataclass(frozen=True, slots=True)
class Connect:
    client: str
    path: str
    headers: tuple[tuple[str, str], ...] = ()
    subprotocols: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Connected:
    client: str
    subprotocol: str | None = None  # none: whatever was chosen
    bare: bool = False  # no subprotocol was chosen
    after: float = 0.0  # seconds that it took, at least
    header: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """The handshake of the client was refused; without a client, what was sent last."""

    client: str | None
    status: int
    words: str


@dataclass(frozen=True, slots=True)
class CutShort:
    """The handshake of the client was not answered."""

    client: str


@dataclass(frozen=True, slots=True)
class Says:
    client: str
    frame: Frame


@dataclass(frozen=True, slots=True)
class SaysAs:
    """A value, written as this message is: MessagePack, Avro, whatever its content type has."""

    client: str
    message: str
    value: Any


@dataclass(frozen=True, slots=True)
class Exactly:
    value: Any


@dataclass(frozen=True, slots=True)
class Verbatim:
    frame: Frame


@dataclass(frozen=True, slots=True)
class Like:
    value: Any


@dataclass(frozen=True, slots=True)
class Valid:
    message: str


@dataclass(frozen=True, slots=True)
class Faked:
    """Valid, but none of the message's examples."""

    message: str


@dataclass(frozen=True, slots=True)
class ReadAs:
    """A frame that says this, read as this message is written."""

    message: str
    value: Any


Wanted: TypeAlias = Exactly | Verbatim | Like | Valid | Faked | ReadAs


@dataclass(frozen=True, slots=True)
class Hears:
    client: str
    wanted: Wanted


@dataclass(frozen=True, slots=True)
class HearsNothing:
    client: str


@dataclass(frozen=True, slots=True)
class EndsWith:
    """The mock closes the connection of a client."""

    client: str
    code: int
    reason: str


@dataclass(frozen=True, slots=True)
class Leaves:
    client: str


@dataclass(frozen=True, slots=True)
class StaysOpen:
    client: str


@dataclass(frozen=True, slots=True)
class Wait:
    seconds: float


@dataclass(frozen=True, slots=True)
class AdminSend:
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Fires:
    """A named trigger is set off, with a payload."""

    name: str
    payload: Any


@dataclass(frozen=True, slots=True)
class Sent:
    count: int


@dataclass(frozen=True, slots=True)
class Get:
    """A plain HTTP request."""

    path: str


@dataclass(frozen=True, slots=True)
class Asks:
    """A plain HTTP request with a body."""

    method: str
    path: str
    body: str


@dataclass(frozen=True, slots=True)
class Answered:
    status: int
    words: str


@dataclass(frozen=True, slots=True)
class Journal:
    """The last entry with this outcome or of this event says these words."""

    client: str | None
    word: str
    words: str


Line: TypeAlias = (
    Document
    | Connect
    | Connected
    | Refused
    | CutShort
    | Says
    | SaysAs
    | Hears
    | HearsNothing
    | EndsWith
    | Leaves
    | StaysOpen
    | Wait
    | AdminSend
    | Fires
    | Sent
    | Get
    | Asks
    | Answered
    | Journal
)
"""Everything that a play can say."""

OUTCOMES = frozenset({"matched", "spec", "unmatched", "invalid"})
EVENTS = frozenset({"open", "refused", "close", "undelivered", "fault", "timeout", "ping", "pong", "http", "callback"})
OWN_WORDS = frozenset({"document", "fire", "send", "sent", "refused", "wait", "journal", "get", "http", "answered"})


def read_line(text: str) -> Line:
    """Read one line; raises NotUnderstood."""
    for pattern, make in GRAMMAR:
        found = re.fullmatch(pattern, text.strip(), re.DOTALL)
        if found is not None and found.groupdict().get("client") not in OWN_WORDS:
            return make(**found.groupdict())
    raise NotUnderstood(f"{text!r} is no line of a play")


def _document(deed: str, words: str) -> Document:
    return Document(deed == "refused", _words(words))


def _connect(client: str, path: str, options: str) -> Connect:
    headers: list[tuple[str, str]] = []
    subprotocols: tuple[str, ...] = ()
    for option in re.split(r"\s+(?=header |subprotocols )", options)[1:]:
        word, _, rest = option.partition(" ")
        if word == "subprotocols":
            subprotocols = tuple(rest.replace(" ", "").split(","))
            continue
        name, colon, value = rest.partition(":")
        if not colon:
            raise NotUnderstood(f"{rest!r} is no header; write Name: value")
        headers.append((name.strip(), value.strip()))
    return Connect(client, path, tuple(headers), subprotocols)


def _connected(
    client: str, subprotocol: str | None, bare: str | None, duration: str | None, header: str | None
) -> Connected:
    name, _, value = (header or "").partition(":")
    after = _wait(duration).seconds if duration else 0.0
    return Connected(client, subprotocol, bare is not None, after, (name.lower(), value.strip()) if header else None)


def _refused(client: str | None, status: str, words: str) -> Refused:
    return Refused(client, int(status), _words(words))


def _hears(client: str, said: str) -> Hears:
    return Hears(client, _wanted(said))


def _wanted(said: str) -> Wanted:
    word, _, rest = said.partition(" ")
    if word == "as":
        message, _, value = rest.strip().partition(" ")
        return ReadAs(message, _json(value))
    if word == "like":
        return Like(_json(rest))
    if word in ("valid", "faked"):
        return (Valid if word == "valid" else Faked)(rest.strip())
    if word in ("text", "binary"):
        return Verbatim(_frame(said))
    return Exactly(_json(said))


def _frame(said: str) -> Frame:
    word, _, rest = said.partition(" ")
    if word == "text":
        return _words(rest)
    if word == "binary":
        return _bytes(rest)
    _json(said)  # what is meant as JSON must be JSON, but goes out as it was written
    return said


def _bytes(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        raise NotUnderstood(f"{text!r} is not hexadecimal") from None


def _json(text: str) -> Any:
    value = decode_json(text)
    if isinstance(value, Undecodable):
        raise NotUnderstood(f'{text!r} is not JSON ({value.message}); write text "..." for what is none')
    return value


def _words(text: str) -> str:
    """Read words: between double quotes, as JSON has them, or as they stand."""
    bare = text.strip()
    if not bare.startswith('"'):
        return bare
    try:
        return str(json.loads(bare))
    except ValueError:
        raise NotUnderstood(f"{bare} lacks its closing quote") from None


def _wait(duration: str) -> Wait:
    seconds = seconds_of(duration)
    if seconds is None or seconds > 2:
        raise NotUnderstood(f"{duration!r} is no duration up to 2s")
    return Wait(seconds)


def _admin_send(body: str) -> AdminSend:
    value = _json(body)
    if not isinstance(value, dict):
        raise NotUnderstood("what is sent is an object: the body of POST /__admin/send")
    return AdminSend(value)


def _fires(name: str, body: str | None) -> Fires:
    value = _json(body or "{}")
    if not isinstance(value, dict) or value.keys() - {"payload"}:
        raise NotUnderstood('what is fired is an object: {"payload":...}')
    return Fires(name, value.get("payload"))


def _asks(method: str, path: str, body: str | None) -> Asks:
    if body is not None:
        _json(body)
    return Asks(method, path, body or "")


def _journal(client: str | None, word: str, words: str | None) -> Journal:
    if word not in OUTCOMES | EVENTS:
        raise NotUnderstood(f"{word!r} is none of {', '.join(sorted(OUTCOMES | EVENTS))}")
    return Journal(client, word, _words(words or ""))


CLIENT = r"(?P<client>[a-z][a-z0-9]*)"
WORDS = r'(?P<words>(?: ".*")?)'
SUBPROTOCOL = r"(?: subprotocol (?P<subprotocol>\S+)|(?P<bare> without subprotocol))?"
GRAMMAR: tuple[tuple[str, Callable[..., Line]], ...] = (
    (r"document (?P<deed>refused|warns) (?P<words>.+)", _document),
    (rf"{CLIENT} connect (?P<path>/\S*)(?P<options>.*)", _connect),
    (
        rf"{CLIENT} connected{SUBPROTOCOL}(?: after (?P<duration>\S+))?(?: header (?P<header>[^:]+:.*))?",
        _connected,
    ),
    (rf"{CLIENT} cut off", CutShort),
    (rf"(?:{CLIENT} )?refused (?P<status>\d{{3}})(?P<words>.*)", _refused),
    (
        rf"{CLIENT} > as (?P<message>\S+) (?P<value>.+)",
        lambda client, message, value: SaysAs(client, message, _json(value)),
    ),
    (rf"{CLIENT} > (?P<said>.+)", lambda client, said: Says(client, _frame(said))),
    (rf"{CLIENT} < (?P<said>.+)", _hears),
    (rf"{CLIENT} hears nothing", HearsNothing),
    (
        rf"{CLIENT} closed (?P<code>\d{{4}})(?: reason (?P<reason>.+))?",
        lambda client, code, reason: EndsWith(client, int(code), _words(reason or "")),
    ),
    (rf"{CLIENT} close", Leaves),
    (rf"{CLIENT} still open", StaysOpen),
    (r"wait (?P<duration>\S+)", _wait),
    (r"send (?P<body>\{.+)", _admin_send),
    (r"fire (?P<name>\S+)(?: (?P<body>\{.+))?", _fires),
    (r"sent (?P<count>\d+)", lambda count: Sent(int(count))),
    (r"get (?P<path>/\S*)", Get),
    (r"http (?P<method>[A-Z]+) (?P<path>/\S*)(?: (?P<body>.+))?", _asks),
    (
        r"answered (?P<status>\d{3})(?P<words>.*)",
        lambda status, words: Answered(int(status), _words(words)),
    ),
    (rf"journal (?:{CLIENT} )?(?P<word>[a-z]+)(?P<words> \".*\")?", _journal),
)
"""What a line looks like, and what is made of it; the first that fits counts."""
