"""An example as expectations of the mock: in the grammar of stub files, so that they are matched and journalled alike.

What a service receives sets off what it sends; requests that come before set it off as well, or are only answered;
requests that come after are answered once the message has come.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mockws.address import Address
from mockws.codec import Kind
from mockws.contract import Channel, Contract, Message
from mockws.diagnostic import Diagnostic, Severity
from mockws.errors import UnknownName
from mockws.specmatic.example import Example, Fixture, Said
from mockws.specmatic.fitting import Fitted, fit
from mockws.specmatic.requests import carried, request_of, response_of
from mockws.specmatic.templates import captured, constants, written
from mockws.specmatic.values import is_plain, schema_of

PRIORITY = 1000  # below whatever a user's own stub files say, unless they say otherwise
WITH_HOLES, OTHERWISE = 1, 2  # less is known of what is meant: added to the priority
COME = "come"


@dataclass(frozen=True)
class Draft:
    """An expectation as it would stand in a stub file, and the place of the example that it is made of."""

    stub: Mapping[str, Any]
    pointer: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A message of an example, and where it is exchanged."""

    said: Said
    channel: Channel
    fitted: Fitted


@dataclass
class Translation:
    """What one example comes to."""

    example: Example
    identity: str
    contract: Contract
    drafts: list[Draft] = field(default_factory=list)
    found: list[Diagnostic] = field(default_factory=list)

    @classmethod
    def of(cls, example: Example, identity: str, contract: Contract) -> "Translation":
        """Translate an example; what is wrong with it is found on the way, and then there are no drafts."""
        made = cls(example, identity, contract)
        made._translate()
        if any(each.severity is Severity.ERROR for each in made.found):
            made.drafts.clear()
        return made

    def _translate(self) -> None:
        heard, said = self.example.receive, self.example.send
        known = constants(self.example)
        if self.contract.perspective == "client":  # the mock is the other side: what it says is what is received
            self._spoken(self._shown(heard, known, heard=False))
            self._shown(said, known, heard=True)
            return
        received, sent = self._shown(heard, known, heard=True), self._shown(said, known, heard=False)
        if received is not None:
            self._answered(received, sent)
        elif heard is None:
            self._spoken(sent)
        self._answer_all(self.example.before if received else self.example.before[:-1], "before", None)
        if received is not None:
            self._answer_all(self.example.after, "after", COME)

    def _shown(self, said: Said | None, known: Mapping[str, Any], *, heard: bool) -> Shown | None:
        """Find the channel and the message of one part of the example, and say what is wrong with it."""
        if said is None:
            return None
        try:
            channel = self.contract.channel(said.topic)
        except UnknownName as problem:
            advice = _advice_on(self.contract, said.topic, problem.suggestion)
            self._error("specmatic-channel", f"no channel is at {said.topic!r}", f"{said.pointer}/topic", advice)
            return None
        messages = _messages(self.contract, channel, heard=heard)
        if not messages:
            told = f"{said.topic!r} is no channel on which a message is {'received' if heard else 'sent'}"
            self._error("specmatic-channel", told, f"{said.pointer}/topic", "`mockws routes` tells the directions")
            return None
        fitted, found = fit(self.example, said, messages, known)
        self.found += found
        return Shown(said, channel, fitted) if fitted is not None else None

    def _error(self, code: str, message: str, pointer: str, advice: str) -> None:
        self.found.append(self.example.told(Severity.ERROR, code, message, pointer, advice))

    def _answered(self, received: Shown, sent: Shown | None) -> None:
        """A message that is the example's is answered with what the example sends."""
        if sent is None and self.example.send is not None:
            return
        if sent is None and not self.example.after:
            return
        if sent is None and _promises(self.contract, received):
            told = "after is left out: the document promises an answer, and the example has none (send)"
            self.found.append(self.example.told(Severity.WARNING, "specmatic-left-out", told, "/after"))
            return
        names = captured(received.said.payload, "message.json")
        actions = [*self._delay(), self._saying(sent, names, received)] if sent else []
        trigger = {"channel": received.channel.name, "message": {"body": _body(received)}}
        holes = 0 if is_plain(received.said.payload) else WITH_HOLES
        scenario = {"scenario": self._scenario("newState")} if self.example.after else {}
        self._draft("", received.said.pointer, PRIORITY + holes, trigger, actions, **scenario)

    def _spoken(self, sent: Shown | None) -> None:
        """What answers no message is said when the last request before it comes, or when somebody wants it."""
        if sent is None:
            return
        named = {"type": "named", "name": self.example.name, "channel": sent.channel.name}
        self._draft("#send", sent.said.pointer, PRIORITY, named, [*self._delay(), self._saying(sent, {}, None)])
        fixture = self.example.before[-1] if self.example.before else None
        if fixture is None:
            return
        names = captured(fixture.body, "request.json")
        for place, body in enumerate([fixture.body, None] if fixture.body is not None else [None]):
            trigger = {"type": "http", "channel": sent.channel.name, **request_of(fixture, body)}
            trigger["response"] = response_of(fixture, self.example)
            saying = self._saying(sent, names, None, carried(fixture, sent.fitted.value) if body is None else {})
            mark = "#before" if place == 0 else "#before-otherwise"
            self._draft(mark, fixture.pointer, PRIORITY + OTHERWISE * place, trigger, [*self._delay(), saying])

    def _answer_all(self, fixtures: Sequence[Fixture], kind: str, state: str | None) -> None:
        """Answer requests that lead to nothing; those that come after only once the message has come."""
        scenario = {"scenario": self._scenario("requiredState")} if state else {}
        if state and not any(draft.stub.get("scenario") for draft in self.drafts):
            return
        for place, fixture in enumerate(fixtures):
            trigger = {"type": "http", **request_of(fixture, None), "response": response_of(fixture, self.example)}
            self._draft(f"#{kind}{place + 1}", fixture.pointer, PRIORITY + OTHERWISE, trigger, [], **scenario)

    def _scenario(self, key: str) -> Mapping[str, str]:
        return {"name": self.identity, key: COME, "scope": "global"}

    def _delay(self) -> list[Mapping[str, Any]]:
        return [{"delay": round(self.example.delay * 1000)}] if self.example.delay else []

    def _saying(
        self, sent: Shown, names: Mapping[str, str], asked: Shown | None, more: Mapping[str, str] | None = None
    ) -> Mapping[str, Any]:
        value = written(sent.said.payload, sent.fitted, names)
        if more and isinstance(value, dict):
            value = {**value, **more}
        plain = isinstance(value, str) and sent.fitted.message.kind in (Kind.TEXT, Kind.LOOSE)
        payload = {"text" if plain else "json": value}
        if asked is not None and asked.channel is sent.channel:
            return {"reply": payload}
        return {"send": {"to": {"channel": sent.channel.name}, **payload}}

    def _draft(
        self, mark: str, pointer: str, priority: int, trigger: Mapping[str, Any], actions: Sequence[Any], **more: Any
    ) -> None:
        times = {} if self.example.times is None or mark else {"times": self.example.times}
        stub = {"id": f"{self.identity}{mark}", "name": self.example.name, "priority": priority}
        self.drafts.append(Draft({**stub, "trigger": trigger, "actions": list(actions), **times, **more}, pointer))


