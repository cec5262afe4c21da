"""What waits for one client: bounded, in order, and ended by a parting."""

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from mockws.host.outbox import Item, Outbox, Parting, Ping


def taken(outbox: Outbox, count: int) -> list[Item]:
    async def take() -> list[Item]:
        return [await asyncio.wait_for(outbox.next(), 1) for _ in range(count)]

    return asyncio.run(take())


def test_frames_come_out_as_they_went_in() -> None:
    outbox = Outbox(100)
    offered = [outbox.offer(frame) for frame in ("a", b"b", "c")]

    assert offered == [True, True, True]
    assert taken(outbox, 3) == ["a", b"b", "c"]


def test_the_oldest_messages_go_where_they_are_to_and_what_else_waits_stays() -> None:
    outbox = Outbox(10, drops=True)
    outbox.tell({"type": "websocket.accept"})
    outbox.ping(b"1")
    offered = [outbox.offer(frame) for frame in ("abcd", "efgh", b"ijkl")]

    assert offered == [True, True, True]
    assert taken(outbox, 4) == [{"type": "websocket.accept"}, Ping(b"1"), "efgh", b"ijkl"]


def test_it_is_calm_again_when_half_of_it_is_taken() -> None:
    async def scenario() -> bool:
        outbox = Outbox(10)
        outbox.offer("abcdefghi")
        outbox.offer("j")
        calm = asyncio.ensure_future(outbox.calm())
        await asyncio.sleep(0)
        waited = not calm.done()
        await outbox.next()
        await asyncio.wait_for(calm, 1)
        return waited

    assert asyncio.run(scenario())


@given(st.lists(st.integers(1, 40), max_size=30))
def test_no_more_waits_than_is_allowed_but_for_one_frame_that_is_larger(sizes: list[int]) -> None:
    outbox = Outbox(30)
    accepted = [size for size in sizes if outbox.offer("x" * size)]

    assert sum(accepted) <= 30 or len(accepted) == 1


def test_there_is_room_again_for_what_was_taken() -> None:
    outbox = Outbox(10)
    outbox.offer("x" * 10)
    refused = outbox.offer("y")
    taken(outbox, 1)

    assert not refused
    assert outbox.offer("y")


def test_nothing_follows_the_parting() -> None:
    outbox = Outbox(100)
    outbox.offer("a")
    outbox.end(Parting(1000, "bye"))
    outbox.offer("b")
    outbox.end(Parting(1001, "again"))

    assert taken(outbox, 2) == ["a", Parting(1000, "bye")]


def test_a_parting_at_once_drops_what_waits() -> None:
    outbox = Outbox(100)
    outbox.offer("a")
    outbox.end(Parting(1013, "too slow"), at_once=True)

    assert taken(outbox, 1) == [Parting(1013, "too slow")]


def test_whoever_waits_is_woken() -> None:
    async def wait() -> Item:
        outbox = Outbox(100)
        asyncio.get_running_loop().call_soon(outbox.offer, "late")
        return await asyncio.wait_for(outbox.next(), 1)

    assert asyncio.run(wait()) == "late"
