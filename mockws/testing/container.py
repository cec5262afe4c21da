"""`MockWSContainer`: a mock in a container of testcontainers, for tests whose other parts run in containers too.

What is particular to containers is here: what is mounted where, the command, the token, when it is ready. What a test
does with the mock is `Mock`'s, as everywhere. The library is an extra, so nothing else imports this file.
"""

import secrets
import time
from pathlib import Path
from typing import Any

from mockws.client.client import Client
from mockws.errors import BadSetting, CannotStart, MockwsError
from mockws.settings import PREFIX
from mockws.testing.mock import Mock
from mockws.testing.process import settings_of

try:
    from testcontainers.core.container import DockerContainer
    from testcontainers.core.waiting_utils import WaitStrategy, WaitStrategyTarget
except ModuleNotFoundError as missing:
    raise ModuleNotFoundError(
        'MockWSContainer needs testcontainers: pip install "mockws[testcontainers]"', name=missing.name
    ) from None

ORIGIN = "MockWSContainer"
PORT = 8080  # the image's own
SPECS, STUBS = "/specs", "/stubs"
# Where the container listens is the container's; files would have to be mounted first.
NOT_HERE = {"host", "port", "admin", "admin_token", "admin_auth", "admin_port", "admin_host"}
NOT_HERE |= {"overlay", "dictionary", "allow_ref_root", "ssl_certfile", "ssl_keyfile"}
ENDED = {"exited", "dead", "removing"}
PATIENCE = 60  # seconds until it is ready, once its image is there
LOOK_EVERY = 0.1  # seconds
LAST = 2000  # characters of its log that an error shows


class MockWSContainer(DockerContainer):
    """A mock in a container while a block runs: `with MockWSContainer("spec.yaml") as container:`.

    What tests do with it is said to `container.mock`. The folder of the document is mounted at `/specs`, that of the
    stub files at `/stubs`, both to be read only. Options are those of `mockws serve`; whatever else a container has is
    said with the `with_...` methods of testcontainers.
    """

    def __init__(
        self,
        document: str | Path,
        *,
        stubs: str | Path | None = None,
        image: str = "mockws",
        token: str | None = None,
        **options: Any,
    ) -> None:
        file = _there(document)
        variables = _variables(options)
        super().__init__(image)
        self.token = token or secrets.token_urlsafe(24)
        self._mock: Mock | None = None
        self.with_exposed_ports(PORT)
        self.with_env(f"{PREFIX}ADMIN_TOKEN", self.token)
        self.with_envs(**variables)
        self.with_volume_mapping(file.parent, SPECS)
        command = ["serve", f"{SPECS}/{file.name}"]
        if stubs is not None:
            folder = _there(stubs)
            inside = STUBS if folder.is_dir() else f"{STUBS}/{folder.name}"
            self.with_volume_mapping(folder, inside)
            command += ["--stubs", inside]
        self.with_command(command)
        self.waiting_for(Ready().with_startup_timeout(PATIENCE))

    @property
    def http_url(self) -> str:
        """Give its base URL for plain HTTP requests, as this process reaches it."""
        host = self.get_container_host_ip()
        name = f"[{host}]" if ":" in host else host
        return f"http://{name}:{self.get_exposed_port(PORT)}"

    @property
    def url(self) -> str:
        """Give its base URL for WebSockets; other containers go to `ws://ALIAS:8080`, by an alias of its network."""
        return "ws" + self.http_url.removeprefix("http")

    @property
    def mock(self) -> Mock:
        """Give the mock: expectations, assertions, clock and journal."""
        if self._mock is None:
            self._mock = Mock(Client(self.http_url, self.token))
        return self._mock

    def stop(self, force: bool = True, delete_volume: bool = True) -> None:
        """Remove the container."""
        mock, self._mock = self._mock, None
        if mock is not None:
            mock.admin.close()
        super().stop(force, delete_volume)


class Ready(WaitStrategy):
    """Wait until the mock answers; where its container ends instead, say what it said."""

    def wait_until_ready(self, container: WaitStrategyTarget) -> None:
        """Wait; raises CannotStart."""
        assert isinstance(container, MockWSContainer)
        until = time.monotonic() + self._startup_timeout
        while not _is_ready(container):
            container.reload()
            if container.status in ENDED:
                raise CannotStart(f"the container of {container.image} has ended:\n{_said(container)}")
            if time.monotonic() > until:
                raise CannotStart(f"no mock was ready within {self._startup_timeout:g} s:\n{_said(container)}")
            time.sleep(LOOK_EVERY)


def _is_ready(container: MockWSContainer) -> bool:
    try:
        with Client(container.http_url) as client:
            client.ready()
            return True
    except (MockwsError, TimeoutError, ConnectionError):  # as long as it starts, and for good where it has ended
        return False


def _said(container: MockWSContainer) -> str:
    """Give the end of its log, where a mock says what keeps it from starting."""
    return "".join(each.decode("utf-8", "replace") for each in container.get_logs()).strip()[-LAST:]


def _there(path: str | Path) -> Path:
    """Give the whole path of what is mounted: an engine makes an empty folder of one that is not there."""
    found = Path(path).resolve()
    if not found.exists():
        raise CannotStart(f"there is no {path} to be mounted into the container")
    return found


def _variables(options: dict[str, Any]) -> dict[str, str]:
    """Write options as variables of the environment; raises TypeError, BadSetting for what does not fit."""
    settings_of(options, ORIGIN)
    for name in NOT_HERE & options.keys():
        raise BadSetting(name, "is for the container to say; with_env, with_command and with_volume_mapping do", ORIGIN)
    return {f"{PREFIX}{name.upper()}": _text(value) for name, value in options.items() if value is not None}


def _text(value: Any) -> str:
    return ",".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
