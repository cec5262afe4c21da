"""Secrets are written nowhere: a canary is put wherever one may be, and then all that the mock says is read."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import msgspec
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from mockws.app import Mock
from mockws.cli.log import Log
from mockws.host.server import running
from mockws.redaction import Redaction
from mockws.settings import Settings

ROOT = Path(__file__).parents[2]
LIMIT = 20  # seconds
CANARY = "canary"  # is in every one of them
OWN_HEADERS = {
    "Authorization": "Bearer canary-authorization",
    "Cookie": "sid=canary-cookie; other=canary-cookie-too",
    "Proxy-Authorization": "Basic canary-proxy",
    "X-API-Key": "canary-api-key",
    "X-Auth-Token": "canary-auth-token",
    "X-Of-The-Document": "canary-header-of-the-document",
    "X-Tenant": "canary-named-header",
}
QUERY = "token=canary-query&access_token=canary-query-too&sig=canary-query-of-the-document&pin=canary-named-argument"
DOCUMENT = """
asyncapi: 3.0.0
info: {title: Safe, version: 1.0.0}
servers:
  s: {host: localhost, protocol: ws, security: [{$ref: '#/components/securitySchemes/own'}]}
channels:
  safe:
    address: /safe
    bindings: {ws: {query: {type: object, properties: {sig: {type: string, maxLength: 3}, n: {type: integer}}}}}
    messages:
      open:
        payload:
          type: object
          required: [kind, pin]
          properties:
            kind: {const: open}
            pin: {type: string, maxLength: 99, pattern: '^canary'}
            deep: {type: object, properties: {code: {enum: [canary-is-not-this]}}}
            list: {type: array, items: {type: object, properties: {pin: {type: integer}}}}
      packed: {contentType: application/msgpack, payload: {type: object, required: [pin], properties: {pin: {}}}}
operations:
  open:
    action: receive
    channel: {$ref: '#/channels/safe'}
    security: [{$ref: '#/components/securitySchemes/sig'}]
components:
  securitySchemes:
    own: {type: httpApiKey, name: X-Of-The-Document, in: header}
    sig: {type: httpApiKey, name: sig, in: query}
"""
STUBS = """
version: 1
credentials: [{scheme: own, key: canary-header-of-the-document}, {scheme: own, key: canary-listed}]
expectations:
- id: calls
  trigger: {channel: safe, message: {body: {matchesJsonPath: {expression: $.kind, equalTo: open}}}}
  actions:
  - http: {method: POST, url: 'http://localhost:HOOK/hook?token=canary-callback-query',
      headers: {Authorization: Bearer canary-callback, X-API-Key: canary-callback-too},
      json: {pin: '{{ message.json.pin }}', told: yes}}
  - remember: {as: pin, value: '{{ message.json.pin }}'}
  - reply: {json: {kind: open, pin: '{{ message.json.pin }}'}, validate: false}
- id: another
  priority: 1
  trigger:
    channel: safe
    connection: {headers: {Authorization: {equalTo: Bearer nobody}, X-Of-The-Document: {equalTo: nothing},
      X-Tenant: {equalTo: none}}, queryParameters: {token: {equalTo: no}, sig: {equalTo: no}, pin: {equalTo: no}},
      cookies: {sid: {equalTo: no}}, subprotocol: v1}
    message: {body: {equalToJson: {kind: open, pin: not-it, deep: {code: no}}}}
  actions: [{reply: {text: no, validate: false}}]
- id: whole
  priority: 2
  trigger: {channel: safe, message: {body: {equalTo: nothing at all}}}
  actions: [{reply: {text: no, validate: false}}]
- id: schema
  priority: 3
  trigger: {channel: safe, message: {body: {matchesJsonSchema: {not: {}}}}}
  actions: [{reply: {text: no, validate: false}}]
