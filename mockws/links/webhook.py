"""Calls over HTTP that scripts want made: only where that is allowed, and within bounds of time, size and number."""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from typing import Any

from mockws.callback import is_refused, refusal
from mockws.engine.call import Call
from mockws.links.outbound import (
    MAX_ANSWER,
    NotCalled,
    Request,
    Resolve,
    answer_of,
    checked_addresses,
    new_transport,
)

DEADLINE = 10.0  # seconds for one call, with finding the host
MOST_AT_ONCE = 32
MOST_WAITING = 1000
log = logging.getLogger("mockws.callbacks")

Report = Callable[[Call, int | None, str, float], None]  # the status or an error, and the seconds that it took


class Callbacks:
    """Makes the calls of one mock, and reports what came of each."""

    def __init__(self, allowed: Sequence[str], resolve: Resolve | None = None) -> None:
        self._allowed = allowed
        self._resolve = resolve
        self._slots = asyncio.Semaphore(MOST_AT_ONCE)
        self._tasks: set[asyncio.Task[None]] = set()
        self._transport: asyncio.Future[Any] | None = None

    def make(self, call: Call, report: Report) -> None:
        """Begin a call; whoever asks for it is not kept waiting."""
        if len(self._tasks) >= MOST_AT_ONCE + MOST_WAITING:
            reason = f"{MOST_WAITING} calls wait already"
            asyncio.get_running_loop().call_soon(report, call, None, reason, 0.0)
            return
        task = asyncio.create_task(self._make(call, report))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Call off whatever is under way."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._transport is not None:
            for opened in await asyncio.gather(self._transport, return_exceptions=True):
                if not isinstance(opened, BaseException):
                    await opened.aclose()

    async def _make(self, call: Call, report: Report) -> None:
        began = time.monotonic()
        async with self._slots:
            status, error = await self._result(call)
        report(call, status, error, time.monotonic() - began)

    async def _result(self, call: Call) -> tuple[int | None, str]:
        """Give the status of the answer, or say why there is none."""
        try:
            async with asyncio.timeout(DEADLINE):
                return await self._called(call)
        except TimeoutError:
            return None, f"there was no answer within {DEADLINE:g} s"
        except NotCalled as problem:
            return None, str(problem)
        except Exception:  # a defect of ours, or of a library: the mock goes on
            log.exception("a call could not be made")
            return None, "the mock failed; its log says more"

    async def _called(self, call: Call) -> tuple[int, str]:
        reason = refusal(self._allowed, call.destination)
        if reason:
            raise NotCalled(reason)
        addresses = await checked_addresses(call.destination, is_refused, self._resolve)
        request = Request(call.destination, call.method, call.headers, call.body)
        answer = await answer_of(await self._opened(), request, addresses, MAX_ANSWER)
        return answer.status, answer.problem

    async def _opened(self) -> Any:
        """Give the transport; it is made for the first call, beside the loop."""
        if self._transport is None:
            self._transport = asyncio.ensure_future(asyncio.to_thread(_new_transport))
        return await asyncio.shield(self._transport)


def _new_transport() -> Any:
    return new_transport(MOST_AT_ONCE)
