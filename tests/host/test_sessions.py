"""Sessions: begun, bounded, and ended when nobody uses them any more."""

from collections.abc import Callable

import pytest

from mockws.app import load_document
from mockws.engine.engine import Engine
from mockws.errors import NoSuchSession, SessionRefused
from mockws.host.clock import Handle
from mockws.host.sessions import Sessions
from mockws.settings import Settings


class Wall:
    """The wall's clock, moved by hand."""

    def __init__(self) -> None:
        self.at = 0.0
        self.alarms: list[tuple[float, Callable[[], None]]] = []

    def now(self) -> float:
        return self.at

    def call_later(self, seconds: float, wake: Callable[[], None]) -> Handle:
        alarm = (self.at + seconds, wake)
        self.alarms.append(alarm)
        return Alarm(lambda: self.alarms.remove(alarm) if alarm in self.alarms else None)

    def pass_by(self, seconds: float) -> None:
        self.at += seconds
        for alarm in [each for each in self.alarms if each[0] <= self.at]:
            self.alarms.remove(alarm)
            alarm[1]()


class Alarm:
    def __init__(self, call_off: Callable[[], None]) -> None:
        self._call_off = call_off

    def cancel(self) -> None:
        self._call_off()


def sessions_of(wall: Wall, **settings: int) -> Sessions:
    chosen = Settings(**settings)  # type: ignore[arg-type]
    engine = Engine(load_document("specification/chat.yaml", chosen).contract, chosen)
    return Sessions(engine, wall, chosen)


def test_a_session_that_nobody_uses_ends() -> None:
    wall = Wall()
    sessions = sessions_of(wall, session_ttl=60)
    name = sessions.begin().id

    wall.pass_by(61)

    assert len(sessions) == 0
    with pytest.raises(NoSuchSession, match=name):
        sessions.find(name)


def test_whoever_uses_a_session_keeps_it() -> None:
    wall = Wall()
    sessions = sessions_of(wall, session_ttl=60)
    name = sessions.begin().id

    for _ in range(5):
        wall.pass_by(50)
        assert sessions.find(name).id == name


def test_a_session_may_live_for_ever() -> None:
    wall = Wall()
    sessions = sessions_of(wall)
    sessions.begin(lifetime=0)

    wall.pass_by(10_000_000)

    assert (len(sessions), wall.alarms) == (1, [])


def test_counts_of_sessions_that_ended_go_on() -> None:
    """Metrics never fall: a scraper takes that for a restart."""
    sessions = sessions_of(Wall())
    session = sessions.begin()
    session.tally.events["open"] += 3

    sessions.end(session.id)

    assert sessions.tally().events["open"] == 3


def test_one_too_many_is_refused() -> None:
    sessions = sessions_of(Wall(), max_sessions=1)
    sessions.begin()

    with pytest.raises(SessionRefused):
        sessions.begin()


def test_names_that_were_not_chosen_cannot_be_guessed() -> None:
    sessions = sessions_of(Wall())

    names = {sessions.begin().id for _ in range(50)}

    assert len(names) == 50
    assert all(len(name) >= 16 for name in names)
