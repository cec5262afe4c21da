"""The same mock in an async test: what waits is awaited, and never stops the loop that the client under test needs.

What does not wait is asked at once: the mock answers from another thread, or another process, within milliseconds.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar

from mockws.testing.mock import Mock, Mocked

P = ParamSpec("P")
T = TypeVar("T")


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
    """A mock in an async test; `wait_for_...`, `assert_...` and `send` are awaited."""

    def __init__(self, mock: Mock) -> None:
        self.mock = mock
        self._admin = mock.admin

    send = Awaited(Mock.send)
    wait_for_connection = Awaited(Mock.wait_for_connection)
    wait_for_message = Awaited(Mock.wait_for_message)
    assert_received = Awaited(Mock.assert_received)
    assert_not_received = Awaited(Mock.assert_not_received)
    assert_sequence = Awaited(Mock.assert_sequence)

    def session(self) -> Any:
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
