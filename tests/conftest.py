"""What all tests share: answers of the admin API are held against openapi.json, nobody outside is called, no file
outside is touched; both ways to speak, and a certificate."""

import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import settings
from starlette.requests import Request
from starlette.responses import Response

from mockws.admin import endpoint as room
from mockws.admin.api import ENDPOINTS
from mockws.admin.desk import Desk
from mockws.admin.endpoint import Endpoint
from mockws.admin.openapi import openapi_of
from mockws.admin.problems import PROBLEM, Problem
from mockws.host import server
from mockws.host.wire import DirectWebSocket, WebSocket
from mockws.schema.schema import Draft, Schema
from watched import WATCH

COMPONENTS = "components"
sys.addaudithook(WATCH.hear)

settings.register_profile("patient", deadline=None)  # a machine that is busy is no defect of ours
settings.load_profile("patient")


@cache
def promised() -> dict[str, Any]:
    return openapi_of(ENDPOINTS)


@cache
def schema_of(path: str, method: str, status: int, kind: str) -> Schema | None:
    """Find what an answer has to fit; None where nothing of this status and kind is promised."""
    operation = promised()["paths"][path.replace(":path}", "}")][method.lower()]
    response = operation["responses"].get(str(status), {})
    content = response.get("content", {"": {"schema": {}}} if response else {})
    if kind not in content:
        return None
    return Schema({**content[kind]["schema"], COMPONENTS: promised()[COMPONENTS]}, draft=Draft.D2020)


def broken_promise(endpoint: Endpoint, status: int, kind: str, content: bytes) -> str:
    """Say how an answer is not what was promised; nothing, where it is."""
    name = f"{endpoint.method} {endpoint.path} -> {status} {kind}"
    schema = schema_of(endpoint.path, endpoint.method, status, kind)
    if schema is None:
        return f"{name}: is not promised"
    if "json" not in kind or kind.endswith("jsonl"):
        return ""
    violations = schema.violations(msgspec.json.decode(content))
    return f"{name}: {violations[0]}" if violations else ""


@pytest.fixture(autouse=True)
def _the_admin_api_keeps_its_promises(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    broken: list[str] = []
    answer = room._answer

    async def checked(endpoint: Endpoint, request: Request, desk: Desk) -> Response:
        try:
            response = await answer(endpoint, request, desk)
        except Problem as problem:
            broken.append(broken_promise(endpoint, problem.status, PROBLEM, msgspec.json.encode(problem.body)))
            raise
        if hasattr(response, "body"):  # what is streamed is looked at by tests of its own
            kind = (response.headers.get("content-type") or "").partition(";")[0]
            broken.append(broken_promise(endpoint, response.status_code, kind, bytes(response.body)))
        return response

    monkeypatch.setattr(room, "_answer", checked)
    yield
    assert [each for each in broken if each] == []


@pytest.fixture(autouse=True)
def _nothing_outside_is_called_or_touched() -> Iterator[None]:
    WATCH.seen.clear()
    yield
    assert WATCH.seen == []


@pytest.fixture(params=[DirectWebSocket, WebSocket], ids=["fast", "portable"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run whatever asks for it over the fast way and over the portable one."""
    monkeypatch.setattr(server, "WAY", request.param)


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Make a certificate for localhost."""
    folder = tmp_path_factory.mktemp("tls")
    made = (folder / "certificate.pem", folder / "key.pem")
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    more = ["-addext", "subjectAltName=DNS:localhost", "-out", str(made[0]), "-keyout", str(made[1])]
    try:
        subprocess.run([*command, *more], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("there is no openssl")
    return made
