"""An expectation, compiled: its matchers, conditions and templates ready, and everything wrong with it already said.

Which channels and messages there are is not known here; whoever adopts an expectation looks its names up.
"""

import base64
import binascii
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from mockws.codec import Frame
from mockws.errors import BadExpectation
from mockws.expect.matchers import NOTHING, Difference, Matcher, Subject, compile_matching
from mockws.expect.model import Action, ConnectionMatching, Duration, Expectation, MessageMatching, Saying, Trigger
from mockws.expect.template import Render, compile_condition, compile_value
from mockws.source.pointer import join
from mockws.units import seconds_of

LONGEST = 3600.0  # seconds; a timer without an end is a leak
SENDABLE_CODES = frozenset({*range(1000, 1004), *range(1007, 1015), *range(3000, 5000)})
MAX_REASON = 123
MAX_ACTIONS = 100
# The actions that only make sense before the handshake is answered.
GATE_ACTIONS = frozenset({"reject"})


@dataclass(frozen=True, slots=True)
class Facts:
    """What of a connection a matcher may look at."""

    id: str
    path_parameters: Mapping[str, str]
    query_parameters: Mapping[str, str]
    headers: Mapping[str, str]  # names in lower case
    cookies: Mapping[str, str]
    subprotocol: str | None
    groups: frozenset[str]


@dataclass(frozen=True, slots=True)
class ConnectionMatcher:
    """Which connections an expectation, a send, a wait or a journal query is about."""

    matching: ConnectionMatching
    named: tuple[tuple[str, str, Matcher], ...]  # field of Facts, name in it, matcher

    def differences(self, facts: Facts) -> list[Difference]:
        found = list(_plain_differences(self.matching, facts))
        for place, name, matcher in self.named:
            text = getattr(facts, place).get(name)
            found += matcher.differences(NOTHING if text is None else Subject.of_text(text), f"/{place}/{name}")
        return found


def _plain_differences(matching: ConnectionMatching, facts: Facts) -> Iterable[Difference]:
    if matching.id is not UNSET and matching.id != facts.id:
        yield Difference("/id", str(matching.id), facts.id)
    if matching.subprotocol is not UNSET and matching.subprotocol != facts.subprotocol:
        yield Difference("/subprotocol", str(matching.subprotocol), facts.subprotocol or "nothing")
    if matching.group is not UNSET and matching.group not in facts.groups:
        yield Difference("/group", str(matching.group), ", ".join(sorted(facts.groups)) or "nothing")


def compile_connection(matching: ConnectionMatching | UnsetType, pointer: str) -> ConnectionMatcher | None:
    """Compile a connection matcher; none where nothing is asked. Raises BadExpectation."""
    if matching is UNSET:
        return None
    named: list[tuple[str, str, Matcher]] = []
    for field, wire in (
        ("path_parameters", "pathParameters"),
        ("query_parameters", "queryParameters"),
        ("headers", "headers"),
        ("cookies", "cookies"),
    ):
        for name, inner in getattr(matching, field).items():
            key = name.lower() if field == "headers" else name
            named.append((field, key, compile_matching(inner, join(pointer, wire, name))))
    return ConnectionMatcher(matching, tuple(named))


@dataclass(frozen=True, slots=True)
class MessageMatcher:
    """Which messages are meant; the names are those of the document."""

    matching: MessageMatching
    body: Matcher | None

    def differences(self, subject: Subject, names: frozenset[str], *, valid: bool) -> list[Difference]:
        """Say how a message is not what was meant; `names` are all that it goes by."""
        found: list[Difference] = []
        wanted = self.matching
        if wanted.name is not UNSET and wanted.name not in names:
            found.append(Difference("/name", str(wanted.name), min(names, default="no message of the document")))
        kind = "binary" if isinstance(subject.frame, bytes) else "text"
        if wanted.type is not UNSET and wanted.type != kind:
            found.append(Difference("/type", str(wanted.type), kind))
        accepted = True if wanted.valid is UNSET else wanted.valid
        if accepted != "any" and accepted is not valid:
            found.append(Difference("/valid", str(accepted).lower(), str(valid).lower()))
        return found + (self.body.differences(subject) if self.body else [])


def compile_message(matching: MessageMatching | UnsetType, pointer: str) -> MessageMatcher | None:
    """Compile a message matcher; none where nothing is asked. Raises BadExpectation."""
    if matching is UNSET:
        return None
    body = compile_matching(matching.body, join(pointer, "body")) if matching.body is not UNSET else None
    return MessageMatcher(matching, body)


@dataclass(frozen=True, slots=True)
class Step:
    """One action of a script, ready to run: what it is, as it was written, and its templates."""

    kind: str
    action: Any  # the action's own model: Saying, Sending, Closing, ...
    pointer: str
    json: Render | None = None
    text: Render | None = None
    overrides: Render | None = None
    group: Render | None = None
    audience: ConnectionMatcher | None = None
    frame: Frame | None = None  # what base64 or file stand for
    otherwise: tuple["Step", ...] = ()
    message: MessageMatcher | None = None
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Compiled:
    """An expectation that can run."""

    id: str
    model: Expectation
    connection: ConnectionMatcher | None
    message: MessageMatcher | None
    when: Callable[[Mapping[str, Any]], bool] | None
    script: tuple[Step, ...]
    every: float = 0.0
    time_to_live: float | None = None

    @property
    def trigger(self) -> Trigger:
        return self.model.trigger


