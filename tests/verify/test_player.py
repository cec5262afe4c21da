"""Scenarios: those that are shipped go well against the mock, and what is wrong is said with its place."""

import asyncio
from pathlib import Path

import pytest

from mockws.app import Mock, load_document
from mockws.errors import ScenarioRefused
from mockws.host.server import running
from mockws.settings import Settings
from mockws.source.read import read
from mockws.verify.peer import Target
from mockws.verify.player import Player
from mockws.verify.reading import check_names, read_scenario
from mockws.verify.results import Run, Status

ROOT = Path(__file__).parents[2]
SHIPPED = sorted((ROOT / "examples" / "scenarios").glob("*.yaml"))
CHAT = ROOT / "specification" / "chat.yaml"
LIMIT = 30.0


async def played(content: bytes, file: Path) -> Run:
    text = read(content, str(file))
    scenario = read_scenario(text)
    document = str(file.parent / scenario.document) if isinstance(scenario.document, str) else str(CHAT)
    stubs = tuple(str(file.parent / each) for each in scenario.stubs)
    mock = Mock.of(document, Settings(port=0, watch=False, stop_timeout=0.0, stubs=stubs))
    check_names(scenario, mock.loaded.contract, text)
    async with running(mock) as port:
        target = Target.parse(f"ws://127.0.0.1:{port}")
        player = Player(scenario, mock.loaded.contract, target, lambda at: f"line {text.locate(at).line}:")
        return await player.play()


def play(steps: str) -> Run:
    content = f"version: 1\nsteps:\n{steps}".encode()
    return asyncio.run(asyncio.wait_for(played(content, ROOT / "scenario.yaml"), LIMIT))


def failure(run: Run) -> str:
    return "\n".join(f"{each.name} {each.detail}" for each in run.results if each.status is Status.FAILED)


@pytest.mark.parametrize("file", SHIPPED, ids=lambda each: str(each.name))
def test_a_shipped_scenario_goes_well(file: Path) -> None:
    run = asyncio.run(asyncio.wait_for(played(file.read_bytes(), file), LIMIT))

    assert failure(run) == ""
    assert run.count(Status.PASSED) == len(run.results)


A = "- connect: {client: a, address: /rooms/x}\n"
B = "- connect: {client: b, address: /rooms/x}\n"
SAY = "- send: {client: a, message: ChatMessage}\n"


@pytest.mark.parametrize(
    ("steps", "told"),
    [
        (A + B + "- expect: {client: b, within: 50ms}\n", "line 5: expect b expected a message within 50ms, nothing"),
        (
            A + B + SAY + "- expect: {client: b, message: {name: TypingNotice}}\n",
            "/message/name: expected TypingNotice",
        ),
        (A + B + SAY + "- expectNothing: {client: b}\n", "expected nothing for 200ms, got {"),
        (A + "- expectClose: {client: a, within: 50ms}\n", "expected a close within 50ms, the connection is open"),
        (A + "- send: {client: a, text: no}\n- expectClose: {client: a, code: 4000}\n", "with 4000, got closed: 1007"),
        ("- connect: {client: a, address: /nowhere}\n", "expected a connection, got HTTP 404"),
        ("- connect: {client: a, address: /rooms/x, refused: 401}\n", "expected HTTP 401, got a connection"),
        ("- connect: {client: a, address: /rooms/x, subprotocol: chat}\n", "expected the subprotocol chat, got none"),
        (A + "- http: {path: /__admin/nowhere}\n", "expected a status below 400, got 404"),
        (A + "- send: {client: a, message: ChatMessage, with: {text: 1}}\n", "/text: must be a string"),
        (A + B + SAY + "- expect: {client: b, as: t}\n- timing: {of: t, p95: 0ms}\n", "p95 of t is "),
        (
            A + B + SAY + "- expect: {client: b, order: any, within: 50ms, message: {body: {contains: zz}}}\n",
            "within 50ms, only others came: {",
        ),
    ],
)
def test_a_step_that_fails_says_how(steps: str, told: str) -> None:
    assert told in failure(play(steps))


def test_each_of_many_clients_has_its_number() -> None:
    steps = (
        "- repeat: {clients: 2, steps: [{connect: {client: a, address: '/rooms/{{ index }}'}}, {ping: {client: a}}]}\n"
    )

    names = {each.name for each in play(steps).results}

    assert names == {
        "line 3: connect a /rooms/1 (1 of 2)", "line 3: connect a /rooms/2 (2 of 2)",
        "line 3: ping a (1 of 2)", "line 3: ping a (2 of 2)",
    }  # fmt: skip


def test_a_client_that_stops_reading_hears_it_later() -> None:
    run = play(
        A
        + B
        + "- pause: {client: b}\n- send: {client: a, message: ChatMessage, times: 3}\n"
        + "- expectNothing: {client: b, for: 50ms}\n- resume: {client: b}\n- expect: {client: b}\n"
    )

    assert failure(run) == ""


def test_steps_after_a_failure_are_left_out() -> None:
    run = play(A + "- expect: {client: a, within: 10ms}\n- ping: {client: a}\n")

    assert [each.status for each in run.results] == [Status.PASSED, Status.FAILED, Status.SKIPPED]


def test_what_is_refused_as_expected_goes_well() -> None:
    assert failure(play("- connect: {client: a, address: /nowhere, refused: 404}\n")) == ""


@pytest.mark.parametrize(
    ("steps", "told"),
    [
        (
            "- conect: {client: a}\n",
            "scenario.yaml:3:3: error: /steps/0/conect: is not a property of this object; did you",
        ),
        ("- ping: {client: a}\n", "scenario.yaml:3:10: error: /steps/0/ping/client: 'a' has not connected before"),
        (
            A + "- expect: {client: a, within: soon}\n",
            "scenario.yaml:4:23: error: /steps/1/expect/within: 'soon' is not a",
        ),
        (A + "- send: {client: a}\n", "say exactly one of text, json, base64, message; here: none"),
        (
            A + "- send: {client: a, message: ChatMesage}\n",
            "no message 'ChatMesage' in the document, did you mean 'Chat",
        ),
        (A + "- {wait: 1s, ping: {client: a}}\n", "a step has exactly one key; here: ping, wait"),
        ("- repeat: {clients: 0, steps: []}\n", "/steps/0/repeat/clients: must be between 1 and 1000"),
        (A + "- expect: {client: a, message: {body: {matches: '('}}}\n", "is no regular expression"),
    ],
)
def test_a_wrong_scenario_is_refused_with_its_place(steps: str, told: str) -> None:
    text = read(f"version: 1\nsteps:\n{steps}".encode(), "scenario.yaml")

    with pytest.raises(ScenarioRefused) as refused:
        check_names(read_scenario(text), load_document(str(CHAT), Settings()).contract, text)

    assert told in str(refused.value)
