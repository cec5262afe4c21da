"""Plays a scenario: each step is done or awaited, in its order, and the first that is not as it was to be ends it."""

import asyncio
import base64
import math
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, cast
from urllib.parse import urlencode

import msgspec
from msgspec import UNSET

from mockws.codec import Frame, encode_json
from mockws.contract import Contract, Message
from mockws.errors import CannotFake, NoServer, ServerSilent
from mockws.expect.matchers import Subject as Body
from mockws.expect.matchers import compile_matching
from mockws.expect.selection import MessageMatcher, compile_message
from mockws.units import seconds_of
from mockws.verify import scenario as steps
from mockws.verify.peer import Arrival, Ended, Peer, Target, TurnedAway, Visit, meet
from mockws.verify.reading import blocks_of, kind_of, wire
from mockws.verify.results import Result, Run, Status
from mockws.verify.scenario import Scenario, Step
from mockws.verify.sight import fitting, frame_of, shown

INDEX = "{{ index }}"
Progress = Callable[[Result], None]
Locate = Callable[[str], str]  # pointer -> where it stands in the file


class Wrong(Exception):  # it ends a scenario, and never leaves this file
    """A step is not as it was to be."""


@dataclass
class Client:
    """One client, and how it came in."""

    peer: Peer
    visit: Visit


@dataclass
class Branch:
    """Steps that are played one after the other, and the clients that they see."""

    clients: dict[str, Client] = field(default_factory=dict)
    said_at: float = 0.0  # when something was last said
    whose: str = ""  # which of many this is


