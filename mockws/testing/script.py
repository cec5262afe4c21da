"""What the mock does, step by step: each method adds one action, and gives the script back."""

from collections.abc import Mapping
from typing import Any, Self, Unpack

from msgspec import UNSET

from mockws.client.asked import given
from mockws.testing.wanted import OfMessage, Scripted, said, wanted
from mockws.units import Span, duration

Audience = str | Mapping[str, Any]


class Script:
    """Actions in their order. By itself, what happens `otherwise` where an expected message does not come."""

    def __init__(self) -> None:
        self._actions: list[dict[str, Any]] = []

    @property
    def then(self) -> Self:
        """Go on; it only reads better."""
        return self

    @property
    def actions(self) -> list[dict[str, Any]]:
        """Give the actions as a stub file has them."""
        return list(self._actions)

    def do(self, action: Mapping[str, Any]) -> Self:
        """Add any action, as a stub file has it."""
        self._actions.append(dict(action))
        return self

    def reply(self, message: str | None = None, **words: Unpack[Scripted]) -> Self:
        """Say something to the connection that it is about."""
        return self.do({"reply": said(message, words)})

    def send(self, message: str | None = None, *, to: Audience = "channel", **words: Unpack[Scripted]) -> Self:
        """Say something to everybody in the room, or `to` others, originating, all, {"group": NAME}, ..."""
        return self.do({"send": {"to": to, **said(message, words)}})

    def delay(self, span: Span | Mapping[str, Any]) -> Self:
        """Wait: seconds, a duration, or a distribution as in a stub file."""
        return self.do({"delay": span if isinstance(span, Mapping) else duration(span)})

    def stream(
        self,
        message: str | None = None,
        *,
        every: Span,
        count: int | None = None,
        name: str | None = None,
        sequence: list[Any] | None = None,
        to: Audience = "originating",
        **words: Unpack[Scripted],
    ) -> Self:
        """Say something again and again, beside the script; `sequence` says one value after the other."""
        stream = given(every=duration(every), count=count, name=name, sequence=sequence, to=to)
        return self.do({"stream": {**stream, **said(message, words)}})

    def stop(self, stream: str) -> Self:
        """End the streams of this name."""
        return self.do({"stop": stream})

    def close(self, code: int = 1000, reason: str = "") -> Self:
        """Close the connection."""
        return self.do({"close": given(code=code, reason=reason)})

    def fault(self, name: str | Mapping[str, Any]) -> Self:
        """Do what no well-behaved server does, by a fault's name, or {"frames": HEX}."""
        return self.do({"fault": name})

    def set_state(self, scenario: str, state: str) -> Self:
        """Put a scenario into a state."""
        return self.do({"setState": {"scenario": scenario, "state": state}})

    def group(self, *, join: str | None = None, leave: str | None = None) -> Self:
        """Join, or leave, a room of the test's own making."""
        return self.do({"group": given(join=join, leave=leave)})

    def remember(self, name: str, value: Any) -> Self:
        """Keep a value with the connection: connection.values.NAME in templates."""
        return self.do({"remember": {"as": name, "value": value}})

    def replay(self, *, since: Any = UNSET, of: Any = UNSET, by: str | None = None) -> Self:
        """Say again what was said while the client was away."""
        return self.do({"replay": given(since=since, of=of, by=by)})

    def ping(self, *, every: Span | None = None) -> Self:
        """Ask for a pong, once or every so often."""
        return self.do({"ping": given(every=None if every is None else duration(every))})

    def expect(
        self,
        message: str | None = None,
        *,
        within: Span = 5,
        otherwise: "Script | None" = None,
        **matched: Unpack[OfMessage],
    ) -> Self:
        """Wait for a message, which is consumed; what happens `otherwise` is a script of its own."""
        step = given(message=wanted(message, matched, OfMessage).get("message"), within=duration(within))
        return self.do({"expect": {**step, **({"else": otherwise.actions} if otherwise is not None else {})}})

    def http(
        self,
        url: str,
        *,
        method: str = "POST",
        json: Any = UNSET,
        text: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Self:
        """Call another server, where allow_callbacks names its host."""
        return self.do({"http": given(url=url, method=method, json=json, text=text, headers=headers)})

    def reject(
        self,
        status: int = 403,
        *,
        json: Any = UNSET,
        text: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Self:
        """Refuse the handshake (of `on_open`)."""
        return self.do({"reject": given(status=status, json=json, text=text, headers=headers)})

    def accept(self, *, subprotocol: str | None = None, headers: Mapping[str, str] | None = None) -> Self:
        """Answer the handshake with this subprotocol, and these headers (of `on_open`)."""
        return self.do({"accept": given(subprotocol=subprotocol, headers=headers)})
