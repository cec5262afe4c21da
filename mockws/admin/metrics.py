"""Metrics for Prometheus, counted over all sessions; the only place that knows its library."""

from collections.abc import Iterator
from typing import Any

from starlette.responses import Response

from mockws.admin.endpoint import Call, Endpoint
from mockws.host.sessions import Sessions

TEXT = "text/plain; version=0.0.4"
SUMMARIES = {  # name of a metric -> what it counts
    "mockws_connections": "Open connections.",
    "mockws_sessions": "Sessions, the main one not counted.",
    "mockws_expectations": "Expectations in force in the main session.",
    "mockws_messages": "Messages by direction, channel, message and outcome.",
    "mockws_events": "Entries of the journal, by kind.",
    "mockws_closes": "Ended connections, by close code.",
    "mockws_journal_entries": "Entries that the journal of the main session keeps.",
    "mockws_journal_dropped": "Entries that it had no room for.",
}


async def metrics(call: Call) -> Response:
    """Metrics of the whole mock, in the text format of Prometheus."""
    # Imported here, as it costs 60 ms that a mock without a scraper need not wait for.
    from prometheus_client import CollectorRegistry, generate_latest

    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Collector(call.desk.sessions))
    return Response(generate_latest(registry), media_type=TEXT)


class _Collector:
    """Reads the counts when they are asked for."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    def collect(self) -> Iterator[Any]:
        engine = self._sessions.main.driver.engine
        yield _gauge("mockws_connections", self._sessions.connections)
        yield _gauge("mockws_sessions", len(self._sessions))
        yield _gauge("mockws_expectations", len(engine.expected.book.rules))
        yield _gauge("mockws_journal_entries", len(engine.journal))
        yield _counter("mockws_journal_dropped", (), {(): engine.journal.dropped})
        tally = self._sessions.tally()
        yield _counter("mockws_messages", ("channel", "direction", "message", "outcome"), tally.messages)
        yield _counter("mockws_events", ("event",), _keyed(tally.all_events()))
        yield _counter("mockws_closes", ("code",), _keyed(tally.closed))


def _keyed(counts: dict[Any, int]) -> dict[tuple[Any, ...], int]:
    return {(key,): count for key, count in counts.items()}


def _gauge(name: str, value: float) -> Any:
    from prometheus_client.core import GaugeMetricFamily  # as above

    return GaugeMetricFamily(name, SUMMARIES[name], value=value)


def _counter(name: str, labels: tuple[str, ...], counts: dict[Any, int]) -> Any:
    from prometheus_client.core import CounterMetricFamily  # as above

    family = CounterMetricFamily(name, SUMMARIES[name], labels=labels)
    for values, count in counts.items():
        family.add_metric(["" if each is None else str(each) for each in values], count)
    return family


ENDPOINTS = (Endpoint("GET", "/metrics", metrics, str, kind=TEXT),)
