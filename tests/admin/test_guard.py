"""Who is let in to the admin API."""

import json
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from mockws.admin.guard import Guard
from mockws.app import Mock, admin_token
from mockws.host.requests import MAX_BODY
from mockws.settings import Settings

CHAT = "specification/chat.yaml"
JSON = [("content-type", "application/json")]
SEND = {"to": {"all": True}, "json": {"type": "chat", "user": "ada", "text": "hi"}, "allowNone": True}


def judged(headers: list[tuple[str, str]], *, token: str | None = None, method: str = "GET") -> int:
    refusal = Guard(token, frozenset({"mock.internal", "192.0.2.7"})).judge(method, headers)
    return 200 if refusal is None else refusal.status


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:8080", 200),
        ("localhost", 200),
        ("LOCALHOST:1", 200),
        ("[::1]:8080", 200),
        ("127.8.9.1", 200),
        ("mock.internal:8080", 200),
        ("192.0.2.7:8080", 200),
        ("evil.example", 421),
        ("localhost.evil", 421),
        ("localhost@evil", 421),
        ("127.0.0.1.evil", 421),
        ("192.0.2.8", 421),
        ("0.0.0.0", 421),
        ("", 421),
    ],
)
def test_without_a_token_the_host_is_one_of_ours(host: str, status: int) -> None:
    assert judged([("host", host)]) == status


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ([], 400),
        ([("host", "localhost"), ("host", "localhost")], 400),
        ([("host", "localhost"), ("origin", "http://localhost")], 200),
        ([("host", "localhost:1"), ("origin", "http://localhost:2")], 403),
        ([("host", "localhost"), ("origin", "https://evil.example")], 403),
        ([("host", "localhost"), ("origin", "null")], 403),
        ([("host", "localhost"), ("origin", "http://[")], 403),
        ([("host", "localhost"), ("origin", "https://evil.example"), ("origin", "http://localhost")], 403),
        ([("host", "localhost"), ("sec-fetch-site", "cross-site")], 403),
        ([("host", "localhost"), ("sec-fetch-site", "same-site")], 403),
        ([("host", "localhost"), ("sec-fetch-site", "same-origin")], 200),
        ([("host", "localhost"), ("sec-fetch-site", "none")], 200),
    ],
)
def test_no_page_of_another_origin_is_let_in(headers: list[tuple[str, str]], status: int) -> None:
    assert judged(headers) == status


@pytest.mark.parametrize(
    ("authorization", "status"),
    [
        ("Bearer s3cret-ü", 200),
        ("bearer  s3cret-ü ", 200),
        ("Bearer s3cret", 401),
        ("Bearer", 401),
        ("Basic s3cret-ü", 401),
        ("", 401),
    ],
)
def test_with_a_token_any_single_host_will_do(authorization: str, status: int) -> None:
    sent = authorization.encode().decode("latin-1")  # how bytes of a header reach an ASGI app

    assert judged([("host", "mockws"), ("authorization", sent)], token="s3cret-ü") == status


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ([("content-length", "0")], 200),
        ([("content-length", "2"), *JSON], 200),
        ([("content-length", "2"), ("content-type", "application/json; charset=utf-8")], 200),
        ([("content-length", "2"), ("content-type", "text/plain")], 415),
        ([("content-length", "2")], 415),
        ([("transfer-encoding", "chunked"), ("content-type", "application/x-www-form-urlencoded")], 415),
        ([("content-length", str(MAX_BODY + 1)), *JSON], 413),
    ],
)
def test_a_body_is_json_of_bounded_size(headers: list[tuple[str, str]], status: int) -> None:
    assert judged([("host", "localhost"), *headers], method="POST") == status


@pytest.mark.parametrize(
    ("settings", "is_asked"),
    [
        (Settings(), False),
        (Settings(host="::1"), False),
        (Settings(host="localhost"), False),
        (Settings(host="0.0.0.0"), True),
        (Settings(host="192.0.2.7"), True),
        (Settings(host="0.0.0.0", admin_auth="none"), False),
        (Settings(admin_token="t"), True),
    ],
)
def test_a_token_is_asked_for_on_any_bind_that_is_not_loopback(settings: Settings, is_asked: bool) -> None:
    assert (admin_token(settings) is not None) == is_asked


def client_of(**settings: Any) -> TestClient:
    mock = Mock.of(CHAT, Settings(**{"watch": False, **settings}))
    return TestClient(mock.app(), base_url="http://127.0.0.1:8080", headers={"sec-fetch-site": "none"})


@pytest.mark.parametrize("path", ["/connections", "/send", "/health/more", "/nowhere", "/"])
def test_no_route_is_born_without_the_guard(path: str) -> None:
    with client_of() as client:
        assert client.get(f"/__admin{path}", headers={"host": "evil.example"}).status_code == 421


def test_a_websocket_is_guarded_as_well() -> None:
    with client_of() as client:
        refused = client.get("/__admin/health", headers={"host": "evil.example", "upgrade": "websocket"})

    assert refused.json() == {"status": "UP"}


@pytest.mark.parametrize("headers", [{"host": "evil.example"}, {"origin": "https://evil.example"}])
def test_strangers_are_told_that_it_is_up_and_no_more(headers: dict[str, str]) -> None:
    with client_of(admin_token="t") as client:
        health = client.get("/__admin/health", headers=headers)
        ready = client.get("/__admin/health/ready", headers=headers)

    assert health.json() == ready.json() == {"status": "UP"}


def test_whoever_is_let_in_is_told_more() -> None:
    with client_of(admin_token="t") as client:
        health = client.get("/__admin/health", headers={"authorization": "Bearer t"})

    assert health.json() == {"status": "UP", "connections": 0}


def test_no_answer_carries_cors_headers() -> None:
    with client_of() as client:
        asked = client.options("/__admin/send", headers={"origin": "https://evil.example"})
        own = client.options("/__admin/send", headers={"origin": "http://127.0.0.1:8080"})

    assert (asked.status_code, own.status_code) == (403, 405)
    assert not [name for name in (*asked.headers, *own.headers) if name.startswith("access-control")]


def test_a_refusal_is_a_problem_document() -> None:
    with client_of(admin_token="t") as client:
        refused = client.get("/__admin/connections")

    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.headers["www-authenticate"] == "Bearer"
    assert (refused.json()["status"], refused.json()["title"]) == (401, "token needed")


def test_a_stream_over_the_limit_is_cut() -> None:
    chunk = b" " * (1 << 20)
    with client_of() as client:
        sent = client.post("/__admin/send", content=iter([chunk] * 3), headers={"content-type": "application/json"})

    assert sent.status_code == 413


def test_it_can_be_left_out(tmp_path: Path) -> None:
    with client_of(admin=False) as client:
        answer = client.post("/__admin/send", json=SEND)

    assert (answer.status_code, json.loads(answer.content)["title"]) == (404, "unknown path")
