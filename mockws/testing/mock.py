"""A mock in a test's hands: what it is to do, what came of it, and what must be so; awaited in async tests.

Everything goes over the admin API, so a mock in this process and one in a container are the same here.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from types import TracebackType
from typing import Any, Concatenate, Generic, ParamSpec, Self, TypeVar, Unpack

from mockws.client.asked import given
from mockws.client.client import Client
from mockws.client.views import EntryView, SentView
from mockws.errors import Refused
from mockws.testing.connection import Connection, said_by_client
from mockws.testing.mocked import Mocked
from mockws.testing.told import failure
from mockws.testing.wanted import HasId, Matched, Said, Step, connection_wanted, received, wanted
from mockws.units import Span

P = ParamSpec("P")
T = TypeVar("T")
PATIENCE = 1.0  # seconds: how long an assertion waits for what is on its way


class Mock(Mocked):
    """A mock that runs somewhere: in this process, beside it, or in a container."""

    def __init__(self, admin: Client) -> None:
        self._admin = admin

    def send(
        self,
        message: str | None = None,
        *,
        channel: str | None = None,
        address: str | None = None,
        group: str | None = None,
        wait_for: int = 0,
        timeout: Span = 5,
        **words: Unpack[Said],
    ) -> SentView:
        """Say something to all on a channel, at an address or in a group, or to everybody; wait for so many first."""
        __tracebackhide__ = True
        to = given(channel=channel, address=address, group=group) or {"all": True}
        try:
            return self.admin.send(
                to=to, wait_for_connections=wait_for, timeout=timeout, **said_by_client(message, words)
            )
        except Refused as problem:
            raise failure(self.admin, problem) from None

    def wait_for_connection(
        self,
        channel: str | None = None,
        *,
        count: int = 1,
        timeout: Span = 5,
        parameters: Mapping[str, object] | None = None,
        connection: Mapping[str, Any] | None = None,
    ) -> Connection:
        """Wait until somebody is connected, or so many are; give the newest. Raises AssertionError."""
        __tracebackhide__ = True
        matcher = connection_wanted(parameters, connection)
        try:
            found = self.admin.wait_for_connections(channel, connection=matcher, count=count, timeout=timeout)
        except Refused as problem:
            raise failure(self.admin, problem) from None
        return Connection(self.admin, found.connections[-1])

    def wait_for_message(
        self,
        message: str | None = None,
        *,
        count: int = 1,
        timeout: Span = 5,
        after: int | None = None,
        **matched: Unpack[Matched],
    ) -> EntryView:
        """Wait until a message has come, or so many have; give the last of them. Raises AssertionError."""
        __tracebackhide__ = True
        try:
            found = self.admin.wait_for_entries(wanted(message, matched), count=count, timeout=timeout, after=after)
        except Refused as problem:
            raise failure(self.admin, problem) from None
        return found.entries[count - 1]

    def assert_received(
        self,
        message: str | None = None,
        *,
        count: int | None = None,
        at_least: int | None = None,
        at_most: int | None = None,
        timeout: Span | None = None,
        after: int | None = None,
        **matched: Unpack[Matched],
    ) -> None:
        """Fail unless such a message came, or came so often; what is on its way has a second."""
        __tracebackhide__ = True
        times = given(exactly=count, at_least=at_least, at_most=at_most)
        patience = 0 if count == 0 or at_most is not None else PATIENCE
        self._verify(wanted(message, matched), times, patience if timeout is None else timeout, after)

    def assert_not_received(
        self, message: str | None = None, *, within: Span = 0, after: int | None = None, **matched: Unpack[Matched]
    ) -> None:
        """Fail if such a message came, or comes within a time."""
        __tracebackhide__ = True
        self._verify(wanted(message, matched), {"exactly": 0}, within, after)

    def _verify(self, match: Mapping[str, Any], times: Mapping[str, int], within: Span, after: int | None) -> None:
        __tracebackhide__ = True
        try:
            self.admin.verify(match, times=times, within=within, after=after)
        except Refused as problem:
            raise failure(self.admin, problem) from None

    def assert_sequence(
        self,
        steps: Sequence[str | Step],
        *,
        connection: Mapping[str, Any] | HasId | None = None,
        strict: bool = False,
        close: int | None = None,
        timeout: Span = PATIENCE,
        after: int | None = None,
    ) -> None:
        """Fail unless messages came, and were `sent`, in this order on one connection; a text is one that came."""
        __tracebackhide__ = True
        written = [(received(each) if isinstance(each, str) else each).as_json() for each in steps]
        end = None if close is None else {"code": close}
        matcher = connection_wanted(None, connection) or None
        try:
            self.admin.verify_sequence(
                written, connection=matcher, strict=strict, close=end, within=timeout, after=after
            )
        except Refused as problem:
            raise failure(self.admin, problem) from None

    @property
    def aio(self) -> "AsyncMock":
        """Give the face for async tests, where what waits is awaited."""
        return AsyncMock(self)

    def session(self) -> "Session":
        """Begin a world of its own: expectations, journal, scenarios and clock of nobody else."""
        return Session(self.admin, self.admin.begin_session().id)


class Session(Mock):
    """A world of its own within a mock, until its `with` block ends."""

    def __init__(self, admin: Client, name: str) -> None:
        super().__init__(_root(admin).in_session(name))
        self.name = name

    def end(self) -> None:
        """End it: its connections are closed, and nothing of it remains."""
        self.admin.end_session(self.name)
        self.admin.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.end()


def _root(admin: Client) -> Client:
    """Give the client of the mock itself: a session has no sessions of its own."""
    return Client(admin.url.partition("/__s/")[0], admin.token, tls=admin.tls)


class Awaited(Generic[P, T]):
    """A method that runs in a thread, and is awaited."""

    def __init__(self, method: Callable[Concatenate[Mock, P], T]) -> None:
        self._method = method
        self.__doc__ = method.__doc__
        self.__wrapped__ = method

    def __get__(self, face: "AsyncMock", kind: type) -> Callable[P, Awaitable[T]]:
        def method(*args: P.args, **kwargs: P.kwargs) -> Awaitable[T]:
            return asyncio.to_thread(self._method, face.mock, *args, **kwargs)

        method.__doc__ = self.__doc__
        return method


class AsyncMock(Mocked):
    """A mock in an async test: what waits is awaited, and never stops the loop that the client under test needs.

    What does not wait is asked at once: the mock answers from another thread, or another process, within milliseconds.
    """

    def __init__(self, mock: Mock) -> None:
        self.mock = mock
        self._admin = mock.admin

    send = Awaited(Mock.send)
    wait_for_connection = Awaited(Mock.wait_for_connection)
    wait_for_message = Awaited(Mock.wait_for_message)
    assert_received = Awaited(Mock.assert_received)
    assert_not_received = Awaited(Mock.assert_not_received)
    assert_sequence = Awaited(Mock.assert_sequence)

    def session(self) -> "AsyncSession":
        """Begin a world of its own, for an `async with` block."""
        return AsyncSession(self.mock)


class AsyncSession:
    """A world of its own, as long as its `async with` block."""

    def __init__(self, mock: Mock) -> None:
        self._mock = mock

    async def __aenter__(self) -> AsyncMock:
        self._session = await asyncio.to_thread(self._mock.session)
        return AsyncMock(self._session)

    async def __aexit__(self, *ended: object) -> None:
        await asyncio.to_thread(self._session.end)
