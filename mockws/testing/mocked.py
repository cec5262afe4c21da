"""What a mock is told, and asked without waiting; the faces for plain and for async tests both have it."""

from collections.abc import Mapping, Sequence
from typing import Any, Unpack
from urllib.parse import urlencode

from mockws.address import PARAMETER, filled
from mockws.client.asked import given
from mockws.client.client import Client
from mockws.testing.connection import Connection
from mockws.testing.expectation import Expectation
from mockws.testing.journal import Clock, Faults, Journal
from mockws.testing.told import happened, line_of
from mockws.testing.wanted import Matched, wanted
from mockws.units import Span, duration


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
        """Give the URL of a channel, with the parameters of its path; raises TypeError where one is missing.

        Where a channel is at several paths it is that of its first server; `mock.url` and a path make any other.
        """
        found = self.admin.channel(channel)
        if not found.paths:
            raise TypeError(f"{found.name} is at no path of this mock: its option `server` leaves the channel out")
        path = _nearest(found.paths, parameters)
        missing = [name for name in PARAMETER.findall(path) if name not in parameters]
        unknown = [name for name in parameters if name not in (*PARAMETER.findall(path), *found.parameters)]
        if missing or unknown:
            wrong = f"lacks {', '.join(missing)}" if missing else f"has no parameter {', '.join(unknown)}"
            raise TypeError(f"the path {path} of {found.name} {wrong}: url_for({channel!r}, name=value)")
        return f"{self.url}{filled(path, parameters)}{'?' + urlencode(query) if query else ''}"

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
        fault: str | Mapping[str, Any] | None = None,
        probability: float | None = None,
        loss: float | None = None,
        duplicate: float | None = None,
        reorder: float | None = None,
        time_to_live: Span | None = None,
    ) -> Faults:
        """Let latency, loss and faults befall whatever is said on a channel: until a reset, or in a `with` block."""
        late = latency if latency is None or isinstance(latency, Mapping) else duration(latency)
        chances = given(probability=probability, loss=loss, duplicate=duplicate, reorder=reorder)
        span = None if time_to_live is None else duration(time_to_live)
        self.admin.put_faults(channel, {**chances, **given(latency=late, fault=fault, time_to_live=span)})
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
        __tracebackhide__ = True
        idle = [each for each in self.admin.expectations() if _is_due(each)]
        if idle:
            told = [f"  {_line(each)}" for each in idle]
            raise AssertionError("\n".join(["not all expectations were called:", *told, *happened(self.admin)]))

    def assert_all_valid(self) -> None:
        """Fail where a message came that breaks the document."""
        __tracebackhide__ = True
        wrong = self.admin.find({"message": {"valid": False}}).entries
        if wrong:
            told = [f"  {line_of(each)}" for each in wrong]
            raise AssertionError("\n".join(["messages came that are not valid:", *told]))


def _nearest(paths: Sequence[str], parameters: Mapping[str, object]) -> str:
    """Give the first path of a channel that these parameters fill, or else the one that lacks fewest."""
    return min(paths, key=lambda path: sum(name not in parameters for name in PARAMETER.findall(path)))


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
