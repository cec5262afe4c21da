"""Names that lead out of folders, wherever a name may be said: nothing behind them is read, and nothing is written."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from mockws.app import Mock
from mockws.errors import MockwsError
from mockws.settings import Settings

SECRET = "canary-outside"
OUT = (
    "../secret.yaml", "./../secret.yaml", "in/../../secret.yaml", "..\\secret.yaml", "....//secret.yaml",
    "%2e%2e/secret.yaml", "..%2fsecret.yaml", "..%252fsecret.yaml", "\u2025/secret.yaml", "link.yaml",
    "folder/secret.yaml", "../secret.yaml\0.yaml", "..;/secret.yaml", "/etc/passwd", "//etc/passwd",
    "file:///etc/passwd", "file:../secret.yaml", "http://127.0.0.1:1/x.yaml", "//127.0.0.1/x.yaml",
    "/proc/self/environ", "~/secret.yaml", "C:\\secret.yaml", "\\\\host\\share\\x.yaml", ".", "..", "/", "",
)  # fmt: skip
DOCUMENT = """
asyncapi: 3.0.0
info: {title: T, version: 1.0.0}
channels:
  room: {address: '/rooms/{id}', parameters: {id: {}}, messages: {say: {payload: {type: object}}}}
operations:
  say: {action: receive, channel: {$ref: '#/channels/room'}}
"""


@pytest.fixture
def inside(tmp_path: Path) -> Path:
    """Make a folder with a secret beside it, and links that lead there."""
    (tmp_path / "secret.yaml").write_text(f"secret: {SECRET}\ntype: object\nconst: {SECRET}\n", "utf-8")
    folder = tmp_path / "in"
    (folder / "stubs").mkdir(parents=True)
    (folder / "kept").mkdir()
    (folder / "d.yaml").write_text(DOCUMENT, "utf-8")
    for place in (folder, folder / "stubs"):
        (place / "link.yaml").symlink_to(tmp_path / "secret.yaml")
        (place / "folder").symlink_to(tmp_path)
    return folder


@contextmanager
def served(inside: Path, **settings: Any) -> Iterator[TestClient]:
    mock = Mock.of(str(inside / "d.yaml"), Settings(**{"watch": False, **settings}))
    with TestClient(mock.app(), base_url="http://127.0.0.1:8080", follow_redirects=False) as client:
        yield client


def files(inside: Path) -> list[str]:
    return sorted(str(each) for each in inside.parent.rglob("*"))


@pytest.mark.parametrize("name", OUT)
def test_a_document_refers_to_nothing_outside_its_folder(name: str, inside: Path) -> None:
    text = DOCUMENT.replace("{type: object}", f"{{$ref: {name!r}}}" if "\\" in name else f'{{$ref: "{name}"}}')
    (inside / "d.yaml").write_text(text, "utf-8")
    try:
        with served(inside, strict=False) as client:
            said = client.get("/__admin/document").text
    except MockwsError as problem:
        said = str(problem)

    assert SECRET not in said


@pytest.mark.parametrize("name", OUT)
def test_a_stub_file_takes_payloads_from_its_folder_only(name: str, inside: Path) -> None:
    wanted = name.replace("\\", "\\\\").replace("\0", "\\0")
    stub = (
        f'expectations: [{{trigger: {{channel: room}}, actions: [{{reply: {{file: "{wanted}", validate: false}}}}]}}]'
    )
    (inside / "stubs" / "s.yaml").write_text(stub, "utf-8")

    with pytest.raises(MockwsError) as refused, served(inside, stubs=(str(inside / "stubs" / "s.yaml"),)):
        pass

    assert SECRET not in str(refused.value)


@pytest.mark.parametrize("name", OUT)
def test_a_file_is_never_named_over_http(name: str, inside: Path) -> None:
    body = {"trigger": {"channel": "room"}, "actions": [{"reply": {"file": name, "validate": False}}]}
    with served(inside) as client:
        answer = client.post("/__admin/expectations", json=body)

    assert answer.status_code == 422
    assert SECRET not in answer.text


@pytest.mark.parametrize("name", [each for each in OUT if each])
def test_a_name_in_a_request_is_no_path(name: str, inside: Path) -> None:
    body = {"trigger": {"channel": "room"}, "actions": [{"close": {"code": 4000}}]}
    before = files(inside)
    with served(inside, stubs=(str(inside / "kept"),)) as client:
        for method, path in (("GET", "/rooms/{}"), ("GET", "/{}"), ("GET", "/__admin/{}"), ("GET", "/__s/{}/x"),
                             ("PUT", "/__admin/expectations/{}"), ("GET", "/__admin/channels/{}"),
                             ("PUT", "/__admin/scenarios/{}"), ("PUT", "/__admin/faults/{}")):  # fmt: skip
            answer = client.request(method, path.format(quote(name, safe="")), json=body if method == "PUT" else None)
            assert answer.status_code < 500, f"{method} {path}: {answer.text}"
            assert SECRET not in answer.text
        client.post("/__admin/expectations/save")

    saved = str(inside / "kept" / "saved.yaml")
    assert [each for each in files(inside) if each not in before] in ([], [saved])
