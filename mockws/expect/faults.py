"""The faults that a script, or somebody outside, can ask for: what each does to a socket, by its name."""

from dataclasses import dataclass

from mockws.errors import BadExpectation
from mockws.names import closest


@dataclass(frozen=True, slots=True)
class Fault:
    """An end that no well-behaved server makes."""

    name: str
    reset: bool  # the socket is reset (TCP RST); else it is ended without a close frame (FIN)


FAULTS = {
    each.name: each
    for each in (
        Fault("CONNECTION_RESET_BY_PEER", reset=True),
        Fault("ABNORMAL_CLOSE", reset=False),
    )
}


def fault_of(name: str, pointer: str = "") -> Fault:
    """Look a fault up by its name; raises BadExpectation, which lists those that there are."""
    found = FAULTS.get(name)
    if found is None:
        hint = closest(name, FAULTS)
        advice = f", did you mean {hint}?" if hint else ""
        raise BadExpectation("unknown_fault", f"no fault {name!r}{advice} (there are {', '.join(FAULTS)})", pointer)
    return found
