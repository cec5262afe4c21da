"""Any expectation: scripts and triggers that go together, for the laws of the engine."""

from typing import Any

from engines import stub
from hypothesis import strategies as st

from mockws.expect.expectation import Compiled
from mockws.expect.steps import ABOUT_CONNECTION, WITHOUT_CONNECTION

ANSWERS: tuple[dict[str, Any], ...] = (
    {"reject": {}},
    {"reject": {"status": 503, "json": ["{{ connection.id }}", "{{ 1 / 0 }}"]}},
    {"accept": {"subprotocol": "chat", "headers": {"Set-Cookie": "a={{ uuid() }}"}}},
    {"accept": {"headers": {"X": "{{ connection.queryParameters.size }}"}}},
    {"subprotocol": ""},
    {"fault": "ABNORMAL_CLOSE"},
    {"fault": "RANDOM_DATA_THEN_CLOSE"},
)

SCRIPTS: tuple[dict[str, Any], ...] = (
    {"reply": {"json": {"n": 1}}},
    {"reply": {"json": {"n": "{{ uuid }}"}}},
    {"reply": {"message": "tick", "generate": True}},
    {"send": {"to": "others", "text": "hi"}},
    {"send": {"to": "all", "json": {"n": "{{ random(1, 9) }}"}}},
    {"send": {"to": {"group": "g"}, "json": {"text": "hi"}}},
    {"delay": "1s"},
    {"stream": {"name": "s", "every": "1s", "count": 2, "json": {"n": "{{ index }}"}}},
    {"stream": {"sequence": [{"n": 1}, {"n": "x"}], "reorder": True}},
    {"stop": "s"},
    {"setState": {"scenario": "s", "state": "B"}},
    {"group": {"join": "g"}},
    {"remember": {"as": "v", "value": "{{ message.json }}"}},
    {"expect": {"within": "1s", "else": {"close": {"code": 4000}}}},
    {"close": {"code": 4001, "reason": "{{ message.text }}"}},
    {"stream": {"name": "s", "every": "1s", "json": {"n": 1}}},
    {"ping": {}},
    {"ping": {"every": "1s"}},
    {"fault": "CONNECTION_RESET_BY_PEER"},
    {"fault": "RESERVED_BIT"},
    {"fault": "NO_STATUS_CLOSE"},
    {"fault": "NO_PONG"},
    {"fault": {"frames": "8100"}},
    {"reply": {"json": {"n": 2}, "reorder": True, "fragments": 2}},
    {"http": {"url": "http://{{ message.json.n }}/{{ request.path }}", "json": {"n": "{{ message.json.n }}"}}},
)
TRIGGERS: tuple[dict[str, Any], ...] = (
    {},
    {"channel": "feed"},
    {"message": {"valid": "any"}},
    {"type": "open"},
    {"type": "close"},
    {"type": "idle", "after": "1s"},
    {"type": "interval", "every": "1s"},
    {"type": "named", "name": "go"},
    {"type": "http", "http": {"path": "/feed/{user}", "body": {"matchesJsonPath": "$.n"}}},
    {"type": "http", "channel": "feed", "http": {"path": "/new"}, "response": {"json": "{{ request.json.n + 1 }}"}},
)


@st.composite
def expectation(draw: st.DrawFn) -> Compiled:
    """Any script under any trigger that it may stand under."""
    trigger = draw(st.sampled_from(TRIGGERS))
    alone = trigger.get("type") in WITHOUT_CONNECTION
    possible = [each for each in SCRIPTS if not (alone and (each.keys() & ABOUT_CONNECTION or "stream" in each))]
    actions = draw(st.lists(st.sampled_from(possible), max_size=4))
    if trigger.get("type") == "open" and draw(st.booleans()):
        delays: list[dict[str, Any]] = draw(st.sampled_from([[], [{"delay": "1s"}], [{"delay": 0}, {"delay": "1s"}]]))
        actions = [*delays, draw(st.sampled_from(ANSWERS)), *actions]
    limits: dict[str, Any] = draw(
        st.sampled_from([{}, {"times": 1}, {"probability": 0.5}, {"when": "message.json.n > 1"}])
    )
    return stub(*actions, on=trigger, id=draw(st.sampled_from(["one", "two", "three"])), **limits)
