"""Which connections and which messages are meant; the same words everywhere: triggers, sends, waits, the journal.

What a connection or a message is to the engine is not known here: only its facts are looked at. Differences have
pointers that begin with `/connection` or `/message`, so that a field called `name` is never taken for a message's name.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from msgspec import UNSET, UnsetType

from mockws.expect.matchers import NOTHING, Difference, Matcher, Subject, compile_matching
from mockws.expect.model import ConnectionMatching, MessageMatching
from mockws.source.pointer import join

CONNECTION = "/connection"
NAME, TYPE, VALID, BODY = "/message/name", "/message/type", "/message/valid", "/message/body"

# field of ConnectionMatching and of Facts -> how it is written
NAMED = {
    "path_parameters": "pathParameters",
    "query_parameters": "queryParameters",
    "headers": "headers",
    "cookies": "cookies",
}


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


Named = tuple[tuple[str, str, str, Matcher], ...]  # a field of the facts, a name in it, the place of that, its matcher


def compile_named(matching: Any, fields: Mapping[str, str], pointer: str, place: str = "") -> Named:
    """Compile what is asked of parameters, headers and the like, each by its name. Raises BadExpectation."""
    return tuple(
        (
            field,
            name.lower() if field == "headers" else name,
            join(place, wire, name),
            compile_matching(inner, join(pointer, wire, name)),
        )
        for field, wire in fields.items()
        for name, inner in getattr(matching, field).items()
    )


def named_differences(named: Named, facts: Any) -> list[Difference]:
    """Say how parameters, headers and the like are not what was meant; what is not there is nothing."""
    found: list[Difference] = []
    for field, name, place, matcher in named:
        text = getattr(facts, field).get(name)
        found += matcher.differences(NOTHING if text is None else Subject.of_text(text), place)
    return found


@dataclass(frozen=True, slots=True)
class ConnectionMatcher:
    """Which connections an expectation, a send, a wait or a journal query is about."""

    matching: ConnectionMatching
    named: Named  # fields are those of Facts

    def differences(self, facts: Facts) -> list[Difference]:
        return [*_plain_differences(self.matching, facts), *named_differences(self.named, facts)]


def _plain_differences(matching: ConnectionMatching, facts: Facts) -> Iterable[Difference]:
    if matching.id is not UNSET and matching.id != facts.id:
        yield Difference(f"{CONNECTION}/id", str(matching.id), facts.id)
    if matching.subprotocol is not UNSET and matching.subprotocol != facts.subprotocol:
        yield Difference(f"{CONNECTION}/subprotocol", str(matching.subprotocol), facts.subprotocol or "nothing")
    if matching.group is not UNSET and matching.group not in facts.groups:
        yield Difference(f"{CONNECTION}/group", str(matching.group), ", ".join(sorted(facts.groups)) or "nothing")


def compile_connection(matching: ConnectionMatching | UnsetType, pointer: str) -> ConnectionMatcher | None:
    """Compile a connection matcher; none where nothing is asked. Raises BadExpectation."""
    if matching is UNSET:
        return None
    return ConnectionMatcher(matching, compile_named(matching, NAMED, pointer, CONNECTION))


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
            found.append(Difference(NAME, str(wanted.name), min(names, default="no message of the document")))
        kind = "binary" if isinstance(subject.frame, bytes) else "text"
        if wanted.type is not UNSET and wanted.type != kind:
            found.append(Difference(TYPE, str(wanted.type), kind))
        accepted = True if wanted.valid is UNSET else wanted.valid
        if accepted != "any" and accepted is not valid:
            found.append(Difference(VALID, str(accepted).lower(), str(valid).lower()))
        return found + (self.body.differences(subject, BODY) if self.body else [])


def compile_message(matching: MessageMatching | UnsetType, pointer: str) -> MessageMatcher | None:
    """Compile a message matcher; none where nothing is asked. Raises BadExpectation."""
    if matching is UNSET:
        return None
    body = compile_matching(matching.body, join(pointer, "body")) if matching.body is not UNSET else None
    return MessageMatcher(matching, body)
