"""The actions of a script, compiled: templates, matchers, files and durations ready, and what is wrong said.

Which channels and messages there are is not known here; whoever adopts an expectation looks its names up.
"""

import base64
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from mockws.codec import Frame, encode_json
from mockws.errors import BadExpectation
from mockws.expect.faults import fault_of
from mockws.expect.headers import check_subprotocol, compile_headers, compile_headers_of_101
from mockws.expect.http import Writing, compile_call
from mockws.expect.model import (
    Accepting,
    Action,
    Audience,
    Calling,
    Distribution,
    Duration,
    Expecting,
    GroupNamed,
    Pinging,
    RawFrames,
    Rejecting,
    Replaying,
    Saying,
    Stream,
    Trigger,
)
from mockws.expect.path import Path
from mockws.expect.pieces import Pieces, Piecewise, compile_pieces, overtaken
from mockws.expect.selection import ConnectionMatcher, MessageMatcher, compile_connection, compile_message
from mockws.expect.template import Render, compile_value
from mockws.source.pointer import join
from mockws.units import seconds_of

LONGEST = 3600.0  # seconds; a timer without an end is a leak
SENDABLE_CODES = frozenset({*range(1000, 1004), *range(1007, 1015), *range(3000, 5000)})
REFUSALS = range(200, 600)  # the status of an answer that opens no socket
MAX_REASON = 123
MAX_ACTIONS = 100
MAX_DUPLICATE = 100
SHORTEST = 0.01  # seconds between two pings
# What is about the connection that set the expectation off; these triggers have none (any more).
ABOUT_CONNECTION = frozenset({"reply", "expect", "group", "remember", "close", "fault", "ping", "replay"})
WITHOUT_CONNECTION = frozenset({"named", "http", "close"})
HANDSHAKE = frozenset({"reject", "accept", "subprotocol"})  # what only an answer to a handshake has
PAYLOADS = ("text", "json", "base64", "file", "message")
OF_MESSAGE = {"example": "example", "generate": "generate", "with_": "with"}  # what only a message of the document has
PARAMETERS = {"uniform": ("lower", "upper"), "lognormal": ("median", "sigma"), "fixed": ("value",)}
DISTRIBUTED = tuple(key for keys in PARAMETERS.values() for key in keys)


@dataclass(frozen=True, slots=True)
class Step:
    """One action of a script, ready to run: what it is, as it was written, and its templates."""

    kind: str
    action: Any  # the action's own model: Saying, Sending, Closing, ...
    pointer: str
    json: Render | None = None
    text: Render | None = None
    sequence: tuple[Render | None, ...] = ()  # of a stream's values
    headers: Render | None = None
    overrides: Render | None = None
    group: Render | None = None
    audience: ConnectionMatcher | None = None
    frame: Frame | None = None  # what base64 or file stand for
    otherwise: tuple["Step", ...] = ()
    message: MessageMatcher | None = None
    seconds: float = 0.0
    call: Writing | None = None
    path: Path | None = None
    pieces: Pieces | None = None  # none: it is said in one


ReadFile = Callable[[str], bytes]


def no_files(name: str) -> bytes:
    raise BadExpectation("file_forbidden", f"{name}: payload files are for stub files only", "")


def seconds(duration: Duration | UnsetType, pointer: str) -> float:
    """Read a duration; raises BadExpectation where it is none, or too long."""
    found = seconds_of(duration)
    if found is None:
        raise BadExpectation("duration", f"{duration!r} is not a duration such as 250ms or 3s", pointer)
    if found > LONGEST:
        raise BadExpectation("delay_range", f"{duration} is longer than {LONGEST:g}s", pointer)
    return found


def compile_script(actions: Sequence[Action], trigger: Trigger, pointer: str, read_file: ReadFile) -> tuple[Step, ...]:
    """Compile the actions of a script, in their order; what is to be overtaken comes later than it was written."""
    if len(actions) > MAX_ACTIONS:
        raise BadExpectation("too_many", f"a script has at most {MAX_ACTIONS} actions", pointer)
    steps = [_step(action, trigger, join(pointer, index), read_file) for index, action in enumerate(actions)]
    return overtaken([(step.kind, bool(getattr(step.action, "reorder", False)), step) for step in steps])


