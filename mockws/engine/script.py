"""Scripts: the actions of expectations, run in order, with waits that are timers and conversations that are steps.

Nothing in here waits. A script that has to stops where it is, and goes on when its timer fires or its message comes.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from msgspec import UNSET

from mockws.engine.actions import ENDINGS, Action, CancelTimer, Close, Entry, HangUp, SetTimer
from mockws.engine.book import Book, Rule
from mockws.engine.callbacks import Caller
from mockws.engine.choose import Chooser, Moment
from mockws.engine.context import TEMPLATE_FAILURES, Chance, connection_view, context_for, states_of
from mockws.engine.control import dropped
from mockws.engine.delivery import Result, cut, ping
from mockws.engine.events import ConnectionId, TimerId
from mockws.engine.pace import Value, drawn, sequence_of
from mockws.engine.say import Sayer, Scene
from mockws.engine.state import World
from mockws.errors import CannotFake, TemplateFailed, UnknownName
from mockws.expect.expectation import Step
from mockws.expect.template import as_text

MOST_AT_ONCE = 10_000  # values that a stream without a pause may say
MOST_RUNS = 1_000  # scripts of one connection that wait
STUB_FAILED = "a stub of the mock failed; its log says more"


@dataclass(eq=False, slots=True)
class Run:
    """One script under way, or one stream that runs beside it."""

    rule: Rule
    connection: ConnectionId | None
    steps: tuple[Step, ...]
    moment: Moment
    chance: Chance
    functions: Mapping[str, Callable[..., Any]]  # what templates call: it goes on from step to step
    turn: int  # the how manieth run of its expectation this is
    place: int = 0  # of the next step
    stream: Step | None = None
    values: Sequence[Value] | None = None  # a stream's sequence
    index: int = 0  # of a stream's next value
    timer: TimerId | None = None
    waits_for: Step | None = None


class Scripts:
    """All scripts of one session."""

    def __init__(self, world: World, book: Book, chooser: Chooser, sayer: Sayer, caller: Caller) -> None:
        self._world = world
        self._book = book
        self._chooser = chooser
        self._sayer = sayer
        self._caller = caller
        self._by_timer: dict[TimerId, Run] = {}
        self.runs: dict[ConnectionId | None, list[Run]] = {}
        # What each action does; False where the script stops there, for now or for good.
        self._steps: Mapping[str, Callable[[Run, Scene], bool]] = {
            "reply": self._say,
            "send": self._say,
            "delay": self._delay,
            "stream": self._stream,
            "stop": self._stop,
            "set_state": self._set_state,
            "group": self._group,
            "remember": self._remember,
            "replay": self._replay,
            "expect": self._expect,
            "ping": self._ping,
            "close": self._close,
            "fault": self._fault,
            "http": self._call,
        }

    def start(self, rule: Rule, moment: Moment) -> Result:
        """Run an expectation's script for what set it off."""
        # What is said after a connection is nobody's: it does not end with it, and cannot close it.
        there = moment.connection is not None and moment.connection.id in self._world.connections
        connection = moment.connection.id if moment.connection and there else None
        return self.go_on(self.begin(rule, moment, connection), moment.at)

    def begin(self, rule: Rule, moment: Moment, connection: ConnectionId | None) -> Run:
        """Take an expectation's script up; its run is counted now."""
        chance = self._chooser.chance(rule, moment.connection)
        self._chooser.begin(rule, moment.connection)
        return Run(
            rule, connection, rule.compiled.script, moment, chance, chance.functions(self._world.making), rule.ran
        )

    def waits_for_message(self, connection: ConnectionId) -> bool:
        """Tell whether a script of this connection has a conversation under way."""
        runs = self.runs.get(connection)
        return runs is not None and any(run.waits_for is not None for run in runs)

    def fire(self, timer: TimerId, at: float) -> Result | None:
        """Go on with what waited for a timer; None where it is not one of these."""
        run = self._by_timer.pop(timer, None)
        if run is None:
            return None
        self._forget(run)
        run.timer = None
        if run.stream is not None:
            return self._tick(run, at)
        return self._give_up(run, at) if run.waits_for is not None else self.go_on(run, at)

    def consume(self, connection: ConnectionId, moment: Moment) -> tuple[Rule, Result] | None:
        """Hand a message to the script that waits for it; None where none does."""
        run = self._listener(connection, moment)
        if run is None:
            return None
        cancelled = self._unwait(run)
        run.moment = moment
        actions, entries = self.go_on(run, moment.at)
        return run.rule, ((*cancelled, *actions), entries)

    def listener(self, connection: ConnectionId, moment: Moment) -> Rule | None:
        """Give the expectation whose script waits for a message."""
        run = self._listener(connection, moment)
        return run.rule if run is not None else None

    def _listener(self, connection: ConnectionId, moment: Moment) -> Run | None:
        for run in self.runs.get(connection, ()):
            step = run.waits_for
            if step is None or moment.subject is None or step.message is None:
                continue
            if not step.message.differences(moment.subject, moment.names, valid=moment.valid):
                return run
        return None

    def cancel(self, connection: ConnectionId) -> list[Action]:
        """Drop all scripts of a connection; nothing of them remains."""
        timers = [run.timer for run in self.runs.pop(connection, ()) if run.timer is not None]
        for timer in timers:
            self._by_timer.pop(timer, None)
        return [CancelTimer(timer) for timer in timers]

    def prune(self) -> list[Action]:
        """End what would go on without end for expectations that are not in force any more."""
        gone = [run for runs in self.runs.values() for run in runs if run.stream is not None and self._is_over(run)]
        return [action for run in gone for action in self._unwait(run)]

    def under_way(self, connection: ConnectionId) -> list[str]:
        """Name the expectations whose scripts wait for something on a connection."""
        return list(dict.fromkeys(each.rule.id for each in self.runs.get(connection, ())))

    def stop(self) -> list[Action]:
        """Drop all scripts."""
        timers = list(self._by_timer)
        self._by_timer.clear()
        self.runs.clear()
        return [CancelTimer(timer) for timer in timers]

    def go_on(self, run: Run, at: float) -> Result:
        """Run steps until one has to wait, or all are done."""
        if run.place >= len(run.steps):
            return (), ()
        scene = self._scene(run, at, run.steps[run.place])
        while run.place < len(run.steps):
            scene.step = run.steps[run.place]
            run.place += 1
            if not self._done(run, scene):
                break
        return scene.result()

    def _done(self, run: Run, scene: Scene) -> bool:
        """Do one step; a fault in a stub is told, and ends the connection with 1011 (the engine's first law)."""
        try:
            return self._steps[scene.step.kind](run, scene)
        except (CannotFake, UnknownName, *TEMPLATE_FAILURES) as problem:
            scene.tell("fault", f"{scene.step.pointer}: {problem}")
            if run.connection is not None:
                self._end(scene, Close(run.connection, 1011, STUB_FAILED))
            return False

    def _end(self, scene: Scene, ending: Close | HangUp) -> None:
        """End a script's connection; what else was under way for it is dropped, and the journal says so."""
        rules = self.under_way(ending.connection)
        if rules:
            scene.tell("undelivered", dropped("close" if isinstance(ending, Close) else "fault", rules))
        scene.actions.append(ending)

    def _scene(self, run: Run, at: float, step: Step) -> Scene:
        moment = run.moment
        connection = self._world.connections.get(run.connection) if run.connection else None
        seen = {**dict(moment.more), "counter": run.turn}
        context = context_for(
            self._world, connection or moment.connection, moment.subject, moment.name, run.functions, at, seen
        )
        return Scene(run.rule, connection, moment.connection, context, at, step)

    def _wait(self, run: Run, wait: float, scene: Scene) -> None:
        there = self.runs.setdefault(run.connection, [])
        if len(there) >= MOST_RUNS:
            raise TemplateFailed(run.rule.id, f"more than {MOST_RUNS} scripts of this connection wait")
        there.append(run)
        run.timer = self._world.new_timer()
        self._by_timer[run.timer] = run
        scene.actions.append(SetTimer(run.timer, wait))

    def _forget(self, run: Run) -> None:
        there = self.runs.get(run.connection, [])
        if run in there:
            there.remove(run)
        if not there:
            self.runs.pop(run.connection, None)

    def _unwait(self, run: Run) -> list[Action]:
        timer, run.timer, run.waits_for = run.timer, None, None
        self._forget(run)
        if timer is None:
            return []
        self._by_timer.pop(timer, None)
        return [CancelTimer(timer)]

    def _say(self, _: Run, scene: Scene) -> bool:
        self._sayer.say(scene)
        return True

    def _call(self, _: Run, scene: Scene) -> bool:
        self._caller.call(scene)
        return True

    def _delay(self, run: Run, scene: Scene) -> bool:
        wait = drawn(scene.step, Chance(f"{run.chance.seed}|delay|{run.place}"))
        if wait > 0:
            self._wait(run, wait, scene)
        return wait <= 0

    def _stream(self, run: Run, scene: Scene) -> bool:
        """Say something again and again beside the script; what has no pause is said at once."""
        chance = Chance(f"{run.chance.seed}|stream|{run.place}")
        step = replace(scene.step, kind="send")
        flow = replace(
            run, steps=(), stream=step, values=sequence_of(step, chance), functions=chance.functions(self._world.making)
        )
        return self._flow(flow, scene)

    def _ping(self, run: Run, scene: Scene) -> bool:
        """Ask for a pong: once, or every so often beside the script, which is not begun twice."""
        step, there = scene.step, self.runs.get(run.connection, ())
        if run.stream is None and step.seconds > 0:
            going = {each.stream.pointer for each in there if each.stream is not None and each.rule is run.rule}
            return step.pointer in going or self._flow(replace(run, steps=(), stream=step), scene)
        if scene.connection is not None:
            asked, told = ping(scene.connection, scene.at, cause=scene.cause, expectation=scene.rule.id)
            scene.actions += asked
            scene.entries += told
        return True

    def _flow(self, flow: Run, scene: Scene) -> bool:
        """Begin what runs beside a script; false where it ended the connection."""
        actions, entries = self._tick(flow, scene.at)
        scene.actions += actions
        scene.entries += entries
        return not any(isinstance(each, ENDINGS) for each in actions)

    def _tick(self, flow: Run, at: float) -> Result:
        """Say a stream's next value; all that are left, where there is no pause between them."""
        step = flow.stream
        assert step is not None
        left = _length(flow, step) - flow.index
        scene = self._scene(flow, at, step)
        for _ in range(int(min(left, MOST_AT_ONCE if step.seconds == 0 else 1))):
            scene.context["index"] = flow.index
            scene.value = flow.values[flow.index] if flow.values is not None else UNSET
            flow.index += 1
            if not self._done(flow, scene):
                return scene.result()
        if step.seconds > 0 and left > 1 and not self._is_over(flow, at):
            self._wait(flow, step.seconds, scene)
        elif step.seconds == 0 and left > MOST_AT_ONCE:
            scene.tell("fault", f"{step.pointer}: without a pause, a stream says {MOST_AT_ONCE} values and no more")
        return scene.result()

    def _is_over(self, flow: Run, at: float = -math.inf) -> bool:
        """What has no end of its own ends with its expectation."""
        step = flow.stream
        endless = step is not None and _length(flow, step) == math.inf
        return endless and (not self._book.holds(flow.rule) or flow.rule.expired(at))

    def _stop(self, run: Run, scene: Scene) -> bool:
        """End the streams of that name on this connection."""
        for flow in list(self.runs.get(run.connection, ())):
            if flow.stream is not None and flow.stream.action.name == scene.step.action:
                scene.actions += self._unwait(flow)
        return True

    def _set_state(self, _: Run, scene: Scene) -> bool:
        wanted = scene.step.action
        self._chooser.enter(wanted.scenario, wanted.scope, wanted.state, scene.origin)
        return self._changed(scene)

    def _group(self, _: Run, scene: Scene) -> bool:
        joining = scene.step.action.join is not UNSET
        name = scene.step.action.join if joining else scene.step.action.leave
        text = as_text(scene.step.text(scene.context) if scene.step.text else name)
        if scene.connection is not None and joining:
            wrong = scene.connection.join(text)
            if wrong:
                raise TemplateFailed(scene.rule.id, wrong)
        elif scene.connection is not None:
            scene.connection.groups.discard(text)
        return self._changed(scene)

    def _remember(self, _: Run, scene: Scene) -> bool:
        step = scene.step
        if scene.connection is not None:
            scene.connection.values[step.action.as_] = step.json(scene.context) if step.json else step.action.value
        return self._changed(scene)

    def _replay(self, _: Run, scene: Scene) -> bool:
        self._sayer.replay(scene)
        return True

    def _changed(self, scene: Scene) -> bool:
        """Show the steps after this one what has become of the connection."""
        if scene.origin is not None:
            scene.context["connection"] = connection_view(scene.origin)
        scene.context["state"] = states_of(self._world, scene.origin)
        return True

    def _expect(self, run: Run, scene: Scene) -> bool:
        run.waits_for = scene.step
        self._wait(run, scene.step.seconds, scene)
        return False

    def _give_up(self, run: Run, at: float) -> Result:
        """The message did not come in time: what `else` says is done, and the script ends."""
        step = run.waits_for
        assert step is not None
        run.waits_for, run.steps, run.place = None, step.otherwise, 0
        note = f"{step.pointer}: the message did not come in {step.seconds:g}s"
        told = Entry(at, "timeout", run.connection, note=note, expectation=run.rule.id)
        actions, entries = self.go_on(run, at)
        return actions, (told, *entries)

    def _close(self, run: Run, scene: Scene) -> bool:
        step = scene.step
        reason = as_text(step.text(scene.context)) if step.text else step.action.reason
        if run.connection is not None:
            self._end(scene, Close(run.connection, step.action.code, cut(reason)))
        return False

    def _fault(self, run: Run, scene: Scene) -> bool:
        fault = scene.step.action
        if run.connection is not None:
            scene.tell("fault", fault.name)
            self._end(scene, HangUp(run.connection, fault.reset))
        return False


def _length(flow: Run, step: Step) -> float:
    """Tell how often a stream says something; one that pings never ends by itself."""
    if flow.values is not None:
        return len(flow.values)
    count = getattr(step.action, "count", UNSET)
    return math.inf if count is UNSET else int(count)
