"""The faults that a script, a profile, or somebody outside can ask for: what each does to a connection, by its name.

The bytes of wrong frames are not known here; whoever speaks on the wire makes them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, IntEnum, auto

from mockws.errors import BadExpectation
from mockws.expect.model import RawFrames
from mockws.names import closest
from mockws.source.pointer import join

MAX_BYTES = 64 << 10  # of frames that are written in a stub
NOISE = 64  # bytes that nobody can read


class Power(IntEnum):
    """How much of the wire the server under a mock leaves to it."""

    MESSAGES = 0  # another ASGI server than ours, or Starlette's test client
    SOCKETS = 1  # ours, spoken to by ASGI: it can end a socket, too
    FRAMES = 2  # ours, with our own protocol: each byte


LACKS = {
    Power.MESSAGES: "the mock runs under another ASGI server than its own, which speaks in whole messages only",
    Power.SOCKETS: "the mock's server speaks by ASGI here, which has no frames: its log has a warning that says why",
}


class Effect(Enum):
    """What becomes of a connection."""

    CUT = auto()  # the socket ends without a close frame
    CLOSE = auto()  # an empty close frame
    WRONG = auto()  # a frame that no server may send; nothing more is said
    RAW = auto()  # bytes as they were written; the connection goes on
    NEGLECT = auto()  # the connection goes on, and something is not done any more


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that no well-behaved server does."""

    name: str
    effect: Effect
    power: Power = Power.FRAMES  # that it needs
    reset: bool = False  # the socket is reset (TCP RST); else it ends with a FIN
    noise: int = 0  # random bytes that come first
    content: bytes = b""  # RAW: what is written

    def check(self, power: Power, pointer: str) -> None:
        """Look whether there is a way to do it; raises BadExpectation."""
        if self.power > power:
            raise BadExpectation("not_possible_here", f"{self.name} is not possible here: {LACKS[power]}", pointer)


FAULTS: Mapping[str, Fault] = {
    each.name: each
    for each in (
        Fault("CONNECTION_RESET_BY_PEER", Effect.CUT, Power.SOCKETS, reset=True),
        Fault("ABNORMAL_CLOSE", Effect.CUT, Power.SOCKETS),
        Fault("RANDOM_DATA_THEN_CLOSE", Effect.CUT, Power.SOCKETS, noise=NOISE),
        Fault("NO_STATUS_CLOSE", Effect.CLOSE),
        Fault("BAD_CLOSE_CODE", Effect.WRONG),
        Fault("MALFORMED_FRAME", Effect.WRONG),
        Fault("RESERVED_BIT", Effect.WRONG),
        Fault("INVALID_UTF8", Effect.WRONG),
        Fault("MASKED_FRAME", Effect.WRONG),
        Fault("OVERSIZED_CONTROL_FRAME", Effect.WRONG),
        Fault("UNFINISHED_FRAGMENT", Effect.WRONG),
        Fault("STALL", Effect.NEGLECT),
        Fault("NO_PONG", Effect.NEGLECT),
        Fault("NO_CLOSE_REPLY", Effect.NEGLECT),
    )
}


def fault_of(written: str | RawFrames, pointer: str = "") -> Fault:
    """Look a fault up by its name, or take its bytes; raises BadExpectation."""
    if isinstance(written, RawFrames):
        return Fault("frames", Effect.RAW, content=_bytes_of(written.frames, join(pointer, "frames")))
    found = FAULTS.get(written)
    if found is None:
        hint = closest(written, FAULTS)
        advice = f", did you mean {hint}?" if hint else ""
        raise BadExpectation("unknown_fault", f"no fault {written!r}{advice} (there are {', '.join(FAULTS)})", pointer)
    return found


def _bytes_of(text: str, pointer: str) -> bytes:
    try:
        content = bytes.fromhex(text)
    except ValueError:
        raise BadExpectation(
            "hex_syntax", "bytes are two hexadecimal digits each, such as 81 02 68 69", pointer
        ) from None
    if not 0 < len(content) <= MAX_BYTES:
        raise BadExpectation("range", f"these are 1 to {MAX_BYTES} bytes", pointer)
    return content
