"""A case is played: in the way of its area, beside a neighbour, on a mock of the world that it needs."""

from collections.abc import Callable, Mapping

from bad_inputs import admins, files, handshakes, hosts, messages, schemas, templates
from bad_inputs.case import Case, Seen
from bad_inputs.served import Served
from bad_inputs.stage import GROWTH, Stage, World, unharmed

Play = Callable[[Case, Served], Seen]


def played(case: Case, stage: Stage) -> Seen:
    """Play a case; what must hold after every one is asserted here."""
    if case["area"] in OF_PROCESSES:
        return OF_PROCESSES[case["area"]](case, stage)
    world_of, play = ON_A_MOCK[case["area"]]
    expect = case["expect"]
    growth = max(GROWTH, expect.get("rss_growth_mib", 0))
    with stage.mock(world_of(case)) as served, unharmed(served, growth=growth):
        return play(case, served)


ON_A_MOCK: Mapping[str, tuple[Callable[[Case], World], Play]] = {
    "handshake": (handshakes.world_of, handshakes.play),
    "frame": (messages.world_of, messages.play_frames),
    "json": (messages.world_of, messages.say),
    "template": (lambda _: World(), templates.play),
}
OF_PROCESSES: Mapping[str, Callable[[Case, Stage], Seen]] = {
    "admin": admins.play,
    "host": hosts.play,
    "schema": schemas.play,
    "spec": files.play_document,
    "stub": files.play_stub,
}
