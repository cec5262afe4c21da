"""A faultless server passes, and every faulty one is caught; over real sockets, with small limits on every wait."""

import asyncio
import json
from pathlib import Path

import pytest

from faulty.shop import (
    DOCUMENT,
    FAULTY,
    TOKEN,
    DropsLongNotes,
    LeaksAcrossRooms,
    LetsStrangersIn,
    Shop,
    WrongChannel,
    WrongCorrelation,
    WrongType,
    port_of,
)
from mockws.app import Mock
from mockws.asyncapi.load import load
from mockws.contract import Contract
from mockws.host.server import running
from mockws.settings import Settings
from mockws.verify.cases import Scope, suite_of
from mockws.verify.conformance import Conformance
from mockws.verify.peer import Target
from mockws.verify.results import Result, Run, Status
from mockws.verify.trial import Terms
from mockws.verify.visits import Guest

LIMIT = 30.0
SMALL = Scope(fakes=2, boundaries=6, invalid=30)
GUEST = Guest(token=TOKEN)
CORPUS = Path(__file__).parents[3] / "shared" / "corpus"
MANIFEST = CORPUS / "asyncapi-ws" / "manifest.json"
PUBLIC = [CORPUS / each["file"] for each in json.loads(MANIFEST.read_text("utf-8"))] if MANIFEST.is_file() else []
SHARED_PARTS = "social-media"  # these documents refer to a folder beside their own
BUNDLED = sorted((Path(__file__).parents[2] / "specification").glob("*.yaml"))


def contract() -> Contract:
    return load("shop.yaml", lambda _: DOCUMENT.encode()).contract


async def examined(shop: Shop, guest: Guest, scope: Scope) -> Run:
    patient = type(shop) is Shop  # what a faultless server says comes at last, however busy the machine is
    async with port_of(shop) as port:
        target = Target.parse(f"ws://127.0.0.1:{port}")
        terms = Terms(target, guest, timeout=5.0 if patient else 0.3, quiet=0.04, patience=5.0)
        suite = suite_of(contract(), guest, scope)
        return await Conformance(suite, terms, scope, window=0.05).run()


def run_against(shop: Shop, guest: Guest = GUEST, scope: Scope = SMALL) -> Run:
    return asyncio.run(asyncio.wait_for(examined(shop, guest, scope), LIMIT))


def failures(run: Run) -> list[Result]:
    return [each for each in run.results if each.status is Status.FAILED]


def details(run: Run) -> str:
    return "\n".join(f"{each.name}: {each.detail}" for each in failures(run))


def test_a_faultless_server_passes() -> None:
    run = run_against(Shop())

    assert details(run) == ""
    assert {each.kind for each in run.results if each.status is Status.PASSED} == {
        "handshake", "security", "example", "fake", "boundary", "invalid", "routing",
    }  # fmt: skip


@pytest.mark.parametrize("shop", FAULTY, ids=lambda each: str(each.__name__))
def test_a_faulty_server_is_caught(shop: type[Shop]) -> None:
    run = run_against(shop())

    assert run.failed


@pytest.mark.parametrize(
    ("shop", "told"),
    [
        (WrongType, "/status: must be one of"),
        (WrongCorrelation, "the correlation id of what came, /reference, is 'r-0' and not 'r-1'"),
        (WrongChannel, "confirmed belongs on /shops/{shop}/orders"),
        (LeaksAcrossRooms, "belongs to another room (from the test 'remark: remark"),
        (LetsStrangersIn, "without credentials: expected to be turned away, but was let in"),
    ],
)
def test_a_failure_says_what_is_wrong(shop: type[Shop], told: str) -> None:
    assert told in details(run_against(shop()))


def test_a_failing_message_is_made_small() -> None:
    run = run_against(DropsLongNotes(), scope=Scope(fakes=20, boundaries=0, invalid=0, filters=("order: order fake",)))

    small = [each.smallest for each in failures(run) if each.smallest]
    assert small
    assert all(len(each) < 200 and '"items":[]' in each for each in small)


def test_the_same_seed_says_the_same() -> None:
    first, second = (run_against(Shop(), scope=Scope(seed=7)) for _ in range(2))

    assert [(each.name, each.sent) for each in first.results] == [(each.name, each.sent) for each in second.results]


def test_another_seed_says_something_else() -> None:
    one, other = (suite_of(contract(), GUEST, Scope(seed=seed)) for seed in (1, 2))

    assert [getattr(each, "value", None) for each in one.cases] != [
        getattr(each, "value", None) for each in other.cases
    ]


def test_a_filter_leaves_only_what_it_names() -> None:
    run = run_against(Shop(), scope=Scope(filters=("order: order example*",)))

    assert [each.name for each in run.results] == ["order: order example lamp"]


def test_coverage_names_what_was_exercised_and_how_it_fails() -> None:
    lines = {(each.kind, each.name): each for each in run_against(WrongType()).coverage}

    assert lines["operation", "order"].failed
    assert "/status" in lines["operation", "order"].failing[0]
    assert lines["operation", "ship"].passed
    assert lines["example", "orders/remark#hello"].exercised


async def examined_mock(document: Path) -> Run:
    roots = (str(document.parents[1]),) if SHARED_PARTS in document.parts else ()
    mock = Mock.of(str(document), Settings(port=0, watch=False, stop_timeout=0.0, allow_ref_root=roots))
    async with running(mock) as port:
        terms = Terms(Target.parse(f"ws://127.0.0.1:{port}"), Guest(), timeout=2.0, quiet=0.03)
        scope = Scope(fakes=1, boundaries=3, invalid=6)
        suite = suite_of(mock.loaded.contract, Guest(), scope)
        return await Conformance(suite, terms, scope, window=0.05).run()


@pytest.mark.parametrize("document", [*BUNDLED, *PUBLIC], ids=lambda each: "/".join(each.parts[-4:]))
def test_the_mock_passes_its_own_tests(document: Path) -> None:
    run = asyncio.run(asyncio.wait_for(examined_mock(document), LIMIT))

    assert run.results
    assert details(run) == ""
