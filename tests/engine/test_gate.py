"""Who is let in: bindings, security, subprotocols, origins."""

import base64
from typing import Any

import pytest
from engines import accepted, closed, connect, engine_of, say, status

from mockws.engine.actions import Outcome, Refuse
from mockws.engine.engine import Engine

BOUND = """
channels:
  c:
    address: /c
    messages: {m: {payload: true}}
    bindings:
      ws:
        query:
          type: object
          additionalProperties: false
          required: [token]
          properties:
            token: {type: string, pattern: ^t-}
            size: {type: integer}
            price: {type: number}
            live: {type: boolean}
            ids: {type: array, items: {type: integer}, minItems: 2}
            kind: {enum: [1, 2]}
            mode: {const: true}
            either: {oneOf: [{type: integer}, {type: boolean}]}
        headers:
          type: object
          additionalProperties: false
          required: [X-Version, Sec-WebSocket-Protocol]
          properties: {X-Version: {type: integer}, Sec-WebSocket-Protocol: {enum: [v1, v2]}}
operations:
  in: {action: receive, channel: {$ref: '#/channels/c'}}
"""
GOOD = {"x-version": "1", "host": "localhost", "user-agent": "test"}


def bound(query: str, headers: dict[str, str] | None = None, **settings: Any) -> Outcome:
    return connect(engine_of(BOUND, **settings), "a", f"/c?{query}", GOOD if headers is None else headers)


@pytest.mark.parametrize(
    "query",
    [
        "token=t-1",
        "token=t-1&size=10",
        "token=t-1&price=1.5",
        "token=t-1&live=true&live=false",
        "token=t-1&live=TRUE",
        "token=t-1&ids=1,2",
        "token=t-1&ids=1&ids=2",
        "token=t-1&kind=2",
        "token=t-1&mode=true",
        "token=t-1&either=3",
        "token=t-1&either=false",
        "token=t-1&__example=x&__dynamic=true&__session=s",
        "token=t-1&access_token=abc",
    ],
)
def test_query_is_read_as_what_the_schema_says(query: str) -> None:
    assert status(bound(query)) == 101


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("", "/query/token"),
        ("token=t-1&size=ten", "/query/size"),
        ("token=t-1&size=1.5", "/query/size"),
        ("token=t-1&price=NaN", "/query/price"),
        ("token=t-1&live=yes", "/query/live"),
        ("token=t-1&ids=1", "/query/ids"),
        ("token=t-1&ids=", "/query/ids"),
        ("token=t-1&ids=1,x", "/query/ids/1"),
        ("token=t-1&kind=3", "/query/kind"),
        ("token=t-1&other=1", "/query/other"),
    ],
)
def test_query_that_breaks_its_schema_is_a_bad_request(query: str, pointer: str) -> None:
    outcome = bound(query)

    [refusal] = [action for action in outcome.actions if isinstance(action, Refuse)]
    assert refusal.status == 400
    assert [each["pointer"] for each in refusal.body["errors"]] == [pointer]
    assert [entry.event for entry in outcome.entries] == ["refused"]


def test_secret_is_not_repeated_where_it_is_wrong() -> None:
    [entry] = bound("token=hush").entries

    assert (entry.code, entry.note) == (400, "/query/token: does not fit its schema (pattern)")


@pytest.mark.parametrize("name", ["x-version", "X-Version"])
def test_header_names_are_blind_to_case(name: str) -> None:
    assert status(bound("token=t-1", {name.lower(): "1"})) == 101


@pytest.mark.parametrize("headers", [{}, {"x-version": "one"}])
def test_header_that_is_missing_or_wrong_is_a_bad_request(headers: dict[str, str]) -> None:
    assert status(bound("token=t-1", headers)) == 400


def test_wrong_handshake_is_only_noted_where_nobody_is_strict() -> None:
    outcome = bound("", {}, handshake="warn")

    assert status(outcome) == 101
    assert [violation.pointer for violation in outcome.entries[0].violations] == ["/query/token", "/headers/X-Version"]


@pytest.mark.parametrize(
    ("offered", "configured", "taken"),
    [
        ((), (), None),
        (("v2", "v1"), (), "v2"),
        (("x", "v1"), (), "v1"),
        (("x",), (), None),
        (("x",), ("x",), "x"),
        (("v1",), ("none",), None),
        (("bearer", "token"), (), "bearer"),
    ],
)
def test_subprotocol_that_both_know_is_taken_in_the_clients_order(
    offered: tuple[str, ...], configured: tuple[str, ...], taken: str | None
) -> None:
    engine = engine_of(BOUND, subprotocol=configured)

    outcome = connect(engine, "a", "/c?token=t-1", GOOD, offered)

    assert accepted(outcome).subprotocol == taken


OPEN = """
channels:
  c: {address: /c, messages: {m: {payload: true}}}
operations:
  in: {action: receive, channel: {$ref: '#/channels/c'}}
"""


