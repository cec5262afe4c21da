"""Listed credentials: which handshakes pass, what a list may say, and who has the last word on it."""

import base64
from typing import Any

import pytest
from engines import closed, command, connect, contract_of, engine_of, reload, say, status, stub

from mockws.engine.actions import Outcome
from mockws.engine.credentials import faults
from mockws.engine.engine import Engine
from mockws.engine.events import Reset, SetCredentials, StubsReplaced
from mockws.expect.model import AcceptedCredential
from mockws.expect.reading import read_credentials

SECURED = """
servers:
  s:
    host: localhost
    protocol: ws
    security: [{$ref: '#/components/securitySchemes/SCHEME'}]
channels:
  c: {address: /c, messages: {m: {payload: true}}}
operations:
  in: {action: receive, channel: {$ref: '#/channels/c'}}
components:
  securitySchemes:
    bearer: {type: http, scheme: bearer}
    login: {type: http, scheme: basic}
    digest: {type: http, scheme: digest}
    oauth: {type: oauth2, flows: {}}
    header: {type: httpApiKey, in: header, name: X-Key}
    query: {type: httpApiKey, in: query, name: api_key}
    cookie: {type: httpApiKey, in: cookie, name: sid}
    paper: {type: X509}
"""
GOOD, MISSING, WRONG = 0, 4401, 4403
T1 = {"scheme": "bearer", "token": "t-1"}
ADA = {"scheme": "login", "username": "ada", "password": "lövelace"}


def listed(*written: dict[str, Any]) -> tuple[AcceptedCredential, ...]:
    return read_credentials({"credentials": list(written)})


def asking(scheme: str, *written: dict[str, Any], **settings: Any) -> Engine:
    """Give an engine that asks for a scheme, and takes only these credentials."""
    engine = engine_of(SECURED.replace("SCHEME", scheme), **settings)
    assert command(engine, SetCredentials(listed(*written))).answer == ()
    return engine


def code(outcome: Outcome) -> int:
    return closed(outcome)[0][1] if closed(outcome) else GOOD


