"""The admin API from outside: what comes back, and what goes wrong on the way."""

import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from mockws.client.client import Client
from mockws.errors import Refused, Unreachable

SENT = b'{"sent":1,"connections":["c1"],"skipped":[],"violations":[]}'


@contextmanager
def answering(status: int, body: bytes, kind: str = "application/json") -> Iterator[tuple[str, list[Any]]]:
    """Run a server that always answers the same; give its URL and the requests it got."""
    requests: list[Any] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["content-length"]))
            requests.append((self.path, self.headers.get("authorization"), content))
            self.send_response(status)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_request(self, code: object = "-", size: object = "-") -> None:
            requests[-1] = (*requests[-1], code, size)

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/", requests
        server.shutdown()
        thread.join()


def test_a_send_is_posted_with_the_token() -> None:
    with answering(200, SENT) as (url, requests):
        Client(url, "t").send(json=1)

    assert requests == [("/__admin/send", "Bearer t", b'{"json":1}', 200, "-")]


def test_a_refusal_is_an_error_with_its_reason() -> None:
    problem = b'{"title":"no one was reached","detail":"no one is there"}'
    with answering(409, problem) as (url, _), pytest.raises(Refused, match="409 no one was reached: no one is there"):
        Client(url).send(json=1)


def test_a_server_that_is_no_mock_is_an_error() -> None:
    page = answering(404, b"<html>", "text/html")
    with page as (url, _), pytest.raises(Unreachable, match="HTTP 404 came back, and not what a mock says"):
        Client(url).send(json=1)


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "nonsense", "http://[", "ftp://x"])
def test_where_nobody_is_is_an_error(url: str) -> None:
    with pytest.raises(Unreachable, match="no mock answers at"):
        Client(url).send(json=1)


def test_a_proxy_of_the_environment_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    with answering(200, SENT) as (url, _):
        assert Client(url).send(json=1).sent == 1
