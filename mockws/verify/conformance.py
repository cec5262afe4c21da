"""A suite carried out against a server: in parallel where tests do not hear each other, in turn where they do."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from mockws.codec import encode_json
from mockws.errors import CannotEncode, NoServer, ServerSilent
from mockws.verify.cases import Case, Manner, Scope, SendCase, Suite
from mockws.verify.results import Result, Run, Status, coverage_of
from mockws.verify.shrink import smallest
from mockws.verify.trial import Memory, Terms, tried
from mockws.verify.watchers import Watchers

ENOUGH = 3  # failures of one kind for one message; more of them tell nothing new
SHRUNK = (Manner.FAKE, Manner.BOUNDARY)
Progress = Callable[[Result], None]


@dataclass
class Conformance:
    """One run of a suite."""

    suite: Suite
    terms: Terms
    scope: Scope
    parallel: int = 8
    window: float = 0.5  # seconds for which those who only listen stay at least; 0: nobody listens
    progress: Progress = lambda _: None
    _memory: Memory = field(default_factory=Memory)
    _failures: Counter[tuple[str, str, bool]] = field(default_factory=Counter)
    _found: dict[str, Result] = field(default_factory=dict)

    async def run(self) -> Run:
        """Carry all tests out; raises NoServer, ServerSilent where there is no server to begin with."""
        loop = asyncio.get_running_loop()
        begun = loop.time()
        watchers = Watchers(self.suite, self.terms)
        if self.window:
            await watchers.begin()
        places = asyncio.Semaphore(self.parallel)
        free = [case for case in self.suite.cases if not _is_alone(case)]
        await asyncio.gather(*(self._in_turn([case], places) for case in free))
        await asyncio.gather(*(self._in_turn(cases, places) for cases in _clusters(self.suite.cases)))
        if self.window:
            await asyncio.sleep(max(0.0, self.window - (loop.time() - begun)))
        results = [self._found[case.name] for case in self.suite.cases]
        results += self._aside(await watchers.end(self._memory, results) if self.window else ())
        title, target = self.suite.contract.title, self.terms.target.origin + self.terms.target.base
        covered = coverage_of(self.suite.contract, results)
        return Run(title, target, self.scope.seed, tuple(results), covered, loop.time() - begun)

    def _aside(self, heard: Iterable[Result]) -> list[Result]:
        left_out = [Result(name, "left out", Status.SKIPPED, why) for name, why in self.suite.left_out]
        results = [each for each in (*heard, *left_out) if self.scope.admits(each.name)]
        for each in results:
            self.progress(each)
        return results

    async def _in_turn(self, cases: Iterable[Case], places: asyncio.Semaphore) -> None:
        for case in cases:
            async with places:
                result = await self._tried(case)
            self._found[case.name] = result
            self.progress(result)

    async def _tried(self, case: Case) -> Result:
        if isinstance(case, SendCase) and self._failures[_key(case)] >= ENOUGH:
            why = f"after {ENOUGH} failures of {case.message.title}"
            return Result(case.name, case.manner.value, Status.SKIPPED, why, case.subject)
        result = await self._safely(case)
        if result.status is Status.FAILED and isinstance(case, SendCase):
            self._failures[_key(case)] += 1
            if case.manner in SHRUNK and self._failures[_key(case)] == 1:
                result = replace(result, smallest=await self._shrunk(case))
        return result

    async def _safely(self, case: Case) -> Result:
        try:
            return await tried(case, self.terms, self._memory)
        except (NoServer, ServerSilent) as problem:  # it was there when the run began
            return Result(case.name, case.manner.value, Status.FAILED, str(problem), case.subject, at=time.time())

    async def _shrunk(self, case: SendCase) -> str:
        """Find the smallest message that still fails."""
        if not case.message.is_structured:
            return ""

        async def fails(value: Any) -> bool:
            try:
                return (await self._safely(replace(case, value=value))).status is Status.FAILED
            except CannotEncode:  # it fits its schema, and still cannot be written
                return False

        found = await smallest(case.value, case.message.payload, fails)
        return encode_json(found) if found != case.value else ""


def _key(case: SendCase) -> tuple[str, str, bool]:
    return (case.operation.name, case.message.name, case.manner is Manner.INVALID)


def _is_alone(case: Case) -> bool:
    """An answer that others hear too could be taken for theirs: such tests go one after the other."""
    return isinstance(case, SendCase) and case.promise is not None


def _clusters(cases: Iterable[Case]) -> list[list[Case]]:
    """Put those tests together that meet at a place."""
    clusters: list[tuple[set[str], list[Case]]] = []
    for case in cases:
        if not isinstance(case, SendCase) or case.promise is None:
            continue
        names = {case.place.name, case.promise.place.name}
        meeting = [each for each in clusters if each[0] & names]
        merged = (names.union(*(each[0] for each in meeting)), [one for each in meeting for one in each[1]] + [case])
        clusters = [each for each in clusters if each not in meeting] + [merged]
    return [found for _, found in clusters]
