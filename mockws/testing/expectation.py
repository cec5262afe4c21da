"""One expectation in force: what is added to it holds from then on, and what cannot be is an error where it is said."""

from collections.abc import Mapping
from typing import Any, Self

from msgspec import UNSET

from mockws.client.asked import given
from mockws.client.client import Client
from mockws.testing.script import Script
from mockws.units import Span, duration


class Expectation(Script):
    """What the mock does when something happens; each method puts it in force anew, and gives it back."""

    def __init__(self, client: Client, trigger: Mapping[str, Any]) -> None:
        super().__init__()
        self._client = client
        self._written: dict[str, Any] = {"trigger": dict(trigger)}
        self.id = str(client.expect({**self._written, "actions": []})["id"])

    def do(self, action: Mapping[str, Any]) -> Self:
        """Add any action, as a stub file has it."""
        self._put(actions=[*self._actions, dict(action)])
        return super().do(action)

    def times(self, count: int) -> Self:
        """Run at most so often; assert_all_called wants it exactly so often."""
        return self._with(times=count)

    def priority(self, priority: int) -> Self:
        """Go before those of a higher number; 5 unless said, 1 goes first."""
        return self._with(priority=priority)

    def named(self, name: str) -> Self:
        """Have a name, for people."""
        return self._with(name=name)

    def time_to_live(self, span: Span) -> Self:
        """Be in force for so long."""
        return self._with(timeToLive=duration(span))

    def probability(self, probability: float) -> Self:
        """Answer by chance, from 0 to 1, as the seed has it."""
        return self._with(probability=probability)

    def when(self, condition: str) -> Self:
        """Answer only where a condition holds: "{{ message.json.n > 3 }}"."""
        return self._with(when=condition)

    def metadata(self, **metadata: Any) -> Self:
        """Carry values for tools."""
        return self._with(metadata=metadata)

    def scenario(
        self, name: str, *, required: str | None = None, new: str | None = None, scope: str = "connection"
    ) -> Self:
        """Run only in a state of a scenario, and go to another."""
        return self._with(scenario=given(name=name, required_state=required, new_state=new, scope=scope))

    def respond(
        self, status: int = 200, *, json: Any = UNSET, text: str | None = None, headers: Mapping[str, str] | None = None
    ) -> Self:
        """Answer the plain HTTP request (of `on_http`)."""
        response = given(status=status, json=json, text=text, headers=headers)
        return self._with(trigger={**self._written["trigger"], "response": response})

    @property
    def status(self) -> dict[str, Any]:
        """Tell what has become of it: how often it `ran`, and how often it still may (`remaining`)."""
        found: dict[str, Any] = self._client.expectation(self.id)["status"]
        return found

    @property
    def ran(self) -> int:
        """Tell how often it ran."""
        return int(self.status["ran"])

    def remove(self) -> None:
        """Take it out."""
        self._client.remove_expectation(self.id)

    def _with(self, **keys: Any) -> Self:
        self._put(**keys)
        self._written.update(keys)
        return self

    def _put(self, **keys: Any) -> None:
        """Put it in force with these keys; raises Refused, and nothing has changed."""
        self._client.put_expectation(self.id, {**self._written, "actions": self._actions, **keys})
