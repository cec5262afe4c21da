"""Messages that are said neither in one piece nor in their turn: fragments, bytes that dribble, what is overtaken."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from msgspec import UNSET, UnsetType

from mockws.errors import BadExpectation
from mockws.expect.faults import LACKS, Power
from mockws.expect.model import Dribbling
from mockws.source.pointer import join

MOST = 1000
SAYS = frozenset({"reply", "send"})
ENDS = frozenset({"close", "fault"})  # what a message that is overtaken does not fall behind
Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Pieces:
    """How a message goes out."""

    fragments: int = 1  # frames that it is cut into
    chunks: int = 1  # parts that its bytes are written in
    seconds: float = 0.0  # from the first of them to the last

    def check(self, power: Power, pointer: str) -> None:
        """Look whether there is a way to do it; raises BadExpectation."""
        if power < Power.FRAMES:
            key = "fragments" if self.fragments > 1 else "chunkedDribbleDelay"
            raise BadExpectation("not_possible_here", f"{key} is not possible here: {LACKS[power]}", join(pointer, key))


class Piecewise(Protocol):
    """What is said, as far as its pieces go."""

    @property
    def fragments(self) -> int: ...

    @property
    def chunked_dribble_delay(self) -> Dribbling | UnsetType: ...


def compile_pieces(value: Piecewise, lasting: float, pointer: str) -> Pieces | None:
    """Compile what is said of pieces, none where it goes out whole; raises BadExpectation."""
    dribble = value.chunked_dribble_delay
    if not 1 <= value.fragments <= MOST:
        raise BadExpectation("range", f"fragments is between 1 and {MOST}", join(pointer, "fragments"))
    if dribble is UNSET:
        return Pieces(value.fragments) if value.fragments > 1 else None
    if not 2 <= dribble.number_of_chunks <= MOST:
        place = join(pointer, "chunkedDribbleDelay", "numberOfChunks")
        raise BadExpectation("range", f"numberOfChunks is between 2 and {MOST}", place)
    return Pieces(value.fragments, dribble.number_of_chunks, lasting)


def overtaken(steps: Sequence[tuple[str, bool, Item]]) -> tuple[Item, ...]:
    """Put steps into the order in which they are done: kind, whether it is to be overtaken, and the step itself.

    What is overtaken is said after what the script says next, or where it says nothing more, at its end.
    """
    done: list[Item] = []
    late: list[Item] = []
    for kind, is_late, item in steps:
        if kind in SAYS and is_late:
            late.append(item)
        elif kind in ENDS:
            done += [*late, item]
            late = []
        else:
            done.append(item)
            if kind in SAYS:
                done += late
                late = []
    return (*done, *late)
