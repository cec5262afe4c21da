"""Sessions: begun, bounded, and ended when nobody uses them any more."""

import pytest
from steady import Steady

from mockws.app import load_document
from mockws.engine.engine import Engine
from mockws.errors import NoSuchSession, SessionRefused
from mockws.host.sessions import Sessions
from mockws.settings import Settings


def sessions_of(wall: Steady, **settings: int) -> Sessions:
    chosen = Settings(**settings)  # type: ignore[arg-type]
    engine = Engine(load_document("specification/chat.yaml", chosen).contract, chosen)
    return Sessions(engine, wall, chosen)


def test_a_session_that_nobody_uses_ends() -> None:
    wall = Steady()
    sessions = sessions_of(wall, session_ttl=60)
    name = sessions.begin().id

    wall.pass_by(61)

    assert len(sessions) == 0
    with pytest.raises(NoSuchSession, match=name):
        sessions.find(name)


def test_whoever_uses_a_session_keeps_it() -> None:
    wall = Steady()
    sessions = sessions_of(wall, session_ttl=60)
    name = sessions.begin().id

    for _ in range(5):
        wall.pass_by(50)
        assert sessions.find(name).id == name


def test_a_session_may_live_for_ever() -> None:
    wall = Steady()
    sessions = sessions_of(wall)
    sessions.begin(lifetime=0)

    wall.pass_by(10_000_000)

    assert (len(sessions), wall.alarms) == (1, [])


def test_counts_of_sessions_that_ended_go_on() -> None:
    """Metrics never fall: a scraper takes that for a restart."""
    sessions = sessions_of(Steady())
    session = sessions.begin()
    session.tally.events["open"] += 3

    sessions.end(session.id)

    assert sessions.tally().events["open"] == 3


def test_one_too_many_is_refused() -> None:
    sessions = sessions_of(Steady(), max_sessions=1)
    sessions.begin()

    with pytest.raises(SessionRefused):
        sessions.begin()


def test_names_that_were_not_chosen_cannot_be_guessed() -> None:
    sessions = sessions_of(Steady())

    names = {sessions.begin().id for _ in range(50)}

    assert len(names) == 50
    assert all(len(name) >= 16 for name in names)
