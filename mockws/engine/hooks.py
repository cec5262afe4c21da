"""Plain HTTP requests that the document itself names: those that bring a message about, and those that show an effect.

Host and port are those of the real service, and of no account here. An effect is not there until its message has come.
"""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from mockws.codec import Frame, Undecodable, decode_json, encode_json
from mockws.contract import Action, Contract, Operation
from mockws.engine.actions import Action as Deed
from mockws.engine.actions import Entry, Respond
from mockws.engine.compose import Composer, Said
from mockws.engine.delivery import Result, send_to
from mockws.engine.events import HttpReceived
from mockws.engine.plan import is_identifier
from mockws.engine.state import World, path_of
from mockws.engine.waiting import Waiting
from mockws.errors import CannotFake
from mockws.hook import Hook

NOT_YET = 404
JSON = (("content-type", "application/json"),)
PROBLEM = (("content-type", "application/problem+json"),)
TEXT = (("content-type", "text/plain; charset=utf-8"),)
EMPTY = frozenset({204, 205, 304})  # RFC 9110: such an answer has no body


@dataclass(frozen=True, slots=True)
class _Promise:
    """A request, and the operation that it belongs to."""

    operation: Operation
    hook: Hook

    def fits(self, event: HttpReceived) -> bool:
        given = set(event.opening.query)
        return event.method == self.hook.method and given.issuperset(self.hook.query)


@dataclass
class Hooks:
    """The requests that one contract names."""

    contract: Contract
    world: World
    composer: Composer
    waiting: Waiting
    _at: dict[str, list[_Promise]] = field(default_factory=dict)  # decoded path -> what is there

    def __post_init__(self) -> None:
        for operation in self.contract.operations:
            hook = operation.trigger if operation.action is Action.SEND else operation.side_effect
            path = path_of(hook.path) if hook is not None else None
            if hook is not None and path is not None:
                self._at.setdefault(path, []).append(_Promise(operation, hook))

    def knows(self, path: str) -> bool:
        """Tell whether a raw path is one of those that the document names."""
        return bool(self._at) and path_of(path) in self._at

    def answer(self, event: HttpReceived) -> Result | None:
        """Answer a request; None where it is none of these."""
        found = [each for each in self._at.get(path_of(event.opening.path) or "", ()) if each.fits(event)]
        for promise in found:
            if promise.operation.action is Action.SEND:
                return self._trigger(event, promise)
            if promise.operation.name in self.world.happened:
                respond, entry = self._told(event, promise, "shows what followed from")
                return (respond,), (entry,)
        return self._not_yet(event, found[0].operation) if found else None

    def _not_yet(self, event: HttpReceived, operation: Operation) -> Result:
        """Nothing has followed from a message that has not come."""
        detail = f"it shows what follows from {operation.name}, and no message of that has come"
        problem = {"type": "about:blank", "title": "not yet", "status": NOT_YET, "detail": detail}
        respond = Respond(event.request, NOT_YET, PROBLEM, encode_json(problem).encode("utf-8"))
        return (respond,), (_entry(event, operation, NOT_YET, detail),)

    def _trigger(self, event: HttpReceived, promise: _Promise) -> Result:
        """Say what the request brings about, with the identifiers that it names."""
        operation = promise.operation
        respond, entry = self._told(event, promise, "sets off")
        try:
            actions, entries = self._spoken(operation, self._said(event, promise), event.at)
        except CannotFake as problem:
            note = str(problem)
            said = Entry(event.at, "undelivered", None, operation.channel.name, direction="out", note=note)
            return (respond,), (entry, said)
        return (respond, *actions), (entry, *entries)

    def _said(self, event: HttpReceived, promise: _Promise) -> Said:
        message, body = promise.operation.messages[0], promise.hook.body
        if not message.valid_examples and isinstance(body, dict) and message.payload.accepts(body):
            said = Said(message, body, "the body of x-specmatic-trigger")
        else:
            said = self.composer.say(message, None)
        given = _json(event.body)
        if not isinstance(given, dict) or not isinstance(said.value, dict) or not self.composer.carry:
            return said
        value = said.value
        for name in (each for each in given if each in message.properties and is_identifier(each)):
            tried = {**value, name: given[name]}
            value = tried if message.payload.accepts(tried) else value
        return said if value == said.value else said.with_value(value)

    def _spoken(self, operation: Operation, said: Said, at: float) -> Result:
        channel, cause = operation.channel, f"{operation.name} was set off over HTTP ({said.source})"
        actions: list[Deed] = []
        entries: list[Entry] = []
        there = list(self.world.at(channel, {}))
        for connection in there:
            placed = self.composer.placed(said, (channel,), connection.parameters)
            frame = self.composer.frame(placed)
            done, told = send_to((connection,), frame, said.message, channel, at, cause=cause, example=placed.name)
            actions += done
            entries += told
        if not there:
            return self.waiting.keep(channel, None, {}, self.composer.frame(said), said.message, cause, at)
        return tuple(actions), tuple(entries)

    def _told(self, event: HttpReceived, promise: _Promise, words: str) -> tuple[Respond, Entry]:
        hook, operation = promise.hook, promise.operation
        respond = Respond(event.request, hook.status, *_written(hook))
        return respond, _entry(event, operation, hook.status, f"it {words} {operation.name}")


def _entry(event: HttpReceived, operation: Operation, status: int, why: str) -> Entry:
    opening = event.opening
    return Entry(
        event.at,
        "http",
        channel=operation.channel.name,
        address=opening.path + (f"?{urlencode(opening.query)}" if opening.query else ""),
        direction="in",
        frame=_frame(event.body),
        outcome="spec",
        details={"method": event.method, "path": opening.path, "status": status},
        cause=f"operation {operation.name}",
        note=f"{event.method} answered {status}; {why}",
    )


def _written(hook: Hook) -> tuple[tuple[tuple[str, str], ...], bytes]:
    """Give headers and body of what the document expects."""
    if hook.expected is None or hook.status in EMPTY:
        return (), b""
    if isinstance(hook.expected, str):
        return TEXT, hook.expected.encode("utf-8")
    return JSON, encode_json(hook.expected).encode("utf-8")


def _frame(body: bytes) -> Frame | None:
    try:
        return body.decode("utf-8") or None
    except UnicodeDecodeError:
        return body


def _json(body: bytes) -> Any:
    frame = _frame(body)
    value = decode_json(frame) if isinstance(frame, str) else None
    return None if isinstance(value, Undecodable) else value
