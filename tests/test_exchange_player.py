"""The player of exchanges fails where it should, and says what came instead."""

from collections.abc import Callable
from pathlib import Path

import pytest

from mockws.app import Mock
from playing.bare import BareStage
from playing.exchange import Exchange, exchange_of
from playing.lines import Connect, Exactly, Hears, NotUnderstood, ReadAs, Says, SaysAs, Verbatim, read_line
from playing.player import PlayFailed, play, same
from playing.sockets import SocketStage
from playing.stage import Stage

DOCUMENT = """
about: a wall
documents:
  wall.yaml: |
    asyncapi: 3.0.0
    info: {title: Wall, version: 1.0.0}
    channels: {wall: {address: /wall, messages: {mark: {payload: {type: object, required: [mark]}}}}}
    operations:
      take: {action: receive, channel: {$ref: '#/channels/wall'}}
      tell: {action: send, channel: {$ref: '#/channels/wall'}}
play:
"""
both_stages = pytest.mark.parametrize("build", [BareStage, SocketStage], ids=["bare", "sockets"])


def exchange(*lines: str) -> Exchange:
    written = "".join("  - '{}'\n".format(line.replace("'", "''")) for line in lines)
    return exchange_of((DOCUMENT + written).encode(), "wall.exchange.yaml")


def failure_of(folder: Path, build: Callable[[Mock], Stage], *lines: str) -> str:
    played = exchange(*lines)
    with pytest.raises(PlayFailed) as failure:
        play(played, played.place_document((), folder), build)
    return str(failure.value)


@both_stages
@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (['a < {"mark":2}'], '"mark":1'),
        (['a < {"mark":1,"more":1}'], '"mark":1'),
        (['a < like {"more":1}'], '"mark":1'),
        (['a < text "mark"'], '"mark":1'),
        (["a < binary 00"], '"mark":1'),
        (["a < valid nobody"], "no message 'nobody'"),
        (["a closed 1000"], '"mark":1'),
        (["a hears nothing"], '"mark":1'),
        (["a refused 404"], "was let in"),
        (["a connected subprotocol v1"], "subprotocol is None"),
        (["journal b invalid"], "spec"),
        (['journal b spec "a reason"'], "inferred"),
        (["journal undelivered"], "no such entry"),
        (["c still open"], "has not connected"),
        (['send {"to":{"channel":"wall"},"json":{"mark":3}}', "sent 3"], "200"),
        (['send {"to":{"channel":"wall"},"json":{}}', "sent 2"], "422"),
        (['send {"to":{"channel":"wall"},"json":{}}', "refused 409"], "422"),
        (["get /wall", "answered 404"], "426"),
        (["b > {}", "b still open"], "1008"),
        (["b > {}", "b closed 1007"], "1008"),
        (["b > {}", "b closed 1008 reason weather"], "mark"),
        (["b connect /wall"], "connected already"),
        (["c connect /nowhere", "c connected"], "404"),
        (["c connect /nowhere", 'c refused 404 "nonsense"'], "/wall"),
        (["c connect /nowhere", "c still open"], "404"),
    ],
)
def test_failure_names_the_line_and_what_came(
    lines: list[str], told: str, build: Callable[[Mock], Stage], tmp_path: Path
) -> None:
    beginning = ["a connect /wall", "b connect /wall", 'b > {"mark":1}']

    failure = failure_of(tmp_path, build, *beginning, *lines)

    number = DOCUMENT.count("\n") + len(beginning) + len(lines)
    assert failure.startswith(f"wall.exchange.yaml:{number}: {lines[-1]}")
    assert told in failure


@both_stages
@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('b > {"mark":1}', "a heard '{\"mark\":1}' besides"),
        ("b > {}", "b was closed: 1008"),
    ],
)
def test_what_the_play_leaves_out_is_a_failure(
    line: str, told: str, build: Callable[[Mock], Stage], tmp_path: Path
) -> None:
    failure = failure_of(tmp_path, build, "a connect /wall", "b connect /wall", line)

    assert "at the end" in failure
    assert told in failure


