"""One story carried out: requests before, a message said, one heard, requests after; and whether all came true."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from mockws.codec import encode_json
from mockws.errors import CannotEncode
from mockws.source.pointer import resolve
from mockws.specmatic.comparing import differences
from mockws.specmatic.data import BadReference, substituted
from mockws.specmatic.fitting import fit, holes_of
from mockws.specmatic.templates import constants
from mockws.verify.asking import Answered, Asked, NotAllowed, NotAnswered
from mockws.verify.cases import Call, Hearing, Saying, StoryCase
from mockws.verify.destination import Unsaid
from mockws.verify.peer import Ended, Peer, TurnedAway, meet
from mockws.verify.places import Place
from mockws.verify.results import Subject
from mockws.verify.sight import fitting, frame_of, shown, value_of
from mockws.verify.trial import NORMAL, Failed, Sight, Terms, check, listened
from mockws.verify.visits import opening_at

BETWEEN = 0.05  # seconds between two looks at an effect; they double
LONGEST = 1.0
NO_ANSWER = "there was no answer"


async def told(case: StoryCase, terms: Terms, sight: Sight) -> None:
    """Tell a story; raises Failed, Unsaid, NoServer, ServerSilent."""
    await _Telling(case, terms, sight).tell()


class _Telling:
    """One story under way."""

    def __init__(self, case: StoryCase, terms: Terms, sight: Sight) -> None:
        self.case, self.terms, self.sight = case, terms, sight
        self.names: dict[str, Any] = {}
        self.peers: dict[str, tuple[Peer, Place]] = {}  # by path

    async def tell(self) -> None:
        case = self.case
        try:
            for part in (case.heard, case.said):
                if part is not None:
                    await self._join(part.place)
            for call in case.before:
                await self._once(call)
            if case.said is not None:
                await self._say(case.said)
            if case.heard is not None:
                await self._hear(case.heard)
            for call in case.after:
                await self._until(call)
            await self._at_peace()
        finally:
            await asyncio.gather(*(peer.leave() for peer, _ in self.peers.values()))

    async def _join(self, place: Place) -> None:
        path = place.path(place.values())
        if path in self.peers:
            return
        operation = self.case.operation if self.case.operation.channel in place.channels else None
        visit = opening_at(place, self.terms.guest, operation).visit(path)
        answer = await meet(self.terms.target, visit, self.terms.for_handshakes)
        if isinstance(answer, TurnedAway):
            raise Failed(f"the handshake at {path} was refused: {answer}")
        self.peers[path] = (answer, place)

    # HTTP

    async def _once(self, call: Call) -> None:
        await asyncio.sleep(call.wait)
        problem = self._wrong(call, await self._asked(call, call.timeout))
        if problem:
            raise Failed(f"{_named(call)}: {problem}")

    async def _until(self, call: Call) -> None:
        """Ask again and again until the answer is as it was to be."""
        await asyncio.sleep(call.wait)
        clock, pause = asyncio.get_running_loop().time, BETWEEN
        until, problem = clock() + call.timeout, ""
        while (left := until - clock()) > 0:
            try:
                problem = self._wrong(call, await self._asked(call, left))
                if not problem:
                    return
            except Failed as failed:  # one that the time cut off says less than those before
                problem = problem or str(failed).removeprefix(f"{_named(call)}: ")
            await asyncio.sleep(min(pause, max(0.0, until - clock())))
            pause = min(2 * pause, LONGEST)
        raise Failed(f"{_named(call)}: within {call.timeout:g} s {problem or NO_ANSWER}")

    async def _asked(self, call: Call, seconds: float) -> Answered:
        ask = self.terms.ask
        if ask is None:
            raise Unsaid("nobody is there to make HTTP requests")
        try:
            return await ask(self._request(call), seconds)
        except NotAllowed as problem:
            raise Unsaid(str(problem)) from None
        except NotAnswered as problem:
            raise Failed(f"{_named(call)}: {problem}") from None

    def _request(self, call: Call) -> Asked:
        """Write a request, with what came so far in the place of its references."""
        texts = {name: quote(str(value), safe="") for name, value in self.names.items()}
        body = self._filled(call.body, self.names)
        written = "" if body is None else body if isinstance(body, str) else encode_json(body)
        headers = tuple((name, str(self._filled(text, self.names))) for name, text in call.headers)
        if written and not isinstance(body, str) and all(name.lower() != "content-type" for name, _ in headers):
            headers = (*headers, ("content-type", "application/json"))
        url = str(self._filled(call.url, texts))
        return Asked(url, call.method, headers, written.encode("utf-8", "replace"))

    def _filled(self, value: Any, names: Mapping[str, Any]) -> Any:
        try:
            return substituted(value, names)
        except BadReference as problem:
            raise Failed(f"{problem}: nothing came under that name") from None

    def _wrong(self, call: Call, answer: Answered) -> str:
        """Say how an answer is not as it was to be; nothing where it is."""
        line = f"{_named(call)}: {answer.status} {answer.text[:200]}".rstrip()
        if self.sight.heard[-1:] != [line]:
            self.sight.heard.append(line)
        if answer.status != call.status:
            return f"the status was to be {call.status}, and is {answer.status}: {answer.text[:200]}".rstrip(": ")
        if call.expected is None:
            return ""
        kept = dict(self.names)
        wrong = list(differences(call.expected, value_of(answer.text), kept))
        if not wrong:
            self.names.update(kept)
        return "; ".join(wrong[:3])

    # Messages

    async def _say(self, said: Saying) -> None:
        peer, _ = self.peers[said.place.path(said.place.values())]
        if peer.ended is not None:
            raise Failed(f"the connection did not last: {peer.ended}")
        try:
            frame = frame_of(said.message, self._value(said))
        except CannotEncode as problem:
            raise Unsaid(str(problem)) from None
        self.sight.said = shown(frame)
        await peer.say(frame)

    def _value(self, said: Saying) -> Any:
        """Give what is said: what came before may be in it, and what it gives a name is kept."""
        example = self.case.example
        if example is None or example.receive is None:
            return said.value
        fitted, found = fit(example, example.receive, [said.message], {**constants(example), **self.names})
        if fitted is None:
            raise Unsaid(str(found[0]))
        for pointer, wanted in holes_of(example.receive.payload).items():
            if wanted.name:
                self.names.setdefault(wanted.name, resolve(fitted.value, pointer))
        return fitted.value

    async def _hear(self, heard: Hearing) -> None:
        peer, place = self.peers[heard.place.path(heard.place.values())]
        clock, others = asyncio.get_running_loop().time, [""]
        begun = clock()
        seconds = max(self.terms.timeout, heard.timeout)
        while (left := begun + seconds - clock()) > 0:
            arrival = await peer.hear(left)
            if arrival is None:
                break
            if isinstance(arrival.what, Ended):
                raise Failed(f"{_titles(heard)} was expected, but {arrival.what}")
            problem = self._unlike(heard, place, arrival.what)
            if not problem:
                self.sight.seconds = arrival.at - begun
                return
            others.append(problem)
        besides = f"; came instead: {'; '.join(others[1:4])}" if others[1:] else ", nothing came"
        raise Failed(f"expected {_titles(heard)} at {place.name} within {seconds:g} s{besides}")

    def _unlike(self, heard: Hearing, place: Place, frame: str | bytes) -> str:
        """Say how a frame is not what was to be heard; it has to be something that may come there."""
        found = fitting(heard.messages, frame)
        if not found:
            check(frame, place, self.sight, {})
            return shown(frame)
        self.sight.heard.append(shown(frame))
        self.sight.seen.append(Subject(place.channels[0].name, self._by(place, found), found[0].name))
        if heard.wanted is None:
            return ""
        value = value_of(frame) if found[0].codec is None else found[0].decode(frame)
        kept = dict(self.names)
        wrong = list(differences(heard.wanted, value, kept))
        if not wrong:
            self.names.update(kept)
        return f"{shown(frame)}, where {'; '.join(wrong[:3])}" if wrong else ""

    def _by(self, place: Place, found: Sequence[Any]) -> str:
        return next((each.name for each in place.operations if found[0] in each.messages), "")

    async def _at_peace(self) -> None:
        for peer, place in self.peers.values():
            await listened(peer, place, self.terms.quiet, self.sight, {})
            if peer.ended is not None and peer.ended.code != NORMAL:
                raise Failed(f"all was as documented, but {peer.ended}")


def _named(call: Call) -> str:
    return f"{call.method} {call.url}"


def _titles(heard: Hearing) -> str:
    return " or ".join(message.title for message in heard.messages[:3])
