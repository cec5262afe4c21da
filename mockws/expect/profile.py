"""Fault profiles, compiled: what befalls whatever is said on a channel, for a while."""

from dataclasses import dataclass

from msgspec import UNSET

from mockws.errors import BadExpectation
from mockws.expect.faults import Fault, fault_of
from mockws.expect.model import FaultProfile
from mockws.expect.steps import Step, compile_delay, seconds
from mockws.source.pointer import join

CHANCES = ("loss", "duplicate", "reorder")


@dataclass(frozen=True, slots=True)
class Profile:
    """A fault profile that can be in force."""

    model: FaultProfile
    latency: Step | None
    fault: Fault | None
    time_to_live: float | None  # seconds; none: until it is taken away


def compile_profile(model: FaultProfile, pointer: str = "") -> Profile:
    """Compile a fault profile; raises BadExpectation, which has the pointer of what is wrong."""
    for key in ("probability", *CHANCES):
        if not 0 <= getattr(model, key) <= 1:
            raise BadExpectation("range", f"{key} is between 0 and 1", join(pointer, key))
    if model.latency is UNSET and model.fault is UNSET and not any(getattr(model, key) for key in CHANCES):
        words = f"a profile has at least one of latency, fault, {', '.join(CHANCES)}"
        raise BadExpectation("missing", words, pointer)
    lifetime = model.time_to_live
    return Profile(
        model,
        compile_delay(model.latency, join(pointer, "latency")) if model.latency is not UNSET else None,
        fault_of(model.fault, join(pointer, "fault")) if model.fault is not UNSET else None,
        seconds(lifetime, join(pointer, "timeToLive")) if lifetime is not UNSET else None,
    )
