"""The short way of a message: one reply, from an example, to whoever asked. It says what the long way says.

Whether a message may go it is mostly decided when the contract is compiled: what is left to do for each is to fill the
identifiers in, and to write down what happened. Where anything else is asked for, the long way (`answer`) is gone.
"""

from collections.abc import Iterable
from typing import Any

from mockws.codec import Frame, Kind, encode_strictly
from mockws.engine.actions import NONE, Entry, Send
from mockws.engine.compose import Composer
from mockws.engine.delivery import Result
from mockws.engine.plan import Via, shared_identifiers
from mockws.engine.reception import Candidate
from mockws.engine.state import Connection


class Lane:
    """The way of one message at one route."""

    __slots__ = (
        "_accepts", "_cause", "_channel", "_example", "_identifiers", "_message", "_reply", "_value", "_why",
        "_written",
    )  # fmt: skip

    def __init__(self, candidate: Candidate, composer: Composer) -> None:
        plan, reply = candidate.plan, candidate.plan.replies[0]
        said = composer.exemplary(reply)
        self._message = candidate.message.name
        self._channel = candidate.channel.name
        self._why = plan.why
        self._reply = reply.name or None
        self._value: dict[str, Any] = said.value
        self._example = said.name
        self._cause = composer.cause(plan, candidate.message, said)
        self._identifiers = shared_identifiers(candidate.message, reply) if composer.carry else ()
        self._accepts = reply.payload.accepts
        self._written = composer.frame(said)

    def answer(self, connection: Connection, value: Any, frame: Frame, at: float) -> Result | None:
        """Answer a message; None where that has to go the long way."""
        text = self._written
        if self._identifiers and type(value) is dict:
            filled = self._value.copy()
            for name in self._identifiers:
                if name in value:
                    filled[name] = value[name]
            if not self._accepts(filled):
                return None
            text = encode_strictly(filled).decode()
        connection.sent += 1
        identity, address = connection.id, connection.address
        return (Send((identity,), text),), (
            Entry(
                at, "message", identity, self._channel, address, "in", self._message, frame, "spec", (), "", self._why
            ),
            Entry(
                at, "message", identity, self._channel, address, "out", self._reply, text,
                None, (), self._cause, "", None, NONE, None, self._example,
            ),
        )  # fmt: skip


def lanes_for(candidates: Iterable[Candidate], composer: Composer) -> dict[Candidate, Lane]:
    """Find the messages that may go the short way."""
    return {} if composer.dynamic else {each: Lane(each, composer) for each in candidates if _is_plain(each)}


def is_open(connection: Connection) -> bool:
    """Tell whether a connection takes part: one that has wishes, or is in a room, gets answers of its own."""
    return connection.example is None and not connection.dynamic and not connection.parameters


def _is_plain(candidate: Candidate) -> bool:
    """Tell whether nothing about a message and its answer depends on anything but its identifiers."""
    plan, message = candidate.plan, candidate.message
    if plan.via in (Via.NONE, Via.RELAY) or plan.channel is not None or plan.address is not None:
        return False
    if candidate.operation.security or candidate.operation.side_effect is not None or message.examples:
        return False
    reply = plan.replies[0]
    correlated = message.correlation is not None and reply.correlation is not None
    if correlated or reply.kind is Kind.BINARY or reply.codec is not None or not reply.valid_examples:
        return False
    return isinstance(reply.valid_examples[0].payload, dict)
