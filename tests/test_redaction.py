"""Credentials are never shown."""

import pytest

from mockws.redaction import redacted_headers, redacted_query, redacted_subprotocols, redacted_url


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("authorization", "Bearer abc", "Bearer [redacted]"),
        ("Authorization", "abc", "[redacted]"),
        ("proxy-authorization", "Basic abc", "Basic [redacted]"),
        ("cookie", "sid=1; a=b", "[redacted]"),
        ("X-API-Key", "abc def", "[redacted]"),
        ("sec-websocket-protocol", "bearer, abc", "bearer, [redacted]"),
        ("sec-websocket-protocol", "chat, Bearer, abc", "chat, bearer, [redacted]"),
        ("sec-websocket-protocol", "base64url.bearer.authorization.k8s.io.abc", "[redacted]"),
        ("sec-websocket-protocol", "v1, v2", "v1, v2"),
        ("origin", "http://a", "http://a"),
    ],
)
def test_header_keeps_its_scheme_and_loses_its_secret(name: str, value: str, shown: str) -> None:
    assert redacted_headers([(name, value)]) == [(name, shown)]


def test_query_loses_what_carries_credentials() -> None:
    assert redacted_query([("Token", "a"), ("size", "1")]) == [("Token", "[redacted]"), ("size", "1")]


def test_url_loses_the_same() -> None:
    assert redacted_url("/c?access_token=abc&size=1&empty=") == "/c?access_token=[redacted]&size=1&empty="
    assert redacted_url("/c") == "/c"


def test_subprotocols_before_a_token_are_shown() -> None:
    assert redacted_subprotocols(["chat", "bearer", "a", "b"]) == ["chat", "bearer", "[redacted]", "[redacted]"]
