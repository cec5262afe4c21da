"""The order story runs green against a real server over HTTP and WebSocket; each server that breaks it is caught."""

import asyncio
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from faulty import bakery
from faulty.bakery import Bakery, open_bakery
from mockws.app import Mock, load_document
from mockws.host.server import running
from mockws.links.calls import Calls, bases_of
from mockws.links.examples import ExampleFiles
from mockws.links.projects import entry_of
from mockws.settings import Settings
from mockws.source.read import read
from mockws.specmatic.example import read_example
from mockws.verify.asking import Asked, NotAllowed
from mockws.verify.cases import Call, Case, Scope, StoryCase, Suite, suite_of
from mockws.verify.conformance import Conformance
from mockws.verify.peer import Target
from mockws.verify.results import Result, Run, Status
from mockws.verify.stories import with_stories
from mockws.verify.trial import Terms
from mockws.verify.visits import Guest

PROJECT = Path(__file__).parents[1] / "specmatic" / "orders"
CONFIG = str(PROJECT / "specmatic.yaml")
OVERLAID = Settings(overlay=(str(PROJECT / "specification" / "overlay.yaml"),))
SMALL = Scope(fakes=1, boundaries=0, invalid=2)
STORIES = Scope(filters=("triggered", "side effect", "example *.json"))
AT = "2026-03-14T09:30:00Z"
LIMIT = 30.0


def suite(scope: Scope, *, patience: float) -> Suite:
    """Derive all tests of the project; what an effect is waited for is as long as the test can wait."""
    examples = ExampleFiles(entry_of(CONFIG).examples).examples()
    made = with_stories(suite_of(load_document(CONFIG, OVERLAID).contract, Guest(), scope), scope, examples)
    return replace(made, cases=tuple(hurried(case, patience) for case in made.cases))


def hurried(case: Case, patience: float) -> Case:
    def sooner(calls: tuple[Call, ...]) -> tuple[Call, ...]:
        return tuple(replace(each, timeout=patience) for each in calls)

    if not isinstance(case, StoryCase):
        return case
    heard = replace(case.heard, timeout=0.0) if case.heard else None
    return replace(case, before=sooner(case.before), after=sooner(case.after), heard=heard)


async def examined(shop: Bakery, scope: Scope) -> Run:
    patience = 5.0 if type(shop) is Bakery else 0.5
    async with open_bakery(shop) as (port, http):
        target = Target.parse(f"ws://127.0.0.1:{port}")
        async with Calls(target.http, (), bases_of([f"http://localhost:9000=http://127.0.0.1:{http}"])) as calls:
            terms = Terms(target, Guest(), timeout=patience, quiet=0.03, patience=5.0, ask=calls.ask)
            return await Conformance(suite(scope, patience=patience), terms, scope, window=0.05).run()


def run_against(shop: Bakery, scope: Scope = STORIES) -> Run:
    return asyncio.run(asyncio.wait_for(examined(shop, scope), LIMIT))


def failures(run: Run) -> list[Result]:
    return [each for each in run.results if each.status is Status.FAILED]


def details(run: Run) -> str:
    return "\n".join(f"{each.name}: {each.detail}" for each in failures(run))


def test_the_order_story_runs_green_against_a_real_server() -> None:
    run = run_against(Bakery(), SMALL)

    assert details(run) == ""
    assert {each.kind for each in run.results} >= {"trigger", "side effect", "story", "handshake", "fake", "invalid"}


def test_stories_are_told_in_the_order_of_the_document() -> None:
    run = run_against(Bakery())

    assert [each.name for each in run.results] == [
        "placeOrder: example newOrder.json",
        "orderAccepted: triggered over HTTP",
        "orderAccepted: example acceptOrder.json",
        "deliverOrder: side effect",
        "deliverOrder: example deliverOrder.json",
    ]


TOLD: dict[type[Bakery], str] = {
    bakery.TellsNobody: "triggered over HTTP: expected OrderAccepted at /accepted-orders within 0.5 s, nothing came",
    bakery.TellsTheWrongOrder: "acceptOrder.json: expected OrderAccepted at /accepted-orders within 0.5 s; came",
    bakery.TellsTheWrongStatus: "/status: must be one of",
    bakery.TellsTheWrongChannel: "triggered over HTTP: expected OrderAccepted at /accepted-orders",
    bakery.RefusesToAccept: "PUT http://localhost:9000/orders: the status was to be 200, and is 500",
    bakery.ForgetsDeliveries: "side effect: GET http://localhost:9000/orders/7?status=SHIPPED: within 0.5 s the status",
    bakery.NotesTheWrongStatus: '/status was to be $match(exact: SHIPPED), and is "INITIATED"',
    bakery.NotesAnotherOrder: "side effect: GET http://localhost:9000/orders/7?status=SHIPPED: within 0.5 s the status",
    bakery.MiscountsTheTotal: "where /total was to be 9.5, and is 0.0",
}