def test_first_subprotocol_is_taken_where_nobody_names_any() -> None:
    outcome = connect(engine_of(OPEN), "a", "/c", offered=("chat", "other"))

    assert accepted(outcome).subprotocol == "chat"
    assert outcome.entries[0].details == {"subprotocol": "chat"}


def test_token_that_is_offered_as_subprotocol_is_not_journalled() -> None:
    [entry] = connect(engine_of(OPEN, subprotocol=("none",)), "a", "/c", offered=("bearer", "hush")).entries

    assert entry.note == "none of the subprotocols bearer, [redacted] was taken; browsers end such a connection"


@pytest.mark.parametrize(
    ("origin", "expected"),
    [
        ("http://localhost:5173", 101),
        (None, 101),
        ("http://localhost:5173.evil.example", 403),
        ("http://localhost", 403),
        ("HTTP://LOCALHOST:5173", 403),
        ("null", 403),
        ("", 403),
    ],
)
def test_origin_is_compared_to_the_letter(origin: str | None, expected: int) -> None:
    engine = engine_of(OPEN, ws_origins=("http://localhost:5173",))
    outcome = connect(engine, "a", "/c", {"origin": origin} if origin is not None else {})

    assert status(outcome) == expected
    assert outcome.entries[0].event == ("open" if expected == 101 else "refused")


def test_any_origin_is_let_in_where_none_is_named() -> None:
    assert status(connect(engine_of(OPEN), "a", "/c", {"origin": "https://evil.example"})) == 101


def secured(schemes: str, security: str, operation: str = "") -> str:
    return f"""
servers:
  s: {{host: localhost, protocol: ws, security: [{security}]}}
channels:
  c: {{address: /c, messages: {{m: {{payload: true}}}}}}
operations:
  in: {{action: receive, channel: {{$ref: '#/channels/c'}}{operation}}}
components:
  securitySchemes: {{{schemes}}}
"""


BEARER = secured("s: {type: http, scheme: bearer}", "{$ref: '#/components/securitySchemes/s'}")
BASIC = secured("s: {type: http, scheme: basic}", "{$ref: '#/components/securitySchemes/s'}")
USER = secured("s: {type: userPassword}", "{$ref: '#/components/securitySchemes/s'}")
OAUTH = secured(
    "s: {type: oauth2, flows: {clientCredentials: {tokenUrl: 'https://x', availableScopes: {}}}}",
    "{$ref: '#/components/securitySchemes/s'}",
)
HEADER = secured("s: {type: httpApiKey, in: header, name: X-Key}", "{$ref: '#/components/securitySchemes/s'}")
QUERY = secured("s: {type: httpApiKey, in: query, name: key}", "{$ref: '#/components/securitySchemes/s'}")
COOKIE = secured("s: {type: httpApiKey, in: cookie, name: sid}", "{$ref: '#/components/securitySchemes/s'}")
DIGEST = secured("s: {type: http, scheme: Digest}", "{$ref: '#/components/securitySchemes/s'}")
UNSEEN = secured("s: {type: X509}", "{$ref: '#/components/securitySchemes/s'}")


def basic(text: str) -> str:
    return "Basic " + base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    ("document", "path", "headers", "offered", "code"),
    [
        (BEARER, "/c", {}, (), 4401),
        (BEARER, "/c", {"authorization": "Bearer t"}, (), None),
        (BEARER, "/c", {"authorization": "bearer t"}, (), None),
        (BEARER, "/c", {"authorization": "Bearer "}, (), 4403),
        (BEARER, "/c", {"authorization": basic("a:b")}, (), 4403),
        (BEARER, "/c?access_token=t", {}, (), None),
        (BEARER, "/c?access_token=", {}, (), 4403),
        (BEARER, "/c", {}, ("bearer", "t"), None),
        (BEARER, "/c", {}, ("bearer",), 4403),
        (OAUTH, "/c", {"authorization": "Bearer t"}, (), None),
        (OAUTH, "/c", {}, (), 4401),
        (BASIC, "/c", {"authorization": basic("ada:secret")}, (), None),
        (BASIC, "/c", {"authorization": basic("ada")}, (), 4403),
        (BASIC, "/c", {"authorization": "Basic é"}, (), 4403),
        (BASIC, "/c", {"authorization": "Basic !!!"}, (), 4403),
        (BASIC, "/c", {}, (), 4401),
        (USER, "/c", {"authorization": basic("ada:secret")}, (), None),
        (HEADER, "/c", {"x-key": "k"}, (), None),
        (HEADER, "/c", {"x-key": " "}, (), 4403),
        (HEADER, "/c", {}, (), 4401),
        (QUERY, "/c?key=k", {}, (), None),
        (QUERY, "/c", {}, (), 4401),
        (COOKIE, "/c", {"cookie": "a=1; sid=2"}, (), None),
        (COOKIE, "/c", {"cookie": "a=1"}, (), 4401),
        (DIGEST, "/c", {"authorization": "Digest x"}, (), None),
        (DIGEST, "/c", {"authorization": "Bearer x"}, (), 4403),
        (UNSEEN, "/c", {}, (), None),
    ],
)
def test_credentials_are_good_where_they_have_the_right_form(
    document: str, path: str, headers: dict[str, str], offered: tuple[str, ...], code: int | None
) -> None:
    outcome = connect(engine_of(document), "a", path, headers, offered)

    assert status(outcome) == 101
    assert [found for _, found in closed(outcome)] == ([code] if code else [])
    assert outcome.entries[0].event == ("refused" if code else "open")


