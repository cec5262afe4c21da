"""Files of the web: from hosts that are named, at addresses that are checked, within bounds, and kept for a while."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from mockws.app import document_files, load_document
from mockws.asyncapi.bundle import bundled
from mockws.errors import DocumentRefused, Unreadable
from mockws.links import files as files_room
from mockws.links import remote as room
from mockws.links.files import DocumentFiles
from mockws.links.remote import RemoteFiles
from mockws.settings import Settings

DOCUMENT = """asyncapi: 3.0.0
info: {title: T, version: 1.0.0}
channels:
  chat:
    address: /chat
    messages:
      Say: {$ref: 'URL/deep/messages.yaml#/Say'}
operations:
  say: {action: receive, channel: {$ref: '#/channels/chat'}}
"""
FILES = {
    "/deep/messages.yaml": b"Say: {traits: [{$ref: '../t.yaml'}], payload: {$ref: '../who.json#/a~1b'}}",
    "/t.yaml": b"headers: {$ref: 'h.yaml'}",
    "/h.yaml": b"{type: object}",
    "/who.json": b'{"a/b": {"type": "string"}}',
    "/large": b"x" * (1 << 20) + b"x",
}


class Web:
    """A server at a port of its own, with the requests that it got."""

    def __init__(self) -> None:
        self.files = dict(FILES)
        self.got: list[tuple[str, str]] = []
        self.port = 0
        self.hold = threading.Event()
        self.hold.set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def names(self) -> list[str]:
        return [path for path, _ in self.got]


@contextmanager
def serving() -> Iterator[Web]:
    web = Web()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            web.got.append((self.path, self.headers["host"]))
            web.hold.wait(5)
            if self.path.startswith("/status/"):
                self.send_response(int(self.path[8:11]))
                self.send_header("location", "/h.yaml")
                self.end_headers()
                return
            content = web.files.get(self.path)
            self.send_response(200 if content is not None else 404)
            if self.path == "/packed":
                self.send_header("content-encoding", "gzip")
            self.end_headers()
            self.wfile.write(content or b"")

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    web.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield web
    finally:
        web.hold.set()
        server.shutdown()
        server.server_close()
        thread.join()


def written(folder: Path, web: Web) -> str:
    path = folder / "spec.yaml"
    path.write_text(DOCUMENT.replace("URL", web.url))
    return str(path)


def problem_of(files: RemoteFiles, url: str) -> Unreadable:
    with pytest.raises(Unreadable) as problem:
        files.content(url)
    return problem.value


def test_a_document_may_refer_to_a_host_that_is_named(tmp_path: Path) -> None:
    with serving() as web:
        loaded = load_document(written(tmp_path, web), Settings(allow_remote_refs=("127.0.0.1",)))

        payload = loaded.contract.message("Say").payload
        assert not loaded.diagnostics
        assert payload.accepts("ada")
        assert not payload.accepts(1)
        assert sorted(set(web.names())) == ["/deep/messages.yaml", "/t.yaml", "/who.json"]
        assert len(web.got) == 3
        assert {host for _, host in web.got} == {f"127.0.0.1:{web.port}"}


def test_a_bundle_has_what_came_from_the_web_and_asks_for_nothing_more(tmp_path: Path) -> None:
    with serving() as web:
        loaded = load_document(written(tmp_path, web), Settings(allow_remote_refs=("127.0.0.1",)))
        asked = len(web.got)

        shown = str(bundled(loaded.document))

        assert len(web.got) == asked
        assert web.url not in shown.replace(f"{web.url}/h.yaml", "")


def test_a_host_that_is_not_named_is_refused_where_the_reference_stands(tmp_path: Path) -> None:
    with serving() as web, pytest.raises(DocumentRefused) as problem:
        load_document(written(tmp_path, web), Settings(allow_remote_refs=("example.com",)))

    (first,) = problem.value.diagnostics
    assert (first.code, first.place.line) == ("ref_remote", 7)
    assert f"--allow-remote-refs 127.0.0.1:{web.port}" in first.advice
    assert not web.got


def test_a_file_that_is_not_there_dangles_and_the_rest_is_served(tmp_path: Path) -> None:
    with serving() as web:
        del web.files["/who.json"]
        loaded = load_document(written(tmp_path, web), Settings(allow_remote_refs=("127.0.0.1",)))

        (told,) = loaded.diagnostics
        assert (told.code, told.place.file) == ("invalid-ref", f"{web.url}/deep/messages.yaml")
        assert "the answer is 404" in told.message
        assert loaded.contract.message("Say").payload.accepts(1)


def test_each_file_is_asked_for_once_even_if_it_is_not_there(tmp_path: Path) -> None:
    with serving() as web:
        files = DocumentFiles(str(tmp_path / "x.yaml"), remote=RemoteFiles(["127.0.0.1"]))
        for _ in range(3):
            with pytest.raises(Unreadable):
                files(f"{web.url}/nowhere")

        assert len(web.got) == 1


def test_a_host_that_gives_no_answer_is_not_waited_for_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "DEADLINE", 0.3)
    with serving() as web:
        web.hold.clear()
        files = DocumentFiles(str(tmp_path / "x.yaml"), remote=RemoteFiles(["127.0.0.1"]))
        for name in ("a", "b"):
            with pytest.raises(Unreadable, match=r"no answer within 0.3 s"):
                files(f"{web.url}/{name}")

        assert web.names() == ["/a"]


def test_files_of_the_web_are_bounded_in_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files_room, "MAX_REMOTE", 2)
    with serving() as web:
        files = DocumentFiles(str(tmp_path / "x.yaml"), remote=RemoteFiles(["127.0.0.1"]))
        assert files(f"{web.url}/t.yaml")
        assert files(f"{web.url}/h.yaml")
        with pytest.raises(Unreadable) as problem:
            files(f"{web.url}/who.json")

        assert problem.value.code == "ref_too_many"
        assert len(web.got) == 2


@pytest.mark.parametrize("status", [301, 302, 307, 500, 204])
def test_redirects_are_not_followed_and_only_200_counts(status: int) -> None:
    with serving() as web:
        problem = problem_of(RemoteFiles(["127.0.0.1"]), f"{web.url}/status/{status}")

        assert (problem.code, f"the answer is {status}" in problem.message) == ("unreadable", True)
        assert len(web.got) == 1


def test_a_file_has_its_bound_and_is_plain() -> None:
    with serving() as web:
        web.files["/packed"] = b"packed"
        files = RemoteFiles(["127.0.0.1"])

        assert "larger than 1 MiB" in problem_of(files, f"{web.url}/large").message
        assert "gzip" in problem_of(files, f"{web.url}/packed").message


def test_no_proxy_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    with serving() as web:
        assert RemoteFiles(["127.0.0.1"]).content(f"{web.url}/h.yaml") == FILES["/h.yaml"]


def test_plain_http_is_for_this_machine_only() -> None:
    problem = problem_of(RemoteFiles(["example.com"]), "http://example.com/a.yaml")

    assert (problem.code, problem.advice) == ("ref_remote", "write https://")


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "fd00::1", "::ffff:10.0.0.1"])
def test_a_name_that_stands_for_an_address_inside_is_refused(address: str) -> None:
    async def resolve(host: str, port: int) -> Sequence[str]:
        return ["93.184.216.34", address]

    problem = problem_of(RemoteFiles(["example.com"], resolve), "https://example.com/a.yaml")

    assert problem.code == "ref_remote"
    assert address in problem.message


@pytest.mark.parametrize("address", ["93.184.216.34", "10.0.0.1"])
def test_localhost_is_this_machine(address: str) -> None:
    async def resolve(host: str, port: int) -> Sequence[str]:
        return [address]

    assert problem_of(RemoteFiles(["localhost"], resolve), "http://localhost/a.yaml").code == "ref_remote"


def test_the_address_that_was_checked_is_the_one_that_is_asked() -> None:
    async def resolve(host: str, port: int) -> Sequence[str]:
        assert host == "localhost"
        return ["127.0.0.1"]

    with serving() as web:
        files = RemoteFiles([f"localhost:{web.port}"], resolve)

        assert files.content(f"http://localhost:{web.port}/h.yaml")
        assert web.got == [("/h.yaml", f"localhost:{web.port}")]


def test_a_host_that_cannot_be_found_or_is_not_there_is_unreachable() -> None:
    async def resolve(host: str, port: int) -> Sequence[str]:
        raise OSError("no such host")

    with serving() as web:
        closed = web.url

    unknown = problem_of(RemoteFiles(["example.com"], resolve), "https://example.com/a.yaml")
    assert (unknown.code, unknown.message) == ("unreachable", "example.com cannot be found: no such host")
    assert problem_of(RemoteFiles(["127.0.0.1"]), f"{closed}/a").code == "unreachable"


def test_a_file_is_kept_for_a_minute_and_longer_where_it_cannot_be_had_anew() -> None:
    now = [0.0]
    with serving() as web:
        files = RemoteFiles(["127.0.0.1"], clock=lambda: now[0])
        url = f"{web.url}/h.yaml"
        first = files.content(url)
        web.files["/h.yaml"] = b"changed"
        now[0] = 59.0
        kept = files.content(url)
        now[0] = 61.0
        fresh = files.content(url)
        del web.files["/h.yaml"]
        now[0] = 200.0

        assert (first, kept, fresh, files.content(url)) == (FILES["/h.yaml"], FILES["/h.yaml"], b"changed", b"changed")


def test_what_is_kept_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "MOST_KEPT", 1)
    with serving() as web:
        files = RemoteFiles(["127.0.0.1"])
        for name in ("/h.yaml", "/t.yaml", "/t.yaml", "/h.yaml"):
            files.content(web.url + name)

        assert web.names() == ["/h.yaml", "/t.yaml", "/h.yaml"]


def test_a_document_that_is_read_anew_keeps_what_it_has_from_the_web(tmp_path: Path) -> None:
    settings = Settings(allow_remote_refs=("127.0.0.1",))
    with serving() as web:
        path, remote = written(tmp_path, web), RemoteFiles(settings.allow_remote_refs)
        for _ in range(2):
            load_document(path, settings, document_files(path, settings, remote))

        assert len(web.got) == 3
