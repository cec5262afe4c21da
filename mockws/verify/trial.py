"""One test carried out: what is said, what comes back, and whether that is what the document promises."""

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from mockws.address import path_in
from mockws.codec import Frame
from mockws.contract import Message
from mockws.errors import BadPath
from mockws.expression import MISSING
from mockws.verify.asking import Ask
from mockws.verify.cases import Case, HandshakeCase, Manner, Promise, SendCase, Wanted
from mockws.verify.peer import Arrival, Ended, Peer, Target, TurnedAway, Visit, meet
from mockws.verify.places import Place
from mockws.verify.results import Result, Status, Subject
from mockws.verify.sight import fitting, frame_of, gist, is_telling, shown, value_of, wrong_with
from mockws.verify.visits import Guest, opening_at

NORMAL, CUT_OFF, INTERNAL_ERROR = 1000, 1006, 1011
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


class Unsaid(Exception):  # the same
    """It cannot be tested."""


async def tried(case: HandshakeCase | SendCase, terms: Terms, memory: Memory) -> Result:
    """Carry a test out; raises NoServer, ServerSilent."""
    sight = Sight()
    deed = _handshake(case, terms, sight) if isinstance(case, HandshakeCase) else _exchange(case, terms, memory, sight)
    return await result_of(case, deed, sight)


async def result_of(case: Case, deed: Awaitable[None], sight: Sight) -> Result:
    """Do what a test is about, and say how it ended; raises NoServer, ServerSilent."""
    begun = asyncio.get_running_loop().time()
    status, detail = Status.PASSED, ""
    try:
        await deed
    except Failed as problem:
        status, detail = Status.FAILED, str(problem)
    except Unsaid as problem:
        status, detail = Status.SKIPPED, str(problem)
    seconds = sight.seconds or asyncio.get_running_loop().time() - begun
    result = Result(case.name, case.manner.value, status, detail, case.subject, seconds, sight.said)
    return replace(result, heard=tuple(sight.heard), seen=tuple(sight.seen))


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
        hint = " (--token and --header bring credentials)" if answer.status in (401, 403) else ""
        raise Failed(f"expected to be let in, got {answer}: {answer.reason[:200]}{hint}")
    if answer.status is None or not 400 <= answer.status < 500:
        raise Failed(f"expected a refusal with HTTP 4xx or a close code, got {answer}")


async def _let_in(case: HandshakeCase, peer: Peer, terms: Terms, sight: Sight) -> None:
    if case.wanted is Wanted.LET_IN:
        if case.subprotocols and peer.subprotocol not in case.subprotocols:
            one_of = ", ".join(case.subprotocols)
            raise Failed(f"expected one of the subprotocols {one_of}, got {peer.subprotocol or 'none'}")
        await listened(peer, case.place, terms.quiet, sight)
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
    return " (--token and --header bring credentials)" if ended.code in (4401, 4403, 3000, 3003) else ""


async def listened(peer: Peer, place: Place, seconds: float, sight: Sight) -> list[Frame]:
    """Listen until it has been quiet for so long, and hold all that comes against what may be said here."""
    frames: list[Frame] = []
    limit = asyncio.get_running_loop().time() + 10 * seconds
    while asyncio.get_running_loop().time() < limit:
        arrival = await peer.hear(seconds)
        if arrival is None or isinstance(arrival.what, Ended):
            break
        frames.append(arrival.what)
        check(arrival.what, place, sight)
    return frames


def check(frame: Frame, place: Place, sight: Sight) -> tuple[Message, ...]:
    """Hold a frame against all that the server may say at a place."""
    sight.heard.append(shown(frame))
    found = fitting(place.outgoing, frame)
    if not found:
        raise Failed(f"{shown(frame)} at {place.name}: {wrong_with(frame, place.outgoing, place.contract)}")
    channel = next((each for each in place.channels if found[0] in place.contract.outgoing(each)), place.channels[0])
    by = next((each for each in place.operations if found[0] in each.messages), None)
    sight.seen.append(Subject(channel.name, by.name if by else "", found[0].name))
    return found


async def _met(place: Place, path: str, case: SendCase, terms: Terms) -> tuple[Peer, Visit]:
    operation = case.operation if place is case.place else None
    visit = opening_at(place, terms.guest, operation).visit(path)
    answer = await meet(terms.target, visit, terms.for_handshakes)
    if isinstance(answer, TurnedAway):
        raise Failed(f"the handshake at {path} was refused: {answer}")
    return answer, visit


