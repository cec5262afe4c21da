"""The admin API of a running mock, from Python: `Client`, and `AsyncClient` with the same methods, awaited.

What a mock refuses is `Refused`, with its problem document; where none answers, it is `Unreachable`.
"""

import os
import ssl
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self, TypeVar

import msgspec
from msgspec import UNSET

from mockws.client import deeds, questions
from mockws.client.asked import Asked, Endpoint
from mockws.errors import Refused, Unreachable

T = TypeVar("T")
ADMIN = "/__admin"
UNIX = "unix:"  # and the path of a Unix domain socket
LOCAL = "http://localhost"  # what is said to be there
PATIENCE = 65.0  # seconds: the longest that the admin API waits, and a little more
TLS = ssl.SSLContext | bool | None  # False trusts anybody


class Endpoints:
    """What both clients can ask."""

    health = Endpoint(deeds.health)
    ready = Endpoint(deeds.ready)
    version = Endpoint(deeds.version)
    document = Endpoint(deeds.document)
    openapi = Endpoint(deeds.openapi)
    metrics = Endpoint(deeds.metrics)
    channels = Endpoint(deeds.channels)
    channel = Endpoint(deeds.channel)
    coverage = Endpoint(deeds.coverage)
    connections = Endpoint(deeds.connections)
    connection = Endpoint(deeds.connection)
    wait_for_connections = Endpoint(deeds.wait_for_connections)
    send_to = Endpoint(deeds.send_to)
    close_connection = Endpoint(deeds.close)
    fault = Endpoint(deeds.fault)
    ping = Endpoint(deeds.ping)
    remove_connection = Endpoint(deeds.remove_connection)
    remove_connections = Endpoint(deeds.remove_connections)
    send = Endpoint(deeds.send)
    expectations = Endpoint(deeds.expectations)
    expect = Endpoint(deeds.expect)
    remove_expectations = Endpoint(deeds.remove_expectations)
    reset_expectations = Endpoint(deeds.reset_expectations)
    save_expectations = Endpoint(deeds.save_expectations)
    expectation = Endpoint(deeds.expectation)
    put_expectation = Endpoint(deeds.put_expectation)
    remove_expectation = Endpoint(deeds.remove_expectation)
    trigger = Endpoint(deeds.trigger)
    credentials = Endpoint(deeds.credentials)
    put_credentials = Endpoint(deeds.put_credentials)
    remove_credentials = Endpoint(deeds.remove_credentials)
    scenarios = Endpoint(deeds.scenarios)
    scenario = Endpoint(deeds.scenario)
    put_scenario = Endpoint(deeds.put_scenario)
    reset_scenarios = Endpoint(deeds.reset_scenarios)
    clock = Endpoint(deeds.clock)
    set_clock = Endpoint(deeds.set_clock)
    faults = Endpoint(deeds.faults)
    put_faults = Endpoint(deeds.put_faults)
    remove_faults = Endpoint(deeds.remove_faults)
    clear_faults = Endpoint(deeds.clear_faults)
    sessions = Endpoint(deeds.sessions)
    begin_session = Endpoint(deeds.begin_session)
    end_session = Endpoint(deeds.end_session)
    end_sessions = Endpoint(deeds.end_sessions)
    reset = Endpoint(deeds.reset)
    journal = Endpoint(questions.journal)
    clear_journal = Endpoint(questions.clear_journal)
    find = Endpoint(questions.find)
    count = Endpoint(questions.count)
    wait_for_entries = Endpoint(questions.wait_for_entries)
    verify = Endpoint(questions.verify)
    verify_sequence = Endpoint(questions.verify_sequence)
    explain = Endpoint(questions.explain)


LEFT_OUT = {  # what has no method here -> why
    "GET /journal.jsonl": "it is the journal again, as lines for programs; `journal` gives it as values",
    "GET /journal/stream": "it has no end; `wait_for_entries` waits for what a program is interested in",
}


