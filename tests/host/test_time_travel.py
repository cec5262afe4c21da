"""Moving a frozen clock on is waiting: the same scripts write the same journal, with the same times."""

from collections.abc import Callable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from steady import Steady

from mockws.app import load_document
from mockws.engine.engine import Engine
from mockws.engine.events import Commanded, Expect, Opening
from mockws.expect.reading import read_expectation
from mockws.host.clock import MockClock
from mockws.host.driver import Driver
from mockws.settings import Settings

CHAT = load_document("specification/chat.yaml", Settings()).contract
SAY = {"json": {"type": "chat", "user": "bot", "text": "{{ now }}"}}
DURATIONS = st.integers(1, 40).map(lambda tenths: f"{tenths * 100}ms")
EXPECTATIONS = st.one_of(
    st.builds(lambda every: {"trigger": {"type": "interval", "every": every}, "actions": [{"reply": SAY}]}, DURATIONS),
    st.builds(lambda after: {"trigger": {"type": "idle", "after": after}, "actions": [{"reply": SAY}]}, DURATIONS),
    st.builds(
        lambda wait, every: {
            "trigger": {"type": "open"},
            "actions": [{"reply": SAY}, {"delay": wait}, {"stream": {**SAY, "every": every, "count": 5}}],
        },
        DURATIONS,
        DURATIONS,
    ),
    st.builds(
        lambda within, lower: {
            "trigger": {"type": "open"},
            "timeToLive": "3s",
            "actions": [
                {"ping": {"every": within}},
                {"expect": {"within": within, "else": [{"delay": lower}, {"close": {"code": 4408}}]}},
            ],
        },
        DURATIONS,
        DURATIONS,
    ),
    st.builds(
        lambda upper: {
            "trigger": {"type": "open"},
            "actions": [
                {"reply": SAY},
                {"delay": {"type": "uniform", "lower": "50ms", "upper": upper}},
                {"reply": SAY},
            ],
        },
        DURATIONS,
    ),
)


class Mute:
    """A socket that takes everything."""

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *_, **__: None


@settings(max_examples=60, deadline=None)
@given(st.lists(EXPECTATIONS, min_size=1, max_size=3), st.lists(st.integers(1, 30), min_size=1, max_size=5))
def test_moving_on_writes_the_journal_that_waiting_writes(written: list[dict[str, Any]], tenths: list[int]) -> None:
    waited_wall = Steady()
    waited, moved_clock = _world(written, MockClock(waited_wall)), MockClock(Steady())
    moved = _world(written, moved_clock)
    moved_clock.freeze()

    for each in tenths:
        waited_wall.pass_by(each / 10)
        moved_clock.advance(each / 10)

    assert _journal(waited) == _journal(moved)


def _world(written: list[dict[str, Any]], clock: MockClock) -> Engine:
    """Put expectations in force, and let two clients come."""
    engine = Engine(CHAT, Settings())
    driver = Driver(engine, clock)
    for number, each in enumerate(written):
        driver.feed(Commanded(Expect(read_expectation(each, f"e{number}")), clock.now()))
    for room in ("a", "b"):
        path = f"/rooms/{room}"
        found = CHAT.book.find(path)
        assert found is not None
        driver.connect(Mute(), *found, Opening(path))
    return engine


def _journal(engine: Engine) -> list[tuple[Any, ...]]:
    return [
        (each.seq, round(each.entry.at, 6), each.entry.event, each.entry.connection, each.entry.frame, each.entry.note)
        for each in (*engine.journal.since(0),)
    ]
