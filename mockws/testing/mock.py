"""A mock in a test's hands: what it is to do, what came of it, and what must be so.

Everything goes over the admin API, so a mock in this process and one in a container are the same here.
"""

from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Self, Unpack
from urllib.parse import urlencode

from mockws.address import PARAMETER, filled
from mockws.client.asked import given
from mockws.client.client import Client
from mockws.client.views import EntryView, SentView
from mockws.errors import Refused
from mockws.testing.connection import Connection, said_by_client
from mockws.testing.expectation import Expectation
from mockws.testing.journal import Clock, Faults, Journal
from mockws.testing.told import failure, happened, line_of
from mockws.testing.wanted import HasId, Matched, Said, Step, connection_wanted, received, wanted
from mockws.units import Span, duration

PATIENCE = 1.0  # seconds: how long an assertion waits for what is on its way


class Mocked:
    """What a mock is told, and asked without waiting; both faces have it."""

    _admin: Client | None = None

    @property
    def admin(self) -> Client:
        """Give the client of its admin API, for all that is not here; raises RuntimeError where it does not run."""
        if self._admin is None:
            raise RuntimeError("the mock is not started: use it in a `with` block, or call start()")
        return self._admin

    @property
    def url(self) -> str:
        """Give its base URL for WebSockets."""
        return "ws" + self.admin.url.removeprefix("http")

    @property
    def http_url(self) -> str:
        """Give its base URL for plain HTTP requests."""
        return self.admin.url

    def url_for(self, channel: str, /, *, query: Mapping[str, object] | None = None, **parameters: object) -> str:
        """Give the URL of a channel, with the parameters of its path; raises TypeError where one is missing."""
        found = self.admin.channel(channel)
        missing = [name for name in PARAMETER.findall(found.address) if name not in parameters]
        unknown = [name for name in parameters if name not in PARAMETER.findall(found.address)]
        if missing or unknown:
            wrong = f"lacks {', '.join(missing)}" if missing else f"has no parameter {', '.join(unknown)}"
            raise TypeError(f"the address {found.address} of {found.name} {wrong}: url_for({channel!r}, name=value)")
        path = "/" + filled(found.address, parameters).removeprefix("/")
        return f"{self.url}{path}{'?' + urlencode(query) if query else ''}"

    def expect_message(self, message: str | None = None, **matched: Unpack[Matched]) -> Expectation:
        """Say what happens when a message comes: any, one of the document, or one with `json` in it."""
        return Expectation(self.admin, wanted(message, matched))

    def on_open(self, channel: str | None = None, /, **matched: Unpack[Matched]) -> Expectation:
        """Say what happens when somebody connects."""
        return self.on("open", channel, **matched)

    def on_close(
        self,
        channel: str | None = None,
        /,
        *,
        code: int | None = None,
        clean: bool | None = None,
        by: str | None = None,
        **matched: Unpack[Matched],
    ) -> Expectation:
        """Say what happens when a connection ends."""
        return self.on("close", channel, {"close": given(code=code, clean=clean, by=by)}, **matched)

    def on_idle(self, channel: str | None = None, /, *, after: Span, **matched: Unpack[Matched]) -> Expectation:
        """Say what happens when a connection says nothing for so long."""
        return self.on("idle", channel, {"after": duration(after)}, **matched)

    def on_interval(self, channel: str | None = None, /, *, every: Span, **matched: Unpack[Matched]) -> Expectation:
        """Say what happens every so often on each connection."""
        return self.on("interval", channel, {"every": duration(every)}, **matched)

    def on_trigger(self, name: str, *, channel: str | None = None) -> Expectation:
        """Say what happens when `trigger(NAME)` is called."""
        return self.on("named", channel, {"name": name})

    def on_http(
        self,
        method: str,
        path: str,
        *,
        channel: str | None = None,
        query: Mapping[str, Any] | None = None,
        headers: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> Expectation:
        """Say what happens on a plain HTTP request; `respond` answers it. The matchers are those of a stub file."""
        request = given(method=method, path=path, query_parameters=query, headers=headers, body=body)
        return self.on("http", channel, {"http": request})

    def on(
        self, event: str, channel: str | None, more: Mapping[str, Any] | None = None, /, **matched: Unpack[Matched]
    ) -> Expectation:
        """Say what happens on any trigger, with its keys as a stub file has them."""
        if channel is not None:
            matched = {**matched, "channel": channel}
        return Expectation(self.admin, {"type": event, **wanted(None, matched), **(more or {})})

    def trigger(self, name: str, payload: Any = None) -> list[str]:
        """Set off the expectations with this named trigger; give their ids."""
        return self.admin.trigger(name, payload).ran

    def faults(
        self,
        channel: str,
        *,
        latency: Span | Mapping[str, Any] | None = None,
        fault: str | None = None,
        probability: float | None = None,
        time_to_live: Span | None = None,
    ) -> Faults:
        """Let latency and faults befall whatever is said on a channel: until a reset, or in a `with` block."""
        late = latency if latency is None or isinstance(latency, Mapping) else duration(latency)
        span = None if time_to_live is None else duration(time_to_live)
        self.admin.put_faults(channel, given(latency=late, fault=fault, probability=probability, time_to_live=span))
        return Faults(self.admin, channel)

    def connections(self, channel: str | None = None) -> list[Connection]:
        """List who is connected, oldest first."""
        return [Connection(self.admin, each) for each in self.admin.connections(channel)]

    @property
    def clock(self) -> Clock:
        """Give its clock."""
        return Clock(self.admin)

    @property
    def journal(self) -> Journal:
        """Give what happened."""
        return Journal(self.admin)

    def reset(self) -> None:
        """Put all back to the beginning: expectations, journal, scenarios, clock, faults; clients are sent away."""
        self.admin.reset(connections="close")

    def assert_all_called(self) -> None:
        """Fail where an expectation of the test did not run, or not as often as its `times`."""
        idle = [each for each in self.admin.expectations() if _is_due(each)]
        if idle:
            told = [f"  {_line(each)}" for each in idle]
            raise AssertionError("\n".join(["not all expectations were called:", *told, *happened(self.admin)]))

    def assert_all_valid(self) -> None:
        """Fail where a message came that breaks the document."""
        wrong = self.admin.find({"message": {"valid": False}}).entries
        if wrong:
            told = [f"  {line_of(each)}" for each in wrong]
            raise AssertionError("\n".join(["messages came that are not valid:", *told]))


def _is_due(expectation: Mapping[str, Any]) -> bool:
    status = expectation["status"]
    return status["source"] != "file" and (status["ran"] == 0 or bool(status["remaining"]))


def _line(expectation: Mapping[str, Any]) -> str:
    trigger, status = expectation["trigger"], expectation["status"]
    name = trigger.get("message", {}).get("name", "")
    what = " ".join(each for each in (trigger.get("type", "message"), name) if each)
    often = f"{status['ran']} of {expectation['times']} times" if "times" in expectation else f"{status['ran']} times"
    called = f"{expectation['name']}: " if expectation.get("name") else ""
    where = f" on {trigger['channel']}" if "channel" in trigger else ""
    return f"{expectation['id']}: {called}{what}{where} ran {often}"


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
        times = given(exactly=count, at_least=at_least, at_most=at_most)
        patience = 0 if count == 0 or at_most is not None else PATIENCE
        self._verify(wanted(message, matched), times, patience if timeout is None else timeout, after)

    def assert_not_received(
        self, message: str | None = None, *, within: Span = 0, after: int | None = None, **matched: Unpack[Matched]
    ) -> None:
        """Fail if such a message came, or comes within a time."""
        self._verify(wanted(message, matched), {"exactly": 0}, within, after)

    def _verify(self, match: Mapping[str, Any], times: Mapping[str, int], within: Span, after: int | None) -> None:
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
        written = [(received(each) if isinstance(each, str) else each).as_json() for each in steps]
        end = None if close is None else {"code": close}
        matcher = connection_wanted(None, connection) or None
        try:
            self.admin.verify_sequence(
                written, connection=matcher, strict=strict, close=end, within=timeout, after=after
            )
        except Refused as problem:
            raise failure(self.admin, problem) from None

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
