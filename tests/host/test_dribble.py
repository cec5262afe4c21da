"""Bytes that dribble, without a socket: at which time what is written."""

import asyncio
from typing import Any, cast

import pytest
from steady import Steady

from mockws.expect.pieces import Pieces
from mockws.host.dribble import Dribble


class Sink:
    """A transport that keeps what it is told, and when."""

    def __init__(self, clock: Steady) -> None:
        self._clock = clock
        self.told: list[tuple[float, Any]] = []

    def write(self, content: bytes) -> None:
        self.told.append((round(self._clock.now(), 3), content))

    def close(self) -> None:
        self.told.append((self._clock.now(), "close"))

    def write_eof(self) -> None:
        self.told.append((self._clock.now(), "eof"))

    def get_write_buffer_size(self) -> int:
        return 100


class World:
    def __init__(self) -> None:
        self.clock = Steady()
        self.sink = Sink(self.clock)
        self.dry = 0
        self.dribble = Dribble(cast("asyncio.Transport", self.sink), self.clock, self._dried_up)

    def _dried_up(self) -> None:
        self.dry += 1


def test_first_part_comes_at_once_and_the_last_after_all_the_time() -> None:
    world = World()

    world.dribble.dribble(b"abcdefg", Pieces(chunks=3, seconds=1.0))
    world.clock.pass_by(2)

    assert (world.sink.told, world.dry) == ([(0.0, b"ab"), (0.5, b"cd"), (1.0, b"efg")], 1)


def test_there_are_no_more_parts_than_bytes() -> None:
    world = World()

    world.dribble.dribble(b"ab", Pieces(chunks=1000, seconds=1.0))
    world.clock.pass_by(2)

    assert world.sink.told == [(0.0, b"a"), (1.0, b"b")]


def test_all_waits_for_its_turn_and_is_counted() -> None:
    world = World()
    world.dribble.dribble(b"ab", Pieces(chunks=2, seconds=1.0))
    world.dribble.write(b"x")
    world.dribble.dribble(b"cd", Pieces(chunks=2, seconds=1.0))

    assert (world.dribble.get_write_buffer_size(), world.dribble.left) == (104, 2.0)
    world.clock.pass_by(3)

    assert world.sink.told == [(0.0, b"a"), (1.0, b"b"), (1.0, b"x"), (1.0, b"c"), (2.0, b"d")]
    assert (world.dribble.get_write_buffer_size(), world.dry) == (100, 1)


@pytest.mark.parametrize("end", ["close", "eof"])
def test_who_ends_it_gets_the_rest_at_once(end: str) -> None:
    world = World()
    world.dribble.dribble(b"abc", Pieces(chunks=3, seconds=1.0))

    (world.dribble.close if end == "close" else world.dribble.write_eof)()
    world.clock.pass_by(2)

    assert (world.sink.told, world.dry) == ([(0.0, b"a"), (0.0, b"bc"), (0.0, end)], 1)


def test_what_is_dropped_is_never_written() -> None:
    world = World()
    world.dribble.drop()
    world.dribble.dribble(b"abc", Pieces(chunks=3, seconds=1.0))

    world.dribble.drop()
    world.clock.pass_by(2)

    assert (world.sink.told, world.clock.alarms, world.dribble.left) == ([(0.0, b"a")], [], 0)