@dataclass
class Player:
    """One scenario, played once."""

    scenario: Scenario
    contract: Contract | None
    target: Target
    locate: Locate
    token: str | None = None
    seed: int = 0
    progress: Progress = lambda _: None
    results: list[Result] = field(default_factory=list)
    samples: dict[str, list[float]] = field(default_factory=dict)
    _met: list[Peer] = field(default_factory=list)
    _turn: int = 0

    async def play(self) -> Run:
        """Play all steps; raises NoServer, ServerSilent."""
        begun = asyncio.get_running_loop().time()
        try:
            await self._block(self.scenario.steps, "/steps", Branch())
        finally:
            await asyncio.gather(*(peer.leave() for peer in self._met))
        seconds = asyncio.get_running_loop().time() - begun
        name = self.scenario.name or "scenario"
        return Run(name, self.target.origin, self.seed, tuple(self.results), seconds=seconds)

    async def _block(self, block: Sequence[Step], pointer: str, branch: Branch) -> bool:
        """Play steps in turn; tell whether all went well."""
        went_well = True
        for place, step in enumerate(block):
            at = f"{pointer}/{place}"
            if went_well:
                went_well = await self._step(step, at, branch)
            else:
                self._note(step, at, branch, Status.SKIPPED, "an earlier step failed", 0.0)
        return went_well

    async def _step(self, step: Step, at: str, branch: Branch) -> bool:
        kind, clock = kind_of(step), asyncio.get_running_loop().time
        begun = clock()
        try:
            if step.parallel is not UNSET or step.repeat is not UNSET:
                return await self._together(step, at, branch)
            await cast("Awaitable[None]", DEEDS[kind](self, getattr(step, kind), branch))
        except Wrong as problem:
            self._note(step, at, branch, Status.FAILED, str(problem), clock() - begun)
            return False
        self._note(step, at, branch, Status.PASSED, "", clock() - begun)
        return True

    def _note(self, step: Step, at: str, branch: Branch, status: Status, detail: str, seconds: float) -> None:
        kind = kind_of(step)
        deed = getattr(step, kind)
        about = " ".join(filter(None, (getattr(deed, "client", ""), _about(deed))))
        name = f"{self.locate(at)} {wire(kind)} {about}".strip() + branch.whose
        result = Result(name, wire(kind), status, detail, seconds=seconds)
        self.results.append(result)
        self.progress(result)

    async def _together(self, step: Step, at: str, branch: Branch) -> bool:
        """Play blocks side by side; clients of a `parallel` are there afterwards, those of a `repeat` are its own."""
        if isinstance(step.repeat, steps.Repeating):
            copies = [_numbered(step.repeat.steps, number) for number in range(1, step.repeat.clients + 1)]
            total = step.repeat.clients
            labels = (f"{branch.whose} ({number} of {total})" for number in range(1, total + 1))
            own = [Branch(dict(branch.clients), branch.said_at, label) for label in labels]
            played = (self._block(each, f"{at}/repeat/steps", one) for each, one in zip(copies, own, strict=True))
            return all(await asyncio.gather(*played))
        blocks = list(blocks_of(step))
        own = [Branch(dict(branch.clients), branch.said_at, branch.whose) for _ in blocks]
        played = (self._block(each, at + inner, one) for (inner, each), one in zip(blocks, own, strict=True))
        went_well = all(await asyncio.gather(*played))
        for each in own:
            branch.clients |= each.clients
        return went_well

    # Deeds

    async def _connect(self, deed: steps.Connecting, branch: Branch) -> None:
        query = f"?{urlencode(deed.query)}" if deed.query else ""
        token = self.token if deed.token is UNSET else deed.token
        headers = dict(deed.headers)
        if token and not any(name.lower() == "authorization" for name in headers):
            headers["Authorization"] = f"Bearer {token}"
        path = self.target.base + deed.address + query
        visit = Visit(path, tuple(headers.items()), tuple(deed.subprotocols))
        answer = await meet(self.target, visit, _seconds(deed.within))
        if isinstance(answer, TurnedAway):
            if deed.refused is UNSET or answer.status != deed.refused:
                wanted = "a connection" if deed.refused is UNSET else f"HTTP {deed.refused}"
                raise Wrong(f"expected {wanted}, got {answer}: {answer.reason[:200]}")
            return
        self._met.append(answer)
        branch.clients[deed.client] = Client(answer, visit)
        if deed.refused is not UNSET:
            raise Wrong(f"expected HTTP {deed.refused}, got a connection")
        if deed.subprotocol is not UNSET and answer.subprotocol != deed.subprotocol:
            raise Wrong(f"expected the subprotocol {deed.subprotocol}, got {answer.subprotocol or 'none'}")

    async def _send(self, deed: steps.Saying, branch: Branch) -> None:
        peer = _client(deed.client, branch).peer
        if peer.ended is not None:
            raise Wrong(f"{deed.client} cannot say anything: {peer.ended}")
        frame = self._frame(deed)
        branch.said_at = asyncio.get_running_loop().time()
        for _ in range(deed.times):
            await peer.say(frame)

    def _frame(self, deed: steps.Saying) -> Frame:
        if isinstance(deed.text, str):
            return deed.text
        if isinstance(deed.base64, str):
            return base64.b64decode(deed.base64)
        if isinstance(deed.message, str):
            return self._of_document(deed)
        return encode_json(deed.json)

    def _of_document(self, deed: steps.Saying) -> Frame:
        """Write a message of the document: an example or a fake, with what is merged over it."""
        assert self.contract is not None, "names are looked up before"
        message = self.contract.message(str(deed.message))
        value = self._value(message, deed)
        if deed.with_ and isinstance(value, dict):
            value = {**value, **deed.with_}
        broken = message.payload.violations(value) if deed.validate else ()
        if broken:
            raise Wrong(f"what is to be said breaks the document: {broken[0]} (validate: false says it all the same)")
        return frame_of(message, value)

    def _value(self, message: Message, deed: steps.Saying) -> Any:
        if deed.example is not UNSET:
            named = [each for each in message.examples if each.name == deed.example]
            if not named:
                raise Wrong(f"{message.title} has no example {deed.example!r}")
            return named[0].payload
        if message.valid_examples and not deed.generate:
            return message.valid_examples[0].payload
        self._turn += 1
        try:
            return message.payload.fake(f"{self.seed}|play|{message.name}|{self._turn}")
        except CannotFake as problem:
            raise Wrong(str(problem)) from None

    async def _expect(self, deed: steps.Hearing, branch: Branch) -> None:
        client = _client(deed.client, branch)
        matcher = compile_message(deed.message, "")
        assert matcher is not None
        clock = asyncio.get_running_loop().time
        until, others = clock() + _seconds(deed.within), list[Arrival]()
        found: Arrival | None = None
        while found is None and (arrival := await client.peer.hear(max(0.0, until - clock()))) is not None:
            wrong = self._wrong(arrival.what, matcher, client)
            if not wrong:
                found = arrival
            elif deed.order == "next" or isinstance(arrival.what, Ended):
                hint = "" if isinstance(arrival.what, Ended) else " (`order: any` passes over what comes before)"
                raise Wrong(f"{wrong}{hint}")
            else:
                others.append(arrival)
        client.peer.put_back(others)
        if found is None:
            told = list(dict.fromkeys(_told(each) for each in others))
            came = f"only others came: {'; '.join(told[:3])}" if told else "nothing came"
            raise Wrong(f"expected {_about(deed) or 'a message'} within {deed.within}, {came}")
        self._keep(deed.as_, found.at - branch.said_at)

    def _wrong(self, what: Frame | Ended, matcher: MessageMatcher, client: Client) -> str:
        """Say how what came is not what was expected."""
        if isinstance(what, Ended):
            return f"expected a message, but {what}"
        there = self._fitting(what, client.visit.path)
        names = frozenset(name for each in there for name in (each.name, *each.aliases))
        valid = bool(there) or self.contract is None
        differences = matcher.differences(Body.of_frame(what), names, valid=valid)
        told = "; ".join(f"{each.pointer}: expected {each.expected}, got {each.actual}" for each in differences[:5])
        return f"{told}; what came is {shown(what)}" if told else ""

    def _fitting(self, frame: Frame, path: str) -> tuple[Message, ...]:
        if self.contract is None:
            return ()
        found = self.contract.book.find(path.partition("?")[0])
        channels = found[0].channels if found else self.contract.channels
        return fitting([message for each in channels for message in self.contract.outgoing(each)], frame)

    async def _expect_nothing(self, deed: steps.HearingNothing, branch: Branch) -> None:
        arrival = await _client(deed.client, branch).peer.hear(_seconds(deed.for_))
        if arrival is not None:
            raise Wrong(f"expected nothing for {deed.for_}, got {_told(arrival)}")

    async def _expect_close(self, deed: steps.Ending, branch: Branch) -> None:
        peer, clock = _client(deed.client, branch).peer, asyncio.get_running_loop().time
        until = clock() + _seconds(deed.within)
        while peer.ended is None and (left := until - clock()) > 0:
            await peer.hear(left)
        if peer.ended is None:
            raise Wrong(f"expected a close within {deed.within}, the connection is open")
        if deed.code is not UNSET and peer.ended.code != deed.code:
            raise Wrong(f"expected a close with {deed.code}, got {peer.ended}")

    async def _disconnect(self, deed: steps.Leaving, branch: Branch) -> None:
        peer = _client(deed.client, branch).peer
        await (peer.cut() if deed.abrupt else peer.leave(deed.code, deed.reason))

    async def _reconnect(self, deed: steps.Returning, branch: Branch) -> None:
        client, pause = _client(deed.client, branch), _seconds(deed.backoff)
        answer: Peer | TurnedAway | NoServer | ServerSilent | None = None
        for attempt in range(max(deed.attempts, 1)):
            if attempt:
                await asyncio.sleep(pause)
                pause *= 2
            try:
                answer = await meet(self.target, client.visit, 5.0)
            except (NoServer, ServerSilent) as problem:
                answer = problem
            if isinstance(answer, Peer):
                self._met.append(answer)
                branch.clients[deed.client] = Client(answer, client.visit)
                return
        raise Wrong(f"not connected again after {deed.attempts} attempts: {answer}")

    async def _ping(self, deed: steps.Pinging, branch: Branch) -> None:
        peer = _client(deed.client, branch).peer
        seconds = await peer.ping(_seconds(deed.within))
        if seconds is None:
            raise Wrong(f"expected a pong, but {peer.ended}" if peer.ended else f"no pong within {deed.within}")
        self._keep(deed.as_, seconds)

    async def _pause(self, deed: steps.Reading, branch: Branch) -> None:
        _client(deed.client, branch).peer.pause()

    async def _resume(self, deed: steps.Reading, branch: Branch) -> None:
        _client(deed.client, branch).peer.resume()

    async def _http(self, deed: steps.Requesting, branch: Branch) -> None:
        import httpx2  # takes a while to import

        body = {} if deed.json is UNSET else {"json": deed.json}
        try:
            async with httpx2.AsyncClient(trust_env=False, timeout=_seconds(deed.within)) as client:
                url = self.target.http + deed.path
                branch.said_at = asyncio.get_running_loop().time()
                answer = await client.request(deed.method, url, headers=deed.headers, **body)
        except httpx2.HTTPError as problem:
            raise Wrong(f"no answer: {problem or type(problem).__name__}") from None
        fine = answer.status_code == deed.status if deed.status is not UNSET else answer.status_code < 400
        if not fine:
            wanted = "a status below 400" if deed.status is UNSET else f"status {deed.status}"
            raise Wrong(f"expected {wanted}, got {answer.status_code}: {answer.text[:300]}")
        if deed.body is not UNSET:
            wrong = compile_matching(cast("Any", deed.body), "").differences(Body.of_text(answer.text))
            if wrong:
                raise Wrong(f"the answer's body: expected {wrong[0].expected}, got {wrong[0].actual}")

    async def _wait(self, deed: str | int, branch: Branch) -> None:  # noqa: ARG002  # one form for all deeds
        await asyncio.sleep(_seconds(deed))

    async def _timing(self, deed: steps.Timing, branch: Branch) -> None:  # noqa: ARG002
        taken = sorted(self.samples.get(deed.of, ()))
        if not taken:
            raise Wrong(f"nothing was kept as {deed.of!r}")
        for name, share in (("p50", 0.5), ("p90", 0.9), ("p95", 0.95), ("p99", 0.99), ("max", 1.0)):
            limit = getattr(deed, name)
            own = taken[math.ceil(share * len(taken)) - 1]
            if limit is not UNSET and own > _seconds(limit):
                raise Wrong(f"{name} of {deed.of} is {own * 1000:.1f} ms over {len(taken)}, allowed is {limit}")

    def _keep(self, name: Any, seconds: float) -> None:
        if name is not UNSET:
            self.samples.setdefault(name, []).append(seconds)


