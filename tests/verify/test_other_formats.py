"""Servers that speak MessagePack, CBOR, Avro and Protobuf are tested as those that speak JSON; also over TLS."""

import asyncio
import contextlib
import ssl
import subprocess
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.server import ServerConnection, serve

from mockws.app import load_document
from mockws.codec import Undecodable
from mockws.contract import Contract
from mockws.errors import NoServer
from mockws.settings import Settings
from mockws.verify.cases import Manner, Scope, suite_of
from mockws.verify.conformance import Conformance
from mockws.verify.peer import Target
from mockws.verify.results import Result, Run, Status
from mockws.verify.trial import Terms
from mockws.verify.visits import Guest

LIMIT = 30.0
DOCUMENT = """
asyncapi: 3.0.0
info: {title: Shop, version: 1.0.0}
defaultContentType: %s
channels:
  orders:
    address: /orders
    messages:
      Order: {payload: %s}
      Accepted: {payload: %s}
operations:
  order:
    action: receive
    channel: {$ref: '#/channels/orders'}
    messages: [{$ref: '#/channels/orders/messages/Order'}]
    reply: {messages: [{$ref: '#/channels/orders/messages/Accepted'}]}
"""
PLAIN = (
    "{type: object, required: [id, item], properties: {id: {type: integer, minimum: 1}, item: {type: string}}}",
    "{type: object, required: [id, status], properties: {id: {type: integer}, status: {enum: [NEW, SHIPPED]}}}",
)
AVRO, PROTOBUF = ("application/vnd.apache.avro;version=1.9.0", "application/vnd.google.protobuf;version=3")
STATUS = "{type: enum, name: Status, symbols: [NEW, SHIPPED]}"
RECORDS = (
    "{type: record, name: Order, fields: [{name: id, type: long}, {name: item, type: string}]}",
    f"{{type: record, name: Accepted, fields: [{{name: id, type: long}}, {{name: status, type: {STATUS}}}]}}",
)
MESSAGES = (
    '"message Order { int64 id = 1; string item = 2; }"',
    '"message Accepted { int64 id = 1; Status status = 2; } enum Status { NEW = 0; SHIPPED = 1; }"',
)


def payloads(form: str, schemas: tuple[str, str]) -> tuple[str, ...]:
    return tuple(f"{{schemaFormat: {form}, schema: {each}}}" for each in schemas)


FORMATS = {
    "application/msgpack": PLAIN,
    "application/cbor": PLAIN,
    "avro/binary": payloads(AVRO, RECORDS),
    "application/x-protobuf": payloads(PROTOBUF, MESSAGES),
}


def contract_of(form: str) -> Contract:
    document = DOCUMENT % (form, *FORMATS[form])
    with tempfile.NamedTemporaryFile(suffix=".yaml") as file:
        file.write(document.encode())
        file.flush()
        return load_document(file.name, Settings()).contract


