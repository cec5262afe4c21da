"""What tests say of messages and connections, in the words of the admin API: plain arguments to matchers."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypedDict, Unpack, cast

from mockws.client.asked import given
from mockws.client.deeds import Generate
from mockws.names import closest


class HasId(Protocol):
    """A connection, for short."""

    @property
    def id(self) -> str: ...


class OfMessage(TypedDict, total=False):
    """Which messages; all that is given must hold."""

    json: Any  # has at least this in it
    exactly: Any  # is this JSON, and no more
    text: str
    body: Mapping[str, Any]  # any matchers, as in a stub file
    type: str  # text or binary
    valid: bool | str  # True unless said; False, or "any"


class Placed(OfMessage, total=False):
    """Which messages, and where."""

    channel: str
    operation: str


class Matched(Placed, total=False):
    """Which messages, where, and whose."""

    parameters: Mapping[str, object]  # of the connection's path
    connection: Mapping[str, Any] | HasId  # any matchers, as in a stub file, or one connection


class Said(TypedDict, total=False):
    """What is said; a message of the document by its name, or one of these."""

    json: Any
    text: str
    base64: str
    binary: bytes
    example: str
    generate: Generate
    with_: Mapping[str, Any]
    validate: bool
    fragments: int
    chunked_dribble_delay: Mapping[str, Any]


class Scripted(Said, total=False):
    """What a script says."""

    file: str
    template: bool
    duplicate: int
    reorder: bool


def wanted(message: str | None, matched: Matched | Placed | OfMessage, kind: type = Matched) -> dict[str, Any]:
    """Write which messages are meant, as triggers and questions have it; raises TypeError for what cannot be."""
    _check(matched, kind)
    return _written(message, cast("Matched", matched))


def _check(matched: Mapping[str, Any], kind: type) -> None:
    """Refuse what is not known here: it would else be passed over, and too much would fit."""
    for name in matched:
        if name not in kind.__annotations__:
            hint = closest(name, kind.__annotations__)
            advice = f"did you mean {hint}?" if hint else f"there are {', '.join(kind.__annotations__)}"
            raise TypeError(f"nothing is matched by {name!r} here; {advice}")


def _written(message: str | None, matched: Matched) -> dict[str, Any]:
    of_message = given(name=message, type=matched.get("type"), valid=matched.get("valid"), body=_body(matched) or None)
    return given(
        channel=matched.get("channel"),
        operation=matched.get("operation"),
        message=of_message or None,
        connection=connection_wanted(matched.get("parameters"), matched.get("connection")) or None,
    )


def _body(matched: Matched) -> dict[str, Any]:
    ways = [name for name in ("json", "exactly", "text", "body") if name in matched]
    if len(ways) > 1:
        raise TypeError(f"a message is matched by at most one of json, exactly, text, body; here: {', '.join(ways)}")
    if "json" in matched:
        return {"equalToJson": matched["json"], "ignoreExtraElements": True}
    if "exactly" in matched:
        return {"equalToJson": matched["exactly"]}
    if "text" in matched:
        return {"equalTo": matched["text"]}
    return dict(matched.get("body", {}))


def connection_wanted(
    parameters: Mapping[str, object] | None, connection: Mapping[str, Any] | HasId | None
) -> dict[str, Any]:
    """Write which connections are meant."""
    found: dict[str, Any] = {}
    if connection is not None:
        found = {**connection} if isinstance(connection, Mapping) else {"id": connection.id}
    if parameters:
        equal = {name: {"equalTo": str(value)} for name, value in parameters.items()}
        found["pathParameters"] = {**found.get("pathParameters", {}), **equal}
    return found


def said(message: str | None, words: Mapping[str, Any]) -> dict[str, Any]:
    """Write what is said, as the admin API has it."""
    fields = dict(words)
    if "binary" in fields:
        fields["base64"] = base64.b64encode(fields.pop("binary")).decode("ascii")
    return given(message=message, **fields)


@dataclass(frozen=True)
class Step:
    """One step of a sequence."""

    direction: str  # match: it came from the client; sent: the mock said it
    wanted: Mapping[str, Any]

    def as_json(self) -> dict[str, Any]:
        """Write it as the admin API has it."""
        return {self.direction: dict(self.wanted)}


def received(message: str | None = None, **matched: Unpack[Placed]) -> Step:
    """Name a step: a message that came from the client."""
    return Step("match", wanted(message, matched, Placed))


def sent(message: str | None = None, **matched: Unpack[Placed]) -> Step:
    """Name a step: a message that the mock said."""
    return Step("sent", wanted(message, matched, Placed))
