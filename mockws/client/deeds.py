"""What can be asked of the admin API to change or show something, each described once; nothing is sent here.

Numbers of seconds are seconds, and a text is a duration with its unit. What is None, or not given, is not said.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Literal

from msgspec import UNSET

from mockws.client.asked import Asked, given
from mockws.client.views import (
    ChannelView,
    ClockView,
    ConnectionsView,
    ConnectionView,
    CoverageView,
    CredentialsView,
    HealthView,
    ProfileView,
    RanView,
    ReachedView,
    SavedView,
    ScenarioView,
    SentView,
    SessionView,
    VersionView,
)
from mockws.units import Span, duration

Json = Mapping[str, Any]
Generate = bool | Literal["invalid"]
NOTHING = type(None)


def health() -> Asked[HealthView]:
    """Tell how the mock is."""
    return Asked("GET /health", HealthView)


def ready() -> Asked[HealthView]:
    """Tell whether the mock is ready; Refused with 503 where it is not."""
    return Asked("GET /health/ready", HealthView)


def version() -> Asked[VersionView]:
    """Tell which mockws this is."""
    return Asked("GET /version", VersionView)


def document() -> Asked[dict[str, Any]]:
    """Give the AsyncAPI document as it is served: mended, and in one piece."""
    return Asked("GET /document", dict[str, Any])


def openapi() -> Asked[dict[str, Any]]:
    """Give the description of the admin API itself."""
    return Asked("GET /openapi.json", dict[str, Any])


def metrics() -> Asked[str]:
    """Give the metrics of the whole mock, in the text format of Prometheus."""
    return Asked("GET /metrics", str)


def channels() -> Asked[list[ChannelView]]:
    """List the channels of the document."""
    return Asked("GET /channels", list[ChannelView])


def channel(name: str) -> Asked[ChannelView]:
    """Show one channel, by whatever it goes by."""
    return Asked("GET /channels/{name}", ChannelView, {"name": name})


def coverage(*, of: str | None = None) -> Asked[CoverageView]:
    """Tell what of the document has been exercised: in this session, or with `of="all"` since the mock began."""
    return Asked("GET /coverage", CoverageView, query=given(of=of))


def connections(channel: str | None = None) -> Asked[list[ConnectionView]]:
    """List who is connected, or who is on a channel."""
    return Asked("GET /connections", list[ConnectionView], query=given(channel=channel))


def connection(id: str) -> Asked[ConnectionView]:  # noqa: A002  # as openapi.json calls it
    """Show one connection."""
    return Asked("GET /connections/{id}", ConnectionView, {"id": id})


def wait_for_connections(
    channel: str | None = None, *, connection: Json | None = None, count: int = 1, timeout: Span = 5
) -> Asked[ConnectionsView]:
    """Wait until so many connections are there; Refused with 409 where they do not come in time."""
    body = given(channel=channel, connection=connection, count=count, timeout=duration(timeout))
    return Asked("POST /connections/wait", ConnectionsView, body=body)


def send_to(
    id: str,  # noqa: A002  # as openapi.json calls it
    message: str | None = None,
    *,
    json: Any = UNSET,
    text: str | None = None,
    base64: str | None = None,
    example: str | None = None,
    generate: Generate | None = None,
    with_: Json | None = None,
    validate: bool | None = None,
    fragments: int | None = None,
    chunked_dribble_delay: Json | None = None,
) -> Asked[SentView]:
    """Say something to one connection."""
    body = given(
        message=message, json=json, text=text, base64=base64, example=example, generate=generate, with_=with_,
        validate=validate, fragments=fragments, chunked_dribble_delay=chunked_dribble_delay,
    )  # fmt: skip
    return Asked("POST /connections/{id}/send", SentView, {"id": id}, body=body)


def close(id: str, code: int = 1000, reason: str = "") -> Asked[ReachedView]:  # noqa: A002
    """Close one connection."""
    return Asked("POST /connections/{id}/close", ReachedView, {"id": id}, body=given(code=code, reason=reason))


def fault(id: str, fault: str | Json) -> Asked[ReachedView]:  # noqa: A002
    """Do what no well-behaved server does to one connection: a fault by its name, or bytes."""
    return Asked("POST /connections/{id}/fault", ReachedView, {"id": id}, body=given(fault=fault))


def ping(id: str) -> Asked[ReachedView]:  # noqa: A002
    """Ask one connection for a pong."""
    return Asked("POST /connections/{id}/ping", ReachedView, {"id": id})


def remove_connection(id: str) -> Asked[None]:  # noqa: A002
    """Close one connection with 1000."""
    return Asked("DELETE /connections/{id}", NOTHING, {"id": id})


def remove_connections(
    channel: str | None = None, *, code: int | None = None, reason: str | None = None
) -> Asked[ReachedView]:
    """Close all connections, or all on a channel."""
    return Asked("DELETE /connections", ReachedView, query=given(channel=channel, code=code, reason=reason))


def send(
    message: str | None = None,
    *,
    to: Json | None = None,
    operation: str | None = None,
    json: Any = UNSET,
    text: str | None = None,
    base64: str | None = None,
    example: str | None = None,
    generate: Generate | None = None,
    with_: Json | None = None,
    validate: bool | None = None,
    fragments: int | None = None,
    chunked_dribble_delay: Json | None = None,
    wait_for_connections: int | None = None,
    timeout: Span | None = None,
    allow_none: bool | None = None,
) -> Asked[SentView]:
    """Say a message of the document, or any payload, to connections; waits for them where that is asked."""
    body = given(
        message=message, to=to, operation=operation, json=json, text=text, base64=base64, example=example,
        generate=generate, with_=with_, validate=validate, fragments=fragments,
        chunked_dribble_delay=chunked_dribble_delay, wait_for_connections=wait_for_connections,
        timeout=None if timeout is None else duration(timeout), allow_none=allow_none,
    )  # fmt: skip
    return Asked("POST /send", SentView, body=body)


def expectations(*, unmatched: bool | None = None, metadata: Mapping[str, str] | None = None) -> Asked[list[Any]]:
    """List the expectations in force, by precedence."""
    chosen = {f"metadata.{name}": value for name, value in (metadata or {}).items()}
    query = given(unmatched=None if unmatched is None else str(unmatched).lower())
    return Asked("GET /expectations", list[Any], query={**query, **chosen})


def expect(expectation: Json) -> Asked[dict[str, Any]]:
    """Add an expectation; it is answered as it is in force."""
    return Asked("POST /expectations", dict[str, Any], body=expectation)


def remove_expectations() -> Asked[None]:
    """Take out all expectations that the admin API added."""
    return Asked("DELETE /expectations", NOTHING)


def reset_expectations() -> Asked[None]:
    """Files only again, unused; scenarios at their start."""
    return Asked("POST /expectations/reset", NOTHING)


def save_expectations() -> Asked[SavedView]:
    """Write what was added into the first stub folder."""
    return Asked("POST /expectations/save", SavedView)


def expectation(id: str) -> Asked[dict[str, Any]]:  # noqa: A002
    """Show one expectation, with what has become of it."""
    return Asked("GET /expectations/{id}", dict[str, Any], {"id": id})


def put_expectation(id: str, expectation: Json) -> Asked[dict[str, Any]]:  # noqa: A002
    """Put an expectation in force under an id."""
    return Asked("PUT /expectations/{id}", dict[str, Any], {"id": id}, body=expectation)


def remove_expectation(id: str) -> Asked[None]:  # noqa: A002
    """Take an expectation out."""
    return Asked("DELETE /expectations/{id}", NOTHING, {"id": id})


def trigger(name: str, payload: Any = UNSET) -> Asked[RanView]:
    """Set off the expectations with a named trigger."""
    return Asked("POST /triggers/{name}", RanView, {"name": name}, body=payload)


def credentials() -> Asked[CredentialsView]:
    """Show what handshakes may bring, without the secrets."""
    return Asked("GET /credentials", CredentialsView)


def put_credentials(credentials: Iterable[Json]) -> Asked[CredentialsView]:
    """Let handshakes bring these instead of what stub files list."""
    return Asked("PUT /credentials", CredentialsView, body={"credentials": list(credentials)})


def remove_credentials() -> Asked[None]:
    """Go back to what stub files list."""
    return Asked("DELETE /credentials", NOTHING)


def scenarios() -> Asked[list[ScenarioView]]:
    """List the scenarios that expectations know, with their states."""
    return Asked("GET /scenarios", list[ScenarioView])


def scenario(name: str) -> Asked[ScenarioView]:
    """Show one scenario."""
    return Asked("GET /scenarios/{name}", ScenarioView, {"name": name})


def put_scenario(name: str, state: str, *, connection: str | None = None) -> Asked[ScenarioView]:
    """Put a scenario into a state: everywhere, or for one connection."""
    body = given(state=state, connection=connection)
    return Asked("PUT /scenarios/{name}", ScenarioView, {"name": name}, body=body)


def reset_scenarios() -> Asked[None]:
    """Put all scenarios back to where they start."""
    return Asked("POST /scenarios/reset", NOTHING)


def clock() -> Asked[ClockView]:
    """Tell what time it is for the mock."""
    return Asked("GET /clock", ClockView)


def set_clock(action: str, by: Span | None = None) -> Asked[ClockView]:
    """Freeze the clock, advance it by so much, resume it, or reset it to the real time."""
    return Asked("PUT /clock", ClockView, body=given(action=action, by=None if by is None else duration(by)))


def faults() -> Asked[list[ProfileView]]:
    """List the fault profiles that are in force."""
    return Asked("GET /faults", list[ProfileView])


def put_faults(channel: str, profile: Json) -> Asked[ProfileView]:
    """Let latency and faults befall whatever the mock says on a channel."""
    return Asked("PUT /faults/{channel}", ProfileView, {"channel": channel}, body=profile)


def remove_faults(channel: str) -> Asked[None]:
    """Take a channel's fault profile away."""
    return Asked("DELETE /faults/{channel}", NOTHING, {"channel": channel})


def clear_faults() -> Asked[None]:
    """Take all fault profiles away."""
    return Asked("DELETE /faults", NOTHING)


def sessions() -> Asked[list[SessionView]]:
    """List the sessions there are, besides the one without a name."""
    return Asked("GET /sessions", list[SessionView])


def begin_session(id: str | None = None, *, time_to_live: Span | None = None) -> Asked[SessionView]:  # noqa: A002
    """Begin a session: expectations, journal, scenarios, counts and clock of its own."""
    lifetime = None if time_to_live is None else duration(time_to_live)
    return Asked("POST /sessions", SessionView, body=given(id=id, time_to_live=lifetime))


def end_session(id: str) -> Asked[None]:  # noqa: A002
    """End a session: its connections are closed with 1012, and nothing of it remains."""
    return Asked("DELETE /sessions/{id}", NOTHING, {"id": id})


def end_sessions() -> Asked[None]:
    """End all sessions."""
    return Asked("DELETE /sessions", NOTHING)


def reset(*, connections: str | None = None) -> Asked[None]:
    """Put all of this session back to the beginning; `connections="close"` sends its clients away."""
    return Asked("POST /reset", NOTHING, query=given(connections=connections))
