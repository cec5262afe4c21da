"""The scenarios that are shipped catch the faults that servers often have, and let a faultless server pass."""

import asyncio
from pathlib import Path

import pytest

from faulty.rooms import (
    DropsSilently,
    HoldsEverybodyUp,
    LeaksOnDisconnect,
    ReconnectStorm,
    Rooms,
    UnauthorizedSubscription,
    WrongRoom,
    served,
)
from mockws.app import load_document
from mockws.settings import Settings
from mockws.source.read import read
from mockws.verify.peer import Target
from mockws.verify.player import Player
from mockws.verify.reading import read_scenario
from mockws.verify.results import Status

SCENARIOS = Path(__file__).parents[2] / "examples" / "scenarios"
LIMIT = 30.0


async def played(rooms: Rooms, name: str) -> str:
    text = read((SCENARIOS / name).read_bytes(), name)
    scenario = read_scenario(text)
    contract = load_document(str(SCENARIOS / str(scenario.document)), Settings()).contract
    async with served(rooms) as port:
        target = Target.parse(f"ws://127.0.0.1:{port}")
        run = await Player(scenario, contract, target, lambda at: f"line {text.locate(at).line}:").play()
    return "\n".join(f"{each.name} {each.detail}" for each in run.results if each.status is Status.FAILED)


def play(rooms: Rooms, name: str) -> str:
    return asyncio.run(asyncio.wait_for(played(rooms, name), LIMIT))


@pytest.mark.parametrize(
    "name", ["auth.yaml", "chat.yaml", "order-of-messages.yaml", "reconnect.yaml", "slow-reader.yaml"]
)
def test_a_faultless_server_passes(name: str) -> None:
    assert play(Rooms(), name) == ""


@pytest.mark.parametrize(
    ("rooms", "name", "told"),
    [
        (WrongRoom, "chat.yaml", "expected nothing for 200ms, got {"),
        (
            UnauthorizedSubscription,
            "auth.yaml",
            "expectClose eavesdropper expected a close within 1s, the connection is open",
        ),
        (LeaksOnDisconnect, "chat.yaml", "expect cy TypingNotice expected TypingNotice within 500ms, nothing came"),
        (DropsSilently, "order-of-messages.yaml", "expect ben expected a message"),
        (ReconnectStorm, "reconnect.yaml", "closed: 1013"),
        (HoldsEverybodyUp, "slow-reader.yaml", "expect quick TypingNotice expected TypingNotice within"),
    ],
)
def test_a_common_fault_is_caught(rooms: type[Rooms], name: str, told: str) -> None:
    assert told in play(rooms(), name)