@pytest.mark.parametrize(
    ("document", "headers", "expected", "asked"),
    [
        (BEARER, {}, 401, [("www-authenticate", "Bearer")]),
        (BASIC, {}, 401, [("www-authenticate", 'Basic realm="mock"')]),
        (BEARER, {"authorization": "Basic x"}, 403, []),
    ],
)
def test_auth_http_answers_with_a_status(
    document: str, headers: dict[str, str], expected: int, asked: list[tuple[str, str]]
) -> None:
    outcome = connect(engine_of(document, auth="http"), "a", "/c", headers)

    [refusal] = [action for action in outcome.actions if isinstance(action, Refuse)]
    assert (refusal.status, list(refusal.headers)) == (expected, asked)


def test_auth_off_lets_everyone_in() -> None:
    assert closed(connect(engine_of(BEARER, auth="off"), "a", "/c")) == []


TWO = "k: {type: httpApiKey, in: header, name: X-Key}, b: {type: http, scheme: bearer}"
EITHER = secured(TWO, "{$ref: '#/components/securitySchemes/k'}, {$ref: '#/components/securitySchemes/b'}")
BOTH = """
asyncapi: 2.6.0
info: {title: T, version: '1'}
servers:
  s: {url: 'ws://localhost', protocol: ws, security: [{k: [], b: []}]}
channels:
  /c: {publish: {message: {name: m, payload: {}}}}
components:
  securitySchemes:
    k: {type: httpApiKey, in: header, name: X-Key}
    b: {type: http, scheme: bearer}
"""


@pytest.mark.parametrize(
    ("headers", "either", "both"),
    [
        ({}, [4401], [4401]),
        ({"x-key": "k"}, [], [4401]),
        ({"authorization": "Bearer t"}, [], [4401]),
        ({"x-key": "k", "authorization": "Bearer t"}, [], []),
        ({"authorization": "Basic t"}, [4403], [4403]),
    ],
)
def test_alternatives_are_or_and_entries_of_one_are_and(
    headers: dict[str, str], either: list[int], both: list[int]
) -> None:
    codes = [
        [code for _, code in closed(connect(engine_of(document), "a", "/c", headers))] for document in (EITHER, BOTH)
    ]

    assert codes == [either, both]


SHARED = """
channels:
  c:
    address: /c
    messages: {free: {payload: {type: object, required: [free]}}, paid: {payload: {type: object, required: [paid]}}}
operations:
  free: {action: receive, channel: {$ref: '#/channels/c'}, messages: [{$ref: '#/channels/c/messages/free'}]}
  paid:
    action: receive
    channel: {$ref: '#/channels/c'}
    messages: [{$ref: '#/channels/c/messages/paid'}]
    security: [{$ref: '#/components/securitySchemes/s'}]
components:
  securitySchemes: {s: {type: http, scheme: bearer}}
"""


def shared(headers: dict[str, str]) -> Engine:
    engine = engine_of(SHARED)
    connect(engine, "a", "/c", headers)
    return engine


def test_security_of_an_operation_is_checked_at_its_message_where_several_share_a_route() -> None:
    stranger, friend = shared({}), shared({"authorization": "Bearer t"})

    assert closed(say(stranger, "a", {"free": 1})) == []
    assert closed(say(stranger, "a", {"paid": 1})) == [("a", 4401)]
    assert closed(say(friend, "a", {"paid": 1})) == []


def test_security_of_the_only_operation_is_checked_at_the_handshake() -> None:
    document = secured("s: {type: http, scheme: bearer}", "", ", security: [{$ref: '#/components/securitySchemes/s'}]")

    assert closed(connect(engine_of(document), "a", "/c")) == [("a", 4401)]


def test_binding_may_ask_for_headers_only() -> None:
    document = OPEN.replace("messages:", "bindings: {ws: {headers: {type: object, required: [x-a]}}}, messages:")
    statuses = [status(connect(engine_of(document), "a", "/c?any=1", headers)) for headers in ({"x-a": "1"}, {})]

    assert statuses == [101, 400]