def _advice_on(contract: Contract, topic: str, suggestion: str) -> str:
    """Say which channel was meant: also where its parameters have values, as they have in a path."""
    addresses = [Address(each.address.strip("/")) for each in contract.channels if each.address]
    meant = [str(each) for each in addresses if each.parameters and each.match(topic.strip("/")) is not None]
    if meant:
        return f"write the address as the document has it: {meant[0]}"
    return f"did you mean {suggestion}?" if suggestion else "`mockws routes` lists the channels"


def _messages(contract: Contract, channel: Channel, *, heard: bool) -> Sequence[Message]:
    return [message for message, _ in contract.incoming(channel)] if heard else contract.outgoing(channel)


def _promises(contract: Contract, received: Shown) -> bool:
    """Tell whether the document has an answer to a message: an expectation would go before it."""
    message = received.fitted.message
    there = ((each, by) for each, by in contract.incoming(received.channel) if each.name == message.name)
    return message.response is not None or any(by.reply is not None for _, by in there)


def _body(received: Shown) -> Mapping[str, Any]:
    payload = received.said.payload
    if isinstance(payload, str) and is_plain(payload) and received.fitted.message.kind is Kind.TEXT:
        return {"equalTo": payload}
    return {"equalToJson": payload} if is_plain(payload) else {"matchesJsonSchema": schema_of(payload)}


def pointers(draft: Draft, pointer: str) -> Iterator[str]:
    """Tell where in the example a place of its draft comes from: its payload, else its part."""
    for mark in ("/json", "/text"):
        before, found, rest = pointer.partition(mark)
        if found and "/actions/" in before:
            yield f"/send/payload{rest}"
    yield draft.pointer
