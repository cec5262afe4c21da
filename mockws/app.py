"""The composition root: settings -> contract, driver, links, admin -> a Starlette app. Only here rooms are joined."""

import asyncio
import contextlib
import gc
import ipaddress
import logging
import secrets
import time
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute, Router
from starlette.types import ASGIApp

from mockws import __version__
from mockws.admin.api import admin_app
from mockws.admin.desk import Desk
from mockws.admin.guard import Guard, host_name, is_loopback
from mockws.admin.health import Health
from mockws.admin.problems import problem_of
from mockws.admin.views import Showing
from mockws.asyncapi.bundle import bundled
from mockws.asyncapi.load import Loaded, Options, load
from mockws.client.views import SavedView, SkippedView
from mockws.diagnostic import Diagnostic, Place, Severity
from mockws.engine.book import channel_of, check_names
from mockws.engine.breaking import check_power
from mockws.engine.callbacks import check_callbacks
from mockws.engine.credentials import faults
from mockws.engine.engine import Engine
from mockws.errors import BadExpectation, DocumentRefused, MockwsError, StubsRefused
from mockws.expect.expectation import Compiled
from mockws.expect.faults import Power
from mockws.host.clock import LoopClock
from mockws.host.crowd import Crowd
from mockws.host.driver import Driver, Observer
from mockws.host.entrance import Entrance
from mockws.host.routing import ChannelRoutes
from mockws.host.sessions import Session, Sessions
from mockws.host.tls import Certificate
from mockws.links.dictionaries import DictionaryFiles, making_of, manner_of
from mockws.links.examples import ExampleFiles
from mockws.links.files import DocumentFiles
from mockws.links.projects import Entry, entry_of
from mockws.links.protoc import Protoc
from mockws.links.remote import RemoteFiles
from mockws.links.saved import save
from mockws.links.stubs import StubFiles, Stubs
from mockws.links.watch import changes
from mockws.links.webhook import Callbacks
from mockws.redaction import Redaction
from mockws.schema.schema import Manner
from mockws.settings import Settings
from mockws.specmatic.project import Side

LOCAL = "localhost"
log = logging.getLogger("mockws")


def load_document(
    path: str,
    settings: Settings,
    files: DocumentFiles | None = None,
    *,
    thorough: bool = False,
    prefers: Side = Side.CONSUMES,
) -> Loaded:
    """Read a document, or the one that a Specmatic project names; raises DocumentRefused, UnknownName.

    With `strict`, any error refuses the document; `thorough` looks also at what is of no use to a mock.
    """
    return load_entry(entry_of(path, settings.allow_ref_root, prefers), settings, files, thorough=thorough)


def load_entry(
    entry: Entry, settings: Settings, files: DocumentFiles | None = None, *, thorough: bool = False
) -> Loaded:
    """Read the document of an entry as these settings want it; raises DocumentRefused, UnknownName."""
    settings, path = entry.over(settings), entry.document
    files = files or document_files(path, settings)
    options = Options(
        perspective=settings.perspective,
        servers=settings.server,
        topics=settings.topics,
        overlays=settings.overlay,
        protoc=Protoc(),
        thorough=thorough,
    )
    with _without_collecting():
        loaded = load(path, files, options)
    loaded = replace(loaded, diagnostics=(*entry.notes, *loaded.diagnostics))
    errors = loaded.of(Severity.ERROR)
    if settings.strict and errors:
        raise DocumentRefused(errors, loaded.files)
    return loaded


def document_files(path: str, settings: Settings, remote: RemoteFiles | None = None) -> DocumentFiles:
    """Make what reads a document's files, as far as these settings allow it."""
    remote = remote or RemoteFiles(settings.allow_remote_refs)
    return DocumentFiles(path, settings.allow_ref_root, settings.overlay, remote)


def checked_stubs(files: StubFiles, loaded: Loaded, settings: Settings, power: Power = Power.FRAMES) -> Stubs:
    """Read stub files, and look all up that they name in document and settings; raises StubsRefused.

    What they do to the wire has to be possible on a server of this power.
    """
    stubs = files.load()
    wrong: list[Diagnostic] = []
    for problem in faults(stubs.credentials, loaded.contract):
        wrong += files.refused_credential(problem).diagnostics
    for each in stubs.expectations:
        try:
            check_callbacks(each, settings.allow_callbacks)
            check_power(each.script, power)
            check_names(each, loaded.contract, channel_of(each, loaded.contract))
        except BadExpectation as problem:
            wrong += files.refusal(each.id, problem).diagnostics
    if wrong:
        raise StubsRefused(tuple(wrong))
    return stubs


def checked_examples(files: ExampleFiles, loaded: Loaded, settings: Settings) -> tuple[Compiled, ...]:
    """Read Specmatic's examples, and leave out what is wrong with them; with `strict`, raises StubsRefused."""
    found: list[Compiled] = []
    for each in files.load(loaded.contract):
        try:
            check_names(each, loaded.contract, channel_of(each, loaded.contract))
            found.append(each)
        except BadExpectation as problem:
            files.leave_out(each.id, problem)
    if settings.strict and files.errors:
        raise StubsRefused(tuple(files.errors))
    return tuple(found)


