"""One test carried out: what is said, what comes back, and whether that is what the document promises."""

import asyncio
import time
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from mockws.codec import Frame
from mockws.contract import Action, Channel, Message
from mockws.exercise import Mark, enum_marks, reply_mark
from mockws.expression import MISSING
from mockws.schema.parts import pointer
from mockws.verify.asking import Ask
from mockws.verify.cases import Case, HandshakeCase, Manner, Promise, SendCase, Wanted
from mockws.verify.destination import Unsaid, listening
from mockws.verify.peer import Arrival, Ended, Peer, Target, TurnedAway, Visit, meet
from mockws.verify.places import Place
from mockws.verify.results import Result, Status, Subject
from mockws.verify.sight import fitting, frame_of, gist, is_telling, meaning_of, shown, wrong_with
from mockws.verify.visits import Guest, opening_at

NORMAL, CUT_OFF, INTERNAL_ERROR = 1000, 1006, 1011
WELCOME, CROWDED = " (--token and --header bring credentials)", " (--parallel 1 asks for less at a time)"
HINTS = {
    **dict.fromkeys((401, 403, 3000, 3003, 4401, 4403), WELCOME),
    **dict.fromkeys((429, 503, 1013), CROWDED),
}  # HTTP status, or close code
MADE_UP = (Manner.FAKE, Manner.BOUNDARY)
REFUSALS = (1002, 1003, 1007, 1008)  # besides 3000 to 4999, with which servers say that somebody is not welcome


@dataclass(frozen=True)
class Terms:
    """How long is waited, and as whom."""

    target: Target
    guest: Guest
    timeout: float = 2.0  # seconds for an answer, and for a handshake unless that may take longer
    quiet: float = 0.1  # seconds without a word: nothing more comes
    patience: float | None = None  # seconds for a handshake
    ask: Ask | None = None  # makes HTTP requests

    @property
    def for_handshakes(self) -> float:
        return self.timeout if self.patience is None else self.patience


@dataclass
class Memory:
    """What tests leave for others: how long answers take, and what was said in the rooms that are tested."""

    slowest: dict[str, float] = field(default_factory=dict)  # operation -> seconds
    said: dict[Frame, str] = field(
        default_factory=dict
    )  # gist of a frame -> the test that said it, or was answered with it

    def remember(self, case: SendCase, seconds: float) -> None:
        name = case.operation.name
        self.slowest[name] = max(self.slowest.get(name, 0.0), seconds)


@dataclass
class Sight:
    """What one test sees."""

    said: str = ""
    heard: list[str] = field(default_factory=list)
    seen: list[Subject] = field(default_factory=list)
    seconds: float = 0.0


class Failed(Exception):  # it ends a test, and never leaves this file
    """It is not as the document promises."""


def _names(promise: Promise) -> str:
    return " or ".join(message.title for message in promise.messages[:3])


async def tried(case: HandshakeCase | SendCase, terms: Terms, memory: Memory) -> Result:
    """Carry a test out; raises NoServer, ServerSilent."""
    sight = Sight()
    deed = _handshake(case, terms, sight) if isinstance(case, HandshakeCase) else _exchange(case, terms, memory, sight)
    return await result_of(case, deed, sight)


async def result_of(case: Case, deed: Awaitable[None], sight: Sight) -> Result:
    """Do what a test is about, and say how it ended; raises NoServer, ServerSilent."""
    begun, at = asyncio.get_running_loop().time(), time.time()
    status, detail = Status.PASSED, ""
    try:
        await deed
    except Failed as problem:
        status, detail = Status.FAILED, str(problem)
    except Unsaid as problem:
        status, detail = Status.SKIPPED, str(problem)
    seconds = sight.seconds or asyncio.get_running_loop().time() - begun
    result = Result(case.name, case.manner.value, status, detail, case.subject, seconds, sight.said)
    return replace(result, heard=tuple(sight.heard), seen=tuple(sight.seen), at=at)