"""
SAID = {"kind": "open", "pin": "canary-pin", "deep": {"code": "canary-is-not-this"}}
BROKEN = {"kind": "open", "pin": "x canary-broken", "deep": {"code": "canary-deep"}, "list": [{"pin": "canary-listed"}]}
SHOWN = ("/health", "/channels", "/channels/safe", "/connections", "/journal", "/journal.jsonl", "/metrics",
         "/coverage", "/credentials", "/scenarios", "/faults", "/sessions", "/clock", "/version",
         "/nowhere")  # fmt: skip
PATH = {"expression": "$.*", "equalTo": 1}
ADDED = {"id": "added", "trigger": {"channel": "safe"}, "actions": [{"close": {"code": 4000}}]}
BODY = {"body": {"equalToJson": {"kind": "closed", "pin": "no", "deep": {"code": "no"}}}}
CONNECTION = {"headers": {"Authorization": {"equalTo": "no"}, "X-Tenant": {"equalTo": "no"}},
              "queryParameters": {"sig": {"equalTo": "no"}}, "cookies": {"sid": {"equalTo": "no"}}}  # fmt: skip
ASKED: list[tuple[str, str, Any]] = [
    ("POST", "/journal/find", {}),
    ("POST", "/journal/wait", {"message": BODY, "timeout": 0}),
    ("POST", "/journal/wait", {"connection": CONNECTION, "timeout": 0}),
    ("POST", "/journal/wait", {"message": {"body": {"contains": "nothing"}}, "timeout": 0}),
    ("POST", "/journal/wait", {"message": {"body": {"matchesJsonPath": PATH}}, "timeout": 0}),
    ("POST", "/journal/wait", {"message": {"body": {"matchesJsonSchema": {"maxProperties": 0}}}, "timeout": 0}),
    ("POST", "/verify", {"match": {"message": {"name": "open", **BODY}}}),
    ("POST", "/verify", {"match": {"event": "open", "connection": CONNECTION}}),
    ("POST", "/verify/sequence", {"steps": [{"match": {"message": BODY}}, {"sent": {"message": BODY}}]}),
    ("POST", "/explain", {"channel": "safe", "message": {"json": BROKEN}, "connection": {
        "headers": {"Authorization": "Bearer canary-explained", "X-Tenant": "canary-explained"},
        "cookies": {"sid": "canary-explained"}, "queryParameters": {"sig": "canary-explained"}}}),
    ("PUT", "/credentials", [{"scheme": "own", "key": "canary-put", "token": "canary-put"}]),
    ("PUT", "/credentials", [{"scheme": "owm", "key": "canary-put"}]),
    ("POST", "/expectations", ADDED),
    ("POST", "/expectations/save", None),
    ("GET", "/journal?token=canary-asked", None),
]  # fmt: skip


class Hook:
    """What the mock's calls come to."""

    def __init__(self) -> None:
        self.port = 0
        self.got = asyncio.Event()
        self.head = b""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.head = await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
        writer.close()
        self.got.set()


@asynccontextmanager
async def hooked() -> AsyncIterator[Hook]:
    hook = Hook()
    async with await asyncio.start_server(hook.serve, "127.0.0.1", 0) as server:
        hook.port = server.sockets[0].getsockname()[1]
        yield hook


def around(line: str) -> str:
    """Show where a canary is."""
    return f"{line[:30]} ... {line[max(0, line.index(CANARY) - 150) :][:250]}"


def redact() -> tuple[str, ...]:
    return ("X-Tenant", "pin", "/deep/code")


def mock_in(folder: Path, hook: Hook, log: Log) -> Mock:
    (folder / "d.yaml").write_text(DOCUMENT, "utf-8")
    (folder / "stubs").mkdir()
    (folder / "stubs" / "s.yaml").write_text(STUBS.replace("HOOK", str(hook.port)), "utf-8")
    settings = Settings(
        watch=False,
        port=0,
        stubs=(str(folder / "stubs"),),
        redact=redact(),
        perspective="server",
        on_invalid="problem",
        handshake="warn",
        admin_token="canary-admin",
        allow_callbacks=(f"localhost:{hook.port}",),
    )
    return Mock.of(str(folder / "d.yaml"), settings, log.observers)


async def visited(port: int, hook: Hook) -> None:
    """Be a client that has secrets everywhere."""
    place = f"127.0.0.1:{port}/safe?{QUERY}&n=x"
    protocols: Any = ["v1", "bearer", "canary-subprotocol"]
    async with connect(f"ws://{place}", additional_headers=OWN_HEADERS, subprotocols=protocols) as client:
        for said in (SAID, BROKEN, {**BROKEN, "kind": 1}, [SAID]):
            await client.send(json.dumps(said))
            await client.send(" " + json.dumps(said))
        await client.send(msgspec.msgpack.encode({"pin": "canary-packed"}))
        await client.send(json.dumps(SAID).encode())
        await client.send('{"pin": ["canary-deep", ' + "[" * 3000 + "]" * 3000 + "]}")
        await hook.got.wait()
        await (await client.ping())
    wrong = {**OWN_HEADERS, "X-Of-The-Document": "canary-wrong"}
    del wrong["Authorization"]  # the client makes one of the URL's user
    async with connect(f"ws://user:canary-userinfo@{place}", additional_headers=wrong) as client:
        await client.wait_closed()
        assert client.close_code == 4403


