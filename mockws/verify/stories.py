"""Tests that go beyond one socket: messages that an HTTP request brings about, effects that one shows, whole examples.

Nothing is carried out here. Stories are told one after the other, in the order of the document's operations.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

from mockws.contract import Action, Channel, Contract, Message, Operation
from mockws.diagnostic import Severity
from mockws.errors import UnknownName
from mockws.hook import Hook
from mockws.specmatic.example import Example, Fixture, Said
from mockws.specmatic.fitting import fit
from mockws.specmatic.requests import IDENTIFIER
from mockws.specmatic.templates import constants
from mockws.specmatic.values import leaves
from mockws.verify.cases import Call, Hearing, Manner, Saying, Scope, StoryCase, Suite
from mockws.verify.places import Place
from mockws.verify.variants import fakes


def with_stories(suite: Suite, scope: Scope, examples: Sequence[tuple[str, Example]] = ()) -> Suite:
    """Add the stories that a document's hooks, and Specmatic's examples, tell."""
    teller = _Teller(suite, {channel.name: place for place in reversed(suite.places) for channel in place.channels})
    shown = list(teller.shown(examples))
    found = [*teller.hooked(scope), *shown]
    order = {operation.name: place for place, operation in enumerate(suite.contract.operations)}
    found.sort(key=lambda case: order.get(case.operation.name, 0))
    wanted = tuple(case for case in found if scope.admits(case.name))
    left_out = tuple(each for each in teller.left_out if scope.admits(each[0]))
    return replace(suite, cases=(*suite.cases, *wanted), left_out=(*suite.left_out, *left_out))


class _Teller:
    """Derives the stories of one suite."""

    def __init__(self, suite: Suite, at: Mapping[str, Place]) -> None:
        self._contract: Contract = suite.contract
        self._at = at
        self.left_out: list[tuple[str, str]] = []
        self._received: list[_Part] = []  # what examples say

    def hooked(self, scope: Scope) -> Iterator[StoryCase]:
        """Give the stories of the document's own requests."""
        for operation in self._contract.operations:
            place = self._at.get(operation.channel.name)
            if place is None or not operation.messages:
                continue
            if operation.action is Action.SEND and operation.trigger is not None:
                heard = Hearing(place, operation.messages, timeout=operation.trigger.timeout)
                name = f"{operation.name}: triggered over HTTP"
                before = (_call_of(operation.trigger),)
                yield StoryCase(name, Manner.TRIGGER, operation, operation.messages[0], before, heard=heard)
            if operation.action is Action.RECEIVE and operation.side_effect is not None:
                yield from self._effect(operation, operation.side_effect, place, scope)

    def _effect(self, operation: Operation, hook: Hook, place: Place, scope: Scope) -> Iterator[StoryCase]:
        name, message = f"{operation.name}: side effect", operation.messages[0]
        values = [each.payload for each in message.valid_examples]
        values += [part.value for part in self._received if part.message is message]
        values += [_about(hook, message, each.value) for each in fakes(message, scope.seed, 1)]
        if not values:
            self.left_out.append((name, "no value can be made for its schema"))
            return
        said = Saying(place, message, max(values, key=lambda value: _named_in(hook, value)))
        yield StoryCase(name, Manner.EFFECT, operation, message, said=said, after=(_call_of(hook),))

    def shown(self, examples: Iterable[tuple[str, Example]]) -> Iterator[StoryCase]:
        """Give the stories that examples tell."""
        for file, example in examples:
            name = f"example {file}"
            if self._contract.perspective == "client":
                self.left_out.append((name, "the document is its client's, and so are its examples"))
                continue
            said, told = self._part(example, example.receive, Action.RECEIVE)
            heard, wrong = self._part(example, example.send, Action.SEND)
            if told or wrong:
                self.left_out.append((name, told or wrong))
                continue
            yield from self._story(name, example, said, heard)

    def _story(self, name: str, example: Example, said: "_Part | None", heard: "_Part | None") -> Iterator[StoryCase]:
        first = said or heard
        self._received += [said] if said is not None else []
        operation = self._operation(first) if first is not None else None
        if first is None or operation is None:
            self.left_out.append((name, "no operation of the document is about its messages"))
            return
        yield StoryCase(
            f"{operation.name}: {name}",
            Manner.STORY,
            operation,
            first.message,
            tuple(_call_of_fixture(each) for each in example.before),
            Saying(said.place, said.message, said.value) if said else None,
            Hearing(heard.place, (heard.message,), heard.said.payload) if heard else None,
            tuple(_call_of_fixture(each) for each in example.after),
            example,
        )

    def _part(self, example: Example, said: Said | None, action: Action) -> "tuple[_Part | None, str]":
        """Find channel, message and value of a part of an example; or say what is wrong with it."""
        if said is None:
            return None, ""
        try:
            channel = self._contract.channel(said.topic)
        except UnknownName as problem:
            return None, str(problem)
        place, messages = self._at.get(channel.name), self._messages(channel, action)
        if place is None or not messages:
            return None, f"nothing is {'received' if action is Action.RECEIVE else 'sent'} on {said.topic}"
        fitted, found = fit(example, said, messages, constants(example))
        if fitted is None:
            return None, next(str(each) for each in found if each.severity is Severity.ERROR)
        return _Part(said, place, channel, fitted.message, fitted.value), ""

    def _messages(self, channel: Channel, action: Action) -> Sequence[Message]:
        if action is Action.SEND:
            return self._contract.outgoing(channel)
        return [message for message, _ in self._contract.incoming(channel)]

    def _operation(self, part: "_Part") -> Operation | None:
        there = [each for each in self._contract.operations if each.channel is part.channel]
        named = [each for each in there if any(one.name == part.message.name for one in each.messages)]
        answering = [each for each in self._contract.operations if each.reply and each.reply.channel is part.channel]
        return next(iter((*named, *there, *answering)), None)


class _Part:
    """One side of an example, as the document has it."""

    def __init__(self, said: Said, place: Place, channel: Channel, message: Message, value: Any) -> None:
        self.said, self.place, self.channel, self.message, self.value = said, place, channel, message, value


def _words_of(hook: Hook) -> list[str]:
    return [unquote(each) for each in re.split(r"[/?&=]", hook.target) if each]


def _named_in(hook: Hook, value: Any) -> int:
    """Count the values of a message that a request names: an effect is one of a certain message."""
    words = _words_of(hook)
    return sum(str(leaf) in words for _, leaf in leaves(value))


def _about(hook: Hook, message: Message, value: Any) -> Any:
    """Let a made-up message be about what the request names, as far as its identifiers tell."""
    words = _words_of(hook)
    pieces: list[Any] = [*(int(each) for each in words if each.isdecimal() and len(each) < 18), *words]
    for name in value if isinstance(value, dict) else ():
        fitting = ({**value, name: piece} for piece in pieces if IDENTIFIER.fullmatch(name))
        value = next((tried for tried in fitting if message.payload.accepts(tried)), value)
    return value


def _call_of(hook: Hook) -> Call:
    return Call(
        hook.url, hook.method, tuple(hook.headers.items()), hook.body, hook.status, hook.expected, timeout=hook.timeout
    )


def _call_of_fixture(fixture: Fixture) -> Call:
    return Call(
        fixture.base.rstrip("/") + fixture.path,
        fixture.method,
        tuple(fixture.headers.items()),
        fixture.body,
        fixture.status,
        fixture.answer,
        fixture.wait,
        fixture.timeout,
    )