def _client(name: str, branch: Branch) -> Client:
    client = branch.clients.get(name)
    if client is None:
        raise Wrong(f"{name} is not connected")
    return client


def _seconds(duration: Any) -> float:
    return seconds_of(duration) or 0.0


def _told(arrival: Arrival) -> str:
    return str(arrival.what) if isinstance(arrival.what, Ended) else shown(arrival.what)


def _about(deed: Any) -> str:
    """Say in a word what a step is about."""
    message = getattr(deed, "message", None)
    named = message if isinstance(message, str) else getattr(message, "name", UNSET)
    for value in (named, getattr(deed, "address", UNSET), getattr(deed, "path", UNSET), getattr(deed, "of", UNSET)):
        if isinstance(value, str):
            return value
    return ""


def _numbered(block: list[Step], number: int) -> list[Step]:
    """Give the steps of one of many clients."""
    text = msgspec.json.encode(block).decode().replace(INDEX, str(number))
    return msgspec.json.decode(text, type=list[Step])


DEEDS: dict[str, Callable[..., Any]] = {
    "connect": Player._connect,
    "send": Player._send,
    "expect": Player._expect,
    "expect_nothing": Player._expect_nothing,
    "expect_close": Player._expect_close,
    "disconnect": Player._disconnect,
    "reconnect": Player._reconnect,
    "ping": Player._ping,
    "http": Player._http,
    "pause": Player._pause,
    "resume": Player._resume,
    "wait": Player._wait,
    "timing": Player._timing,
}