async def _handshake(case: HandshakeCase, terms: Terms, sight: Sight) -> None:
    answer = await meet(terms.target, case.visit, terms.for_handshakes)
    if isinstance(answer, TurnedAway):
        sight.heard.append(str(answer))
        _judge_refusal(case, answer)
        return
    try:
        await _let_in(case, answer, terms, sight)
    finally:
        await answer.leave()


def _judge_refusal(case: HandshakeCase, answer: TurnedAway) -> None:
    if case.wanted is Wanted.LET_IN:
        hint = HINTS.get(answer.status or 0, "")
        raise Failed(f"expected to be let in, got {answer}: {answer.reason[:200]}{hint}")
    if answer.status is None or not 400 <= answer.status < 500:
        raise Failed(f"expected a refusal with HTTP 4xx or a close code, got {answer}")


async def _let_in(case: HandshakeCase, peer: Peer, terms: Terms, sight: Sight) -> None:
    if case.wanted is Wanted.LET_IN:
        if case.subprotocols and peer.subprotocol not in case.subprotocols:
            one_of = ", ".join(case.subprotocols)
            raise Failed(f"expected one of the subprotocols {one_of}, got {peer.subprotocol or 'none'}")
        await listened(peer, case.place, terms.quiet, sight, {})
        if peer.ended is not None and peer.ended.code != NORMAL:
            raise Failed(f"expected to be let in, but {peer.ended}{_hint(peer.ended)}")
        return
    until = asyncio.get_running_loop().time() + terms.timeout
    while peer.ended is None and (left := until - asyncio.get_running_loop().time()) > 0:
        arrival = await peer.hear(left)
        if arrival is not None and not isinstance(arrival.what, Ended):
            sight.heard.append(shown(arrival.what))
    if peer.ended is None:
        raise Failed(f"expected to be turned away, but was let in ({terms.timeout:g} s later still connected)")
    sight.heard.append(str(peer.ended))
    if peer.ended.code not in REFUSALS and not 3000 <= peer.ended.code < 5000:
        raise Failed(f"expected a refusal with 1008, or a code from 3000 on, but {peer.ended}")


def _hint(ended: Ended) -> str:
    return HINTS.get(ended.code, "")


async def listened(peer: Peer, place: Place, seconds: float, sight: Sight, said: Mapping[Frame, str]) -> list[Frame]:
    """Listen until it has been quiet for so long, and hold all that comes against what may be said here."""
    frames: list[Frame] = []
    limit = asyncio.get_running_loop().time() + 10 * seconds
    while asyncio.get_running_loop().time() < limit:
        arrival = await peer.hear(seconds)
        if arrival is None or isinstance(arrival.what, Ended):
            break
        frames.append(arrival.what)
        check(arrival.what, place, sight, said)
    return frames


def check(frame: Frame, place: Place, sight: Sight, said: Mapping[Frame, str]) -> tuple[Message, ...]:
    """Hold a frame against all that the server may say at a place; `said` is what tests have said, and which."""
    sight.heard.append(shown(frame, place.outgoing))
    found = fitting(place.outgoing, frame)
    if not found:
        by = said.get(gist(frame))
        passed_on = f"; it was said by the test {by!r}, and passed on as it was" if by else ""
        raise Failed(f"{wrong_with(frame, place.outgoing, place.contract)} (heard at {place.name}{passed_on})")
    channel = _channel_with(found[0], place)
    sending = (each for each in place.operations if each.action is Action.SEND)
    name = next((each.name for each in sending if found[0] in each.messages), "")
    sight.seen.append(_subject(channel, name, found[0], frame))
    return found


def _subject(channel: Channel, operation: str, message: Message, frame: Frame, *more: Mark) -> Subject:
    """Tell what of the document a frame of the server's exercises."""
    value = meaning_of(message, frame)
    return Subject(channel.name, operation, message.name, more=(*enum_marks(channel, message, value), *more))


def _channel_with(message: Message, place: Place) -> Channel:
    return next((each for each in place.channels if message in place.contract.outgoing(each)), place.channels[0])