class Client(Endpoints):
    """The admin API at a URL such as http://127.0.0.1:8080, or at that of a session."""

    def __init__(self, url: str, token: str | None = None, *, tls: TLS = None) -> None:
        self.url = url.rstrip("/")
        self.token = token
        self.tls = tls
        self._http: Any = None

    def in_session(self, name: str) -> "Client":
        """Give a client of a session of this mock."""
        return Client(f"{self.url}/__s/{name}", self.token, tls=self.tls)

    def close(self) -> None:
        """Let its sockets go; what is asked later opens new ones."""
        http, self._http = self._http, None
        if http is not None:
            http.close()

    def _now(self, asked: Asked[T]) -> T:
        import httpx2  # takes a while to import

        try:
            if self._http is None:
                self._http = httpx2.Client(**options_of(self.url, self.token, self.tls, httpx2.HTTPTransport))
            response = self._http.request(asked.method, asked.path, **_said(asked))
        except (httpx2.HTTPError, httpx2.InvalidURL, ValueError) as problem:
            raise _unreachable(self.url, problem) from None
        return answer_of(asked, self.url, response.status_code, response.content)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


class AsyncClient(Endpoints):
    """The same, awaited; it belongs to the event loop in which it is used."""

    def __init__(self, url: str, token: str | None = None, *, tls: TLS = None) -> None:
        self.url = url.rstrip("/")
        self.token = token
        self.tls = tls
        self._http: Any = None

    def in_session(self, name: str) -> "AsyncClient":
        """Give a client of a session of this mock."""
        return AsyncClient(f"{self.url}/__s/{name}", self.token, tls=self.tls)

    async def close(self) -> None:
        """Let its sockets go; what is asked later opens new ones."""
        http, self._http = self._http, None
        if http is not None:
            await http.aclose()

    async def _soon(self, asked: Asked[T]) -> T:
        import httpx2  # takes a while to import

        try:
            if self._http is None:
                self._http = httpx2.AsyncClient(**options_of(self.url, self.token, self.tls, httpx2.AsyncHTTPTransport))
            response = await self._http.request(asked.method, asked.path, **_said(asked))
        except (httpx2.HTTPError, httpx2.InvalidURL, ValueError) as problem:
            raise _unreachable(self.url, problem) from None
        return answer_of(asked, self.url, response.status_code, response.content)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        await self.close()


def options_of(url: str, token: str | None, tls: TLS, transport: Callable[..., Any]) -> dict[str, Any]:
    """What httpx2's clients are made with. A mock is near: a proxy from the environment would only be in the way."""
    headers = {"authorization": f"Bearer {token}"} if token else {}
    options: dict[str, Any] = {"headers": headers, "timeout": PATIENCE, "trust_env": False}
    if url.startswith(UNIX):
        return {**options, "base_url": LOCAL + ADMIN, "transport": transport(uds=url.removeprefix(UNIX))}
    if tls is None and url.startswith("https:") and os.environ.get("SSL_CERT_FILE"):
        tls = ssl.create_default_context()  # it reads that file, as everything does that is made with OpenSSL
    return {**options, "base_url": url + ADMIN, **({} if tls is None else {"verify": tls})}


def _said(asked: Asked[Any]) -> dict[str, Any]:
    body = {} if asked.body is UNSET else {"json": asked.body}
    return {"params": dict(asked.query) or None, **body}


def _unreachable(url: str, problem: Exception) -> Unreachable:
    return Unreachable(url + ADMIN, str(problem) or type(problem).__name__)


def answer_of(asked: Asked[T], url: str, status: int, content: bytes) -> T:
    """Read an answer; raises Refused with its problem document, Unreachable for what is no answer of a mock."""
    if status < 400 and asked.answer is str:
        return content.decode("utf-8", "replace")  # type: ignore[return-value]  # str is what T is here
    try:
        value = msgspec.json.decode(content) if content else None
        if status >= 400:
            raise refusal(status, value)
        return msgspec.convert(value, asked.answer)
    except (msgspec.DecodeError, UnicodeDecodeError, TypeError):
        what = f"HTTP {status} came back, and not what a mock says"
        raise Unreachable(url + ADMIN, what) from None


def refusal(status: int, value: Any) -> Refused:
    """Make the error of a problem document; raises TypeError for what is none."""
    if not isinstance(value, dict):
        raise TypeError
    return Refused(status, str(value.get("title", "")), str(value.get("detail", "")), value)
