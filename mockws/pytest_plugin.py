"""The pytest plugin: the fixtures `mockws` and `mockws_server`, and the marker of that name.

pytest loads this in every project beside which mockws is installed. So nothing of mockws is imported before a test asks
for a mock.
"""

from collections.abc import Generator, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

DOCUMENT, STUBS = "mockws_document", "mockws_stubs"
KEYS = ("document", "stubs", "assert_all_called", "assert_all_valid")
MARKER = "mockws(document=..., stubs=..., assert_all_called=True, assert_all_valid=True): the mock of a test"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of the configuration file."""
    parser.addini(DOCUMENT, "AsyncAPI document of the fixtures mockws and mockws_server, from the rootdir", default="")
    parser.addini(STUBS, "stub files and folders of the same", type="paths", default=[])


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known."""
    config.addinivalue_line("markers", MARKER)


class Servers:
    """The mocks of one run, one for each document with its stub files; each starts when it is first asked for."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._started: dict[tuple[str, ...], Any] = {}

    def of(self, marked: Mapping[str, Any]) -> Any:
        """Give the mock that a test wants."""
        from mockws.errors import MockwsError  # nothing of mockws is imported for those who do not use it
        from mockws.testing.server import MockServer

        document = self._path(marked.get("document") or self._config.getini(DOCUMENT))
        stubs = marked.get("stubs", self._config.getini(STUBS))
        paths = [self._path(each) for each in ([stubs] if isinstance(stubs, str | Path) else stubs)]
        key = (document, *paths)
        if key not in self._started:
            try:
                self._started[key] = MockServer(document or None, stubs=paths).start()
            except MockwsError as problem:
                advice = "" if document else f"; {DOCUMENT} in the configuration of pytest, or the marker, names one"
                pytest.fail(f"mockws cannot start: {problem}{advice}", pytrace=False)
        return self._started[key]

    def _path(self, name: str | Path) -> str:
        return str(self._config.rootpath / name) if name else ""

    def stop(self) -> None:
        """Stop all of them."""
        for each in self._started.values():
            each.stop()


@pytest.fixture(scope="session")
def _mockws_servers(pytestconfig: pytest.Config) -> Iterator[Servers]:
    servers = Servers(pytestconfig)
    yield servers
    servers.stop()


@pytest.fixture(scope="session")
def mockws_server(_mockws_servers: Servers) -> Any:
    """The mock of the document that the configuration names, for the whole run."""
    return _mockws_servers.of({})


@pytest.fixture
def mockws(request: pytest.FixtureRequest, _mockws_servers: Servers) -> Iterator[Any]:
    """A mock that is as new for each test; of a running one (MOCKWS_URL) a session of its own."""
    server = _mockws_servers.of(_marked(request.node))
    if server.is_remote:
        with server.session() as session:
            yield session
        return
    server.reset()
    yield server
    server.reset()


def _marked(item: pytest.Item) -> dict[str, Any]:
    """Read the markers of a test; the nearest one decides, key by key."""
    found: dict[str, Any] = {}
    for marker in item.iter_markers("mockws"):
        unknown = [*map(repr, marker.args), *(key for key in marker.kwargs if key not in KEYS)]
        if unknown:
            raise pytest.UsageError(f"the marker mockws has {', '.join(KEYS)}, and not {', '.join(unknown)}")
        found = {**marker.kwargs, **found}
    return found


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    """Check what the marker asks for as a part of the test; where a test failed, show what the mock has seen."""
    mock = getattr(item, "funcargs", {}).get("mockws")
    try:
        result = yield
        if mock is not None:
            _check(mock, _marked(item))
    except Exception as problem:
        if mock is not None:
            _show(item, mock, problem)
        raise
    return result


def _check(mock: Any, marked: Mapping[str, Any]) -> None:
    if marked.get("assert_all_called"):
        mock.assert_all_called()
    if marked.get("assert_all_valid"):
        mock.assert_all_valid()


def _show(item: pytest.Item, mock: Any, problem: Exception) -> None:
    """Add the end of the journal to the report, unless the failure has told it."""
    from mockws.errors import MockwsError  # as above
    from mockws.testing.told import TITLE, happened

    if TITLE in str(problem):
        return
    try:
        item.add_report_section("call", "mockws", "\n".join(happened(mock.admin)))
    except (MockwsError, RuntimeError) as silent:
        item.add_report_section("call", "mockws", str(silent))
