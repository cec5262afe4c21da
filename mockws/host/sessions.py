"""Sessions: isolated worlds of one mock, for tests that run side by side.

Each has an engine, a clock and a journal of its own. What files and the plain admin API put in force is seen by all of
them, and counted by each for itself.
"""

import re
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from mockws.contract import Contract
from mockws.engine.actions import Outcome
from mockws.engine.engine import Engine
from mockws.engine.events import Commanded, Expect, Reset, StubsReplaced, Unexpect
from mockws.engine.tally import Tally
from mockws.errors import NoSuchSession, SessionRefused
from mockws.exercise import Ledger
from mockws.expect.expectation import Compiled
from mockws.expect.model import AcceptedCredential
from mockws.host.clock import Clock, Handle, MockClock
from mockws.host.crowd import Addresses
from mockws.host.driver import Carrier, Driver, Observer
from mockws.host.notice import Notice
from mockws.host.witness import Witness
from mockws.schema.schema import Manner
from mockws.settings import Settings

ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
ENDED = "the session has ended"


@dataclass(eq=False)
class Session:
    """One world: the main one has no name."""

    id: str
    driver: Driver
    clock: MockClock
    lifetime: float = 0.0  # seconds of the wall's time without use, after which it ends; 0: never
    notice: Notice = field(default_factory=Notice)
    used_at: float = 0.0
    addresses: Addresses = field(default_factory=Addresses)  # of its clients, where they are bounded
    tally: Tally = field(init=False)
    witness: Witness = field(init=False)

    def __post_init__(self) -> None:
        self.tally = Tally(self.driver.engine.contract)
        self.witness = Witness(self.driver.engine, self.id)
        self.driver.observe(self.tally.see)
        self.driver.observe(self.notice)


