"""`MockServer`: a mock for tests, in this process, or a session of the running one that MOCKWS_URL names."""

import asyncio
import os
import threading
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from mockws.client.client import Client
from mockws.errors import CannotStart
from mockws.testing.mock import AsyncMock, Mock, Session
from mockws.testing.process import Running, settings_of

URL, TOKEN = "MOCKWS_URL", "MOCKWS_ADMIN_TOKEN"
EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  # what is bound to all is reached here


class MockServer(Mock):
    """A mock of a document while a block runs: `with MockServer("spec.yaml") as mock:`, or `async with`.

    Options are those of `mockws serve`. With `url`, or MOCKWS_URL in the environment, the running mock there is used,
    with a session of its own: then document and options are that mock's affair.
    """

    def __init__(
        self,
        document: str | Path | None = None,
        *,
        stubs: str | Path | Iterable[str | Path] = (),
        url: str | None = None,
        token: str | None = None,
        **options: Any,
    ) -> None:
        self._document = None if document is None else str(document)
        listed = [stubs] if isinstance(stubs, str | Path) else list(stubs)
        self._settings = settings_of({**options, "stubs": [str(each) for each in listed]})
        self._remote = url or os.environ.get(URL) or None
        self._token = token or os.environ.get(TOKEN) or None
        self._running: Running | None = None
        self._session: Session | None = None
        self._lock = threading.Lock()

    @property
    def is_remote(self) -> bool:
        """Tell whether it is a running mock that was there before."""
        return self._remote is not None

    def start(self) -> Self:
        """Start, unless it runs; raises what keeps it from that: DocumentRefused, StubsRefused, CannotStart, ..."""
        with self._lock:
            if self._admin is None:
                self._admin = self._join(self._remote) if self._remote else self._serve()
        return self

    def stop(self) -> None:
        """Stop, unless it has stopped; clients are told goodbye with 1012."""
        with self._lock:
            admin, self._admin = self._admin, None
            session, self._session = self._session, None
            running, self._running = self._running, None
            if session is not None:
                session.end()
            if admin is not None:
                admin.close()
            if running is not None:
                running.stop()

    def _join(self, url: str) -> Client:
        with Client(url, self._token) as client:
            self._session = Mock(client).session()
        return self._session.admin

    def _serve(self) -> Client:
        if self._document is None:
            raise CannotStart(f"there is no document to mock: MockServer(DOCUMENT), or a running mock in {URL}")
        running = Running(self._document, self._settings)
        port = running.start()
        self._running = running
        host = EVERYWHERE.get(self._settings.host, self._settings.host).strip("[]")
        secure = self._settings.speaks_tls
        name = f"[{host}]" if ":" in host else host
        # A certificate of a test is signed by nobody, and this process knows whom it speaks to.
        return Client(f"http{'s' * secure}://{name}:{port}", running.token, tls=False if secure else None)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    async def __aenter__(self) -> AsyncMock:
        await asyncio.to_thread(self.start)
        return AsyncMock(self)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        await asyncio.to_thread(self.stop)