@contextmanager
def _without_collecting() -> Iterator[None]:
    """Keep the garbage collector out while a document is read: all that is made stays, and looking through it again
    and again doubles the time for a large one."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def admin_token(settings: Settings) -> str | None:
    """Tell the token that the admin API asks for: none on loopback, one of our making where nobody named one."""
    if settings.admin_auth == "none":
        return None
    if settings.admin_token:
        return settings.admin_token
    return None if _is_loopback_bind(admin_host(settings)) else secrets.token_urlsafe(24)


def admin_host(settings: Settings) -> str:
    """Tell where the admin API listens: with the channels, unless it has a port of its own.

    Behind a Unix domain socket is this machine: whom that lets in, its permissions say.
    """
    own = settings.admin_port is not None and settings.admin_host
    return own or (LOCAL if settings.uds and settings.admin_port is None else settings.host)


def _is_loopback_bind(host: str) -> bool:
    return is_loopback(host.strip("[]").lower())


@dataclass
class Mock:
    """One mock, put together: what `serve` runs, and tests hold in their hands."""

    document: str
    settings: Settings
    loaded: Loaded
    files: DocumentFiles
    engine: Engine
    token: str | None
    health: Health
    stub_files: StubFiles
    remote: RemoteFiles
    stubs: Stubs = field(default_factory=Stubs)
    observers: tuple[Observer, ...] = ()
    sessions: Sessions | None = None
    admin_port: int | None = None  # as it was bound, where the admin API has one of its own
    certificate: Certificate | None = None  # that the server speaks TLS with
    dictionaries: DictionaryFiles = field(default_factory=lambda: DictionaryFiles(()))
    entry: Entry = field(default_factory=lambda: Entry(""))
    example_files: ExampleFiles = field(default_factory=lambda: ExampleFiles(()))
    _files_spoke: bool = False  # expectations of files have been in force
    _changing: asyncio.Lock = field(default_factory=asyncio.Lock)  # one change of files at a time

    @property
    def driver(self) -> Driver | None:
        """Give the driver of the main session; none before the mock runs."""
        return self.sessions.main.driver if self.sessions is not None else None

    @classmethod
    def of(cls, document: str, settings: Settings, observers: Iterable[Observer] = ()) -> "Mock":
        """Load a document and make a mock of it; raises DocumentRefused, StubsRefused, UnknownName."""
        remote = RemoteFiles(settings.allow_remote_refs)
        entry = entry_of(document, settings.allow_ref_root)
        files = document_files(entry.document, entry.over(settings), remote)
        loaded = load_entry(entry, settings, files)
        dictionaries = DictionaryFiles(settings.dictionary)
        engine = Engine(loaded.contract, settings, making=making_of(settings, dictionaries))
        engine.world.power = Power.MESSAGES  # until a server of ours says that it runs this mock
        mock = cls(
            document,
            settings,
            loaded,
            files,
            engine,
            admin_token(settings),
            Health(__version__, document=document),
            StubFiles(settings.stubs, entry.document),
            remote,
            observers=tuple(observers),
            dictionaries=dictionaries,
            entry=entry,
            example_files=ExampleFiles(entry.examples),
        )
        mock.stubs = mock.checked(loaded)
        return mock

    def checked(self, loaded: Loaded, power: Power = Power.FRAMES) -> Stubs:
        """Read stub files and examples as they are now; raises StubsRefused."""
        stubs = checked_stubs(self.stub_files, loaded, self.settings, power)
        known = {each.id for each in stubs.expectations}
        examples = checked_examples(self.example_files, loaded, self.settings)
        more = tuple(each for each in examples if each.id not in known)
        return replace(stubs, expectations=(*stubs.expectations, *more))

    def runs_on(self, power: Power) -> None:
        """Know how much of the wire there is; raises StubsRefused where stub files ask for more."""
        self.engine.world.power = power
        self._check_power()

    def _check_power(self) -> None:
        if self.stubs.expectations and self.engine.world.power < Power.FRAMES:
            self.stubs = self.checked(self.loaded, self.engine.world.power)

    def app(self) -> Starlette:
        """Make the ASGI app; its driver lives as long as its lifespan."""
        return Starlette(routes=[], lifespan=self._lifespan, exception_handlers={HTTPException: problem_of})

    @asynccontextmanager
    async def _lifespan(self, app: Starlette) -> AsyncIterator[None]:
        self._check_power()
        callbacks = Callbacks(self.settings.allow_callbacks)
        if self.settings.seed is None:  # the mock's clock begins now
            self.engine.world.making.epoch = datetime.now(UTC)
        self.sessions = Sessions(self.engine, LoopClock(), self.settings, self.observers, callbacks.make)
        self._put_in_force(self.stubs)
        app.router.routes.append(self._entrance(self.sessions))
        stop = asyncio.Event()
        watching = asyncio.create_task(self._watch(stop)) if self.settings.watch else None
        self.health.ready = True
        yield
        self.health.ready = False
        stop.set()
        if watching is not None:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)
        await callbacks.close()
        app.router.routes.clear()

    def _entrance(self, sessions: Sessions) -> BaseRoute:
        """Lead each request to its session: to the admin API, which all share, or to the session's own channels."""
        admin = self._admin(sessions) if self.settings.admin else None

        crowd = Crowd(self.settings, lambda: sessions.sockets, sessions.connections_of)

        def channels_of(session: Session) -> ASGIApp:
            return Router([ChannelRoutes(session.driver, self.settings, crowd)])

        return Entrance(sessions, channels_of, admin, lambda: self.admin_port)

    def _admin(self, sessions: Sessions) -> ASGIApp:
        names = {host_name(name) for name in self.settings.admin_hosts} | _bound_name(admin_host(self.settings))
        origins = frozenset(each.lower() for each in self.settings.admin_origins)
        showing = Showing(time.time() - sessions.main.clock.now(), Redaction.of(self.settings.redact))
        desk = Desk(sessions, self.health, lambda: bundled(self.loaded.document), self.save, showing)
        return admin_app(desk, Guard(self.token, frozenset(names), origins))

    async def _watch(self, stop: asyncio.Event) -> None:
        """Take each good change of the document over; a broken one keeps what was there, and says where."""
        async for _ in changes(self._watched, poll=self.settings.watch_poll, stop=stop):
            await self.reload()

    def _watched(self) -> set[Path]:
        files = {*self.files.read_paths, *self.stub_files.watched(), *self.dictionaries.paths, *self.entry.files}
        return {Path(self.document).absolute(), *files, *self.example_files.watched()}

    async def save(self, added: Sequence[Compiled]) -> SavedView:
        """Write expectations into a stub file, and take it over; raises CannotSave, CannotWrite."""
        async with self._changing:
            settings, contract = self.settings, self.loaded.contract
            saved = await asyncio.to_thread(save, settings.stubs, self.entry.document, contract, added)
            await self._read_stubs()
        skipped = [SkippedView(identity, reason) for identity, reason in saved.skipped.items()]
        return SavedView(str(saved.file), list(saved.saved), skipped)

    async def _read_stubs(self) -> None:
        """Take the stub files over as they are now; where another one broke meanwhile, the watch says so."""
        with contextlib.suppress(StubsRefused, BadExpectation):
            self.stubs = await asyncio.to_thread(self.checked, self.loaded, self.engine.world.power)
            self._put_in_force(self.stubs)

    async def reload(self) -> None:
        """Read all files anew, aside, and serve them from the next message on; where one is broken, say so."""
        async with self._changing:
            await self._reload()

    async def _reload(self) -> None:
        try:
            self._look_again()
            loaded = await asyncio.to_thread(load_entry, self.entry, self.settings, self.files)
            stubs = await asyncio.to_thread(self.checked, loaded, self.engine.world.power)
            manner = await asyncio.to_thread(manner_of, self.settings, self.dictionaries)
            self._take_over(loaded, stubs, manner)
        except MockwsError as problem:
            self.health.problem = _first(problem, self.document)
            log.error("not reloaded, the last good document stays: %s", problem)
        except Exception as problem:  # a defect of ours: the mock goes on as it is
            self.health.problem = Diagnostic(Severity.ERROR, "defect", repr(problem)[:200], Place(self.document))
            log.exception("not reloaded, the last good document stays")

    def _look_again(self) -> None:
        """Find out what is to be read; a broken document's files are watched too: mending one mends the document."""
        self.entry = entry_of(self.document, self.settings.allow_ref_root)
        self.files = document_files(self.entry.document, self.entry.over(self.settings), self.remote)
        self.stub_files.document, self.example_files.folders = self.entry.document, self.entry.examples

    def _take_over(self, loaded: Loaded, stubs: Stubs, manner: Manner) -> None:
        if self.sessions is not None:
            self.sessions.replace(loaded.contract, manner)
        broken = self.example_files.errors
        self.loaded, self.stubs, self.health.problem = loaded, stubs, next(iter(broken), None)
        for each in broken:
            log.error("an example is left out: %s", each)
        self._put_in_force(stubs)

    def _put_in_force(self, stubs: Stubs) -> None:
        """Let the engine take over what files say; raises BadExpectation for names that the document lacks."""
        if self.sessions is None or not (self.settings.stubs or stubs.expectations or self._files_spoke):
            return
        self._files_spoke = True
        problem = self.sessions.replace_stubs(stubs.expectations, stubs.credentials).answer
        if isinstance(problem, BadExpectation):
            raise problem


def _first(problem: MockwsError, document: str) -> Diagnostic:
    if isinstance(problem, DocumentRefused | StubsRefused):
        return problem.diagnostics[0]
    return Diagnostic(Severity.ERROR, "not-reloaded", str(problem), Place(document))


def _bound_name(host: str) -> set[str]:
    """An IP literal that the mock is bound to is its own name, unless it means every address."""
    try:
        bound = ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return {host.lower()}
    return set() if bound.is_unspecified else {str(bound)}
