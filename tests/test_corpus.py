"""Documents that nobody of this project wrote: each of them loads, and is served as it promises.

The corpus lies beside the project (`../shared/corpus`) and is no part of it; without it these tests are skipped.
"""

import json
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from starlette.testclient import TestClient

from alike import told
from mockws.app import Mock
from mockws.asyncapi.bundle import bundled
from mockws.asyncapi.document import ReadFile
from mockws.asyncapi.load import Loaded, load
from mockws.codec import Frame, Kind, decode, encode
from mockws.contract import Carrier, Channel, Contract, Message, Route, Scheme
from mockws.engine.actions import Close, Outcome, Refuse, Send, SetTimer
from mockws.engine.engine import Engine
from mockws.engine.events import Closed, Connected, Opening, Received
from mockws.engine.plan import Via
from mockws.engine.reception import Candidate
from mockws.engine.survey import survey
from mockws.errors import DocumentRefused, Unreadable
from mockws.links.files import DocumentFiles
from mockws.schema.schema import Schema
from mockws.settings import Settings
from mockws.source.write import document_text

CORPUS = Path(__file__).parents[2] / "shared" / "corpus"
SECONDS = 2.0  # for any one document
SHARED_PARTS = "social-media"  # these documents refer to a folder beside their own

needs_corpus = pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus is not here (../shared/corpus)")
counts: Counter[str] = Counter()


def listed(folder: str) -> list[dict[str, Any]]:
    manifest = CORPUS / folder / "manifest.json"
    return json.loads(manifest.read_text("utf-8")) if manifest.is_file() else []


def files_of(folder: str) -> list[Path]:
    paths = [CORPUS / each["file"] for each in listed(folder) if "file" in each]
    return [path for path in paths if path.suffix in (".yaml", ".yml", ".json") and "parser-js-rules" not in path.parts]


def files_for(path: Path) -> DocumentFiles:
    roots = [str(path.parents[1])] if SHARED_PARTS in path.parts else []
    return DocumentFiles(str(path), roots)


def loaded(path: Path) -> Loaded:
    return load(str(path), files_for(path))


def loaded_or_refused(path: Path) -> Loaded | None:
    try:
        return loaded(path)
    except DocumentRefused as refused:
        assert refused.diagnostics
        return None


@dataclass
class Client:
    """Connects to every route of a contract and says everything that may be said there."""

    contract: Contract
    engine: Engine = field(init=False)
    connections: Iterator[int] = field(default_factory=lambda: iter(range(1_000_000)))

    def __post_init__(self) -> None:
        self.engine = Engine(self.contract, Settings())

    def connect(self, route: Route) -> str:
        """Open a connection with all that the document asks of a handshake."""
        name = f"c{next(self.connections)}"
        path = route.sample_path()
        found = self.contract.book.find(path)
        assert found is not None, f"{path} is not found"
        outcome = self.engine.step(Connected(name, found[0], found[1], opening_of(self.contract, found[0], path)))
        refusals = [each for each in outcome.actions if isinstance(each, Refuse | Close)]
        assert not refusals, f"{path}: {refusals}"
        return name

    def leave(self, *names: str) -> None:
        for name in names:
            self.engine.step(Closed(name, 1000))

    def say(self, name: str, frame: Frame) -> Outcome:
        return self.engine.step(Received(name, frame))


def opening_of(contract: Contract, route: Route, path: str) -> Opening:
    query: dict[str, str] = {}
    headers: dict[str, str] = {"host": "127.0.0.1"}
    for handshake in route.handshakes:
        query |= written(handshake.query)
        headers |= {key.lower(): value for key, value in written(handshake.headers).items()}
    for scheme in schemes_of(contract, route):
        credential_into(scheme, query, headers)
    return Opening(path, tuple(query.items()), tuple(headers.items()))


def written(schema: Schema | None) -> dict[str, str]:
    value = schema.fake("handshake") if schema is not None else {}
    assert isinstance(value, dict)
    return {key: text_of(each) for key, each in value.items() if each is not None}


def text_of(value: Any) -> str:
    if isinstance(value, list):
        return ",".join(text_of(each) for each in value)
    return value if isinstance(value, str) else json.dumps(value)


def schemes_of(contract: Contract, route: Route) -> list[Scheme]:
    places = [(each, each.channel, each.reply.channel if each.reply else None) for each in contract.operations]
    own = [each.security for each, channel, answers in places if {channel, answers} & set(route.channels)]
    return [scheme for security in (route.security, *own) for scheme in next(iter(security), ())]