@contextlib.asynccontextmanager
async def shop(contract: Contract, answer: Any, tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """Serve a shop that takes what fits, passes over what does not, and gives this answer; bytes go out as they are."""
    order, accepted = contract.message("Order"), contract.message("Accepted")

    async def talk(connection: ServerConnection) -> None:
        async for frame in connection:
            value = order.decode(frame)
            if isinstance(frame, bytes) and not isinstance(value, Undecodable) and order.payload.accepts(value):
                await connection.send(answer if isinstance(answer, bytes) else accepted.encode(answer))

    async with serve(talk, "127.0.0.1", 0, ssl=tls) as server:
        yield next(iter(server.sockets)).getsockname()[1]


async def examined(form: str, answer: Any) -> Run:
    contract, scope = contract_of(form), Scope(fakes=2, boundaries=4, invalid=6)
    async with shop(contract, answer) as port:
        terms = Terms(Target.parse(f"ws://127.0.0.1:{port}"), Guest(), timeout=1.0, quiet=0.03)
        return await Conformance(suite_of(contract, Guest(), scope), terms, scope, window=0.03).run()


def run_against(form: str, answer: Any) -> Run:
    return asyncio.run(asyncio.wait_for(examined(form, answer), LIMIT))


def failed(run: Run) -> list[Result]:
    return [each for each in run.results if each.status is Status.FAILED]


@pytest.mark.parametrize("form", FORMATS)
def test_a_faultless_server_passes(form: str) -> None:
    run = run_against(form, {"id": 1, "status": "SHIPPED"})

    assert failed(run) == []
    kinds = {each.kind for each in run.results if each.status is Status.PASSED}
    assert kinds >= {Manner.FAKE, Manner.BOUNDARY, Manner.INVALID}
    assert {line.name for line in run.coverage if line.exercised} >= {'orders/Accepted /status = "SHIPPED"'}


@pytest.mark.parametrize(
    ("form", "answer", "told"),
    [
        ("application/msgpack", {"id": 1, "status": "GONE"}, 'Accepted: /status: must be one of "NEW", "SHIPPED"'),
        ("application/cbor", {"id": "x", "status": "NEW"}, "Accepted: /id: must be an integer"),
        ("application/msgpack", b"\xc1", "not MessagePack, as Accepted is: "),
        ("avro/binary", b"\xc1", "not Avro, as Accepted is: "),
        ("application/x-protobuf", b"\xc1", "not Protobuf, as Accepted is: "),
    ],
)
def test_a_faulty_server_is_told_what_is_wrong(form: str, answer: Any, told: str) -> None:
    failures = failed(run_against(form, answer))

    assert failures
    assert all(told in each.detail for each in failures if each.kind == Manner.FAKE)


def test_what_is_said_and_heard_can_be_read() -> None:
    (first, *_) = failed(run_against("application/cbor", {"id": "x", "status": "NEW"}))

    assert first.sent.startswith('{"id":')
    assert first.sent.endswith(" bytes)")
    assert first.heard[0].startswith('{"id":"x","status":"NEW"} (CBOR, ')


def test_a_failing_message_of_another_format_is_made_small_too() -> None:
    smallest = [each.smallest for each in failed(run_against("application/msgpack", {"id": 0})) if each.smallest]

    assert smallest == ['{"id":1,"item":""}']


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a certificate that nobody has signed, with its key behind it in the same file."""
    folder = tmp_path_factory.mktemp("certificate")
    both, key = folder / "both.pem", folder / "key.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    more = ["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-out", str(both), "-keyout", str(key)]
    try:
        subprocess.run([*command, *more], check=True, capture_output=True, timeout=30)
    except FileNotFoundError:
        pytest.skip("there is no openssl")
    both.write_text(both.read_text("ascii") + key.read_text("ascii"), "ascii")
    return both


async def over_tls(certificate: Path, **trust: Any) -> Run:
    contract, scope = contract_of("application/msgpack"), Scope(fakes=1, boundaries=0, invalid=0)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)
    async with shop(contract, {"id": 1, "status": "NEW"}, tls) as port:
        terms = Terms(Target.parse(f"wss://127.0.0.1:{port}", **trust), Guest(), timeout=2.0, quiet=0.03)
        return await Conformance(suite_of(contract, Guest(), scope), terms, scope, window=0.03).run()


def test_a_certificate_is_trusted_by_name_or_not_looked_at(certificate: Path) -> None:
    for trust in ({"verifies": False}, {"authority": str(certificate)}):
        run = asyncio.run(asyncio.wait_for(over_tls(certificate, **trust), LIMIT))
        assert failed(run) == []


def test_a_certificate_of_nobody_is_refused_and_what_helps_is_said(certificate: Path) -> None:
    with pytest.raises(NoServer, match=r"certificate.*--cacert FILE.*--insecure"):
        asyncio.run(asyncio.wait_for(over_tls(certificate), LIMIT))