async def _exchange(case: SendCase, terms: Terms, memory: Memory, sight: Sight) -> None:
    values = case.place.values()
    value, listening = _listening(case, values)
    peers: list[tuple[Peer, Place]] = []
    try:
        if listening is not None:
            place, path = listening
            peers.append(((await _met(place, path, case, terms))[0], place))
        sender, visit = await _met(case.place, case.place.path(values), case, terms)
        peers.append((sender, case.place))
        _drop_early(peers, sight)
        said = case.said if value is case.value else frame_of(case.message, value)
        sight.said = shown(said)
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


def _listening(case: SendCase, values: Mapping[str, str]) -> tuple[Any, tuple[Place, str] | None]:
    """Tell where the answer comes in, where that is not the sender's connection; the message may have to name it."""
    promise = case.promise
    if promise is None:
        return case.value, None
    elsewhere = (
        None if promise.place is case.place else (promise.place, promise.place.path(promise.place.values(values)))
    )
    if promise.address is None or case.manner is Manner.INVALID:
        return case.value, elsewhere
    named = promise.address.read(case.value, {})
    found = _place_named(named, promise.place) if isinstance(named, str) else None
    if found is not None:
        return case.value, found
    path = promise.place.path(promise.place.values(values))
    value = promise.address.write(case.value, path) if named is not MISSING else case.value
    if case.message.payload.accepts(value):
        return value, elsewhere
    raise Unsaid(f"the message names the address of its answer ({named!r}), and nothing of the document is there")


def _place_named(address: str, like: Place) -> tuple[Place, str] | None:
    try:
        path = path_in(address)
        found = like.contract.book.find(path)
    except BadPath:
        return None
    return (Place(like.contract, found[0], found[0].path), path) if found is not None else None


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

    async def answer(self) -> None:
        """A valid message gets what is promised for it, and is never held against its sender."""
        promise = self.case.promise
        if promise is not None:
            await self._promised(promise)
        for peer, place in self.peers:
            await listened(peer, place, self.terms.quiet, self.sight)
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
        names = " or ".join(message.title for message in promise.messages[:3])
        besides = f"; came instead: {'; '.join(self.others[:3])}" if self.others else ""
        raise Failed(f"expected {names} at {promise.place.name} within {self.terms.timeout:g} s, nothing came{besides}")

    def _judge_end(self, ended: Ended) -> None:
        names = " or ".join(message.title for message in self.case.promise.messages[:3]) if self.case.promise else ""
        raise Failed(f"the message is valid and {names} was expected, but {ended}")

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
            check(frame, place, self.sight)
            self.others.append(f"{shown(frame)} at {place.name}")
            return False
        found = fitting(promise.messages, frame)
        if not found:
            check(frame, place, self.sight)
            self.others.append(shown(frame))
            return False
        self.sight.heard.append(shown(frame))
        wrong = self._uncorrelated(found[0], frame)
        if wrong:
            self.others.append(wrong)
            return False
        self.sight.seen.append(Subject(place.channels[0].name, "", found[0].name))
        if found[0] not in place.unasked:
            self.memory.said.setdefault(gist(frame), self.case.name)
        return True

    def _uncorrelated(self, reply: Message, frame: Frame) -> str:
        """Say how an answer does not refer to its request; where the document has no correlation, it always does."""
        asked, answered = self.case.message.correlation, reply.correlation
        if asked is None or answered is None:
            return ""
        wanted = asked.read(self.value, self.headers)
        value = value_of(frame) if reply.codec is None else reply.decode(frame)
        if wanted is MISSING or not reply.payload.accepts(answered.write(value, wanted)):
            return ""
        found = answered.read(value, {})
        if found == wanted and isinstance(found, bool) == isinstance(wanted, bool):
            return ""
        return f"{shown(frame)}, whose correlation id is {found!r} and not {wanted!r}"

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
        self.sight.heard.append(shown(frame))
        if gist(frame) == gist(self.case.said):
            raise Failed(f"the message is invalid, but was passed on at {place.name}")
        promise = self.case.promise
        if promise is None or place is not promise.place:
            return
        found = fitting(promise.messages, frame)
        errors = fitting([message for message in place.outgoing if message.is_error], frame)
        if found and is_telling(found[0]) and not found[0].is_error and not errors:
            raise Failed(f"the message is invalid, but was answered as if it were valid: {shown(frame)}")

    async def _survived(self, ended: Ended) -> None:
        self.sight.heard.append(str(ended))
        if ended.code not in (CUT_OFF, INTERNAL_ERROR):
            return
        raise Failed(f"the message is invalid, but should be refused in good order: {ended}")
