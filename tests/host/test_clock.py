"""The mock's clock: real time that can be frozen, moved on, let go and put back."""

from collections.abc import Callable

from hypothesis import example, given
from hypothesis import strategies as st
from steady import Steady

from mockws.host.clock import MANY, MockClock


def test_it_runs_with_its_base() -> None:
    base = Steady()
    clock = MockClock(base)
    rang: list[float] = []
    clock.call_later(2.0, lambda: rang.append(clock.now()))

    base.pass_by(1.5)
    assert (clock.now(), rang) == (1.5, [])
    base.pass_by(1.0)

    assert (clock.now(), rang) == (2.5, [2.0])


def test_frozen_it_stands_still_and_nothing_becomes_due() -> None:
    base = Steady()
    clock = MockClock(base)
    rang: list[float] = []
    clock.call_later(1.0, lambda: rang.append(clock.now()))
    clock.freeze()

    base.pass_by(10.0)

    assert (clock.frozen, clock.now(), rang) == (True, 0.0, [])


def test_moved_on_each_timer_rings_at_its_own_time() -> None:
    clock = MockClock(Steady())
    rang: list[tuple[str, float]] = []
    clock.freeze()
    clock.call_later(3.0, lambda: rang.append(("late", clock.now())))
    clock.call_later(1.0, lambda: rang.append(("early", clock.now())))

    clock.advance(2.0)
    assert (clock.now(), rang) == (2.0, [("early", 1.0)])
    clock.advance(2.0)

    assert (clock.now(), rang) == (4.0, [("early", 1.0), ("late", 3.0)])


def test_what_is_set_on_the_way_rings_on_the_way() -> None:
    clock = MockClock(Steady())
    rang: list[float] = []

    def beat() -> None:
        rang.append(clock.now())
        clock.call_later(1.0, beat)

    clock.call_later(1.0, beat)

    clock.advance(3.5)

    assert rang == [1.0, 2.0, 3.0]


def test_let_go_it_runs_from_where_it_stood() -> None:
    base = Steady()
    clock = MockClock(base)
    rang: list[float] = []
    clock.freeze()
    clock.call_later(30.0, lambda: rang.append(clock.now()))
    base.pass_by(100.0)
    clock.advance(29.0)

    clock.resume()
    base.pass_by(1.5)

    assert (clock.now(), rang) == (30.5, [30.0])


def test_a_running_clock_can_be_moved_on_too() -> None:
    base = Steady()
    clock = MockClock(base)
    base.pass_by(1.0)

    clock.advance(10.0)
    base.pass_by(1.0)

    assert (clock.frozen, clock.now()) == (False, 12.0)


def test_put_back_it_goes_by_its_base_and_what_is_to_come_is_as_far_off_as_it_was() -> None:
    base = Steady()
    clock = MockClock(base)
    rang: list[float] = []
    clock.advance(100.0)
    clock.call_later(5.0, lambda: rang.append(clock.now()))
    clock.freeze()

    clock.reset()
    base.pass_by(6.0)

    assert (clock.frozen, clock.now(), rang) == (False, 6.0, [5.0])


def test_a_timer_that_was_called_off_does_not_ring() -> None:
    clock = MockClock(Steady())
    rang: list[str] = []
    timer = clock.call_later(1.0, lambda: rang.append("rang"))

    timer.cancel()
    timer.cancel()
    clock.advance(2.0)

    assert rang == []


def test_timers_that_were_called_off_do_not_pile_up() -> None:
    clock = MockClock(Steady())

    for _ in range(10 * MANY):
        clock.call_later(60.0, lambda: None).cancel()

    assert len(clock._timers) <= 2 * MANY


def test_moving_on_can_be_done_in_parts() -> None:
    clock = MockClock(Steady())
    rang: list[float] = []
    for seconds in (1.0, 2.0, 3.0):
        clock.call_later(seconds, lambda: rang.append(clock.now()))
    clock.freeze()

    assert not clock.approach(5.0, most=2)
    assert (clock.now(), rang) == (2.0, [1.0, 2.0])
    assert clock.approach(5.0, most=2)

    assert (clock.now(), rang) == (5.0, [1.0, 2.0, 3.0])


@given(st.lists(st.floats(0.001, 50.0), max_size=20), st.lists(st.floats(0.0, 20.0), min_size=1, max_size=8))
@example(delays=[0.01, 0.001], moves=[0.01])
def test_moving_on_is_waiting(delays: list[float], moves: list[float]) -> None:
    """Whatever is set, in whatever steps time is moved on: it rings as it would have in real time."""
    base = Steady()
    waited, moved = MockClock(base), MockClock(Steady())
    moved.freeze()
    rings = [_rings(waited, delays), _rings(moved, delays)]

    for seconds in (*moves, 1e-9):  # a moment more: what is due just then is a rounding away from that
        base.pass_by(seconds)
        moved.advance(seconds)

    assert [number for number, _ in rings[0]] == [number for number, _ in rings[1]]
    assert all(abs(one[1] - other[1]) < 1e-6 for one, other in zip(*rings, strict=True))


def _rings(clock: MockClock, delays: list[float]) -> list[tuple[int, float]]:
    """Set timers, and give the list that they will write down in when they ring."""
    rang: list[tuple[int, float]] = []

    def bell(number: int) -> Callable[[], None]:
        return lambda: rang.append((number, clock.now()))

    for number, delay in enumerate(delays):
        clock.call_later(delay, bell(number))
    return rang