def credential_into(scheme: Scheme, query: dict[str, str], headers: dict[str, str]) -> None:
    match scheme.carrier:
        case Carrier.BEARER:
            headers["authorization"] = "Bearer t"
        case Carrier.BASIC:
            headers["authorization"] = "Basic dTpw"
        case Carrier.AUTHORIZATION:
            headers["authorization"] = f"{scheme.parameter} t"
        case Carrier.HEADER:
            headers[scheme.parameter.lower()] = "t"
        case Carrier.QUERY:
            query[scheme.parameter] = "t"
        case Carrier.COOKIE:
            headers["cookie"] = f"{scheme.parameter}=t"
        case Carrier.UNSEEN:
            pass


def frame_of(message: Message) -> Frame:
    """Write a valid message: its first good example, else a fake."""
    examples = message.valid_examples
    value = examples[0].payload if examples else message.payload.fake(message.name)
    if message.kind is Kind.BINARY and isinstance(value, str):
        value = value.encode("utf-8")
    return encode(value, message.kind)


def exchange(client: Client, route: Route, candidate: Candidate) -> None:
    """Say one message, with somebody where the answer goes, and check what comes of it."""
    asker, neighbour = client.connect(route), client.connect(route)
    listeners = [client.connect(each) for each in routes_of(client.contract, candidate.plan.channel)[:1]]
    frame = frame_of(candidate.message)

    outcome = client.say(asker, frame)

    entry = next(each for each in outcome.entries if each.direction == "in")
    assert entry.outcome in ("spec", "unmatched"), f"{candidate.message.name}: {entry.note} {frame!r:.200}"
    counts["messages sent"] += 1
    if (entry.message, entry.channel) == (candidate.message.name, candidate.channel.name):
        check_answer(candidate, asker, neighbour, outcome)
    client.leave(asker, neighbour, *listeners)


def routes_of(contract: Contract, channel: Channel | None) -> list[Route]:
    return [route for route in contract.routes if channel in route.channels]


def check_answer(candidate: Candidate, asker: str, neighbour: str, outcome: Outcome) -> None:
    plan = candidate.plan
    sends = [each for each in outcome.actions if isinstance(each, Send)]
    kept = [each for each in outcome.actions if isinstance(each, SetTimer)]
    if plan.via is Via.NONE:
        assert not sends
        return
    if plan.via is Via.RELAY:
        assert [each.to for each in sends] == [(neighbour,)]
        counts["relayed"] += 1
        return
    assert sends or kept, f"{candidate.message.name}: no {plan.via} answer: {outcome.entries[0].note}"
    for send in sends:
        assert plan.channel is not None or plan.address is not None or send.to == (asker,)
        check_reply(candidate, send.frame, outcome)
    counts["answers " + ("sent" if sends else "kept")] += 1


def check_reply(candidate: Candidate, frame: Frame, outcome: Outcome) -> None:
    """What comes is one of the promised replies, fits its schema, and carries what identifies the request."""
    name = next(each.message for each in outcome.entries if each.direction == "out")
    reply = next(each for each in candidate.plan.replies if each.name == name)
    value = decode(frame, reply.kind)
    assert reply.payload.accepts(value), f"{name}: {value!r:.200} does not fit"
    asked = decode(frame_of(candidate.message), candidate.message.kind)
    if candidate.message.correlation is None or reply.correlation is None:
        return
    wanted, got = candidate.message.correlation.read(asked, {}), reply.correlation.read(value, {})
    if wanted:
        assert got == wanted or not reply.payload.accepts(reply.correlation.write(value, wanted))
        counts["correlated"] += 1


@needs_corpus
@pytest.mark.parametrize("entry", listed("asyncapi-ws"), ids=lambda each: each["file"].removeprefix("asyncapi-ws/"))
def test_public_websocket_document_is_served(entry: dict[str, Any]) -> None:
    contract = loaded(CORPUS / entry["file"]).contract
    client = Client(contract)

    for route in contract.routes:
        client.leave(client.connect(route))
        counts["routes connected"] += 1
        for candidate in client.engine.reception(route).all:
            exchange(client, route, candidate)

    assert contract.routes
    counts["documents served"] += 1


@needs_corpus
@pytest.mark.parametrize("entry", listed("asyncapi-ws"), ids=lambda each: each["file"].removeprefix("asyncapi-ws/"))
def test_perspective_is_what_a_careful_reader_says(entry: dict[str, Any]) -> None:
    contract = loaded(CORPUS / entry["file"]).contract

    assert entry["perspective"] in (contract.perspective, "ambiguous"), contract.perspective_reason


ON_SOCKETS = [
    "asyncapi__spec/examples/websocket-gemini-asyncapi.yml",
    "asyncapi__spec/examples/kraken-websocket-request-reply-message-filter-in-reply-asyncapi.yml",
    "asyncapi__spec/examples/slack-rtm-asyncapi.yml",
    "specmatic__specmatic-websocket-sample/specification/spec.yaml",
    "scalar__galaxy/asyncapi-3.0.yaml",
    "asyncapi__glee/packages/glee/examples/crypto-websockets/server/asyncapi.yaml",
    "TickDB__tickdb-api-docs/asyncapi.json",
]