def _step(action: Action, trigger: Trigger, pointer: str, read_file: ReadFile) -> Step:
    given = [(name, wire) for name, wire in ACTIONS.items() if getattr(action, name) is not UNSET]
    if len(given) != 1:
        names = ", ".join(wire for _, wire in given) or "none"
        raise BadExpectation("one_action", f"an action has exactly one key; here: {names}", pointer)
    name, wire = given[0]
    value, place = getattr(action, name), join(pointer, wire)
    _check_place(wire, trigger, place)
    return STEPS.get(name, _plain_step)(name, value, place, trigger, read_file)


def _check_place(kind: str, trigger: Trigger, pointer: str) -> None:
    if kind in HANDSHAKE and trigger.type != "open":
        raise BadExpectation("misplaced", f"{kind} is for a trigger of type open", pointer)
    if kind in ABOUT_CONNECTION and trigger.type in WITHOUT_CONNECTION:
        raise BadExpectation("misplaced", f"{kind} has no connection under a trigger of type {trigger.type}", pointer)


def _plain_step(name: str, value: Any, pointer: str, _: Trigger, __: ReadFile) -> Step:
    return Step(name, value, pointer)


def _saying_step(name: str, value: Saying, pointer: str, trigger: Trigger, read_file: ReadFile) -> Step:
    _check_saying(value, pointer)
    if trigger.type in WITHOUT_CONNECTION and getattr(value, "to", None) == "originating":
        words = f"there is no originating connection under a trigger of type {trigger.type}; say to whom it is"
        raise BadExpectation("misplaced", words, join(pointer, "to"))
    use = value.template

    def compiled(key: str, content: Any) -> Render | None:
        return compile_value(content, join(pointer, key)) if use and content is not UNSET else None

    to = _audience(value, join(pointer, "to"))
    group = to.group if to else UNSET
    return Step(
        name,
        value,
        pointer,
        json=compiled("json", value.json),
        text=compiled("text", value.text),
        sequence=_sequence(value, join(pointer, "sequence")) if use else (),
        overrides=compiled("with", value.with_ or UNSET),
        group=compile_value(group, join(pointer, "to", "group")) if use and group is not UNSET else None,
        audience=compile_connection(to.connection, join(pointer, "to", "connection")) if to else None,
        frame=_bytes(value, pointer, read_file),
        seconds=_pause(value, pointer) if isinstance(value, Stream) else 0.0,
        pieces=pieces_of(value, pointer),
    )


def pieces_of(value: Piecewise, pointer: str) -> Pieces | None:
    """Compile what is said of pieces; raises BadExpectation."""
    dribble = value.chunked_dribble_delay
    place = join(pointer, "chunkedDribbleDelay", "totalDuration")
    lasting = seconds(dribble.total_duration, place) if dribble is not UNSET else 0.0
    return compile_pieces(value, lasting, pointer)


def _sequence(value: Saying, pointer: str) -> tuple[Render | None, ...]:
    given = getattr(value, "sequence", UNSET)
    return tuple(compile_value(each, join(pointer, place)) for place, each in enumerate(given or ()))


def _check_saying(value: Saying, pointer: str) -> None:
    said = [key for key in (*PAYLOADS, "sequence") if getattr(value, key, UNSET) is not UNSET]
    if len(said) != 1:
        words = f"exactly one of {', '.join(PAYLOADS)} is said; here: {', '.join(said) or 'none'}"
        raise BadExpectation("one_payload", words, pointer)
    if not 1 <= value.duplicate <= MAX_DUPLICATE:
        raise BadExpectation("range", f"duplicate is between 1 and {MAX_DUPLICATE}", join(pointer, "duplicate"))
    for key, wire in OF_MESSAGE.items():
        if getattr(value, key) and value.message is UNSET:
            raise BadExpectation("misplaced", f"{wire} belongs to a message of the document", join(pointer, wire))
    for content, key in ((value.json, "json"), (value.with_, "with"), (getattr(value, "sequence", UNSET), "sequence")):
        _check_json(content, join(pointer, key))