async def _met(place: Place, path: str, case: SendCase, terms: Terms) -> tuple[Peer, Visit]:
    operation = case.operation if place is case.place else None
    visit = opening_at(place, terms.guest, operation).visit(path)
    answer = await meet(terms.target, visit, terms.for_handshakes)
    if isinstance(answer, TurnedAway):
        raise Failed(f"the handshake at {path} was refused: {answer}")
    return answer, visit


async def _exchange(case: SendCase, terms: Terms, memory: Memory, sight: Sight) -> None:
    values = case.place.values()
    value, elsewhere = listening(case, values)
    peers: list[tuple[Peer, Place]] = []
    try:
        if elsewhere is not None:
            place, path = elsewhere
            peers.append(((await _met(place, path, case, terms))[0], place))
        sender, visit = await _met(case.place, case.place.path(values), case, terms)
        peers.append((sender, case.place))
        _drop_early(peers, sight)
        said = case.said if value is case.value else frame_of(case.message, value)
        sight.said = shown(said, (case.message,))
        memory.said.setdefault(gist(said), case.name)
        await sender.say(said)
        conversation = Conversation(case, terms, memory, sight, peers, value, dict(visit.headers))
        await (conversation.insult() if case.manner is Manner.INVALID else conversation.answer())
    finally:
        await asyncio.gather(*(peer.leave() for peer, _ in peers))


def _drop_early(peers: Sequence[tuple[Peer, Place]], sight: Sight) -> None:
    """What a server says on open comes before the test begins: it is checked by the test of the handshake."""
    for peer, _ in peers:
        if peer.ended is not None:
            raise Failed(f"the connection did not last: {peer.ended}{_hint(peer.ended)}")
    sight.seen.clear()


