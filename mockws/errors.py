"""Every exception that mockws raises on purpose, in one tree.

An error is a caller's mistake: a file, a flag, a request of the admin API. What a *client of the mock* does wrong is a
violation, a value in the outcome, and never an exception.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mockws.diagnostic import Diagnostic, Severity


class MockwsError(Exception):
    """What a caller of mockws did wrong: what was expected, what came, where, and what to do."""


@dataclass(eq=False)
class Unreadable(MockwsError):
    """A file's text is not what it should be (no YAML, a broken encoding, over a limit)."""

    code: str
    message: str
    file: str
    line: int | None = None
    column: int | None = None
    advice: str = ""

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.file, self.line, self.column) if part is not None)
        return f"{place}: {self.message}" + (f" ({self.advice})" if self.advice else "")


@dataclass(eq=False)
class BrokenSchema(MockwsError):
    """A JSON Schema that cannot be compiled."""

    code: str
    message: str
    pointer: str = ""

    def __str__(self) -> str:
        return f"{self.pointer or '/'}: {self.message}"


@dataclass(eq=False)
class CannotFake(MockwsError):
    """No value that fits the schema could be made."""

    reason: str
    proven: bool = False  # that nothing fits; else it is only that none was found within the bounds

    def __str__(self) -> str:
        return f"no value can be made for this schema: {self.reason}"


@dataclass(eq=False)
class CannotEncode(CannotFake):
    """A value that its wire format cannot carry."""

    def __str__(self) -> str:
        return self.reason


@dataclass(eq=False)
class BadPath(MockwsError):
    """A request path that no address can be compared with (it is not UTF-8 once it is decoded)."""

    path: str

    def __str__(self) -> str:
        return f"the path {self.path!r} is not UTF-8 after percent-decoding"


@dataclass(eq=False)
class BadSetting(MockwsError):
    """A flag, an environment variable or a key of mockws.toml that does not fit."""

    name: str
    message: str
    origin: str

    def __str__(self) -> str:
        return f"{self.origin}: {self.name}: {self.message}"


@dataclass(eq=False)
class UnknownName(MockwsError):
    """A channel, message, operation, server or example that the contract does not have."""

    kind: str
    name: str
    known: Sequence[str]
    suggestion: str = ""

    def __str__(self) -> str:
        hint = f", did you mean {self.suggestion!r}?" if self.suggestion else ""
        return f"no {self.kind} {self.name!r} in the document{hint} (it has {', '.join(self.known) or 'none'})"


@dataclass(eq=False)
class CannotStart(MockwsError):
    """The server cannot start: a port in use, a missing permission, a certificate that cannot be read."""

    message: str

    def __str__(self) -> str:
        return self.message


@dataclass(eq=False)
class DocumentRefused(MockwsError):
    """An AsyncAPI document of which nothing can be served; the first diagnostic says why."""

    diagnostics: tuple[Diagnostic, ...]
    files: tuple[str, ...] = ()

    def __str__(self) -> str:
        first, *others = self.diagnostics
        errors = [each for each in others if each.severity is Severity.ERROR]
        told = f"{first}; {errors[0]}" if errors else str(first)
        return f"{told}; mockws check tells {len(errors) - 1} more" if len(errors) > 1 else told


class OverlayRefused(DocumentRefused):
    """An overlay that is none, or does not go together with the document; the first diagnostic says why."""


class ProjectRefused(DocumentRefused):
    """A `specmatic.yaml` that names nothing that could be read; the first diagnostic says why."""


@dataclass(eq=False)
class Unreachable(MockwsError):
    """There is no mock at a URL, or what is there does not speak as one."""

    url: str
    message: str

    def __str__(self) -> str:
        return f"no mock answers at {self.url}: {self.message}"


@dataclass(eq=False)
class CannotConnect(MockwsError):
    """A WebSocket that cannot be opened: nobody is there, or the handshake is refused."""

    url: str
    message: str

    def __str__(self) -> str:
        return f"no connection to {self.url}: {self.message}"


