"""What may be said and heard at one address, from the client's side: which message a frame is, and frames to say.

Nothing is sent here; whoever talks asks what a frame is before it goes, and after it came.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from mockws.codec import Frame
from mockws.contract import Contract, Message, Route
from mockws.engine.compose import Composer, Said
from mockws.engine.reception import Reception, reception_for
from mockws.errors import UnknownName
from mockws.names import closest
from mockws.settings import Settings


@dataclass(frozen=True, slots=True)
class Judged:
    """A frame, and what the document says of it: the message that it is, or what is wrong with it, or nothing."""

    frame: Frame
    name: str = ""
    wrong: str = ""


class Phrasebook:
    """The messages of one route."""

    def __init__(self, contract: Contract, route: Route, seed: int) -> None:
        operations = tuple(replace(each, action=each.action.turned) for each in contract.operations)
        turned = replace(contract, operations=operations)  # what the mock says is what a client takes in
        self._saying = reception_for(contract, route, Settings(infer=False))
        self._hearing = reception_for(turned, route, Settings(infer=False))
        self._composer = Composer(seed)
        self._turn = 0
        self.title = ", ".join(channel.name for channel in route.channels)

    @property
    def sayable(self) -> tuple[Message, ...]:
        """Give the messages that a client may send here."""
        return _messages(self._saying)

    @property
    def hearable(self) -> tuple[Message, ...]:
        """Give the messages that may come."""
        return _messages(self._hearing)

    def said(self, frame: Frame) -> Judged:
        """Judge a frame of ours."""
        return _judged(self._saying, frame)

    def heard(self, frame: Frame) -> Judged:
        """Judge a frame of theirs."""
        return _judged(self._hearing, frame)

    def message(self, name: str) -> Message:
        """Find a message that may be sent; raises UnknownName."""
        known = self.sayable
        found = next((each for each in known if each.name == name), None)
        found = found or next((each for each in known if each.named(name)), None)
        if found is None:
            names = [each.name for each in known]
            raise UnknownName("message to send here", name, names, closest(name, names))
        return found

    def exemplary(self, name: str, part: dict[str, Any]) -> Frame:
        """Write a message: its first example, else a fake; raises UnknownName, CannotFake."""
        return self._written(self._composer.say(self.message(name), None), part)

    def faked(self, name: str, part: dict[str, Any]) -> Frame:
        """Write a message that is made up, another one each time; raises UnknownName, CannotFake."""
        self._turn += 1
        return self._written(self._composer.fake(self.message(name), None, turn=self._turn - 1), part)

    def _written(self, said: Said, part: dict[str, Any]) -> Frame:
        if part and isinstance(said.value, dict):
            said = Said(said.message, {**said.value, **part}, said.source)
        return self._composer.frame(said)


def _messages(reception: Reception) -> tuple[Message, ...]:
    return tuple(_by_name(each.message for each in reception.all).values())


def _by_name(messages: Iterable[Message]) -> dict[str, Message]:
    return {each.name: each for each in messages}


def _judged(reception: Reception, frame: Frame) -> Judged:
    """Judge a frame; nothing is said of it where the document says nothing of this direction."""
    if not reception.all:
        return Judged(frame)
    reading = reception.read(frame)
    if reading.candidate is not None:
        return Judged(frame, reading.candidate.message.name)
    return Judged(frame, wrong=reading.reason)