ReadFile = Callable[[str], bytes]


def no_files(name: str) -> bytes:
    raise BadExpectation("file_forbidden", f"{name}: payload files are for stub files only", "")


def compile_expectation(
    model: Expectation, identity: str, pointer: str = "", read_file: ReadFile = no_files
) -> Compiled:
    """Compile an expectation; raises BadExpectation, which has the pointer of what is wrong."""
    trigger = model.trigger
    _check_trigger(trigger, join(pointer, "trigger"))
    if len(model.actions) > MAX_ACTIONS:
        raise BadExpectation("too_many", f"a script has at most {MAX_ACTIONS} actions", join(pointer, "actions"))
    if model.times is not UNSET and model.times < 1:
        raise BadExpectation("range", "times is at least 1", join(pointer, "times"))
    if not 0 <= model.probability <= 1:
        raise BadExpectation("range", "probability is between 0 and 1", join(pointer, "probability"))
    return Compiled(
        id=identity,
        model=model,
        connection=compile_connection(trigger.connection, join(pointer, "trigger", "connection")),
        message=compile_message(trigger.message, join(pointer, "trigger", "message")),
        when=compile_condition(model.when, join(pointer, "when")) if model.when is not UNSET else None,
        script=compile_script(model.actions, trigger, join(pointer, "actions"), read_file),
        every=_interval(trigger, pointer),
        time_to_live=seconds(model.time_to_live, join(pointer, "timeToLive"))
        if model.time_to_live is not UNSET
        else None,
    )


NEEDS = {"interval": "every", "idle": "after", "named": "name"}  # trigger type -> the key it lives by


def _check_trigger(trigger: Trigger, pointer: str) -> None:
    for kind, key in NEEDS.items():
        given = getattr(trigger, key) is not UNSET
        if trigger.type == kind and not given:
            raise BadExpectation("missing", f"a trigger of type {kind} needs {key}", join(pointer, key))
        if trigger.type != kind and given:
            raise BadExpectation("misplaced", f"{key} belongs to a trigger of type {kind}", join(pointer, key))
    if trigger.message is not UNSET and trigger.type != "message":
        raise BadExpectation("misplaced", "message belongs to a trigger of type message", join(pointer, "message"))


def _interval(trigger: Trigger, pointer: str) -> float:
    given = trigger.every if trigger.type == "interval" else trigger.after if trigger.type == "idle" else UNSET
    if given is UNSET:
        return 0.0
    found = seconds(given, join(pointer, "trigger", NEEDS[trigger.type]))
    if found < 0.01:
        raise BadExpectation("range", "an interval is at least 10ms", join(pointer, "trigger", NEEDS[trigger.type]))
    return found


def seconds(duration: Duration | UnsetType, pointer: str) -> float:
    """Read a duration; raises BadExpectation where it is none, or too long."""
    found = seconds_of(duration)
    if found is None:
        raise BadExpectation("duration", f"{duration!r} is not a duration such as 250ms or 3s", pointer)
    if found > LONGEST:
        raise BadExpectation("delay_range", f"{duration} is longer than {LONGEST:g}s", pointer)
    return found


def compile_script(actions: Iterable[Action], trigger: Trigger, pointer: str, read_file: ReadFile) -> tuple[Step, ...]:
    """Compile the actions of a script, in their order."""
    return tuple(_step(action, trigger, join(pointer, index), read_file) for index, action in enumerate(actions))


def _step(action: Action, trigger: Trigger, pointer: str, read_file: ReadFile) -> Step:
    given = [(name, wire) for name, wire in ACTIONS.items() if getattr(action, name) is not UNSET]
    if len(given) != 1:
        names = ", ".join(wire for _, wire in given) or "none"
        raise BadExpectation("one_action", f"an action has exactly one key; here: {names}", pointer)
    name, wire = given[0]
    _check_place(wire, trigger, pointer)
    value = getattr(action, name)
    compiler = STEPS.get(name, _plain_step)
    return compiler(name, value, join(pointer, wire), trigger, read_file)


def _check_place(kind: str, trigger: Trigger, pointer: str) -> None:
    if kind in GATE_ACTIONS and trigger.type != "open":
        raise BadExpectation("misplaced", f"{kind} is for a trigger of type open", pointer)
    if kind in ("reply", "expect") and trigger.type in ("named", "close"):
        raise BadExpectation("misplaced", f"{kind} has no connection under a trigger of type {trigger.type}", pointer)


def _plain_step(name: str, value: Any, pointer: str, _: Trigger, __: ReadFile) -> Step:
    return Step(name, value, pointer)


