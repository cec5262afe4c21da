"""Which message answers which, by their names: `subscribe` -> `subscribed`, `OrderRequest` -> `OrderResponse`.

A pair is a convention of this field, never a guess: where no rule holds, there is no pair.
"""

from collections.abc import Iterable, Iterator

from mockws.contract import Message
from mockws.names import words_of

NOISE = frozenset({"message", "msg", "payload"})
REQUEST_ENDS = frozenset({"request", "req", "command", "cmd", "query", "call"})
REPLY_ENDS = (
    "response",
    "reply",
    "result",
    "ack",
    "status",
    "res",
    "acknowledgement",
    "acknowledgment",
    "confirmation",
    "success",
    "answer",
    "resp",
)
ASKING_STARTS = frozenset({"subscribe", "get", "list", "fetch", "request", "query", "read", "describe"})
ANSWERING_STARTS = frozenset({"ack", "acknowledge", "confirm", "reply", "respond", "answer"})
OPPOSITES = {"ping": "pong", "hello": "welcome", "join": "joined", "login": "loggedin", "heartbeat": "heartbeat"}
PARTICIPLES = {
    "send": "sent",
    "get": "got",
    "leave": "left",
    "begin": "begun",
    "set": "set",
    "put": "put",
    "make": "made",
    "find": "found",
}
TELLING_PROPERTIES = ("type", "event", "method", "op", "action", "messageType", "kind", "command", "cmd", "name")


def asks(message: Message) -> bool:
    """Tell whether a message asks by its name: subscribe*, get*, list*, *Request, *Query."""
    return any(words and (words[0] in ASKING_STARTS or words[-1] in REQUEST_ENDS) for words in _names(message))


def is_answer(message: Message) -> bool:
    """Tell whether a message answers by its own name: *Ack, *Response, acknowledge*."""
    return any(words[-1] in REPLY_ENDS or words[0] in ANSWERING_STARTS for words in _names(message))


def answers(reply: Message, request: Message) -> bool:
    """Tell whether one message is by its name the answer to another."""
    expected = {words for asked in _names(request) for words in _answers_to(asked)}
    return any(words in expected for words in _names(reply))


def _names(message: Message) -> Iterator[tuple[str, ...]]:
    """Give the names of a message in words: its key, its label, and what tells it apart on the wire."""
    told = (value for key in TELLING_PROPERTIES for value in message.tells.get(key, ()) if len(message.tells[key]) == 1)
    for name in dict.fromkeys((message.name, message.label, *(value for value in told if isinstance(value, str)))):
        words = tuple(word for word in words_of(name) if word not in NOISE)
        if words:
            yield words


def _answers_to(words: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Give the names that the answer to a request of this name goes by."""
    core = words[:-1] if len(words) > 1 and words[-1] in REQUEST_ENDS else words
    for base in {core, core[1:] if len(core) > 1 and core[0] in ASKING_STARTS else core}:
        yield from ((*base, end) for end in REPLY_ENDS)
    if core != words:
        yield from ((*words, end) for end in REPLY_ENDS)
    verb, rest = core[0], core[1:]
    for done in _participles(verb):
        yield (done, *rest)
        yield (*rest, done)


def _participles(verb: str) -> Iterable[str]:
    known = OPPOSITES.get(verb) or PARTICIPLES.get(verb)
    if known:
        return (known,)
    if verb.endswith("e"):
        return (verb + "d",)
    if verb.endswith("y") and verb[-2:-1] not in "aeiou":
        return (verb[:-1] + "ied",)
    return (verb + "ed", verb + verb[-1:] + "ed")