def _check_json(value: Any, pointer: str) -> None:
    try:
        encode_json(None if value is UNSET else value)
    except (TypeError, ValueError, OverflowError, RecursionError) as problem:
        raise BadExpectation("json_value", f"it is no JSON value: {problem}", pointer) from None


def _audience(value: Saying, pointer: str) -> Audience | None:
    to = getattr(value, "to", None)
    if not isinstance(to, Audience):
        return None
    given = [key for key in ("connection", "channel", "group", "address") if getattr(to, key) is not UNSET]
    if len(given) > 1:
        words = f"at most one of connection, channel, group, address says whom it is for; here: {', '.join(given)}"
        raise BadExpectation("one_key", words, pointer)
    return to


def _pause(value: Stream, pointer: str) -> float:
    """Read the pause of a stream; one without a pause has to have an end."""
    if value.count is not UNSET and value.count < 1:
        raise BadExpectation("range", "count is at least 1", join(pointer, "count"))
    pause = seconds(value.every, join(pointer, "every"))
    if pause <= 0 and value.count is UNSET and value.sequence is UNSET:
        raise BadExpectation("missing", "a stream needs every, count or sequence", join(pointer, "every"))
    return pause


def _bytes(value: Saying, pointer: str, read_file: ReadFile) -> Frame | None:
    if value.base64 is not UNSET:
        try:
            return base64.b64decode(value.base64, validate=True)
        except ValueError:  # binascii.Error is one, and what is not ASCII another
            raise BadExpectation("base64_syntax", "it is not base64", join(pointer, "base64")) from None
    if value.file is not UNSET:
        return _file(value.file, join(pointer, "file"), read_file)
    return None


def _file(name: str, pointer: str, read_file: ReadFile) -> Frame:
    if "{{" in name or "{%" in name:
        raise BadExpectation("path_template_forbidden", "the name of a file is never made from a message", pointer)
    try:
        content = read_file(name)
    except BadExpectation as problem:
        raise BadExpectation(problem.code, problem.message, pointer) from None
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content


def _delay_step(_: str, value: Duration | Distribution, pointer: str, __: Trigger, ___: ReadFile) -> Step:
    return compile_delay(value, pointer)


def compile_delay(value: Duration | Distribution, pointer: str) -> Step:
    """Compile a delay, fixed or drawn; raises BadExpectation."""
    if isinstance(value, Distribution):
        _check_distribution(value, pointer)
        return Step("delay", value, pointer)
    return Step("delay", value, pointer, seconds=seconds(value, pointer))


def _check_distribution(value: Distribution, pointer: str) -> None:
    for key in DISTRIBUTED:
        given = getattr(value, key) is not UNSET
        if given is not (key in PARAMETERS[value.type]):
            code, verb = ("misplaced", "has no") if given else ("missing", "needs")
            raise BadExpectation(code, f"a {value.type} delay {verb} {key}", join(pointer, key))
        if given and key != "sigma":
            seconds(getattr(value, key), join(pointer, key))
    if value.sigma is not UNSET and not 0 <= value.sigma < math.inf:
        raise BadExpectation("range", "sigma is not negative", join(pointer, "sigma"))
    if (seconds_of(value.lower) or 0) > (seconds_of(value.upper) or 0):
        raise BadExpectation("range", "lower is not above upper", join(pointer, "lower"))


def check_close(code: int, reason: str, pointer: str = "") -> None:
    """Look whether a close frame can say this; raises BadExpectation."""
    if code not in SENDABLE_CODES:
        raise BadExpectation(
            "close_code",
            f"{code} cannot be sent; 1000-1003, 1007-1014 and 3000-4999 can, others are a fault",
            join(pointer, "code"),
        )
    if len(reason.encode()) > MAX_REASON:
        raise BadExpectation("close_reason_length", f"a reason has at most {MAX_REASON} bytes", join(pointer, "reason"))