def shown(engine: Engine, path: str = "/c", offered: tuple[str, ...] = (), **headers: str) -> int:
    """Show credentials at the door; tells the close code, 0 where they are good."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return code(connect(engine, "a", path, named, offered))


def basic(pair: bytes) -> str:
    return f"Basic {base64.b64encode(pair).decode()}"


@pytest.mark.parametrize(("token", "expected"), [("t-1", GOOD), ("t-2", GOOD), ("t-", WRONG), ("t-11", WRONG)])
def test_a_bearer_token_is_one_of_those_listed(token: str, expected: int) -> None:
    engine = asking("bearer", T1, {"scheme": "bearer", "token": "t-2"})

    assert shown(engine, authorization=f"Bearer {token}") == expected
    assert shown(engine, f"/c?access_token={token}") == expected
    assert shown(engine, offered=("bearer", token)) == expected


@pytest.mark.parametrize("scheme", ["bearer", "oauth", "login", "header", "query", "cookie", "digest"])
def test_nothing_brought_is_missing_whatever_is_listed(scheme: str) -> None:
    kinds = {"login": {"username": "a", "password": "b"}, "bearer": {"token": "t"}, "oauth": {"token": "t"}}
    kinds["digest"] = {"token": "t"}
    engine = asking(scheme, {"scheme": scheme, **kinds.get(scheme, {"key": "k"})})

    assert shown(engine) == MISSING


@pytest.mark.parametrize(
    ("pair", "expected"),
    [
        ("ada:lövelace".encode(), GOOD),
        (b"ada:", WRONG),
        (b"ada", WRONG),
        (b"bob:lovelace", WRONG),
        (b"\xff:\xff", WRONG),
    ],
)
def test_a_login_is_a_name_and_its_password(pair: bytes, expected: int) -> None:
    assert shown(asking("login", ADA), authorization=basic(pair)) == expected


@pytest.mark.parametrize(("key", "expected"), [("k", GOOD), ("K", WRONG), ("", WRONG)])
def test_an_api_key_is_compared_to_the_letter(key: str, expected: int) -> None:
    assert shown(asking("header", {"scheme": "header", "key": "k"}), x_key=key) == expected
    assert shown(asking("query", {"scheme": "query", "key": "k"}), f"/c?api_key={key}") == expected
    assert shown(asking("cookie", {"scheme": "cookie", "key": "k"}), cookie=f"sid={key}") == expected


def test_a_key_in_a_header_is_read_as_the_bytes_that_came() -> None:
    engine = asking("header", {"scheme": "header", "key": "schlüssel"})

    assert shown(engine, x_key="schlüssel".encode().decode("latin-1")) == GOOD
    assert shown(engine, x_key="\u20ac") == WRONG


def test_other_schemes_of_the_header_have_tokens_too() -> None:
    engine = asking("digest", {"scheme": "digest", "token": "t"})

    assert (shown(engine, authorization="Digest t"), shown(engine, authorization="Digest u")) == (GOOD, WRONG)


def test_where_none_are_listed_for_a_scheme_the_right_form_is_enough() -> None:
    engine = asking("bearer")

    assert shown(engine, authorization="Bearer anything") == GOOD


def test_auth_http_refuses_what_is_not_listed() -> None:
    engine = asking("bearer", T1, auth="http")

    assert status(connect(engine, "a", "/c", {"authorization": "Bearer x"})) == 403
    assert status(connect(engine, "a", "/c")) == 401


def test_auth_off_looks_at_no_list() -> None:
    assert shown(asking("bearer", T1, auth="off"), authorization="Bearer x") == GOOD


def test_an_operation_asks_its_list_at_its_message() -> None:
    document = SECURED.replace("    security: [{$ref: '#/components/securitySchemes/SCHEME'}]\n", "")
    held = "security: [{$ref: '#/components/securitySchemes/bearer'}]"
    document = document.replace("channel: {$ref: '#/channels/c'}}", f"channel: {{$ref: '#/channels/c'}}, {held}}}")
    document = document.replace("operations:", "operations:\n  out: {action: send, channel: {$ref: '#/channels/c'}}")
    engine = engine_of(document)
    command(engine, SetCredentials(listed(T1)))

    connect(engine, "a", "/c", {"authorization": "Bearer t-1"})
    assert closed(say(engine, "a", {})) == []
    command(engine, SetCredentials(listed({"scheme": "bearer", "token": "other"})))
    assert closed(say(engine, "a", {})) == [("a", WRONG)]


def test_what_was_set_goes_before_files_until_it_is_given_back() -> None:
    engine = engine_of(SECURED.replace("SCHEME", "bearer"))
    engine.step(StubsReplaced((), credentials=listed(T1)))
    of_file = shown(engine, authorization="Bearer t-1")

    command(engine, SetCredentials(listed({"scheme": "bearer", "token": "other"})))
    engine.step(StubsReplaced((), credentials=listed(T1)))
    assert (of_file, shown(engine, authorization="Bearer t-1")) == (GOOD, WRONG)

    command(engine, SetCredentials(None))
    assert (shown(engine, authorization="Bearer t-1"), shown(engine, authorization="Bearer other")) == (GOOD, WRONG)


def test_a_reset_goes_back_to_the_files() -> None:
    engine = asking("bearer", T1)

    command(engine, Reset())

    assert shown(engine, authorization="Bearer x") == GOOD


def test_an_empty_list_that_was_set_lets_any_form_in() -> None:
    engine = engine_of(SECURED.replace("SCHEME", "bearer"))
    engine.step(StubsReplaced((), credentials=listed(T1)))

    command(engine, SetCredentials(()))

    assert shown(engine, authorization="Bearer x") == GOOD


def test_files_are_taken_over_whole_or_not_at_all() -> None:
    engine = engine_of(SECURED.replace("SCHEME", "bearer"))
    lost = stub(on={"channel": "gone"}, id="lost")

    told = engine.step(StubsReplaced((lost,), credentials=listed(T1)))

    assert told.answer.code == "unknown_channel"
    assert shown(engine, authorization="Bearer x") == GOOD
    told = engine.step(StubsReplaced((stub(id="kept"),), credentials=listed({"scheme": "gone", "token": "t"})))
    assert (told.answer.code, len(engine.expected.book.rules)) == ("unknown_scheme", 0)


def test_a_changed_file_replaces_the_list() -> None:
    engine = engine_of(SECURED.replace("SCHEME", "bearer"))
    engine.step(StubsReplaced((), credentials=listed(T1)))

    reload(engine)

    assert shown(engine, authorization="Bearer x") == GOOD


@pytest.mark.parametrize(
    ("asked", "written", "pointer", "words"),
    [
        ("bearer", {"scheme": "baerer", "token": "t"}, "/0/scheme", "did you mean 'bearer'?"),
        ("bearer", {"scheme": "login", "token": "t"}, "/0/scheme", "(they ask for bearer)"),
        ("bearer", {"scheme": "bearer", "key": "hush"}, "/0/key", "bearer (http bearer) wants token; here: key"),
        ("bearer", {"scheme": "bearer", "token": "hush", "key": "hush"}, "/0/key", "here: token, key"),
        ("bearer", {"scheme": "bearer"}, "/0", "wants token; here: none"),
        ("bearer", {"scheme": "bearer", "token": " "}, "/0/token", "no handshake can bring an empty token"),
        ("oauth", {"scheme": "oauth", "password": "hush"}, "/0/password", "oauth (oauth2) wants token"),
        ("login", {"scheme": "login", "username": "hush"}, "/0", "login (http basic) wants username and password"),
        ("login", {"scheme": "login", "username": "hu:sh", "password": ""}, "/0/username", "no colon"),
        ("cookie", {"scheme": "cookie", "token": "hush"}, "/0/token", "cookie (httpApiKey) wants key"),
        ("paper", {"scheme": "paper", "key": "hush"}, "/0/scheme", "it lets everyone in"),
    ],
)
def test_what_no_handshake_can_bring_is_told(asked: str, written: dict[str, Any], pointer: str, words: str) -> None:
    contract = contract_of(SECURED.replace("SCHEME", asked))

    [problem] = faults(listed(written), contract)

    assert problem.pointer == pointer
    assert words in problem.message
    assert "hush" not in str(problem)


def test_what_is_wrong_changes_nothing() -> None:
    engine = asking("bearer", T1)

    told = command(engine, SetCredentials(listed({"scheme": "bearer", "key": "k"}))).answer

    assert [each.code for each in told] == ["credential_kind"]
    assert shown(engine, authorization="Bearer x") == WRONG


def test_a_secret_is_in_no_outcome_and_no_repr() -> None:
    engine = asking("bearer", {"scheme": "bearer", "token": "hush-1"})

    outcome = connect(engine, "a", "/c", {"authorization": "Bearer hush-2"})

    assert "hush" not in repr((outcome.actions, outcome.entries))
    assert "hush" not in repr(command(engine, SetCredentials(listed({"scheme": "bearer", "token": "hush-3"}))))
