"""Every endpoint of the admin API by every method: nobody without credentials, and no page of another site, is let in.

The walk goes by the table of endpoints, so that a route that is new is walked as well.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest
from starlette.testclient import TestClient, WebSocketDenialResponse

from mockws.admin.api import ENDPOINTS
from mockws.admin.guard import OPEN_PATHS
from mockws.app import Mock
from mockws.settings import Settings

TITLE = "Nobody Reads This Title"
DOCUMENT = f"""
asyncapi: 3.0.0
info: {{title: {TITLE}, version: 1.0.0}}
channels:
  room: {{address: '/rooms/{{id}}', parameters: {{id: {{}}}}, messages: {{say: {{payload: {{type: object}}}}}}}}
operations:
  say: {{action: receive, channel: {{$ref: '#/channels/room'}}}}
"""
TOKEN = "right-token"
METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE")
PATHS = sorted({each.path for each in ENDPOINTS})
STRANGE = ("", "/", "/nowhere", "//connections", "/./connections", "/health/../connections", "/health/", "/version/x")
RIGHT = {"authorization": f"Bearer {TOKEN}"}
STRANGERS: Mapping[str, dict[str, str]] = {
    "nothing": {},
    "wrong token": {"authorization": "Bearer wrong-token"},
    "another scheme": {"authorization": f"Basic {TOKEN}"},
    "a token in a cookie": {"cookie": f"token={TOKEN}; authorization=Bearer {TOKEN}"},
    "a proxy's word": {"x-forwarded-for": "127.0.0.1", "x-forwarded-host": "localhost", "forwarded": "for=127.0.0.1"},
    "another method's name": {"x-http-method-override": "GET", "x-original-url": "/__admin/health"},
}
PAGES: Mapping[str, dict[str, str]] = {
    "a foreign origin": {"origin": "https://evil.example"},
    "no origin": {"origin": "null"},
    "another port": {"origin": "http://127.0.0.1:1"},
    "a cross-site page": {"sec-fetch-site": "cross-site"},
    "a sibling": {"sec-fetch-site": "same-site"},
    "a name that points here": {"host": "evil.example"},
    "a name that looks like ours": {"host": "localhost.evil.example"},
}
PLAIN = ("nothing", "a foreign origin", "a name that points here")
SIGNS = ({"status": "UP"}, {"version": "0.1.0"})


def filled(path: str) -> str:
    return path.replace("{id}", "default").replace("{name:path}", "room").replace("{name}", "room")


WALK = [*map(filled, PATHS), *STRANGE]


@contextmanager
def walked(tmp_path: Any, **settings: Any) -> Iterator[TestClient]:
    """Serve, and hold that whoever walks there leaves everything as it was."""
    document = tmp_path / "d.yaml"
    document.write_text(DOCUMENT, "utf-8")
    mock = Mock.of(str(document), Settings(**{"watch": False, **settings}))
    with TestClient(mock.app(), base_url="http://127.0.0.1:8080", follow_redirects=False) as client:
        before = state(client)
        yield client
        assert state(client) == before


def state(client: TestClient) -> Any:
    """Read all that a request could have changed."""
    ours = {**RIGHT, "host": "127.0.0.1:8080"}
    kept = ("/expectations", "/credentials", "/connections", "/channels", "/coverage", "/scenarios", "/journal")
    return [client.get(f"/__admin{each}", headers=ours).json() for each in kept]


def steps(prefix: str = "/__admin", *, who: str = "nothing") -> Iterator[tuple[str, str, str]]:
    """Give every path; by every method for those who come the plain way, else by one method each in turn."""
    for number, path in enumerate(WALK):
        for method in METHODS if who in PLAIN else (METHODS[number % len(METHODS)],):
            yield method, path, prefix + path


def is_open(method: str, path: str) -> bool:
    return method in ("GET", "HEAD") and path in OPEN_PATHS


def body_for(method: str) -> dict[str, Any]:
    """A body that most endpoints would take."""
    if method not in ("POST", "PUT"):
        return {}
    return {"content": b"{}", "headers": {"content-type": "application/json"}}


def asked(client: TestClient, method: str, url: str, headers: dict[str, str]) -> Any:
    more = body_for(method)
    return client.request(method, url, content=more.get("content"), headers={**more.get("headers", {}), **headers})


@pytest.mark.parametrize("stranger", STRANGERS)
def test_nothing_but_health_and_version_answers_without_credentials(stranger: str, tmp_path: Any) -> None:
    with walked(tmp_path, host="0.0.0.0", admin_token=TOKEN) as client:
        for method, path, url in steps(who=stranger):
            answer = asked(client, method, url, STRANGERS[stranger])

            told = f"{method} {url}: {answer.status_code} {answer.text[:200]}"
            assert answer.status_code == (200 if is_open(method, path) else 401), told
            assert TITLE not in answer.text, told
            if is_open(method, path) and method == "GET":
                assert answer.json() in SIGNS, told


@pytest.mark.parametrize("page", PAGES)
def test_no_page_of_another_site_reads_or_changes_anything(page: str, tmp_path: Any) -> None:
    with walked(tmp_path) as client:
        for method, path, url in steps(who=page):
            answer = asked(client, method, url, PAGES[page])

            told = f"{method} {url}: {answer.status_code} {answer.text[:200]}"
            assert answer.status_code in ((200,) if is_open(method, path) else (403, 421)), told
            assert TITLE not in answer.text, told
            assert not [each for each in answer.headers if each.startswith("access-control")], told


@pytest.mark.parametrize("prefix", ["/__s/{}/__admin", "/__admin?__session={}"])
def test_a_session_is_as_closed_as_the_mock(prefix: str, tmp_path: Any) -> None:
    with walked(tmp_path, host="0.0.0.0", admin_token=TOKEN) as client:
        begun = client.post("/__admin/sessions", headers=RIGHT).json()["id"]
        path, mark, query = prefix.format(begun).partition("?")
        for method, step, url in steps(path, who=prefix):
            answer = asked(client, method, url + mark + query, {})

            assert answer.status_code == (200 if is_open(method, step) else 401), f"{method} {url}"


def test_no_socket_of_the_admin_api_opens_for_strangers(tmp_path: Any) -> None:
    with walked(tmp_path, host="0.0.0.0", admin_token=TOKEN) as client:
        for path in WALK:
            with pytest.raises(WebSocketDenialResponse) as refused, client.websocket_connect(f"/__admin{path}"):
                pass

            assert refused.value.status_code == 401, path


@pytest.mark.parametrize("page", PAGES)
def test_no_socket_of_the_admin_api_opens_for_a_page_of_another_site(page: str, tmp_path: Any) -> None:
    with walked(tmp_path) as client:
        for path in WALK:
            with (
                pytest.raises(WebSocketDenialResponse) as refused,
                client.websocket_connect(f"/__admin{path}", headers=PAGES[page]),
            ):
                pass

            assert refused.value.status_code in (403, 421), path


@pytest.mark.parametrize(
    "path",
    ["/__admin%2fconnections", "/%5f%5fadmin/connections", "/__ADMIN/connections", "/x/../__admin/connections",
     "/__admin;/connections", "/rooms/..%2f..%2f__admin%2fconnections", "/__s//__admin/connections"],
)  # fmt: skip
def test_no_spelling_of_a_path_leads_round_the_guard(path: str, tmp_path: Any) -> None:
    with walked(tmp_path, host="0.0.0.0", admin_token=TOKEN) as client:
        answer = client.get(path)

    assert answer.status_code in (401, 404, 426)
    assert TITLE not in answer.text


@pytest.mark.parametrize("path", ["/", "/rooms/a", "/__s/x/__admin", "/connections", "/__admin"])
def test_a_port_of_its_own_answers_strangers_nothing_else(path: str, tmp_path: Any) -> None:
    mock = Mock.of("specification/chat.yaml", Settings(watch=False, admin_token=TOKEN))
    mock.admin_port = 9090
    with TestClient(mock.app(), base_url="http://127.0.0.1:9090", follow_redirects=False) as client:
        assert client.get(path).status_code == (404 if path.startswith("/__s") else 401)
        assert client.get(path, headers=RIGHT).status_code == 404
        assert client.get("/health").json() == {"status": "UP"}
