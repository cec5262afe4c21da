"""Fault profiles, compiled: what befalls whatever is said on a channel, for a while."""

from dataclasses import dataclass

from msgspec import UNSET

from mockws.errors import BadExpectation
from mockws.expect.faults import Fault, fault_of
from mockws.expect.model import FaultProfile
from mockws.expect.steps import Step, compile_delay, seconds
from mockws.source.pointer import join


@dataclass(frozen=True, slots=True)
class Profile:
    """A fault profile that can be in force."""

    model: FaultProfile
    latency: Step | None
    fault: Fault | None
    time_to_live: float | None  # seconds; none: until it is taken away


def compile_profile(model: FaultProfile, pointer: str = "") -> Profile:
    """Compile a fault profile; raises BadExpectation, which has the pointer of what is wrong."""
    if model.latency is UNSET and model.fault is UNSET:
        raise BadExpectation("missing", "a profile has latency, a fault, or both", pointer)
    if not 0 <= model.probability <= 1:
        raise BadExpectation("range", "probability is between 0 and 1", join(pointer, "probability"))
    lifetime = model.time_to_live
    return Profile(
        model,
        compile_delay(model.latency, join(pointer, "latency")) if model.latency is not UNSET else None,
        fault_of(model.fault, join(pointer, "fault")) if model.fault is not UNSET else None,
        seconds(lifetime, join(pointer, "timeToLive")) if lifetime is not UNSET else None,
    )