def _close_step(name: str, value: Any, pointer: str, _: Trigger, __: ReadFile) -> Step:
    reason = compile_value(value.reason, join(pointer, "reason"))
    check_close(value.code, "" if reason else value.reason, pointer)
    return Step(name, value, pointer, text=reason)


def _fault_step(name: str, value: str | RawFrames, pointer: str, _: Trigger, __: ReadFile) -> Step:
    return Step(name, fault_of(value, pointer), pointer)


def _ping_step(name: str, value: Pinging, pointer: str, _: Trigger, __: ReadFile) -> Step:
    place = join(pointer, "every")
    every = seconds(value.every, place) if value.every is not UNSET else 0.0
    if value.every is not UNSET and every < SHORTEST:
        raise BadExpectation("range", f"pings are at least {SHORTEST * 1000:g}ms apart", place)
    return Step(name, value, pointer, seconds=every)


def _reject_step(name: str, value: Rejecting, pointer: str, _: Trigger, __: ReadFile) -> Step:
    if value.status not in REFUSALS:
        raise BadExpectation("range", "status is between 200 and 599", join(pointer, "status"))
    if value.json is not UNSET and value.text is not UNSET:
        raise BadExpectation("one_payload", "an answer has at most one of json, text", join(pointer, "text"))
    _check_json(value.json, join(pointer, "json"))
    return Step(
        name,
        value,
        pointer,
        json=compile_value(value.json, join(pointer, "json")),
        text=compile_value(value.text, join(pointer, "text")) if value.text is not UNSET else None,
        headers=compile_headers(value.headers, join(pointer, "headers")),
    )


def _accept_step(name: str, value: Accepting, pointer: str, _: Trigger, __: ReadFile) -> Step:
    check_subprotocol(value.subprotocol or "", join(pointer, "subprotocol"))
    return Step(name, value, pointer, headers=compile_headers_of_101(value.headers, join(pointer, "headers")))


def _subprotocol_step(_: str, value: str, pointer: str, __: Trigger, ___: ReadFile) -> Step:
    """The short form of an accept that only names a subprotocol."""
    check_subprotocol(value, pointer)
    return Step("accept", Accepting(subprotocol=value), pointer)


def _call_step(name: str, value: Calling, pointer: str, _: Trigger, __: ReadFile) -> Step:
    return Step(name, value, pointer, call=compile_call(value, pointer))


def _group_step(name: str, value: Any, pointer: str, _: Trigger, __: ReadFile) -> Step:
    given = [key for key in ("join", "leave") if getattr(value, key) is not UNSET]
    if len(given) != 1:
        raise BadExpectation("one_key", "a group action has exactly one of join, leave", pointer)
    text = getattr(value, given[0])
    return Step(name, value, pointer, text=compile_value(text, join(pointer, given[0])))


def _remember_step(name: str, value: Any, pointer: str, _: Trigger, __: ReadFile) -> Step:
    _check_json(value.value, join(pointer, "value"))
    return Step(name, value, pointer, json=compile_value(value.value, join(pointer, "value")))


def _replay_step(name: str, value: Replaying, pointer: str, _: Trigger, __: ReadFile) -> Step:
    group = value.of.group if isinstance(value.of, GroupNamed) else None
    return Step(
        name,
        value,
        pointer,
        json=compile_value(value.since, join(pointer, "since")) if value.since is not UNSET else None,
        group=compile_value(group, join(pointer, "of", "group")) if group is not None else None,
        path=Path(value.by, join(pointer, "by")) if value.by is not UNSET else None,
    )


def _expect_step(name: str, value: Expecting, pointer: str, trigger: Trigger, read_file: ReadFile) -> Step:
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
    "ping": _ping_step,
    "fault": _fault_step,
    "reject": _reject_step,
    "accept": _accept_step,
    "subprotocol": _subprotocol_step,
    "group": _group_step,
    "remember": _remember_step,
    "replay": _replay_step,
    "expect": _expect_step,
    "http": _call_step,
}
ACTIONS = {field.name: field.encode_name for field in msgspec.structs.fields(Action)}
