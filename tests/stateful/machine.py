"""The whole mock against a model of thirty lines: whatever is done in whatever order, both say the same.

The model knows who is connected, which expectations are in force, what is still to be said and when, and how much was
received. A clock that stands still makes it exact.
"""

from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from world import BROKEN, World, document

CHANNELS: tuple[str, ...] = ("room", "side")
NUMBERS = st.integers(0, 3)
DELAYS = st.sampled_from([0, 0, 1, 3])
TIMES = st.sampled_from([None, 1, 2])


@dataclass
class Expected:
    """An expectation in force; the newest that fits goes first."""

    id: str
    channel: str
    number: int
    delay: int  # seconds
    left: int | None  # runs; none: any number


@dataclass(frozen=True)
class Due:
    """Something that is still to be said."""

    at: int
    turn: int
    client: int
    said: Any


class Machine(RuleBasedStateMachine):
    """The mock, and what it should be like."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World(*CHANNELS)
        self.served = CHANNELS
        self.there: dict[int, str] = {}  # client -> channel
        self.expected: list[Expected] = []
        self.due: list[Due] = []
        self.now = self.count = self.received = 0

    @initialize()
    def stand_still(self) -> None:
        assert self.world.ask("PUT", "/clock", {"action": "freeze"})[0] == 200

    def _next(self) -> int:
        self.count += 1
        return self.count

    @rule(channel=st.sampled_from(CHANNELS))
    def connect(self, channel: str) -> None:
        name = self._next()

        assert self.world.connect(name, channel) == (channel in self.served)
        if channel in self.served:
            self.there[name] = channel

    @precondition(lambda self: self.there)
    @rule(pick=st.randoms(use_true_random=False), number=NUMBERS)
    def send(self, pick: Any, number: int) -> None:
        name = pick.choice(sorted(self.there))
        self.world.say(name, {"n": number})
        self.received += 1
        answer = next((each for each in reversed(self.expected) if self._fits(each, name, number)), None)
        if answer is None:
            return
        answer.left = None if answer.left is None else answer.left - 1
        self.due.append(Due(self.now + answer.delay, self._next(), name, {"by": answer.id, "n": number}))
        if not answer.delay:
            self._come(self.now)

    def _fits(self, each: Expected, name: int, number: int) -> bool:
        return each.channel == self.there[name] and each.number == number and each.left != 0

    def _come(self, now: int) -> None:
        """Hear what is due, in its order, and nothing else."""
        self.now = now
        come = sorted((each for each in self.due if each.at <= now), key=lambda each: (each.at, each.turn))
        self.due = [each for each in self.due if each.at > now]
        for name in self.there:
            assert self.world.heard(name) == [each.said for each in come if each.client == name]

    @rule(
        channel=st.sampled_from(CHANNELS),
        number=NUMBERS,
        delay=st.sampled_from([0, 0, 1, 3]),
        times=st.sampled_from([None, 1, 2]),
    )
    def stub(self, channel: str, number: int, delay: int, times: int | None) -> None:
        identity = f"e{self._next()}"
        said = {"reply": {"json": {"by": identity, "n": number}, "validate": False}}
        body = {"equalToJson": {"n": number}, "ignoreExtraElements": True}
        asked = {
            "id": identity,
            "trigger": {"channel": channel, "message": {"body": body}},
            "actions": [*([{"delay": f"{delay}s"}] if delay else []), said],
            **({} if times is None else {"times": times}),
        }
        status, answer = self.world.ask("POST", "/expectations", asked)

        assert (status < 300) == (channel in self.served), answer
        if status < 300:
            self.expected.append(Expected(identity, channel, number, delay, times))

    @precondition(lambda self: self.expected)
    @rule(pick=st.randoms(use_true_random=False))
    def unstub(self, pick: Any) -> None:
        gone = pick.choice(self.expected)
        self.expected.remove(gone)

        assert self.world.ask("DELETE", f"/expectations/{gone.id}")[0] == 204

    @rule(seconds=st.integers(1, 4))
    def wait(self, seconds: int) -> None:
        assert self.world.ask("PUT", "/clock", {"action": "advance", "by": f"{seconds}s"})[0] == 200
        self._come(self.now + seconds)

    @precondition(lambda self: self.there)
    @rule(pick=st.randoms(use_true_random=False))
    def close(self, pick: Any) -> None:
        name = pick.choice(sorted(self.there))
        self._gone(name)
        self.world.close(name)

    @rule(channel=st.sampled_from(CHANNELS))
    def close_all_of(self, channel: str) -> None:
        status, _ = self.world.ask("DELETE", f"/connections?channel={channel}&code=4000")

        assert (status < 300) == (channel in self.served)
        for name in [each for each, where in self.there.items() if where == channel]:
            self._gone(name)
            assert self.world.code(name) == 4000

    def _gone(self, name: int) -> None:
        del self.there[name]
        self.due = [each for each in self.due if each.client != name]

    @rule()
    def reset_and_close(self) -> None:
        assert self.world.ask("POST", "/reset?connections=close")[0] == 204
        self._forget()
        for name in list(self.there):
            self._gone(name)
            assert self.world.code(name) == 1012

    @rule()
    def reset(self) -> None:
        assert self.world.ask("POST", "/reset")[0] == 204
        self._forget()

    def _forget(self) -> None:
        self.expected, self.due, self.now, self.received = [], [], 0, 0
        assert self.world.ask("PUT", "/clock", {"action": "freeze"})[0] == 200

    @rule(served=st.sampled_from([CHANNELS, CHANNELS[:1], CHANNELS[1:]]))
    def reload(self, served: tuple[str, ...]) -> None:
        """Whoever is on a channel that is gone is told to come back."""
        self.world.reload(document(*served))
        self.served = served
        for name in [each for each, channel in self.there.items() if channel not in served]:
            self._gone(name)
            assert self.world.code(name) == 1012

    @rule(text=st.sampled_from(BROKEN))
    def break_document(self, text: str) -> None:
        """What is broken is not served, and takes nothing away."""
        self.world.reload(text)

        assert self.world.ask("GET", "/health")[1]["status"] == "DEGRADED"
        self.world.reload(document(*self.served))

    @invariant()
    def all_is_as_it_should_be(self) -> None:
        self._come(self.now)
        connections = self.world.ask("GET", "/connections")[1]
        assert sorted(each["channel"] for each in connections) == sorted(self.there.values())
        rules = self.world.ask("GET", "/expectations")[1]
        assert sorted(each["id"] for each in rules) == sorted(each.id for each in self.expected)
        assert self.world.ask("POST", "/journal/count", {"direction": "in"})[1] == {"count": self.received}
        assert self.world.ask("GET", "/health")[1]["status"] == "UP"

    def teardown(self) -> None:
        self.world.end()
