"""A mock in this process, with a thread and a loop of its own; whatever keeps it from starting is told at once."""

import asyncio
import threading
from concurrent.futures import Future
from typing import Any

from mockws.errors import BadSetting, CannotStart
from mockws.settings import OPTIONS, Settings, read_option

ORIGIN = "MockServer"
QUIET = {"port": 0, "watch": False, "log_format": "none", "stop_timeout": 0.5}  # unless a test says otherwise
PATIENCE = 30.0  # seconds for a start, and for an end


def settings_of(given: dict[str, Any], origin: str = ORIGIN) -> Settings:
    """Put the settings of a mock in a test together; raises BadSetting, TypeError for what is no setting."""
    for name, value in given.items():
        if name not in OPTIONS:
            raise TypeError(f"{origin} has no option {name!r}; it has those of mockws serve: {', '.join(OPTIONS)}")
        if name == "admin" and not value:
            raise BadSetting(name, "a mock in a test is asked and told by its admin API", origin)
        if name == "uds" and value:
            raise BadSetting(name, "a mock in a test is reached by its port; --uds is for mockws serve", origin)
    return Settings(**{name: read_option(name, value, origin) for name, value in {**QUIET, **given}.items()})


class Running:
    """One mock that runs beside the caller."""

    def __init__(self, document: str, settings: Settings) -> None:
        from mockws.app import Mock  # the whole server: what only speaks to a running mock does without it

        self._mock = Mock.of(document, settings)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._over: asyncio.Event | None = None
        self._port: Future[int] = Future()
        self._thread = threading.Thread(target=self._run, name="mockws", daemon=True)
        self.token = self._mock.token

    def start(self) -> int:
        """Serve, and give the port; raises whatever keeps it from starting."""
        self._thread.start()
        return self._port.result(PATIENCE)

    def stop(self) -> None:
        """Say goodbye to all clients, and end; raises RuntimeError where it does not."""
        if self._loop is not None and self._over is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join(PATIENCE)
        if self._thread.is_alive():
            raise RuntimeError(f"the mock did not end within {PATIENCE:g} s")

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as problem:  # noqa: BLE001  # it is raised in the thread that waits for the port
            if not self._port.done():
                self._port.set_exception(problem)
        if not self._port.done():
            self._port.set_exception(CannotStart("the server ended before it was ready"))

    async def _serve(self) -> None:
        from mockws.host.server import running  # as above

        self._loop, self._over = asyncio.get_running_loop(), asyncio.Event()
        async with running(self._mock) as port:
            self._port.set_result(port)
            await self._over.wait()
