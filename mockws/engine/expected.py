"""Expectations in force: what sets them off, what they come to, and the commands that change them.

They go before everything that the document promises. Where there are none, they cost a message one look.
"""

from collections.abc import Sequence

from mockws.codec import Frame
from mockws.contract import Contract
from mockws.engine.actions import Action, Entry
from mockws.engine.book import Book, Layer, Rule
from mockws.engine.callbacks import Caller, check_callbacks
from mockws.engine.choose import STARTED, Chooser, Moment
from mockws.engine.compose import Composer
from mockws.engine.context import subject_of
from mockws.engine.delivery import Result
from mockws.engine.events import (
    Closed,
    ConnectionId,
    Enter,
    Expect,
    Fire,
    Restart,
    StubsReplaced,
    TimerId,
    Unexpect,
)
from mockws.engine.handshake import Handshakes
from mockws.engine.http import Requests
from mockws.engine.reception import Reading
from mockws.engine.rhythm import Rhythm
from mockws.engine.say import Sayer
from mockws.engine.script import Run, Scripts
from mockws.engine.state import Connection, World
from mockws.errors import BadExpectation
from mockws.expect.expectation import Compiled, states_named

NOTHING: Result = ((), ())
RESET = "the mock was reset"


class Expected:
    """The expectations of one session."""

    def __init__(self, world: World, seed: str, own: Layer, callbacks: Sequence[str] = ()) -> None:
        self._own = own
        self.book = Book(own)
        self.chooser = Chooser(world, seed)
        self._world = world
        self._sayer = Sayer(world)
        self._callbacks = callbacks
        self._scripts = Scripts(world, self.book, self.chooser, self._sayer, Caller(callbacks))
        self.handshakes = Handshakes(world)
        self.requests = Requests(world, self.book, self.chooser, self._scripts)
        self._rhythm = Rhythm(world, self.book, self.chooser, self._scripts)

    def adopt(self, contract: Contract, composer: Composer) -> list[str]:
        """Speak by another contract; names the expectations that it has no channel for."""
        self._contract = contract
        self._sayer.adopt(contract, composer)
        return self.book.adopt(contract)

    def meet(self, connection: Connection, at: float) -> Run | None:
        """Take up the script for whoever asks to come in; none where nothing is expected."""
        moment = Moment(at, connection)
        rule = self._for("open", connection, moment)
        return self._scripts.begin(rule, moment, connection.id) if rule is not None else None

    def opened(self, connection: Connection, run: Run | None, at: float) -> Result:
        """Greet a connection, and begin to count for it."""
        actions, entries = self._scripts.go_on(run, at) if run is not None else NOTHING
        return (*actions, *self._rhythm.start(connection)), entries

    def under_way(self, connection: ConnectionId) -> list[str]:
        """Name the expectations whose scripts wait for something on a connection."""
        return self._scripts.under_way(connection)

    def leaves_alone(self, connection: ConnectionId, channel: str) -> bool:
        """Tell whether a message sets nothing off, nor ends a silence: what others expect elsewhere costs it a look."""
        if self._scripts.runs and self._scripts.waits_for_message(connection):
            return False
        return not self.book.rules or not (self.book.expects("message", channel) or self._rhythm.counts(connection))

    def heard(
        self, connection: Connection, reading: Reading, frame: Frame, at: float
    ) -> tuple[list[Action], Result | None]:
        """Answer a message by an expectation, if one is set off; and count silence anew."""
        if not self.book.rules and not self._scripts.waits_for_message(connection.id):
            return [], None
        counting = self._rhythm.heard(connection.id)
        if not self._is_asked_for(connection, reading):
            return counting, None
        moment = moment_of(connection, reading, frame, at)
        consumed = self._scripts.consume(connection.id, moment)
        if consumed is None:
            rule = self.chooser.choose(self.book.candidates("message", channels_of(connection, reading)), moment)
            consumed = (rule, self._scripts.start(rule, moment)) if rule is not None else None
        if consumed is None:
            return counting, None
        rule, (actions, entries) = consumed
        return counting, (actions, (_received(connection, reading, frame, at, rule), *entries))

    def _is_asked_for(self, connection: Connection, reading: Reading) -> bool:
        """Tell whether anything could be set off by a message: what others expect elsewhere costs it nothing."""
        if reading.candidate is not None:
            asked = self.book.expects("message", reading.candidate.channel.name)
        else:
            asked = any(self.book.expects("message", channel.name) for channel in connection.route.channels)
        return asked or self._scripts.waits_for_message(connection.id)

    def listener(self, connection: ConnectionId, moment: Moment) -> Rule | None:
        """Give the expectation whose script waits for a message: it goes before all others."""
        return self._scripts.listener(connection, moment)

    def closed(self, connection: Connection, event: Closed) -> Result:
        """Tell the others, where an expectation wants that."""
        if not self.book.rules:
            return NOTHING
        moment = Moment(event.at, connection, close=(event.code, event.by_client))
        rule = self._for("close", connection, moment)
        return self._scripts.start(rule, moment) if rule is not None else NOTHING

    def fire(self, timer: TimerId, at: float) -> Result | None:
        """Go on with what waited for a timer; None where it is none of these."""
        return self._scripts.fire(timer, at) or self._rhythm.fire(timer, at)

    def cancel(self, connection: ConnectionId) -> list[Action]:
        """Drop whatever is under way for a connection."""
        return self._scripts.cancel(connection) + self._rhythm.cancel(connection)

    def stop(self, reason: str, at: float) -> Result:
        """Drop whatever is under way; who still waits for the answer to a handshake is refused."""
        actions, entries = self.handshakes.give_up(reason, at)
        return (*self._scripts.stop(), *actions), entries

    def refresh(self) -> list[Action]:
        """Other expectations are in force, or connections are at other channels: count for those only."""
        return self._scripts.prune() + self._rhythm.refresh()

    def _for(self, kind: str, connection: Connection, moment: Moment) -> Rule | None:
        names = [channel.name for channel in connection.route.channels]
        return self.chooser.choose(self.book.candidates(kind, names), moment) if self.book.rules else None

    def expect(self, command: Expect, at: float) -> tuple[list[Action], Rule | BadExpectation]:
        """Put an expectation in force, or say why it cannot be."""
        try:
            check_callbacks(command.compiled, self._callbacks)
            layer = Layer.ADMIN if command.shared else self._own
            rule = self.book.add(command.compiled, layer, self._contract, at)
        except BadExpectation as problem:
            return [], problem
        return self.refresh(), rule

    def unexpect(self, command: Unexpect, _: float) -> tuple[list[Action], list[str]]:
        """Take expectations out; names those that were there."""
        layer = Layer.ADMIN if command.shared else self._own
        if command.id is None:
            gone = self.book.clear(layer)
        else:
            gone = [command.id] if self.book.take_out(command.id, layer) is not None else []
        return self.refresh(), gone

    def shared(self) -> list[Compiled]:
        """Give what the plain admin API added, in its order."""
        return [rule.compiled for rule in self.book.of_layer(Layer.ADMIN)]

    def reset(self, at: float) -> Result:
        """Back to the beginning: what came from files, unused; nothing is known of any connection but that it is."""
        self.book.reset(at)
        self._world.reset()
        actions, entries = self.stop(RESET, at)
        return (*actions, *self._rhythm.restart()), entries

    def enter(self, command: Enter, _: float) -> tuple[list[Action], None]:
        """Put a scenario into a state."""
        there = self._world.connections
        meant = list(there.values()) if command.connection is None else [there[command.connection]]
        for connection in meant:
            self.chooser.enter(command.scenario, "connection", command.state, connection)
        if command.connection is None:
            self.chooser.enter(command.scenario, "global", command.state, None)
        return [], None

    def restart(self, _: Restart, __: float) -> tuple[list[Action], None]:
        """Put all scenarios back to where they start."""
        self._world.states.clear()
        for connection in self._world.connections.values():
            connection.states.clear()
        return [], None

    def scenarios(self) -> dict[str, frozenset[str]]:
        """Name the scenarios that expectations know, each with the states that it may be in."""
        found: dict[str, set[str]] = {}
        for rule in self.book.rules.values():
            for name, states in states_named(rule.compiled):
                found.setdefault(name, {STARTED}).update(states)
        for name, state in self._world.states.items():
            found.setdefault(name, {STARTED}).add(state)
        return {name: frozenset(states) for name, states in found.items()}

    def set_off(self, command: Fire, at: float) -> tuple[Result, list[str]]:
        """Set off the expectations with a named trigger, in their order; names those that ran."""
        self._world.fired += 1
        moment = Moment(at, more=(("payload", command.payload),), turn=self._world.fired)
        named = [rule for rule in self.book.of_type("named") if rule.compiled.trigger.name == command.name]
        actions: list[Action] = []
        entries: list[Entry] = []
        ran = [rule for rule in sorted(named, key=lambda each: each.precedence) if not self.chooser.miss(rule, moment)]
        for rule in ran:
            done, written = self._scripts.start(rule, moment)
            actions += done
            entries += written
        return (tuple(actions), tuple(entries)), [rule.id for rule in ran]

    def replace(self, event: StubsReplaced) -> tuple[list[Action], BadExpectation | None]:
        """Take the expectations of changed files over, all or none."""
        try:
            for each in event.expectations:
                check_callbacks(each, self._callbacks)
            self.book.replace_files(event.expectations, self._contract, event.at)
        except BadExpectation as problem:
            return [], problem
        return self.refresh(), None


def moment_of(connection: Connection, reading: Reading, frame: Frame, at: float) -> Moment:
    """See a message as expectations do."""
    frame = frame if reading.frame is None else reading.frame
    message = reading.candidate.message if reading.candidate else None
    names = frozenset((message.name, *message.aliases, *reading.others)) if message else frozenset()
    return Moment(
        at,
        connection,
        subject_of(frame, reading.value),
        names,
        message.name if message else None,
        message is not None,
        operation=reading.candidate.operation.name if reading.candidate else None,
        turn=connection.received,
    )


def channels_of(connection: Connection, reading: Reading) -> list[str]:
    """Name the channels that a message is on: its own, or where it is none of the document's, all that are there."""
    if reading.candidate is not None:
        return [reading.candidate.channel.name]
    return [channel.name for channel in connection.route.channels]


def _received(connection: Connection, reading: Reading, frame: Frame, at: float, rule: Rule) -> Entry:
    candidate = reading.candidate
    return Entry(
        at,
        "message",
        connection.id,
        candidate.channel.name if candidate else None,
        connection.address,
        "in",
        candidate.message.name if candidate else None,
        frame,
        "matched",
        reading.violations,
        cause=f"expectation {rule.id}",
        expectation=rule.id,
    )