@pytest.mark.parametrize("faulty", bakery.FAULTY, ids=lambda each: str(each.__name__))
def test_a_server_that_breaks_the_story_is_caught_for_what_it_does(faulty: type[Bakery]) -> None:
    run = run_against(faulty())

    assert TOLD[faulty] in details(run)


def test_what_a_trigger_brings_about_counts_as_exercised() -> None:
    lines = {(each.kind, each.name): each for each in run_against(Bakery()).coverage}

    assert lines["operation", "orderAccepted"].passed
    assert lines["message", "OrderAccepted/accepted.message"].passed


def test_a_request_to_a_host_that_nobody_allowed_is_not_made() -> None:
    calls = Calls("http://127.0.0.1:8080", ("hooks.example",))

    with pytest.raises(NotAllowed, match=r"elsewhere\.example may not be called; allow it with --allow-callbacks"):
        asyncio.run(calls.ask(Asked("http://elsewhere.example/orders"), 1.0))


def test_a_story_whose_host_is_not_allowed_is_left_out_and_says_so() -> None:
    async def examined() -> Run:
        async with open_bakery(Bakery()) as (port, _):
            terms = Terms(
                Target.parse(f"ws://127.0.0.1:{port}"), Guest(), quiet=0.03, ask=Calls("http://shop.example").ask
            )
            return await Conformance(suite(STORIES, patience=1.0), terms, STORIES, window=0.0).run()

    run = asyncio.run(asyncio.wait_for(examined(), LIMIT))

    skipped = [each for each in run.results if each.status is Status.SKIPPED]
    assert len(skipped) == 4
    assert "allow it with --allow-callbacks localhost:9000" in skipped[0].detail


def test_urls_go_where_the_user_says() -> None:
    bases = bases_of(["http://127.0.0.1:1", "http://tax:8090=http://127.0.0.1:2"])
    calls = Calls("http://127.0.0.1:3", (), bases)

    assert calls.rewritten("http://localhost:9000/orders?a=b") == "http://127.0.0.1:1/orders?a=b"
    assert calls.rewritten("http://tax:8090/x") == "http://127.0.0.1:2/x"
    assert calls.rewritten("/orders") == "http://127.0.0.1:1/orders"
    assert Calls("http://127.0.0.1:3").rewritten("/orders") == "http://127.0.0.1:3/orders"


CARRIED: dict[str, Any] = {
    "before": [
        {
            "http-request": {"path": "/orders", "method": "PUT", "body": {"id": 3, "status": "ACCEPTED", "at": AT}},
            "http-response": {"body": {"id": "(ORDER:number)"}},
        }
    ],
    "receive": {
        "topic": "deliveries",
        "payload": {"orderId": "$(ORDER)", "street": "to $(ORDER)", "day": "2026-03-16"},
    },
    "after": [
        {
            "http-request": {"path": "/orders/$(ORDER)?status=SHIPPED", "method": "GET"},
            "http-response": {"body": {"id": "$(ORDER)", "status": "$match(pattern: SHIP.*)"}},
        }
    ],
}


def carrying(**more: Any) -> Suite:
    text = read(json.dumps({**CARRIED, **more}).encode(), "carried.json")
    example, found = read_example(text, "carried")
    assert example is not None, found
    whole = suite_of(load_document(CONFIG, Settings()).contract, Guest(), Scope())
    return with_stories(replace(whole, cases=()), Scope(), [("carried.json", example)])


async def carried(suite: Suite) -> Run:
    async with open_bakery(Bakery()) as (port, http):
        target = Target.parse(f"ws://127.0.0.1:{port}")
        async with Calls(target.http, (), bases_of([f"http://127.0.0.1:{http}"])) as calls:
            terms = Terms(target, Guest(), timeout=0.3, quiet=0.03, patience=5.0, ask=calls.ask)
            return await Conformance(suite, terms, Scope(), window=0.0).run()


def test_what_one_request_brought_is_in_the_next_message_and_request() -> None:
    run = asyncio.run(asyncio.wait_for(carried(carrying()), LIMIT))

    (result,) = run.results
    assert (result.status, result.detail) == (Status.PASSED, "")
    assert '"orderId":3,"street":"to 3"' in result.sent
    assert result.heard[-1].startswith("GET /orders/$(ORDER)?status=SHIPPED: 200")