@dataclass
class Conversation:
    """What follows a message: an answer, or none."""

    case: SendCase
    terms: Terms
    memory: Memory
    sight: Sight
    peers: Sequence[tuple[Peer, Place]]
    value: Any
    headers: Mapping[str, str]
    others: list[str] = field(default_factory=list)  # what came instead of the answer
    nearly: str = ""  # an answer, but to something else

    async def answer(self) -> None:
        """A valid message gets what is promised for it, and is never held against its sender."""
        promise = self.case.promise
        if promise is not None:
            await self._promised(promise)
        for peer, place in self.peers:
            await listened(peer, place, self.terms.quiet, self.sight, self.memory.said)
            if peer.ended is not None and peer.ended.code != NORMAL:
                raise Failed(f"the message is valid, but {peer.ended}")

    async def _promised(self, promise: Promise) -> None:
        clock = asyncio.get_running_loop().time
        begun = clock()
        while (left := begun + self.terms.timeout - clock()) > 0:
            arrival = await self._next(left)
            if arrival is None:
                continue
            if isinstance(arrival[0].what, Ended):
                self._judge_end(arrival[0].what)
            elif self._answers(promise, arrival[0].what, arrival[1]):
                self.sight.seconds = arrival[0].at - begun
                self.memory.remember(self.case, arrival[0].at - begun)
                return
        raise Failed(f"expected {_names(promise)} at {promise.place.name}, {self._instead()}")

    def _instead(self) -> str:
        """Say what came in place of an answer."""
        if self.nearly:
            return f"but {self.nearly}"
        within, longer = f"within {self.terms.timeout:g} s", "(--timeout gives it longer)"
        others = list(dict.fromkeys(self.others))
        if not others:
            return f"nothing came {within} {longer}"
        rest = f" and {len(others) - 3} more" if others[3:] else ""
        return f"it did not come {within} {longer}; instead came {'; '.join(others[:3])}{rest}"

    def _judge_end(self, ended: Ended) -> None:
        names = f" and {_names(self.case.promise)} was expected" if self.case.promise else ""
        raise Failed(f"the message is valid{names}, but {ended}{_hint(ended)}")

    async def _next(self, patience: float) -> tuple[Arrival, Place] | None:
        """Give what comes first at any of the connections."""
        for peer, place in self.peers:
            arrival = await peer.hear(0)
            if arrival is not None:
                return arrival, place
        waits = {asyncio.ensure_future(peer.stirred()) for peer, _ in self.peers}
        _, pending = await asyncio.wait(waits, timeout=patience, return_when=asyncio.FIRST_COMPLETED)
        for each in pending:
            each.cancel()
        return None

    def _answers(self, promise: Promise, frame: Frame, place: Place) -> bool:
        """Tell whether a frame is the answer; anything else has to be something that may come here."""
        if place is not promise.place and promise.address is None:
            check(frame, place, self.sight, self.memory.said)
            self.others.append(f"{shown(frame, place.outgoing)} at {place.name}")
            return False
        found = fitting(promise.messages, frame)
        if not found:
            return self._refuses(check(frame, place, self.sight, self.memory.said), frame)
        self.sight.heard.append(shown(frame, found))
        wrong = self._uncorrelated(found[0], frame)
        if wrong:
            self.nearly = self.nearly or wrong
            return False
        operation, channel = self.case.operation, _channel_with(found[0], place)
        pair = reply_mark(operation, self.case.message, found[0])
        self.sight.seen.append(_subject(channel, "", found[0], frame, pair))
        if found[0] not in place.unasked:
            self.memory.said.setdefault(gist(frame), self.case.name)
        return True

    def _refuses(self, found: Sequence[Message], frame: Frame) -> bool:
        """What is made up need not be there: a server may say so, where its document has an error for that."""
        errors = [each for each in found if each.is_error]
        if self.case.manner in MADE_UP and errors and not self._uncorrelated(errors[0], frame):
            return True
        self.others.append(shown(frame, found))
        return False

    def _uncorrelated(self, reply: Message, frame: Frame) -> str:
        """Say how an answer does not refer to its request; where the document has no correlation, it always does."""
        asked, answered = self.case.message.correlation, reply.correlation
        if asked is None or answered is None:
            return ""
        wanted = asked.read(self.value, self.headers)
        value = meaning_of(reply, frame)
        if wanted is MISSING or not reply.payload.accepts(answered.write(value, wanted)):
            return ""
        found = answered.read(value, {})
        if found == wanted and isinstance(found, bool) == isinstance(wanted, bool):
            return ""
        place = pointer(answered.tokens)
        own = "is missing" if found is MISSING else f"is {found!r}"
        return f"the correlation id of what came, {place}, {own} and not {wanted!r}: {shown(frame, (reply,))}"

    async def insult(self) -> None:
        """An invalid message is refused or ignored: it is not answered as if it were valid, and nobody dies of it."""
        seen = self.memory.slowest.get(self.case.operation.name, 0.0)
        until = asyncio.get_running_loop().time() + min(max(self.terms.quiet, 3 * seen), self.terms.timeout)
        while (left := until - asyncio.get_running_loop().time()) > 0:
            arrival = await self._next(left)
            if arrival is None:
                continue
            if isinstance(arrival[0].what, Ended):
                await self._survived(arrival[0].what)
                return
            self._judge_frame(arrival[0].what, arrival[1])

    def _judge_frame(self, frame: Frame, place: Place) -> None:
        self.sight.heard.append(shown(frame, place.outgoing))
        if gist(frame) == gist(self.case.said):
            raise Failed(f"the message is invalid, but was passed on at {place.name}")
        promise = self.case.promise
        if promise is None or place is not promise.place:
            return
        found = fitting(promise.messages, frame)
        errors = fitting([message for message in place.outgoing if message.is_error], frame)
        if found and is_telling(found[0]) and not found[0].is_error and not errors:
            raise Failed(f"the message is invalid, but was answered as if it were valid: {shown(frame, found)}")

    async def _survived(self, ended: Ended) -> None:
        self.sight.heard.append(str(ended))
        if ended.code not in (CUT_OFF, INTERNAL_ERROR):
            return
        raise Failed(
            f"the server failed on an invalid message, which it should refuse by a code or an error message: {ended}"
        )