@dataclass(eq=False)
class NoServer(MockwsError):
    """Nobody listens where the server under test is to be."""

    url: str
    message: str

    def __str__(self) -> str:
        return f"no server at {self.url}: {self.message}"


@dataclass(eq=False)
class ServerSilent(MockwsError):
    """The server under test does not answer a handshake in time."""

    url: str
    seconds: float

    def __str__(self) -> str:
        return f"{self.url} does not answer a handshake within {self.seconds:g} s"


@dataclass(eq=False)
class Refused(MockwsError):
    """A running mock refused a request of the admin API; `problem` is all that it said."""

    status: int
    title: str
    detail: str
    problem: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        lines = [f"{self.status} {self.title}: {self.detail}"]
        errors = [each for each in self.problem.get("errors", []) if isinstance(each, Mapping)]
        more = errors[1:] if len(errors) > 1 else []  # the first one is the detail
        lines += [f"  {each.get('pointer') or '/'}: {each.get('message', '')}" for each in more]
        lines += [f"  {line}" for line in near_misses_told(self.problem)]
        return "\n".join(lines)


def near_misses_told(problem: Mapping[str, Any]) -> list[str]:
    """Say, line by line, what came nearest to what was asked for; nothing, where a problem document does not."""
    lines: list[str] = []
    for miss in problem.get("nearMisses", []):
        lines.append(f"entry {miss.get('seq')} is {miss.get('distance')} away:")
        told = miss.get("differences", [])
        lines += [f"  {each['pointer']} was to be {each['expected']}, and is {each['actual']}" for each in told]
    return lines


@dataclass(eq=False)
class BadExpectation(MockwsError):
    """An expectation that cannot be: an unknown key, a broken pattern or template, an impossible value."""

    code: str
    message: str
    pointer: str

    def __str__(self) -> str:
        return f"{self.pointer or '/'}: {self.message}"


@dataclass(eq=False)
class CannotSave(MockwsError):
    """Expectations that cannot be saved as things are; nothing was written."""

    message: str
    advice: str

    def __str__(self) -> str:
        return f"{self.message}; {self.advice}"


@dataclass(eq=False)
class CannotWrite(MockwsError):
    """A file that cannot be written; what was there is still there."""

    file: str
    message: str

    def __str__(self) -> str:
        return f"{self.file} cannot be written: {self.message}"


@dataclass(eq=False)
class TemplateFailed(MockwsError):
    """A template that failed over what it was handed; the script that it is in ends."""

    source: str
    message: str

    def __str__(self) -> str:
        return f"the template {self.source[:80]!r} failed: {self.message}"


@dataclass(eq=False)
class NoSuchSession(MockwsError):
    """A session is named that is not there (any more)."""

    name: str

    def __str__(self) -> str:
        return f"there is no session {self.name!r}; POST /__admin/sessions begins one, and unused ones end"


@dataclass(eq=False)
class SessionRefused(MockwsError):
    """A session cannot be begun."""

    message: str
    taken: bool  # its name, or the last place; else its name is none

    def __str__(self) -> str:
        return self.message


@dataclass(eq=False)
class StubsRefused(MockwsError):
    """Stub files, or dictionaries, that cannot be taken over; what was in force stays so."""

    diagnostics: tuple[Diagnostic, ...]

    def __str__(self) -> str:
        more = f" (and {len(self.diagnostics) - 1} more)" if len(self.diagnostics) > 1 else ""
        return f"{self.diagnostics[0]}{more}"


@dataclass(eq=False)
class ScenarioRefused(MockwsError):
    """A scenario that cannot be played as it is written."""

    diagnostics: tuple[Diagnostic, ...]

    def __str__(self) -> str:
        return "\n".join(str(each) for each in self.diagnostics)