def test_what_comes_before_has_to_come_true() -> None:
    broken = [{**CARRIED["before"][0], "http-response": {"body": {"id": 4}}}]

    delivery = {"topic": "deliveries", "payload": {"orderId": 3, "street": "x", "day": "2026-03-16"}}

    (result,) = asyncio.run(
        asyncio.wait_for(carried(carrying(before=broken, receive=delivery, after=[])), LIMIT)
    ).results

    assert result.detail == "PUT /orders: /id was to be 4, and is 3"


class ClosesOnDeliveries(Bakery):
    async def delivered(self, delivery: dict[str, Any]) -> None:  # noqa: ARG002  # as the good one
        for each in tuple(self.there["/deliveries"]):
            await each.close(1011, "no van")


class ClosesOnOrders(Bakery):
    async def placed(self, order: dict[str, Any]) -> None:  # noqa: ARG002  # as the good one
        for each in tuple(self.there["/wip-orders"]):
            await each.close(1011, "no oven")


@pytest.mark.parametrize(
    ("shop", "told"),
    [
        (ClosesOnDeliveries, "deliverOrder.json: all was as documented, but closed: 1011 no van"),
        (ClosesOnOrders, "newOrder.json: OrderInProgress was expected, but closed: 1011 no oven"),
    ],
)
def test_a_server_that_goes_away_is_caught(shop: type[Bakery], told: str) -> None:
    class Shipping(shop):  # type: ignore[misc,valid-type]
        def shown(self, identity: int, status: str | None) -> Any:  # noqa: ARG002
            return 200, {"id": identity, "status": "SHIPPED"}

    assert told in details(run_against(Shipping()))


def test_where_nobody_is_there_to_ask_a_story_is_skipped() -> None:
    async def examined() -> Run:
        async with open_bakery(Bakery()) as (port, _):
            terms = Terms(Target.parse(f"ws://127.0.0.1:{port}"), Guest(), quiet=0.03)
            return await Conformance(carrying(), terms, Scope(), window=0.0).run()

    (result,) = asyncio.run(asyncio.wait_for(examined(), LIMIT)).results

    assert (result.status, result.detail) == (Status.SKIPPED, "nobody is there to make HTTP requests")


def test_a_host_that_gives_no_answer_fails_the_story() -> None:
    async def examined() -> Run:
        async with open_bakery(Bakery()) as (port, _):
            target = Target.parse(f"ws://127.0.0.1:{port}")
            async with Calls(target.http, (), bases_of(["http://127.0.0.1:1"])) as calls:
                terms = Terms(target, Guest(), quiet=0.03, ask=calls.ask)
                return await Conformance(carrying(), terms, Scope(), window=0.0).run()

    (result,) = asyncio.run(asyncio.wait_for(examined(), LIMIT)).results

    assert result.status is Status.FAILED
    assert result.detail.startswith("PUT /orders: ")


def test_examples_of_a_clients_document_are_left_out() -> None:
    whole = suite_of(load_document(CONFIG, Settings(perspective="client")).contract, Guest(), Scope())

    told = with_stories(replace(whole, cases=()), Scope(), ExampleFiles(entry_of(CONFIG).examples).examples())

    assert [why for name, why in told.left_out if name.startswith("example")] == [
        "the document is its client's, and so are its examples"
    ] * 3


@pytest.mark.parametrize(
    ("part", "why"),
    [
        ({"topic": "nowhere", "payload": {}}, "no channel 'nowhere' in the document"),
        ({"topic": "accepted-orders", "payload": {}}, "nothing is received on accepted-orders"),
    ],
)
def test_an_example_of_what_the_document_does_not_have_is_left_out(part: dict[str, Any], why: str) -> None:
    assert why in carrying(receive=part, after=[]).left_out[0][1]


def test_an_example_that_fits_nothing_is_left_out() -> None:
    suite = carrying(receive={"topic": "deliveries", "payload": {"orderId": "x"}}, after=[])

    assert suite.cases == ()
    assert "/receive/payload/orderId" in suite.left_out[0][1]


async def examined_mock() -> Run:
    mock = Mock.of(CONFIG, replace(OVERLAID, port=0, watch=False, stop_timeout=0.0))
    async with running(mock) as port:
        target = Target.parse(f"ws://127.0.0.1:{port}")
        async with Calls(target.http, (), {"": target.http}) as calls:
            terms = Terms(target, Guest(), timeout=5.0, quiet=0.03, ask=calls.ask)
            return await Conformance(suite(SMALL, patience=5.0), terms, SMALL, window=0.05).run()


def test_the_mock_of_a_project_passes_the_projects_own_tests() -> None:
    run = asyncio.run(asyncio.wait_for(examined_mock(), LIMIT))

    assert details(run) == ""
    assert run.count(Status.PASSED) > 10
