"""Calls of the mock's own: which may be made, what they say, and what is written down of their results."""

from collections.abc import Iterable, Sequence

from mockws.callback import destination_of, refusal
from mockws.codec import Frame
from mockws.engine.actions import Entry
from mockws.engine.call import Call
from mockws.engine.events import Called
from mockws.engine.say import Scene
from mockws.errors import BadExpectation
from mockws.expect.expectation import Compiled, Step
from mockws.expect.http import known_destination
from mockws.redaction import redacted_url
from mockws.source.pointer import join


class Caller:
    """Makes the calls that scripts want, to hosts that are named in the settings."""

    def __init__(self, allowed: Sequence[str]) -> None:
        self._allowed = allowed

    def call(self, scene: Scene) -> None:
        """Have a step's request made; raises TemplateFailed."""
        step, origin = scene.step, scene.origin
        assert step.call is not None
        written = step.call.written(scene.context)
        try:
            destination = destination_of(written.url)
        except ValueError as problem:
            scene.tell("fault", f"{step.pointer}/url: not called: {problem}")
            return
        reason = refusal(self._allowed, destination)
        if reason:
            scene.tell("fault", f"{step.pointer}/url: not called: {reason}")
            return
        method, who = step.action.method.upper(), origin.id if origin is not None else None
        call = Call(destination, method, written.headers, written.body, scene.rule.id, who)
        scene.actions.append(call)


def check_callbacks(compiled: Compiled, allowed: Sequence[str]) -> None:
    """Look at the hosts that an expectation calls, as far as they are known before it runs; raises BadExpectation."""
    for step in _steps(compiled.script):
        destination = known_destination(step.action.url) if step.call is not None else None
        reason = refusal(allowed, destination) if destination is not None else ""
        if reason:
            raise BadExpectation("callback_forbidden", reason, join(step.pointer, "url"))


def _steps(script: Iterable[Step]) -> Iterable[Step]:
    for step in script:
        yield step
        yield from _steps(step.otherwise)


def result_of(event: Called) -> Entry:
    """Write down what came of a call."""
    call = event.call
    details = {
        "method": call.method,
        "url": redacted_url(str(call.destination)),
        "status": event.status,
        "duration": round(event.seconds, 3),
    }
    came = f"answered {event.status}" if event.status is not None else ""
    return Entry(
        event.at,
        "callback",
        call.connection,
        direction="out",
        frame=_frame(call.body),
        cause=f"expectation {call.expectation}",
        expectation=call.expectation,
        note=f"{call.method} {details['url']} {'; '.join(each for each in (came, event.error) if each)}",
        details={key: value for key, value in details.items() if value is not None},
    )


def _frame(body: bytes) -> Frame | None:
    return body.decode("utf-8", "replace") or None