def _saying_step(name: str, value: Saying, pointer: str, _: Trigger, read_file: ReadFile) -> Step:
    said = [key for key in ("text", "json", "base64", "file", "message") if getattr(value, key) is not UNSET]
    sequence = getattr(value, "sequence", UNSET) is not UNSET
    if len(said) + sequence != 1:
        raise BadExpectation(
            "one_payload",
            f"exactly one of text, json, base64, file, message is said; here: {', '.join(said) or 'none'}",
            pointer,
        )
    if value.duplicate < 1 or value.duplicate > 100:
        raise BadExpectation("range", "duplicate is between 1 and 100", join(pointer, "duplicate"))
    use = value.template

    def compiled(key: str, content: Any) -> Render | None:
        return compile_value(content, join(pointer, key)) if use and content is not UNSET else None

    to = getattr(value, "to", None)
    group = getattr(to, "group", UNSET)
    return Step(
        name,
        value,
        pointer,
        json=compiled("json", value.json),
        text=compiled("text", value.text),
        overrides=compiled("with", value.with_ or UNSET),
        group=compiled("to", group) if isinstance(group, str) else None,
        audience=compile_connection(getattr(to, "connection", UNSET), join(pointer, "to", "connection")),
        frame=_bytes(value, pointer, read_file),
        seconds=seconds(value.every, join(pointer, "every")) if name == "stream" else 0.0,  # type: ignore[attr-defined]
    )


def _bytes(value: Saying, pointer: str, read_file: ReadFile) -> Frame | None:
    if value.base64 is not UNSET:
        try:
            return base64.b64decode(value.base64, validate=True)
        except binascii.Error:
            raise BadExpectation("base64_syntax", "it is not base64", join(pointer, "base64")) from None
    if value.file is not UNSET:
        return _file(value.file, join(pointer, "file"), read_file)
    return None


def _file(name: str, pointer: str, read_file: ReadFile) -> Frame:
    if "{{" in name:
        raise BadExpectation("path_template_forbidden", "the name of a file is never made from a message", pointer)
    try:
        content = read_file(name)
    except BadExpectation as problem:
        raise BadExpectation(problem.code, problem.message, pointer) from None
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content


def _delay_step(name: str, value: Any, pointer: str, _: Trigger, __: ReadFile) -> Step:
    if isinstance(value, str | int):
        return Step(name, value, pointer, seconds=seconds(value, pointer))
    needed = {"uniform": ("lower", "upper"), "lognormal": ("median", "sigma"), "fixed": ("value",)}[value.type]
    for key in needed:
        if getattr(value, key) is UNSET:
            raise BadExpectation("missing", f"a {value.type} delay needs {key}", join(pointer, key))
        if key != "sigma":
            seconds(getattr(value, key), join(pointer, key))
    return Step(name, value, pointer)


def _close_step(name: str, value: Any, pointer: str, _: Trigger, __: ReadFile) -> Step:
    if value.code not in SENDABLE_CODES:
        raise BadExpectation(
            "close_code",
            f"{value.code} cannot be sent; 1000-1003, 1007-1014 and 3000-4999 can, others are a fault",
            join(pointer, "code"),
        )
    if len(value.reason.encode()) > MAX_REASON and "{{" not in value.reason:
        raise BadExpectation("close_reason_length", f"a reason has at most {MAX_REASON} bytes", join(pointer, "reason"))
    reason = compile_value(value.reason, join(pointer, "reason"))
    return Step(name, value, pointer, text=reason)


def _group_step(name: str, value: Any, pointer: str, _: Trigger, __: ReadFile) -> Step:
    given = [key for key in ("join", "leave") if getattr(value, key) is not UNSET]
    if len(given) != 1:
        raise BadExpectation("one_key", "a group action has exactly one of join, leave", pointer)
    text = getattr(value, given[0])
    return Step(name, value, pointer, text=compile_value(text, join(pointer, given[0])))


def _remember_step(name: str, value: Any, pointer: str, _: Trigger, __: ReadFile) -> Step:
    return Step(name, value, pointer, json=compile_value(value.value, join(pointer, "value")))


def _expect_step(name: str, value: Any, pointer: str, trigger: Trigger, read_file: ReadFile) -> Step:
    given = value.else_
    actions = [] if given is UNSET else given if isinstance(given, list) else [given]
    return Step(
        name,
        value,
        pointer,
        message=compile_message(value.message, join(pointer, "message")),
        otherwise=compile_script(actions, trigger, join(pointer, "else"), read_file),
        seconds=seconds(value.within, join(pointer, "within")),
    )


STEPS: Mapping[str, Callable[[str, Any, str, Trigger, ReadFile], Step]] = {
    "reply": _saying_step,
    "send": _saying_step,
    "stream": _saying_step,
    "delay": _delay_step,
    "close": _close_step,
    "group": _group_step,
    "remember": _remember_step,
    "expect": _expect_step,
}
ACTIONS = {field.name: field.encode_name for field in msgspec.structs.fields(Action)}
