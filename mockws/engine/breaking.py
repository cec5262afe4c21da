"""Faults as actions, and whether the server under the mock has a way to do what an expectation asks of the wire."""

from collections.abc import Iterable

from mockws.engine.actions import Action, Break, Close, HangUp, Neglect, Write
from mockws.engine.context import Chance
from mockws.engine.events import ConnectionId
from mockws.expect.expectation import Step
from mockws.expect.faults import Effect, Fault, Power

NO_STATUS = 1005  # RFC 6455, 7.1.5: stands for a close frame without a code
UNREADABLE = 0x30  # two reserved bits: whatever else is in it, a frame cannot begin so (RFC 6455, 5.2)


def deed_of(fault: Fault, connection: ConnectionId, chance: Chance) -> Action:
    """Give the action that a fault is."""
    match fault.effect:
        case Effect.CUT:
            return HangUp(connection, fault.reset, _noise(fault.noise, chance))
        case Effect.CLOSE:
            return Close(connection, NO_STATUS)
        case Effect.WRONG:
            return Break(connection, fault.name)
        case Effect.RAW:
            return Write(connection, fault.content)
        case _:
            return Neglect(connection, fault.name)


def _noise(size: int, chance: Chance) -> bytes:
    """Draw bytes that are no frame, nor the beginning of an HTTP response."""
    noise = chance.random().randbytes(size)
    return bytes((noise[0] | UNREADABLE,)) + noise[1:] if noise else b""


def check_power(script: Iterable[Step], power: Power) -> None:
    """Look whether all that a script does to the wire is possible here; raises BadExpectation."""
    for step in script:
        check_power(step.otherwise, power)
        if step.kind == "fault":
            step.action.check(power, step.pointer)
        if step.pieces is not None:
            step.pieces.check(power, step.pointer)
