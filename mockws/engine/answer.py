"""The answer to one message: which message it is, and what the contract promises for it.

Everything that chooses an answer is here. This file does not know about sockets, clocks or HTTP.
"""

from collections.abc import Iterable

from mockws.codec import Frame
from mockws.contract import Contract
from mockws.engine.actions import Close, Entry, Exchange
from mockws.engine.compose import Composer, Request
from mockws.engine.credentials import REASON, Credential
from mockws.engine.delivery import Delivery, Result, Told, cut, misplaced
from mockws.engine.events import Received
from mockws.engine.expected import Expected
from mockws.engine.gate import Gate
from mockws.engine.invalid import Invalid
from mockws.engine.lane import Lane, lanes_for
from mockws.engine.plan import Via
from mockws.engine.reception import Candidate, Reading, Reception
from mockws.engine.state import Connection, World
from mockws.engine.waiting import Waiting
from mockws.errors import CannotFake
from mockws.settings import Settings


class Answerer:
    """Answers messages by the contract."""

    def __init__(
        self,
        contract: Contract,
        world: World,
        composer: Composer,
        gate: Gate,
        waiting: Waiting,
        expected: Expected,
        receptions: Iterable[Reception],
        settings: Settings,
    ) -> None:
        self._composer = composer
        self._gate = gate
        self._expected = expected
        self._delivery = Delivery(world, composer, waiting)
        self._invalid = Invalid(contract, composer, settings.on_invalid)
        self._lanes: dict[Candidate | None, Lane] = {
            candidate: lane
            for reception in receptions
            for candidate, lane in lanes_for(reception.all, composer).items()
        }

    def shortly(self, connection: Connection, reading: Reading, event: Received) -> Exchange | None:
        """Answer a message the short way, where it may go it."""
        lane = self._lanes.get(reading.candidate)
        if lane is None or reading.others or not connection.plain:
            return None
        if not self._expected.leaves_alone(connection.id, lane.channel):
            return None
        return lane.answer(connection, reading.value, event)

    def answer(self, connection: Connection, reading: Reading, frame: Frame, at: float) -> Result:
        """Answer one message of a connection."""
        candidate = reading.candidate
        frame = frame if reading.frame is None else reading.frame
        if candidate is not None and candidate.operation.security:
            forbidden = self._forbidden(connection, candidate, frame, at)
            if forbidden is not None:
                return forbidden
        counting, by_expectation = self._expected.heard(connection, reading, frame, at)
        actions, entries = by_expectation or self._by_contract(connection, reading, frame, at)
        return ((*counting, *actions) if counting else actions), entries

    def _forbidden(self, connection: Connection, candidate: Candidate, frame: Frame, at: float) -> Result | None:
        """An operation's own security is checked at its message: the handshake could not know which one would come."""
        credential = self._gate.credential((candidate.operation.security,), connection.opening)
        return None if credential is Credential.GOOD else _shut(connection, candidate, credential, frame, at)

    def _by_contract(self, connection: Connection, reading: Reading, frame: Frame, at: float) -> Result:
        candidate = reading.candidate
        if candidate is None:
            return self._invalid.react(connection, reading, frame, at)
        return self._valid(connection, candidate, reading, frame, at)

    def _valid(self, connection: Connection, candidate: Candidate, reading: Reading, frame: Frame, at: float) -> Result:
        plan = candidate.plan
        actions, entries, problem = self._carry_out(connection, candidate, reading, frame, at)
        received = Entry(
            at,
            "message",
            connection.id,
            candidate.channel.name,
            connection.address,
            "in",
            candidate.message.name,
            frame,
            "unmatched" if plan.via is Via.NONE and candidate.operation.reply is None else "spec",
            (),
            "",
            _note(problem or plan.why, reading, candidate, connection),
        )
        return actions, (received, *entries)

    def _carry_out(
        self, connection: Connection, candidate: Candidate, reading: Reading, frame: Frame, at: float
    ) -> Told:
        plan = candidate.plan
        if plan.via is Via.NONE:
            return (), (), ""
        if plan.via is Via.RELAY:
            return self._delivery.relay(connection, candidate, frame, at)
        try:
            said = self._composer.answer(plan.replies, Request(candidate.message, reading.value), connection)
            return self._delivery.answer(connection, candidate, reading.value, said, at)
        except CannotFake as problem:
            return (), (), f"{plan.replies[0].name} is not sent: {problem.reason}"


def _shut(connection: Connection, candidate: Candidate, credential: Credential, frame: Frame, at: float) -> Result:
    note = f"{REASON[credential]} for operation {candidate.operation.name}"
    entry = Entry(
        at,
        "message",
        connection.id,
        candidate.channel.name,
        connection.address,
        "in",
        candidate.message.name,
        frame,
        "invalid",
        note=note,
    )
    return (Close(connection.id, credential.value, cut(note)),), (entry,)


def _note(why: str, reading: Reading, candidate: Candidate, connection: Connection) -> str:
    if reading.others:
        why += f"; fits {', '.join(reading.others)} too"
    if connection.parameters:
        elsewhere = misplaced(reading.value, (candidate.channel,), connection.parameters)
        why += f"; {elsewhere}" if elsewhere else ""
    return why