@both_stages
def test_nothing_that_was_expected_is_told_within_the_limit(build: Callable[[Mock], Stage], tmp_path: Path) -> None:
    failure = failure_of(tmp_path, build, "a connect /wall", 'a < {"mark":1}')

    assert "nothing came" in failure


def test_refused_document_fails_a_play_that_does_not_expect_it(tmp_path: Path) -> None:
    played = exchange_of(b"about: x\ndocuments: {x.yaml: 'asyncapi: 3.0.0'}\nplay: [a connect /x]\n", "x")

    with pytest.raises(PlayFailed, match=r"x:3: a connect /x\n.*refused"):
        play(played, played.place_document((), tmp_path), BareStage)


def test_document_that_is_said_nothing_of_fails_a_play_that_expects_a_warning(tmp_path: Path) -> None:
    assert "there is said: nothing" in failure_of(tmp_path, BareStage, "document warns of much")


def test_served_document_fails_a_play_that_expects_a_refusal(tmp_path: Path) -> None:
    assert "is served" in failure_of(tmp_path, BareStage, "document refused no channels")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (
            "a connect /x?y=1 header A-B: c d subprotocols v1, v2 header E: f",
            Connect("a", "/x?y=1", (("A-B", "c d"), ("E", "f")), ("v1", "v2")),
        ),
        ('a > {"n":2.0}', Says("a", '{"n":2.0}')),
        ('a > text "a \\"word\\""', Says("a", 'a "word"')),
        ("a > binary 00ff", Says("a", b"\x00\xff")),
        ('a > as Order {"id":1}', SaysAs("a", "Order", {"id": 1})),
        ('a < as Order {"id":1}', Hears("a", ReadAs("Order", {"id": 1}))),
        ("a < [1]", Hears("a", Exactly([1]))),
        ("a < binary 00", Hears("a", Verbatim(b"\x00"))),
    ],
)
def test_line_is_read(text: str, line: object) -> None:
    assert read_line(text) == line


@pytest.mark.parametrize(
    "text",
    [
        "a dances",
        "a > no JSON",
        "a > binary xyz",
        'a > text "no end',
        "a connect rooms",
        "a connect /rooms header none",
        "a hears nothing at all",
        "a closed soon",
        "wait long",
        "wait 1m",
        "send []",
        "send > {}",
        "journal a strange",
        "A connect /x",
        "",
    ],
)
def test_line_that_is_not_understood_is_an_error(text: str) -> None:
    with pytest.raises(NotUnderstood):
        read_line(text)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("about: x\ndocument: d\nplay:\n  - a connect /x\n  - a sings\n", "x:5: 'a sings'"),
        ('about: x\ndocument: d\nplay:\n  - a > {"n": 1}\n', "x:4: .*single quotes"),
        ("about: x\ndocument: d\nplay: []\nplays: []\n", "plays"),
        ("document: d\nplay: []\n", "about"),
        ("about: x\ndocument: d\nsettings: {speed: 1}\nplay: []\n", "no setting speed"),
        ("about: x\ndocument: d\nsettings: {on_invalid: laugh}\nplay: []\n", "laugh"),
        ("about: x\ndocument: d\nplay:\n  - send {}\n  - a close\n", "x:4: after a send"),
        ("about: x\ndocument: d\nplay:\n  - a connect /x\n  - document warns y\n", "x:5: .*comes first"),
        ("about: x\nabout: y\n", "about"),
    ],
)
def test_file_that_is_not_understood_is_an_error(content: str, told: str) -> None:
    with pytest.raises(NotUnderstood, match=told):
        exchange_of(content.encode(), "x")


def test_missing_document_is_an_error(tmp_path: Path) -> None:
    played = exchange_of(b"about: x\ndocument: nowhere.yaml\nplay: []\n", "x")

    with pytest.raises(NotUnderstood, match="nowhere"):
        played.place_document((tmp_path,), tmp_path)


def test_json_is_compared_as_json() -> None:
    assert same({"a": 2, "b": [1]}, {"b": [1.0], "a": 2.0})
    assert not same({"a": True}, {"a": 1})
    assert not same([1], [1, 2])
    assert not same({"a": None}, {})
