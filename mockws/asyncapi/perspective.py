"""Whose side a document is written from: the server's, as AsyncAPI means it, or the client's, as many people write it.

Each hint is worth some points for a side. What the document says itself decides; where nothing tells: the server.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from mockws.asyncapi.parts import Outline
from mockws.contract import Action, Message, Operation
from mockws.names import words_of

ASKING_FIRST = frozenset(
    [
        "subscribe",
        "unsubscribe",
        "get",
        "list",
        "request",
        "authenticate",
        "auth",
        "login",
        "join",
        "place",
        "submit",
        "fetch",
        "register",
        "ping",
    ]
)
ASKING_LAST = frozenset(["request", "command", "query", "subscribe", "unsubscribe", "input", "req"])
TELLING_FIRST = frozenset(["welcome", "notify", "pong", "hello", "connected", "ack"])
TELLING_LAST = frozenset(
    [
        "response",
        "event",
        "ack",
        "status",
        "update",
        "result",
        "notification",
        "error",
        "reply",
        "snapshot",
        "confirmation",
        "res",
    ]
)
CLIENT_WORDS = frozenset(["client", "consumer", "bot", "frontend", "listener", "subscriber"])
SERVER_WORDS = frozenset(["server", "backend", "gateway", "broker", "service"])
PLACEHOLDER = re.compile(r"(^|\.)(publish|subscribe)\.message$")  # as converters and we name what has no name
CONSUMING = frozenset({"subscribe", "consume", "listen"})
FROM_SERVER = re.compile(
    r"\bserver (sends?|emits?|requests?|notifies|pushes|confirmation|response)"
    r"|\b(sent|emitted|received) (by|from) the server"
    r"|\bserver[ -]initiated|\bserver\s*(→|->)\s*client|\b(sent|pushed) to (the )?clients?",
    re.IGNORECASE,
)
FROM_CLIENT = re.compile(
    r"\bclients? (sends?|emits?|requests?)|\b(sent|emitted) (by|from) (the |a )?clients?|\bclient[ -]initiated"
    r"|\bclient\s*(→|->)\s*server|\b(sent|send|pushed|message) to the \w* ?server",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Hint:
    """One thing that speaks for a side; positive points for the client's, negative ones for the server's."""

    points: float
    why: str


def perspective_of(outline: Outline, version: str) -> tuple[str, str]:
    """Decide between `server` and `client`; the second text says why."""
    hints = [hint for hint in _hints(outline, version) if hint.points]
    total = sum(hint.points for hint in hints)
    if total > 0.5:
        return "client", _strongest(hints, client=True)
    return "server", _strongest(hints, client=False) if total < 0 else "nothing in it speaks for the client's side"


def _strongest(hints: list[Hint], *, client: bool) -> str:
    fitting = [hint for hint in hints if (hint.points > 0) is client]
    return max(fitting, key=lambda hint: abs(hint.points)).why


def _hints(outline: Outline, version: str) -> Iterable[Hint]:
    yield from _of_title(outline)
    for operation in outline.operations:
        if version.startswith("3"):
            yield from _of_reply(operation)
            yield from _of_name(operation)
        yield from _of_prose(operation)
        for message in operation.messages:
            yield from _of_message(operation, message)


def _of_title(outline: Outline) -> Iterable[Hint]:
    info = outline.root.get("info")
    title = words_of(info.text("title")) if info else ()
    for words, points in ((CLIENT_WORDS, 2), (SERVER_WORDS, -2)):
        named = next((word for word in title if word in words), None)
        if named:
            yield Hint(points, f"the title speaks of a {named}")


def _of_reply(operation: Operation) -> Iterable[Hint]:
    """Whoever answers is the server: a reply stands on what a server receives, and on what a client sends."""
    if operation.reply is not None:
        points = 3 if operation.action is Action.SEND else -3
        yield Hint(points, f"operation {operation.name} {operation.action}s and names a reply")


def _of_name(operation: Operation) -> Iterable[Hint]:
    """Whoever subscribes or consumes is a client, if that is how it receives."""
    words = words_of(operation.name)
    if operation.action is Action.RECEIVE and words and words[0] in CONSUMING:
        asked = any(_asks(message) for message in operation.messages)
        yield Hint(-1 if asked else 3, f"operation {operation.name} receives")


def _of_prose(operation: Operation) -> Iterable[Hint]:
    """What the document says in words about who sends."""
    toward = 1 if operation.action is Action.SEND else -1
    for text in (operation.description, *(message.description for message in operation.messages)):
        by_client, by_server = FROM_CLIENT.search(text), FROM_SERVER.search(text)
        if bool(by_client) != bool(by_server):
            found = by_client or by_server
            assert found is not None
            why = f'operation {operation.name} {operation.action}s what it describes with "{found.group()}"'
            yield Hint(toward * (2 if by_client else -2), why)


def _of_message(operation: Operation, message: Message) -> Iterable[Hint]:
    """Requests are what a client sends, events and answers are what it receives."""
    toward = 1 if operation.action is Action.SEND else -1
    asks, tells = _asks(message), _tells(message)
    if asks != tells:
        kind = "a request" if asks else "an answer or event"
        why = f"operation {operation.name} {operation.action}s {message.title}, {kind} by its name"
        yield Hint(toward * (1 if asks else -1), why)


def _asks(message: Message) -> bool:
    return any(words[0] in ASKING_FIRST or words[-1] in ASKING_LAST for words in _names(message))


def _tells(message: Message) -> bool:
    return any(
        words[0] in TELLING_FIRST or words[-1] in TELLING_LAST or words[-1].endswith("ed") for words in _names(message)
    )


def _names(message: Message) -> Iterable[tuple[str, ...]]:
    """Give a message's own names in words; a name that we made for want of one says nothing."""
    titles = message.description.partition("\n")[0].split()[:5]
    for name in (message.name, message.label, " ".join(titles)):
        words = tuple(word for word in words_of(name) if word not in ("message", "msg", "payload", "data"))
        if words and not PLACEHOLDER.search(name):
            yield words
