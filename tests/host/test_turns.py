"""What is said one after the other arrives so, however it is said and whatever waits. The mock closes first."""

import asyncio
from typing import Any

import pytest
from raw import HELLO, REQUEST, SAID, Raw, World, frame, masked, stub

OTHER = '{"type":"chat","user":"mock","text":"other"}'
all_policies = pytest.mark.parametrize("policy", ["close", "drop-oldest", "pause"])


def slowly(text: str = SAID, total: str = "20ms", **more: Any) -> dict[str, Any]:
    return {"reply": {"text": text, "chunkedDribbleDelay": {"numberOfChunks": 4, "totalDuration": total}, **more}}


async def told(world: World) -> tuple[bytes, str]:
    """Give what a client hears after its hello, and how the stream ends."""
    client = Raw(world.port)
    await client.say(REQUEST)
    await client.until(b"\r\n\r\n")
    client.seen = client.seen.partition(b"\r\n\r\n")[2]
    await client.say(masked(HELLO))
    end = await client.end()
    client.close()
    await world.until_nobody_is_there()
    return client.seen, end


@all_policies
def test_what_dribbles_what_is_cut_and_what_goes_out_whole_keep_their_order(policy: str) -> None:
    async def scenario(world: World) -> None:
        half = len(OTHER) // 2
        pieces = bytes([0x01, half]) + OTHER[:half].encode() + bytes([0x80, len(OTHER) - half]) + OTHER[half:].encode()
        wanted = frame(SAID) + frame(OTHER) + pieces + b"\x82\x01!" + frame(SAID) + frame(OTHER)

        assert await told(world) == (wanted + b"\x83\x1b" + b'{"fault":"MALFORMED_FRAME"}', "FIN")

    plain, cut = {"reply": {"text": OTHER}}, {"reply": {"text": OTHER, "fragments": 2}}
    script = stub(slowly(), plain, cut, {"fault": {"frames": "820121"}}, slowly(), plain, {"fault": "MALFORMED_FRAME"})
    World(script, outbox_policy=policy, stop_timeout=0.3).play(scenario)


@all_policies
@pytest.mark.parametrize(("fault", "end"), [("CONNECTION_RESET_BY_PEER", "RST"), ("ABNORMAL_CLOSE", "FIN")])
def test_a_cut_takes_along_what_waits_behind_the_message_that_it_cuts(policy: str, fault: str, end: str) -> None:
    async def scenario(world: World) -> None:
        assert await told(world) == (frame(SAID)[: len(frame(SAID)) // 4], end)

    script = stub(slowly(total="1h"), {"reply": {"text": OTHER}}, slowly(OTHER), {"fault": fault})
    World(script, outbox_policy=policy).play(scenario)


def test_what_dribbles_is_dropped_as_anything_else_where_there_is_no_room() -> None:
    long = '{"type":"chat","user":"mock","text":"' + "x" * 1000 + '"}'

    async def scenario(world: World) -> None:
        async with asyncio.timeout(5):
            heard, end = await told(world)
        assert (heard, end) == (frame(SAID) + frame(SAID) + b"\x83\x1b" + b'{"fault":"MALFORMED_FRAME"}', "FIN")

    script = stub(
        slowly(),
        slowly(long),
        {"fault": {"frames": "82" + "7e0400" + "21" * 1024}},
        slowly(),
        {"fault": "MALFORMED_FRAME"},
    )
    World(script, outbox_policy="drop-oldest", max_outbox=1100, stop_timeout=0.3).play(scenario)


def test_a_socket_whose_close_frame_is_not_answered_still_takes_up_room() -> None:
    async def scenario(world: World) -> None:
        first, second = Raw(world.port), Raw(world.port)
        await first.say(REQUEST)
        await first.until(b"\r\n\r\n")
        await first.say(b"\x88\x82\x00\x00\x00\x00\x03\xe8")
        await world.until_nobody_is_there()
        await second.say(REQUEST)
        await second.until(b"503")
        first.close()
        await world.until(lambda: world.mock.driver is not None and not world.mock.driver.abandoned)
        third = Raw(world.port)
        await third.say(REQUEST)
        await third.until(b"101")
        second.close()
        third.close()

    World(stub({"fault": "NO_CLOSE_REPLY"}, on={"type": "open"}), max_connections=1).play(scenario)