@needs_corpus
@pytest.mark.parametrize("name", ON_SOCKETS)
def test_public_document_is_served_over_real_sockets(name: str) -> None:
    path = CORPUS / "asyncapi-ws" / name
    if not path.is_file():
        pytest.skip(f"{name} is not in the corpus")
    mock = Mock.of(str(path), Settings(watch=False, on_invalid="problem"))

    with TestClient(mock.app()) as client:
        for route in mock.loaded.contract.routes:
            for candidate in mock.engine.reception(route).all:
                converse(client, mock, route, candidate)
                counts["exchanges over sockets"] += 1


def converse(client: TestClient, mock: Mock, route: Route, candidate: Candidate) -> None:
    """Say one message over a socket; where the answer is promised to whoever asked, it comes, and fits."""
    contract = mock.loaded.contract
    opening = opening_of(contract, route, route.sample_path())
    url = f"{opening.path}?{urlencode(opening.query)}"
    with client.websocket_connect(url, headers=dict(opening.headers)) as socket:
        frame, plan = frame_of(candidate.message), candidate.plan
        if isinstance(frame, bytes):
            socket.send_bytes(frame)
        else:
            socket.send_text(frame)
        if plan.via in (Via.NONE, Via.RELAY) or plan.channel is not None or plan.address is not None:
            return
        value = json.loads(socket.receive_text())
        assert any(each.payload.accepts(value) for channel in route.channels for each in contract.outgoing(channel))


@needs_corpus
@pytest.mark.parametrize("folder", ["asyncapi-ws", "asyncapi-other", "asyncapi-invalid"])
def test_every_document_loads_or_is_refused_with_a_reason(folder: str) -> None:
    slow = {}
    for path in files_of(folder):
        begun = time.process_time()
        found = loaded_or_refused(path)
        if found is not None:
            survey(Engine(found.contract))
        if (spent := time.process_time() - begun) > SECONDS:
            slow[path.name] = spent
        counts[f"{folder}: " + ("refused" if found is None else "loaded")] += 1

    assert not slow


@needs_corpus
def test_no_diagnostic_leaves_the_reader_guessing() -> None:
    diagnostics = [
        each
        for path in files_of("asyncapi-invalid")
        if (found := loaded_or_refused(path))
        for each in found.diagnostics
    ]

    assert diagnostics
    assert not [each for each in diagnostics if "not valid under any" in each.message or "fits none" in each.message]
    assert all(each.place.line for each in diagnostics)


@needs_corpus
@pytest.mark.parametrize("folder", ["asyncapi-ws", "asyncapi-other", "asyncapi-invalid"])
def test_every_bundle_is_the_same_contract_as_its_document(folder: str) -> None:
    for path in files_of(folder):
        first = loaded_or_refused(path)
        if first is None:
            continue
        again = load("bundle.yaml", alone("bundle.yaml", document_text(bundled(first.document))))
        assert told(again.contract) == told(first.contract), path
        counts[f"{folder}: bundled"] += 1


def alone(name: str, text: str) -> ReadFile:
    """Give what reads one file, which is all there is."""

    def read(wanted: str) -> bytes:
        if wanted != name:
            raise Unreadable("missing", "there is no such file", wanted)
        return text.encode()

    return read


def twins() -> list[tuple[Path, Path]]:
    """Documents of which somebody wrote the same interface in both major versions."""
    versions = (("/v2/", "/v3/"), ("asyncapi__spec@v2.6.0/", "asyncapi__spec/"), ("/2.6.0/", "/3.0.0/"))
    pairs = (
        (path, Path(str(path).replace(old, new)))
        for path in [*files_of("asyncapi-other"), *files_of("asyncapi-ws")]
        for old, new in versions
        if old in str(path)
    )
    return [(older, newer) for older, newer in pairs if newer.is_file()]


def paths_of(document: Loaded) -> set[str]:
    """Give the paths; some authors put AsyncAPI's version into their addresses."""
    return {str(each.path).replace("v3", "v2") for each in document.contract.routes}


@needs_corpus
def test_twins_of_both_major_versions_mount_the_same_routes() -> None:
    compared = 0
    for older, newer in twins():
        first, second = loaded_or_refused(older), loaded_or_refused(newer)
        if first is None or second is None or first.contract.title != second.contract.title:
            continue  # not the same interface after all
        compared += 1
        assert paths_of(first) == paths_of(second)

    counts["twins compared"] = compared


@needs_corpus
def test_counts_of_the_corpus(capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        sys.stdout.write("\n" + ", ".join(f"{name}: {count}" for name, count in sorted(counts.items())) + "\n")

    assert counts["messages sent"] > 0 or counts["documents served"] == 0