async def strayed(port: int) -> None:
    """Ask for what is not there."""
    async with httpx2.AsyncClient(headers=OWN_HEADERS) as client:
        for path in ("/safe", "/nowhere", "/__admin/journal"):
            await client.post(f"http://127.0.0.1:{port}{path}?{QUERY}", json=BROKEN)
    for path in ("/nowhere", "/__admin/journal"):
        with pytest.raises(InvalidStatus):
            await connect(f"ws://127.0.0.1:{port}{path}?{QUERY}", additional_headers=OWN_HEADERS)


async def told(port: int) -> list[str]:
    """Read all that the admin API says to whoever is let in, and what strangers are told."""
    base = f"http://127.0.0.1:{port}/__admin"
    answers: list[str] = []
    async with httpx2.AsyncClient(headers={"authorization": "Bearer canary-admin"}) as client:
        explained = [("POST", "/explain", {"seq": seq}) for seq in range(1, 12)]
        for method, path, body in [*(("GET", each, None) for each in SHOWN), *ASKED, *explained]:
            answer = await client.request(method, base + path, json=body)
            answers.append(f"{method} {path} {answer.headers} {answer.text}")
        last = (await client.get(f"{base}/journal")).json()["last"]
        async with client.stream("GET", f"{base}/journal/stream") as stream:
            async for line in stream.aiter_lines():
                answers.append(f"stream {line}")
                if line == f"id: {last}":
                    break
        refused = await client.get(f"{base}/journal", headers={"authorization": "Bearer canary-wrong"})
        answers.append(refused.text)
    return answers


@pytest.mark.parametrize("form", ["json", "pretty"])
def test_secrets_are_in_nothing_that_is_told(form: str, tmp_path: Path, capfd: Any, monkeypatch: Any) -> None:
    monkeypatch.setenv("MOCKWS_CANARY", "canary-environment")

    async def whole() -> list[str]:
        async with asyncio.timeout(LIMIT), hooked() as hook:
            with Log(form, Redaction.of(redact())) as log:
                mock = mock_in(tmp_path, hook, log)
                async with running(mock) as port:
                    await visited(port, hook)
                    assert b"canary-callback-too" in hook.head  # it was sent, of course
                    await strayed(port)
                    async with connect(f"ws://127.0.0.1:{port}/safe?{QUERY}", additional_headers=OWN_HEADERS) as still:
                        await still.send(json.dumps(SAID))
                        await still.recv()
                        return await told(port)

    answers = asyncio.run(whole())
    printed = capfd.readouterr()

    (saved,) = [each for each in (tmp_path / "stubs").iterdir() if each.name != "s.yaml"]
    lines = [*answers, saved.read_text("utf-8"), *printed.err.splitlines(), *printed.out.splitlines()]
    asked = "canary-asked"  # stands in what was asked, and is told to whoever asked it
    lines = [each.replace(asked, "").replace("canary-is-not-this", "") for each in lines]
    assert [around(each) for each in lines if CANARY in each] == []
    assert sum("[redacted]" in each for each in answers) > 20
    assert "[redacted]" in printed.err + printed.out


def test_secrets_are_in_no_report_of_a_tested_server(tmp_path: Path) -> None:
    """A server whose credentials are other ones fails all tests, and each report tells how."""
    document = tmp_path / "d.yaml"
    document.write_text(DOCUMENT, "utf-8")
    reports = [tmp_path / name for name in ("r.html", "r.json", "r.xml")]

    def tested(port: int) -> subprocess.CompletedProcess[str]:
        forms = zip(("html", "json", "junit"), reports, strict=True)
        given = [
            "--target", f"ws://user:canary-userinfo@127.0.0.1:{port}/?token=canary-query", "--token", "canary-token",
            "--header", "X-API-Key: canary-api-key", "--quiet", "10ms", "--window", "0", "--timeout", "200ms",
            *(f"--report={form}={path}" for form, path in forms),
        ]  # fmt: skip
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "MOCKWS_CANARY": "canary-environment"}
        command = [sys.executable, "-m", "mockws", "test", str(document), *given]
        return subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=LIMIT, check=False
        )

    async def whole() -> subprocess.CompletedProcess[str]:
        (tmp_path / "s.yaml").write_text("credentials: [{scheme: own, key: canary-right}]", "utf-8")
        mock = Mock.of(str(document), Settings(watch=False, port=0, stubs=(str(tmp_path / "s.yaml"),)))
        async with asyncio.timeout(LIMIT), running(mock) as port:
            return await asyncio.to_thread(tested, port)

    run = asyncio.run(whole())
    written = "".join(each.read_text("utf-8") for each in reports if each.exists())

    assert run.returncode == 1, run.stdout + run.stderr
    assert "failed" in written
    assert CANARY not in (run.stdout + run.stderr + written).replace("canary-is-not-this", "")
