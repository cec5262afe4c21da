"""The short way of a message: one reply, from an example, to whoever asked. It says what the long way says.

Whether a message may go it is decided when the contract is compiled, and its answer is written then, but for the
identifiers that it shares with the request: they are put in. Where anything else is asked for, the long way (`answer`)
is gone.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from mockws.codec import Kind, encode_strictly
from mockws.contract import Message
from mockws.engine.actions import Exchange, Way
from mockws.engine.compose import Composer
from mockws.engine.events import Received
from mockws.engine.journal import OVERHEAD, size_of
from mockws.engine.plan import Via, shared_identifiers
from mockws.engine.reception import Candidate
from mockws.engine.state import Connection

NOTES = frozenset({"title", "description", "examples", "default", "deprecated", "readOnly", "writeOnly"})
# What a schema may say of an object, without one property having a say in another.
APART = NOTES | {"$schema", "type", "properties", "required", "additionalProperties", "definitions", "$defs"}


class Lane:
    """The way of one message at one route."""

    __slots__ = ("_accepts", "_form", "_identifiers", "_value", "_way", "_written", "channel")

    def __init__(self, candidate: Candidate, composer: Composer) -> None:
        plan, asked, reply = candidate.plan, candidate.message, candidate.plan.replies[0]
        said = composer.exemplary(reply)
        cause = composer.cause(plan, asked, said)
        self.channel = candidate.channel.name
        self._way = Way(self.channel, asked.name, plan.why, reply.name or None, cause, said.name)
        self._value: dict[str, Any] = said.value
        self._written = encode_strictly(said.value)
        self._identifiers = shared_identifiers(asked, reply) if composer.carry else ()
        self._accepts = reply.payload.accepts
        fits = all(_takes_whatever_is_asked(name, asked, reply) for name in self._identifiers)
        self._form = Form(said.value, self._identifiers) if fits else None

    def answer(self, connection: Connection, value: Any, event: Received) -> Exchange | None:
        """Answer a message; None where that has to go the long way."""
        said = self._written
        if self._identifiers and type(value) is dict:
            said = (self._form.filled(value) if self._form is not None else b"") or self._carried(value)
            if not said:
                return None
        connection.sent += 1
        frame = event.frame
        weight = OVERHEAD + ((len(frame) if frame.isascii() else size_of(frame)) + len(said) >> 1)
        return Exchange(event, self._way, connection.address, said, weight)

    def _carried(self, value: dict[str, Any]) -> bytes:
        """Carry over the identifiers that are there, and look whether the whole fits; nothing where it does not."""
        filled = self._value.copy()
        for name in self._identifiers:
            if name in value:
                filled[name] = value[name]
        return encode_strictly(filled) if self._accepts(filled) else b""


class Form:
    """An object as JSON, written but for some of its properties, which are texts."""

    __slots__ = ("_begin", "_rest")

    def __init__(self, value: Mapping[str, Any], open_: Sequence[str]) -> None:
        """Write it; the properties that are open come where they are, or else at the end."""
        names = (*value, *(name for name in open_ if name not in value))
        pieces = [b""]
        for name in names:
            pieces[-1] += (b"," if name is not names[0] else b"{") + encode_strictly(name) + b":"
            if name in open_:
                pieces.append(b"")
            else:
                pieces[-1] += encode_strictly(value[name])
        pieces[-1] += b"}"
        self._begin = pieces[0]
        self._rest = tuple(zip((name for name in names if name in open_), pieces[1:], strict=True))

    def filled(self, value: Mapping[str, Any]) -> bytes:
        """Fill it in with the properties of another object; nothing where one of them is not there, or no text."""
        text = self._begin
        for name, piece in self._rest:
            given = value.get(name)
            if type(given) is not str:
                return b""
            text += encode_strictly(given) + piece
        return text


def _takes_whatever_is_asked(name: str, asked: Message, reply: Message) -> bool:
    """Tell whether each text that a request may have as a property fits the reply, whatever else stands there."""
    theirs, ours = (_property_apart(each.payload.document, name) for each in (asked, reply))
    if ours is None:
        return False
    if ours.keys() <= {"type", *NOTES} and ours.get("type", "string") == "string":
        return True
    return ours == theirs and asked.payload.draft == reply.payload.draft and "$ref" not in str(ours)


def _property_apart(document: bool | Mapping[str, Any], name: str) -> Mapping[str, Any] | None:
    """Give the schema of a property where nothing else in an object's schema has a say in it."""
    if isinstance(document, bool) or any(key not in APART and not key.startswith("x-") for key in document):
        return None
    found = document.get("properties", {}).get(name)
    return found if isinstance(found, Mapping) else None


def lanes_for(candidates: Iterable[Candidate], composer: Composer) -> dict[Candidate, Lane]:
    """Find the messages that may go the short way."""
    return {} if composer.dynamic else {each: Lane(each, composer) for each in candidates if _is_plain(each)}


def _is_plain(candidate: Candidate) -> bool:
    """Tell whether nothing about a message and its answer depends on anything but its identifiers."""
    plan, message = candidate.plan, candidate.message
    if plan.via in (Via.NONE, Via.RELAY) or plan.channel is not None or plan.address is not None:
        return False
    if candidate.operation.security or message.examples:
        return False
    reply = plan.replies[0]
    correlated = message.correlation is not None and reply.correlation is not None
    if correlated or reply.kind is Kind.BINARY or reply.codec is not None or not reply.valid_examples:
        return False
    return isinstance(reply.valid_examples[0].payload, dict)
