"""A handshake against the document's WebSocket bindings: texts of query and headers, read as what the schemas say."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mockws.codec import Undecodable, decode_json, encode_json
from mockws.contract import Handshake
from mockws.engine.events import Opening
from mockws.redaction import SECRET_HEADERS, SECRET_QUERY
from mockws.schema.schema import Violation
from mockws.schema.shape import Shape, shape_of

PROTOCOL_HEADER = "sec-websocket-protocol"
TOKEN_QUERY = "access_token"
BOOLEANS = {"true": True, "false": False}
PLAIN_KINDS: Mapping[str, type | tuple[type, ...]] = {"integer": (int, float), "number": (int, float), "object": dict}


@dataclass(frozen=True, slots=True)
class Demand:
    """What one binding asks of a handshake, with the shapes of its schemas at hand."""

    handshake: Handshake
    query: Shape
    headers: Shape

    def violations(self, opening: Opening, credentials: frozenset[str]) -> tuple[Violation, ...]:
        """Tell how a handshake breaks the binding; query arguments that carry credentials are checked elsewhere."""
        return (*self._in_query(opening, credentials), *self._in_headers(opening))

    @property
    def subprotocols(self) -> tuple[str, ...]:
        """Give the subprotocols that the schema of `Sec-WebSocket-Protocol` lists."""
        told = self.headers.tells.items()
        return tuple(str(value) for name, values in told if name.lower() == PROTOCOL_HEADER for value in sorted(values))

    def _in_query(self, opening: Opening, credentials: frozenset[str]) -> Iterator[Violation]:
        """Check the query; names that begin with `__` are ours."""
        schema, properties = self.handshake.query, self.query.properties
        if schema is None:
            return
        values: dict[str, list[str]] = {}
        for name, value in opening.query:
            known = name in properties or (name not in credentials and name != TOKEN_QUERY)
            if known and not name.startswith("__"):
                values.setdefault(name, []).append(value)
        coerced = {name: _coerced(texts, properties.get(name)) for name, texts in values.items()}
        yield from (_placed(each, "query", SECRET_QUERY | credentials) for each in schema.violations(coerced))

    def _in_headers(self, opening: Opening) -> Iterator[Violation]:
        """Check the headers that the document describes; those that every client sends besides never count.

        Subprotocols are negotiated, and what was offered is no single value: it is not held against the schema.
        """
        schema, properties = self.handshake.headers, self.headers.properties
        if schema is None:
            return
        described = {*properties, *self.headers.required}
        found = {name: opening.header(name) for name in described if name.lower() != PROTOCOL_HEADER}
        coerced = {name: _coerced([text], properties.get(name)) for name, text in found.items() if text is not None}
        for violation in schema.violations(coerced):
            if violation.pointer.lower() != f"/{PROTOCOL_HEADER}":
                yield _placed(violation, "headers", SECRET_HEADERS)


def demand_of(handshake: Handshake) -> Demand:
    """Compile what a binding asks."""
    query, headers = handshake.query, handshake.headers
    return Demand(handshake, shape_of(query) if query else Shape(), shape_of(headers) if headers else Shape())


def _placed(violation: Violation, where: str, secret: Iterable[str]) -> Violation:
    """Say where in the handshake it is; what a credential was is never repeated."""
    name = violation.pointer[1:].partition("/")[0]
    told = name.lower() in secret and violation.keyword != "required"
    message = f"does not fit its schema ({violation.keyword})" if told else violation.message
    return Violation(
        f"/{where}{violation.pointer}", message, violation.schema_pointer, violation.keyword, violation.place
    )


def _coerced(texts: list[str], schema: Any) -> Any:
    """Read the texts of a query argument or header as what the schema says they are."""
    kinds = list(_kinds(schema))
    if "array" in kinds:
        parts = texts if len(texts) > 1 else [part.strip() for part in texts[0].split(",")] if texts[0] else []
        return [_coerced([part], schema.get("items")) for part in parts]
    for kind in kinds:
        value = _as(kind, texts[-1])
        if value is not None:
            return value
    return next((each for each in _listed(schema) if _written(each) == texts[-1]), texts[-1])


def _kinds(schema: Any) -> Iterator[str]:
    """Give the types that a schema names, at its top or in its alternatives."""
    if not isinstance(schema, Mapping):
        return
    kinds = schema.get("type")
    yield from kinds if isinstance(kinds, list) else [kinds] if isinstance(kinds, str) else []
    for key in ("oneOf", "anyOf", "allOf"):
        for part in schema.get(key) or ():
            yield from _kinds(part)


def _listed(schema: Any) -> Iterable[Any]:
    if not isinstance(schema, Mapping):
        return ()
    listed = [schema["const"]] if "const" in schema else schema.get("enum")
    return listed if isinstance(listed, list) else ()


def _written(value: Any) -> str:
    return value if isinstance(value, str) else encode_json(value)


def _as(kind: str, text: str) -> Any:
    """Read a text as a type; None where it is not that."""
    if kind == "boolean":
        return BOOLEANS.get(text.lower())
    wanted = PLAIN_KINDS.get(kind)
    value = decode_json(text) if wanted else None
    fits = wanted is not None and isinstance(value, wanted) and not isinstance(value, bool | Undecodable)
    return value if fits else None
