"""One example of Specmatic's: what a service receives and sends, and the HTTP requests before and after.

What is wrong with it is told with its place; what a WebSocket has no use for is left out, and said.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mockws.diagnostic import Diagnostic, Severity
from mockws.errors import BrokenSchema
from mockws.names import closest
from mockws.schema.schema import Schema
from mockws.source.pointer import join
from mockws.source.text import Text
from mockws.specmatic.data import BadReference, filled
from mockws.specmatic.values import BadValue, leaves, wanted_of

KEYS: tuple[str, ...] = ("id", "name", "description", "receive", "send", "before", "after", "data", "transient")
KEYS += ("delay-in-seconds", "delay-in-milliseconds")
UNUSED = ("retry", "dlq")  # of brokers
PART = ("topic", "payload", "headers", "key")
FIXTURE = ("type", "wait", "timeout", "http-request", "http-response")
REQUEST = ("baseUrl", "path", "method", "query", "headers", "body")
RESPONSE = ("status", "body", "headers", "status-text")
DURATION = re.compile(r"PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?")
TIMEOUT, LONGEST = 10.0, 3600.0  # seconds


@dataclass(frozen=True, slots=True)
class Said:
    """A message that an example shows."""

    topic: str
    payload: Any
    pointer: str


@dataclass(frozen=True, slots=True)
class Fixture:
    """An HTTP request, and what it is to be answered."""

    pointer: str
    base: str
    path: str  # with its query
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    status: int = 200
    answer: Any = None
    wait: float = 0.0
    timeout: float = TIMEOUT


@dataclass(frozen=True)
class Example:
    """What one file shows."""

    text: Text
    name: str
    receive: Said | None = None
    send: Said | None = None
    before: tuple[Fixture, ...] = ()
    after: tuple[Fixture, ...] = ()
    delay: float = 0.0
    times: int | None = None

    def told(self, severity: Severity, code: str, message: str, pointer: str, advice: str = "") -> Diagnostic:
        """Say something about a place of the example."""
        return _diagnostic(self.text, severity, code, message, pointer, advice)


def is_example(text: Text) -> bool:
    """Tell whether a file is an example of messages, and not one of HTTP, a payload or a schema."""
    return isinstance(text.value, dict) and not text.value.keys().isdisjoint({"receive", "send"})


def read_example(text: Text, name: str) -> tuple[Example | None, list[Diagnostic]]:
    """Read an example, called after its file unless it has a name; none where it has errors."""
    reader = _Reader(text)
    example = reader.example(name)
    broken = any(each.severity is Severity.ERROR for each in reader.found)
    return None if broken else example, reader.found


def _diagnostic(text: Text, severity: Severity, code: str, message: str, pointer: str, advice: str) -> Diagnostic:
    return Diagnostic(severity, code, f"{pointer or '/'}: {message}", text.locate(pointer), pointer, advice)


@dataclass
class _Reader:
    text: Text
    found: list[Diagnostic] = field(default_factory=list)

    def error(self, code: str, message: str, pointer: str, advice: str = "") -> None:
        self.found.append(_diagnostic(self.text, Severity.ERROR, code, message, pointer, advice))

    def warn(self, code: str, message: str, pointer: str, advice: str = "") -> None:
        self.found.append(_diagnostic(self.text, Severity.WARNING, code, message, pointer, advice))

    def example(self, name: str) -> Example:
        value = self._with_data(self.text.value)
        self._known(value, (*KEYS, *UNUSED), "", "an example")
        for key in UNUSED:
            if key in value:
                self.warn("specmatic-left-out", f"{key} is of brokers, and is left out", f"/{key}")
        self._check_values(value)
        receive, send = self._said(value, "receive"), self._said(value, "send")
        named = value.get("name", value.get("id", name))
        return Example(
            text=self.text,
            name=named if isinstance(named, str) and named else name,
            receive=receive,
            send=send,
            before=self._fixtures(value, "before"),
            after=self._fixtures(value, "after"),
            delay=self._delay(value),
            times=self._times(value),
        )

    def _with_data(self, value: Any) -> Any:
        try:
            return filled(value)
        except BadReference as problem:
            self.error("specmatic-value", str(problem), problem.pointer, "it is looked for in `data`")
            return value

    def _check_values(self, value: Any) -> None:
        for key in ("receive", "send", "before", "after"):
            for pointer, leaf in leaves(value.get(key), f"/{key}"):
                try:
                    wanted = wanted_of(leaf) if isinstance(leaf, str) else None
                    if wanted is not None:
                        Schema(wanted.schema).accepts(None)
                except BadValue as problem:
                    self.error("specmatic-value", str(problem), pointer, problem.advice)
                except BrokenSchema as problem:
                    self.error("specmatic-value", problem.message, pointer, "a pattern is one of ECMA 262")

    def _known(self, value: Mapping[str, Any], known: tuple[str, ...], pointer: str, kind: str) -> None:
        for key in value:
            if key not in known:
                hint = closest(key, known)
                advice = f"did you mean {hint}?" if hint else f"known are {', '.join(known)}"
                self.warn("specmatic-key", f"{key!r} is no key of {kind}, and is left out", join(pointer, key), advice)

    def _mapping(self, value: Mapping[str, Any], key: str, pointer: str) -> Mapping[str, Any]:
        inner = value.get(key, {})
        if isinstance(inner, dict):
            return inner
        self.error("specmatic-type", f"{key} should be an object", join(pointer, key))
        return {}

    def _said(self, value: Mapping[str, Any], key: str) -> Said | None:
        if key not in value:
            return None
        pointer, part = f"/{key}", self._mapping(value, key, "")
        self._known(part, PART, pointer, key)
        topic = part.get("topic")
        if not isinstance(topic, str):
            self.error("specmatic-type", "topic is missing: the address of a channel", pointer)
            return None
        return Said(topic, part.get("payload"), pointer)

    def _fixtures(self, value: Mapping[str, Any], key: str) -> tuple[Fixture, ...]:
        listed = value.get(key, [])
        if not isinstance(listed, list):
            self.error("specmatic-type", f"{key} should be a list", f"/{key}")
            return ()
        read = (self._fixture(each, join("", key, place)) for place, each in enumerate(listed))
        return tuple(each for each in read if each is not None)

    def _fixture(self, value: Any, pointer: str) -> Fixture | None:
        if not isinstance(value, dict) or not isinstance(value.get("http-request"), dict):
            self.warn("specmatic-left-out", "it is no HTTP fixture, and is left out", pointer)
            return None
        self._known(value, FIXTURE, pointer, "a fixture")
        request, response = value["http-request"], self._mapping(value, "http-response", pointer)
        self._known(request, REQUEST, join(pointer, "http-request"), "http-request")
        self._known(response, RESPONSE, join(pointer, "http-response"), "http-response")
        path, status = request.get("path"), response.get("status", 200)
        if not isinstance(path, str) or not path.startswith("/"):
            self.error("specmatic-type", "path should begin with /", join(pointer, "http-request", "path"))
            return None
        if not isinstance(status, int) or not 200 <= status <= 599:
            self.error("specmatic-type", "status should be 200 to 599", join(pointer, "http-response", "status"))
            return None
        return Fixture(
            pointer=pointer,
            base=str(request.get("baseUrl", "")),
            path=_with_query(path, self._mapping(request, "query", join(pointer, "http-request"))),
            method=str(request.get("method", "GET")).upper(),
            headers={name: str(text) for name, text in self._mapping(request, "headers", pointer).items()},
            body=request.get("body"),
            status=status,
            answer=response.get("body"),
            wait=self._duration(value, "wait", pointer, 0.0),
            timeout=self._duration(value, "timeout", pointer, TIMEOUT),
        )

    def _duration(self, value: Mapping[str, Any], key: str, pointer: str, default: float) -> float:
        if key not in value:
            return default
        parts = DURATION.fullmatch(str(value[key]))
        if parts is None or not any(parts.groups()):
            self.error("specmatic-type", f"{key} should be a duration such as PT2S", join(pointer, key))
            return default
        hours, minutes, seconds = (float(each or 0) for each in parts.groups())
        return min(hours * 3600 + minutes * 60 + seconds, LONGEST)

    def _delay(self, value: Mapping[str, Any]) -> float:
        units = {"delay-in-seconds": 1.0, "delay-in-milliseconds": 0.001}
        for key, unit in units.items():
            given = value.get(key)
            if isinstance(given, int | float) and not isinstance(given, bool) and 0 <= given * unit <= LONGEST:
                return given * unit
            if key in value:
                self.error("specmatic-type", f"{key} should be a number", f"/{key}")
        return 0.0

    def _times(self, value: Mapping[str, Any]) -> int | None:
        """A transient example is good for one time, or for as often as a matcher of its says."""
        if value.get("transient") is not True:
            return None
        told = [_times_of(leaf) for _, leaf in leaves(value.get("receive"))]
        return max((each for each in told if each), default=1)


def _times_of(leaf: Any) -> int | None:
    try:
        wanted = wanted_of(leaf) if isinstance(leaf, str) else None
    except BadValue:
        return None
    return wanted.times if wanted is not None else None


def _with_query(path: str, query: Mapping[str, Any]) -> str:
    if not query:
        return path
    written = "&".join(f"{name}={value}" for name, value in query.items())
    return f"{path}{'&' if '?' in path else '?'}{written}"
