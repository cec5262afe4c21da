"""Clients that only listen, one at each place and one in another room: what they hear must belong where they are."""

import asyncio
import time
from collections.abc import Iterable
from dataclasses import dataclass, field

from mockws.contract import Action
from mockws.verify.cases import Manner, Suite
from mockws.verify.peer import Ended, Peer, meet
from mockws.verify.places import Place
from mockws.verify.results import Result, Status, Subject
from mockws.verify.sight import gist, shown
from mockws.verify.trial import Failed, Memory, Sight, Terms, check
from mockws.verify.visits import opening_at

MOST = 16  # places that are listened at


@dataclass
class Watcher:
    """One client that listens."""

    place: Place
    peer: Peer
    elsewhere: bool  # in a room where nobody says anything

    @property
    def name(self) -> str:
        return f"routing {self.place.name}{' in another room' if self.elsewhere else ''}"


@dataclass
class Watchers:
    """All that listen while a suite is carried out."""

    suite: Suite
    terms: Terms
    _there: list[Watcher] = field(default_factory=list)

    async def begin(self) -> None:
        """Connect; where that is refused, the tests of the handshake tell why. Raises NoServer, ServerSilent."""
        for place in self.suite.places[:MOST]:
            other = place.elsewhere()
            await self._join(place, place.path(place.values()), elsewhere=False)
            if other is not None:
                await self._join(place, place.path(other), elsewhere=True)

    async def _join(self, place: Place, path: str, *, elsewhere: bool) -> None:
        answer = await meet(
            self.terms.target, opening_at(place, self.terms.guest).visit(path), self.terms.for_handshakes
        )
        if isinstance(answer, Peer):
            self._there.append(Watcher(place, answer, elsewhere))

    async def end(self, memory: Memory, others: Iterable[Result]) -> list[Result]:
        """Say what was heard, and leave; what others heard meanwhile counts as said, too."""
        await asyncio.sleep(self.terms.quiet)
        results = [await self._told(watcher, memory) for watcher in self._there]
        await asyncio.gather(*(watcher.peer.leave() for watcher in self._there))
        return results + self._unseen((*others, *results))

    async def _told(self, watcher: Watcher, memory: Memory) -> Result:
        sight = Sight()
        status, detail = Status.PASSED, ""
        try:
            await _judge(watcher, memory, sight)
        except Failed as problem:
            status, detail = Status.FAILED, str(problem)
        subject = Subject(watcher.place.channels[0].name)
        at = time.time()
        seen, heard = tuple(dict.fromkeys(sight.seen)), tuple(sight.heard[-5:])
        return Result(watcher.name, Manner.ROUTING.value, status, detail, subject, heard=heard, seen=seen, at=at)

    def _unseen(self, results: Iterable[Result]) -> list[Result]:
        """Name what the server may say of its own accord, and did not: that is no failure."""
        seen = {subject.operation for each in results for subject in each.seen}
        listened = {channel.name for watcher in self._there for channel in watcher.place.channels}
        unseen = [
            each
            for each in self.suite.contract.operations
            if each.action is Action.SEND and each.name not in seen and each.channel.name in listened
        ]
        return [
            Result(f"{each.name} observed", Manner.ROUTING.value, Status.SKIPPED, "the server did not say it meanwhile")
            for each in unseen
        ]


async def _judge(watcher: Watcher, memory: Memory, sight: Sight) -> None:
    while (arrival := await watcher.peer.hear(0)) is not None:
        if isinstance(arrival.what, Ended):
            return
        by = memory.said.get(gist(arrival.what)) if watcher.elsewhere else None
        if by is not None:
            raise Failed(
                f"{shown(arrival.what, watcher.place.outgoing)} belongs to another room (from the test {by!r})"
            )
        check(arrival.what, watcher.place, sight, memory.said)