class Sessions:
    """All worlds of one mock."""

    def __init__(
        self,
        engine: Engine,
        base: Clock,
        settings: Settings,
        observers: Iterable[Observer] = (),
        carrier: Carrier | None = None,
    ) -> None:
        self._base = base
        self._carrier = carrier
        self._settings = settings
        self._observers = tuple(observers)
        self._stubs: StubsReplaced | None = None
        self._named: dict[str, Session] = {}
        self._sweep: Handle | None = None
        self._past = Tally(engine.contract)  # of sessions that ended, and of counts that were reset
        self._witnessed = Ledger()  # the same
        self._missed = 0
        self.main = self._made(engine, "", 0.0)
        self.main.driver.observe(self._share, of_messages=False)

    def _made(self, engine: Engine, identity: str, lifetime: float) -> Session:
        clock = MockClock(self._base)
        driver = Driver(engine, clock, self._observers, self._carrier)
        session = Session(identity, driver, clock, lifetime, used_at=self._base.now())
        if self._settings.max_connections_per_address:
            driver.observe(session.addresses, of_messages=False)
        return session

    @property
    def connections(self) -> int:
        """Count who is connected, in all sessions."""
        return sum(each.driver.connections for each in self)

    @property
    def sockets(self) -> int:
        """Count the open sockets of all sessions: one limit is for all. Not each has somebody who is connected."""
        return sum(each.driver.connections + each.driver.abandoned for each in self)

    def connections_of(self, address: str) -> int:
        """Count those of one client address; only where they are bounded is that known."""
        return sum(each.addresses.counts[address] for each in self)

    def __iter__(self) -> Iterator[Session]:
        yield self.main
        yield from self._named.values()

    def __len__(self) -> int:
        return len(self._named)

    def begin(self, identity: str | None = None, lifetime: float | None = None) -> Session:
        """Make a world that sees the expectations there are; raises SessionRefused.

        With a name of one's own what is random repeats itself from run to run; a session without one gets a name that
        nobody guesses, and the chance that the main world has.
        """
        self._end_the_unused()
        self._check(identity)
        main = self.main.driver.engine
        making = replace(main.world.making, at=0.0)
        engine = Engine(main.contract, self._settings, session=identity or "", isolated=True, making=making)
        engine.world.power = main.world.power
        name = identity or secrets.token_urlsafe(12)
        session = self._made(engine, name, self._settings.session_ttl if lifetime is None else lifetime)
        self._named[name] = session
        self._inherit(session.driver)
        self._sweep_later()
        return session

    def _check(self, identity: str | None) -> None:
        if identity is not None and not ID.fullmatch(identity):
            raise SessionRefused("a session's id has 1 to 64 letters, digits, - and _", taken=False)
        if identity in self._named:
            raise SessionRefused(f"there is a session {identity!r} already", taken=True)
        if len(self._named) >= self._settings.max_sessions:
            raise SessionRefused(f"there are {len(self._named)} sessions already: --max-sessions", taken=True)

    def _inherit(self, driver: Driver) -> None:
        """Show a new world the expectations of files and of the plain admin API."""
        now = driver.clock.now()
        if self._stubs is not None:
            driver.feed(StubsReplaced(self._stubs.expectations, now, self._stubs.credentials))
        for compiled in self.main.driver.engine.expected.shared():
            driver.feed(Commanded(Expect(compiled, shared=True), now))

    def find(self, identity: str) -> Session:
        """Give the session of a name, and keep it for a while longer; raises NoSuchSession."""
        session = self._named.get(identity)
        if session is None:
            raise NoSuchSession(identity[:64])
        session.used_at = self._base.now()
        return session

    def end(self, identity: str) -> None:
        """Close everything of a session, and forget it; raises NoSuchSession."""
        session = self.find(identity)
        session.driver.stop(ENDED)
        del self._named[identity]
        self._keep(session)

    def forget(self, session: Session) -> None:
        """Count anew in a session; what all of them have counted together goes on."""
        self._keep(session)
        session.tally.clear(session.driver.engine.contract)
        session.witness.clear()

    def _keep(self, session: Session) -> None:
        self._past.add(session.tally)
        self._witnessed.add(session.witness.look())
        self._missed += session.witness.missed

    def tally(self) -> Tally:
        """Count over all sessions, those included that have ended."""
        total = Tally(self.main.driver.engine.contract)
        for each in (self._past, *(session.tally for session in self)):
            total.add(each)
        return total

    def witnessed(self) -> tuple[Ledger, int]:
        """Tell who exercised what over all sessions, in the same way, and how many entries nobody could read."""
        total = Ledger()
        for each in (self._witnessed, *(session.witness.look() for session in self)):
            total.add(each)
        return total, self._missed + sum(session.witness.missed for session in self)

    def replace(self, contract: Contract, manner: Manner | None = None) -> None:
        """Serve another contract, everywhere, from the next message on."""
        for each in self:
            each.driver.replace(contract, manner)

    def replace_stubs(self, expectations: tuple[Compiled, ...], credentials: tuple[AcceptedCredential, ...]) -> Outcome:
        """Take over what files say, everywhere; the main world's answer tells whether that went well."""
        self._stubs = StubsReplaced(expectations, credentials=credentials)
        answers = [each.driver.feed(StubsReplaced(expectations, each.clock.now(), credentials)) for each in self]
        return answers[0]

    def stop(self) -> None:
        """Say goodbye to everyone."""
        if self._sweep is not None:
            self._sweep.cancel()
        for each in self:
            each.driver.stop()

    def _share(self, outcome: Outcome) -> None:
        """Show all worlds what the plain admin API changes."""
        if not self._named or not isinstance(outcome.event, Commanded):
            return
        command = outcome.event.command
        shared: Expect | Unexpect
        if isinstance(command, Expect) and not isinstance(outcome.answer, Exception):
            shared = Expect(command.compiled, shared=True)
        elif isinstance(command, Unexpect | Reset):
            shared = Unexpect(command.id if isinstance(command, Unexpect) else None, shared=True)
        else:
            return
        for each in self._named.values():
            each.driver.feed(Commanded(shared, each.clock.now()))

    def _sweep_later(self) -> None:
        """Look again when the first of them may have been unused for long enough."""
        if self._sweep is None:
            first = min((each.lifetime for each in self._named.values() if each.lifetime), default=None)
            if first is not None:
                self._sweep = self._base.call_later(first, self._swept)

    def _swept(self) -> None:
        self._sweep = None
        self._end_the_unused()
        self._sweep_later()

    def _end_the_unused(self) -> None:
        now = self._base.now()
        for each in list(self._named.values()):
            if each.driver.connections:
                each.used_at = now
            elif each.lifetime and now >= each.used_at + each.lifetime:
                self.end(each.id)
